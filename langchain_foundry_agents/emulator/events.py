"""Server-sent events: what a run tells whoever streams it, and how that looks as bytes."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.json_text import utf8

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_foundry_agents.emulator.records import JsonObject

# One for all: `json.dumps` makes an encoder for each text.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `data` of None is the end marker."""

    name: str
    data: JsonObject | None

    def frame(self) -> bytes:
        """The event as it goes over the wire: LF only, compact JSON, raw UTF-8."""
        text = "[DONE]" if self.data is None else compact(self.data)
        return utf8(f"event: {self.name}\ndata: {text}\n\n")


class Feed:
    """The events of one streamed answer, from the run to the one who reads them.

    A feed ends with `done`, also when the run goes on later (tool outputs are a new stream).
    Once left, it drops what comes: the run does not care whether somebody listens.

    Args:
        marked: whether the stream ends with a `done` event; those of responses do not.
    """

    def __init__(self, *, marked: bool = True) -> None:
        self._marked = marked
        self._events: deque[Event] = deque()
        self._left = False
        self.closed = False
        self.on_news: Callable[[], None] = _nobody_listens

    def push(self, event: Event) -> None:
        """Adds an event and wakes the reader."""
        if not self._left:
            self._events.append(event)
            self.on_news()

    def close(self) -> None:
        """Ends the stream, with the `done` event where there is one."""
        if self.closed:
            return
        self.closed = True
        if self._marked:
            self.push(Event("done", None))
        else:
            self.on_news()

    def leave(self) -> None:
        """The reader is gone."""
        self._left = True
        self._events.clear()
        self.on_news = _nobody_listens

    def take(self) -> list[Event]:
        """Everything that came since the last look."""
        events = list(self._events)
        self._events.clear()
        return events


def compact(body: Any) -> str:
    """JSON without spaces, as in `data:` lines."""
    return _ENCODER.encode(body)


def _nobody_listens() -> None:
    return None
