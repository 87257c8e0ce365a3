"""Two masked answers beside each other: every difference, with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, NamedTuple

MISSING = "<missing>"
ANYTHING, EACH, MORE = "<anything>", "<each>", "…"


class Difference(NamedTuple):
    """A place where two answers differ, and what stands there."""

    place: str
    ours: Any
    theirs: Any


def differences(ours: Any, theirs: Any, place: str = "") -> Iterator[Difference]:
    """Where two masked values differ, key by key.

    An expected value may be `<anything>`; an expected object that has the key `…` may have more
    members; `["<each>", x]` expects a list of any length whose items are all like x.

    Args:
        ours: what is expected, or one service's.
        theirs: what has come, or the other's.
        place: where they stand.
    """
    if ANYTHING in (ours, theirs):
        return
    if isinstance(ours, dict) and isinstance(theirs, dict):
        yield from _of_objects(ours, theirs, place)
    elif isinstance(ours, list) and isinstance(theirs, list):
        yield from _of_lists(ours, theirs, place)
    elif isinstance(ours, bool) is not isinstance(theirs, bool) or ours != theirs:
        yield Difference(place, ours, theirs)


def loosened(value: Any, expected: Any) -> Any:
    """An answer that says `<anything>` wherever the expected one does."""
    if expected == ANYTHING:
        return ANYTHING
    if isinstance(value, dict) and isinstance(expected, dict):
        return {key: loosened(inner, expected.get(key)) for key, inner in value.items()}
    if isinstance(value, list) and isinstance(expected, list):
        pairs = zip_longest(value, expected[: len(value)])
        return [loosened(one, other) for one, other in pairs]
    return value


def _of_objects(
    ours: Mapping[str, Any], theirs: Mapping[str, Any], place: str
) -> Iterator[Difference]:
    open_ended = MORE in ours
    for key in dict.fromkeys([*ours, *theirs]):
        inner = f"{place}.{key}" if place else key
        if key in ours and key in theirs:
            yield from differences(ours[key], theirs[key], inner)
        elif key != MORE and (key in ours or not open_ended):
            yield Difference(inner, ours.get(key, MISSING), theirs.get(key, MISSING))


def _of_lists(ours: list[Any], theirs: list[Any], place: str) -> Iterator[Difference]:
    if ours and ours[0] == EACH:
        ours = ours[1:] * len(theirs)
    if len(ours) != len(theirs):
        yield Difference(f"{place}[]", _items(ours), _items(theirs))
    for index, (one, other) in enumerate(zip(ours, theirs, strict=False)):
        yield from differences(one, other, f"{place}[{index}]")


def _items(values: list[Any]) -> str:
    return f"{len(values)} item{'' if len(values) == 1 else 's'}"
