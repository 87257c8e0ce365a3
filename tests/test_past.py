"""The mark of a history: the same on every way through LangChain, and another for every edit."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from folding import (
    answer,
    folded,
    image,
    text,
)
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.load import dumps, load
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    message_chunk_to_message,
    messages_from_dict,
    messages_to_dict,
)
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from langchain_foundry_agents._messages.past import Past, read_mark

PNG = "iVBORw0KGgo="
PICTURE = {"type": "image", "base64": PNG, "mime_type": "image/png"}
CALL: Any = {"name": "pay", "args": {"amount": 20.0, "to": ["Ana"]}, "id": "call_1"}
STEP = {"type": "server_tool_call", "id": "ci_1", "name": "code_interpreter", "args": {"code": "1"}}
TEXT = {"type": "text", "text": "1"}
RESULT = {"type": "server_tool_result", "tool_call_id": "ci_1", "status": "success", "output": "1"}


def ours(content: Any, *calls: Any, mark: str | None = None, **metadata: Any) -> AIMessage:
    told = {"model_provider": "azure_ai_foundry", "thread_id": "thread_1", **metadata}
    if mark is not None:
        told["history_digest"] = mark
    return AIMessage(content, tool_calls=[*calls], response_metadata=told)


def sealed(*messages: BaseMessage, **how: Any) -> list[BaseMessage]:
    """A history whose last message is an answer with its mark."""
    *before, last = messages
    assert isinstance(last, AIMessage)
    content = last.content if isinstance(last.content, list) else [last.content]
    chunk = AIMessageChunk(
        content="", tool_calls=last.tool_calls, invalid_tool_calls=last.invalid_tool_calls
    )
    # The leading text of an answer comes in chunks of text, its blocks in chunks of blocks.
    contents = [block if isinstance(block, str) else [block] for block in content]
    mark = Past(before).seal(**how).mark(contents, chunk)
    told = {**ours("").response_metadata, **last.response_metadata, "history_digest": mark}
    return [*before, last.model_copy(update={"response_metadata": told})]


def difference(messages: Sequence[BaseMessage]) -> str | None:
    return Past(messages).difference(len(messages), "thread_1", "thread")


HISTORY = sealed(
    SystemMessage("Be brief."),
    HumanMessage("Hello", id="1"),
    AIMessage("Hi", id="2"),
    HumanMessage(
        [
            {"type": "text", "text": "What is this?"},
            PICTURE,
        ]
    ),
    AIMessage("", tool_calls=[CALL]),
    ToolMessage("done", tool_call_id="call_1", name="pay"),
    HumanMessage("And then?"),
    AIMessage(
        ["Look.", {**STEP, "index": 1}, {**RESULT, "index": 2}, {"type": "text", "text": "1"}]
    ),
)


def changed(place: int, **update: Any) -> list[BaseMessage]:
    return [*HISTORY[:place], HISTORY[place].model_copy(update=update), *HISTORY[place + 1 :]]


def test_a_history_that_is_passed_on_is_the_one_that_the_thread_holds() -> None:
    assert difference(HISTORY) is None


SERDE = JsonPlusSerializer()
WAYS: dict[str, Callable[[list[BaseMessage]], Any]] = {
    "json": lambda messages: messages_from_dict(json.loads(json.dumps(messages_to_dict(messages)))),
    "langchain's own load": lambda messages: load(
        json.loads(dumps(messages)), allowed_objects="messages"
    ),
    "langgraph's checkpoints": lambda messages: SERDE.loads_typed(SERDE.dumps_typed(messages)),
    "pickle": lambda messages: pickle.loads(pickle.dumps(messages)),
    "deep copies": copy.deepcopy,
    "a browser": lambda messages: messages_from_dict(
        json.loads(json.dumps(messages_to_dict(messages)).replace("20.0", "20"))
    ),
    "standard blocks": lambda messages: [
        message.model_copy(update={"content": message.content_blocks}) for message in messages
    ],
    "lists of one text": lambda messages: [
        message.model_copy(update={"content": [{"type": "text", "text": message.content}]})
        if isinstance(message.content, str)
        else message
        for message in messages
    ],
    "new ids and names": lambda messages: [
        message.model_copy(update={"id": "new", "name": "ana"}) for message in messages
    ],
    "other instructions": lambda messages: [SystemMessage("Be kind."), *messages[1:]],
    "no instructions": lambda messages: messages[1:],
    "chat messages": lambda messages: [
        ChatMessage(role="user", content=message.content)
        if isinstance(message, HumanMessage) and isinstance(message.content, str)
        else message
        for message in messages
    ],
}


UNSTABLE = pytest.mark.filterwarnings("ignore:The function `load` is in beta")


@UNSTABLE
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_no_way_that_a_history_goes_changes_its_mark(way: Callable[..., Any]) -> None:
    assert difference(way(HISTORY)) is None


def blocks(*data: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "text", "text": "What is this?"}, *data]


@pytest.mark.parametrize(
    "picture",
    [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
        {"type": "image", "source_type": "base64", "data": PNG, "mime_type": "image/png"},
        {"type": "image", "base64": PNG, "mime_type": "image/png", "id": "lc_1", "extras": {}},
    ],
    ids=["OpenAI's", "LangChain's first", "with an id"],
)
def test_a_picture_is_the_same_in_every_dialect(picture: dict[str, Any]) -> None:
    assert difference(changed(3, content=blocks(picture))) is None


EDITED = "a message before the end of its last answer was changed"
EDITS = {
    "a question": changed(1, content="Hullo"),
    "an answer": changed(2, content="Ho"),
    "a text beside a picture": changed(3, content=[TEXT, *HISTORY[3].content[1:]]),
    "a picture": changed(3, content=blocks({**PICTURE, "base64": "AAAA"})),
    "a picture by its id": changed(3, content=blocks({"type": "image", "file_id": "file_1"})),
    "no picture": changed(3, content=blocks()),
    "arguments": changed(4, tool_calls=[{**CALL, "args": {"amount": 2000.0, "to": ["Ana"]}}]),
    "a tool": changed(4, tool_calls=[{**CALL, "name": "pay_all"}]),
    "no call": changed(4, tool_calls=[]),
    "an output": changed(5, content="[cleared]"),
    "the call of an output": changed(5, tool_call_id="call_2"),
    "a step": changed(7, content=["Look.", {**STEP, "args": {"code": "2"}}, RESULT, TEXT]),
    "no step": changed(7, content="Look.1"),
    "the last answer": changed(7, content="I cannot tell."),
    "an answer as a question": [*HISTORY[:2], HumanMessage("Hi"), *HISTORY[3:]],
    "an order": [HISTORY[0], HISTORY[2], HISTORY[1], *HISTORY[3:]],
}  # fmt: skip


@pytest.mark.parametrize("history", EDITS.values(), ids=EDITS)
def test_every_edit_is_told(history: list[BaseMessage]) -> None:
    assert difference(history) == EDITED


@pytest.mark.parametrize(
    ("history", "now", "change"),
    [
        (HISTORY[3:], 5, "removed, trimmed or summarised"),
        ([HumanMessage("Summary: hello."), *HISTORY[3:]], 6, "removed, trimmed or summarised"),
        ([HumanMessage("Before."), *HISTORY], 8, "added"),
    ],
    ids=["trimmed", "summarised", "added"],
)
def test_messages_that_are_missing_or_more_are_told_by_their_number(
    history: list[BaseMessage], now: int, change: str
) -> None:
    assert difference(history) == (
        f"it has {now} messages to the end of its last answer, and had 7 when that was given: "
        f"some were {change}"
    )


@pytest.mark.parametrize(
    "mark", ["", "0:1:ff", "2:7:" + "0" * 32, "1:7:xyz", 7, {}, [], "1:\u0667:" + "0" * 32]
)
def test_a_mark_that_cannot_be_read_is_a_difference(mark: Any) -> None:
    history = [HumanMessage("Hello"), ours("Hi", mark=mark)]

    assert read_mark(mark) is None
    assert difference(history) == "its last answer has a digest that cannot be read"


def test_an_answer_without_a_mark_says_nothing() -> None:
    assert difference([HumanMessage("Hello"), ours("Hi")]) is None


def test_the_answer_before_one_without_a_mark_is_asked() -> None:
    before = sealed(HumanMessage("Hello"), AIMessage("Hi"))
    after = [HumanMessage("Go on"), ours("Yes")]

    assert difference([*before, *after]) is None
    assert difference([HumanMessage("Hullo"), *before[1:], *after]) == EDITED


def test_an_answer_of_a_place_that_held_more_vouches_for_what_it_added_alone() -> None:
    added = sealed(HumanMessage("Go on"), AIMessage("Yes"), begin=0)
    before = sealed(HumanMessage("Hello"), AIMessage("Hi"))

    assert str(added[-1].response_metadata["history_digest"]).startswith("1:+2:")
    assert difference(added) is None
    assert difference([HumanMessage("Anything"), *added]) is None
    assert difference([*before, *added]) is None
    assert difference([HumanMessage("Hullo"), before[1], *added]) == EDITED
    assert difference([HumanMessage("Go off"), added[1]]) == EDITED
    assert difference([added[1]]) is not None


def test_a_chain_of_responses_has_a_place_for_each_answer() -> None:
    place = {"run_id": "resp_1", "response_id": "resp_1", "finish_reason": "stop"}
    first = sealed(HumanMessage("Hello"), ours("Hi", **place))
    history = [*first, HumanMessage("Go on"), ours("Yes", **place | {"response_id": "resp_2"})]

    def in_chain(messages: Sequence[BaseMessage]) -> str | None:
        return Past(messages).difference(4, "resp_2", "response")

    assert in_chain(history) is None
    assert in_chain([HumanMessage("Hullo"), *history[1:]]) == EDITED


def test_a_mark_that_was_remembered_elsewhere_serves_where_the_metadata_was_lost() -> None:
    *before, last = sealed(HumanMessage("Hello"), AIMessage("", tool_calls=[CALL]))
    mark = last.response_metadata["history_digest"]
    bare = AIMessage("", tool_calls=[CALL])

    assert Past([*before, bare]).difference(2, "thread_1", "thread", mark) is None
    assert Past([HumanMessage("Hullo"), bare]).difference(2, "thread_1", "thread", mark) == EDITED


def test_no_two_histories_have_the_same_mark_by_their_seams() -> None:
    marks = [
        Past(messages).seal().question
        for messages in (
            [HumanMessage("ab")],
            [HumanMessage("a"), HumanMessage("b")],
            [HumanMessage("a1:b")],
            [AIMessage("ab")],
            [FunctionMessage(name="ab", content="")],
            [FunctionMessage(name="a", content="b")],
            [ChatMessage(role="critic", content="ab")],
            [HumanMessage("")],
            [],
        )
    ]

    assert len({*marks}) == len(marks)


@pytest.mark.parametrize(
    "value", [{"a": {1: 2, "b": 3}}, {"a": {1, 2}}, {"a": float("nan")}, {"a": "\ud800"}], ids=str
)
def test_arguments_that_json_does_not_know_have_a_mark(value: Any) -> None:
    calls: Any = [{**CALL, "args": value}]
    messages = [HumanMessage("\udfff"), AIMessage("", tool_calls=calls)]

    assert Past(messages).seal().question == Past(copy.deepcopy(messages)).seal().question


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
BLOCKS = st.one_of(
    st.builds(lambda text: {"type": "text", "text": text}, TEXTS),
    st.builds(lambda text: {"type": "reasoning", "reasoning": text}, TEXTS),
    st.builds(lambda id_: {"type": "image", "file_id": f"f{id_}"}, TEXTS),
    st.builds(lambda output: {**RESULT, "output": output}, JSONS),
    st.builds(lambda value: {"type": "non_standard", "value": {"type": "new", "x": value}}, JSONS),
)
ARGUMENTS = st.dictionaries(TEXTS, JSONS, max_size=2)
CALLS = st.lists(st.builds(lambda args: {**CALL, "args": args}, ARGUMENTS), max_size=1)
CONTENTS = TEXTS | st.lists(BLOCKS, max_size=3)
MESSAGES = st.one_of(
    st.builds(HumanMessage, TEXTS),
    st.builds(lambda content, calls: AIMessage(content, tool_calls=calls), CONTENTS, CALLS),
    st.builds(lambda content: ToolMessage(content, tool_call_id="call_1"), TEXTS),
)


@UNSTABLE
@given(st.lists(MESSAGES, max_size=4), CONTENTS, CALLS, st.sampled_from(sorted(WAYS)[:-1]))
def test_whatever_a_history_holds_comes_through_every_way(
    before: list[BaseMessage], content: Any, calls: Any, way: str
) -> None:
    history = sealed(SystemMessage("Be brief."), *before, AIMessage(content, tool_calls=calls))

    assert difference(WAYS[way](history)) is None


@given(st.lists(MESSAGES, max_size=4), MESSAGES, st.integers(0, 4))
def test_a_message_more_is_always_told(
    before: list[BaseMessage], more: BaseMessage, place: int
) -> None:
    history = sealed(*before, AIMessage("Hi"))

    assert difference([*history[:place], more, *history[place:]]) is not None or place >= len(
        history
    )


# The fold's own mark is that of the message which its chunks come to.

STYLES = ["keep", "strip", "markdown"]
SOURCE = {
    "type": "file_citation",
    "text": "【0†a】",
    "start_index": 5,
    "end_index": 10,
    "file_citation": {"file_id": "file_1"},
}


def marked(message: AIMessageChunk) -> str | None:
    """How an answer to `Hello` differs from what its own mark says."""
    whole = message_chunk_to_message(message)
    return difference([HumanMessage("Hello"), whole])


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("stop", [(), ("ere",)], ids=["whole", "cut"])
@pytest.mark.parametrize("whole", [False, True], ids=["streamed", "at once"])
def test_an_answer_has_the_mark_of_what_its_caller_got(
    style: Any, stop: tuple[str, ...], *, whole: bool
) -> None:
    seal = Past([HumanMessage("Hello")]).seal()
    fold = answer(*stop, citations=style, whole=whole, mark=seal.mark)
    events = [
        text("Look【0†a】", 0, "msg_1", SOURCE),
        image(1),
        text(" there", 2),
        text(" it is", 2),
    ]

    message = folded([[event] for event in events], fold)

    assert isinstance(message.content, list)
    assert marked(message) is None
    assert message.response_metadata["history_digest"].startswith("1:2:")
