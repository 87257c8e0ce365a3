"""Endpoints of files."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote

from langchain_foundry_agents.emulator.exchange import Answer, Call
from langchain_foundry_agents.emulator.keeping import drop_file
from langchain_foundry_agents.emulator.multipart import read_form
from langchain_foundry_agents.emulator.refusals import invalid
from langchain_foundry_agents.emulator.responses.pages import Listed, page
from langchain_foundry_agents.emulator.validation import one_of
from langchain_foundry_agents.emulator.wire import file_json

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import File
    from langchain_foundry_agents.emulator.refusals import Refusal
    from langchain_foundry_agents.emulator.state import State
    from langchain_foundry_agents.emulator.validation import Check

_PURPOSES = ("assistants", "assistants_output", "vision")
_purpose = one_of(*_PURPOSES)
_project_purpose = one_of(*_PURPOSES, "batch", "evals", "fine-tune", "user_data")


def upload_file(state: State, call: Call) -> Answer:
    """POST /files, a form with `file` and `purpose`."""
    return _upload(state, call, _purpose)


def upload_project_file(state: State, call: Call) -> Answer:
    """POST /openai/v1/files, which takes more purposes."""
    return _upload(state, call, _project_purpose)


def _upload(state: State, call: Call, check_purpose: Check) -> Answer:
    form = read_form(call.content_type, call.raw)
    if "purpose" not in form:
        raise _missing("purpose")
    purpose = check_purpose(form["purpose"].text, "purpose")
    if "file" not in form:
        raise _missing("file")
    data = form["file"].data
    if len(data) > state.max_file_bytes:
        message = f"File is too large: {len(data)} bytes; {state.max_file_bytes} are allowed."
        raise invalid(message, param="file", code="invalid_value")
    stated = form["filename"].text if "filename" in form else None
    name = form["file"].filename or stated or "file"
    return Answer(file_json(state.add_file(data, name, purpose)))


def list_files(state: State, call: Call) -> Answer:
    """GET /files, newest first, without pages."""
    chosen = _of_purpose(state, call)
    return Answer({"object": "list", "data": [file_json(file) for file in reversed(chosen)]})


def list_project_files(state: State, call: Call) -> Answer:
    """GET /openai/v1/files, newest first, in pages."""
    chosen = [Listed(file.id, file_json(file)) for file in _of_purpose(state, call)]
    return Answer(page(chosen, call.query, state.ids))


def get_file(state: State, call: Call) -> Answer:
    """GET /files/{id}."""
    return Answer(file_json(state.file(call.ids["file"])))


def get_content(state: State, call: Call) -> Answer:
    """GET /files/{id}/content: the bytes."""
    return Answer({}, content=state.file(call.ids["file"]).data)


def delete_file(state: State, call: Call) -> Answer:
    """DELETE /files/{id}; vector stores lose it too."""
    file = state.file(call.ids["file"])
    drop_file(state, file.id)
    return Answer({"id": file.id, "object": "file", "deleted": True})


def get_container_file(state: State, call: Call) -> Answer:
    """GET /openai/v1/containers/{id}/files/{id}."""
    file = state.container_file(call.ids["container"], call.ids["file"])
    shown = {
        "id": file.id,
        "object": "container.file",
        "created_at": file.created_at,
        "bytes": len(file.data),
        "container_id": file.container_id,
        "path": f"/mnt/data/{file.filename}",
        "source": "assistant",
    }
    return Answer(shown)


def get_container_content(state: State, call: Call) -> Answer:
    """GET /openai/v1/containers/{id}/files/{id}/content: the bytes."""
    file = state.container_file(call.ids["container"], call.ids["file"])
    suffix = PurePosixPath(file.filename).suffix
    named = f"attachment; filename=\"file{suffix}\"; filename*=UTF-8''{quote(file.filename)}"
    return Answer({}, content=file.data, headers={"Content-Disposition": named})


def _of_purpose(state: State, call: Call) -> list[File]:
    purpose = call.query.get("purpose")
    return [file for file in state.files.values() if purpose in (None, file.purpose)]


def _missing(param: str) -> Refusal:
    message = f"Missing required parameter: '{param}'."
    return invalid(message, param=param, code="missing_required_parameter")
