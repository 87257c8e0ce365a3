"""Containers: made, listed and deleted with their files; code works on what is in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from langchain_foundry_agents.emulator import RunCode, Steps

from ..room import FORM, START, UPLOAD
from .scene import error_of, new_version
from .speaking import respond, scripted

if TYPE_CHECKING:
    from ..room import Room

PATH = "/openai/v1/containers"
PNG = b"\x89PNG"


def upload(room: Room, container: str) -> Any:
    return room.call("POST", f"{PATH}/{container}/files", FORM, headers=UPLOAD).body


def test_a_container_is_made_read_listed_and_deleted(room: Room) -> None:
    made = room.post(PATH, {"name": "work"})

    assert made == {
        "id": made["id"],
        "object": "container",
        "created_at": START,
        "status": "running",
        "expires_after": {"anchor": "last_active_at", "minutes": 20},
        "last_active_at": START,
        "memory_limit": "1g",
        "name": "work",
    }
    path = f"{PATH}/{made['id']}"
    assert (room.get(path), room.get(PATH)["data"]) == (made, [made])
    gone = {"id": made["id"], "object": "container.deleted", "deleted": True}
    assert room.call("DELETE", path).body == gone
    assert error_of(room.call("GET", path)) == (404, "not_found", None)


def test_a_container_expires_without_work(room: Room) -> None:
    policy = {"anchor": "last_active_at", "minutes": 5}
    made = room.post(PATH, {"name": "work", "expires_after": policy})
    room.time += 200
    upload(room, made["id"])
    room.time += 200
    still = room.get(f"{PATH}/{made['id']}")["status"]
    room.time += 100

    assert (still, room.get(f"{PATH}/{made['id']}")["status"]) == ("running", "expired")


def test_files_come_by_form_by_id_and_with_the_container(room: Room) -> None:
    known = room.state.add_file(b"1234", "b.txt", "assistants").id
    container = room.post(PATH, {"name": "work", "file_ids": [known]})["id"]

    first = upload(room, container)
    second = room.post(f"{PATH}/{container}/files", {"file_id": known})

    listed = room.get(f"{PATH}/{container}/files", order="asc")["data"]
    assert [(one["path"], one["bytes"], one["source"]) for one in listed] == [
        ("/mnt/data/b.txt", 4, "user"),
        ("/mnt/data/a.csv", 3, "user"),
        ("/mnt/data/b.txt", 4, "user"),
    ]
    assert listed[1:] == [first, second]
    assert room.call("GET", f"{PATH}/{container}/files/{first['id']}/content").content == b"a,b"
    deleted = room.call("DELETE", f"{PATH}/{container}/files/{first['id']}").body
    assert deleted == {"id": first["id"], "object": "container.file.deleted", "deleted": True}
    assert len(room.get(f"{PATH}/{container}/files")["data"]) == 2
    room.call("DELETE", f"{PATH}/{container}")
    assert room.state.container_files == {}


def test_code_works_in_the_container_that_the_definition_names(room: Room) -> None:
    container = room.post(PATH, {"name": "work"})["id"]
    upload(room, container)
    new_version(room, tools=[{"type": "code_interpreter", "container": container}])

    call, message = respond(room, "How many bytes has a.csv?")["output"]

    assert call["container_id"] == container
    assert message["content"][0]["text"] == "a.csv has 3 bytes and 1 lines."


def test_a_container_that_the_service_makes_is_listed_with_its_files() -> None:
    room = scripted(Steps(RunCode("draw()", "", PNG), "Here it is."))

    call, _ = respond(room, "Draw!")["output"]

    (container,) = room.get(PATH)["data"]
    assert container["id"] == call["container_id"]
    (file,) = room.get(f"{PATH}/{container['id']}/files")["data"]
    assert file["source"] == "assistant"


@pytest.mark.parametrize(
    ("below", "body", "param"),
    [
        ("", {}, "name"),
        ("", {"name": "a", "file_ids": ["x"]}, "file_ids[0]"),
        ("", {"name": "a", "memory_limit": "2g"}, "memory_limit"),
        ("/files", {}, "file_id"),
        ("/files", {"file_id": "x"}, "file_id"),
    ],
)
def test_bodies_that_cannot_be_are_refused(room: Room, below: str, body: Any, param: str) -> None:
    container = f"/{room.post(PATH, {'name': 'work'})['id']}" if below else ""

    status, _, named = error_of(room.call("POST", f"{PATH}{container}{below}", body))

    assert (status, named) == (400, param)
