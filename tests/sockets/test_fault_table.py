"""Named faults × four methods × two modes × two generations, over a real socket.

Each cell is the right answer or the right typed error; whichever it is, every question is there
once at most, and nothing is left running.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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
    ServiceError,
)
from langchain_foundry_agents.emulator import FoundryEmulator

from .places import how_many_places, is_at_rest, questions_in
from .ways import WAYS, ask

FIRST = "What is 2 + 2? Grüße für 3 €"
SECOND = "What is 3 + 3?"
RIGHT = (
    '3 + 3 = 6. Before that you asked 1 question, the last was: "What is 2 + 2? Grüße für 3 €".'
)
FILTERED = "3 +\n\nI'm sorry, but I cannot assist with that request."
KINDS = (("classic", "stream"), ("classic", "poll"), ("new", "stream"), ("new", "poll"))
Outcome = str | type[FoundryAgentError]


@dataclass(frozen=True)
class Row:
    """A fault, and what a turn that meets it comes to: one outcome for all kinds, or one for each.

    `missed` are kinds that the fault does not befall.
    """

    fault: str
    settings: dict[str, Any]
    outcomes: tuple[Outcome, ...]
    missed: tuple[int, ...] = ()


def row(fault: str, *outcomes: Outcome, missed: tuple[int, ...] = (), **settings: Any) -> Row:
    return Row(fault, settings, outcomes if len(outcomes) == 4 else outcomes * 4, missed)


LOST, REFUSED = ServiceConnectionError, ServiceError
STREAMS_ONLY = (1, 3)
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
    row("server-error", REFUSED, REFUSED, RIGHT, RIGHT),
    row("server-error", REFUSED, REFUSED, RIGHT, RIGHT, status=503),
    row("html-page", REFUSED, REFUSED, RIGHT, RIGHT),
    row("html-page", ProtocolError, status=200),
    row("drop-before", LOST),
    row("drop-during", LOST, LOST, LOST, RIGHT),
    row("drop-after", LOST, LOST, RIGHT, RIGHT),
    row("cut-stream", RIGHT, missed=STREAMS_ONLY),
    row("cut-stream", LOST, LOST, LOST, RIGHT, at=40),
    row("stall", RIGHT, missed=STREAMS_ONLY),
    row("stall", LOST, LOST, LOST, RIGHT, at=40),
    row("split-utf8", RIGHT),
    row("crlf", RIGHT, missed=STREAMS_ONLY),
    row("comments", RIGHT, missed=STREAMS_ONLY),
    row("duplicate-events", RIGHT, missed=STREAMS_ONLY),
    row("stuck-queue", RIGHT, seconds=0.05),
    row("stuck-queue", RunTimeoutError, RunTimeoutError, RunCancelledError, RunTimeoutError),
    row("expired-run", RunExpiredError, RunExpiredError, RIGHT, RIGHT, missed=(2, 3)),
    row("incomplete-run", "3 +"),
    row("incomplete-run", RunIncompleteError, pieces=0),
    row("incomplete-run", "3 +", "3 +", FILTERED, FILTERED, reason="content_filter"),
    row("active-run", RIGHT, seconds=0.05),
    row("slow-first-token", RIGHT, seconds=0.05),
    row("slow-first-token", RIGHT, RIGHT, RunCancelledError, RIGHT, seconds=0.3),
]


def cells() -> Iterator[Any]:
    """Every cell of the table; all but a few are slow together."""
    for one in ROWS:
        told = "-".join([one.fault, *(f"{key}={value}" for key, value in one.settings.items())])
        for place, (generation, mode) in enumerate(KINDS):
            for way in WAYS:
                marks = [] if (way, mode) == ("astream", "stream") else [pytest.mark.slow]
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
        timeout=0.2,
        max_retry_wait=0.05,
        run_timeout=0.6,
        **named[generation],
    )
    history: list[BaseMessage] = [HumanMessage(FIRST)]
    history.append(model.invoke(history))
    where = history[-1].response_metadata["thread_id"]
    history.append(HumanMessage(SECOND))
    places = how_many_places(emulator)

    with emulator.inject(row.fault, **row.settings) as fault:
        outcome = await outcome_of(way, model, history, run_mode=mode)

    assert outcome == row.outcomes[place]
    assert fault.met == (place not in row.missed)
    assert await is_at_rest(emulator)
    assert how_many_places(emulator) == places
    asked = questions_in(emulator, where)
    assert asked == [FIRST, SECOND] or (asked == [FIRST] and not isinstance(outcome, str))


async def outcome_of(
    way: str, model: ChatFoundryAgent, history: list[BaseMessage], **options: Any
) -> Outcome:
    """The answer's text, or the class of its error."""
    try:
        return str((await ask(way, model, history, **options)).text)
    except FoundryAgentError as error:
        return type(error)
