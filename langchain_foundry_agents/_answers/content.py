"""The content of an answer as it grows.

An answer that is all text has `str` content. With the first other block, blocks carry an int
`index`, and the text before stays the leading `str`, as LangChain's own merge has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_foundry_agents._answers.stops import StopCutter
from langchain_foundry_agents._messages import JSON
from langchain_foundry_agents.citations import CitedText

_BETWEEN_TEXTS = "\n\n"


@dataclass(slots=True)
class TextPart:
    """A text of a message, and where it went."""

    cited: CitedText
    kind: str = "text"
    """Its block's type: "text", or "reasoning", which is a block of its own always."""
    source: list[str] = field(default_factory=list)
    """What was taken of the service's text, in pieces."""
    taken: int = 0
    """How much of the service's text was taken, in characters."""
    begins: int | None = None
    """Where it begins in its block, or in the leading text; `None` before its first character."""
    led: int | None = None
    """Where it began in the leading text, if it went on in a block."""
    index: int | None = None
    """Its block; `None` in the leading text."""
    length: int = 0
    """How much of it was handed out."""


def told_twice(pieces: Sequence[str], whole: str) -> bool:
    """Whether pieces of a text tell it only without those of them that came again."""
    if whole.startswith("".join(pieces).rstrip()):
        return False
    place, known = 0, set[str]()
    for piece in pieces:
        if whole.startswith(piece, place):
            place += len(piece)
            known.add(piece)
        elif piece not in known:
            return False
    return True


class Content:
    """Takes texts and blocks, and gives what is new of them for the next chunks."""

    def __init__(self, stop: Sequence[str]) -> None:
        self._cutter = StopCutter(stop)
        self._ready: list[str | list[JSON]] = []
        self._text: list[str] = []
        self._blocks: list[JSON] = []
        self._part: TextPart | None = None
        self._next_index: int | None = None
        self.said: list[str] = []
        """All text that was handed out."""

    @property
    def enough(self) -> bool:
        """Whether a stop sequence came."""
        return self._cutter.stopped

    def add_text(self, part: TextPart, text: str) -> None:
        """Put text at the end of a part."""
        if not text or self.enough:
            return
        if part is not self._part:
            self._begin(part)
        if part.kind == "text":
            self._put(self._cutter.push(text))
        elif not self.enough:
            self._put(text)

    def add_block(self, block: JSON) -> None:
        """Put a block that is no text."""
        if self.enough:
            return
        self._leave_part()
        if self.enough:
            return
        self._begin_blocks()
        self._blocks.append({**block, "index": self._new_index()})

    def flush(self) -> None:
        """Hand out what was held back, as no more comes that could complete a stop sequence."""
        self._put(self._cutter.flush())

    def take(self) -> list[str | list[JSON]]:
        """The contents of the next chunks: one, or two where text turned into blocks."""
        self._close()
        ready, self._ready = self._ready, []
        return ready

    def add_note(self, part: TextPart, text: str) -> None:
        """Put a text of our own at the end of a part; no stop sequence cuts it."""
        self._leave_part()
        if self._next_index is not None and part.index is None:
            part = TextPart(part.cited, index=self._new_index())
        self._part = part
        self._put(text)

    def _leave_part(self) -> None:
        """Hand out what was held back of a part, before anything else comes."""
        if self._part:
            self._put(self._cutter.push(self._part.cited.flush()))
            self.flush()
        self._part = None

    def _begin(self, part: TextPart) -> None:
        self._leave_part()
        if self.enough:
            return
        if part.kind != "text":
            self._begin_blocks()
        if self._next_index is None and part.begins is None and self.said:
            self._put(_BETWEEN_TEXTS)
        self._part = part
        if self._next_index is not None:
            if part.index is None and part.begins is not None:
                part.led, part.begins = part.begins, -part.length
            part.index = self._new_index() if part.index is None else part.index
            part.begins = part.begins or 0
        elif part.begins is None:
            part.begins = sum(map(len, self.said))

    def _begin_blocks(self) -> None:
        if self._next_index is None:
            # Text and blocks in one chunk would merge otherwise than in two.
            self._close()
            self._next_index = 1 if self.said else 0

    def _put(self, text: str) -> None:
        if not text:
            return
        kind = self._part.kind if self._part else "text"
        if kind == "text":
            self.said.append(text)
        if self._part:
            self._part.length += len(text)
        if self._next_index is None or self._part is None:
            self._text.append(text)
            return
        for block in reversed(self._blocks):
            if block["index"] == self._part.index:
                block[kind] += text
                return
        self._blocks.append({"type": kind, kind: text, "index": self._part.index})

    def _new_index(self) -> int:
        index = self._next_index or 0
        self._next_index = index + 1
        return index

    def _close(self) -> None:
        content: Any = self._blocks or "".join(self._text)
        self._text, self._blocks = [], []
        if content:
            self._ready.append(content)
