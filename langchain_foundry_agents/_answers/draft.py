"""What is known of an answer so far: its ids, its texts with their citations, its blocks.

What reads the service's events puts it here. Of a delta or of a whole message only that is new
which was not there yet, so a streamed answer, a polled one and a resumed one come to the same.
Where a finished text is not what its pieces came to, it takes their place if nothing was handed out
(`rewrite`). After a stop sequence nothing is taken but the citations of what was said before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from langchain_foundry_agents._answers.annotations import merged
from langchain_foundry_agents._answers.content import Content, TextPart
from langchain_foundry_agents._messages import JSON
from langchain_foundry_agents.citations import (
    CitationStyle,
    CitedText,
    Numbers,
    footnotes,
    map_annotation,
)

_FOOTNOTE = re.compile(r"\[\^(\d+)\]")

Place = tuple[Any, ...]
"""Where a content part stands: its message's place, and its own there."""


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
        self.consents: dict[Any, JSON] = {}
        """What the user is asked to consent to, by its link."""
        self.file_names: dict[str, str] = {}
        self.something = False
        """Whether the answer has any content."""
        self.differs = False
        """Whether what was taken is not what the service says at last."""
        self.contradicts = False
        """Whether that is more than white space at the end."""
        self._id: str | None = None
        self._after = after
        self._stop = stop
        self._style: CitationStyle = citations
        self._numbers = Numbers()
        self._messages: dict[Hashable, str] = {}
        """Ids of messages, by their places."""
        self._texts: dict[Place, TextPart] = {}
        self._cited_so_far: dict[Place, dict[str, JSON]] = {}
        """Annotations that came one by one, by what they say."""
        self._cited_whole: dict[Place, Sequence[JSON]] = {}
        """Annotations of finished texts."""
        self._pictures: set[str] = set()
        self._begun: dict[Hashable, tuple[int, JSON]] = {}
        """Blocks of which more may come, with their indexes."""
        self._order: list[TextPart | JSON] = []
        """Texts and blocks in the order of the answer."""
        self._first = 0
        """Where in this order the response begins that is read now."""

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

    @property
    def message_ids(self) -> list[str]:
        """The ids of the answer's messages, in order."""
        return [*dict.fromkeys(self._messages.values())]

    def note_ids(self, found: JSON) -> None:
        """Note the ids that are given. What is no text names nothing."""
        given = {name: id_ for name, id_ in found.items() if id_ and isinstance(id_, str)}
        self.ids.update(given)

    def forget_ids(self, names: Iterable[str]) -> None:
        """Forget ids that are true no more."""
        for name in names:
            self.ids.pop(name, None)

    def note_message(self, place: Hashable, message_id: Any) -> None:
        """Note a message of the answer, if it has an id. Of several the last one counts."""
        named = isinstance(message_id, str) and message_id
        if named and (place in self._messages or not self.enough):
            self._messages[place] = message_id

    def add_more(self, where: Place, new: str, kind: str = "text") -> None:
        """Take what follows a text so far, unless its whole is known.

        Args:
            where: Its place.
            new: What follows.
            kind: "text" or "reasoning", which no citation marker or stop sequence stands in.
        """
        if not isinstance(new, str):
            raise TypeError(new)
        part = self._part(where, new, kind)
        if part and not part.is_whole:
            part.source.append(new)
            self._add_new(part, new)

    def add_whole(self, where: Place, value: str, kind: str = "text") -> None:
        """Take what is new of a text that is whole. An empty one tells nothing."""
        if not isinstance(value, str):
            raise TypeError(value)
        part = self._part(where, value, kind)
        if part is None or not value:
            return
        said, part.source, part.is_whole = part.text, [value], True
        if value.startswith(said):
            self._add_new(part, value[len(said) :])
        else:
            self.differs = True
            self.contradicts = self.contradicts or value.rstrip() != said.rstrip()
        self.content.add_text(part, part.cited.flush())

    def text_at(self, where: Place) -> str:
        """What is known of a text."""
        part = self._texts.get(where)
        return part.text if part else ""

    def add_block(self, block: JSON) -> None:
        """Put a block; a picture that code drew, and the message shows, stands once."""
        file_id = block.get("file_id")
        if file_id in self._pictures or self.enough:
            return
        if file_id:
            self._pictures.add(file_id)
        self._put_block(block)

    def begin_block(self, key: Hashable, value: JSON) -> None:
        """Put a non-standard block of which more may come, if it is not there."""
        if key not in self._begun and not self.enough:
            block: JSON = {"type": "non_standard", "value": value}
            self._begun[key] = self._put_block(block), block

    def complete_block(self, key: Hashable, value: JSON) -> None:
        """Put what a block lacks that was begun; if it changed, all of it in another."""
        self.begin_block(key, value)
        if key not in self._begun or self.enough:
            return
        index, block = self._begun[key]
        more = {name: told for name, told in value.items() if name not in block["value"]}
        now = {**block["value"], **more}
        if now != {**block["value"], **value}:
            self.add_block({"type": "non_standard", "value": value})
        elif more:
            block["value"] = now
            self.content.complete_block(index, more)

    def begin_response(self, *, anew: bool) -> None:
        """Begin to read a response.

        Args:
            anew: It takes the place of the one before, of which nothing stays.
        """
        if anew and len(self._order) > self._first:
            self.differs = self.contradicts = True
            gone = {id(entry) for entry in self._order[self._first :]}
            del self._order[self._first :]
            self._texts = {at: part for at, part in self._texts.items() if id(part) not in gone}
        self._first = len(self._order)

    def rewrite(self) -> bool:
        """Make the content anew of what the service says at last; whether that was possible."""
        stopped, self.content, self._numbers = self.enough, Content(self._stop), Numbers()
        for entry in self._order:
            if isinstance(entry, TextPart):
                entry.begin_anew(self._cited(entry.kind))
                self.content.add_text(entry, entry.cited.push(entry.text))
                self.content.add_text(entry, entry.cited.flush())
            else:
                self.content.add_block(entry)
        # What came after a stop sequence was not taken.
        return self.enough or not stopped

    def cite(self, where: Place, annotations: Sequence[JSON]) -> None:
        """Take the annotations of a finished text. No list tells nothing of those that came."""
        if annotations:
            self._cited_whole[where] = annotations

    def cite_one(self, where: Place, annotation: JSON) -> None:
        """Take one annotation of a text; one that comes twice is one."""
        name = json.dumps(annotation, sort_keys=True, default=repr)
        self._cited_so_far.setdefault(where, {})[name] = annotation

    def citations(self) -> dict[int | None, list[Any]]:
        """The citations of each block, and of the leading text, once all text is there."""
        for part in self._texts.values():
            self.content.add_text(part, part.cited.flush())
        self.content.flush()
        found: dict[int | None, list[Any]] = {}
        for where, part in self._texts.items():
            one_by_one = [*self._cited_so_far.get(where, {}).values()]
            for annotation in merged(one_by_one, self._cited_whole.get(where, ())):
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
        """The text of a place; `None` if none is begun there, and none is to be."""
        part = self._texts.get(where)
        if part is None and text and not self.enough:
            part = self._texts[where] = TextPart(self._cited(kind), kind)
            self._order.append(part)
        return part

    def _cited(self, kind: str) -> CitedText:
        return CitedText(self._style if kind == "text" else "keep", self._numbers)

    def _add_new(self, part: TextPart, text: str) -> None:
        if self._id is None:
            self._note_first_content()
        self.content.add_text(part, part.cited.push(text))

    def _put_block(self, block: JSON) -> int:
        self._note_first_content()
        self._order.append(block)
        return self.content.add_block(block)

    def _map_annotation(self, annotation: JSON, part: TextPart, begins: int) -> Any:
        return map_annotation(
            annotation,
            part.cited.place,
            begins,
            file_names=self.file_names,
            text=part.text,
        )

    def _add_footnotes(self, cited: list[Any]) -> None:
        told = {*_FOOTNOTE.findall(self.said)}
        there = {marker: n for marker, n in self._numbers.items() if str(n) in told}
        if there:
            texts = (part for part in reversed(self._texts.values()) if part.kind == "text")
            self.content.add_note(next(texts), f"\n\n{footnotes(cited, Numbers(there))}")

    def _note_first_content(self) -> None:
        """Name the answer by what it begins with: a message, or what the run did before."""
        self.something = True
        self._id = self._id or next(iter(self._messages.values()), self._own_id())

    def _own_id(self) -> str | None:
        """An id for an answer without messages: of no two answers of a run the same."""
        return "-".join(filter(None, [self.ids.get("run_id"), self._after])) or None
