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
_OF_TEXT = {"text", "reasoning"}


@dataclass(slots=True)
class TextPart:
    """A text of a message, and where it went."""

    cited: CitedText
    kind: str = "text"
    """Its block's type: "text", or "reasoning", which is a block of its own always."""
    source: list[str] = field(default_factory=list)
    """The service's text so far, in pieces."""
    is_whole: bool = False
    """Whether the finished text is known."""
    begins: int | None = None
    """Where it begins in its block, or in the leading text; `None` before its first character."""
    led: int | None = None
    """Where it began in the leading text, if it went on in a block."""
    index: int | None = None
    """Its block; `None` in the leading text."""
    length: int = 0
    """How much of it was handed out."""

    @property
    def text(self) -> str:
        """The service's text so far."""
        if len(self.source) > 1:
            self.source = ["".join(self.source)]
        return self.source[0] if self.source else ""

    def begin_anew(self, cited: CitedText) -> None:
        """Forget where it went."""
        self.cited, self.length = cited, 0
        self.begins = self.led = self.index = None


class Content:
    """Takes texts and blocks, and gives what is new of them for the next chunks."""

    def __init__(self, stop: Sequence[str]) -> None:
        self._cutter = StopCutter(stop)
        self._ready: list[str | list[JSON]] = []
        self._text: list[str] = []
        self._blocks: dict[int, JSON] = {}
        """The next chunk's, by index. Their texts are in pieces."""
        self._part: TextPart | None = None
        self._next_index: int | None = None
        self.said: list[str] = []
        """All text that was handed out."""
        self._length = 0

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

    def add_block(self, block: JSON) -> int:
        """Put a block that is no text, unless no more is wanted; its index."""
        if not self.enough:
            self._leave_part()
        index = self._next_index or 0
        if not self.enough:
            self._begin_blocks()
            index = self._new_index()
            self._blocks[index] = {**block, "index": index}
        return index

    def complete_block(self, index: int, value: JSON) -> None:
        """Put more members into the value of a non-standard block."""
        more = {"type": "non_standard", "value": value, "index": index}
        known = self._blocks.setdefault(index, more)
        known["value"] = {**known["value"], **value}

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
            part.begins = self._length

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
            self._length += len(text)
        if self._part:
            self._part.length += len(text)
        if self._next_index is None or self._part is None:
            self._text.append(text)
            return
        index = self._part.index or 0
        block = self._blocks.setdefault(index, {"type": kind, kind: [], "index": index})
        block[kind].append(text)

    def _new_index(self) -> int:
        index = self._next_index or 0
        self._next_index = index + 1
        return index

    def _close(self) -> None:
        blocks = [_joined(block) for block in self._blocks.values()]
        content: Any = blocks or "".join(self._text)
        self._text, self._blocks = [], {}
        if content:
            self._ready.append(content)


def _joined(block: JSON) -> JSON:
    """A block, with its text in one."""
    kind = block["type"]
    return {**block, kind: "".join(block[kind])} if kind in _OF_TEXT else block
