"""Pictures and files: into a thread, out of an answer, and onto a disk."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from sockets.ways import WAYS, ask

from langchain_foundry_agents import (
    BadRequestError,
)
from langchain_foundry_agents.emulator import Reply as Say

from .conftest import Scene, Script

PNG = b"\x89PNG\r\n\x1a\n"
DATA = base64.b64encode(PNG).decode()
DATA_URL = f"data:image/png;base64,{DATA}"
URL = "https://a.example/cat.png"
TEXT = base64.b64encode(b"one\ntwo\n").decode()
CODE, SEARCH = {"type": "code_interpreter"}, {"type": "file_search"}
UPLOAD, FIRST = "POST /files", "POST /threads/runs"


def sent(scene: Scene) -> list[Any]:
    """The messages of the first turn, as the service got them."""
    return list(scene.bodies("/threads/runs")[0]["thread"]["messages"])


def file_block(name: str = "numbers.txt", **more: Any) -> dict[str, Any]:
    return {"type": "file", "base64": TEXT, "mime_type": "text/plain", "filename": name, **more}


def question(*blocks: Any) -> HumanMessage:
    return HumanMessage([{"type": "text", "text": "What is it?"}, *blocks])


@pytest.mark.parametrize(
    ("block", "wire"),
    [
        ({"type": "image", "url": URL}, {"url": URL}),
        ({"type": "image", "base64": DATA, "mime_type": "image/png"}, {"url": DATA_URL}),
        ({"type": "image_url", "image_url": {"url": URL}}, {"url": URL}),
        ({"type": "image_url", "image_url": URL}, {"url": URL}),
        (
            {"type": "image_url", "image_url": {"url": URL, "detail": "low"}},
            {"url": URL, "detail": "low"},
        ),
        ({"type": "image_url", "image_url": {"url": DATA_URL}}, {"url": DATA_URL}),
        ({"type": "image", "source_type": "url", "url": URL}, {"url": URL}),
        (
            {"type": "image", "source_type": "base64", "data": DATA, "mime_type": "image/png"},
            {"url": DATA_URL},
        ),
        (
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": DATA},
            },
            {"url": DATA_URL},
        ),
        ({"type": "image", "source": {"type": "url", "url": URL}}, {"url": URL}),
    ],
)
def test_a_picture_in_any_dialect_is_part_of_the_message(
    script: Script, block: Any, wire: Any
) -> None:
    scene = script(Say("A cat."))

    scene.model.invoke([question(block)])

    (message,) = sent(scene)
    assert [part["type"] for part in message["content"]] == ["text", "image_url"]
    assert message["content"][1]["image_url"] == wire
    assert scene.routes == [FIRST]


@pytest.mark.parametrize(
    "block",
    [
        {"type": "image", "file_id": "assistant-1"},
        {"type": "image_file", "image_file": {"file_id": "assistant-1"}},
    ],
)
def test_a_picture_of_the_service_s_own_is_named_by_its_id(script: Script, block: Any) -> None:
    scene = script(Say("A cat."))
    file_id = scene.emulator.add_file(PNG, "cat.png")
    named = {**block, **({"file_id": file_id} if "file_id" in block else {})}
    if "image_file" in named:
        named["image_file"] = {"file_id": file_id}

    scene.model.invoke([question(named)])

    (message,) = sent(scene)
    assert message["content"][1] == {"type": "image_file", "image_file": {"file_id": file_id}}


@pytest.mark.parametrize(
    "block",
    [
        {"type": "image"},
        pytest.param({"type": "image", "base64": DATA, "mime_type": "image/x-nothing"}),
        pytest.param({"type": "image", "base64": "no base64!", "mime_type": "image/png"}),
        {"type": "video", "url": "https://a.example/cat.mp4"},
    ],
)
def test_a_picture_of_an_unknown_type_is_refused_before_any_request(
    script: Script, block: Any
) -> None:
    scene = script()

    with pytest.raises(BadRequestError):
        scene.model.invoke([question(block)])

    assert scene.routes == []


@pytest.mark.parametrize("way", WAYS)
async def test_a_file_is_uploaded_once_and_attached_in_every_turn(script: Script, way: str) -> None:
    scene = script(Say("Numbers."), Say("Numbers."), tools=[CODE])

    for _ in range(2):
        await ask(way, scene.model, [question(file_block())])

    assert scene.routes == ["GET /assistants/*", UPLOAD, FIRST, FIRST]
    (file,) = scene.emulator.service.state.files.values()
    assert (file.data, file.filename, file.purpose) == (b"one\ntwo\n", "numbers.txt", "assistants")
    for body in scene.bodies("/threads/runs"):
        (message,) = body["thread"]["messages"]
        assert message["content"] == "What is it?"
        assert message["attachments"] == [{"file_id": file.id, "tools": [CODE]}]


@pytest.mark.parametrize("tools", [[CODE], [SEARCH], [CODE, SEARCH]])
def test_a_file_is_attached_for_the_tools_that_read_files(script: Script, tools: Any) -> None:
    scene = script(Say("Numbers."), tools=tools)

    scene.model.invoke([question(file_block())])

    assert sent(scene)[0]["attachments"][0]["tools"] == tools


def test_a_file_of_the_service_s_own_is_attached_without_an_upload(script: Script) -> None:
    scene = script(Say("Numbers."), tools=[CODE])
    file_id = scene.emulator.add_file("one", "numbers.txt")

    scene.model.invoke([question({"type": "file", "file_id": file_id})])

    assert sent(scene)[0]["attachments"] == [{"file_id": file_id, "tools": [CODE]}]
    assert UPLOAD not in scene.routes


def test_a_text_block_is_a_file_too(script: Script) -> None:
    scene = script(Say("Numbers."), tools=[CODE])
    text = {"type": "text-plain", "text": "eins\nzwei", "mime_type": "text/plain", "title": "n.txt"}

    scene.model.invoke([HumanMessage([text])])

    (file,) = scene.emulator.service.state.files.values()
    assert (file.data, file.filename) == (b"eins\nzwei", "n.txt")
    assert sent(scene)[0]["content"] == "See the attached file."


@pytest.mark.parametrize("way", WAYS)
async def test_without_a_tool_that_reads_files_nothing_is_uploaded(
    script: Script, way: str
) -> None:
    scene = script()

    with pytest.raises(BadRequestError, match="no tool that reads files"):
        await ask(way, scene.model, [question(file_block())])

    assert scene.routes == ["GET /assistants/*"]
    assert scene.emulator.service.state.files == {}


def test_a_tool_of_the_call_reads_files_too(script: Script) -> None:
    scene = script(Say("Numbers."))

    scene.model.bind_tools([CODE]).invoke([question(file_block())])

    assert sent(scene)[0]["attachments"][0]["tools"] == [CODE]


def test_a_file_over_the_limit_is_refused_before_any_request(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = script(tools=[CODE])
    monkeypatch.setattr("langchain_foundry_agents._messages.files.LARGEST", 7)

    with pytest.raises(BadRequestError, match="8 bytes; the service takes up to 7"):
        scene.model.invoke([question(file_block())])

    assert scene.routes == []


def test_a_file_that_the_service_finds_too_large_leaves_no_run(script: Script) -> None:
    scene = script(tools=[CODE], service={"max_file_bytes": 7})

    with pytest.raises(BadRequestError, match="too large"):
        scene.model.invoke([question(file_block())])

    assert scene.emulator.service.state.threads == {}


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("C:\\Users\\ann\\notes.txt", "notes.txt"),
        ("a\r\nb.txt", "a__b.txt"),
        ('a"b<c>.txt', "a_b_c_.txt"),
        ("grüße.txt", "grüße.txt"),
    ],
)
def test_a_name_goes_out_without_folders_and_signs(script: Script, given: str, safe: str) -> None:
    scene = script(Say("Numbers."), tools=[CODE])

    scene.model.invoke([question(file_block(given))])

    assert [file.filename for file in scene.emulator.service.state.files.values()] == [safe]


@pytest.mark.parametrize("name", ["..", "/", "a/..", "   ", "."])
def test_a_name_of_nothing_but_a_path_is_refused(script: Script, name: str) -> None:
    scene = script(tools=[CODE])

    with pytest.raises(BadRequestError, match="is no name of a file"):
        scene.model.invoke([question(file_block(name))])

    assert scene.routes == []


@pytest.mark.parametrize(
    "block",
    [
        {"type": "file", "url": "https://a.example/numbers.txt"},
        {"type": "file", "base64": "no base64!", "mime_type": "text/plain"},
        {"type": "file"},
    ],
)
def test_a_file_without_content_is_refused_before_any_request(script: Script, block: Any) -> None:
    scene = script(tools=[CODE])

    with pytest.raises(BadRequestError):
        scene.model.invoke([question(block)])

    assert scene.routes == []
