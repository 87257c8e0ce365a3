"""A thread on which another run works: waited for, freed, or told."""

from __future__ import annotations

import logging

import pytest

from langchain_foundry_agents._flow.effects import JSON, Abandoned, Pause, Read, Send
from langchain_foundry_agents._flow.progress import Outcome, Policy
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import ActiveRunError

from .player import (
    ANSWERED,
    API,
    FIND_RUN,
    FIRST,
    GROWING,
    MOMENT,
    NEXT,
    OK,
    OPEN_FIRST,
    OPEN_NEXT,
    OPEN_WITHOUT,
    STREAM,
    V1,
    Step,
    answered,
    asking_run,
    call,
    growing,
    heard,
    leave,
    page,
    play,
    refused,
    run,
    run_event,
)
from .tools import NEWEST

BUSY = refused(400, "Thread thread_1 already has an active run run_9.")
LOOK_AT_OTHER = Send("GET", "/threads/thread_1/runs/run_9", None, V1)
CANCEL_OTHER = Send("POST", "/threads/thread_1/runs/run_9/cancel", None, V1, repeatable=True)


def other(status: str) -> JSON:
    return run(status, id="run_9")


def refused_while(*runs: JSON, moment: Pause = MOMENT) -> list[Step]:
    return [(OPEN_NEXT, BUSY), (NEWEST, page(*runs)), (moment, None)]


AT_LAST: list[Step] = [(OPEN_NEXT, OK), *ANSWERED]


def test_a_run_that_works_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "langchain_foundry_agents")

    outcome = play(
        run_turn(API, NEXT, STREAM),
        *refused_while(other("in_progress")),
        (MOMENT, None),
        (LOOK_AT_OTHER, answered(other("cancelled"))),
        *AT_LAST,
    )

    assert outcome == Outcome(run("completed"))
    assert caplog.messages == []


def test_a_run_that_is_gone_at_the_first_look_holds_nothing_up() -> None:
    outcome = play(run_turn(API, NEXT, STREAM), *refused_while(other("completed")), *AT_LAST)

    assert outcome == Outcome(run("completed"))


@pytest.mark.parametrize("runs", [[], [other("completed")]], ids=["none", "one that is over"])
def test_a_thread_is_tried_after_longer_and_longer_moments_of_at_most_two_seconds(
    runs: list[JSON],
) -> None:
    moments = growing()

    outcome = play(
        run_turn(API, NEXT, STREAM),
        *(step for moment in moments for step in refused_while(*runs, moment=moment)),
        *AT_LAST,
    )

    assert outcome == Outcome(run("completed"))
    assert [round(moment.at_most, 3) for moment in moments] == GROWING


def test_a_run_that_waits_for_unknown_outputs_is_cancelled(
    caplog: pytest.LogCaptureFixture,
) -> None:
    orphan = {**asking_run(call("call_9")), "id": "run_9"}
    with caplog.at_level(logging.INFO, logger="langchain_foundry_agents"):
        play(
            run_turn(API, NEXT, STREAM),
            *refused_while(orphan),
            (CANCEL_OTHER, answered(other("cancelled"))),
            *AT_LAST,
        )

    assert caplog.messages == ["cancelling run run_9 on thread_1"]


def test_a_run_that_works_is_cancelled_on_request() -> None:
    outcome = play(
        run_turn(API, NEXT, Policy(on_active_run="cancel")),
        *refused_while(other("in_progress")),
        (CANCEL_OTHER, answered(other("cancelled"))),
        *AT_LAST,
    )

    assert outcome == Outcome(run("completed"))


def test_a_run_that_works_is_told_on_request() -> None:
    with pytest.raises(ActiveRunError) as caught:
        play(run_turn(API, NEXT, Policy(on_active_run="raise")), (OPEN_NEXT, BUSY))

    assert (caught.value.thread_id, caught.value.run_id) == ("thread_1", "run_9")


def test_a_new_thread_that_is_said_to_be_busy_is_an_error() -> None:
    with pytest.raises(ActiveRunError):
        play(run_turn(API, FIRST, STREAM), (OPEN_FIRST, BUSY))


def test_a_run_that_came_between_two_tries_is_waited_for() -> None:
    outcome = play(
        run_turn(API, NEXT, STREAM),
        (OPEN_NEXT, OK),
        *heard(run_event("failed", last_error={"code": "server_error"})),
        (Read(), None),
        (Pause(0.25, 0.5), None),
        (OPEN_WITHOUT, BUSY),
        (NEWEST, page(other("completed"))),
        (MOMENT, None),
        (OPEN_WITHOUT, OK),
        *ANSWERED,
    )

    assert outcome.attempts == 2


@pytest.mark.parametrize("place", range(1, 5))
def test_a_caller_that_leaves_while_it_waits_leaves_the_other_run_alone(place: int) -> None:
    script = [
        *refused_while(other("in_progress")),
        (MOMENT, None),
        (LOOK_AT_OTHER, answered(other("in_progress"))),
    ]

    left = leave(run_turn(API, NEXT, STREAM), script[:place], Abandoned())

    # At the first one nobody can know yet that it was refused.
    assert left == ([FIND_RUN] if place == 1 else [])
