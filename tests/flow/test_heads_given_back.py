"""Turns that fail or are left: whether another goes on after the same answer, as data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from langchain_foundry_agents._flow.effects import (
    Abandoned,
    Claim,
    GiveBack,
    Hold,
    Pause,
)
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import (
    BadRequestError,
    RunFailedError,
    ServiceConnectionError,
)

from . import responses
from .player import (
    ANSWERED,
    API,
    CANCEL,
    FIND_RUN,
    NEXT,
    OK,
    OPEN_NEXT,
    SOME_TEXT,
    STREAM,
    Step,
    heard,
    leave,
    play,
    refused,
    run_event,
    sought,
)

AFTER_ZERO = replace(NEXT, after="run_0", alone=True)
CLAIM, HOLD = Claim("thread_1", "run_0"), Hold("thread_1")
MINE: list[Step] = [(CLAIM, True), (HOLD, True)]
GIVE_BACK = GiveBack("thread_1", "run_0")


def test_a_turn_that_was_refused_gives_its_claim_back() -> None:
    with pytest.raises(BadRequestError):
        play(
            run_turn(API, AFTER_ZERO, STREAM),
            *MINE,
            (OPEN_NEXT, refused(400)),
            (GIVE_BACK, None),
        )


def test_a_turn_that_may_have_arrived_does_not() -> None:
    lost = ServiceConnectionError("It broke.", maybe_accepted=True)

    with pytest.raises(ServiceConnectionError):
        play(run_turn(API, AFTER_ZERO, STREAM), *MINE, (OPEN_NEXT, lost), *sought(FIND_RUN))


def test_nor_does_a_response_that_may_have_arrived() -> None:
    ask = replace(responses.NEXT, after="resp_0", alone=True)

    with pytest.raises(ServiceConnectionError):
        play(
            run_turn(responses.API, ask, STREAM),
            (Claim("conv_1", "resp_0"), True),
            (Hold("conv_1"), True),
            (responses.OPEN_NEXT, responses.CUT),
            *sought(responses.FIND_LOST),
        )


def test_a_run_that_failed_leaves_its_question_in_the_thread() -> None:
    failed = run_event("failed", last_error={"code": "bad", "message": "Oh."})

    with pytest.raises(RunFailedError):
        play(
            run_turn(API, AFTER_ZERO, STREAM), *MINE, (OPEN_NEXT, OK), *heard(failed), ANSWERED[-1]
        )


def test_a_response_that_failed_leaves_nothing_and_gives_its_claim_back() -> None:
    ask = replace(responses.NEXT, after="resp_0", alone=True)
    failed = responses.response("failed", error={"code": "bad", "message": "Oh."})

    with pytest.raises(RunFailedError):
        play(
            run_turn(responses.API, ask, STREAM),
            (Claim("conv_1", "resp_0"), True),
            (Hold("conv_1"), True),
            (responses.OPEN_NEXT, OK),
            *heard(responses.told(failed)),
            responses.END,
            (GiveBack("conv_1", "resp_0"), None),
        )


def test_a_caller_that_leaves_before_anything_was_asked_gives_its_claim_back() -> None:
    script: list[Step] = [(CLAIM, True), (HOLD, False), (Pause(0.025, 0.05), None)]

    assert leave(run_turn(API, AFTER_ZERO, STREAM), script, Abandoned()) == [GIVE_BACK]


def test_a_caller_that_leaves_a_run_does_not() -> None:
    script: list[Step] = [*MINE, (OPEN_NEXT, OK), *SOME_TEXT, ANSWERED[-1]]

    assert leave(run_turn(API, AFTER_ZERO, STREAM), script, Abandoned()) == [CANCEL]
