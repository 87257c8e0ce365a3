"""A polled turn: one look after the other, then the messages of this run and no other."""

from __future__ import annotations

import pytest

from langchain_foundry_agents._flow.effects import Emit, Heard, Pause, Send
from langchain_foundry_agents._flow.progress import Ask, Outcome, Policy
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import NotFoundError, ProtocolError, Response, RunFailedError

from .player import (
    ANSWER,
    API,
    FIND_THREAD,
    FIRST,
    GROWING,
    HELLO,
    KEY,
    LOOK,
    MOMENT,
    NEXT,
    POLL,
    POST_FIRST,
    STEPS,
    V1,
    answered,
    call,
    growing,
    handed_on,
    limited,
    message,
    page,
    play,
    read_whole,
    refused,
    run,
    sought,
)
from .tools import OUTPUTS, SUBMIT_POLLED

DONE = run("completed")
POST_WITHOUT = Send(
    "POST", "/threads/thread_1/runs", {"assistant_id": "asst_1", **KEY, "stream": False}, V1
)


def test_a_polled_first_turn_creates_looks_and_reads() -> None:
    outcome = play(
        run_turn(API, FIRST, POLL),
        (
            Send(
                "POST",
                "/threads/runs",
                {
                    "assistant_id": "asst_1",
                    **KEY,
                    "thread": {"messages": [{"role": "user", "content": "Hello"}], **KEY},
                    "stream": False,
                },
                (("api-version", "v1"),),
            ),
            answered(run("queued")),
        ),
        (Pause(0.025, 0.05), None),
        (
            Send("GET", "/threads/thread_1/runs/run_1", None, (("api-version", "v1"),)),
            answered(DONE),
        ),
        (
            Send(
                "GET",
                "/threads/thread_1/messages",
                None,
                (
                    ("api-version", "v1"),
                    ("run_id", "run_1"),
                    ("order", "asc"),
                    ("limit", "100"),
                ),
            ),
            page(message("Hi")),
        ),
        (
            Emit((("thread.run", DONE), ("thread.message.completed", message("Hi")))),
            Heard(something=True),
        ),
    )

    assert outcome == Outcome(DONE)


def test_looks_come_after_longer_and_longer_waits_of_at_most_two_seconds() -> None:
    waits = growing()
    working = (LOOK, answered(run("in_progress")))
    looks = [step for wait in waits for step in ((wait, None), working)]
    looks[-1] = (LOOK, answered(DONE))

    play(
        run_turn(API, FIRST, POLL),
        (POST_FIRST, answered(run("queued"))),
        *looks,
        *read_whole(DONE, message()),
    )

    assert [round(wait.at_most, 3) for wait in waits] == GROWING


@pytest.mark.parametrize("last_id", ["msg_1", None], ids=str)
def test_messages_are_read_page_after_page(last_id: str | None) -> None:
    first, second = message("a", id="msg_1"), message("b", id="msg_2")
    next_page = Send("GET", ANSWER.path, None, (*ANSWER.query, ("after", "msg_1")))

    play(
        run_turn(API, FIRST, POLL),
        (POST_FIRST, answered(DONE)),
        (ANSWER, answered({"data": [first], "has_more": True, "last_id": last_id})),
        (next_page, page(second)),
        handed_on(DONE, first, second),
    )


def test_messages_of_other_runs_and_of_the_user_are_left_out() -> None:
    others = message(run_id="run_2"), message(run_id=None), message(role="user")

    play(
        run_turn(API, FIRST, POLL),
        (POST_FIRST, answered(DONE)),
        (ANSWER, page(others[0], message(), *others[1:])),
        handed_on(DONE, message()),
    )


def test_a_look_is_repeated_where_the_service_fails() -> None:
    play(
        run_turn(API, FIRST, POLL),
        (POST_FIRST, answered(run("queued"))),
        (MOMENT, None),
        (LOOK, refused(503)),
        (Pause(0.25, 0.5), None),
        (LOOK, answered(DONE)),
        (ANSWER, page()),
        handed_on(DONE),
    )


def test_each_request_that_is_one_too_many_is_made_again() -> None:
    ended = run("completed", tools=[{"type": "code_interpreter"}])

    play(
        run_turn(API, FIRST, POLL),
        *limited((POST_FIRST, answered(ended)), (ANSWER, page(message())), (STEPS, page())),
        handed_on(ended, message()),
    )


def test_a_list_of_messages_that_is_none_is_told() -> None:
    with pytest.raises(ProtocolError, match="listed something that is no list") as raised:
        play(
            run_turn(API, FIRST, POLL),
            (POST_FIRST, answered(DONE)),
            (ANSWER, answered({"data": None, "has_more": False})),
        )

    assert raised.value.run_id == "run_1"


def test_a_polled_run_that_failed_for_a_passing_reason_runs_again() -> None:
    failed = run("failed", last_error={"code": "server_error", "message": "Sorry."})

    outcome = play(
        run_turn(API, FIRST, POLL),
        (POST_FIRST, answered(failed)),
        (Pause(0.25, 0.5), None),
        (POST_WITHOUT, answered(DONE)),
        *read_whole(DONE, message()),
    )

    assert outcome == Outcome(DONE, attempts=2)


def test_a_polled_run_that_failed_for_good_is_raised() -> None:
    failed = run("failed", last_error={"code": "invalid_image", "message": "No image."})

    with pytest.raises(RunFailedError) as caught:
        play(run_turn(API, FIRST, POLL), (POST_FIRST, answered(failed)))

    assert str(caught.value) == (
        "The run failed: No image. [code invalid_image, thread thread_1, run run_1] "
        "Change what the message says names; to ask the same again does not help."
    )


def test_a_polled_turn_forks_too() -> None:
    post_next = Send(
        "POST",
        "/threads/thread_1/runs",
        {
            "assistant_id": "asst_1",
            **KEY,
            "additional_messages": [{"role": "user", "content": "Again"}],
            "stream": False,
        },
        V1,
    )

    outcome = play(
        run_turn(API, Ask(NEXT.new, lambda: (HELLO,), "thread_1", from_history=True), POLL),
        (post_next, refused(404, "No thread found with id 'thread_1'.")),
        (POST_FIRST, answered(DONE)),
        *read_whole(DONE, message()),
    )

    assert outcome == Outcome(DONE, forked_from="thread_1")


@pytest.mark.parametrize("body", ["<html>", "[]", '"run"', ""])
def test_a_creating_answer_that_is_no_object_is_an_error(body: str) -> None:
    with pytest.raises(ProtocolError, match="something else than was asked for"):
        play(
            run_turn(API, FIRST, POLL), (POST_FIRST, Response(200, {}, body)), *sought(FIND_THREAD)
        )


def test_a_run_without_a_status_is_an_error() -> None:
    with pytest.raises(ProtocolError, match="the status None"):
        play(run_turn(API, FIRST, POLL), (POST_FIRST, answered({})), *sought(FIND_THREAD))


def test_a_thread_that_goes_while_it_is_polled_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        play(
            run_turn(API, FIRST, Policy(stream=False, on_divergence="raise")),
            (POST_FIRST, answered(run("queued"))),
            (MOMENT, None),
            (LOOK, refused(404)),
            (Send("POST", f"{LOOK.path}/cancel", None, V1, repeatable=True), refused(404)),
        )


TOOLED = run("completed", tools=[{"type": "code_interpreter"}])


def step(number: int, status: str = "completed", **details: object) -> dict[str, object]:
    ids = {"id": f"step_{number}", "object": "thread.run.step", "run_id": "run_1"}
    return {**ids, "status": status, "step_details": details}


def writes(message_id: str, number: int = 9) -> dict[str, object]:
    return step(number, message_creation={"message_id": message_id})


def test_steps_and_messages_of_a_run_with_tools_come_in_the_order_of_its_steps() -> None:
    first, second = message("a", id="msg_1"), message("b", id="msg_2")
    computed, searched = step(2, tool_calls=[]), step(4, "failed", tool_calls=[])

    play(
        run_turn(API, FIRST, POLL),
        (POST_FIRST, answered(TOOLED)),
        (ANSWER, page(first, second)),
        (STEPS, page(writes("msg_1"), computed, writes("msg_2"), searched)),
        (
            Emit(
                (
                    ("thread.run", TOOLED),
                    ("thread.message.completed", first),
                    ("thread.run.step.completed", computed),
                    ("thread.message.completed", second),
                    ("thread.run.step.failed", searched),
                )
            ),
            Heard(something=True),
        ),
    )


def test_a_message_that_no_step_names_comes_last_and_a_step_without_a_message_tells_nothing() -> (
    None
):
    first, second = message("a", id="msg_1"), message("b", id="msg_2")
    bare = {"id": "step_1", "status": "in_progress", "step_details": None}

    play(
        run_turn(API, FIRST, POLL),
        (POST_FIRST, answered(TOOLED)),
        (ANSWER, page(first, second)),
        (STEPS, page(writes("msg_7"), bare, writes("msg_2"))),
        (
            Emit(
                (
                    ("thread.run", TOOLED),
                    ("thread.run.step.in_progress", bare),
                    ("thread.message.completed", second),
                    ("thread.message.completed", first),
                )
            ),
            Heard(something=True),
        ),
    )


def test_steps_are_read_page_after_page() -> None:
    one, two = step(1, tool_calls=[]), step(2, tool_calls=[])
    events = ("thread.run.step.completed", one), ("thread.run.step.completed", two)

    play(
        run_turn(API, FIRST, POLL),
        (POST_FIRST, answered(TOOLED)),
        (ANSWER, page()),
        (STEPS, page(one, after="step_1")),
        (Send("GET", STEPS.path, None, (*STEPS.query, ("after", "step_1"))), page(two)),
        (Emit((("thread.run", TOOLED), *events)), Heard(something=True)),
    )


def test_what_a_run_said_before_the_calls_that_are_answered_is_not_told_again() -> None:
    before, after = message("Let me add.", id="msg_1"), message("It is 42.", id="msg_2")
    added = step(2, tool_calls=[call("call_1")])

    play(
        run_turn(API, OUTPUTS, POLL),
        (SUBMIT_POLLED, answered(TOOLED)),
        (ANSWER, page(before, after)),
        (STEPS, page(writes("msg_1"), added, writes("msg_2"))),
        (
            Emit(
                (
                    ("thread.run", TOOLED),
                    ("thread.run.step.completed", added),
                    ("thread.message.completed", after),
                )
            ),
            Heard(something=True),
        ),
    )


BROKEN_PAGES = [{"data": ["x"]}, {"data": 5}, {"data": [[]]}]


@pytest.mark.parametrize("body", BROKEN_PAGES, ids=str)
def test_a_broken_page_of_messages_is_a_protocol_error(body: object) -> None:
    with pytest.raises(ProtocolError):
        play(run_turn(API, FIRST, POLL), (POST_FIRST, answered(DONE)), (ANSWER, answered(body)))
