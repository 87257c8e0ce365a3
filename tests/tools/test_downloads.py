"""Files of answers: named by blocks and citations, and fetched by their ids."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from canned import CannedService, Reply, json_reply
from sockets.ways import WAYS, ask

from langchain_foundry_agents import (
    ChatFoundryAgent,
    InvalidFieldError,
    NotFoundError,
    ServiceConnectionError,
)
from langchain_foundry_agents.emulator import Cite, RunCode, Steps

from .conftest import Scene, Script

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100_000
CODE = {"type": "code_interpreter"}
TWINS = (False, True)


async def download(model: ChatFoundryAgent, *wanted: Any, asynchronous: bool) -> Any:
    """Download in sync or in async code."""
    return await model.adownload(*wanted) if asynchronous else model.download(*wanted)


def held(folder: Path) -> list[bytes]:
    """The contents of a folder's files."""
    return [path.read_bytes() for path in folder.iterdir()]


@pytest.mark.parametrize("mode", ["stream", "poll"])
@pytest.mark.parametrize("way", WAYS)
async def test_a_picture_that_code_drew_is_one_block_whose_file_can_be_fetched(
    script: Script, way: str, mode: str
) -> None:
    turn = Steps(RunCode("plot()", "", PNG), "Here it is.")
    scene = script(turn, tools=[CODE], run_mode=mode)

    answer = await ask(way, scene.model, "Plot it.")

    (picture,) = [block for block in answer.content_blocks if block["type"] == "image"]
    assert scene.model.download(picture["file_id"]) == PNG


@pytest.mark.parametrize("asynchronous", TWINS)
async def test_a_file_is_given_as_bytes_or_written_to_a_path_or_a_folder(
    script: Script, tmp_path: Path, *, asynchronous: bool
) -> None:
    scene = script()
    file_id = scene.emulator.add_file(PNG, "plot.png")
    told = {"asynchronous": asynchronous}

    assert await download(scene.model, file_id, **told) == PNG
    named = await download(scene.model, file_id, tmp_path / "mine.png", **told)
    text = await download(scene.model, file_id, str(tmp_path / "text.png"), **told)
    in_folder = await download(scene.model, file_id, tmp_path, **told)

    assert (named, text) == (tmp_path / "mine.png", tmp_path / "text.png")
    assert in_folder == tmp_path / "plot.png"
    assert held(tmp_path) == [PNG] * 3


@pytest.mark.parametrize("name", ["../evil.sh", "/etc/evil.sh", "..\\..\\evil.sh"])
def test_a_name_from_the_service_leads_out_of_no_folder(
    script: Script, tmp_path: Path, name: str
) -> None:
    scene = script()
    folder = tmp_path / "downloads"
    folder.mkdir()

    path = scene.model.download(scene.emulator.add_file("x", name), folder)

    assert path == folder / "evil.sh"
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("file_id", ["../x", "assistant-1/../..", "", "a b", "x?y=1", "x#y", "ü"])
@pytest.mark.parametrize("asynchronous", TWINS)
async def test_what_is_no_id_of_a_file_is_refused_before_any_request(
    script: Script, file_id: str, *, asynchronous: bool
) -> None:
    scene = script()

    with pytest.raises(InvalidFieldError, match="is not the id of a file"):
        await download(scene.model, file_id, asynchronous=asynchronous)

    assert scene.routes == []


@pytest.mark.parametrize("asynchronous", TWINS)
async def test_a_file_that_does_not_exist_leaves_nothing_behind(
    script: Script, tmp_path: Path, *, asynchronous: bool
) -> None:
    scene = script()
    kept = tmp_path / "kept.png"
    kept.write_bytes(b"old")

    with pytest.raises(NotFoundError):
        await download(scene.model, "assistant-1", kept, asynchronous=asynchronous)

    assert held(tmp_path) == [b"old"]


BROKEN = Reply(headers={"content-type": "application/octet-stream"}, body=PNG, breaks_after=1000)


@pytest.mark.parametrize("asynchronous", TWINS)
async def test_a_download_that_breaks_off_leaves_nothing_behind(
    tmp_path: Path, *, asynchronous: bool
) -> None:
    with CannedService(*[BROKEN] * 3) as service:
        model = ChatFoundryAgent(agent_id="asst_1", project_endpoint=service.url)
        with pytest.raises(ServiceConnectionError):
            await download(model, "assistant-1", tmp_path / "x.png", asynchronous=asynchronous)

    assert held(tmp_path) == []


@pytest.mark.parametrize("asynchronous", TWINS)
async def test_a_download_that_is_tried_again_begins_anew(
    tmp_path: Path, *, asynchronous: bool
) -> None:
    busy = json_reply({"error": {"code": "rate_limit_exceeded"}}, 429, retry_after="0")
    good = Reply(headers={"content-type": "application/octet-stream"}, body=PNG)
    with CannedService(busy, good) as service:
        model = ChatFoundryAgent(agent_id="asst_1", project_endpoint=service.url)
        path = await download(model, "assistant-1", tmp_path / "x", asynchronous=asynchronous)

    assert path.read_bytes() == PNG


def cited(scene: Scene) -> Cite:
    """An answer that cites a file of the service's."""
    file_id = scene.emulator.add_file("Water is wet.", "water.txt")
    source = {
        "type": "file_citation",
        "text": "【4:0†source】",
        "file_citation": {"file_id": file_id},
    }
    return Cite("Wet【4:0†source】.", source)


def notes(answer: Any) -> list[Any]:
    """The citations of an answer."""
    return [note for block in answer.content_blocks for note in block.get("annotations", [])]


@pytest.mark.parametrize("mode", ["stream", "poll"])
@pytest.mark.parametrize("way", WAYS)
async def test_names_of_cited_files_are_looked_up_once_where_asked_for(
    script: Script, way: str, mode: str
) -> None:
    scene = script(citation_file_names=True, run_mode=mode)
    turn = cited(scene)
    scene.add(turn, turn)

    first, second = [await ask(way, scene.model, "Is it?") for _ in range(2)]

    for answer in (first, second):
        (note,) = notes(answer)
        assert note["title"] == "water.txt"
    assert [route for route in scene.routes if "/files" in route] == ["GET /files/*"]


def test_names_of_cited_files_are_not_looked_up_by_default(script: Script) -> None:
    scene = script()
    scene.add(cited(scene))

    (note,) = notes(scene.model.invoke("Is it?"))

    assert "title" not in note
    assert scene.routes == ["POST /threads/runs"]


@pytest.mark.parametrize("way", WAYS)
async def test_a_name_that_cannot_be_looked_up_spoils_no_answer(script: Script, way: str) -> None:
    scene = script(citation_file_names=True)
    scene.add(cited(scene))
    scene.emulator.service.state.files.clear()

    answer = await ask(way, scene.model, "Is it?")

    (note,) = notes(answer)
    assert answer.text == "Wet【4:0†source】."
    assert note["extras"]["file_id"].startswith("assistant-")
    assert "title" not in note
