"""Takes files into vector stores: what bodies say of them, and where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.refusals import invalid
from langchain_foundry_agents.emulator.validation import (
    Check,
    items,
    mapping,
    one_of,
    shape,
    text,
    whole,
    wrong_value,
)
from langchain_foundry_agents.emulator.vector_stores.records import AUTO, Chunking, IndexedFile

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import File, JsonObject
    from langchain_foundry_agents.emulator.state import State
    from langchain_foundry_agents.emulator.vector_stores.records import VectorStore

_SMALLEST, _LARGEST = 100, 4096
_NO_ASSET = (
    "Nothing is known of the asset '{uri}'. In the emulator, an asset is a file whose name is the "
    "URI: `emulator.add_file(data, '{uri}')`."
)
_sizes = shape(
    {
        "max_chunk_size_tokens": whole(least=_SMALLEST, most=_LARGEST),
        "chunk_overlap_tokens": whole(least=0),
    },
    ("max_chunk_size_tokens", "chunk_overlap_tokens"),
)
data_source = shape(
    {"uri": text(least=1), "type": one_of("uri_asset", "id_asset")}, ("uri", "type")
)

configuration = shape({"data_sources": items(data_source)}, ("data_sources",))


def chunking(value: Any, param: str) -> Chunking:
    """How files are to be cut, where it is not left to the service."""
    kind = one_of("auto", "static")(mapping(value, param).get("type"), f"{param}.type")
    if kind == "auto":
        return AUTO
    given = shape({"static": _sizes}, ("static",))(value, param)["static"]
    found = Chunking(given["max_chunk_size_tokens"], given["chunk_overlap_tokens"])
    if found.overlap > found.size / 2:
        problem = f"at most half of max_chunk_size_tokens ({found.size}) is allowed."
        raise wrong_value(f"{param}.static.chunk_overlap_tokens", problem)
    return found


FILES: dict[str, Check] = {
    "file_ids": items(text(least=1)),
    "data_sources": items(data_source),
    "chunking_strategy": chunking,
}


def files_of(state: State, fields: JsonObject) -> list[tuple[File, str | None]]:
    """The files that checked fields name by id or as data sources, each with what is wrong with it.

    Raises:
        Refusal: a 400 for an id that no file has.
    """
    given: list[tuple[File, str | None]] = [
        (known_file(state, one, f"file_ids[{place}]"), None)
        for place, one in enumerate(fields.get("file_ids", []))
    ]
    return given + [asset(state, source["uri"]) for source in fields.get("data_sources", [])]


def known_file(state: State, file_id: str, param: str) -> File:
    """The file with that id, which a body names."""
    if file := state.files.get(file_id):
        return file
    message = f"Invalid '{param}': no file found with id '{file_id}'."
    raise invalid(message, param=param, code="invalid_value")


def find_asset(state: State, uri: str) -> File | None:
    """The newest file that has an asset's URI as its name."""
    return next((one for one in reversed(state.files.values()) if one.filename == uri), None)


def asset(state: State, uri: str) -> tuple[File, str | None]:
    """The file that stands for an asset, an empty one if there is none, and what is wrong."""
    file = find_asset(state, uri) or state.add_file(b"", uri, "assistants")
    return file, None if file.data else _NO_ASSET.format(uri=uri)


def index(
    state: State,
    store: VectorStore,
    files: list[tuple[File, str | None]],
    chunked: Chunking,
    attributes: JsonObject | None = None,
) -> list[IndexedFile]:
    """Puts files into a store, each once; one that is there, or on its way, stays as it is.

    Raises:
        Refusal: a 400 for a store that has expired.
    """
    now = state.clock()
    if store.expired(now):
        raise invalid(f"Vector store {store.id} has expired.")
    store.last_active_at = state.now()
    added = []
    for file, problem in {file.id: (file, problem) for file, problem in files}.values():
        error = {"code": "invalid_file", "message": problem} if problem else None
        new = IndexedFile(file, state.now(), now + state.index_delay, chunked, error)
        old = store.files.get(file.id)
        one = old if old and old.status(now) in ("in_progress", "completed") else new
        one.attributes = attributes if attributes is not None else one.attributes
        store.files[file.id] = one
        added.append(one)
    return added
