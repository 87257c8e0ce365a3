"""Structured inputs: values that a request gives for `{{name}}` in the agent's definition."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.events import compact
from langchain_foundry_agents.emulator.responses import refusals

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject

_PLACE = re.compile(r"\{\{\s*([\w-]+)\s*\}\}")


def checked_values(definition: JsonObject, given: JsonObject) -> JsonObject:
    """The values by name: those that are given, else the definition's defaults.

    Raises:
        Refusal: a required one is missing.
    """
    values: JsonObject = dict(given)
    for name, declared in (definition.get("structured_inputs") or {}).items():
        if name in values:
            continue
        if declared.get("required"):
            message = f"Missing required structured input: '{name}'."
            raise refusals.invalid_payload(message, f"structured_inputs.{name}")
        values[name] = declared.get("default_value", "")
    return values


def filled(template: Any, values: JsonObject) -> Any:
    """A template at any depth with the values in it; arrays lose strings that are empty then."""
    if not values:
        return template
    match template:
        case str():
            return _PLACE.sub(lambda found: _value(found, values), template)
        case dict():
            return {name: filled(inner, values) for name, inner in template.items()}
        case list():
            return [one for inner in template if (one := filled(inner, values)) != ""]
        case _:
            return template


def _value(found: re.Match[str], values: JsonObject) -> str:
    if found[1] not in values:
        return found[0]
    value = values[found[1]]
    return value if isinstance(value, str) else compact(value)
