"""The requests of the classic API, literally, and what its events tell."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_foundry_agents._flow.effects import JSON, Event, Open, Send
from langchain_foundry_agents._flow.progress import Ask, Policy, Progress
from langchain_foundry_agents._flow.retry import Patience
from langchain_foundry_agents._flow.threads_api import ThreadsApi
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import BadRequestError, ProtocolError, ServiceError

from .player import (
    ANSWERED,
    API,
    CANCEL,
    DISCARD,
    FIND_RUN,
    FIND_THREAD,
    FIRST,
    HELLO,
    KEY,
    LOOK,
    OK,
    POLL,
    POST_FIRST,
    STREAM,
    V1,
    answered,
    looked,
    message,
    page,
    play,
    read_whole,
    refused,
    run,
    sought,
)

RICH = ThreadsApi(
    "asst_1",
    "key_1",
    "2025-05-01",
    {"model": "gpt-4o", "temperature": 0.2, "metadata": {"case": "7"}},
    {"metadata": {"user": "ann"}, "tool_resources": {"file_search": {}}},
)
MAY = (("api-version", "2025-05-01"),)
CREATED = answered({"id": "thread_1", "object": "thread"})


def numbered(first: int, last: int) -> list[JSON]:
    """The messages of these numbers, the last included."""
    return [{"role": "user", "content": f"number {n}"} for n in range(first, last + 1)]


def asking(messages: list[JSON], thread_id: str | None = None, **fields: Any) -> Ask:
    return Ask(tuple(messages), lambda: tuple(messages), thread_id, **fields)


def single(number: int) -> Send:
    return Send("POST", "/threads/thread_1/messages", numbered(number, number)[0], V1)


def run_on_thread(*messages: JSON) -> Open:
    body = {"assistant_id": "asst_1", **KEY, "additional_messages": [*messages], "stream": True}
    return Open("/threads/thread_1/runs", body, V1)


def test_a_first_turn_carries_the_fields_of_run_and_thread() -> None:
    play(
        run_turn(RICH, asking([HELLO]), STREAM),
        (
            Open(
                "/threads/runs",
                {
                    "assistant_id": "asst_1",
                    "model": "gpt-4o",
                    "temperature": 0.2,
                    "metadata": {"case": "7", "langchain_foundry_agents_turn": "key_1"},
                    "thread": {
                        "metadata": {"user": "ann", "langchain_foundry_agents_turn": "key_1"},
                        "tool_resources": {"file_search": {}},
                        "messages": [{"role": "user", "content": "Hello"}],
                    },
                    "stream": True,
                },
                (("api-version", "2025-05-01"),),
            ),
            OK,
        ),
        *ANSWERED,
    )


def test_a_continued_turn_carries_the_fields_of_the_run_alone() -> None:
    play(
        run_turn(RICH, asking([HELLO], "thread_1", instructions="Be brief."), STREAM),
        (
            Open(
                "/threads/thread_1/runs",
                {
                    "assistant_id": "asst_1",
                    "model": "gpt-4o",
                    "temperature": 0.2,
                    "metadata": {"case": "7", "langchain_foundry_agents_turn": "key_1"},
                    "additional_instructions": "Be brief.",
                    "additional_messages": [{"role": "user", "content": "Hello"}],
                    "stream": True,
                },
                (("api-version", "2025-05-01"),),
            ),
            OK,
        ),
        *ANSWERED,
    )


def test_a_first_turn_with_instructions_is_two_requests() -> None:
    play(
        run_turn(RICH, asking([HELLO], instructions="Be brief."), STREAM),
        (
            Send(
                "POST",
                "/threads",
                {
                    "metadata": {"user": "ann", "langchain_foundry_agents_turn": "key_1"},
                    "tool_resources": {"file_search": {}},
                    "messages": [{"role": "user", "content": "Hello"}],
                },
                MAY,
            ),
            CREATED,
        ),
        (
            Open(
                "/threads/thread_1/runs",
                {
                    "assistant_id": "asst_1",
                    "model": "gpt-4o",
                    "temperature": 0.2,
                    "metadata": {"case": "7", "langchain_foundry_agents_turn": "key_1"},
                    "additional_instructions": "Be brief.",
                    "stream": True,
                },
                MAY,
            ),
            OK,
        ),
        *ANSWERED,
    )


def test_a_turn_does_not_change_the_options_of_its_api() -> None:
    options = {"model": "gpt-4o"}
    api = ThreadsApi("asst_1", "key_1", run_options=options)
    body = {"assistant_id": "asst_1", **KEY, "model": "gpt-4o", "stream": True}

    play(
        run_turn(api, asking([], "thread_1"), STREAM),
        (Open("/threads/thread_1/runs", body, V1), OK),
        *ANSWERED,
    )

    assert options == {"model": "gpt-4o"}


def test_32_messages_go_with_the_run() -> None:
    body = {
        "assistant_id": "asst_1",
        **KEY,
        "thread": {"messages": numbered(1, 32), **KEY},
        "stream": True,
    }

    play(
        run_turn(API, asking(numbered(1, 32)), STREAM),
        (Open("/threads/runs", body, V1), OK),
        *ANSWERED,
    )


def test_33_messages_are_a_thread_of_32_and_a_run_with_the_last() -> None:
    play(
        run_turn(API, asking(numbered(1, 33)), STREAM),
        (Send("POST", "/threads", {"messages": numbered(1, 32), **KEY}, V1), CREATED),
        (run_on_thread(*numbered(33, 33)), OK),
        *ANSWERED,
    )


def test_a_long_history_is_a_thread_of_32_then_single_messages_then_a_run_with_the_last_32() -> (
    None
):
    play(
        run_turn(API, asking(numbered(1, 67)), STREAM),
        (Send("POST", "/threads", {"messages": numbered(1, 32), **KEY}, V1), CREATED),
        (single(33), answered({})),
        (single(34), answered({})),
        (single(35), answered({})),
        (run_on_thread(*numbered(36, 67)), OK),
        *ANSWERED,
    )


def test_many_messages_for_a_known_thread_are_single_ones_and_a_run_with_the_last_32() -> None:
    play(
        run_turn(API, asking(numbered(1, 34), "thread_1"), STREAM),
        (single(1), answered({})),
        (single(2), answered({})),
        (run_on_thread(*numbered(3, 34)), OK),
        *ANSWERED,
    )


def test_a_run_that_fails_to_begin_after_some_of_them_says_that_they_are_there() -> None:
    impatient = Policy(patience=Patience(max_retries=0))

    with pytest.raises(ServiceError) as caught:
        play(
            run_turn(API, asking(numbered(1, 33), "thread_1"), impatient),
            (single(1), answered({})),
            (run_on_thread(*numbered(2, 33)), refused(500)),
            (FIND_RUN, page()),
        )

    assert (caught.value.maybe_accepted, caught.value.is_retryable) == (True, False)


def test_a_thread_that_cannot_take_the_whole_history_is_deleted() -> None:
    with pytest.raises(BadRequestError, match="Too long"):
        play(
            run_turn(API, asking(numbered(1, 65)), STREAM),
            (Send("POST", "/threads", {"messages": numbered(1, 32), **KEY}, V1), CREATED),
            (
                single(33),
                refused(400, "Too long."),
            ),
            (DISCARD, OK),
        )


def test_a_known_thread_with_nothing_new_runs_again() -> None:
    again = Open("/threads/thread_1/runs", {"assistant_id": "asst_1", **KEY, "stream": True}, V1)

    play(run_turn(API, asking([], "thread_1"), STREAM), (again, OK), *ANSWERED)


@pytest.mark.parametrize("thread", [{}, {"id": None}, {"id": 7}], ids=str)
def test_a_thread_without_an_id_is_an_error(thread: JSON) -> None:
    with pytest.raises(ProtocolError, match=r"^The service created a thread without an id\."):
        play(
            run_turn(API, asking([HELLO], instructions="Be brief."), STREAM),
            (Send("POST", "/threads", {"messages": [HELLO], **KEY}, V1), answered(thread)),
            *sought(FIND_THREAD),
        )


def test_the_requests_about_a_run_name_thread_and_run() -> None:
    progress = Progress(STREAM, "thread_1", run("queued"))

    assert API.look(progress) == LOOK
    assert API.cancel(progress) == CANCEL
    assert API.discard(progress) == DISCARD


@pytest.mark.parametrize(
    "event",
    [
        ("thread.created", {"id": "thread_1", "object": "thread"}),
        ("thread.run.created", {"object": "thread.run", "id": "run_1", "thread_id": "thread_1"}),
        ("thread.run.step.created", {"object": "thread.run.step", "thread_id": "thread_1"}),
        ("thread.message.created", {"object": "thread.message", "thread_id": "thread_1"}),
    ],
    ids=lambda event: str(event[0]),
)
def test_the_thread_is_known_from_any_event(event: Event) -> None:
    progress = Progress(STREAM)

    API.note((event,), progress)

    assert progress.thread_id == "thread_1"


def test_the_newest_state_of_the_run_is_kept() -> None:
    progress = Progress(STREAM)
    step = {"object": "thread.run.step", "id": "step_1", "status": "completed"}

    API.note(
        (
            ("thread.run.created", run("queued")),
            ("thread.run.in_progress", run("in_progress")),
            ("thread.run.step.completed", step),
            ("thread.message.delta", {"id": "msg_1", "object": "thread.run"}),
        ),
        progress,
    )

    assert progress.run == run("in_progress")


def test_a_known_thread_is_not_forgotten_for_another() -> None:
    progress = Progress(STREAM, "thread_1")

    API.note((("thread.created", {"id": "thread_2"}),), progress)

    assert progress.thread_id == "thread_1"


def test_a_look_may_bring_a_run_that_does_not_say_that_it_is_one() -> None:
    bare = {"id": "run_1", "status": "completed"}

    play(
        run_turn(API, FIRST, POLL),
        (POST_FIRST, answered(run("queued"))),
        *looked(bare),
        *read_whole(bare, message()),
    )
