"""Citations: the service's markers in the text, and the sources that they stand for.

An agent's text holds markers such as `【4:0†source】`; annotations beside the text say what they
mean. Text is kept as it came, stripped of its markers, or given Markdown footnotes, and offsets are
true in each form. Links to files (`sandbox:/mnt/data/…`) are no markers: they stay.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Any, Literal, cast
from urllib.parse import quote

from langchain_core.messages import AIMessage
from langchain_core.messages.content import Citation, NonStandardAnnotation

CitationStyle = Literal["keep", "strip", "markdown"]
"""Markers stay, go, or become footnotes."""

_MARKER = r"【[0-9]{1,6}(?::[0-9]{1,6})?†[^【】\n]{0,200}】"
_LONGEST_MARKER = 300
_PIECES = re.compile(
    rf"(?P<marker>{_MARKER})"
    r"|(?P<beginning>【[0-9]{0,6}(?::[0-9]{0,6})?(?:†[^【】\n]{0,200})?\Z)"
    r"|(?P<plain>【|[^【]+)"
)
_NEEDS_NO_SPACE = re.compile(r"\Z|[\s.,;:!?…)\]}”’»、。」』】\uff01\uff09\uff0c\uff1a\uff1b\uff1f]")
_UNKNOWN = "source unknown"
_URL_SIGNS = "%:/?#@!$&'*+,;=~"
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class Numbers(dict[str, int]):
    """The footnote numbers of one answer's markers, each given when it is first asked for."""

    def __missing__(self, marker: str) -> int:
        number = self[marker] = len(self) + 1
        return number


class CitedText:
    """The text of one content part, rewritten as it streams, whatever pieces it comes in.

    "markdown" puts `[^1]` in a marker's place. "strip" leaves nothing there, and takes the single
    space before a marker or a row of markers along, if white space, a closing bracket or quotation
    mark, one of `.,;:!?…`, or the end follows: "so 【4:0†source】." becomes "so.", and
    "so 【4:0†source】 and" becomes "so and". What may become a marker or such a space is held back,
    about 200 characters at most; "keep" holds nothing back.

    Args:
        style: What becomes of the markers.
        numbers: The answer's footnote numbers, shared by all its parts.

    Examples:
        >>> text = CitedText("markdown")
        >>> text.push("Water is wet【4:0"), text.push("†source】."), text.flush()
        ('Water is wet', '[^1].', '')
        >>> text.place(12, 24)
        (12, 16)
    """

    def __init__(self, style: CitationStyle, numbers: Numbers | None = None) -> None:
        self._style = style
        self._numbers = Numbers() if numbers is None else numbers
        self._held = ""
        self._read = 0
        # Ranges of the service's text, and how long is what stands in their place.
        self._edits: list[tuple[int, int, int]] = []
        # Where they start, and by how much the text is longer after each.
        self._starts: list[int] = []
        self._shifts: list[int] = []
        # Where the space stands that may go, and how many edits there are before it.
        self._space: tuple[int, int] | None = None

    def push(self, piece: str) -> str:
        """What can be handed on now."""
        return piece if self._style == "keep" else self._rewrite(piece, last=False)

    def flush(self) -> str:
        """What was held back, as the part is at its end."""
        return self._rewrite("", last=True) + self._settle_space("")

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where a range of the service's own text stands in the rewritten text.

        Offsets count code points. A marker's range gives the range of what stands in its place,
        which is empty for "strip". A range that begins or ends within a marker is widened to it.
        """
        return self._place(start, is_end=False), self._place(end, is_end=True)

    def _place(self, offset: int, *, is_end: bool) -> int:
        if len(self._shifts) != len(self._edits) + 1:
            self._starts = [start for start, _, _ in self._edits]
            grown = (size - (end - start) for start, end, size in self._edits)
            self._shifts = [*accumulate(grown, initial=0)]
        before = bisect_left(self._starts, offset)
        if before:
            start, end, size = self._edits[before - 1]
            if offset < end:
                return start + self._shifts[before - 1] + (size if is_end else 0)
        return offset + self._shifts[before]

    def _rewrite(self, piece: str, *, last: bool) -> str:
        text, self._held = self._held + piece, ""
        done: list[str] = []
        for found in _PIECES.finditer(text):
            if found.lastgroup == "marker":
                done.append(self._take_marker(found[0]))
            elif found.lastgroup == "beginning" and not last:
                self._held = found[0]
            else:
                done.append(self._take_plain(found[0]))
        return "".join(done)

    def _take_marker(self, marker: str) -> str:
        instead = f"[^{self._numbers[marker]}]" if self._style == "markdown" else ""
        self._edits.append((self._read, self._read + len(marker), len(instead)))
        self._read += len(marker)
        return instead

    def _take_plain(self, text: str) -> str:
        before = self._settle_space(text)
        self._read += len(text)
        if self._style == "strip" and text.endswith(" "):
            self._space = self._read - 1, len(self._edits)
            text = text[:-1]
        return before + text

    def _settle_space(self, following: str) -> str:
        """The space that was held back, or nothing, now that what follows it is known."""
        if self._space is None:
            return ""
        (at, edits), self._space = self._space, None
        if len(self._edits) > edits and _NEEDS_NO_SPACE.match(following):
            self._edits.insert(edits, (at, at + 1, 0))
            return ""
        return " "


def map_annotation(
    annotation: Any,
    place: Callable[[int, int], tuple[int, int]],
    shift: int = 0,
    *,
    file_names: Mapping[str, str] | None = None,
    text: str = "",
) -> Citation | NonStandardAnnotation:
    """One of the service's annotations in LangChain's form.

    One of an unknown type or form is handed on as it is, without the `index` that only streamed
    annotations have.

    Args:
        annotation: The service's annotation, from a streamed or a whole message, of either
            generation: the new one tells in one level what the classic one nests.
        place: Where ranges of its text stand now: `CitedText.place`.
        shift: Where its part begins in the joined text; less than 0 if only its end stands there.
        file_names: Names of files by id, which become titles.
        text: The service's own text of the part. The new generation's annotations do not quote
            their markers: they are read there.
    """
    found = annotation if isinstance(annotation, Mapping) else {"annotation": annotation}
    told = _read_annotation(found, file_names or {})
    if told is None:
        value = {key: item for key, item in found.items() if key != "index"}
        return {"type": "non_standard_annotation", "value": value}
    fields, extras = told
    citation = cast("Citation", {"type": "citation", **_texts(fields)})
    marker = found.get("text")
    if (offsets := _read_offsets(found)) is not None:
        start, end = place(*offsets)
        citation["start_index"], citation["end_index"] = max(start + shift, 0), end + shift
        cited = text[slice(*offsets)] if offsets[1] - offsets[0] <= _LONGEST_MARKER else ""
        marker = marker or (cited if re.fullmatch(_MARKER, cited) else None)
    if texts := _texts({"marker": marker, **extras}):
        citation["extras"] = texts
    return citation


def _read_annotation(
    found: Mapping[str, Any], names: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """What an annotation tells of its source: a citation's own fields, and its extras."""
    match found:
        case {"type": "url_citation", "url_citation": {"url": str(url), **about}} | {
            "type": "url_citation",
            "url": str(url),
            **about,
        }:
            return {"url": url, "title": about.get("title")}, {}
        case {"type": "file_citation", "file_citation": {"file_id": str(file), **about}} | {
            "type": "file_citation",
            "file_id": str(file),
            **about,
        }:
            title, quote = about.get("filename") or names.get(file), about.get("quote")
            return {"title": title, "cited_text": quote}, {"file_id": file, "quote": quote}
        case {"type": "file_path" as kind, "file_path": {"file_id": str(file), **about}} | {
            "type": "file_path" | "container_file_citation" as kind,
            "file_id": str(file),
            **about,
        }:
            title, container = about.get("filename") or names.get(file), about.get("container_id")
            return {"title": title}, {"file_id": file, "container_id": container, "kind": kind}
    return None


def _read_offsets(found: Mapping[str, Any]) -> tuple[int, int] | None:
    """The range that an annotation stands for; the new generation's files have one offset."""
    match found:
        case {"start_index": int(start), "end_index": int(end)} if 0 <= start <= end:
            return start, end
        case {"file_id": _, "index": int(at)} if at >= 0:
            return at, at
    return None


def _texts(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: text for key, text in fields.items() if isinstance(text, str) and text}


def footnotes(citations: Sequence[Citation], numbers: Numbers) -> str:
    """The Markdown list of footnotes: one for every number, so that no reference stands alone.

    Titles and URLs are what others wrote: they are escaped, and only http and https become links.

    Args:
        citations: The sources, with their markers in `extras`.
        numbers: The numbers that the markers have in the text.

    Examples:
        >>> cited = {"type": "citation", "url": "https://a.example/b (c)", "title": "A <b>"}
        >>> cited["extras"] = {"marker": "【4:0†source】"}
        >>> print(footnotes([cited], Numbers({"【4:0†source】": 1, "【4:1†source】": 2})))
        [^1]: [A &lt;b&gt;](https://a.example/b%20%28c%29)
        [^2]: source unknown
    """
    sources: dict[str, dict[str, None]] = {marker: {} for marker in numbers}
    for citation in citations:
        found = sources.get(citation.get("extras", {}).get("marker", ""))
        if found is not None:
            found[_source(citation)] = None
    notes = [(numbers[marker], "; ".join(found) or _UNKNOWN) for marker, found in sources.items()]
    return "\n".join(f"[^{number}]: {note}" for number, note in notes)


def _source(citation: Citation) -> str:
    title, url = _escape(citation.get("title", "")), citation.get("url", "")
    if re.match("https?://", url, re.IGNORECASE):
        return f"[{title or _escape(url)}]({quote(url, safe=_URL_SIGNS, errors='replace')})"
    if title and url:
        return f"{title} ({_escape(url)})"
    return title or _escape(url or citation.get("extras", {}).get("file_id", "")) or _UNKNOWN


def _escape(text: str) -> str:
    """Text as one line that Markdown shows as it is; an `_` within a word needs no escape."""
    text = " ".join(_UNSEEN.sub(" ", text).split()).translate(_ENTITIES)
    text = re.sub(r"[\\`*\[\]|~]|(?<![^\W_])_|_(?![^\W_])", r"\\\g<0>", text)
    return re.sub(r"^([0-9]*)(?=[-+#.)]+(?: |$))", r"\1\\", text)


def strip(text: str) -> str:
    """Text without its citation markers.

    Examples:
        >>> strip("Water is wet 【4:0†source】【4:1†source】.")
        'Water is wet.'
    """
    cited = CitedText("strip")
    return cited.push(text) + cited.flush()


def markdown(message: AIMessage) -> str:
    """The texts of an answer given with `citations="keep"`, with Markdown footnotes at the end.

    Examples:
        >>> source = {"type": "citation", "url": "https://a.example", "title": "A"}
        >>> source["extras"] = {"marker": "【3:0†source】"}
        >>> part = {"type": "text", "text": "Wet【3:0†source】.", "annotations": [source]}
        >>> print(markdown(AIMessage([part])))
        Wet[^1].
        <BLANKLINE>
        [^1]: [A](https://a.example)
    """
    numbers = Numbers()
    parts, citations = list[str](), list[Citation]()
    for block in message.content_blocks:
        if block["type"] == "text":
            cited = CitedText("markdown", numbers)
            parts.append(cited.push(block["text"]) + cited.flush())
            notes = block.get("annotations", [])
            citations += [note for note in notes if note["type"] == "citation"]
    return "\n\n".join(filter(None, [*parts, footnotes(citations, numbers)]))
