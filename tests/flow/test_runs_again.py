"""Runs that fail for a passing reason run again, and bring nothing to the thread a second time."""

from __future__ import annotations

import pytest

from langchain_foundry_agents._flow.effects import Open, Pause
from langchain_foundry_agents._flow.progress import Ask, Outcome
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import RateLimitError, RunFailedError

from .player import (
    AGAIN,
    ANSWERED,
    API,
    CANCEL,
    END,
    FIRST,
    HELLO,
    KEY,
    NEXT,
    OK,
    OPEN_FIRST,
    OPEN_NEXT,
    OPEN_WITHOUT,
    STREAM,
    V1,
    Step,
    answered,
    heard,
    looked,
    play,
    run,
    run_event,
    text_event,
)
from .tools import LATE, OUTPUTS, OUTPUTS_AND_MORE, SUBMIT, SUBMIT_POLLED, UNANSWERED, opened

FAILED: list[Step] = [*heard(run_event("failed", last_error={"code": "server_error"})), END]
FIRST_WAIT, SECOND_WAIT = Pause(0.25, 0.5), Pause(0.5, 1.0)


def test_a_run_that_hit_a_rate_limit_runs_again_on_its_thread_without_the_message() -> None:
    error = {"code": "rate_limit_exceeded", "message": "Too busy. Try again in 22 seconds."}

    outcome = play(
        run_turn(API, FIRST, STREAM),
        (OPEN_FIRST, OK),
        *heard(run_event("failed", last_error=error)),
        END,
        (Pause(22.0, 22.0 * 1.1), None),
        (OPEN_WITHOUT, OK),
        *ANSWERED,
    )

    assert outcome == Outcome(run("completed"), attempts=2)


def test_a_run_that_runs_again_keeps_the_instructions() -> None:
    told = Ask((AGAIN,), lambda: (HELLO, AGAIN), "thread_1", instructions="Be brief.")
    again = {
        "assistant_id": "asst_1",
        **KEY,
        "additional_instructions": "Be brief.",
        "stream": True,
    }
    first = {**again, "additional_messages": [AGAIN]}

    play(
        run_turn(API, told, STREAM),
        (Open("/threads/thread_1/runs", first, V1), OK),
        *heard(run_event("failed", last_error={"code": "server_error"})),
        END,
        (Pause(0.25, 0.5), None),
        (Open("/threads/thread_1/runs", again, V1), OK),
        *ANSWERED,
    )


def test_a_run_is_not_run_again_after_something_was_handed_out() -> None:
    error = {"code": "rate_limit_exceeded", "message": "Try again in 22 seconds."}

    with pytest.raises(RateLimitError) as caught:
        play(
            run_turn(API, FIRST, STREAM),
            (OPEN_FIRST, OK),
            *heard(text_event("Hi"), run_event("failed", last_error=error), something=True),
            END,
        )

    assert (caught.value.retry_after, caught.value.run_id) == (22.0, "run_1")


def test_a_run_is_not_run_again_where_too_much_is_tried_again_already() -> None:
    with pytest.raises(RunFailedError):
        play(run_turn(API, NEXT, STREAM), (OPEN_NEXT, OK), *FAILED, (FIRST_WAIT, False))


def test_a_run_is_run_again_as_often_as_max_retries_allows() -> None:
    failed = [
        *heard(run_event("failed", last_error={"code": "server_error", "message": "Sorry."})),
        END,
    ]

    with pytest.raises(RunFailedError, match="The run failed: Sorry"):
        play(
            run_turn(API, NEXT, STREAM),
            (OPEN_NEXT, OK),
            *failed,
            (Pause(0.25, 0.5), None),
            (OPEN_WITHOUT, OK),
            *failed,
            (Pause(0.5, 1.0), None),
            (OPEN_WITHOUT, OK),
            *failed,
        )


def test_outputs_that_a_failed_run_took_with_it_are_told_to_the_next_one() -> None:
    outcome = play(
        run_turn(API, OUTPUTS, STREAM),
        (SUBMIT, OK),
        *heard(run_event("failed", last_error={"code": "server_error"})),
        END,
        (Pause(0.25, 0.5), None),
        (opened(*LATE), OK),
        *ANSWERED,
    )

    assert outcome == Outcome(run("completed"), attempts=2)


def test_outputs_that_are_told_once_are_not_told_to_a_third_run() -> None:
    outcome = play(
        run_turn(API, OUTPUTS, STREAM),
        (SUBMIT, OK),
        *FAILED,
        (FIRST_WAIT, None),
        (opened(*LATE), OK),
        *FAILED,
        (SECOND_WAIT, None),
        (OPEN_WITHOUT, OK),
        *ANSWERED,
    )

    assert outcome == Outcome(run("completed"), attempts=3)


@pytest.mark.parametrize(
    ("ask", "before"),
    [
        (UNANSWERED, [(CANCEL, answered(run("cancelled")))]),
        (
            OUTPUTS_AND_MORE,
            [(SUBMIT_POLLED, answered(run("queued"))), *looked(run("completed"))],
        ),
    ],
    ids=["given up", "taken unheard"],
)
def test_a_question_after_calls_that_are_over_runs_again_without_them(
    ask: Ask, before: list[Step]
) -> None:
    play(
        run_turn(API, ask, STREAM),
        *before,
        (opened(AGAIN), OK),
        *FAILED,
        (FIRST_WAIT, None),
        (OPEN_WITHOUT, OK),
        *ANSWERED,
    )
