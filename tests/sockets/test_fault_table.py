"""Named faults × four methods × two modes × two generations, over a real socket.

Each cell is the right answer or the right typed error; whichever it is, every question is there
once at most, and nothing is left running.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
from langchain_core.messages import BaseMessage, HumanMessage

from langchain_foundry_agents import (
    ChatFoundryAgent,
    FoundryAgentError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    RunCancelledError,
    RunExpiredError,
    RunIncompleteError,
    RunTimeoutError,
    ServiceConnectionError,
)
from langchain_foundry_agents.emulator import FoundryEmulator
from langchain_foundry_agents.emulator.classic.threads import add_thread

from .places import how_many_places, is_at_rest, said_in
from .seen import run_statuses
from .ways import WAYS, ask

FIRST = "What is 2 + 2? Grüße für 3 €"
SECOND = "What is 3 + 3?"
RIGHT = '3 + 3 = 6. Before that you asked 1 question, the last was: "What is 2 + 2? Grüße für 3 €".'
FILTERED = "3 +\n\nI'm sorry, but I cannot assist with that request."
KINDS = (("classic", "stream"), ("classic", "poll"), ("new", "stream"), ("new", "poll"))
Outcome = str | type[FoundryAgentError]


class Apart(NamedTuple):
    """Outcomes of a turn whose answer is waited for, and of one that is handed out as it comes."""

    whole: Outcome
    streamed: Outcome


EITHER: tuple[Outcome, ...] = (RIGHT, RunCancelledError)
"""What becomes of a response whose caller is gone: it is over by then, or dropped."""


@dataclass(frozen=True)
class Row:
    """A fault, and what a turn that meets it comes to, for each of `KINDS`.

    `missed` are kinds that the fault does not befall.
    """

    fault: str
    settings: dict[str, Any]
    outcomes: tuple[Outcome | Apart | tuple[Outcome, ...], ...]
    missed: tuple[int, ...] = ()


def row(
    fault: str,
    *outcomes: Outcome | Apart | tuple[Outcome, ...],
    missed: tuple[int, ...] = (),
    **settings: Any,
) -> Row:
    """A row with one outcome for all kinds, or one for each."""
    return Row(fault, settings, outcomes if len(outcomes) > 1 else outcomes * 4, missed)


TWINS = ("invoke", "astream")
LOST = ServiceConnectionError
STREAMS_ONLY = (1, 3)
TOLD_TWICE = Apart(RIGHT, ProtocolError)
"""Pieces of a run have no numbers: what was handed out twice is told at the end."""
SILENT = {"stall", "stuck-queue", "slow-first-token"}
"""What is noticed by its silence; no other cell depends on how fast this machine is."""
ROWS = [
    row("rate-limit", RIGHT),
    row("rate-limit", RIGHT, retry_after=0.02),
    row("rate-limit", RIGHT, retry_after=0.02, by="retry-after-ms"),
    row("rate-limit", RIGHT, retry_after=0.02, by="x-ms-retry-after-ms"),
    row("rate-limit", RIGHT, retry_after=0, by="date"),
    row("rate-limit", RateLimitError, retry_after=30, by="date"),
    row("run-rate-limit", RIGHT),
    row("run-rate-limit", RIGHT, retry_after=0.02),
    row("run-rate-limit", RateLimitError, retry_after=22),
    row("permission-denied", PermissionDeniedError),
    row("expired-token", RIGHT),
    row("server-error", RIGHT),
    row("server-error", RIGHT, status=503),
    row("html-page", RIGHT),
    row("html-page", ProtocolError, status=200),
    row("drop-before", LOST),
    row("drop-during", RIGHT, RIGHT, EITHER, RIGHT),
    row("drop-after", RIGHT),
    row("cut-stream", RIGHT, RIGHT, EITHER, RIGHT, missed=STREAMS_ONLY),
    row("cut-stream", RIGHT, RIGHT, EITHER, RIGHT, at=40),
    row("stall", RIGHT, RIGHT, EITHER, RIGHT, missed=STREAMS_ONLY),
    row("stall", RIGHT, RIGHT, EITHER, RIGHT, at=40),
    row("split-utf8", RIGHT),
    row("crlf", RIGHT, missed=STREAMS_ONLY),
    row("comments", RIGHT, missed=STREAMS_ONLY),
    row("duplicate-events", TOLD_TWICE, RIGHT, RIGHT, RIGHT, missed=STREAMS_ONLY),
    row("stuck-queue", RIGHT, seconds=0.05),
    row("stuck-queue", RunTimeoutError, RunTimeoutError, RunCancelledError, RunTimeoutError),
    row("expired-run", RunExpiredError, RunExpiredError, RIGHT, RIGHT, missed=(2, 3)),
    row("incomplete-run", "3 +"),
    row("incomplete-run", RunIncompleteError, pieces=0),
    row("incomplete-run", "3 +", "3 +", FILTERED, FILTERED, reason="content_filter"),
    row("active-run", RIGHT, seconds=0.05),
    row("slow-first-token", RIGHT, seconds=0.05),
    row("slow-first-token", RIGHT, RIGHT, RunCancelledError, RIGHT, seconds=0.5),
]


def cells() -> Iterator[Any]:
    """Every cell of the table; a fault's first row stands for it in all four ways."""
    for number, one in enumerate(ROWS):
        first = one.fault not in {earlier.fault for earlier in ROWS[:number]}
        told = "-".join([one.fault, *(f"{key}={value}" for key, value in one.settings.items())])
        for place, (generation, mode) in enumerate(KINDS):
            for way in WAYS if first else TWINS:
                # What is lost is looked for for a second.
                found = one.outcomes[place] is not LOST
                quick = first and found and (way, mode) == ("astream", "stream")
                marks = [] if quick else [pytest.mark.slow]
                name = f"{told}-{generation}-{mode}-{way}"
                yield pytest.param(one, place, way, marks=marks, id=name)


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[FoundryEmulator, dict[str, dict[str, str]]]]:
    """An emulator, and for each generation the fields that name its agent."""
    with FoundryEmulator(seed=5) as emulator:
        named = {
            "classic": {"agent_id": emulator.create_agent()},
            "new": {"agent_name": emulator.create_agent(name="helper", generation="new")},
        }
        yield emulator, named


@pytest.mark.parametrize(("row", "place", "way"), list(cells()))
async def test_a_turn_that_meets_a_fault_ends_in_its_outcome(
    service: tuple[FoundryEmulator, dict[str, dict[str, str]]], row: Row, place: int, way: str
) -> None:
    emulator, named = service
    generation, mode = KINDS[place]
    model = ChatFoundryAgent(
        project_endpoint=emulator.project_endpoint,
        timeout=0.2 if row.fault in SILENT else 10,
        max_retry_wait=0.05,
        run_timeout=0.5 if RunTimeoutError in row.outcomes else 10,
        **named[generation],
    )
    history: list[BaseMessage] = [HumanMessage(FIRST)]
    history.append(model.invoke(history))
    where = history[-1].response_metadata["thread_id"]
    history.append(HumanMessage(SECOND))
    places = how_many_places(emulator)

    with emulator.inject(row.fault, **row.settings) as fault:
        outcome = await outcome_of(way, model, history, run_mode=mode)

    expected = row.outcomes[place]
    if isinstance(expected, Apart):
        expected = expected.whole if way.endswith("invoke") else expected.streamed
    assert outcome in (expected if isinstance(expected, tuple) else (expected,))
    assert fault.met == (place not in row.missed)
    assert await is_at_rest(emulator)
    assert how_many_places(emulator) == places
    said = said_in(emulator, where)
    assert len(said) == len(set(said))
    asked = [text for role, text in said if role == "user"]
    assert asked == [FIRST, SECOND] or (asked == [FIRST] and not isinstance(outcome, str))


async def outcome_of(
    way: str, model: ChatFoundryAgent, history: list[BaseMessage], **options: Any
) -> Outcome:
    """The answer's text, or the class of its error."""
    try:
        return str((await ask(way, model, history, **options)).text)
    except FoundryAgentError as error:
        return type(error)


@pytest.mark.parametrize("mode", ["stream", "poll"])
@pytest.mark.parametrize("where", ["a thread that is there", "a new thread"])
async def test_a_run_whose_creation_was_not_heard_of_is_not_left_running(
    where: str, mode: str
) -> None:
    with FoundryEmulator(queue_delay=60) as emulator:
        there = add_thread(emulator.service.state, {}).id
        model = ChatFoundryAgent(
            agent_id=emulator.create_agent(),
            project_endpoint=emulator.project_endpoint,
            run_timeout=0.5,
        )
        emulator.inject("drop-during")
        await outcome_of(
            "ainvoke",
            model,
            [HumanMessage(SECOND)],
            thread_id=None if where == "a new thread" else there,
            run_mode=mode,
        )

        assert run_statuses(emulator) == ["cancelling"]
