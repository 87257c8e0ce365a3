"""Endpoints of containers, in which code runs, and of their files."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote

from langchain_foundry_agents.emulator.exchange import Answer, Call, json_body
from langchain_foundry_agents.emulator.files import read_upload
from langchain_foundry_agents.emulator.responses.pages import Listed, page
from langchain_foundry_agents.emulator.validation import (
    Check,
    items,
    one_of,
    read,
    shape,
    text,
    whole,
)
from langchain_foundry_agents.emulator.vector_stores.indexing import known_file

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import File, JsonObject
    from langchain_foundry_agents.emulator.responses.records import Container, ContainerFile
    from langchain_foundry_agents.emulator.state import State

_CONTAINER: dict[str, Check] = {
    "name": text(least=1),
    "file_ids": items(text(least=1)),
    "expires_after": shape(
        {"anchor": one_of("last_active_at"), "minutes": whole(least=1)}, ("anchor", "minutes")
    ),
    "memory_limit": one_of("1g", "4g", "16g", "64g"),
}


def create_container(state: State, call: Call) -> Answer:
    """POST /openai/v1/containers."""
    given = read(call.body, _CONTAINER, ("name",))
    files = [
        known_file(state, one, f"file_ids[{place}]")
        for place, one in enumerate(given.get("file_ids", []))
    ]
    container = state.add_container(given["name"])
    container.minutes = given.get("expires_after", {}).get("minutes", container.minutes)
    container.memory_limit = given.get("memory_limit", container.memory_limit)
    for file in files:
        _copied(state, container, file)
    return Answer(_container_json(state, container))


def list_containers(state: State, call: Call) -> Answer:
    """GET /openai/v1/containers."""
    chosen = [Listed(one.id, _container_json(state, one)) for one in state.containers.values()]
    return Answer(page(chosen, call.query, state.ids))


def get_container(state: State, call: Call) -> Answer:
    """GET /openai/v1/containers/{id}."""
    return Answer(_container_json(state, state.container(call.ids["container"])))


def delete_container(state: State, call: Call) -> Answer:
    """DELETE /openai/v1/containers/{id}, with its files."""
    container = state.container(call.ids["container"])
    del state.containers[container.id]
    for one in _files(state, container):
        del state.container_files[container.id, one.id]
    return Answer({"id": container.id, "object": "container.deleted", "deleted": True})


def add_file(state: State, call: Call) -> Answer:
    """POST /openai/v1/containers/{id}/files: a form with `file`, or JSON with `file_id`."""
    container = state.container(call.ids["container"])
    if call.content_type.startswith("multipart/"):
        data, name, _ = read_upload(state, call)
        file = state.add_container_file(container.id, data, name, source="user")
    else:
        given = read(json_body(call.raw), {"file_id": text(least=1)}, ("file_id",))
        file = _copied(state, container, known_file(state, given["file_id"], "file_id"))
    container.last_active_at = state.now()
    return Answer(_file_json(file))


def list_files(state: State, call: Call) -> Answer:
    """GET /openai/v1/containers/{id}/files."""
    files = _files(state, state.container(call.ids["container"]))
    return Answer(page([Listed(one.id, _file_json(one)) for one in files], call.query, state.ids))


def get_file(state: State, call: Call) -> Answer:
    """GET /openai/v1/containers/{id}/files/{id}."""
    return Answer(_file_json(_file(state, call)))


def get_content(state: State, call: Call) -> Answer:
    """GET /openai/v1/containers/{id}/files/{id}/content: the bytes."""
    file = _file(state, call)
    suffix = PurePosixPath(file.filename).suffix
    named = f"attachment; filename=\"file{suffix}\"; filename*=UTF-8''{quote(file.filename)}"
    return Answer({}, content=file.data, headers={"Content-Disposition": named})


def delete_file(state: State, call: Call) -> Answer:
    """DELETE /openai/v1/containers/{id}/files/{id}."""
    file = _file(state, call)
    del state.container_files[file.container_id, file.id]
    return Answer({"id": file.id, "object": "container.file.deleted", "deleted": True})


def _file(state: State, call: Call) -> ContainerFile:
    return state.container_file(call.ids["container"], call.ids["file"])


def _files(state: State, container: Container) -> list[ContainerFile]:
    return [one for one in state.container_files.values() if one.container_id == container.id]


def _copied(state: State, container: Container, file: File) -> ContainerFile:
    return state.add_container_file(container.id, file.data, file.filename, source="user")


def _container_json(state: State, container: Container) -> JsonObject:
    return {
        "id": container.id,
        "object": "container",
        "created_at": container.created_at,
        "status": container.status(state.now()),
        "expires_after": {"anchor": "last_active_at", "minutes": container.minutes},
        "last_active_at": container.last_active_at,
        "memory_limit": container.memory_limit,
        "name": container.name,
    }


def _file_json(file: ContainerFile) -> JsonObject:
    return {
        "id": file.id,
        "object": "container.file",
        "created_at": file.created_at,
        "bytes": len(file.data),
        "container_id": file.container_id,
        "path": f"/mnt/data/{file.filename}",
        "source": file.source,
    }
