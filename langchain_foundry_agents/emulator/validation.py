"""Checks that request bodies are made of.

A check takes a value and its place in the body, and returns the value as the service keeps it,
or raises the 400. Checks compose; the tables that use them are in `bodies`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from langchain_foundry_agents.emulator.refusals import Refusal, invalid, missing

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject

Check: TypeAlias = Callable[[Any, str], Any]


def wrong_type(param: str, expected: str) -> Refusal:
    """The 400 for a value of another type."""
    return invalid(f"Invalid '{param}': expected {expected}.", param=param, code="invalid_type")


def wrong_value(param: str, problem: str) -> Refusal:
    """The 400 for a value out of its range."""
    return invalid(f"Invalid '{param}': {problem}", param=param, code="invalid_value")


def read(body: Any, fields: Mapping[str, Check], required: tuple[str, ...] = ()) -> JsonObject:
    """The known members of a body, checked; null counts as absent, unknown members are left out."""
    return _members(body, "", fields, required)


def shape(fields: Mapping[str, Check], required: tuple[str, ...] = ()) -> Check:
    """An object with these members."""
    return lambda value, param: _members(value, param, fields, required)


def boolean(value: Any, param: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise wrong_type(param, "a boolean")
    return value


def mapping(value: Any, param: str) -> JsonObject:
    """Any object."""
    if not isinstance(value, dict):
        raise wrong_type(param, "an object")
    return value


def text(*, least: int = 0, most: int | None = None) -> Check:
    """A string of so many characters."""

    def check(value: Any, param: str) -> str:
        if not isinstance(value, str):
            raise wrong_type(param, "a string")
        if len(value) < least:
            raise wrong_value(param, "the string is empty.")
        if most is not None and len(value) > most:
            raise wrong_value(
                param, f"at most {most} characters are allowed, this has {len(value)}."
            )
        return value

    return check


def whole(*, least: int, most: int | None = None) -> Check:
    """An integer of at least, and perhaps at most, that much."""

    def check(value: Any, param: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise wrong_type(param, "an integer")
        if value < least:
            raise wrong_value(param, f"at least {least} is expected, got {value}.")
        if most is not None and value > most:
            raise wrong_value(param, f"at most {most} is expected, got {value}.")
        return value

    return check


def number(low: float, high: float) -> Check:
    """A number between two others, kept as a float."""

    def check(value: Any, param: str) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise wrong_type(param, "a number")
        if not low <= value <= high:
            raise wrong_value(param, f"expected a number from {low} to {high}, got {value}.")
        return float(value)

    return check


def one_of(*choices: str) -> Check:
    """One of these strings."""

    def check(value: Any, param: str) -> str:
        if value not in choices:
            names = ", ".join(f"'{choice}'" for choice in choices)
            raise wrong_value(param, f"expected one of {names}, got {value!r}.")
        return str(value)

    return check


def items(check_item: Check, *, most: int | None = None) -> Check:
    """An array whose items pass a check."""

    def check(value: Any, param: str) -> list[Any]:
        if not isinstance(value, list):
            raise wrong_type(param, "an array")
        if most is not None and len(value) > most:
            raise wrong_value(param, f"at most {most} items are allowed, this has {len(value)}.")
        return [check_item(item, f"{param}[{index}]") for index, item in enumerate(value)]

    return check


def metadata(value: Any, param: str) -> JsonObject:
    """At most 16 pairs, keys of at most 64 and string values of at most 512 characters."""
    pairs = mapping(value, param)
    if len(pairs) > 16:
        raise wrong_value(param, f"at most 16 pairs are allowed, this has {len(pairs)}.")
    for key, pair_value in pairs.items():
        text(most=64)(key, f"{param} (key)")
        text(most=512)(pair_value, f"{param}.{key}")
    return pairs


def _members(
    body: Any, param: str, fields: Mapping[str, Check], required: tuple[str, ...]
) -> JsonObject:
    given = mapping(body, param or "body")
    prefix = f"{param}." if param else ""
    for name in required:
        if given.get(name) is None:
            raise missing(f"{prefix}{name}")
    return {
        name: fields[name](value, f"{prefix}{name}")
        for name, value in given.items()
        if name in fields and value is not None
    }
