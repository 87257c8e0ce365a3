"""What the emulator was asked, for tests to look at."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.routing import below_project

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.exchange import Request

_TEXT_KEPT = 64 * 1024
"""Bytes that are kept of a body that is no JSON, such as an uploaded file."""
_SECRET_HEADERS = frozenset({"authorization", "api-key"})


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request that the emulator got; the values of `Authorization` and `api-key` are not kept.

    `body` is the JSON, or where it is none the text, of which only the beginning is kept, or None
    where there was no body. `status` is 0
    where no answer was sent. `fault` is the name of the fault that the request met.
    """

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    headers: Mapping[str, str]
    status: int
    fault: str | None = None

    @property
    def route(self) -> str:
        """The path below the project endpoint, such as `/threads/runs`."""
        return below_project(self.path)


class Journal:
    """The latest requests.

    Args:
        most: how many are kept.
        most_bytes: how large their bodies may be, taken together; the latest is always kept.
    """

    def __init__(self, most: int = 1000, most_bytes: int = 64 * 1024 * 1024) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._kept: deque[tuple[RecordedRequest, int]] = deque()
        self._bytes = 0

    @property
    def requests(self) -> list[RecordedRequest]:
        """Them, oldest first."""
        return [request for request, _ in tuple(self._kept)]

    def clear(self) -> None:
        """Forgets them."""
        self._kept.clear()
        self._bytes = 0

    def record(self, request: Request, status: int, fault: str | None) -> RecordedRequest:
        """Keeps a request, and forgets the oldest where they are too many."""
        headers = dict(request.headers)
        for name in _SECRET_HEADERS & headers.keys():
            headers[name] = "<not kept>"
        body = _readable(request.body)
        kept = RecordedRequest(
            request.method, request.path, request.query, body, headers, status, fault
        )
        self._kept.append((kept, len(request.body)))
        self._bytes += len(request.body)
        while len(self._kept) > max(1, self._most) or (
            self._bytes > self._most_bytes and len(self._kept) > 1
        ):
            self._bytes -= self._kept.popleft()[1]
        return kept


def _readable(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        pass
    if len(body) <= _TEXT_KEPT:
        return body.decode(errors="replace")
    return f"{body[:_TEXT_KEPT].decode(errors='replace')}… ({len(body)} bytes in all)"
