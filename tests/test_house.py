"""The house rules of the code: which way imports run, sizes, docstrings."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import langchain_foundry_agents

PACKAGE = Path(str(langchain_foundry_agents.__file__)).parent
ROOT = PACKAGE.parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
OTHERS = sorted(
    path for folder in ("benchmarks", "tests") for path in (ROOT / folder).rglob("*.py")
)
LONGEST_FILE, LONGEST_FUNCTION = 350, 45

# A room is a module or a folder; `_flow`'s two foundations are rooms of their own.
# What a room may import beside itself.
ROOMS: dict[str, set[str]] = {
    "errors": set(),
    "_version": set(),
    "_later": set(),
    "_pieces": set(),
    "_flow.effects": set(),
    "_flow.statuses": set(),
    "_flow": {"_flow.effects", "_flow.statuses", "_later", "_pieces", "errors"},
    "_sse": {"errors"},
    "_recent": {"errors"},
    "_record": set(),
    "_endpoint": {"errors"},
    "_credentials": {"errors"},
    "_options": {"_secrets", "errors"},
    "_secrets": {"errors"},
    "_profile": set(),
    "_structured": {"errors"},
    "_tools": {"errors"},
    "citations": {"errors"},
    "_messages": {"_later", "_record", "errors"},
    "_answers": {"_later", "_messages", "_pieces", "_record", "citations", "errors"},
    "_ask": {"_flow", "_messages", "_options", "errors"},
    "_generations": {
        "_ask",
        "_flow",
        "_messages",
        "_options",
        "_reference",
        "_secrets",
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
    "_drive": {"_flow.effects", "_transport", "_worlds", "errors", "thread_records"},
    "_files": {"_flow", "_flow.effects", "_messages", "_reference", "errors"},
    "_agents": {
        "_flow",
        "_flow.effects",
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
    "_worlds": {"_budget", "_flow.effects", "_transport", "errors", "thread_records"},
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
        "_transport",
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
    },
    "chat_history": {"_messages", "_thread_messages", "errors"},
    "_doctor": {"_credentials", "_endpoint", "_flow", "_transport", "chat_models", "errors"},
    "_parity": {"_connection", "_drive", "_flow", "_flow.effects", "_version", "errors"},
    "cli": {
        "_credentials",
        "_doctor",
        "_endpoint",
        "_flow",
        "_parity",
        "_version",
        "chat_models",
        "emulator",
        "errors",
    },
    "display": {"_notebook", "chat_models", "citations", "errors"},
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


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_run_one_way(path: Path) -> None:
    room = room_of(path.relative_to(PACKAGE).with_suffix("").parts)

    assert room in ROOMS, f"say in ROOMS what {room} may import"
    assert own_imports(path) <= ROOMS[room] | {room}


def test_every_room_of_the_table_exists() -> None:
    rooms = {room_of(path.relative_to(PACKAGE).with_suffix("").parts) for path in SOURCES}

    assert rooms == set(ROOMS)


@pytest.mark.parametrize("path", sorted((PACKAGE / "_flow").glob("*.py")), ids=name_of)
def test_the_flow_knows_no_network_no_clock_and_no_langchain(path: Path) -> None:
    tops = {name.split(".")[0] for name, _ in imports(ast.parse(path.read_text()))}

    assert tops & NEVER_IN_THE_FLOW == set()


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_httpx_is_called_in_two_rooms_and_what_is_heavy_comes_on_first_use(
    path: Path,
) -> None:
    tree = ast.parse(path.read_text())
    in_emulator = path.is_relative_to(PACKAGE / "emulator")
    heavy = ON_FIRST_USE - ({"starlette", "uvicorn"} if in_emulator else set())

    assert {name.split(".")[0] for name, _ in at_module_level(tree)} & heavy == set()
    if not any(map(path.is_relative_to, CALLS_HTTPX)):
        for_types = {node for node in ast.walk(tree) if is_type_checking(node)}
        named = {child for node in for_types for child in ast.walk(node)}
        used = [node for name, node in imports(tree) if name == "httpx" and node not in named]
        assert used == []


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


@pytest.mark.parametrize("path", [*SOURCES, *OTHERS], ids=name_of)
def test_no_file_is_too_long(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", [*SOURCES, *OTHERS], ids=name_of)
def test_no_function_is_too_long(path: Path) -> None:
    functions = (
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )

    assert [one.name for one in functions if length_of(one) > LONGEST_FUNCTION] == []


def length_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function, its docstring not counted."""
    lines = int(function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    docstring = function.body[0]
    return lines - (int(docstring.end_lineno or 0) - docstring.lineno + 1)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_everything_public_has_a_docstring(path: Path) -> None:
    tree = ast.parse(path.read_text())

    assert ast.get_docstring(tree), "the module"
    assert list(undocumented(tree)) == []


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
