"""What the brain reads in each call, and what a program returns, are what they are with ChatOpenAI."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from . import chains, graphs, middlewares
from .differences import DIFFERENCES, Difference
from .worlds import Kind, World, plain, world_of

Program = Callable[[World], Any]
PROGRAMS: dict[str, Program] = {
    name: program
    for module in (chains, middlewares, graphs)
    for name, program in module.PROGRAMS.items()
}
_EXPECTED: dict[str, tuple[Any, Any]] = {}


def run(program: Program, kind: Kind) -> tuple[Any, Any]:
    """What a program returned, and what its model read."""
    with world_of(kind) as world:
        return plain(program(world)), world.read


def expected(name: str) -> tuple[Any, Any]:
    """How it is with ChatOpenAI: one run serves both generations."""
    if name not in _EXPECTED:
        _EXPECTED[name] = run(PROGRAMS[name], "openai")
    return _EXPECTED[name]


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::langchain_core._api.LangChainBetaWarning"
)
@pytest.mark.parametrize("kind", ["classic", "new"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_does_with_an_agent_what_it_does_with_chat_openai(
    name: str, kind: Kind, request: pytest.FixtureRequest
) -> None:
    known = DIFFERENCES.get((name, kind), Difference())
    if known.open:
        request.applymarker(pytest.mark.xfail(strict=True, reason=known.open))
    returned, read = run(PROGRAMS[name], kind)
    as_returned, as_read = expected(name)

    assert known.returned(returned) == known.returned(as_returned)
    assert known.read(read) == known.read(as_read)


def test_each_difference_is_one_of_a_program_and_has_a_reason() -> None:
    assert {name for name, _ in DIFFERENCES} <= set(PROGRAMS)
    assert all(one.reason or one.open for one in DIFFERENCES.values())


def test_there_are_many_programs() -> None:
    assert len(PROGRAMS) >= 40
