"""`content_blocks` of our answers: LangChain's standard blocks, of chunks, sums and whole ones."""

from __future__ import annotations

from typing import Any

import pytest
from folding import (
    CREATED,
    JSON,
    Event,
    answer,
    asking,
    content,
    folded,
    function_call,
    image,
    step,
    text,
    whole,
    whole_text,
)
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    block_translators,
    message_chunk_to_message,
)

from langchain_foundry_agents._answers.translate import register

CITED = {
    "type": "url_citation",
    "text": "【1】",
    "start_index": 3,
    "end_index": 6,
    "url_citation": {"url": "https://a.example"},
}
CITATION = {
    "type": "citation",
    "url": "https://a.example",
    "start_index": 3,
    "end_index": 6,
    "extras": {"marker": "【1】"},
}
CODE = {
    "id": "call_1",
    "type": "code_interpreter",
    "code_interpreter": {"input": "1+1", "outputs": []},
}
ADD = asking(function_call("call_2", "add", '{"a": 1}'))
ALL: tuple[Event, ...] = (
    CREATED,
    text("Wet"),
    text("【1】"),
    whole(whole_text("Wet【1】", CITED)),
    step(CODE),
    text("Dry", message="msg_2"),
    text("【1】", message="msg_2"),
    whole(whole_text("Dry【1】", CITED), message="msg_2"),
    image(1, "msg_2"),
)
BLOCKS: list[JSON] = [
    {"type": "text", "text": "Wet【1】", "annotations": [CITATION]},
    {
        "type": "server_tool_call",
        "id": "call_1",
        "name": "code_interpreter",
        "args": {"code": "1+1"},
    },
    {"type": "server_tool_result", "tool_call_id": "call_1", "status": "success", "output": []},
    {"type": "text", "text": "Dry【1】", "annotations": [CITATION]},
    {"type": "image", "file_id": "file_1"},
    {"type": "tool_call", "id": "call_2", "name": "add", "args": {"a": 1}},
]


def without_index(blocks: Any) -> list[JSON]:
    return [{name: value for name, value in block.items() if name != "index"} for block in blocks]


def made(message: AIMessageChunk) -> AIMessage:
    found = message_chunk_to_message(message)
    assert isinstance(found, AIMessage)
    return found


def test_a_sum_of_chunks_and_a_whole_message_have_the_same_blocks() -> None:
    summed = folded([[event] for event in ALL], answer(), ADD)

    assert without_index(summed.content_blocks) == BLOCKS
    assert without_index(made(summed).content_blocks) == BLOCKS


def test_the_blocks_of_the_chunks_are_those_of_their_sum() -> None:
    fold = answer()
    chunks = [chunk for event in ALL for chunk in fold.add([event])]
    blocks = [block for chunk in chunks for block in chunk.message.content_blocks]

    assert [(block["index"], block["type"]) for block in blocks] == [
        (0, "text"),
        (0, "text"),
        (1, "server_tool_call"),
        (2, "server_tool_result"),
        (3, "text"),
        (3, "text"),
        (4, "image"),
    ]


def test_the_last_chunk_has_the_citations_of_every_block_and_the_calls() -> None:
    fold = answer()
    fold.add(ALL)

    *_, last = fold.finish(ADD)

    assert last.message.content_blocks == [
        {"type": "text", "text": "", "annotations": [CITATION], "index": 0},
        {"type": "text", "text": "", "annotations": [CITATION], "index": 3},
        {"type": "tool_call", "id": "call_2", "name": "add", "args": {"a": 1}},
    ]


def test_langchain_reads_our_messages_by_our_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    summed = folded([[event] for event in ALL], answer(), ADD)
    monkeypatch.setattr(block_translators, "PROVIDER_TRANSLATORS", {})

    register()

    assert without_index(made(summed).content_blocks) == BLOCKS
    assert summed.content_blocks[0] == {**BLOCKS[0], "index": 0}


def test_a_text_goes_on_in_its_block_after_another_block() -> None:
    assert content(image(0), text("A", 1), image(2, file_id="file_2"), text(" cat.", 1)) == [
        {"type": "image", "file_id": "file_1", "index": 0},
        {"type": "text", "text": "A cat.", "index": 1},
        {"type": "image", "file_id": "file_2", "index": 2},
    ]


def test_a_text_alone_is_one_block() -> None:
    assert made(folded([[text("Wet")]], answer())).content_blocks == [
        {"type": "text", "text": "Wet"}
    ]


def test_an_empty_answer_has_no_blocks() -> None:
    assert made(folded([], answer())).content_blocks == []


def test_calls_that_are_not_whole_yet_are_chunks_after_the_text() -> None:
    asked = {"name": "add", "args": '{"a"', "id": "call_2", "index": 0}
    told = {"model_provider": "azure_ai_foundry"}
    chunk = AIMessageChunk(content="I add.", response_metadata=told, tool_call_chunks=[asked])

    assert chunk.content_blocks == [
        {"type": "text", "text": "I add.", "index": 0},
        {"type": "tool_call_chunk", **asked},
    ]


def test_strings_of_a_content_are_one_text() -> None:
    told = {"model_provider": "azure_ai_foundry"}
    message = AIMessage(["Wet ", "or dry."], response_metadata=told)

    assert message.content_blocks == [{"type": "text", "text": "Wet or dry."}]


def test_a_message_that_holds_its_calls_in_its_content_has_them_once() -> None:
    message = made(folded([[CREATED, step(CODE)]], answer(), ADD))

    v1 = message.model_copy(update={"content": message.content_blocks})

    assert without_index(v1.content_blocks) == [*BLOCKS[1:3], BLOCKS[-1]]
