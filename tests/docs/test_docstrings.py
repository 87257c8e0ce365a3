"""The examples of public docstrings run, and say what is raised and given."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel

import langchain_foundry_agents
from langchain_foundry_agents import ChatFoundryAgent, citations, emulator, thread_records
from langchain_foundry_agents.emulator import FoundryEmulator

FENCED = re.compile(r"^( *)```python\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
PUBLIC: list[tuple[str, Any]] = [
    (name, getattr(module, name))
    for module in (langchain_foundry_agents, emulator)
    for name in module.__all__
    if inspect.isclass(getattr(module, name))
]
MODULES = sorted({cls.__module__ for _, cls in PUBLIC} | {citations.__name__, emulator.__name__})


def methods_of(cls: type) -> Iterator[tuple[str, Any]]:
    """Public functions that a class has of this package."""
    for name, value in inspect.getmembers(cls, inspect.isroutine):
        ours = str(getattr(value, "__module__", "")).startswith("langchain_foundry_agents")
        theirs = issubclass(cls, BaseChatModel) and hasattr(BaseChatModel, name)
        if ours and not theirs and not name.startswith("_"):
            yield f"{cls.__name__}.{name}", value


@pytest.mark.parametrize("name", MODULES)
def test_doctests_give_what_they_say(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def documented() -> list[tuple[str, str]]:
    found = [*PUBLIC, *(one for _, cls in PUBLIC for one in methods_of(cls))]
    texts = {name: inspect.getdoc(value) or "" for name, value in found}
    texts["emulator"] = str(emulator.__doc__)
    return [(name, block) for name, text in texts.items() for _, block in FENCED.findall(text)]


@pytest.mark.parametrize(("name", "block"), documented(), ids=lambda one: one.partition("\n")[0])
def test_an_example_runs_on_the_emulator(name: str, block: str, reader: FoundryEmulator) -> None:
    """The agent and the endpoint that it names are the emulator's."""
    code = re.sub(r"https://<resource>[^\"]*", reader.project_endpoint, dedent(block))
    names = {**vars(langchain_foundry_agents), **vars(emulator), "emulator": reader}
    names["llm"] = ChatFoundryAgent()

    exec(compile(code, name, "exec"), names)


def signatures() -> list[tuple[str, Any]]:
    functions = [*methods_of(ChatFoundryAgent), *methods_of(FoundryEmulator)]
    functions += [(name, value) for name, value in vars(citations).items() if of(citations, value)]
    functions += methods_of(thread_records.ThreadRecord)
    return [one for one in functions if not (inspect.getdoc(one[1]) or "").startswith("As `")]


def of(module: ModuleType, value: Any) -> bool:
    """Whether a public function was written in this module."""
    return (
        inspect.isfunction(value)
        and value.__module__ == module.__name__
        and not value.__name__.startswith("_")
    )


def starts(word: str) -> Callable[[str], bool]:
    return lambda line: line.startswith(word)


@pytest.mark.parametrize(("name", "function"), signatures(), ids=lambda one: str(one)[:40])
def test_a_public_function_with_more_than_one_argument_tells_of_each(
    name: str, function: Any
) -> None:
    told = inspect.getdoc(function) or ""
    parameters = inspect.signature(function).parameters
    arguments = [one for one in parameters if one not in ("self", "cls")]

    if len(arguments) > 1:
        lines = [line.strip().lstrip("*") for line in told.splitlines()]
        assert [one for one in arguments if not any(map(starts(f"{one}: "), lines))] == []
