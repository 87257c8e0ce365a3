"""Bytes → server-sent events, by the rules of https://html.spec.whatwg.org/multipage/server-sent-events.html.

Lines end with CR, LF or CRLF, a code point may be split over two reads, comments are passed over,
and an event that the stream's end cuts off is dropped. `id` and `retry` mean nothing here.
No event and no line may be larger than `most`, so that no stream fills the memory.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from itertools import repeat, takewhile
from operator import itemgetter

from langchain_foundry_agents.errors import ProtocolError

MOST = 16 * 2**20
"""The largest event and the longest line that is read, in characters."""

# Only these end a line: `str.splitlines` also breaks at form feeds and U+2028, which JSON may hold.
_LINE_END = re.compile(r"\r\n|\n|\r")
_MANY = 24
"""Of fewer lines each is taken by itself."""
_AFTER_DATA = itemgetter(slice(len("data: "), None))


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
        place, together = 0, len(lines) >= _MANY
        while place < len(lines):
            line = lines[place]
            place += 1
            if line:
                field, _, value = line.partition(":")
                if field == "data":
                    self._data.append(value.removeprefix(" "))
                elif field == "event":
                    self._name = value.removeprefix(" ")
            elif not self._data:
                self._name = ""
            else:
                events.append(self._event())
                if together and lines[place : place + 1] == lines[place - 3 : place - 2]:
                    alike = self._alike(lines, place)
                    # What is written otherwise is read line by line.
                    together = bool(alike)
                    events += alike
                    place += 3 * len(alike)
        return events

    def _alike(self, lines: Sequence[str], place: int) -> list[ServerSentEvent]:
        """The next events of one name that have three lines each: name, data, and an empty one."""
        name = lines[place]
        named = [*takewhile(name.__eq__, lines[place::3])]
        ends = lines[place + 2 : place + 3 * len(named) : 3]
        datas = lines[place + 1 : place + 3 * len(ends) : 3]
        if (
            not ends
            or any(ends)
            or not name.startswith("event: ")
            or not all(map(str.startswith, datas, repeat("data: ")))
            or max(map(len, datas)) > self._most
        ):
            return []
        return [*zip(repeat(name[7:] or "message"), map(_AFTER_DATA, datas))]

    def _keep(self, rest: str) -> None:
        """Keep what belongs to no event yet, unless it is too much."""
        self._rest.append(rest)
        self._rest_size += len(rest)
        if len(self._data) > 1:
            self._data = ["\n".join(self._data)]
        size = self._rest_size + (len(self._data[0]) if self._data else 0)
        if size > self._most:
            raise self._too_large(size)

    def _event(self) -> ServerSentEvent:
        name, lines = self._name or "message", self._data
        self._name, self._data = "", []
        data = lines[0] if len(lines) == 1 else "\n".join(lines)
        if len(data) > self._most:
            raise self._too_large(len(data))
        return name, data

    def _too_large(self, size: int) -> ProtocolError:
        return ProtocolError(
            f"An event of the stream is too large: {size:,} characters came so far, and at most "
            f"{self._most:,} are read."
        )
