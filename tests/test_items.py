"""Histories as input items of a response: roles, texts, images and files of any dialect."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
)

from langchain_foundry_agents._messages.items import input_items
from langchain_foundry_agents.errors import BadRequestError

JSON = dict[str, Any]
URL = "https://example.com/cat.png"
PDF_URL = "https://example.com/a.pdf"
PNG = "data:image/png;base64,QUJD"
PDF = "data:application/pdf;base64,QUJD"
ASKED = {"type": "message", "role": "user", "content": "one"}


def items(*messages: BaseMessage) -> list[JSON]:
    return list(input_items(messages))


def said(text: str) -> JSON:
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"type": "message", "role": "assistant", "content": [part]}


def content(*blocks: Any) -> Any:
    """The content of a human message, as it goes over the wire."""
    (item,) = items(HumanMessage(list(blocks)))
    return item["content"]


def refusal(*messages: BaseMessage) -> str:
    with pytest.raises(BadRequestError) as caught:
        items(*messages)
    return str(caught.value)


def test_a_conversation_keeps_its_order_and_its_roles() -> None:
    assert items(HumanMessage("one"), AIMessage("A"), HumanMessage("two")) == [
        {"type": "message", "role": "user", "content": "one"},
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "A", "annotations": []}],
        },
        {"type": "message", "role": "user", "content": "two"},
    ]


def test_no_messages_are_no_items() -> None:
    assert items() == []


@pytest.mark.parametrize("role", ["system", "developer"])
def test_instructions_are_no_items(role: str) -> None:
    instructions = ChatMessage(role=role, content="Be kind.")

    assert items(SystemMessage("Be brief."), HumanMessage("one"), instructions) == [ASKED]


@pytest.mark.parametrize(
    ("message", "item"),
    [
        (HumanMessage("one", name="ann"), ASKED),
        (ChatMessage(role="user", content="one"), ASKED),
        (ChatMessage(role="human", content="one"), ASKED),
        (ChatMessage(role="assistant", content="A"), said("A")),
        (ChatMessage(role="ai", content="A"), said("A")),
        (AIMessage(" A ", name="helper"), said("A")),
        (
            AIMessage([{"type": "text", "text": "A"}, "B", {"type": "text", "text": "C"}]),
            said("ABC"),
        ),
        (
            FunctionMessage(content="3", name="add"),
            {"type": "message", "role": "user", "content": "[result of add]\n3"},
        ),
    ],
)
def test_a_message_of_this_kind_is_one_item(message: BaseMessage, item: JSON) -> None:
    assert items(message) == [item]


@pytest.mark.parametrize(
    "answer",
    [
        AIMessage(""),
        AIMessage(" \n"),
        AIMessage([]),
        AIMessage([{"type": "image", "url": URL}]),
        ChatMessage(role="assistant", content=[{"type": "image", "url": URL}]),
    ],
)
def test_an_earlier_answer_without_text_is_left_out(answer: BaseMessage) -> None:
    assert items(HumanMessage("one"), answer) == [ASKED]


def test_only_the_text_of_an_answer_is_replayed() -> None:
    answer = AIMessage(
        [
            {"type": "reasoning", "reasoning": "Hmm.", "id": "rs_1"},
            {"type": "server_tool_call", "id": "ws_1", "name": "web_search", "args": {}},
            {"type": "server_tool_result", "tool_call_id": "ws_1", "status": "success"},
            {"type": "text", "text": "A", "annotations": [{"type": "citation", "url": URL}]},
            {"type": "image", "file_id": "file_1"},
            {"type": "tool_call", "id": "call_1", "name": "add", "args": {}},
        ]
    )

    assert items(answer) == [said("A")]


def test_texts_alone_stay_a_string() -> None:
    assert content({"type": "text", "text": "one"}) == "one"
    assert content("one", {"type": "text", "text": " "}) == "one"


def test_several_texts_are_parts() -> None:
    assert content({"type": "text", "text": "one"}, "two") == [
        {"type": "input_text", "text": "one"},
        {"type": "input_text", "text": "two"},
    ]


@pytest.mark.parametrize(
    ("block", "image"),
    [
        ({"type": "image", "url": URL}, {"image_url": URL}),
        (
            {"type": "image", "url": URL, "extras": {"detail": "high"}},
            {"image_url": URL, "detail": "high"},
        ),
        ({"type": "image", "base64": "QUJD", "mime_type": "image/png"}, {"image_url": PNG}),
        ({"type": "image", "file_id": "file_1"}, {"file_id": "file_1"}),
        (
            {"type": "image", "file_id": "file_1", "extras": {"detail": "low"}},
            {"file_id": "file_1", "detail": "low"},
        ),
        ({"type": "image_url", "image_url": URL}, {"image_url": URL}),
        ({"type": "image_url", "image_url": {"url": URL}}, {"image_url": URL}),
        (
            {"type": "image_url", "image_url": {"url": URL, "detail": "low"}},
            {"image_url": URL, "detail": "low"},
        ),
        (
            {"type": "image_url", "image_url": {"url": PNG, "detail": "low"}},
            {"image_url": PNG, "detail": "low"},
        ),
        ({"type": "image", "source": {"type": "url", "url": URL}}, {"image_url": URL}),
        (
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": "QUJD"},
            },
            {"image_url": PNG},
        ),
        ({"type": "image", "source_type": "url", "url": URL}, {"image_url": URL}),
        (
            {"type": "image", "source_type": "base64", "data": "QUJD", "mime_type": "image/png"},
            {"image_url": PNG},
        ),
        ({"type": "image", "source_type": "id", "id": "file_1"}, {"file_id": "file_1"}),
        (
            {"type": "image_file", "image_file": {"file_id": "file_1", "detail": "low"}},
            {"file_id": "file_1", "detail": "low"},
        ),
    ],
)
def test_an_image_of_any_dialect_is_an_input_image(block: JSON, image: JSON) -> None:
    assert content(block) == [{"type": "input_image", **image}]


@pytest.mark.parametrize(
    ("block", "file"),
    [
        ({"type": "file", "file_id": "file_1"}, {"file_id": "file_1"}),
        ({"type": "file", "file": {"file_id": "file_1"}}, {"file_id": "file_1"}),
        ({"type": "file", "source_type": "id", "id": "file_1"}, {"file_id": "file_1"}),
        ({"type": "file", "url": PDF_URL}, {"file_url": PDF_URL}),
        ({"type": "file", "source_type": "url", "url": PDF_URL}, {"file_url": PDF_URL}),
        ({"type": "document", "source": {"type": "url", "url": PDF_URL}}, {"file_url": PDF_URL}),
        (
            {"type": "text-plain", "url": PDF_URL, "mime_type": "text/plain"},
            {"file_url": PDF_URL},
        ),
        (
            {
                "type": "file",
                "base64": "QUJD",
                "mime_type": "application/pdf",
                "filename": "b/a.pdf",
            },
            {"filename": "a.pdf", "file_data": PDF},
        ),
        (
            {"type": "file", "file": {"filename": "a.pdf", "file_data": PDF}},
            {"filename": "a.pdf", "file_data": PDF},
        ),
        (
            {
                "type": "document",
                "source": {"type": "base64", "media_type": "application/pdf", "data": "QUJD"},
                "title": "Notes.pdf",
            },
            {"filename": "file.pdf", "file_data": PDF},
        ),
        (
            {"type": "text-plain", "text": "ABC", "mime_type": "text/plain", "url": PDF_URL},
            {"filename": "file.txt", "file_data": "data:text/plain;base64,QUJD"},
        ),
        (
            {"type": "document", "source": {"type": "text", "data": "ABC"}},
            {"filename": "file.txt", "file_data": "data:text/plain;base64,QUJD"},
        ),
    ],
)
def test_a_file_of_any_dialect_is_an_input_file(block: JSON, file: JSON) -> None:
    assert content(block) == [{"type": "input_file", **file}]


def test_parts_keep_their_order() -> None:
    file, image = {"type": "file", "file_id": "file_1"}, {"type": "image", "url": URL}

    assert content(file, "Compare:", image) == [
        {"type": "input_file", "file_id": "file_1"},
        {"type": "input_text", "text": "Compare:"},
        {"type": "input_image", "image_url": URL},
    ]


@pytest.mark.parametrize("empty", ["", " \n", [], [{"type": "text", "text": ""}]])
def test_a_message_without_content_is_refused(empty: Any) -> None:
    said_so = "has no content. Leave it out, or fill it."

    assert refusal(HumanMessage(empty)) == f"A HumanMessage {said_so}"
    assert refusal(ChatMessage(role="user", content=empty)) == f"A ChatMessage {said_so}"


@pytest.mark.parametrize(
    ("block", "kind"),
    [
        ({"type": "hologram", "depth": 3}, "hologram"),
        ({"type": "audio", "base64": "QUJD", "mime_type": "audio/wav"}, "audio"),
        ({"type": "image", "base64": "QUJD"}, "image"),
        ({"depth": 3}, "non_standard"),
    ],
)
def test_a_block_that_a_conversation_cannot_hold_is_refused(block: JSON, kind: str) -> None:
    assert refusal(HumanMessage([block])) == (
        f"A message has a block of the type '{kind}', which a conversation cannot take in this "
        "form. Send text, image and file blocks. "
        "An image needs url, file_id, or base64 with mime_type."
    )


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ({"type": "image", "base64": "QUJD", "mime_type": "image/tiff"}, "which no model sees"),
        ({"type": "image", "base64": "!", "mime_type": "image/png"}, "nor base64 content"),
        ({"type": "file", "base64": "!", "mime_type": "a/b"}, "nor base64 content"),
        ({"type": "file", "url": None}, "nor base64 content"),
    ],
)
def test_a_picture_or_file_that_nobody_can_read_is_refused(block: JSON, reason: str) -> None:
    assert reason in refusal(HumanMessage([block]))


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (ChatMessage(role="critic", content="No."), "role 'critic'"),
        (RemoveMessage(id="1"), "RemoveMessage"),
    ],
)
def test_a_role_that_a_conversation_does_not_have_is_refused(
    message: BaseMessage, kind: str
) -> None:
    assert refusal(message) == (
        f"A conversation cannot hold a message of the kind {kind}. "
        "Use human, AI, system and tool messages."
    )
