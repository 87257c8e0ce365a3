"""The annotations of a text: those that came one by one, and the list of the finished text."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

_SOURCES = "url", "file_id"


def merged(one_by_one: Sequence[Any], whole: Sequence[Any]) -> Sequence[Any]:
    """Each annotation once, as the finished text has it.

    The two may differ in a trifle: an offset, a title, one more key. So a list that is as long as
    what came is the list; a shorter one lacks some, which stay.
    """
    if len(whole) >= len(one_by_one):
        return whole
    came = {_identity(one) for one in one_by_one}
    left = {_identity(one): one for one in whole}
    found = []
    for place, one in enumerate(one_by_one):
        name = _identity(one)
        if name not in left and place < len(whole) and _source(whole[place]) == _source(one):
            other = _identity(whole[place])
            name = name if other in came else other
        found.append(left.pop(name, one))
    return [*found, *left.values()]


def _identity(annotation: Any) -> Hashable:
    """What an annotation cites, and where in the text."""
    if not isinstance(annotation, Mapping):
        return repr(annotation)
    offsets = [annotation.get(name) for name in ("start_index", "end_index", "index")]
    return _source(annotation), repr(offsets[:2] if offsets[0] is not None else offsets)


def _source(annotation: Any) -> Hashable:
    """What an annotation cites: the classic generation nests it, the new one does not."""
    if not isinstance(annotation, Mapping):
        return repr(annotation)
    kind = annotation.get("type")
    about = annotation.get(kind) if isinstance(kind, str) else None
    named = about if isinstance(about, Mapping) else annotation
    return repr(kind), *(repr(named.get(name)) for name in _SOURCES)
