"""Endpoints of vector stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.classic.wire import deleted_json
from langchain_foundry_agents.emulator.exchange import Answer, Call
from langchain_foundry_agents.emulator.pages import page
from langchain_foundry_agents.emulator.validation import (
    Check,
    metadata,
    one_of,
    read,
    shape,
    text,
    whole,
)
from langchain_foundry_agents.emulator.vector_stores.indexing import (
    FILES,
    configuration,
    files_of,
    index,
)
from langchain_foundry_agents.emulator.vector_stores.records import AUTO, VectorStore
from langchain_foundry_agents.emulator.vector_stores.wire import store_json

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject
    from langchain_foundry_agents.emulator.state import State

_policy = shape({"anchor": one_of("last_active_at"), "days": whole(least=1)}, ("anchor", "days"))
_UPDATE: dict[str, Check] = {"name": text(), "expires_after": _policy, "metadata": metadata}
_STORE: dict[str, Check] = {
    **_UPDATE,
    "file_ids": FILES["file_ids"],
    "chunking_strategy": FILES["chunking_strategy"],
    "configuration": configuration,
    "description": text(),
}


def add_store(state: State, fields: JsonObject) -> VectorStore:
    """Makes a vector store from checked fields, with the files that it begins with."""
    sources = fields.pop("configuration", {}).get("data_sources", [])
    given = {"file_ids": fields.pop("file_ids", []), "data_sources": sources}
    files = files_of(state, given)
    chunked = fields.pop("chunking_strategy", AUTO)
    now = state.now()
    store = VectorStore(state.ids.new("vs"), created_at=now, last_active_at=now, **fields)
    state.vector_stores[store.id] = store
    index(state, store, files, chunked)
    return store


def create_vector_store(state: State, call: Call) -> Answer:
    """POST /vector_stores."""
    return _shown(state, add_store(state, read(call.body, _STORE)))


def list_vector_stores(state: State, call: Call) -> Answer:
    """GET /vector_stores."""
    now = state.clock()

    def show(store: VectorStore) -> JsonObject:
        return store_json(store, now)

    return Answer(page(list(state.vector_stores.values()), call.query, state.ids, show))


def get_vector_store(state: State, call: Call) -> Answer:
    """GET /vector_stores/{id}."""
    return _shown(state, state.vector_store(call.ids["store"]))


def update_vector_store(state: State, call: Call) -> Answer:
    """POST /vector_stores/{id}."""
    store = state.vector_store(call.ids["store"])
    for name, value in read(call.body, _UPDATE).items():
        setattr(store, name, value)
    return _shown(state, store)


def delete_vector_store(state: State, call: Call) -> Answer:
    """DELETE /vector_stores/{id}; its files stay."""
    store = state.vector_store(call.ids["store"])
    del state.vector_stores[store.id]
    return Answer(deleted_json("vector_store", store.id))


def _shown(state: State, store: VectorStore) -> Answer:
    return Answer(store_json(store, state.clock()))
