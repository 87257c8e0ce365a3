"""What faults make of the bytes of an answer, piece by piece.

Rule of the room: no sockets. A stream's pieces hold whole events, as the server writes them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import Enum
from typing import TypeAlias


class Stop(Enum):
    """What happens where no more bytes come."""

    CLOSED = "the connection is closed"
    SILENT = "the connection stays open"


Shape: TypeAlias = Callable[[bytes], Iterator[bytes | Stop]]
"""Makes of a piece what is written in its place, each by itself, until a stop."""

_END = b"\n\n"
_EVENT = re.compile(rb".*?\n\n", re.DOTALL)
_LEADING = re.compile(rb"(?<=[\xc2-\xf4])(?=[\x80-\xbf])")
_COMMENT = b": keepalive\n\n"
_KEEPALIVE = b'event: keepalive\ndata: {"type":"keepalive"}\n\n'


class Cut:
    """Passes so many bytes, or so many events, and stops there.

    Args:
        stop: what happens then.
        at: after so many bytes.
        event: after so many events; counts where `at` is None.
    """

    def __init__(self, stop: Stop, at: int | None, event: int) -> None:
        self._stop = stop
        self._bytes = at
        self._events = event

    def __call__(self, piece: bytes) -> Iterator[bytes | Stop]:
        """The piece, or its beginning and the stop."""
        end = self._end(piece)
        yield piece[:end]
        if end is not None:
            yield self._stop

    def _end(self, piece: bytes) -> int | None:
        """Where the piece is cut; None if it is not."""
        if self._bytes is not None:
            room = self._bytes
            self._bytes -= len(piece)
            return room if room <= len(piece) else None
        ends = [0, *(found.end() for found in re.finditer(_END, piece))]
        room = self._events
        self._events -= len(ends) - 1
        return ends[room] if room < len(ends) else None


def halved(piece: bytes) -> Iterator[bytes | Stop]:
    """The first half, then the connection is closed."""
    yield piece[: len(piece) // 2]
    yield Stop.CLOSED


def split(piece: bytes) -> Iterator[bytes | Stop]:
    """Cut in the midst of every character that has several bytes."""
    yield from _LEADING.split(piece)


def crlf(piece: bytes) -> Iterator[bytes | Stop]:
    """Every line ends as in HTTP's own headers."""
    yield piece.replace(b"\n", b"\r\n")


def commented(piece: bytes) -> Iterator[bytes | Stop]:
    """A comment and an event that tells nothing come before every event."""
    yield b"".join(_COMMENT + _KEEPALIVE + event for event in _EVENT.findall(piece))


def doubled(piece: bytes) -> Iterator[bytes | Stop]:
    """Every event comes twice."""
    yield b"".join(event * 2 for event in _EVENT.findall(piece))
