"""What a text has to offer as values: numbers, quoted strings, names, dates, addresses."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_foundry_agents.emulator.records import JsonObject

_NUMBER = r"(?<![\w.])-?\d+(?:\.\d+)?"
_QUOTED = re.compile(r"\"([^\"]+)\"|“([^“”]+)”|(?<!\w)'([^']+)'(?!\w)|`([^`]+)`")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z]\w+(?: [A-Z]\w+)*")
_SAYS = r"(?:\s*[:=]\s*|\s+(?:is|of|are|named|called|to)\s+|\s+)"
_WORD = r"([A-Z]\w+(?: [A-Z]\w+)*|(?<=[:=] )[\w-]+|(?<=[:=])[\w-]+)"
_REPEAT, _REPEATED_GROUP = re.compile(r"[*+{]"), re.compile(r"\)[*+{]")
_MOST_WORDS = 200
_FORMATS = {
    "date": (r"\d{4}-\d\d-\d\d", "2025-01-01"),
    "date-time": (
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)",
        "2025-01-01T00:00:00Z",
    ),
    "time": (r"\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", "00:00:00Z"),
    "duration": (r"P(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?(?<!P)", "PT1H"),
    "email": (
        r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,9}",
        "someone@example.com",
    ),
    "uri": (r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]", "https://example.com"),
    "uuid": (
        r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        "00000000-0000-4000-8000-000000000000",
    ),
    "ipv4": (r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!\D|$)|(?![.\d]))){4}", "127.0.0.1"),
    "ipv6": (r"(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}", "::1"),
    "hostname": (r"(?<![a-z0-9.-])(?:[a-z0-9-]{1,63}\.){1,9}[a-z]{2,63}", "example.com"),
}


class Material:
    """The values of a text; each is given once, in the text's order.

    Args:
        text: the text.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.numbers = [found[0] for found in re.finditer(_NUMBER, text)]
        quoted = ["".join(groups) for groups in _QUOTED.findall(text)]
        self.strings: list[str] = quoted or _NAME.findall(text)
        self._given: set[str] = set()

    def number(self, schema: JsonObject, name: str) -> float:
        """A number that a schema allows: the one behind the name, the first that fits, a plain one.

        Args:
            schema: with `type`, bounds and `multipleOf`.
            name: of the property.
        """
        named = self._named(name, f"({_NUMBER})")
        for text in (*named, *self.numbers):
            value = _numeric(text, schema)
            if _allows(schema, value):
                self._use(self.numbers, text)
                return value
        return _plain_number(schema)

    def string(self, schema: JsonObject, name: str) -> str:
        """A string that a schema allows, in the same order of preference."""
        if found := _FORMATS.get(schema.get("format", "")):
            pattern, plain = found
            found_all = (str(one[0]) for one in re.finditer(pattern, self.text))
            fresh = [one for one in found_all if one not in self._given]
            self._given.update(fresh[:1])
            return fresh[0] if fresh else plain
        for given in (*self._named(name, _WORD), *self.strings):
            if _fits(schema, given):
                self._use(self.strings, given)
                return given
        words = re.findall(r"[\w-]+", self.text)[:_MOST_WORDS] if "pattern" in schema else []
        fitting = (one for one in [self.text, *words] if _fits(schema, one))
        return next(fitting, "") or _stretched(self.text, schema)

    def says(self, choice: Any) -> bool:
        """Whether a value stands in the text, as a word or as part of one."""
        return str(choice).lower() in self.text.lower()

    def denies(self, name: str) -> bool:
        """Whether the text says that something is false or is not so."""
        spoken = re.escape(name).replace("_", "[ _]")
        denied = re.compile(rf"\b{spoken}{_SAYS}(?:false|no|not|off)\b", re.IGNORECASE)
        return denied.search(self.text) is not None

    def _named(self, name: str, value: str) -> list[str]:
        if not name:
            return []
        spoken = re.escape(name).replace("_", "[ _]")
        found = re.search(rf"(?i:\b{spoken}){_SAYS}{value}", self.text)
        return [found[1]] if found else []

    def _use(self, values: list[str], text: str) -> None:
        if text in values:
            values.remove(text)


def _numeric(text: str, schema: JsonObject) -> float:
    value = float(text)
    return int(value) if schema.get("type") == "integer" and math.isfinite(value) else value


def _allows(schema: JsonObject, value: float) -> bool:
    bounds: tuple[tuple[str, Callable[[float], bool]], ...] = (
        ("minimum", lambda bound: value >= bound),
        ("maximum", lambda bound: value <= bound),
        ("exclusiveMinimum", lambda bound: value > bound),
        ("exclusiveMaximum", lambda bound: value < bound),
        ("multipleOf", lambda step: math.isclose(value / step, round(value / step))),
    )
    return math.isfinite(value) and all(
        holds(schema[name]) for name, holds in bounds if schema.get(name) is not None
    )


def _plain_number(schema: JsonObject) -> float:
    whole = schema.get("type") == "integer"
    step = schema.get("multipleOf") or 1
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    tried = [1, 0]
    tried += [math.ceil(low / step) * step, (math.floor(low / step) + 1) * step, low] if low else []
    tried += [math.floor(high / step) * step, (math.ceil(high / step) - 1) * step] if high else []
    tried += [(low + high) / 2] if low is not None and high is not None else []
    tried += [step]
    for value in tried:
        if _allows(schema, value) and (not whole or float(value).is_integer()):
            return int(value) if whole else float(value)
    return 1 if whole else 1.0


def _fits(schema: JsonObject, text: str) -> bool:
    longest = schema.get("maxLength")
    if len(text) < schema.get("minLength", 0) or (longest is not None and len(text) > longest):
        return False
    return _matches(schema.get("pattern"), text)


def _matches(pattern: str | None, text: str) -> bool:
    """Whether a text fits; one that the pattern may take for ever over does not."""
    try:
        return pattern is None or (
            len(text) <= _longest_for(pattern) and re.search(pattern, text) is not None
        )
    except re.error:
        return True


def _longest_for(pattern: str) -> int:
    """How long a text may be for a pattern of the caller's, which holds the whole process."""
    if _REPEATED_GROUP.search(pattern):
        return 12  # Each character may double the time.
    return 100 if len(_REPEAT.findall(pattern)) <= 3 else 24


def _stretched(text: str, schema: JsonObject) -> str:
    least = schema.get("minLength", 0)
    filled = text or ("text" if least else "")
    while len(filled) < least:
        filled += filled
    longest = schema.get("maxLength")
    return filled[: max(least, len(text)) if longest is None else longest]
