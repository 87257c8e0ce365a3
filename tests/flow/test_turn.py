"""A streamed turn: one request, the events handed on, the errors with their ids."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from langchain_foundry_agents._flow.effects import Emit, Heard, Open, OutOfTime, Read
from langchain_foundry_agents._flow.progress import Ask, Outcome, Policy
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import (
    NotFoundError,
    ProtocolError,
    Response,
    RunTimeoutError,
    ServiceConnectionError,
    ServiceError,
    ThreadDivergedError,
)

from . import responses
from .player import (
    AGAIN,
    ANSWERED,
    API,
    BUSY,
    CANCEL,
    END,
    FIND_RUN,
    FIND_THREAD,
    FIRST,
    HELLO,
    KEY,
    NEXT,
    OK,
    OPEN_FIRST,
    OPEN_NEXT,
    SOME_TEXT,
    STREAM,
    V1,
    broken,
    heard,
    play,
    refused,
    run,
    run_event,
    sought,
    text_event,
    wire,
)

GONE = refused(404, "No thread found with id 'thread_1'.")
NO_AGENT = refused(404, "No assistant found with id 'asst_1'.")


def test_a_first_turn_is_one_request() -> None:
    outcome = play(
        run_turn(API, FIRST, STREAM),
        (
            Open(
                "/threads/runs",
                {
                    "assistant_id": "asst_1",
                    **KEY,
                    "thread": {"messages": [{"role": "user", "content": "Hello"}], **KEY},
                    "stream": True,
                },
                (("api-version", "v1"),),
            ),
            Response(200),
        ),
        (Read(), wire(BUSY, text_event("Hi"))),
        (Emit((BUSY, text_event("Hi"))), Heard(something=True)),
        (Read(), [*wire(run_event("completed")), ("done", "[DONE]")]),
        (Emit((run_event("completed"),)), Heard(something=True)),
        END,
    )

    assert outcome == Outcome(run("completed"), attempts=1, forked_from=None)


def test_a_continued_turn_is_one_request() -> None:
    outcome = play(
        run_turn(API, NEXT, STREAM),
        (
            Open(
                "/threads/thread_1/runs",
                {
                    "assistant_id": "asst_1",
                    **KEY,
                    "additional_messages": [{"role": "user", "content": "Again"}],
                    "stream": True,
                },
                (("api-version", "v1"),),
            ),
            Response(200),
        ),
        *ANSWERED,
    )

    assert outcome == Outcome(run("completed"))


def test_a_read_that_brings_only_done_is_not_handed_on() -> None:
    play(run_turn(API, FIRST, STREAM), (OPEN_FIRST, OK), (Read(), [("done", "[DONE]")]), *ANSWERED)


def test_a_thread_of_the_history_that_is_gone_is_replaced_by_one_with_the_whole_history() -> None:
    whole = {
        "assistant_id": "asst_1",
        **KEY,
        "thread": {"messages": [HELLO, AGAIN], **KEY},
        "stream": True,
    }

    outcome = play(
        run_turn(API, NEXT, STREAM),
        (OPEN_NEXT, GONE),
        (Open("/threads/runs", whole, V1), OK),
        *ANSWERED,
    )

    assert outcome == Outcome(run("completed"), forked_from="thread_1")


@pytest.mark.parametrize("policy", ["raise", "append"])
def test_a_thread_of_the_history_that_is_gone_is_an_error_where_forks_are_not_wanted(
    policy: str,
) -> None:
    flow = run_turn(API, NEXT, Policy(on_divergence=policy))

    with pytest.raises(ThreadDivergedError) as caught:
        play(flow, (OPEN_NEXT, GONE))

    assert str(caught.value) == (
        "The thread of the history is over. [HTTP status 404, thread thread_1] "
        "Use on_divergence='fork' to go on in a new thread that holds the whole history."
    )


def test_a_thread_named_by_the_caller_that_is_gone_is_not_found() -> None:
    named = Ask((AGAIN,), lambda: (HELLO, AGAIN), "thread_1", from_history=False)

    with pytest.raises(NotFoundError, match="No thread found") as caught:
        play(run_turn(API, named, STREAM), (OPEN_NEXT, GONE))

    assert caught.value.thread_id == "thread_1"


def test_a_missing_agent_is_no_divergence() -> None:
    with pytest.raises(NotFoundError, match="No assistant found with id 'asst_1'"):
        play(run_turn(API, NEXT, STREAM), (OPEN_NEXT, NO_AGENT))


@pytest.mark.parametrize("policy", ["fork", "raise"])
def test_a_404_of_a_first_turn_is_no_divergence(policy: str) -> None:
    first = Ask((HELLO,), lambda: (HELLO,), thread_id=None, from_history=True)

    with pytest.raises(NotFoundError, match="Resource not found") as caught:
        play(
            run_turn(API, first, Policy(on_divergence=policy)),
            (OPEN_FIRST, refused(404, "Resource not found")),
        )

    assert type(caught.value) is NotFoundError


@pytest.mark.parametrize(
    "data",
    [
        {"code": "server_error", "message": "It broke."},
        {"error": {"code": "server_error", "message": "It broke."}},
        {"error": {"code": "server_error", "message": "It broke.", "param": None}},
    ],
)
def test_text_before_an_error_event_is_handed_on_before_the_error_is_raised(
    data: dict[str, Any],
) -> None:
    with pytest.raises(ServiceError) as caught:
        play(
            run_turn(API, FIRST, STREAM),
            (OPEN_FIRST, OK),
            (Read(), wire(BUSY, text_event("Hi"), ("error", data), text_event("lost"))),
            (Emit((BUSY, text_event("Hi"))), Heard(something=True)),
            (CANCEL, OK),
        )

    assert str(caught.value) == (
        "The service broke the answer off: It broke. "
        "[code server_error, thread thread_1, run run_1] "
        "Ask again; if it stays, give the request id to Microsoft's support."
    )
    assert not caught.value.maybe_accepted
    assert caught.value.is_retryable


def test_an_error_event_may_come_alone() -> None:
    with pytest.raises(ServiceError, match="It broke") as caught:
        play(
            run_turn(API, FIRST, STREAM),
            (OPEN_FIRST, OK),
            (Read(), wire(("error", {"message": "It broke."}))),
            *sought(FIND_THREAD),
        )

    assert caught.value.run_id is None


def test_a_stream_that_brings_nothing_is_an_error() -> None:
    with pytest.raises(ProtocolError, match=r"^The stream ended before the run did\."):
        play(run_turn(API, FIRST, STREAM), (OPEN_FIRST, OK), END, *sought(FIND_THREAD))


def test_a_connection_that_breaks_before_the_run_is_known_is_raised_with_the_thread() -> None:
    line = broken()

    with pytest.raises(ServiceConnectionError) as caught:
        play(run_turn(API, NEXT, STREAM), (OPEN_NEXT, OK), (Read(), line), *sought(FIND_RUN))

    assert caught.value is line
    assert (line.thread_id, line.run_id) == ("thread_1", None)


def test_it_is_raised_too_where_the_run_cannot_be_looked_for() -> None:
    line = broken()

    with pytest.raises(ServiceConnectionError) as caught:
        play(run_turn(API, NEXT, STREAM), (OPEN_NEXT, OK), (Read(), line), (FIND_RUN, refused(403)))

    assert caught.value is line


@pytest.mark.parametrize("from_history", [True, False], ids=["of the history", "named"])
def test_a_turn_without_time_may_be_asked_again_unless_a_named_thread_would_have_it_twice(
    from_history: bool,
) -> None:
    ask = replace(NEXT, from_history=from_history)

    with pytest.raises(RunTimeoutError) as caught:
        play(run_turn(API, ask, STREAM), (OPEN_NEXT, OK), (Read(), OutOfTime()), *sought(FIND_RUN))

    assert caught.value.is_retryable is from_history


def test_an_answer_that_cannot_be_read_is_told_with_its_ids_and_not_asked_for_again() -> None:
    strange = ("response.completed", {"response": {"status": "completed", "output": 5}})

    with pytest.raises(ProtocolError) as caught:
        play(
            run_turn(responses.API, replace(responses.NEXT, from_history=False), STREAM),
            (responses.OPEN_NEXT, OK),
            *heard(responses.WORKING),
            (Read(), wire(strange)),
        )

    assert str(caught.value) == (
        "The service's answer has a form that is not known. [thread conv_1, run resp_1] "
        "Check what stands between you and the service (gateway, proxy), then ask again."
    )
    assert (caught.value.maybe_accepted, caught.value.is_retryable) == (True, False)


def test_html_in_place_of_a_stream_is_quoted() -> None:
    page = Response(200, {"content-type": "text/html"}, "<html>Sign in</html>")

    with pytest.raises(ProtocolError, match=r"\(text/html\): <html>Sign in</html>"):
        play(run_turn(API, FIRST, STREAM), (OPEN_FIRST, page), (FIND_THREAD, page))


def test_an_event_that_is_not_json_is_quoted_and_the_run_is_cancelled() -> None:
    with pytest.raises(ProtocolError, match=r"not JSON: thread\.message\.delta '\{'"):
        play(
            run_turn(API, FIRST, STREAM),
            (OPEN_FIRST, OK),
            *SOME_TEXT,
            (Read(), [("thread.message.delta", "{")]),
            (CANCEL, OK),
        )
