"""Tool calls of a history as input items of a response: each beside its output, or told as text."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    InvalidToolCall,
    SystemMessage,
    ToolCall,
    ToolMessage,
)

from langchain_foundry_agents._messages.items import input_items

JSON = dict[str, Any]
URL = "https://example.com/cat.png"
ASKED = {"type": "message", "role": "user", "content": "one"}
ADD = {"type": "function_call", "call_id": "call_1", "name": "add", "arguments": '{"a":1}'}
ADDED = {"type": "function_call_output", "call_id": "call_1", "output": "3"}
RESULT = {"type": "message", "role": "user", "content": "[result of call_1]\n3"}


def items(*messages: BaseMessage) -> list[JSON]:
    return list(input_items(messages))


def said(text: str) -> JSON:
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"type": "message", "role": "assistant", "content": [part]}


def call(call_id: str | None = "call_1", name: str = "add", **args: Any) -> ToolCall:
    return ToolCall(name=name, args=args, id=call_id)


def calling(*calls: ToolCall, text: str = "") -> AIMessage:
    return AIMessage(text, tool_calls=list(calls))


def broken(args: str | None, name: str | None = "add") -> AIMessage:
    invalid = InvalidToolCall(
        name=name, args=args, id="call_1", error="No JSON.", type="invalid_tool_call"
    )
    return AIMessage("", invalid_tool_calls=[invalid])


def output(text: str = "3", call_id: str = "call_1", **fields: Any) -> ToolMessage:
    return ToolMessage(text, tool_call_id=call_id, **fields)


def test_a_call_and_its_output_are_items_beside_the_text() -> None:
    assert items(calling(call(a=1), text="Let me see."), output()) == [
        said("Let me see."),
        {"type": "function_call", "call_id": "call_1", "name": "add", "arguments": '{"a":1}'},
        {"type": "function_call_output", "call_id": "call_1", "output": "3"},
    ]


def test_arguments_are_compact_json_in_any_script() -> None:
    item, _ = items(calling(call(city="Köln", days=[1, 2])), output())

    assert item["arguments"] == '{"city":"Köln","days":[1,2]}'


def test_calls_keep_their_order_and_outputs_stand_where_they_stood() -> None:
    messages = calling(call("call_1", a=1), call("call_2", "sub"))

    assert items(messages, output("4", "call_2"), HumanMessage("one"), output()) == [
        ADD,
        {"type": "function_call", "call_id": "call_2", "name": "sub", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_2", "output": "4"},
        ASKED,
        ADDED,
    ]


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (output("No.", status="error"), "Error: No."),
        (output(""), ""),
        (ToolMessage([{"type": "text", "text": "3"}], tool_call_id="call_1"), "3"),
    ],
)
def test_an_output_is_the_tools_text(message: ToolMessage, text: str) -> None:
    assert items(calling(call()), message)[1]["output"] == text


def test_a_call_without_output_is_told_in_the_answer() -> None:
    both = calling(call(a=1), call("call_2", "sub", b=2), text="Let me see.")

    assert items(both, output()) == [
        said('Let me see.\n[called sub with {"b": 2}]'),
        ADD,
        ADDED,
    ]


def test_an_output_without_its_call_is_told_by_the_user() -> None:
    assert items(output(), HumanMessage("one")) == [RESULT, ASKED]


def test_an_output_after_the_next_answer_comes_too_late_for_the_call() -> None:
    assert items(calling(call(a=1)), AIMessage("A"), output()) == [
        said('[called add with {"a": 1}]'),
        said("A"),
        RESULT,
    ]


def test_ids_that_repeat_from_turn_to_turn_are_paired_within_their_turn() -> None:
    assert items(calling(call(a=1)), output(), calling(call(a=1)), output("4")) == [
        ADD,
        ADDED,
        ADD,
        {"type": "function_call_output", "call_id": "call_1", "output": "4"},
    ]


def test_a_call_whose_next_namesake_is_answered_is_told() -> None:
    assert items(calling(call(b=2)), calling(call(a=1)), output()) == [
        said('[called add with {"b": 2}]'),
        ADD,
        ADDED,
    ]


def test_an_id_that_repeats_within_a_turn_is_paired_once() -> None:
    assert items(calling(call(a=1), call(b=2)), output(), output("4")) == [
        said('[called add with {"b": 2}]'),
        ADD,
        ADDED,
        {"type": "message", "role": "user", "content": "[result of call_1]\n4"},
    ]


def test_a_call_with_invalid_arguments_keeps_them_as_they_came() -> None:
    assert items(broken('{"a":'), output("Error: no JSON.")) == [
        {"type": "function_call", "call_id": "call_1", "name": "add", "arguments": '{"a":'},
        {"type": "function_call_output", "call_id": "call_1", "output": "Error: no JSON."},
    ]
    assert items(broken('{"a":')) == [said('[called add with {"a":]')]


def test_a_call_without_a_name_is_told_as_text() -> None:
    assert items(broken("{}", name=None), output()) == [said("[called a tool with {}]"), RESULT]


@pytest.mark.parametrize("call_id", [None, ""])
def test_a_call_without_an_id_is_told_as_text(call_id: str | None) -> None:
    assert items(calling(call(call_id, a=1)), output(call_id="")) == [
        said('[called add with {"a": 1}]'),
        {"type": "message", "role": "user", "content": "[result of ]\n3"},
    ]


def test_an_approval_and_its_answer_are_told_as_text() -> None:
    asking = calling(call("mcpr_1", "mcp_approval_request", server_label="docs"), call(a=1))

    assert items(asking, output("true", "mcpr_1"), output()) == [
        said('[called mcp_approval_request with {"server_label": "docs"}]'),
        ADD,
        {"type": "message", "role": "user", "content": "[result of mcpr_1]\ntrue"},
        ADDED,
    ]


IDS = st.sampled_from(["call_1", "call_2", ""])
NAMES = st.sampled_from(["add", "sub", "mcp_approval_request", ""])
CALLS = st.builds(ToolCall, name=NAMES, args=st.just({}), id=IDS | st.none())
INVALID = st.builds(
    InvalidToolCall,
    type=st.just("invalid_tool_call"),
    name=NAMES | st.none(),
    args=st.just("{") | st.none(),
    id=IDS | st.none(),
    error=st.none(),
)
ANSWERS = st.builds(
    AIMessage,
    st.sampled_from(["", "A"]),
    tool_calls=st.lists(CALLS, max_size=3),
    invalid_tool_calls=st.lists(INVALID, max_size=1),
)
OUTPUTS = st.builds(ToolMessage, st.just("3"), tool_call_id=IDS)
OTHERS = st.sampled_from(
    [
        HumanMessage("one"),
        HumanMessage(["See", {"type": "image", "url": URL}]),
        SystemMessage("Be brief."),
        ChatMessage(role="assistant", content="A"),
        FunctionMessage(content="3", name="add"),
    ]
)


@given(st.lists(ANSWERS | OUTPUTS | OTHERS, max_size=10))
def test_whatever_the_history_every_call_has_its_output_after_it(
    messages: list[BaseMessage],
) -> None:
    waiting: Counter[str] = Counter()

    for item in items(*messages):
        match item["type"]:
            case "function_call":
                waiting[item["call_id"]] += 1
                assert waiting[item["call_id"]] == 1, "two calls wait under one id"
            case "function_call_output":
                waiting[item["call_id"]] -= 1
                assert waiting[item["call_id"]] == 0, "an output answers no call"
            case other:
                assert other == "message"
                assert item["content"]

    assert waiting.total() == 0


# Pictures and files that tools give. Form: OpenAI's specification of the Responses API,
# `FunctionCallOutputItemParam`: a text, or a list of input_text, input_image and input_file.

IMAGE = {"type": "image", "base64": "QUJD", "mime_type": "image/png"}
PNG = {"type": "input_image", "image_url": "data:image/png;base64,QUJD"}
SEE, TOLD = {"type": "text", "text": "See:"}, {"type": "input_text", "text": "See:"}
OPENAIS_FILE = {
    "type": "file",
    "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,QUJD"},
}
PDF = {
    "type": "input_file",
    "filename": "a.pdf",
    "file_data": "data:application/pdf;base64,QUJD",
}
SOUND = (
    '{"type": "audio", "mime_type": "audio/wav", "bytes": 3, '
    '"content": "left out, as it cannot be read as text"}'
)
BITMAP = (
    '{"type": "image", "mime_type": "image/bmp", "bytes": 3, '
    '"content": "left out, as it cannot be read as text"}'
)


@pytest.mark.parametrize(
    ("blocks", "output"),
    [
        ([SEE, IMAGE], [TOLD, PNG]),
        ([IMAGE], [PNG]),
        ([IMAGE, SEE, IMAGE], [PNG, TOLD, PNG]),
        ([{"type": "image", "data": "QUJD", "mimeType": "image/png"}], [PNG]),
        ([{"type": "image_url", "image_url": {"url": PNG["image_url"]}}], [PNG]),
        ([PNG], [PNG]),
        ([{"type": "image", "file_id": "f_1"}], [{"type": "input_image", "file_id": "f_1"}]),
        ([OPENAIS_FILE], [PDF]),
        ([PDF], [PDF]),
        ([{"type": "file", "url": URL}], [{"type": "input_file", "file_url": URL}]),
        (
            [SEE, {"type": "audio", "base64": "QUJD", "mime_type": "audio/wav"}],
            [TOLD, {"type": "input_text", "text": SOUND}],
        ),
        ([{**IMAGE, "mime_type": "image/bmp"}], [{"type": "input_text", "text": BITMAP}]),
    ],
)
def test_pictures_and_files_of_a_tool_are_shown(blocks: list[Any], output: list[JSON]) -> None:
    result = ToolMessage(blocks, tool_call_id="call_1")

    assert items(HumanMessage("one"), calling(call()), result)[-1] == {
        "type": "function_call_output",
        "call_id": "call_1",
        "output": output,
    }


def test_a_tool_that_failed_says_so_before_its_picture() -> None:
    result = ToolMessage([IMAGE], tool_call_id="call_1", status="error")

    output = items(HumanMessage("one"), calling(call()), result)[-1]["output"]

    assert output == [{"type": "input_text", "text": "Error: "}, PNG]


def test_a_picture_for_a_call_that_is_not_there_is_shown_to_the_agent() -> None:
    result = ToolMessage([SEE, IMAGE], tool_call_id="call_9")

    assert items(result)[-1] == {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": "[result of call_9]\n"}, TOLD, PNG],
    }


# Ids of calls: the service takes 64 characters (Azure/azure-sdk-for-python#46307).


@pytest.mark.parametrize("length", [64, 65, 400])
def test_an_id_that_is_too_long_is_shortened_alike_in_call_and_output(length: int) -> None:
    one, other = "a" * length, "a" * (length - 1) + "b"
    outputs = [ToolMessage(id_, tool_call_id=id_) for id_ in (one, other)]

    sent = items(HumanMessage("one"), calling(call(one), call(other)), *outputs)[1:]

    calls, results = [item["call_id"] for item in sent[:2]], [item["call_id"] for item in sent[2:]]
    assert calls == results
    assert len(set(calls)) == 2
    assert max(map(len, calls)) <= 64
    assert (calls == [one, other]) is (length == 64)
