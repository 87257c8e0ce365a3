"""Bytes → server-sent events, by the rules of https://html.spec.whatwg.org/multipage/server-sent-events.html.

Lines end with CR, LF or CRLF, a code point may be split over two reads, comments are passed over,
and an event that the stream's end cuts off is dropped. `id` and `retry` mean nothing here.
No event and no line may be larger than `most`, so that no stream fills the memory.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence

from langchain_foundry_agents.errors import ProtocolError

MOST = 16 * 2**20
"""The largest event and the longest line that is read, in characters."""

# Only these end a line: `str.splitlines` also breaks at form feeds and U+2028, which JSON may hold.
_LINE_END = re.compile(r"\r\n|\n|\r")

ServerSentEvent = tuple[str, str]
"""An event: its name (`message` where the stream gives none), and its data."""


class SSEDecoder:
    """Feed it what the network gives, in pieces of any size; get the events that are complete.

    Args:
        most: The largest event and the longest line that is read, in characters.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        # The line that has no end yet, in the pieces that came: put together once, not each time.
        self._rest: list[str] = []
        self._rest_size = 0
        self._at_start = True
        self._after_cr = False
        self._name = ""
        self._data: list[str] = []
        self._data_size = 0

    def feed(self, piece: bytes) -> list[ServerSentEvent]:
        """The events that this piece completes.

        Raises:
            ProtocolError: An event or a line is too large.
        """
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
        lines = _LINE_END.split(text) if "\r" in text else text.split("\n")
        rest = lines.pop()
        if lines and self._rest:
            lines[0] = "".join((*self._rest, lines[0]))
            self._rest, self._rest_size = [], 0
        events = self._events(lines)
        if rest or self._data:
            self._keep(rest)
        return events

    def _events(self, lines: Sequence[str]) -> list[ServerSentEvent]:
        """The events that these lines complete."""
        events: list[ServerSentEvent] = []
        for line in lines:
            if line:
                field, _, value = line.partition(":")
                if field == "data":
                    value = value.removeprefix(" ")
                    self._data_size += len(value) + (1 if self._data else 0)
                    self._data.append(value)
                elif field == "event":
                    self._name = value.removeprefix(" ")
            elif self._data:
                events.append(self._event())
            else:
                self._name = ""
        return events

    def _keep(self, rest: str) -> None:
        """Keep what belongs to no event yet, unless it is too much."""
        self._rest.append(rest)
        self._rest_size += len(rest)
        size = self._rest_size + self._data_size
        if size > self._most:
            raise self._too_large(size)

    def _event(self) -> ServerSentEvent:
        name, lines, size = self._name or "message", self._data, self._data_size
        self._name, self._data, self._data_size = "", [], 0
        if size > self._most:
            raise self._too_large(size)
        return name, lines[0] if len(lines) == 1 else "\n".join(lines)

    def _too_large(self, size: int) -> ProtocolError:
        return ProtocolError(
            f"An event of the stream is too large: {size:,} characters came so far, and at most "
            f"{self._most:,} are read."
        )
