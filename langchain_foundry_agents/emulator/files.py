"""Endpoints of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.classic.wire import file_json
from langchain_foundry_agents.emulator.exchange import Answer, Call
from langchain_foundry_agents.emulator.keeping import drop_file
from langchain_foundry_agents.emulator.multipart import read_form
from langchain_foundry_agents.emulator.refusals import invalid, missing
from langchain_foundry_agents.emulator.responses.pages import Listed, page
from langchain_foundry_agents.emulator.validation import one_of

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.multipart import Part
    from langchain_foundry_agents.emulator.records import File
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


def read_upload(state: State, call: Call) -> tuple[bytes, str, dict[str, Part]]:
    """The file that a form brings and its name, and the whole form.

    Raises:
        Refusal: no form, no file, or one that is too large.
    """
    form = read_form(call.content_type, call.raw)
    if "file" not in form:
        raise missing("file")
    data = form["file"].data
    if len(data) > state.max_file_bytes:
        message = f"File is too large: {len(data)} bytes; {state.max_file_bytes} are allowed."
        raise invalid(message, param="file", code="invalid_value")
    stated = form["filename"].text if "filename" in form else None
    return data, form["file"].filename or stated or "file", form


def _upload(state: State, call: Call, check_purpose: Check) -> Answer:
    data, name, form = read_upload(state, call)
    if "purpose" not in form:
        raise missing("purpose")
    purpose = check_purpose(form["purpose"].text, "purpose")
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


def _of_purpose(state: State, call: Call) -> list[File]:
    purpose = call.query.get("purpose")
    return [file for file in state.files.values() if purpose in (None, file.purpose)]
