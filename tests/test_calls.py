"""What a run waits for, as tool calls: valid or not, streamed and whole alike."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from folding import (
    CREATED,
    JSON,
    RUN,
    Event,
    answer,
    asking,
    folded,
    function_call,
    summed,
    text,
)
from langchain_core.messages import AIMessage, AIMessageChunk, message_chunk_to_message

from langchain_foundry_agents._answers.calls import map_calls
from langchain_foundry_agents._flow.progress import Outcome
from langchain_foundry_agents._record import Asked, Record
from langchain_foundry_agents.errors import ProtocolError

ADD = function_call("call_1", "add", '{"a": 1, "b": 2}')
FIND = function_call("call_2", "find", '{"city": "Oslo"}')
FETCH = {
    "id": "call_3",
    "type": "mcp",
    "name": "fetch",
    "server_label": "docs",
    "arguments": '{"page": 1}',
}


def whole(message: AIMessageChunk) -> AIMessage:
    """A streamed answer as `invoke` gives it."""
    made = message_chunk_to_message(message)
    assert isinstance(made, AIMessage)
    return made


def call(call_id: str, name: str, args: JSON) -> JSON:
    return {"type": "tool_call", "id": call_id, "name": name, "args": args}


def test_all_calls_of_a_run_are_in_one_message_in_their_order() -> None:
    message = summed(ending=asking(ADD, FIND))

    assert message.tool_calls == [
        call("call_1", "add", {"a": 1, "b": 2}),
        call("call_2", "find", {"city": "Oslo"}),
    ]
    assert message.invalid_tool_calls == []
    assert message.response_metadata["finish_reason"] == "tool_calls"
    assert message.response_metadata["status"] == "requires_action"
    assert message.content == ""


def test_calls_are_streamed_as_chunks_with_the_last_one() -> None:
    fold = answer()
    chunks = [*fold.add([CREATED, text("I add.")]), *fold.finish(asking(ADD, FIND))]

    streamed = [chunk.message for chunk in chunks if isinstance(chunk.message, AIMessageChunk)]
    assert [message.tool_call_chunks for message in streamed] == [
        [],
        [
            {
                "type": "tool_call_chunk",
                "id": "call_1",
                "name": "add",
                "args": '{"a": 1, "b": 2}',
                "index": 0,
            },
            {
                "type": "tool_call_chunk",
                "id": "call_2",
                "name": "find",
                "args": '{"city": "Oslo"}',
                "index": 1,
            },
        ],
    ]


def test_text_before_calls_stays() -> None:
    message = summed(text("I add."), ending=asking(ADD))

    assert message.content == "I add."
    assert message.content_blocks == [
        {"type": "text", "text": "I add.", "index": 0},
        call("call_1", "add", {"a": 1, "b": 2}),
    ]


@pytest.mark.parametrize("arguments", ["", None, "{}"])
def test_a_call_without_arguments_has_none(arguments: str | None) -> None:
    message = summed(ending=asking(function_call("call_1", "now", arguments)))

    assert message.tool_calls == [call("call_1", "now", {})]


@pytest.mark.parametrize(
    "arguments", ['{"city": "Par', '{"city": ', "Paris", "{", "{'a': 1}", "[1]", "5", "null", '"x"']
)
def test_arguments_that_are_no_object_make_an_invalid_call_streamed_and_whole(
    arguments: str,
) -> None:
    streamed = summed(ending=asking(function_call("call_1", "find", arguments)))

    for message in (streamed, whole(streamed)):
        assert message.tool_calls == []
        (invalid,) = message.invalid_tool_calls
        assert (invalid["id"], invalid["name"]) == ("call_1", "find")
        assert str(invalid["args"]).removeprefix("\ufeff") == arguments
        assert [block["type"] for block in message.content_blocks] == ["invalid_tool_call"]


def test_an_invalid_call_does_not_spoil_the_others() -> None:
    message = whole(summed(ending=asking(ADD, function_call("call_2", "find", '{"city": "Par'))))

    assert [found["id"] for found in message.tool_calls] == ["call_1"]
    assert [found["id"] for found in message.invalid_tool_calls] == ["call_2"]


@pytest.mark.parametrize("approval", [False, True])
def test_arguments_that_nest_too_deep_spoil_no_answer(approval: bool) -> None:
    deep = "[" * 100_000
    asked = {**FETCH, "arguments": deep} if approval else function_call("call_3", "find", deep)

    message = folded([[CREATED]], answer(), asking(asked, approval=approval))

    assert [found["id"] for found in message.tool_calls + message.invalid_tool_calls] == ["call_3"]


@pytest.mark.parametrize(("length", "mark"), [(1_000, "\ufeff"), (1_001, "\ufeff}")])
def test_arguments_that_break_off_stand_behind_a_mark(length: int, mark: str) -> None:
    broken = '{"text": "'.ljust(length, "x")

    message = summed(ending=asking(function_call("call_1", "write", broken)))

    assert [found["args"] for found in message.invalid_tool_calls] == [mark + broken]


@pytest.mark.slow
@pytest.mark.timeout(3)
def test_long_arguments_that_break_off_are_told_at_once() -> None:
    long = function_call("call_1", "write", '{"text": "' + "x" * 100_000)

    message = folded([[CREATED]], answer(), asking(long))

    assert [found["id"] for found in message.invalid_tool_calls] == ["call_1"]


@pytest.mark.parametrize(
    ("arguments", "read"),
    [
        ('{"page": 1}', {"page": 1}),
        ("{}", {}),
        ("page one", "page one"),
        (None, None),
        ("[1]", [1]),
    ],
)
def test_an_approval_is_a_call_that_says_what_is_to_be_approved(arguments: Any, read: Any) -> None:
    message = summed(ending=asking({**FETCH, "arguments": arguments}, approval=True))

    assert message.tool_calls == [
        call(
            "call_3",
            "mcp_approval_request",
            {"server_label": "docs", "name": "fetch", "arguments": read},
        )
    ]
    assert message.response_metadata["finish_reason"] == "tool_calls"


def test_what_is_to_be_approved_is_told_in_any_script() -> None:
    fetch = {**FETCH, "arguments": '{"city": "Köln"}'}

    (asked,) = map_calls(asking(fetch, approval=True).run)

    assert asked["args"] == (
        '{"server_label": "docs", "name": "fetch", "arguments": {"city": "Köln"}}'
    )


@pytest.mark.parametrize(
    "action", [None, {}, {"type": "submit_tool_outputs"}, {"type": "unheard", "unheard": {}}]
)
def test_a_run_that_waits_for_nothing_has_no_calls(action: JSON | None) -> None:
    assert map_calls({**RUN, "required_action": action}) == []


def test_whole_and_streamed_answers_have_the_same_calls() -> None:
    streamed = summed(text("I add."), ending=asking(ADD, FIND, function_call("call_9", "x", "{")))

    made = whole(streamed)

    assert made.tool_calls == streamed.tool_calls
    assert made.invalid_tool_calls == streamed.invalid_tool_calls
    assert made.content_blocks[1:] == streamed.content_blocks[1:]


@pytest.mark.parametrize("heard", [[[CREATED]], []], ids=["heard", "looked up"])
def test_the_run_that_asked_for_a_call_is_remembered(heard: list[list[Event]]) -> None:
    record = Record()

    folded(heard, answer(record=partial(record.keep, "talk")), asking(ADD, FIND))

    assert record.find("talk", "call_1") == Asked("thread_1", "run_1", agent_id="asst_1")
    assert record.find("talk", "call_2") == Asked("thread_1", "run_1", agent_id="asst_1")


def test_that_its_thread_is_to_be_deleted_is_remembered_with_it() -> None:
    record = Record()

    folded(
        [[CREATED]],
        answer(record=partial(record.keep, "talk")),
        Outcome(asking(ADD).run, temporary=True),
    )

    assert record.find("talk", "call_1") == Asked(
        "thread_1", "run_1", temporary=True, agent_id="asst_1"
    )


def test_an_answer_without_calls_is_not_remembered() -> None:
    record = Record()

    folded([[CREATED, text("Hi")]], answer(record=partial(record.keep, "talk")))

    assert record._asked == {}


def test_an_answer_that_was_cut_asks_for_nothing() -> None:
    message = summed(text("One END two"), ending=asking(ADD), stop=["END"])

    assert (message.content, message.tool_calls) == ("One ", [])
    assert message.response_metadata["finish_reason"] == "stop"


@pytest.mark.parametrize(
    "ending",
    [
        asking({"id": "call_1", "type": "function"}),
        asking({"type": "function", "function": {"name": "add"}}),
        asking({"id": "call_1", "type": "dance"}),
        Outcome({**RUN, "usage": "none"}),
        Outcome({**RUN, "incomplete_details": "none"}),
    ],
)
def test_an_end_of_a_broken_shape_is_a_protocol_error(ending: Outcome) -> None:
    with pytest.raises(ProtocolError, match=r"^The run has a form that is not known\."):
        answer().finish(ending)


CUT_OFF = {
    "id": "call_4",
    "type": "function",
    "function": {"name": "add", "arguments": '{"a": '},
}


@pytest.mark.parametrize("reason", ["max_output_tokens", None])
def test_calls_that_a_run_was_cut_in_are_invalid_however_whole_they_look(
    reason: str | None,
) -> None:
    """A call that was cut must not run: https://github.com/strands-agents/harness-sdk/pull/4139."""
    run = {
        **RUN,
        "status": "incomplete",
        "incomplete_details": {"reason": reason} if reason else None,
        "cut_calls": [ADD, FETCH, CUT_OFF],
    }
    record = Record()

    message = whole(folded([[CREATED, text("Let me")]], answer(record=record), Outcome(run)))

    assert message.tool_calls == []
    assert [call["id"] for call in message.invalid_tool_calls] == ["call_1", "call_3", "call_4"]
    assert '{"a": 1, "b": 2}' in (message.invalid_tool_calls[0]["args"] or "")
    assert message.response_metadata["finish_reason"] == "length"
    assert record.find("thread_1", "call_1") is None


def test_arguments_that_come_as_an_object_are_those_arguments() -> None:
    told = {"id": "call_1", "type": "function", "function": {"name": "add", "arguments": {"a": 1}}}

    assert summed(ending=asking(told)).tool_calls == [call("call_1", "add", {"a": 1})]
