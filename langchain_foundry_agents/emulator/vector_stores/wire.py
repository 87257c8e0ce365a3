"""How vector stores, their files and their batches look on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.vector_stores.records import counted

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject
    from langchain_foundry_agents.emulator.vector_stores.records import (
        Chunking,
        FileBatch,
        IndexedFile,
        VectorStore,
    )


def store_json(store: VectorStore, now: float) -> JsonObject:
    """A vector store."""
    described = {} if store.description is None else {"description": store.description}
    return {
        "id": store.id,
        "object": "vector_store",
        "name": store.name,
        **described,
        "status": store.status(now),
        "usage_bytes": sum(_usage(one, now) for one in store.files.values()),
        "created_at": store.created_at,
        "file_counts": counted(store.files.values(), now),
        "metadata": store.metadata,
        "expires_after": store.expires_after,
        "expires_at": store.expires_at,
        "last_active_at": store.last_active_at,
    }


def file_json(store: VectorStore, one: IndexedFile, now: float) -> JsonObject:
    """A file's place in a vector store."""
    noted = {"attributes": one.attributes} if one.attributes else {}
    status = one.status(now)
    return {
        "id": one.id,
        "object": "vector_store.file",
        "usage_bytes": _usage(one, now),
        "created_at": one.created_at,
        "vector_store_id": store.id,
        "status": status,
        "last_error": one.error if status == "failed" else None,
        "chunking_strategy": _strategy(one.chunking),
        **noted,
    }


def batch_json(store: VectorStore, batch: FileBatch, now: float) -> JsonObject:
    """A batch of files."""
    return {
        "id": batch.id,
        "object": "vector_store.file_batch",
        "created_at": batch.created_at,
        "status": batch.status(now),
        "vector_store_id": store.id,
        "file_counts": counted(batch.files, now),
    }


def _usage(one: IndexedFile, now: float) -> int:
    return len(one.file.data) if one.status(now) == "completed" else 0


def _strategy(chunking: Chunking) -> JsonObject:
    sizes = {"max_chunk_size_tokens": chunking.size, "chunk_overlap_tokens": chunking.overlap}
    return {"type": "static", "static": sizes}
