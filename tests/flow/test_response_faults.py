"""What goes wrong with a response, and how it is left, as data."""

from __future__ import annotations

import pytest

from langchain_foundry_agents._flow.effects import (
    JSON,
    Abandoned,
    Emit,
    Event,
    Heard,
    Open,
    Pause,
    Read,
    Send,
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
    limited,
    play,
    refused,
    wire,
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
    LOOK,
    NEXT,
    OPEN_FIRST,
    OPEN_NEXT,
    RESPONSES,
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
    asking = opened(AGAIN, **HELPER, previous_response_id="resp_0")

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


IN_BACKGROUND = {**IN_CONVERSATION, "background": True}
OPEN_BACKGROUND = opened(AGAIN, **IN_BACKGROUND)
QUEUED = told(response("queued", background=True), "queued")


def reopened(after: int) -> Open:
    query = (("stream", "true"), ("starting_after", str(after)))
    return Open(f"{RESPONSES}/resp_1", None, query, method="GET", repeatable=True)


def test_a_background_stream_goes_on_where_it_broke_off() -> None:
    play(
        run_turn(BACKGROUND, NEXT, STREAM),
        (OPEN_BACKGROUND, OK),
        *heard(QUEUED, delta("Hi", 7), something=True),
        (Read(), CUT),
        (reopened(7), OK),
        *heard(delta(" you", 8), DONE, something=True),
        END,
    )


def test_what_comes_again_then_is_not_handed_on_again() -> None:
    rest = (delta(" you", 8), DONE)

    play(
        run_turn(BACKGROUND, NEXT, STREAM),
        (OPEN_BACKGROUND, OK),
        *heard(QUEUED, delta("Hi", 7), something=True),
        (Read(), CUT),
        (reopened(7), OK),
        (Read(), wire(delta("Hi", 7), *rest)),
        (Emit(rest), Heard(something=True)),
        END,
    )


def test_the_same_text_with_another_number_is_another_piece() -> None:
    play(
        run_turn(BACKGROUND, NEXT, STREAM),
        (OPEN_BACKGROUND, OK),
        *heard(QUEUED, delta("ha", 7), delta("ha", 8), something=True),
        *heard(DONE, something=True),
        END,
    )


def test_of_many_that_come_again_together_only_the_new_are_handed_on() -> None:
    first = [delta(text, number) for number, text in enumerate("abcdefghi", 1)]
    rest = [delta(text, number) for number, text in enumerate("fghijklmn", 6)]
    name, last = rest[-1]

    play(
        run_turn(BACKGROUND, NEXT, STREAM),
        (OPEN_BACKGROUND, OK),
        *heard(QUEUED),
        (Read(), wire(*first)),
        (
            Emit(((name, {**last, "sequence_number": 9, "delta": "abcdefghi"}),)),
            Heard(something=True),
        ),
        (Read(), CUT),
        (reopened(9), OK),
        (Read(), wire(*rest)),
        (Emit(((name, {**last, "delta": "jklmn"}),)), Heard(something=True)),
        (Read(), wire(*rest)),
        (Emit(()), Heard(something=True)),
        *heard(DONE, something=True),
        END,
    )


def test_a_request_for_the_rest_that_is_one_too_many_is_made_again() -> None:
    play(
        run_turn(BACKGROUND, NEXT, STREAM),
        (OPEN_BACKGROUND, OK),
        *heard(QUEUED, delta("Hi", 7), something=True),
        (Read(), CUT),
        *limited((reopened(7), OK)),
        *heard(DONE, something=True),
        END,
    )


@pytest.mark.parametrize(
    ("event", "last"),
    [
        (("keepalive", {"sequence_number": 8}), 7),
        (("message", {"type": "keepalive", "sequence_number": 8}), 7),
        (delta(" you", 8), 8),
    ],
    ids=["by its name", "by its type", "no keep-alive"],
)
def test_a_keep_alive_has_the_number_of_what_is_still_to_come(event: Event, last: int) -> None:
    play(
        run_turn(BACKGROUND, NEXT, STREAM),
        (OPEN_BACKGROUND, OK),
        *heard(QUEUED, delta("Hi", 7), event, something=True),
        (Read(), CUT),
        (reopened(last), OK),
        *heard(DONE, something=True),
        END,
    )


def test_a_stream_that_broke_off_after_its_first_event_goes_on_after_that() -> None:
    first = (QUEUED[0], {**QUEUED[1], "sequence_number": 0})

    play(
        run_turn(BACKGROUND, NEXT, STREAM),
        (OPEN_BACKGROUND, OK),
        *heard(first),
        (Read(), CUT),
        (reopened(0), OK),
        *heard(DONE, something=True),
        END,
    )


def test_a_background_stream_that_cannot_be_opened_again_is_looked_up() -> None:
    play(
        run_turn(BACKGROUND, NEXT, STREAM),
        (OPEN_BACKGROUND, OK),
        *heard(QUEUED, delta("Hi", 7), something=True),
        (Read(), CUT),
        (reopened(7), refused(400, "No stream.")),
        (LOOK, answered(response("completed"))),
        *heard_whole(response("completed")),
    )


def test_a_background_stream_whose_events_have_no_numbers_is_looked_up() -> None:
    play(
        run_turn(BACKGROUND, NEXT, STREAM),
        (OPEN_BACKGROUND, OK),
        *heard(QUEUED),
        (Read(), CUT),
        (LOOK, answered(response("completed"))),
        *heard_whole(response("completed")),
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


def test_leaving_a_background_response_cancels_it() -> None:
    script = [(OPEN_BACKGROUND, OK), *heard(QUEUED), (Read(), None)]

    assert leave(run_turn(BACKGROUND, NEXT, STREAM), script, Abandoned()) == [
        Send("POST", f"{RESPONSES}/resp_1/cancel", repeatable=True)
    ]


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
