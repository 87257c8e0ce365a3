"""Threads as they are read again, as data: what was said, in order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from langchain_foundry_agents._flow.effects import JSON, Send
from langchain_foundry_agents._flow.entries import Answered, Entry, Given, Said
from langchain_foundry_agents._flow.kept_threads import read_thread
from langchain_foundry_agents._flow.progress import Outcome
from langchain_foundry_agents._flow.retry import Patience
from langchain_foundry_agents.errors import NotFoundError, ProtocolError

from .player import V1, Step, answered, call, limited, page, play, refused, run

PAGE = (("order", "asc"), ("limit", "100"))
MESSAGES = Send("GET", "/threads/thread_1/messages", None, (*V1, *PAGE))
RUNS = Send("GET", "/threads/thread_1/runs", None, (*V1, *PAGE))
TOOLS = [{"type": "code_interpreter"}]


def steps_of(run_id: str, *, over: bool = True) -> Send:
    path = f"/threads/thread_1/runs/{run_id}/steps"
    return Send("GET", path, None, (*V1, *PAGE), fresh_for=3600.0 if over else 0.0)


def asked(id_: str = "msg_0", **more: Any) -> JSON:
    return {"id": id_, "object": "thread.message", "role": "user", "run_id": None, **more}


def wrote(id_: str = "msg_1", run_id: str | None = "run_1", **more: Any) -> JSON:
    return {**asked(id_, **more), "role": "assistant", "run_id": run_id, "thread_id": "thread_1"}


def writing(message_id: str) -> JSON:
    details = {"type": "message_creation", "message_creation": {"message_id": message_id}}
    return {"id": f"step of {message_id}", "status": "completed", "step_details": details}


def calling(*calls: JSON, status: str = "completed") -> JSON:
    return {"status": status, "step_details": {"type": "tool_calls", "tool_calls": [*calls]}}


def with_output(call_: JSON, output: str) -> JSON:
    return {**call_, "function": {**call_["function"], "output": output}}


def completed(message: JSON) -> tuple[str, JSON]:
    return "thread.message.completed", message


def thread(messages: list[JSON], runs: list[JSON], *steps: tuple[Send, list[JSON]]) -> list[Entry]:
    """What is read of a thread with these messages, runs and steps."""
    listed: list[Step] = [(send, page(*found)) for send, found in steps]
    script: list[Step] = [(MESSAGES, page(*messages)), (RUNS, page(*runs)), *listed]
    return play(read_thread("thread_1", V1, Patience()), *script)


def test_a_request_that_is_one_too_many_is_made_again() -> None:
    second = replace(MESSAGES, query=(*MESSAGES.query, ("after", "msg_0")))
    requests: list[Step] = [
        (MESSAGES, page(asked(), after="msg_0")),
        (second, page()),
        (RUNS, page(run("completed", tools=TOOLS))),
        (steps_of("run_1"), page()),
    ]

    play(read_thread("thread_1", V1, Patience()), *limited(*requests))


def test_a_question_and_its_answer_stand_in_order() -> None:
    done = run("completed")

    assert thread([asked(), wrote()], [done]) == [
        Said(asked()),
        Answered((("thread.run", done), completed(wrote())), Outcome(done)),
    ]


def test_all_pages_of_a_list_are_read() -> None:
    done, second = run("completed"), Send("GET", MESSAGES.path, None, ())
    second = Send("GET", MESSAGES.path, None, (*MESSAGES.query, ("after", "msg_0")))

    entries = play(
        read_thread("thread_1", V1, Patience()),
        (MESSAGES, page(asked(), after="msg_0")),
        (second, page(wrote())),
        (RUNS, page(done)),
    )

    assert [type(entry) for entry in entries] == [Said, Answered]


def test_a_list_that_never_ends_is_told() -> None:
    again = Send("GET", MESSAGES.path, None, (*MESSAGES.query, ("after", "msg_0")))

    with pytest.raises(
        ProtocolError, match=r"^The service promised more of a list and does not go on with it\."
    ):
        play(
            read_thread("thread_1", V1, Patience()),
            (MESSAGES, page(asked(), after="msg_0")),
            (again, page(after="msg_0")),
        )


@pytest.mark.parametrize("body", [{}, {"data": {}}, {"data": [1]}], ids=str)
def test_what_is_no_list_is_told(body: JSON) -> None:
    with pytest.raises(
        ProtocolError, match=r"^The service listed something that is no list\."
    ) as raised:
        play(read_thread("thread_1", V1, Patience()), (MESSAGES, answered(body)))

    assert raised.value.thread_id == "thread_1"


def test_what_has_another_form_than_promised_is_told() -> None:
    with pytest.raises(
        ProtocolError, match=r"^The thread holds something of a form that is not known\."
    ):
        thread([asked()], [{"object": "thread.run"}])


def test_a_thread_that_is_gone_is_named() -> None:
    with pytest.raises(NotFoundError) as raised:
        play(read_thread("thread_1", V1, Patience()), (MESSAGES, refused(404)))

    assert raised.value.thread_id == "thread_1"


def test_steps_stand_among_the_messages_that_they_led_to() -> None:
    done = run("completed", tools=TOOLS)
    code = calling({"id": "call_1", "type": "code_interpreter"})
    steps = [writing("msg_1"), code, writing("msg_2"), writing("gone")]
    messages = [asked(), wrote("msg_1"), wrote("msg_2"), wrote("msg_3")]

    _, answer = thread(messages, [done], (steps_of("run_1"), steps))

    assert answer == Answered(
        (
            ("thread.run", done),
            completed(wrote("msg_1")),
            ("thread.run.step.completed", code),
            completed(wrote("msg_2")),
            completed(wrote("msg_3")),
        ),
        Outcome(done),
    )


def test_a_run_that_called_the_callers_tools_gives_two_answers() -> None:
    add, mul = call("call_2", "add"), call("call_1", "mul")
    done = run("completed", tools=TOOLS, usage={"total_tokens": 9})
    called = calling(with_output(add, "3"), mul)

    entries = thread([asked(), wrote()], [done], (steps_of("run_1"), [called, writing("msg_1")]))

    asking, given, answer = entries[1:]
    assert isinstance(asking, Answered)
    assert asking.outcome.run == {
        **done,
        "status": "requires_action",
        "required_action": {
            "type": "submit_tool_outputs",
            "submit_tool_outputs": {"tool_calls": [add, mul]},
        },
        "usage": None,
    }
    assert asking.after is None
    assert given == Given("call_2", "3")
    events = (("thread.run", done), completed(wrote()))
    assert answer == Answered(events, Outcome(done), after="call_1")


def test_a_run_that_called_twice_gives_three_answers_each_after_the_calls_of_the_last() -> None:
    done = run("completed", tools=TOOLS)
    first, second = calling(call("call_1")), calling(call("call_2"))
    steps = [writing("msg_1"), first, second, writing("msg_2")]
    messages = [asked(), wrote("msg_1"), wrote("msg_2")]

    entries = thread(messages, [done], (steps_of("run_1"), steps))

    told = [(one.events, one.after) for one in entries if isinstance(one, Answered)]
    begun = ("thread.run", done)
    assert told == [
        ((begun, completed(wrote("msg_1")), ("thread.run.step.completed", first)), None),
        ((begun, ("thread.run.step.completed", second)), "call_1"),
        ((begun, completed(wrote("msg_2"))), "call_2"),
    ]


def test_answers_of_several_messages_stand_after_their_own_questions() -> None:
    first, second = run("completed"), run("completed", id="run_2")
    messages = [
        asked("msg_0"),
        wrote("msg_1"),
        wrote("msg_2"),
        asked("msg_3"),
        wrote("msg_4", "run_2"),
    ]

    assert thread(messages, [first, second]) == [
        Said(asked("msg_0")),
        Answered(
            (("thread.run", first), completed(wrote("msg_1")), completed(wrote("msg_2"))),
            Outcome(first),
        ),
        Said(asked("msg_3")),
        Answered((("thread.run", second), completed(wrote("msg_4", "run_2"))), Outcome(second)),
    ]


def test_a_run_that_waits_is_told_once() -> None:
    waiting = run("requires_action", tools=TOOLS, created_at=5)
    called = calling(call("call_1"), status="in_progress")

    entries = thread([asked(created_at=5)], [waiting], (steps_of("run_1", over=False), [called]))

    assert [type(entry) for entry in entries] == [Said, Answered]


def test_a_run_that_waits_for_an_approval_is_told_as_it_is() -> None:
    waiting = run("requires_action", tools=TOOLS)

    entries = thread([asked()], [waiting], (steps_of("run_1", over=False), []))

    assert entries[1:] == [Answered((("thread.run", waiting),), Outcome(waiting))]


def test_an_answer_without_words_is_one_all_the_same() -> None:
    done = run("completed")

    assert thread([asked()], [done])[1:] == [Answered((("thread.run", done),), Outcome(done))]


@pytest.mark.parametrize("status", ["failed", "cancelled", "in_progress"])
def test_a_run_that_said_nothing_is_not_told(status: str) -> None:
    assert thread([asked()], [run(status)]) == [Said(asked())]


def test_a_run_that_wrote_nothing_stands_before_what_is_younger() -> None:
    called = calling(call("call_1"))
    left = run("cancelled", tools=TOOLS, created_at=2)
    done = {**run("completed"), "id": "run_2", "created_at": 4}
    first, second = asked(created_at=2), asked("msg_2", created_at=3)
    answer = wrote("msg_3", "run_2", created_at=4)

    entries = thread([first, second, answer], [left, done], (steps_of("run_1"), [called]))

    kinds = [entry.message["id"] if isinstance(entry, Said) else "answer" for entry in entries]
    assert kinds == ["msg_0", "answer", "msg_2", "answer"]


def test_an_answer_that_no_run_wrote_was_told() -> None:
    told = wrote("msg_1", None)
    nobodys = {"object": "thread.run", "thread_id": "thread_1", "status": "completed"}

    assert thread([asked(), told], [])[1:] == [Answered((completed(told),), Outcome(nobodys))]
