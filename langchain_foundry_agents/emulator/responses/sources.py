"""Citations of a brain as annotations of this generation: where each stands, what text goes.

Web sources cover a stretch of text. Files stand at one place, and markers that a brain wrote for
them are taken out of the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.markers import find_marker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from langchain_foundry_agents.emulator.records import JsonObject


@dataclass(frozen=True, slots=True)
class Spoken:
    """A stretch of text, and the annotation that is told after it."""

    text: str
    annotation: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class _Cut:
    """An annotation between the characters: what stands there and is left out, where it ends."""

    start: int
    end: int
    annotation: JsonObject
    removed: bool = False


def spoken(
    text: str, annotations: Sequence[Any], before: int, name_of: Callable[[str], str]
) -> Iterator[Spoken]:
    """A block's text and its annotations in the order in which a stream tells them.

    Args:
        text: the text.
        annotations: LangChain's citations, or annotations as either generation has them.
        before: how long the open text is already.
        name_of: gives the name of a file by its id.
    """
    taken: dict[str, int] = {}
    found = [_cut(text, one, taken, name_of) for one in annotations]
    cuts = sorted(found, key=lambda cut: cut.end)
    cursor, gone = 0, 0
    for cut in cuts:
        end = cut.start if cut.removed else cut.end
        piece = text[cursor : max(cursor, end)]
        cursor = max(cursor, cut.end)
        yield Spoken(piece, _placed(cut, before - gone))
        if cut.removed:
            gone += cut.end - cut.start
    if cursor < len(text):
        yield Spoken(text[cursor:])


def _placed(cut: _Cut, shift: int) -> JsonObject:
    annotation = cut.annotation
    kind = annotation["type"]
    if kind == "file_citation":
        return annotation | {"index": cut.start + shift}
    if kind == "container_file_citation" and cut.end == 0:
        # A file that the text does not link stands at no place.
        return annotation
    return annotation | {"start_index": cut.start + shift, "end_index": cut.end + shift}


def _cut(text: str, annotation: Any, taken: dict[str, int], name_of: Callable[[str], str]) -> _Cut:
    kind = annotation["type"]
    if kind == "non_standard_annotation":
        return _cut(text, annotation["value"], taken, name_of)
    start, end = _stretch(text, annotation, taken)
    if kind == "url_citation":
        return _Cut(start, end, _site(annotation.get(kind, annotation)))
    if kind == "container_file_citation":
        return _Cut(start, end, _container_file(annotation))
    extras = annotation.get("extras") or {}
    if kind == "citation" and "file_id" not in extras:
        return _Cut(start, end, _site(annotation))
    given = extras if kind == "citation" else annotation.get(kind, annotation)
    file = _file(given["file_id"], given.get("filename") or name_of(given["file_id"]))
    # A link to a file stays in the text, a marker does not.
    removed = kind == "file_citation" and bool(annotation.get("text"))
    return _Cut(start if removed else end, end, file, removed)


def _stretch(text: str, annotation: Any, taken: dict[str, int]) -> tuple[int, int]:
    """Where an annotation begins and ends: by its marker, else as it says, else behind it all."""
    marker = annotation.get("text", "")
    place = find_marker(text, marker, annotation, taken)
    if place >= 0:
        return place, place + len(marker)
    end = annotation.get("end_index", annotation.get("index"))
    if not isinstance(end, int) or not 0 <= end <= len(text):
        end = len(text)
    start = annotation.get("start_index")
    return start if isinstance(start, int) and 0 <= start <= end else end, end


def _site(given: Any) -> JsonObject:
    return {
        "type": "url_citation",
        "url": given.get("url", ""),
        "start_index": 0,
        "end_index": 0,
        "title": given.get("title", ""),
    }


def _file(file_id: str, filename: str) -> JsonObject:
    return {"type": "file_citation", "file_id": file_id, "index": 0, "filename": filename}


def _container_file(given: Any) -> JsonObject:
    return {
        "type": "container_file_citation",
        "container_id": given["container_id"],
        "file_id": given["file_id"],
        "start_index": 0,
        "end_index": 0,
        "filename": given.get("filename", given["file_id"]),
    }
