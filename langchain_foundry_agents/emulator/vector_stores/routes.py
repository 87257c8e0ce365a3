"""Which method and path lead where, in both generations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.vector_stores import files, stores

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.routing import Route

VECTOR_STORE_ROUTES: tuple[Route, ...] = (
    ("POST", "/vector_stores", stores.create_vector_store),
    ("GET", "/vector_stores", stores.list_vector_stores),
    ("GET", "/vector_stores/{store}", stores.get_vector_store),
    ("POST", "/vector_stores/{store}", stores.update_vector_store),
    ("DELETE", "/vector_stores/{store}", stores.delete_vector_store),
    ("POST", "/vector_stores/{store}/files", files.add_file),
    ("GET", "/vector_stores/{store}/files", files.list_files),
    ("GET", "/vector_stores/{store}/files/{file}", files.get_file),
    ("DELETE", "/vector_stores/{store}/files/{file}", files.remove_file),
    ("POST", "/vector_stores/{store}/file_batches", files.create_batch),
    ("GET", "/vector_stores/{store}/file_batches/{batch}", files.get_batch),
    ("POST", "/vector_stores/{store}/file_batches/{batch}/cancel", files.cancel_batch),
    ("GET", "/vector_stores/{store}/file_batches/{batch}/files", files.list_batch_files),
)
