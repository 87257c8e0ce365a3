"""Vector stores: files come in one by one, in batches and as assets; they wait, fail and expire."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .room import START, Room

DAY = 24 * 60 * 60
POLICY = {"anchor": "last_active_at", "days": 2}
URI = "azureml://datastores/blobs/paths/notes.md"


class Shelf:
    """A vector store, and files to put there."""

    def __init__(self, index_delay: float = 0.0, **fields: Any) -> None:
        self.room = Room()
        self.room.state.index_delay = index_delay
        self.files = [
            self.room.state.add_file(data, f"{data.decode()}.txt", "assistants").id
            for data in (b"one", b"three")
        ]
        self.path = f"/vector_stores/{self.room.post('/vector_stores', fields)['id']}"

    def shown(self) -> Any:
        return self.room.get(self.path)

    def add(self, **fields: Any) -> Any:
        return self.room.post(f"{self.path}/files", fields)

    def batch(self, **fields: Any) -> Any:
        return self.room.post(f"{self.path}/file_batches", fields)

    def statuses(self, below: str = "", **query: str) -> list[tuple[str, str]]:
        listed = self.room.get(f"{self.path}{below}/files", **query)["data"]
        return [(one["id"], one["status"]) for one in listed]

    def refused(self, path: str, body: Any) -> tuple[int, str]:
        answer = self.room.call("POST", path, body)
        return answer.status, answer.body["error"]["param"]


def counts(**found: int) -> dict[str, int]:
    none = dict.fromkeys(("in_progress", "completed", "failed", "cancelled"), 0)
    return none | found | {"total": sum(found.values())}


def test_a_batch_brings_its_files_into_the_store() -> None:
    shelf = Shelf()

    batch = shelf.batch(file_ids=shelf.files)

    assert batch == {
        "id": batch["id"],
        # Recorded: test_create_vector_store_batch_azure in Azure/azure-sdk-assets, b188b06c.
        "object": "vector_store.file_batch",
        "created_at": START,
        "vector_store_id": shelf.shown()["id"],
        "status": "completed",
        "file_counts": counts(completed=2),
    }
    assert re.fullmatch("vsfb_[0-9a-f]{32}", batch["id"])
    assert shelf.room.get(f"{shelf.path}/file_batches/{batch['id']}") == batch
    newest_first = [(one, "completed") for one in reversed(shelf.files)]
    assert shelf.statuses(f"/file_batches/{batch['id']}") == newest_first
    assert shelf.statuses() == newest_first
    assert (shelf.shown()["usage_bytes"], shelf.shown()["file_counts"]) == (8, counts(completed=2))


def test_files_that_take_time_are_in_progress_first() -> None:
    shelf = Shelf(index_delay=5)
    batch = shelf.batch(file_ids=shelf.files[:1])
    shelf.room.time += 4
    shelf.add(file_id=shelf.files[1])

    before, below = shelf.shown(), f"/file_batches/{batch['id']}"
    shelf.room.time += 1

    assert (before["status"], before["usage_bytes"]) == ("in_progress", 0)
    assert (batch["status"], batch["file_counts"]) == ("in_progress", counts(in_progress=1))
    assert shelf.statuses(filter="in_progress") == [(shelf.files[1], "in_progress")]
    assert shelf.statuses(filter="completed") == [(shelf.files[0], "completed")]
    assert shelf.statuses(below, filter="failed") == []
    assert shelf.room.get(shelf.path + below)["status"] == "completed"
    assert shelf.shown()["file_counts"] == counts(in_progress=1, completed=1)


def test_cancelling_a_batch_keeps_its_files_out() -> None:
    shelf = Shelf(index_delay=5)
    batch = shelf.batch(file_ids=shelf.files)
    path = f"{shelf.path}/file_batches/{batch['id']}"

    cancelled = shelf.room.post(f"{path}/cancel")
    shelf.room.time += 5

    assert (cancelled["status"], cancelled["file_counts"]) == ("cancelled", counts(cancelled=2))
    assert shelf.room.get(path) == cancelled
    assert (shelf.shown()["status"], shelf.shown()["usage_bytes"]) == ("completed", 0)
    assert shelf.add(file_id=shelf.files[0])["status"] == "in_progress"


def test_cancelling_a_batch_that_is_over_changes_nothing() -> None:
    shelf = Shelf()
    batch = shelf.batch(file_ids=shelf.files)

    assert shelf.room.post(f"{shelf.path}/file_batches/{batch['id']}/cancel") == batch


def test_a_file_that_is_named_twice_counts_once() -> None:
    shelf = Shelf()

    assert shelf.batch(file_ids=shelf.files[:1] * 2)["file_counts"] == counts(completed=1)


def test_a_deleted_file_leaves_its_stores_and_batches() -> None:
    shelf = Shelf()
    batch = shelf.batch(file_ids=shelf.files)

    shelf.room.call("DELETE", f"/files/{shelf.files[0]}")

    assert shelf.statuses() == [(shelf.files[1], "completed")]
    assert shelf.statuses(f"/file_batches/{batch['id']}") == [(shelf.files[1], "completed")]


def test_a_batch_is_known_in_its_store_only() -> None:
    shelf, other = Shelf(), "/vector_stores/{}"
    batch = shelf.batch(file_ids=shelf.files)
    elsewhere = other.format(shelf.room.post("/vector_stores", {})["id"])

    answer = shelf.room.call("GET", f"{elsewhere}/file_batches/{batch['id']}")

    assert answer.status == 404


def test_an_asset_is_a_file_of_that_name() -> None:
    shelf = Shelf()
    file = shelf.room.state.add_file(b"notes", URI, "assistants")

    added = shelf.add(data_source={"uri": URI, "type": "uri_asset"})

    assert (added["id"], added["status"], added["usage_bytes"]) == (file.id, "completed", 5)


def test_an_asset_that_nobody_put_there_fails_and_says_what_to_do() -> None:
    source = {"uri": URI, "type": "id_asset"}
    shelf = Shelf(configuration={"data_sources": [source]})

    batch = shelf.batch(data_sources=[source], file_ids=shelf.files[:1])

    ((failed, _),) = shelf.statuses(filter="failed")
    error = shelf.room.get(f"{shelf.path}/files/{failed}")["last_error"]
    assert error["code"] == "invalid_file"
    assert f"emulator.add_file(data, '{URI}')" in error["message"]
    assert (batch["status"], batch["file_counts"]) == ("completed", counts(completed=1, failed=1))
    assert shelf.batch(data_sources=[source])["status"] == "failed"


def test_assets_in_resources_become_files_and_stores() -> None:
    room = Room()
    file = room.state.add_file(b"notes", URI, "assistants")
    source = {"uri": URI, "type": "uri_asset"}
    stores = [{"name": "docs", "configuration": {"data_sources": [source]}}]
    resources = {
        "code_interpreter": {"data_sources": [source]},
        "file_search": {"vector_stores": stores},
    }

    for path, body in (("/assistants", {"model": "m"}), ("/threads", {})):
        shown = room.post(path, body | {"tool_resources": resources})["tool_resources"]

        (store,) = shown["file_search"].pop("vector_store_ids")
        assert shown == {"code_interpreter": {"file_ids": [file.id]}, "file_search": {}}
        assert room.get(f"/vector_stores/{store}")["name"] == "docs"
        assert room.get(f"/vector_stores/{store}/files/{file.id}")["status"] == "completed"


def test_a_store_expires_some_days_after_its_last_use() -> None:
    shelf = Shelf(expires_after=POLICY)
    made = shelf.shown()
    shelf.room.time += DAY
    shelf.add(file_id=shelf.files[0])

    used = shelf.shown()
    shelf.room.time += 2 * DAY

    assert (made["last_active_at"], made["expires_at"]) == (START, START + 2 * DAY)
    assert made["expires_after"] == POLICY
    assert (used["last_active_at"], used["expires_at"]) == (START + DAY, START + 3 * DAY)
    assert (used["status"], shelf.shown()["status"]) == ("completed", "expired")
    answer = shelf.room.call("POST", f"{shelf.path}/files", {"file_id": shelf.files[1]})
    assert (answer.status, "has expired" in answer.body["error"]["message"]) == (400, True)


def test_the_strategy_is_shown_as_the_service_has_it() -> None:
    shelf = Shelf()
    sizes = {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 50}

    auto = shelf.add(file_id=shelf.files[0], chunking_strategy={"type": "auto"})
    static = shelf.add(
        file_id=shelf.files[1], chunking_strategy={"type": "static", "static": sizes}
    )

    usual = {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400}
    assert auto["chunking_strategy"] == {"type": "static", "static": usual}
    assert static["chunking_strategy"] == {"type": "static", "static": sizes}


@pytest.mark.parametrize(
    ("below", "body", "param"),
    [
        ("", {"expires_after": {"anchor": "created_at", "days": 1}}, "expires_after.anchor"),
        ("", {"expires_after": {"anchor": "last_active_at", "days": 0}}, "expires_after.days"),
        ("/files", {}, "file_id"),
        ("/files", {"data_source": {"uri": "a", "type": "x"}}, "data_source.type"),
        ("/file_batches", {}, "file_ids"),
        ("/file_batches", {"file_ids": []}, "file_ids"),
        ("/file_batches", {"file_ids": ["assistant-x"]}, "file_ids[0]"),
        ("/files", {"file_id": "f", "chunking_strategy": {}}, "chunking_strategy.type"),
        (
            "/files",
            {"file_id": "f", "chunking_strategy": {"type": "static"}},
            "chunking_strategy.static",
        ),
    ],
)
def test_bodies_that_cannot_be_are_refused(below: str, body: Any, param: str) -> None:
    shelf = Shelf()

    assert shelf.refused(shelf.path + below, body) == (400, param)


@pytest.mark.parametrize(
    ("size", "overlap", "member"),
    [
        (99, 0, "max_chunk_size_tokens"),
        (4097, 0, "max_chunk_size_tokens"),
        (100, 51, "chunk_overlap_tokens"),
        (100, -1, "chunk_overlap_tokens"),
    ],
)
def test_chunks_out_of_range_are_refused(size: int, overlap: int, member: str) -> None:
    sizes = {"max_chunk_size_tokens": size, "chunk_overlap_tokens": overlap}
    body = {"chunking_strategy": {"type": "static", "static": sizes}}

    refused = Shelf().refused("/vector_stores", body)

    assert refused == (400, f"chunking_strategy.static.{member}")


def test_a_filter_that_is_no_status_is_refused() -> None:
    shelf = Shelf()

    assert shelf.room.call("GET", f"{shelf.path}/files", query={"filter": "done"}).status == 400
