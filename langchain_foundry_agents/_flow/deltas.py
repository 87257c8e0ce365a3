"""Deltas that came together, read as one.

An answer's deltas are one JSON text over and over, with another piece of the answer in it each
time; a new agent's also count, and hide their length behind a padding. So where many came at once,
the first is read, and of those like it only what stands in its gaps. What is of another form, or no
JSON, is left to who reads them one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import compress, repeat, takewhile
from operator import and_, itemgetter
from typing import Any

from pydantic_core import from_json

from langchain_foundry_agents._flow.effects import JSON
from langchain_foundry_agents._pieces import Pieces

FEW = 8
"""To find the form of fewer takes longer than to read them."""
_GAP = re.compile(
    r'"(?:value|delta)"\s*:\s*"(?P<text>[^"\\]*(?:\\.[^"\\]*)*)"'
    r'|"sequence_number"\s*:\s*(?P<number>\d+)'
    r'|"obfuscation"\s*:\s*"(?P<padding>[^"\\]*)"'
)


def read_alike(datas: Sequence[str]) -> tuple[JSON, int] | None:
    """The first of these deltas and those after it that are like it, as one; and how many they are.

    Its text is a `Pieces`. `None` if they are few, or no such deltas.
    """
    if len(datas) < FEW:
        return None
    borders, kinds = _form(datas[0])
    if "text" not in kinds or len(set(kinds)) < len(kinds):
        return None
    try:
        found = {
            kind: _READ[kind](column)
            for kind, column in zip(kinds, _columns(datas, borders), strict=True)
        }
        first = from_json(datas[0])
    except (TypeError, ValueError):
        return None
    texts, numbers = found["text"], found.get("number", [])
    if len(texts) < FEW or not _put(first, texts, numbers):
        return None
    return first, len(texts)


def _form(data: str) -> tuple[list[str], list[str]]:
    """What a delta's gaps stand between, and of what kind they are."""
    borders, kinds, end = [], [], 0
    for gap in _GAP.finditer(data):
        kind = str(gap.lastgroup)
        begin, after = gap.span(kind)
        borders.append(data[end:begin])
        kinds.append(kind)
        end = after
    return [*borders, data[end:]], kinds


def _columns(datas: Sequence[str], borders: Sequence[str]) -> list[Sequence[str]]:
    """What stands between the borders, gap by gap, of all before one that is not like the first."""
    first, *inner, last = borders
    begins = map(str.startswith, datas, repeat(first))
    ends = map(str.endswith, datas, repeat(last), repeat(len(first)))
    alike = compress(datas, takewhile(bool, map(and_, begins, ends)))
    rests: Sequence[str] = [*map(itemgetter(slice(len(first), -len(last))), alike)]
    columns: list[Sequence[str]] = []
    for border in inner:
        parted = takewhile(itemgetter(1), map(str.partition, rests, repeat(border)))
        before, _, rests = zip(*parted, strict=True)
        columns.append(before)
    return [column[: len(rests)] for column in (*columns, rests)]


def _strings(column: Sequence[str]) -> list[str]:
    """What JSON strings say; `ValueError` if one is none."""
    # Without a quote, escaped or not, none can pass for two, or two for one.
    if '"' in "".join(column):
        return [from_json(f'"{text}"', cache_strings="none") for text in column]
    strings: list[str] = from_json('["' + '","'.join(column) + '"]', cache_strings="none")
    return strings


def _integers(column: Sequence[str]) -> list[int]:
    """What JSON integers say; `ValueError` if one is none."""
    if not "".join(column).isdecimal():
        raise ValueError
    integers: list[int] = from_json(f"[{','.join(column)}]")
    return integers


_READ: dict[str, Callable[[Sequence[str]], list[Any]]] = {
    "text": _strings,
    "number": _integers,
    "padding": _strings,
}


def _put(delta: Any, texts: Sequence[str], numbers: Sequence[int]) -> bool:
    """Put all texts in the place of a delta's text; whether it has one, and nothing beside it."""
    number = next(iter(numbers), None)
    if not isinstance(delta, dict) or delta.get("sequence_number") != number:
        return False
    pieces = Pieces(texts, numbers)
    match delta:
        case {"delta": str() as said} if said == texts[0]:
            delta["delta"] = pieces
        case {
            "delta": {"content": [{"type": "text", "text": {"value": said, **beside} as text}]}
        } if said == texts[0] and not any(beside.values()):
            text["value"] = pieces
        case _:
            return False
    if numbers:
        delta["sequence_number"] = numbers[-1]
    return True
