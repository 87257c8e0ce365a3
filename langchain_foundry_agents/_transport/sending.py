"""A request as who waits for it sees it: when it has to be over, and whether it was sent.

The timeouts of httpx are for each read and each write. A server that sends a byte now and then, or
one interim answer after the other, would hold a request in sync code for as long as it likes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

_OPENED = (".connect_tcp.complete", ".start_tls.complete")
_PIECE = 2**16


@dataclass(slots=True)
class Sending:
    """One request."""

    until: float
    """When it has to be over, by the monotonic clock."""
    begun: bool = False
    """Its body began to be sent: before that the service cannot have taken it."""
    is_fragile: bool = False
    """Its connection is open, and not in use yet."""
    is_cancelled: bool = False

    def puts_off(self) -> bool:
        """Whether it ends by itself in a moment, and must not be cancelled before.

        httpcore forgets a connection that is cancelled between the two: it is neither closed nor
        ever used.
        """
        self.is_cancelled = self.is_fragile
        return self.is_fragile

    async def note(self, event: str, _: object) -> None:
        """What httpcore does: https://www.encode.io/httpcore/extensions/#trace."""
        if event.endswith(_OPENED):
            self.is_fragile = True
        elif self.is_fragile:
            self.is_fragile = False
            if self.is_cancelled:
                raise asyncio.CancelledError


_NOW: ContextVar[Sending | None] = ContextVar("sending", default=None)


@contextmanager
def within(seconds: float) -> Iterator[Sending]:
    """What is sent and read in here, in this thread or task, has so many seconds."""
    sending = Sending(time.monotonic() + seconds)
    token = _NOW.set(sending)
    try:
        yield sending
    finally:
        _NOW.reset(token)


def noted(request: httpx.Request) -> httpx.Request:
    """A request that notes when it is sent."""
    if sending := _NOW.get():
        request.stream = _noted_body()(request.stream, sending)
        request.extensions = {**request.extensions, "trace": sending.note}
    return request


def bounded(request: httpx.Request) -> httpx.Request:
    """A request of sync code, whose new connections look at the time with each read and write."""
    if sending := _NOW.get():
        request.stream = _noted_body()(request.stream, sending)
    request.extensions = {**request.extensions, "trace": _bound}
    return request


def _bound(event: str, told: dict[str, Any]) -> None:
    if event.endswith(_OPENED):
        stream = told["return_value"]
        read, write = stream.read, stream.write

        def read_in_time(most: int, timeout: float | None = None) -> bytes:
            piece: bytes = read(most, timeout=_left(timeout))
            return piece

        def write_in_time(data: bytes, timeout: float | None = None) -> None:
            for begin in range(0, len(data), _PIECE):
                write(data[begin : begin + _PIECE], timeout=_left(timeout))

        stream.read, stream.write = read_in_time, write_in_time


def _left(timeout: float | None) -> float | None:
    """How long one read or write may take now."""
    sending = _NOW.get()
    if sending is None:
        return timeout
    left = sending.until - time.monotonic()
    if left <= 0:
        import httpcore

        raise httpcore.ReadTimeout("The time is over.")
    return left if timeout is None else min(timeout, left)


@cache
def _noted_body() -> type[Any]:
    """The class of a body that notes when it is sent. httpx is imported on first use."""
    import httpx

    class NotedBody(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __init__(self, body: Any, sending: Sending) -> None:
            self._body = body
            self._sending = sending

        def __iter__(self) -> Iterator[bytes]:
            self._sending.begun = True
            yield from self._body

        async def __aiter__(self) -> AsyncIterator[bytes]:
            self._sending.begun = True
            async for piece in self._body:
                yield piece

    return NotedBody
