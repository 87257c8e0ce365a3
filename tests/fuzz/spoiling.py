"""Spoils JSON within bytes: bytes that change at random are seldom JSON any more."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from random import Random
from typing import Any

from .targets import BORDER

_ENDS = re.compile(b"(\n|" + BORDER + b")")
_GOES = 0.25
_JUNK: list[Any] = [None, True, 0, -1, 1.5, "", "x", [], {}, [None], [[]], {"id": 3}, "9" * 30]
_JUNK += [{"type": []}, [{"type": "text"}], "\ud800", 10**400, float("inf"), float("nan")]


def spoil(data: bytes, chance: Random) -> bytes | None:
    """The bytes with another value, or none, at one place of one JSON object; None without one."""
    parts = _ENDS.split(data)
    places = [place for place, part in enumerate(parts) if b"{" in part]
    if not places:
        return None
    place = chance.choice(places)
    start = parts[place].index(b"{")
    try:
        told = json.loads(parts[place][start:])
    except ValueError:
        return None
    found = list(_inner(told))
    if not found:
        return None
    holder, key = chance.choice(found)
    if chance.random() < _GOES:
        del holder[key]
    else:
        other, name = chance.choice(found)
        # A copy: no value may hold itself.
        holder[key] = copy.deepcopy(chance.choice([other[name], *_JUNK]))
    parts[place] = parts[place][:start] + json.dumps(told).encode()
    return b"".join(parts)


def _inner(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON value: what holds it, and its key there."""
    within = value.items() if isinstance(value, dict) else ()
    for key, one in enumerate(value) if isinstance(value, list) else within:
        yield value, key
        yield from _inner(one)
