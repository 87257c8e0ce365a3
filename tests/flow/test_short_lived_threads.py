"""Threads that are not to be kept, and runs that are taken up again, as data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from langchain_foundry_agents._flow.effects import Abandoned, Emit, Heard, OutOfTime, Pause
from langchain_foundry_agents._flow.progress import Ask, Policy
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import NotFoundError, RateLimitError, RunFailedError

from . import responses
from .player import (
    ANSWER,
    ANSWERED,
    API,
    CANCEL,
    DISCARD,
    FIRST,
    LOOK,
    NEXT,
    OK,
    OPEN_FIRST,
    OPEN_NEXT,
    POLL,
    SOME_TEXT,
    Step,
    answered,
    asking_run,
    call,
    heard,
    leave,
    message,
    play,
    refused,
    run,
    run_event,
    told,
)

DELETES = Policy(keep_thread=False)
DELETE_CONVERSATION = responses.DISCARD
WAITS = told(asking_run(call("call_1")))


def test_a_thread_that_the_turn_created_is_deleted_after_it() -> None:
    outcome = play(
        run_turn(API, FIRST, DELETES), (OPEN_FIRST, OK), *ANSWERED, (DISCARD, answered({}))
    )

    assert outcome.deleted_thread_id == "thread_1"


def test_a_conversation_likewise() -> None:
    outcome = play(
        run_turn(responses.API, responses.FIRST, DELETES),
        (responses.CREATE, responses.CREATED),
        (responses.OPEN_FIRST, OK),
        *responses.ANSWERED,
        (DELETE_CONVERSATION, answered({})),
    )

    assert outcome.deleted_thread_id == "conv_1"


def test_an_answer_is_not_lost_where_its_thread_cannot_be_deleted() -> None:
    outcome = play(
        run_turn(API, FIRST, DELETES), (OPEN_FIRST, OK), *ANSWERED, (DISCARD, refused(404))
    )

    assert outcome.deleted_thread_id is None


@pytest.mark.parametrize(
    ("second", "deleted"), [(answered({}), "thread_1"), (OutOfTime(), None)], ids=["done", "over"]
)
def test_a_turn_whose_time_is_over_with_its_answer_has_a_little_more_to_tidy_up(
    second: object, deleted: str | None
) -> None:
    outcome = play(
        run_turn(API, FIRST, DELETES),
        (OPEN_FIRST, OK),
        *ANSWERED,
        (DISCARD, OutOfTime()),
        (DISCARD, second),
    )

    assert outcome.deleted_thread_id == deleted


def test_a_thread_that_was_there_stays() -> None:
    outcome = play(run_turn(API, NEXT, DELETES), (OPEN_NEXT, OK), *ANSWERED)

    assert outcome.deleted_thread_id is None


def test_a_thread_stays_while_its_calls_wait_and_goes_with_their_answer() -> None:
    asks = play(
        run_turn(API, FIRST, DELETES),
        (OPEN_FIRST, OK),
        *heard(run_event("in_progress")),
        *heard(WAITS),
        ANSWERED[-1],
    )
    answers = play(
        run_turn(API, replace(NEXT, temporary=True), DELETES),
        (OPEN_NEXT, OK),
        *ANSWERED,
        (DISCARD, answered({})),
    )

    assert (asks.temporary, asks.deleted_thread_id) == (True, None)
    assert answers.deleted_thread_id == "thread_1"


def test_a_call_that_is_the_answer_keeps_no_thread() -> None:
    outcome = play(
        run_turn(API, FIRST, Policy(keep_thread=False, cancel_calls=True)),
        (OPEN_FIRST, OK),
        *heard(WAITS),
        ANSWERED[-1],
        (CANCEL, answered(run("cancelled"))),
        (DISCARD, answered({})),
    )

    assert outcome.deleted_thread_id == "thread_1"


def test_the_thread_of_a_run_that_failed_is_deleted_too() -> None:
    failed = run_event("failed", last_error={"code": "bad", "message": "Oh."})

    with pytest.raises(RunFailedError):
        play(
            run_turn(API, FIRST, DELETES),
            (OPEN_FIRST, OK),
            *heard(failed),
            ANSWERED[-1],
            (DISCARD, OK),
        )


def test_a_caller_that_leaves_leaves_neither_run_nor_thread() -> None:
    script: list[Step] = [(OPEN_FIRST, OK), *SOME_TEXT, ANSWERED[-1]]

    assert leave(run_turn(API, FIRST, DELETES), script, Abandoned()) == [CANCEL, DISCARD]


# Runs that are taken up again.

TAKE_UP = Ask((), tuple, "thread_1", run_id="run_1")
MOMENT = (Pause(0.025, 0.05), None)


def test_a_run_is_taken_up_without_asking_anything() -> None:
    outcome = play(
        run_turn(API, TAKE_UP, POLL),
        MOMENT,
        (LOOK, answered(run("completed"))),
        (ANSWER, answered({"data": [message()]})),
        (
            Emit((("thread.run", run("completed")), ("thread.message.completed", message()))),
            Heard(something=True),
        ),
    )

    assert outcome.run == run("completed")


def test_a_response_is_taken_up_too() -> None:
    done = responses.response("completed")

    outcome = play(
        run_turn(responses.CHAIN, Ask((), tuple, run_id="resp_1"), POLL),
        MOMENT,
        (responses.LOOK, answered(done)),
        *responses.heard_whole(done),
    )

    assert outcome.run == done


def test_a_run_that_waits_for_calls_gives_them() -> None:
    waiting = asking_run(call("call_1"))

    outcome = play(
        run_turn(API, TAKE_UP, POLL),
        MOMENT,
        (LOOK, answered(waiting)),
        (ANSWER, answered({"data": []})),
        (Emit((("thread.run", waiting),)), Heard(something=False)),
    )

    assert outcome.run == waiting


def test_a_run_that_is_taken_up_is_not_run_again() -> None:
    failed = run("failed", last_error={"code": "rate_limit_exceeded", "message": "Later."})

    with pytest.raises(RateLimitError):
        play(run_turn(API, TAKE_UP, POLL), MOMENT, (LOOK, answered(failed)))


def test_a_run_that_is_not_there_is_an_error() -> None:
    with pytest.raises(NotFoundError):
        play(
            run_turn(API, TAKE_UP, POLL),
            MOMENT,
            (LOOK, refused(404)),
            (CANCEL, refused(404)),
        )
