"""Endpoints of the files of a vector store, one by one and in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.classic.wire import deleted_json
from langchain_foundry_agents.emulator.exchange import Answer, Call
from langchain_foundry_agents.emulator.pages import page
from langchain_foundry_agents.emulator.refusals import missing, not_found
from langchain_foundry_agents.emulator.validation import Check, mapping, one_of, read, text
from langchain_foundry_agents.emulator.vector_stores.indexing import (
    FILES,
    asset,
    data_source,
    files_of,
    index,
    known_file,
)
from langchain_foundry_agents.emulator.vector_stores.records import (
    AUTO,
    FILE_STATUSES,
    FileBatch,
)
from langchain_foundry_agents.emulator.vector_stores.wire import batch_json, file_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from langchain_foundry_agents.emulator.records import File, JsonObject
    from langchain_foundry_agents.emulator.state import State
    from langchain_foundry_agents.emulator.vector_stores.records import IndexedFile, VectorStore

_FILE: dict[str, Check] = {
    "file_id": text(least=1),
    "data_source": data_source,
    "chunking_strategy": FILES["chunking_strategy"],
    "attributes": mapping,
}
_filter = one_of(*FILE_STATUSES)


def add_file(state: State, call: Call) -> Answer:
    """POST /vector_stores/{id}/files."""
    store = _store(state, call)
    fields = read(call.body, _FILE)
    chunked = fields.get("chunking_strategy", AUTO)
    (added,) = index(state, store, [_named(state, fields)], chunked, fields.get("attributes"))
    return Answer(file_json(store, added, state.clock()))


def list_files(state: State, call: Call) -> Answer:
    """GET /vector_stores/{id}/files, of one status or of all."""
    store = _store(state, call)
    return _listed(state, store, store.files.values(), call)


def get_file(state: State, call: Call) -> Answer:
    """GET /vector_stores/{id}/files/{id}."""
    store, one = file_of(state, call)
    return Answer(file_json(store, one, state.clock()))


def remove_file(state: State, call: Call) -> Answer:
    """DELETE /vector_stores/{id}/files/{id}; the file itself stays."""
    store, one = file_of(state, call)
    del store.files[one.id]
    return Answer(deleted_json("vector_store.file", one.id))


def create_batch(state: State, call: Call) -> Answer:
    """POST /vector_stores/{id}/file_batches."""
    store = _store(state, call)
    fields = read(call.body, FILES)
    if not fields.get("file_ids") and not fields.get("data_sources"):
        raise missing("file_ids")
    chunked = fields.get("chunking_strategy", AUTO)
    added = index(state, store, files_of(state, fields), chunked)
    batch = FileBatch(state.ids.new_batch(), state.now(), added)
    store.batches[batch.id] = batch
    return Answer(batch_json(store, batch, state.clock()))


def get_batch(state: State, call: Call) -> Answer:
    """GET /vector_stores/{id}/file_batches/{id}."""
    store = _store(state, call)
    return Answer(batch_json(store, _batch(store, call), state.clock()))


def cancel_batch(state: State, call: Call) -> Answer:
    """POST /vector_stores/{id}/file_batches/{id}/cancel; one that is over stays as it is."""
    store = _store(state, call)
    batch, now = _batch(store, call), state.clock()
    if batch.status(now) == "in_progress":
        batch.cancelled = True
        for one in batch.files:
            one.cancelled = one.status(now) in ("in_progress", "cancelled")
    return Answer(batch_json(store, batch, now))


def list_batch_files(state: State, call: Call) -> Answer:
    """GET /vector_stores/{id}/file_batches/{id}/files, of one status or of all."""
    store = _store(state, call)
    return _listed(state, store, _batch(store, call).files, call)


def file_of(state: State, call: Call) -> tuple[VectorStore, IndexedFile]:
    """The store that a path names, and its file."""
    store, file = _store(state, call), state.file(call.ids["file"])
    if file.id not in store.files:
        raise not_found("file", file.id)
    return store, store.files[file.id]


def _named(state: State, fields: JsonObject) -> tuple[File, str | None]:
    if "file_id" in fields:
        return known_file(state, fields["file_id"], "file_id"), None
    if "data_source" in fields:
        return asset(state, fields["data_source"]["uri"])
    raise missing("file_id")


def _listed(state: State, store: VectorStore, files: Iterable[IndexedFile], call: Call) -> Answer:
    now, wanted = state.clock(), call.query.get("filter")
    if wanted:
        _filter(wanted, "filter")
    chosen = sorted(
        (one for one in files if wanted in (None, "", one.status(now))),
        key=lambda one: state.ids.place(one.id) or 0,
    )

    def show(one: IndexedFile) -> JsonObject:
        return file_json(store, one, now)

    return Answer(page(chosen, call.query, state.ids, show))


def _store(state: State, call: Call) -> VectorStore:
    return state.vector_store(call.ids["store"])


def _batch(store: VectorStore, call: Call) -> FileBatch:
    identifier = call.ids["batch"]
    if identifier not in store.batches:
        raise not_found("file batch", identifier)
    return store.batches[identifier]
