"""Calls whose run is not known, in a thread that the caller names: its newest run is asked for."""

from __future__ import annotations

import pytest

from langchain_foundry_agents._flow.actions import Pending
from langchain_foundry_agents._flow.effects import JSON, Read
from langchain_foundry_agents._flow.progress import Outcome, Policy
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import ActiveRunError, NotFoundError, ProtocolError

from .player import (
    AGAIN,
    ANSWERED,
    API,
    CANCEL,
    FIND_RUN,
    OK,
    STREAM,
    answered,
    approval_call,
    asking_run,
    call,
    page,
    play,
    refused,
    run,
    sought,
)
from .tools import LATE, NAMED, NEWEST, SUBMIT, answering, opened

ELSEWHERE: list[list[JSON]] = [
    [],
    [run("completed")],
    [run("expired")],
    [asking_run(call("call_2"))],
    [asking_run(call("call_1"), call("call_2"))],
    [asking_run(approval_call("call_9"), approval=True)],
]


def test_the_newest_run_gets_the_outputs_if_it_waits_for_just_these_calls() -> None:
    outcome = play(
        run_turn(API, NAMED, STREAM),
        (NEWEST, answered({"data": [asking_run(call("call_1"))]})),
        (SUBMIT, OK),
        *ANSWERED,
    )

    assert outcome == Outcome(run("completed"))


@pytest.mark.parametrize("runs", ELSEWHERE, ids=str)
def test_outputs_that_the_newest_run_does_not_wait_for_are_added_as_text(runs: list[JSON]) -> None:
    outcome = play(
        run_turn(API, NAMED, STREAM),
        (NEWEST, answered({"data": runs})),
        (opened(*LATE), OK),
        *ANSWERED,
    )

    assert outcome == Outcome(run("completed"))


def test_unanswered_calls_that_the_newest_run_waits_for_are_given_up() -> None:
    unanswered = answering(Pending(frozenset({"call_1"})), AGAIN, explicit=True)

    play(
        run_turn(API, unanswered, STREAM),
        (NEWEST, answered({"data": [asking_run(call("call_1"))]})),
        (CANCEL, answered(run("cancelled"))),
        (opened(AGAIN), OK),
        *ANSWERED,
    )


def test_a_named_thread_that_is_gone_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="No thread found"):
        play(
            run_turn(API, NAMED, STREAM),
            (NEWEST, refused(404, "No thread found with id 'thread_1'.")),
        )


def test_a_run_of_somebody_else_in_the_named_thread_is_not_cancelled() -> None:
    with pytest.raises(ActiveRunError):
        play(
            run_turn(API, NAMED, Policy(on_active_run="raise")),
            (NEWEST, answered({"data": [run("in_progress", id="run_9")]})),
            (opened(*LATE), refused(400, "Thread thread_1 already has an active run run_9.")),
        )


def test_an_earlier_run_in_the_named_thread_is_not_the_answer() -> None:
    with pytest.raises(ProtocolError, match="The stream ended before the run did"):
        play(
            run_turn(API, NAMED, STREAM),
            (NEWEST, answered({"data": [run("completed", id="run_9")]})),
            (opened(*LATE), OK),
            (Read(), None),
            *sought(FIND_RUN, page(run("completed", id="run_9"))),
        )
