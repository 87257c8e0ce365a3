"""Citations: annotated text as it streams, plain pieces and markers with their annotations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from langchain_foundry_agents.emulator.records import JsonObject

# The recorded service numbers sources of the web from 3 and those of files from 4.
_FIRST = {"url_citation": 3, "file_citation": 4}


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text; where it is a marker, `source` is the annotation without its place."""

    text: str
    source: JsonObject | None = None


def cited_pieces(text: str, annotations: Sequence[Any], already: int) -> Iterator[Piece]:
    """A block's text in pieces.

    A marker that the annotation names is found in the text, near where the annotation says; one
    that is not there, as LangChain's citations have none, is put behind the text that it is about.

    Args:
        text: the text.
        annotations: LangChain's citations, or annotations as the service has them.
        already: how many annotations the message has so far, which numbers new markers.
    """
    cursor, taken = 0, dict[str, int]()
    cuts = [_cut(text, one, already + place, taken) for place, one in enumerate(annotations)]
    for start, end, marker, source in sorted(cuts, key=lambda cut: cut[:2]):
        if start > cursor:
            yield Piece(text[cursor:start])
        yield Piece(marker, source)
        cursor = max(cursor, end)
    if cursor < len(text):
        yield Piece(text[cursor:])


def placed(source: JsonObject, marker: str, start: int) -> JsonObject:
    """An annotation as it stands in a message."""
    kind = source["type"]
    place = {"start_index": start, "end_index": start + len(marker)}
    return {"type": kind, "text": marker, **place, kind: source[kind]}


def announced(index: int, annotation: JsonObject) -> JsonObject:
    """The same in a delta, which has an index and an empty quote."""
    delta = {"index": index, **annotation}
    if annotation["type"] == "file_citation":
        delta["file_citation"] = {**annotation["file_citation"], "quote": ""}
    return delta


def find_marker(text: str, marker: str, annotation: Any, taken: dict[str, int]) -> int:
    """Where an annotation's marker stands: where it says, else the first that is not taken.

    Args:
        text: the text.
        marker: the marker, empty where the annotation names none.
        annotation: may have a `start_index`.
        taken: where each marker's last use ends; this one is put in.

    Returns:
        Its start, or -1 where it is not there.
    """
    if not marker:
        return -1
    start = annotation.get("start_index") or 0
    near = start if text.startswith(marker, start) else taken.get(marker, 0)
    place = text.find(marker, near)
    if place >= 0:
        taken[marker] = place + len(marker)
    return place


def _cut(
    text: str, annotation: Any, number: int, taken: dict[str, int]
) -> tuple[int, int, str, JsonObject]:
    source, marker = _source(annotation)
    place = find_marker(text, marker, annotation, taken)
    if place >= 0:
        return place, place + len(marker), marker, source
    end = annotation.get("end_index")
    place = end if isinstance(end, int) and 0 < end <= len(text) else len(text)
    return place, place, marker or _marker(source, number), source


def _source(annotation: Any) -> tuple[JsonObject, str]:
    kind = annotation["type"]
    if kind == "non_standard_annotation":
        return _source(annotation["value"])
    if kind != "citation":
        inner = {key: value for key, value in annotation.get(kind, {}).items() if key != "quote"}
        return {"type": kind, kind: inner}, annotation.get("text", "")
    extras = annotation.get("extras") or {}
    marker = extras.get("marker") or extras.get("text") or ""
    if file_id := extras.get("file_id"):
        kind = extras.get("kind", "file_citation")
        return {"type": kind, kind: {"file_id": file_id}}, marker
    site = {"url": annotation.get("url", ""), "title": annotation.get("title", "")}
    return {"type": "url_citation", "url_citation": site}, marker


def _marker(source: JsonObject, number: int) -> str:
    return f"【{_FIRST.get(source['type'], 4)}:{number}†source】"
