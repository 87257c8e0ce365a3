"""JSON as text: read as strictly as the service reads it, written so that everybody can read it."""

from __future__ import annotations

import json
import math
import re
from typing import Any

MAX_DEPTH = 64
"""The default of System.Text.Json, which the service's framework reads bodies with."""

_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_json(raw: bytes) -> Any:
    """Reads JSON as RFC 8259 has it: UTF-8, finite numbers, no half of a surrogate pair.

    Raises:
        ValueError: it is none, or nested deeper than `MAX_DEPTH`; the text says what is wrong.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"It is not UTF-8: byte {error.start}.") from None
    try:
        value = json.loads(text, parse_constant=_refuse_number, parse_float=_finite)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    if text.count("{") + text.count("[") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise ValueError(_TOO_DEEP)
    if _ESCAPED_SURROGATE.search(text) and not _is_encodable(value):
        raise ValueError("A string holds half of a surrogate pair (such as half an emoji).")
    return value


def utf8(text: str) -> bytes:
    """A text as UTF-8, whatever it holds: half of a surrogate pair becomes U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


_TOO_DEEP = f"It is nested deeper than {MAX_DEPTH} levels."


def _refuse_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number.")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"The number {digits} is too large.")
    return number


def _depth(value: Any) -> int:
    """How deep arrays and objects are nested; a loop, as recursion is what this protects from."""
    depth, level = 0, [value]
    while level := [one for one in level if isinstance(one, dict | list)]:
        depth += 1
        level = [
            inner for one in level for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return depth


def _is_encodable(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
