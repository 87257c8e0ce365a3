"""Messages of the caller's that the service keeps, as LangChain messages with standard blocks."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from langchain_foundry_agents._answers.questions import map_question

JSON = dict[str, Any]

PNG = "data:image/png;base64,aGk="
PICTURE = {"type": "image", "base64": "aGk=", "mime_type": "image/png"}
PDF = "data:application/pdf;base64,aGk="
NAMED = {"extras": {"filename": "a.pdf"}}
NO_BASE64 = "data:image/svg+xml,<svg/>"
NO_DATA = "https://a.example/x;base64,aGk="


def kept(*parts: JSON, **more: Any) -> JSON:
    return {"id": "msg_1", "role": "user", "content": list(parts), **more}


@pytest.mark.parametrize(
    "content",
    [
        "Wet?",
        [{"type": "text", "text": {"value": "Wet?", "annotations": []}}],
        [{"type": "text", "text": "Wet?"}],
        [{"type": "input_text", "text": "Wet?"}],
        [{"type": "output_text", "text": "Wet?", "annotations": []}],
    ],
)
def test_a_text_in_any_form_is_a_string(content: str | list[JSON]) -> None:
    message = map_question({"id": "msg_1", "role": "user", "content": content})

    assert message == HumanMessage("Wet?", id="msg_1")


@pytest.mark.parametrize("content", [None, []])
def test_a_message_without_content_is_empty(content: list[JSON] | None) -> None:
    assert map_question({"id": "msg_1", "content": content}) == HumanMessage("", id="msg_1")


def test_several_texts_are_several_blocks() -> None:
    one, two = {"type": "text", "text": "Wet?"}, {"type": "text", "text": "Dry?"}

    assert map_question(kept(one, two)).content == [one, two]


@pytest.mark.parametrize(
    ("part", "block"),
    [
        (
            {"type": "image_file", "image_file": {"file_id": "file_1", "detail": "auto"}},
            {"type": "image", "file_id": "file_1"},
        ),
        (
            {"type": "input_image", "file_id": "file_1"},
            {"type": "image", "file_id": "file_1"},
        ),
        ({"type": "image_url", "image_url": {"url": PNG}}, PICTURE),
        ({"type": "input_image", "image_url": PNG}, PICTURE),
        (
            {"type": "input_image", "image_url": "https://a.example/b.png"},
            {"type": "image", "url": "https://a.example/b.png"},
        ),
        ({"type": "input_image", "image_url": NO_BASE64}, {"type": "image", "url": NO_BASE64}),
        ({"type": "input_image", "image_url": NO_DATA}, {"type": "image", "url": NO_DATA}),
        (
            {"type": "input_file", "file_id": "file_1"},
            {"type": "file", "file_id": "file_1"},
        ),
        (
            {"type": "input_file", "file_id": "file_1", "filename": "a.pdf"},
            {"type": "file", "file_id": "file_1", **NAMED},
        ),
        (
            {"type": "input_file", "file_data": PDF, "filename": None},
            {"type": "file", "base64": "aGk=", "mime_type": "application/pdf"},
        ),
        (
            {"type": "input_file", "file_data": PDF, "filename": "a.pdf"},
            {"type": "file", "base64": "aGk=", "mime_type": "application/pdf", **NAMED},
        ),
        (
            {"type": "input_file", "file_url": "https://a.example/b.pdf"},
            {"type": "file", "url": "https://a.example/b.pdf"},
        ),
        (
            {"type": "input_file", "filename": "a.pdf"},
            {"type": "non_standard", "value": {"type": "input_file", "filename": "a.pdf"}},
        ),
        (
            {"type": "hologram", "depth": 3},
            {"type": "non_standard", "value": {"type": "hologram", "depth": 3}},
        ),
    ],
)
def test_a_part_that_is_no_text_is_this_block(part: JSON, block: JSON) -> None:
    assert map_question(kept(part)).content == [block]


def test_files_that_a_message_of_a_thread_brings_stand_after_its_content() -> None:
    files = [{"file_id": "file_1", "tools": []}, {"file_id": None, "data_source": {}}]

    assert map_question(kept({"type": "text", "text": "Read."}, attachments=files)).content == [
        {"type": "text", "text": "Read."},
        {"type": "file", "file_id": "file_1"},
    ]


@pytest.mark.parametrize(
    ("role", "kind"),
    [("user", HumanMessage), ("system", SystemMessage), ("developer", SystemMessage)],
)
def test_a_role_is_a_kind_of_message(role: str, kind: type) -> None:
    assert type(map_question(kept(role=role))) is kind


def test_who_asked_is_named() -> None:
    assert map_question(kept(metadata={"name": "ann"})).name == "ann"
    assert map_question(kept(metadata=None)).name is None
