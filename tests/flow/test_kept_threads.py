"""Threads and conversations as they are read again, as data: what was said, in order."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_foundry_agents._flow.effects import JSON, Send
from langchain_foundry_agents._flow.entries import Answered, Entry, Given, Said
from langchain_foundry_agents._flow.kept_conversations import read_conversation
from langchain_foundry_agents._flow.kept_threads import read_thread
from langchain_foundry_agents._flow.progress import Outcome
from langchain_foundry_agents._flow.retry import Patience
from langchain_foundry_agents.errors import NotFoundError, ProtocolError, Response

from .player import V1, Step, answered, call, page, play, refused, run

PAGE = (("order", "asc"), ("limit", "100"))
MESSAGES = Send("GET", "/threads/thread_1/messages", None, (*V1, *PAGE))
RUNS = Send("GET", "/threads/thread_1/runs", None, (*V1, *PAGE))
ITEMS = Send("GET", "/openai/v1/conversations/conv_1/items", None, PAGE)
RESPONSES = Send("GET", "/openai/v1/responses", None, (("conversation_id", "conv_1"), *PAGE))
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


def conversation(items: list[JSON], *responses: JSON) -> list[Entry]:
    """What is read of a conversation with these items and responses."""
    flow = read_conversation("/openai/v1", "conv_1", (), Patience())
    return play(flow, (ITEMS, page(*items)), (RESPONSES, page(*responses)))


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

    with pytest.raises(ProtocolError, match="does not go on with it"):
        play(
            read_thread("thread_1", V1, Patience()),
            (MESSAGES, page(asked(), after="msg_0")),
            (again, page(after="msg_0")),
        )


@pytest.mark.parametrize("body", [{}, {"data": {}}, {"data": [1]}], ids=str)
def test_what_is_no_list_is_told(body: JSON) -> None:
    with pytest.raises(ProtocolError, match="listed something that is no list") as raised:
        play(read_thread("thread_1", V1, Patience()), (MESSAGES, answered(body)))

    assert raised.value.thread_id == "thread_1"


def test_what_has_another_form_than_promised_is_told() -> None:
    with pytest.raises(ProtocolError, match="something of a form that is not known"):
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


# Conversations.


def spoken(text: str = "Hello", role: str = "user") -> JSON:
    return {"type": "message", "id": f"msg {text}", "role": role, "content": text}


def by(response_id: str, item: JSON) -> JSON:
    agent = {"name": "helper", "version": "1"}
    return {**item, "created_by": {"response_id": response_id, "agent": agent}}


def test_items_of_a_response_are_one_answer() -> None:
    thought = by("resp_1", {"type": "reasoning", "id": "rs_1"})
    said = by("resp_1", spoken("Hi", "assistant"))
    listed = {"id": "resp_1", "object": "response", "status": "incomplete", "model": "m"}

    question, answer = conversation([spoken(), thought, said], listed)

    assert question == Said(spoken())
    assert isinstance(answer, Answered)
    ((kind, event),) = answer.events
    assert kind == event["type"] == "response.incomplete"
    assert event["response"] == answer.outcome.run
    assert event["response"] == {
        **listed,
        "agent_reference": {"name": "helper", "version": "1"},
        "conversation": {"id": "conv_1"},
        "output": [thought, said],
    }


def test_two_answers_in_a_row_stay_two() -> None:
    first, second = by("resp_1", spoken("a", "assistant")), by("resp_2", spoken("b", "assistant"))

    runs = [entry.outcome.run["id"] for entry in conversation([first, second])]  # type: ignore[union-attr]

    assert runs == ["resp_1", "resp_2"]


def test_items_may_name_their_response_themselves() -> None:
    item = {**spoken("Hi", "assistant"), "response_id": "resp_1", "created_by": "nobody known"}

    (answer,) = conversation([item])

    assert isinstance(answer, Answered)
    assert answer.outcome.run["id"] == "resp_1"


def test_an_answer_that_was_told_names_no_response() -> None:
    (answer,) = conversation([spoken("Hi", "assistant")])

    assert isinstance(answer, Answered)
    assert answer.outcome.run["id"] is None
    assert answer.outcome.run["agent_reference"] is None


def test_calls_and_their_outputs_stand_between_two_answers() -> None:
    called = by("resp_1", {"type": "function_call", "id": "fc_1", "call_id": "call_2", "name": "f"})
    other = by("resp_1", {"type": "function_call", "id": "fc_2", "call_id": "call_1", "name": "f"})
    outputs: list[JSON] = [
        {"type": "function_call_output", "call_id": "call_2", "output": "two"},
        {
            "type": "function_call_output",
            "call_id": "call_1",
            "output": [{"text": "o"}, {"image": 1}, {"text": "ne"}, "x"],
        },
    ]
    said = by("resp_2", spoken("Done", "assistant"))

    asking, *given, answer = conversation([called, other, *outputs, said])

    assert isinstance(asking, Answered)
    assert asking.outcome.run["status"] == "requires_action"
    assert given == [Given("call_2", "two"), Given("call_1", "o\nne")]
    assert isinstance(answer, Answered)
    assert answer.after == "call_1"


@pytest.mark.parametrize(("approve", "said"), [(True, "true"), (False, "false"), (None, "false")])
def test_an_approval_is_given_as_true_or_false(approve: object, said: str) -> None:
    item = {
        "type": "mcp_approval_response",
        "approval_request_id": "mcpr_1",
        "approve": approve,
    }

    assert conversation([item]) == [Given("mcpr_1", said)]


def test_where_responses_are_not_listed_the_items_do() -> None:
    said = by("resp_1", spoken("Hi", "assistant"))

    (answer,) = play(
        read_conversation("/openai/v1", "conv_1", (), Patience()),
        (ITEMS, page(said)),
        (RESPONSES, refused(404)),
    )

    assert isinstance(answer, Answered)
    assert answer.outcome.run["status"] == "completed"


def test_a_conversation_that_is_gone_is_named() -> None:
    gone: Response = refused(404)

    with pytest.raises(NotFoundError) as raised:
        play(read_conversation("/openai/v1", "conv_1", (), Patience()), (ITEMS, gone))

    assert raised.value.thread_id == "conv_1"
