"""Endpoints of vector stores: as many as agents that search files need."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.exchange import Answer, Call
from langchain_foundry_agents.emulator.pages import page
from langchain_foundry_agents.emulator.records import File, JsonObject, VectorStore
from langchain_foundry_agents.emulator.refusals import invalid, not_found
from langchain_foundry_agents.emulator.validation import (
    Check,
    items,
    mapping,
    metadata,
    read,
    text,
)
from langchain_foundry_agents.emulator.wire import (
    deleted_json,
    vector_store_file_json,
    vector_store_json,
)

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.state import State

_UPDATE: dict[str, Check] = {"name": text(), "expires_after": mapping, "metadata": metadata}
_STORE: dict[str, Check] = {"file_ids": items(text(least=1)), **_UPDATE}


def create_vector_store(state: State, call: Call) -> Answer:
    """POST /vector_stores."""
    fields = read(call.body, _STORE)
    for place, file_id in enumerate(fields.get("file_ids", [])):
        _known(state, file_id, f"file_ids[{place}]")
    store = VectorStore(id=state.ids.new("vs"), created_at=state.now(), **fields)
    state.vector_stores[store.id] = store
    return Answer(_shown(state, store))


def list_vector_stores(state: State, call: Call) -> Answer:
    """GET /vector_stores."""
    stores = list(state.vector_stores.values())
    return Answer(page(stores, call.query, state.ids, partial(_shown, state)))


def get_vector_store(state: State, call: Call) -> Answer:
    """GET /vector_stores/{id}."""
    return Answer(_shown(state, _store(state, call)))


def update_vector_store(state: State, call: Call) -> Answer:
    """POST /vector_stores/{id}."""
    store = _store(state, call)
    for name, value in read(call.body, _UPDATE).items():
        setattr(store, name, value)
    return Answer(_shown(state, store))


def delete_vector_store(state: State, call: Call) -> Answer:
    """DELETE /vector_stores/{id}; its files stay."""
    store = _store(state, call)
    del state.vector_stores[store.id]
    return Answer(deleted_json("vector_store", store.id))


def add_file(state: State, call: Call) -> Answer:
    """POST /vector_stores/{id}/files."""
    store = _store(state, call)
    file_id = read(call.body, {"file_id": text(least=1)}, ("file_id",))["file_id"]
    file = _known(state, file_id, "file_id")
    if file.id not in store.file_ids:
        store.file_ids = [*store.file_ids, file.id]
    return Answer(vector_store_file_json(store, file))


def list_files(state: State, call: Call) -> Answer:
    """GET /vector_stores/{id}/files."""
    store = _store(state, call)
    files = sorted(
        (state.files[file_id] for file_id in store.file_ids),
        key=lambda file: state.ids.place(file.id) or 0,
    )
    return Answer(page(files, call.query, state.ids, partial(vector_store_file_json, store)))


def get_file(state: State, call: Call) -> Answer:
    """GET /vector_stores/{id}/files/{id}."""
    store = _store(state, call)
    return Answer(vector_store_file_json(store, _member(state, store, call)))


def remove_file(state: State, call: Call) -> Answer:
    """DELETE /vector_stores/{id}/files/{id}; the file itself stays."""
    store = _store(state, call)
    file = _member(state, store, call)
    store.file_ids = [one for one in store.file_ids if one != file.id]
    return Answer(deleted_json("vector_store.file", file.id))


def _store(state: State, call: Call) -> VectorStore:
    return state.vector_store(call.ids["store"])


def _member(state: State, store: VectorStore, call: Call) -> File:
    file = state.file(call.ids["file"])
    if file.id not in store.file_ids:
        raise not_found("file", file.id)
    return file


def _known(state: State, file_id: str, param: str) -> File:
    if file := state.files.get(file_id):
        return file
    message = f"Invalid '{param}': no file found with id '{file_id}'."
    raise invalid(message, param=param, code="invalid_value")


def _shown(state: State, store: VectorStore) -> JsonObject:
    size = sum(len(state.files[file_id].data) for file_id in store.file_ids)
    return vector_store_json(store, size)
