"""What the brain reads in each call, and what a program returns, is the same as with ChatOpenAI."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from . import chains, graphs, middlewares
from .differences import DIFFERENCES, OPEN, differences_of
from .worlds import Kind, World, plain, world_of

Program = Callable[[World], Any]
Seen = tuple[Any, list[Any]]
"""What a program returned, and what the brain read in each call."""

PROGRAMS: dict[str, Program] = {
    name: program
    for module in (chains, middlewares, graphs)
    for name, program in module.PROGRAMS.items()
}
GENERATIONS: tuple[Kind, ...] = ("classic", "new")
_SEEN: dict[tuple[str, Kind], Seen] = {}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def seen(name: str, kind: Kind) -> Seen:
    """A program's run: one serves all tests."""
    if (name, kind) not in _SEEN:
        with world_of(kind) as world:
            returned = plain(PROGRAMS[name](world))
        _SEEN[name, kind] = returned, world.read
    return _SEEN[name, kind]


def compared(what: Seen, differences: Iterable[str]) -> Seen:
    """What is compared: all, but for what has to differ."""
    returned, read = what
    for name in differences:
        returned = DIFFERENCES[name].returned(returned)
        read = [kept for one in read if (kept := DIFFERENCES[name].read(one)) is not None]
    # Calls that are made at the same time have no order.
    return returned, sorted(read, key=lambda one: json.dumps(one, sort_keys=True))


@pytest.mark.parametrize("kind", GENERATIONS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_does_with_an_agent_what_it_does_with_chat_openai(
    name: str, kind: Kind, request: pytest.FixtureRequest
) -> None:
    if reason := OPEN.get((name, kind)):
        request.applymarker(pytest.mark.xfail(strict=True, reason=reason))
    differences = differences_of(name, kind)

    returned, read = compared(seen(name, kind), differences)

    expected, expected_read = compared(seen(name, "openai"), differences)
    assert read == expected_read
    assert returned == expected


NEEDED = [
    (name, kind, difference)
    for kind in GENERATIONS
    for name in PROGRAMS
    for difference in differences_of(name, kind)
    if (name, kind) not in OPEN
]


@pytest.mark.parametrize(("name", "kind", "difference"), NEEDED)
def test_a_difference_that_is_gone_is_taken_from_the_table(
    name: str, kind: Kind, difference: str
) -> None:
    others = [one for one in differences_of(name, kind) if one != difference]

    assert compared(seen(name, kind), others) != compared(seen(name, "openai"), others)


def test_the_table_names_programs_that_there_are() -> None:
    named = {name for one in DIFFERENCES.values() for name in (*one.classic, *one.new)}

    assert named | {name for name, _ in OPEN} <= set(PROGRAMS)


def test_there_are_at_least_forty_programs() -> None:
    assert len(PROGRAMS) >= 40
