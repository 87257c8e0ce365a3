"""Endpoints of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.exchange import Answer, Call
from langchain_foundry_agents.emulator.multipart import read_form
from langchain_foundry_agents.emulator.refusals import invalid
from langchain_foundry_agents.emulator.validation import one_of
from langchain_foundry_agents.emulator.wire import file_json

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.refusals import Refusal
    from langchain_foundry_agents.emulator.state import State

_purpose = one_of("assistants", "assistants_output", "vision")


def upload_file(state: State, call: Call) -> Answer:
    """POST /files, a form with `file` and `purpose`."""
    form = read_form(call.content_type, call.raw)
    if "purpose" not in form:
        raise _missing("purpose")
    purpose = _purpose(form["purpose"].text, "purpose")
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
    purpose = call.query.get("purpose")
    chosen = [file for file in state.files.values() if purpose in (None, file.purpose)]
    return Answer({"object": "list", "data": [file_json(file) for file in reversed(chosen)]})


def get_file(state: State, call: Call) -> Answer:
    """GET /files/{id}."""
    return Answer(file_json(state.file(call.ids["file"])))


def get_content(state: State, call: Call) -> Answer:
    """GET /files/{id}/content: the bytes."""
    return Answer({}, content=state.file(call.ids["file"]).data)


def delete_file(state: State, call: Call) -> Answer:
    """DELETE /files/{id}; vector stores lose it too."""
    file = state.file(call.ids["file"])
    del state.files[file.id]
    for store in state.vector_stores.values():
        store.file_ids = [one for one in store.file_ids if one != file.id]
    return Answer({"id": file.id, "object": "file", "deleted": True})


def _missing(param: str) -> Refusal:
    message = f"Missing required parameter: '{param}'."
    return invalid(message, param=param, code="missing_required_parameter")
