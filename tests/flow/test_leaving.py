"""Whoever leaves a turn, and when: a run that is known is cancelled, and nothing stays behind."""

from __future__ import annotations

import pytest

from langchain_foundry_agents._flow.effects import (
    Abandoned,
    Effect,
    Emit,
    Heard,
    Open,
    OutOfTime,
    Pause,
    Read,
    Renew,
    Send,
)
from langchain_foundry_agents._flow.progress import Ask, Outcome, Policy
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import (
    FoundryAgentError,
    ProtocolError,
    RunTimeoutError,
    ServiceConnectionError,
    ServiceError,
)

from .player import (
    ANSWER,
    ANSWERED,
    API,
    BUSY,
    CANCEL,
    DISCARD,
    FIRST,
    HELLO,
    LOOK,
    NEXT,
    OK,
    OPEN_FIRST,
    OPEN_NEXT,
    OPEN_WITHOUT,
    POLL,
    POST_FIRST,
    SOME_TEXT,
    STREAM,
    V1,
    Step,
    answered,
    heard,
    leave,
    message,
    play,
    refused,
    run,
    run_event,
    text_event,
    wire,
)

TOLD = Ask((HELLO,), lambda: (HELLO,), instructions="Be brief.")
POST_THREAD = Send("POST", "/threads", {"messages": [HELLO]}, V1)
OPEN_TOLD = Open(
    "/threads/thread_1/runs",
    {"assistant_id": "asst_1", "additional_instructions": "Be brief.", "stream": True},
    V1,
)
POLLED = (("thread.run", run("completed")), ("thread.message.completed", message()))

Turn = tuple[Ask, Policy, list[Step], list[list[Effect]]]
"""A turn, its whole script, and what is still asked for when it is left at each of its effects."""

TURNS: dict[str, Turn] = {
    "a first turn": (
        FIRST,
        STREAM,
        [(OPEN_FIRST, OK), *ANSWERED],
        # Until an event names the run, there is nothing to cancel it by.
        [[], [], [CANCEL], [CANCEL], [], []],
    ),
    "a continued turn": (
        NEXT,
        STREAM,
        [(OPEN_NEXT, OK), *ANSWERED],
        [[], [], [CANCEL], [CANCEL], [], []],
    ),
    "a first turn of two requests": (
        TOLD,
        STREAM,
        [(POST_THREAD, answered({"id": "thread_1"})), (OPEN_TOLD, OK), *ANSWERED],
        [[], [DISCARD], [DISCARD], [CANCEL], [CANCEL], [], []],
    ),
    "a polled turn": (
        FIRST,
        POLL,
        [
            (POST_FIRST, answered(run("queued"))),
            (Pause(0.025, 0.05), None),
            (LOOK, answered(run("completed"))),
            (ANSWER, answered({"data": [message()], "has_more": False})),
            (Emit(POLLED), Heard(something=True)),
        ],
        [[], [CANCEL], [CANCEL], [], []],
    ),
    "a turn with a new token": (
        NEXT,
        STREAM,
        [(OPEN_NEXT, refused(401)), (Renew(), None), (OPEN_NEXT, OK), *ANSWERED],
        [[], [], [], [], [CANCEL], [CANCEL], [], []],
    ),
    "a turn that runs again": (
        NEXT,
        STREAM,
        [
            (OPEN_NEXT, OK),
            *heard(run_event("failed", last_error={"code": "server_error"})),
            (Read(), None),
            (Pause(0.25, 0.5), None),
            (OPEN_WITHOUT, OK),
            *ANSWERED,
        ],
        [[], [], [], [], [], [], [], [CANCEL], [CANCEL], [], []],
    ),
    "a turn that is cut": (
        FIRST,
        STREAM,
        [
            (OPEN_FIRST, OK),
            *heard(BUSY, text_event("Hi"), something=True, enough=True),
            (CANCEL, answered(run("cancelling"))),
        ],
        [[], [], [CANCEL], [CANCEL]],
    ),
}
PLACES = [
    pytest.param(*turn[:2], turn[2][: place + 1], asked, id=f"{name}, {place}")
    for name, turn in TURNS.items()
    for place, asked in enumerate(turn[3])
]


@pytest.mark.parametrize("name", TURNS)
def test_every_effect_of_these_turns_can_be_left(name: str) -> None:
    ask, policy, script, asked = TURNS[name]

    play(run_turn(API, ask, policy), *script)

    assert len(asked) == len(script)


@pytest.mark.parametrize(("ask", "policy", "script", "asked"), PLACES)
def test_a_caller_that_is_gone_leaves_no_run(
    ask: Ask, policy: Policy, script: list[Step], asked: list[Effect]
) -> None:
    assert leave(run_turn(API, ask, policy), script, Abandoned()) == asked


@pytest.mark.parametrize(("ask", "policy", "script", "asked"), PLACES)
def test_a_turn_out_of_time_leaves_no_run_and_says_which_it_was(
    ask: Ask, policy: Policy, script: list[Step], asked: list[Effect]
) -> None:
    tidied: list[Step] = [(effect, OK) for effect in asked]

    with pytest.raises(RunTimeoutError) as caught:
        play(run_turn(API, ask, policy), *script[:-1], (script[-1][0], OutOfTime()), *tidied)

    assert caught.value.__suppress_context__
    assert CANCEL not in asked or caught.value.run_id == "run_1"


def test_a_timeout_names_thread_and_run() -> None:
    with pytest.raises(RunTimeoutError) as caught:
        play(
            run_turn(API, FIRST, STREAM),
            (OPEN_FIRST, OK),
            *SOME_TEXT,
            (Read(), OutOfTime()),
            (CANCEL, OK),
        )

    assert str(caught.value) == (
        "The turn took longer than run_timeout allows. [thread thread_1, run run_1] "
        "Raise run_timeout (seconds), or ask for less in one turn."
    )


@pytest.mark.parametrize(
    "failure",
    [refused(500), ServiceConnectionError("The connection failed."), OutOfTime()],
    ids=["refused", "broken", "out of time"],
)
def test_a_cancel_that_fails_does_not_hide_the_first_error(failure: object) -> None:
    with pytest.raises(ServiceError, match="It broke"):
        play(
            run_turn(API, FIRST, STREAM),
            (OPEN_FIRST, OK),
            *SOME_TEXT,
            (Read(), wire(("error", {"message": "It broke."}))),
            (CANCEL, failure),
        )


def test_a_thread_that_was_created_for_a_run_that_is_refused_is_deleted() -> None:
    with pytest.raises(FoundryAgentError, match="The model is unknown"):
        play(
            run_turn(API, TOLD, STREAM),
            (POST_THREAD, answered({"id": "thread_1"})),
            (OPEN_TOLD, refused(400, "The model is unknown.")),
            (DISCARD, answered({"deleted": True})),
        )


def test_a_thread_that_was_there_before_is_not_deleted() -> None:
    with pytest.raises(FoundryAgentError, match="The model is unknown"):
        play(run_turn(API, NEXT, STREAM), (OPEN_NEXT, refused(400, "The model is unknown.")))


def test_enough_cancels_the_run_and_the_answer_is_given() -> None:
    outcome = play(
        run_turn(API, FIRST, STREAM),
        (OPEN_FIRST, OK),
        *heard(BUSY, text_event("Hi"), something=True, enough=True),
        (CANCEL, answered(run("cancelling"))),
    )

    assert outcome == Outcome(run("cancelling"))


def test_enough_of_a_run_that_is_over_cancels_nothing() -> None:
    outcome = play(
        run_turn(API, FIRST, STREAM),
        (OPEN_FIRST, OK),
        *heard(text_event("Hi"), run_event("completed"), something=True, enough=True),
    )

    assert outcome == Outcome(run("completed"))


def test_enough_of_a_run_that_ends_in_the_same_moment_is_an_answer() -> None:
    outcome = play(
        run_turn(API, FIRST, STREAM),
        (OPEN_FIRST, OK),
        *heard(BUSY, text_event("Hi"), something=True, enough=True),
        (CANCEL, refused(400, "Cannot cancel run with status 'completed'.")),
    )

    assert outcome == Outcome(run("in_progress"))


def test_a_caller_that_leaves_during_the_cancel_leaves_no_run() -> None:
    error = ("error", {"message": "It broke."})
    script = [(OPEN_FIRST, OK), *SOME_TEXT, (Read(), wire(error)), (CANCEL, OK)]

    assert leave(run_turn(API, FIRST, STREAM), script, Abandoned()) == [CANCEL]


def test_a_look_that_brings_no_run_leaves_no_run() -> None:
    with pytest.raises(ProtocolError):
        play(
            run_turn(API, FIRST, POLL),
            (POST_FIRST, answered(run("queued"))),
            (Pause(0.025, 0.05), None),
            (LOOK, answered({"hello": "world"})),
            (CANCEL, OK),
        )
