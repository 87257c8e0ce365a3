"""What the service remembers of vector stores.

Rule of the room: a status is a matter of the time. Nothing wakes up to change one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from langchain_foundry_agents.emulator.records import File, JsonObject

FILE_STATUSES = ("in_progress", "completed", "failed", "cancelled")
_DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Chunking:
    """How a file is cut: tokens of a chunk, and tokens that it shares with the one before."""

    size: int
    overlap: int


AUTO = Chunking(800, 400)


@dataclass(slots=True, eq=False)
class IndexedFile:
    """A file in a vector store; it can be searched from `ready_at` on, unless something is wrong.

    `attributes` are what callers of the new generation note of it.
    """

    file: File
    created_at: int
    ready_at: float
    chunking: Chunking = AUTO
    error: JsonObject | None = None
    cancelled: bool = False
    attributes: JsonObject = field(default_factory=dict)

    @property
    def id(self) -> str:
        """That of the file."""
        return self.file.id

    def status(self, now: float) -> str:
        """What has become of it."""
        if self.cancelled:
            return "cancelled"
        if now < self.ready_at:
            return "in_progress"
        return "failed" if self.error else "completed"


@dataclass(slots=True, eq=False)
class FileBatch:
    """Files that came into a vector store together."""

    id: str
    created_at: int
    files: list[IndexedFile]
    cancelled: bool = False

    def status(self, now: float) -> str:
        """`in_progress` until nothing is; then what happened to the files."""
        if self.cancelled:
            return "cancelled"
        found = counted(self.files, now)
        if found["in_progress"]:
            return "in_progress"
        return "failed" if found["failed"] == found["total"] > 0 else "completed"


@dataclass(slots=True, eq=False)
class VectorStore:
    """Files that can be searched, in the order in which they came in."""

    id: str
    created_at: int
    last_active_at: int
    name: str | None = None
    expires_after: JsonObject | None = None
    metadata: JsonObject = field(default_factory=dict)
    description: str | None = None
    files: dict[str, IndexedFile] = field(default_factory=dict)
    batches: dict[str, FileBatch] = field(default_factory=dict)

    @property
    def expires_at(self) -> int | None:
        """The second at which it can be searched no more."""
        if self.expires_after is None:
            return None
        return self.last_active_at + int(self.expires_after["days"]) * _DAY

    def expired(self, now: float) -> bool:
        """Whether it has been idle for too long."""
        return self.expires_at is not None and now >= self.expires_at

    def drop(self, file_id: str) -> None:
        """A file is no more."""
        self.files.pop(file_id, None)
        for batch in self.batches.values():
            batch.files = [one for one in batch.files if one.id != file_id]

    def status(self, now: float) -> str:
        """Whether it is ready."""
        if self.expired(now):
            return "expired"
        busy = counted(self.files.values(), now)["in_progress"]
        return "in_progress" if busy else "completed"

    def ready(self, now: float) -> list[IndexedFile]:
        """The files that can be searched."""
        if self.expired(now):
            return []
        return [one for one in self.files.values() if one.status(now) == "completed"]


def counted(files: Iterable[IndexedFile], now: float) -> dict[str, int]:
    """How many files there are of each status, and in total."""
    found = Counter(one.status(now) for one in files)
    return {status: found[status] for status in FILE_STATUSES} | {"total": found.total()}
