"""The house rules of the code: which way imports run, sizes, docstrings."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import langchain_foundry_agents

PACKAGE = Path(str(langchain_foundry_agents.__file__)).parent
ROOT = PACKAGE.parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
# Scripts as people sent them are theirs.
OTHERS = sorted(
    path
    for folder in ("benchmarks", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if not path.is_relative_to(ROOT / "tests" / "cases")
)
LONGEST_FILE, LONGEST_FUNCTION = 600, 45

# A room is a module or a folder; `_flow`'s two foundations are rooms of their own.
# What a room may import beside itself.
ROOMS: dict[str, set[str]] = {
    "errors": {"_harmless"},
    "_version": set(),
    "_flow.effects": set(),
    "_flow.statuses": set(),
    "_flow": {"_flow.effects", "_flow.statuses", "_harmless", "errors"},
    "_sse": {"errors"},
    "_recent": {"errors"},
    "_record": set(),
    "_warnings": set(),
    "_harmless": set(),
    "_endpoint": {"errors"},
    "_credentials": {"errors"},
    "_options": {"_secrets", "_warnings", "errors"},
    "_secrets": {"errors"},
    "_profile": set(),
    "_structured": {"errors"},
    "_tools": {"_messages", "errors"},
    "citations": {"errors"},
    "_messages": {"_record", "errors"},
    "_answers": {"_messages", "_record", "citations", "errors"},
    "_ask": {"_flow", "_messages", "_options", "_run_options", "_warnings", "errors"},
    "_run_options": {"_options", "_secrets"},
    "_generations": {
        "_ask",
        "_flow",
        "_messages",
        "_options",
        "_reference",
        "_secrets",
        "_warnings",
        "errors",
    },
    "_transport": {"_credentials", "_recent", "_sse", "_version", "errors"},
    "_connection": {
        "_credentials",
        "_drive",
        "_endpoint",
        "_flow.effects",
        "_secrets",
        "_transport",
        "errors",
    },
    "_reference": {"_connection", "errors"},
    "_course": {"_flow.effects", "errors"},
    "_in_thread": set(),
    "_drive": {"_course", "_flow.effects", "_transport", "_worlds", "errors", "thread_records"},
    "_files": {"_flow", "_flow.effects", "_messages", "_reference", "errors"},
    "_agents": {
        "_flow",
        "_flow.effects",
        "_profile",
        "_reference",
        "_structured",
        "_tools",
        "errors",
    },
    "_thread_messages": {
        "_answers",
        "_ask",
        "_flow",
        "_flow.effects",
        "_messages",
        "_options",
        "_threads",
        "_tokens",
        "errors",
    },
    "_agent_lists": {"_agents", "_flow", "_flow.effects"},
    "_tokens": {"_answers", "errors"},
    "_threads": {"_flow", "_flow.effects", "_reference", "errors"},
    "_notebook": set(),
    "_live": {"_flow", "_flow.effects", "_notebook"},
    "_budget": set(),
    "thread_records": set(),
    "_traces": {"_answers", "errors"},
    "_worlds": {
        "_budget",
        "_course",
        "_flow",
        "_flow.effects",
        "_in_thread",
        "_transport",
        "errors",
        "thread_records",
    },
    "_turns": {
        "_agent_lists",
        "_answers",
        "_ask",
        "_drive",
        "_thread_messages",
        "_files",
        "_flow",
        "_flow.effects",
        "_generations",
        "_live",
        "_messages",
        "_options",
        "_record",
        "_run_options",
        "_secrets",
        "_transport",
        "_warnings",
        "thread_records",
    },
    "chat_models": {
        "_generations",
        "_messages",
        "_options",
        "_profile",
        "_secrets",
        "_structured",
        "_tools",
        "_traces",
        "_turns",
        "_version",
        "errors",
        "_warnings",
    },
    "middleware": {"_messages"},
    "chat_history": {"_messages", "_thread_messages", "errors"},
    "_doctor": {"_credentials", "_endpoint", "_flow", "_transport", "chat_models", "errors"},
    "_parity": {"_connection", "_drive", "_flow", "_flow.effects", "_version", "errors"},
    "cli": {
        "_credentials",
        "_doctor",
        "_endpoint",
        "_flow",
        "_harmless",
        "_parity",
        "_version",
        "chat_models",
        "emulator",
        "errors",
    },
    "display": {"_harmless", "_notebook", "chat_models", "citations", "errors"},
    "emulator": set(),
    "__init__": {"_version", "chat_history", "chat_models", "display", "errors"},
}
NEVER_IN_THE_FLOW = {
    "asyncio",
    "httpx",
    "langchain_core",
    "pydantic",
    "random",
    "threading",
    "time",
}
ON_FIRST_USE = {"IPython", "azure", "httpx", "markdown_it", "rich", "starlette", "uvicorn"}
# The client's room, and the emulator's that asks a real service: it knows nothing of the client.
CALLS_HTTPX = (PACKAGE / "_transport", PACKAGE / "emulator" / "recording" / "upstream.py")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def room_of(parts: tuple[str, ...]) -> str:
    """The room that a module below the package stands in."""
    longer = ".".join(parts[:2])
    return longer if longer in ROOMS else parts[0]


def imports(tree: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    """Every module that is imported, anywhere in the file, with its statement."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                path = ROOT / module.replace(".", "/")
                is_module = path.with_suffix(".py").exists() or path.is_dir()
                yield (module if is_module else str(node.module)), node


def own_imports(path: Path) -> set[str]:
    """The rooms that a file imports from."""
    modules = {name for name, _ in imports(ast.parse(path.read_text()))}
    parts = (name.split(".")[1:] for name in modules if name.split(".")[0] == PACKAGE.name)
    return {room_of(tuple(rest) or ("__init__",)) for rest in parts}


def at_module_level(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """What is imported with the module: not in functions, not under `TYPE_CHECKING`."""
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Try):
            yield from imports(node)


def test_imports_run_one_way() -> None:
    wrong = {}
    for path in SOURCES:
        room = room_of(path.relative_to(PACKAGE).with_suffix("").parts)
        assert room in ROOMS, f"say in ROOMS what {room} may import"
        if beyond := own_imports(path) - ROOMS[room] - {room}:
            wrong[name_of(path)] = beyond

    assert wrong == {}


def test_every_room_of_the_table_exists() -> None:
    rooms = {room_of(path.relative_to(PACKAGE).with_suffix("").parts) for path in SOURCES}

    assert rooms == set(ROOMS)


def test_the_flow_knows_no_network_no_clock_and_no_langchain() -> None:
    tops = {
        name_of(path): {name.split(".")[0] for name, _ in imports(ast.parse(path.read_text()))}
        for path in (PACKAGE / "_flow").glob("*.py")
    }

    assert {path for path, names in tops.items() if names & NEVER_IN_THE_FLOW} == set()


def test_what_is_heavy_is_imported_on_first_use() -> None:
    wrong = {}
    for path in SOURCES:
        in_emulator = path.is_relative_to(PACKAGE / "emulator")
        heavy = ON_FIRST_USE - ({"starlette", "uvicorn"} if in_emulator else set())
        tops = {name.split(".")[0] for name, _ in at_module_level(ast.parse(path.read_text()))}
        if early := tops & heavy:
            wrong[name_of(path)] = early

    assert wrong == {}


def test_httpx_is_called_in_two_rooms() -> None:
    others = [path for path in SOURCES if not any(map(path.is_relative_to, CALLS_HTTPX))]

    assert [name_of(path) for path in others if calls_httpx(path)] == []


def calls_httpx(path: Path) -> bool:
    """Whether a file imports httpx for more than its types."""
    tree = ast.parse(path.read_text())
    for_types = {node for node in ast.walk(tree) if is_type_checking(node)}
    named = {child for node in for_types for child in ast.walk(node)}
    return any(name == "httpx" and node not in named for name, node in imports(tree))


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def test_no_file_is_too_long() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in (*SOURCES, *OTHERS)}

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    functions = (
        (name_of(path), node)
        for path in (*SOURCES, *OTHERS)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )

    assert [(path, one.name) for path, one in functions if length_of(one) > LONGEST_FUNCTION] == []


def length_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function, its docstring not counted."""
    lines = int(function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    docstring = function.body[0]
    return lines - (int(docstring.end_lineno or 0) - docstring.lineno + 1)


def test_everything_public_has_a_docstring() -> None:
    missing = {}
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        names = [*([] if ast.get_docstring(tree) else ["the module"]), *undocumented(tree)]
        if names:
            missing[name_of(path)] = names

    assert missing == {}


def undocumented(scope: ast.Module | ast.ClassDef) -> Iterator[str]:
    for node in scope.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        overloads = any(ast.unparse(one) == "overload" for one in node.decorator_list)
        if node.name.startswith("_") or overloads:
            continue
        if ast.get_docstring(node) is None:
            yield node.name
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}.{name}" for name in undocumented(node))
