"""What is known of an answer so far: its ids, its texts with their citations, its blocks.

What reads the service's events puts it here. Of a delta or of a whole message only that is new
which was not there yet, so a streamed answer, a polled one and a resumed one come to the same.
After a stop sequence nothing is taken but the citations of what was said before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from langchain_foundry_agents._answers.content import Content, TextPart, told_twice
from langchain_foundry_agents._messages import JSON
from langchain_foundry_agents.citations import (
    CitationStyle,
    CitedText,
    Numbers,
    footnotes,
    map_annotation,
)

Place = tuple[Any, ...]
"""Where a content part stands: its message's id, and its place there."""


class Draft:
    """An answer as it grows.

    Args:
        ids: What is known of it from the start.
        stop: Where to cut the text.
        citations: What becomes of citation markers in the text.
        after: A call that the answer follows: what tells it from the one that asked.
    """

    def __init__(
        self, ids: JSON, stop: Sequence[str], citations: CitationStyle, after: str | None
    ) -> None:
        self.ids: JSON = dict(ids)
        self.content = Content(stop)
        self.message_ids: list[str] = []
        self.consents: list[JSON] = []
        """What the user is asked to consent to."""
        self.annotations: dict[Place, list[JSON]] = {}
        self.file_names: dict[str, str] = {}
        self.something = False
        """Whether the answer has any content."""
        self.doubled = False
        """Whether pieces of a text came twice, so that more was taken than the service said."""
        self._id: str | None = None
        self._after = after
        self._style: CitationStyle = citations
        self._numbers = Numbers()
        self._texts: dict[Place, TextPart] = {}
        self._pictures: set[str] = set()

    @property
    def id(self) -> str | None:
        """The message's id: of what it begins with, or of the run."""
        return self._id or self._own_id()

    @property
    def enough(self) -> bool:
        """Whether a stop sequence came."""
        return self.content.enough

    @property
    def said(self) -> str:
        """All text that was handed out."""
        return "".join(self.content.said)

    def note_ids(self, found: JSON) -> None:
        """Note the ids that are given. What is no text names nothing."""
        given = {name: id_ for name, id_ in found.items() if id_ and isinstance(id_, str)}
        self.ids.update(given)

    def forget_ids(self, names: Iterable[str]) -> None:
        """Forget ids that are true no more."""
        for name in names:
            self.ids.pop(name, None)

    def note_message(self, message_id: Any) -> None:
        """Note a message of the answer, if it has an id."""
        new = message_id not in self.message_ids
        if new and isinstance(message_id, str) and not self.enough:
            self.message_ids.append(message_id)

    def add_more(self, where: Place, new: str, kind: str = "text") -> None:
        """Take what follows a text so far.

        Args:
            where: Its place.
            new: What follows.
            kind: "text" or "reasoning", which no citation marker or stop sequence stands in.
        """
        if part := self._part(where, new, kind):
            part.source.append(new)
            self._add_new(part, new)

    def add_whole(self, where: Place, value: str, kind: str = "text") -> None:
        """Take what is new of a text that is whole. Arguments as of `add_more`."""
        if not isinstance(value, str):
            raise TypeError(value)
        if part := self._part(where, value, kind):
            if told_twice(part.source, value):
                self.doubled = True
            new = value[part.taken :]
            part.source.append(new)
            self._add_new(part, new)
            self.content.add_text(part, part.cited.flush())

    def add_block(self, block: JSON) -> None:
        """Put a block; a picture that code drew, and the message shows, stands once."""
        file_id = block.get("file_id")
        if file_id in self._pictures or self.enough:
            return
        if file_id:
            self._pictures.add(file_id)
        self._note_first_content()
        self.content.add_block(block)

    def cite(self, where: Place, annotations: Iterable[JSON]) -> None:
        """Add the annotations of a text that are new."""
        known = self.annotations.setdefault(where, [])
        for annotation in annotations:
            if annotation not in known:
                known.append(annotation)

    def citations(self) -> dict[int | None, list[Any]]:
        """The citations of each block, and of the leading text, once all text is there."""
        for part in self._texts.values():
            self.content.add_text(part, part.cited.flush())
        self.content.flush()
        found: dict[int | None, list[Any]] = {}
        for where, part in self._texts.items():
            for annotation in self.annotations.get(where) or []:
                index, begins = part.index, part.begins or 0
                cited = self._map_annotation(annotation, part, begins)
                end: Any = cited.get("end_index", 0)
                if part.led is not None and end <= 0:
                    # It stands in what was said before the text went on in a block.
                    index, begins = None, part.led
                    cited = self._map_annotation(annotation, part, begins)
                # Of a text that was cut, what is cited may be gone.
                if not self.enough or end <= begins + part.length:
                    found.setdefault(index, []).append(cited)
        if self._style == "markdown":
            self._add_footnotes([cited for many in found.values() for cited in many])
        return found

    def _part(self, where: Place, text: str, kind: str) -> TextPart | None:
        """The text of a place; `None` if none is begun there, or no more is wanted."""
        if self.content.enough:
            return None
        part = self._texts.get(where)
        if part is None and text:
            style = self._style if kind == "text" else "keep"
            part = self._texts[where] = TextPart(CitedText(style, self._numbers), kind)
        return part

    def _add_new(self, part: TextPart, text: str) -> None:
        part.taken += len(text)
        if self._id is None:
            self._note_first_content()
        self.content.add_text(part, part.cited.push(text))

    def _map_annotation(self, annotation: JSON, part: TextPart, begins: int) -> Any:
        return map_annotation(
            annotation,
            part.cited.place,
            begins,
            file_names=self.file_names,
            text="".join(part.source),
        )

    def _add_footnotes(self, cited: list[Any]) -> None:
        said = self.said
        there = {marker: n for marker, n in self._numbers.items() if f"[^{n}]" in said}
        if there:
            texts = (part for part in reversed(self._texts.values()) if part.kind == "text")
            self.content.add_note(next(texts), f"\n\n{footnotes(cited, Numbers(there))}")

    def _note_first_content(self) -> None:
        """Name the answer by what it begins with: a message, or what the run did before."""
        self.something = True
        self._id = self._id or (self.message_ids[0] if self.message_ids else self._own_id())

    def _own_id(self) -> str | None:
        """An id for an answer without messages: of no two answers of a run the same."""
        return "-".join(filter(None, [self.ids.get("run_id"), self._after])) or None
