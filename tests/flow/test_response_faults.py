"""What goes wrong with a response, and how it is left, as data."""

from __future__ import annotations

import pytest

from langchain_foundry_agents._flow.effects import (
    JSON,
    Abandoned,
    Emit,
    Heard,
    Pause,
    Read,
)
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import (
    RateLimitError,
    RunCancelledError,
    RunFailedError,
    ServiceConnectionError,
)

from .player import (
    OK,
    POLL,
    STREAM,
    Step,
    answered,
    heard,
    leave,
    play,
)
from .responses import (
    AFTER,
    AGAIN,
    ALONE,
    ANSWERED,
    API,
    BACKGROUND,
    CHAIN,
    CREATE,
    CREATED,
    CUT,
    DISCARD,
    DONE,
    END,
    FIRST,
    HELLO,
    HELPER,
    IN_CONVERSATION,
    KEY,
    LOOK,
    NEXT,
    OPEN_FIRST,
    OPEN_NEXT,
    SECOND,
    SOME_TEXT,
    WORKING,
    delta,
    heard_whole,
    opened,
    posted,
    response,
    told,
)


def failing(code: str, message: str = "Oh.") -> JSON:
    return response("failed", error={"code": code, "message": message})


def test_a_response_that_failed_for_a_passing_reason_is_asked_for_again_with_its_input() -> None:
    outcome = play(
        run_turn(API, FIRST, STREAM),
        (CREATE, CREATED),
        (OPEN_FIRST, OK),
        *heard(WORKING),
        *heard(told(failing("server_error"))),
        END,
        (SECOND, None),
        (OPEN_FIRST, OK),
        *ANSWERED,
    )

    assert outcome.attempts == 2


def test_a_failed_response_of_a_chain_is_asked_for_again_after_the_same_response() -> None:
    asking = opened(AGAIN, **HELPER, **KEY, previous_response_id="resp_0")

    play(
        run_turn(CHAIN, AFTER, STREAM),
        (asking, OK),
        *heard(told({"id": "resp_1", "status": "failed", "error": {"code": "server_error"}})),
        END,
        (SECOND, None),
        (asking, OK),
        *ANSWERED,
    )


def test_a_rate_limit_within_a_response_says_when_to_come_again() -> None:
    limited = failing("rate_limit_exceeded", "Try again in 300 seconds.")

    with pytest.raises(RateLimitError) as caught:
        play(run_turn(API, NEXT, STREAM), (OPEN_NEXT, OK), *heard(told(limited)), END)

    assert caught.value.retry_after == 300
    assert (caught.value.thread_id, caught.value.run_id) == ("conv_1", "resp_1")


def test_a_response_that_failed_for_good_is_an_error() -> None:
    with pytest.raises(RunFailedError, match="The run failed: Oh"):
        play(
            run_turn(API, NEXT, STREAM),
            (OPEN_NEXT, OK),
            *heard(told(failing("invalid_prompt"))),
            END,
        )


def test_the_rest_of_a_stream_that_broke_off_is_looked_up() -> None:
    play(
        run_turn(API, NEXT, STREAM),
        (OPEN_NEXT, OK),
        *SOME_TEXT,
        (Read(), CUT),
        (LOOK, answered(response("completed"))),
        *heard_whole(response("completed")),
    )


def test_a_response_that_the_service_cancelled_as_its_client_was_gone_is_an_error() -> None:
    with pytest.raises(RunCancelledError) as caught:
        play(
            run_turn(API, NEXT, STREAM),
            (OPEN_NEXT, OK),
            *SOME_TEXT,
            (Read(), CUT),
            (LOOK, answered(response("cancelled"))),
        )

    assert str(caught.value) == (
        "The stream broke off, and the run was cancelled. [thread conv_1, run resp_1] "
        "Ask again. A longer timeout keeps streams open; with background=True the response of a "
        "new agent outlives them."
    )


def test_a_stream_of_what_is_not_kept_cannot_be_taken_up() -> None:
    with pytest.raises(ServiceConnectionError, match="broke"):
        play(
            run_turn(ALONE, FIRST, STREAM),
            (opened(HELLO, **HELPER, store=False), OK),
            *SOME_TEXT,
            (Read(), CUT),
        )


def test_polling_is_a_background_response_that_is_looked_at() -> None:
    outcome = play(
        run_turn(BACKGROUND, NEXT, POLL),
        (posted(AGAIN, **IN_CONVERSATION), answered(response("queued", background=True))),
        (Pause(0.025, 0.05), None),
        (LOOK, answered(response("completed"))),
        *heard_whole(response("completed")),
    )

    assert outcome.run["status"] == "completed"


def test_what_an_incomplete_response_wrote_is_handed_on() -> None:
    cut = response("incomplete", incomplete_details={"reason": "max_output_tokens"})

    play(
        run_turn(BACKGROUND, NEXT, POLL),
        (posted(AGAIN, **IN_CONVERSATION), answered(cut)),
        (Emit((told(cut),)), Heard(something=True)),
    )


def test_leaving_a_foreground_stream_is_to_close_it() -> None:
    script = [(OPEN_NEXT, OK), *SOME_TEXT, (Read(), None)]

    assert leave(run_turn(API, NEXT, STREAM), script, Abandoned()) == []


def test_a_conversation_is_deleted_if_the_caller_leaves_before_its_first_response() -> None:
    script: list[Step] = [(CREATE, CREATED), (OPEN_FIRST, None)]

    assert leave(run_turn(API, FIRST, STREAM), script, Abandoned()) == [DISCARD]


def test_a_response_is_heard_to_its_end_after_a_stop_sequence() -> None:
    play(
        run_turn(API, NEXT, STREAM),
        (OPEN_NEXT, OK),
        *heard(WORKING, delta("Hi STOP"), something=True, enough=True),
        *heard(DONE, something=True, enough=True),
        END,
    )
