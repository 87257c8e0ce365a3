"""Files that messages bring: by id, or with their content, under a safe name."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, ChatMessage, HumanMessage, ToolMessage

from langchain_foundry_agents._messages.files import LARGEST, safe_name
from langchain_foundry_agents._messages.history import read_prompt
from langchain_foundry_agents._record import Record
from langchain_foundry_agents.errors import BadRequestError

JSON = dict[str, Any]
TEXT = {"type": "text", "text": "See"}
FILE = {"type": "file", "file_id": "file_1"}
PDF = "application/pdf"


def mapped(*messages: BaseMessage) -> list[JSON]:
    prompt = read_prompt(messages, thread_id=None, go_on=True, record=Record())
    return list(prompt.new())


def attachments(*blocks: Any) -> Any:
    """What a message of the user's with these blocks brings beside its text."""
    (message,) = mapped(HumanMessage([TEXT, *blocks]))
    assert message["content"] == "See"
    return message["attachments"]


@pytest.mark.parametrize(
    "block",
    [
        {"type": "file", "file_id": "file_1"},
        {"type": "file", "source_type": "id", "id": "file_1"},
        {"type": "file", "file": {"file_id": "file_1"}},
        {"type": "text-plain", "file_id": "file_1"},
    ],
    ids=["v1", "v0", "OpenAI", "text"],
)
def test_a_file_of_the_service_goes_by_its_id(block: JSON) -> None:
    assert attachments(block) == [{"file_id": "file_1"}]


@pytest.mark.parametrize(
    ("block", "file"),
    [
        (
            {"type": "file", "base64": "QUJD", "mime_type": PDF, "filename": "a.pdf"},
            ("a.pdf", b"ABC", PDF),
        ),
        (
            {"type": "file", "base64": "QUJD", "mime_type": PDF, "extras": {"filename": "a.pdf"}},
            ("a.pdf", b"ABC", PDF),
        ),
        (
            {
                "type": "file",
                "source_type": "base64",
                "data": "QUJD",
                "mime_type": PDF,
                "filename": "a.pdf",
            },
            ("a.pdf", b"ABC", PDF),
        ),
        (
            {
                "type": "file",
                "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,QUJD"},
            },
            ("a.pdf", b"ABC", PDF),
        ),
        ({"type": "file", "base64": "QUJD", "mime_type": PDF}, ("file.pdf", b"ABC", PDF)),
        ({"type": "file", "base64": "QUJD", "mime_type": "a/b"}, ("file", b"ABC", "a/b")),
        (
            {"type": "file", "base64": "QUJD"},
            ("file.bin", b"ABC", "application/octet-stream"),
        ),
        (
            {"type": "text-plain", "text": "Größe", "mime_type": "text/plain"},
            ("file.txt", "Größe".encode(), "text/plain"),
        ),
        (
            {"type": "text-plain", "text": "x", "mime_type": "text/plain", "title": "Notes"},
            ("Notes", b"x", "text/plain"),
        ),
        (
            {"type": "text-plain", "base64": "QUJD", "mime_type": "text/plain"},
            ("file.txt", b"ABC", "text/plain"),
        ),
    ],
)
def test_a_file_with_its_content_is_to_be_uploaded(
    block: JSON, file: tuple[str, bytes, str]
) -> None:
    assert attachments(block) == [{"file": file}]


def test_files_keep_their_order() -> None:
    first, second = ({"type": "file", "file_id": file_id} for file_id in ("file_1", "file_2"))

    assert attachments(first, second) == [{"file_id": "file_1"}, {"file_id": "file_2"}]


def test_a_message_of_files_alone_says_so() -> None:
    assert mapped(HumanMessage([{"type": "file", "file_id": "file_1"}])) == [
        {
            "role": "user",
            "content": "See the attached file.",
            "attachments": [{"file_id": "file_1"}],
        }
    ]


def test_files_and_images_stand_side_by_side() -> None:
    picture = {"type": "image", "url": "https://a.example/b.png"}

    assert mapped(HumanMessage([TEXT, picture, {"type": "file", "file_id": "file_1"}])) == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "See"},
                {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}},
            ],
            "attachments": [{"file_id": "file_1"}],
        }
    ]


def test_a_chat_message_brings_files_too() -> None:
    (message,) = mapped(ChatMessage(role="user", content=[TEXT, FILE]))

    assert message["attachments"] == [{"file_id": "file_1"}]


def test_files_in_answers_and_in_tool_outputs_are_not_brought_again() -> None:
    file = {"type": "file", "file_id": "file_1"}
    call = {"name": "add", "args": {}, "id": "call_1"}

    messages = mapped(
        HumanMessage("one"),
        AIMessage(["A", file], tool_calls=[call]),
        ToolMessage([TEXT, file], tool_call_id="call_1"),
    )

    assert [message.get("attachments") for message in messages] == [None, None, None]


@pytest.mark.parametrize(
    "block",
    [
        {"type": "file", "url": "https://a.example/b.pdf"},
        {"type": "file", "base64": "not base64!", "mime_type": PDF},
        {"type": "file", "base64": "QUJ", "mime_type": PDF},
        {"type": "file", "base64": 7, "mime_type": PDF},
        {"type": "file", "base64": "é", "mime_type": PDF},
        {"type": "file", "mime_type": PDF},
        {"type": "file", "file_id": None},
    ],
)
def test_a_file_without_content_is_refused(block: JSON) -> None:
    with pytest.raises(BadRequestError) as caught:
        attachments(block)

    assert str(caught.value) == (
        "A file block has neither file_id nor base64 content. "
        "Download what stands at a URL first, and give its content as base64."
    )


@pytest.mark.slow
def test_a_file_that_is_too_large_is_refused() -> None:
    large = "x" * (LARGEST + 1)

    with pytest.raises(BadRequestError) as caught:
        attachments({"type": "text-plain", "text": large, "mime_type": "text/plain"})

    assert str(caught.value) == (
        "A file has 536,870,913 bytes; the service takes up to 536,870,912. Split it."
    )


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a.pdf", "a.pdf"),
        ("Größe 2.pdf", "Größe 2.pdf"),
        ("/etc/passwd", "passwd"),
        ("../../a.pdf", "a.pdf"),
        ("C:\\Users\\ann\\a.pdf", "a.pdf"),
        ("..\\a.pdf", "a.pdf"),
        ("a\x00b\nc.pdf", "a_b_c.pdf"),
        ('<a>:"b|c?d*', "_a___b_c_d_"),
        (" a.pdf ", "a.pdf"),
        (".profile", ".profile"),
    ],
)
def test_a_name_is_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize("name", ["", " ", ".", "..", "...", "a/", "a/..", "..\\", "/"])
def test_a_name_of_which_nothing_is_left_is_refused(name: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        safe_name(name)

    assert str(caught.value) == (
        f"{name!r} is no name of a file. Give the name without its folders."
    )
