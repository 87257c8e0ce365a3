"""What a response is made from, and how a message is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

JSON = dict[str, Any]
Events = AsyncIterator[Any]

USAGE = {
    "input_tokens": 5,
    "input_tokens_details": {"cached_tokens": 2},
    "output_tokens": 7,
    "output_tokens_details": {"reasoning_tokens": 3},
    "total_tokens": 12,
}


@dataclass(frozen=True)
class Turn:
    """What one response is made from."""

    stream: Any
    request: JSON
    items: list[JSON]
    history: list[JSON]
    cancelled: asyncio.Event

    @property
    def words(self) -> list[str]:
        """The words of the last message."""
        return text_of(self.items[-1]).split()


def text_of(item: JSON) -> str:
    """The text of a message."""
    content = item.get("content") or ""
    parts = content if isinstance(content, list) else [{"text": content}]
    return "".join(part.get("text") or "" for part in parts)


def message(turn: Turn, *deltas: str, annotations: tuple[JSON, ...] = ()) -> Iterator[Any]:
    """A message, delta by delta; its annotations are told in events only."""
    item = turn.stream.add_output_item_message()
    yield item.emit_added()
    text = item.add_text_content()
    yield text.emit_added()
    for delta in deltas:
        yield text.emit_delta(delta)
    yield text.emit_text_done("".join(deltas))
    for annotation in annotations:
        yield text.emit_annotation_added(annotation)
    yield text.emit_done()
    yield item.emit_done()


Scene = Callable[[Turn], Events]
