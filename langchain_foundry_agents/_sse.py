"""Bytes → server-sent events, by the rules of https://html.spec.whatwg.org/multipage/server-sent-events.html.

Lines end with CR, LF or CRLF, a code point may be split over two reads, comments are passed over,
and an event that the stream's end cuts off is dropped. `id` and `retry` mean nothing here.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

# Only these end a line: `str.splitlines` also breaks at form feeds and U+2028, which JSON may hold.
_LINE_END = re.compile(r"\r\n|\n|\r")


class ServerSentEvent(NamedTuple):
    """One event: its name (`message` where the stream gives none) and its data."""

    name: str
    data: str


class SSEDecoder:
    """Feed it what the network gives, in pieces of any size; get the events that are complete."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""
        self._at_start = True
        self._after_cr = False
        self._name = ""
        self._data: list[str] = []

    def feed(self, piece: bytes) -> list[ServerSentEvent]:
        """The events that this piece completes."""
        text = self._decode(piece)
        if not text:
            return []
        if self._at_start:
            text = text.removeprefix("\ufeff")
            self._at_start = False
        if self._after_cr:
            text = text.removeprefix("\n")
        # A CR ends its line at once, as no more may come; an LF that follows belongs to it.
        self._after_cr = text.endswith("\r")
        *lines, self._rest = _LINE_END.split(self._rest + text)
        return [event for line in lines if (event := self._take(line)) is not None]

    def _take(self, line: str) -> ServerSentEvent | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
        return None

    def _dispatch(self) -> ServerSentEvent | None:
        name, data = self._name or "message", self._data
        self._name, self._data = "", []
        return ServerSentEvent(name, "\n".join(data)) if data else None
