"""What frameworks and type checkers read of the public names."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from langchain_foundry_agents import ChatFoundryAgent

PACKAGE = "langchain_foundry_agents"
MODULES = [
    PACKAGE,
    *(f"{PACKAGE}.{name}" for name in ("errors", "citations", "chat_history", "thread_records")),
    f"{PACKAGE}.emulator",
]


def public(module: Any) -> Iterator[tuple[str, Any]]:
    """The module's public functions, and the public methods of its public classes."""
    for name in getattr(module, "__all__", [name for name in vars(module) if name[0] != "_"]):
        thing = getattr(module, name)
        if not getattr(thing, "__module__", "").startswith(PACKAGE):
            continue
        if inspect.isfunction(thing):
            yield name, thing
        for one in getattr(thing, "__mro__", ()) if inspect.isclass(thing) else ():
            for member, value in [*vars(one).items()] if one.__module__.startswith(PACKAGE) else ():
                function = inspect.unwrap(getattr(value, "__func__", value))
                if inspect.isfunction(function) and (member[0] != "_" or member == "__init__"):
                    yield f"{name}.{member}", function


@pytest.mark.parametrize("module", MODULES)
def test_annotations_of_all_public_functions_can_be_read(module: str) -> None:
    unread = {}
    for name, function in public(importlib.import_module(module)):
        try:
            typing.get_type_hints(function)
        except (NameError, TypeError) as error:
            unread[name] = repr(error)

    assert unread == {}


def test_a_model_with_fallbacks_binds_tools() -> None:
    # LangChain reads the annotations of `bind_tools` there.
    def add(a: int, b: int) -> int:
        """Add."""
        return a + b

    model = ChatFoundryAgent(
        agent_id="asst_1", project_endpoint="https://a.services.ai.azure.com/api/projects/p"
    )

    bound = model.with_fallbacks([model]).bind_tools([add])

    assert bound.runnable.kwargs["tools"][0]["function"]["name"] == "add"


RIGHT = [
    'ChatFoundryAgent(agent_name="x")',
    'ChatFoundryAgent(agent_id="asst_a", temperature=0.1, model="gpt-4o", credential="t")',
    'ChatFoundryAgent(agent_name="x", default_headers={"x-key": "k"}, timeout=5)',
    'ChatFoundryAgent(agent_name="x", run_timeout=30, max_retries=0, on_unsupported="warn")',
]
WRONG = [
    'ChatFoundryAgent(agnet_name="x")',
    'ChatFoundryAgent(agent_name="x", run_timeout="soon")',
    "ChatFoundryAgent(agent_name=3)",
]


@pytest.mark.slow  # mypy takes its time
def test_a_type_checker_sees_the_fields(tmp_path: Path) -> None:
    uses = tmp_path / "uses.py"
    lines = [f"from {PACKAGE} import ChatFoundryAgent", *RIGHT, *WRONG]
    uses.write_text("\n".join(lines) + "\n")

    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), str(uses)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    found = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line}
    assert [lines[number - 1] for number in sorted(found)] == WRONG
