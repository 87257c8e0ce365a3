"""Citations of a message → numbered sources, and marks in the text where they are cited."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_foundry_agents.citations import strip
from langchain_foundry_agents.display.cards import Source, clean, mark

_FOOTNOTE = re.compile(r"\[\^[0-9]+\]")
_FOOTNOTES = re.compile(r"(?:\A|\n)\[\^[0-9]+\]: [^\n]*")
_IN_A_LINK = re.compile(r"sandbox:[^)\s]*")


class Sources:
    """The sources of one message, each numbered when it is first cited."""

    def __init__(self) -> None:
        self.listed: list[Source] = []
        self._numbers: dict[tuple[str, ...], int] = {}

    def cite(self, text: str, annotations: Sequence[Mapping[str, Any]]) -> str:
        """A text with marks in place of its markers, or behind what is cited."""
        edits: dict[tuple[int, int], list[int]] = {}
        for cited in annotations:
            if cited.get("type") == "citation":
                edits.setdefault(_place(text, cited), []).append(self._number(cited))
        end, pieces = len(text), list[str]()
        for (start, stop), numbers in sorted(edits.items(), reverse=True):
            if stop <= end:
                marks = "".join(map(mark, dict.fromkeys(numbers)))
                pieces += [_cleaned(text[stop:end]), marks]
                end = start
        return "".join([_cleaned(text[:end]), *reversed(pieces)]).strip()

    def _number(self, cited: Mapping[str, Any]) -> int:
        extras = cited.get("extras") or {}
        url, file_id = clean(cited.get("url") or ""), clean(extras.get("file_id") or "")
        title = " ".join(clean(cited.get("title") or url or file_id or "unknown").split())
        key = (url, file_id) if url or file_id else (title,)
        if key not in self._numbers:
            self._numbers[key] = number = len(self._numbers) + 1
            quoted = clean(cited.get("cited_text") or "")
            self.listed.append(Source(number, title, url, file_id, quoted))
        return self._numbers[key]


def _place(text: str, cited: Mapping[str, Any]) -> tuple[int, int]:
    """What of a text its mark takes the place of: the marker, or nothing behind what is cited."""
    start, end = cited.get("start_index"), cited.get("end_index")
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start <= end <= len(text)):
        return len(text), len(text)
    shown = text[start:end]
    is_marker = shown == (cited.get("extras") or {}).get("marker") and shown.startswith("【")
    if is_marker or _FOOTNOTE.fullmatch(shown):
        return start, end
    if _IN_A_LINK.fullmatch(shown) and text[end : end + 1] == ")":
        end += 1
    return (end, end) if end else (len(text), len(text))


def _cleaned(text: str) -> str:
    """A piece of text without markers that nothing stands behind, and without footnotes."""
    return _FOOTNOTES.sub("", strip(clean(text)) if "【" in text else clean(text))
