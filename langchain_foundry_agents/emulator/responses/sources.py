"""Citations of a brain as annotations of this generation: where each stands, what text goes.

Web sources cover a stretch of text. Files stand at one place, and markers that a brain wrote for
them are taken out of the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
    cuts = sorted((_cut(text, one, name_of) for one in annotations), key=lambda cut: cut.end)
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
    if annotation["type"] == "file_citation":
        return {**annotation, "index": cut.start + shift, "filename": annotation["filename"]}
    if cut.start == cut.end == 0:
        # A file that the text does not link stands at no place.
        return annotation | {"start_index": 0, "end_index": 0}
    return annotation | {"start_index": cut.start + shift, "end_index": cut.end + shift}


def _cut(text: str, annotation: Any, name_of: Callable[[str], str]) -> _Cut:
    kind = annotation["type"]
    if kind == "non_standard_annotation":
        return _cut(text, annotation["value"], name_of)
    start, end = _stretch(text, annotation)
    if kind == "citation":
        extras = annotation.get("extras") or {}
        if file_id := extras.get("file_id"):
            return _Cut(end, end, _file(file_id, extras.get("filename") or name_of(file_id)))
        return _Cut(start, end, _site(annotation))
    if kind == "url_citation":
        return _Cut(start, end, _site(annotation.get(kind, annotation)))
    if kind == "container_file_citation":
        return _Cut(start, end, _container_file(annotation))
    inner = annotation.get(kind, annotation)
    file = _file(inner["file_id"], inner.get("filename") or name_of(inner["file_id"]))
    marker = annotation.get("text", "")
    if "index" in annotation and not marker:
        return _Cut(annotation["index"], annotation["index"], file)
    # A link to a file stays in the text, a marker does not.
    return _Cut(start, end, file, removed=kind == "file_citation" and bool(marker))


def _stretch(text: str, annotation: Any) -> tuple[int, int]:
    start, end = annotation.get("start_index"), annotation.get("end_index")
    marker = annotation.get("text", "")
    if marker and not text.startswith(marker, start or 0):
        start = text.find(marker)
        if start >= 0:
            return start, start + len(marker)
    if isinstance(end, int) and 0 <= end <= len(text):
        return (start if isinstance(start, int) and 0 <= start <= end else end), end
    if marker and start is not None and start >= 0:
        return start, start + len(marker)
    return len(text), len(text)


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
