"""Structured inputs: values that a request gives for `{{name}}` in the agent's definition."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.events import compact
from langchain_foundry_agents.emulator.responses import refusals

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject

# https://learn.microsoft.com/azure/ai-foundry/agents/how-to/structured-inputs
_OF_TOOLS = frozenset(
    {"vector_store_ids", "container", "server_label", "server_url", "headers", "file_ids"}
)
_OPTIONAL = frozenset({"file_ids", "vector_store_ids"})
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


def filled_definition(definition: JsonObject, values: JsonObject) -> JsonObject:
    """A definition with the values in its instructions and in what its tools work with."""
    if not values:
        return definition
    changed: JsonObject = {}
    if "instructions" in definition:
        changed["instructions"] = _filled(definition["instructions"], values)
    if isinstance(tools := definition.get("tools"), list):
        changed["tools"] = [_filled_tool(tool, values) for tool in tools]
    return definition | changed


def filled_item(item: JsonObject, values: JsonObject) -> JsonObject:
    """An input item with the values in it, if it is one of the system or the developer.

    What users, functions and the agent itself say is nobody's template.
    """
    if not values or item.get("role") not in ("system", "developer"):
        return item
    return {**item, "content": _filled(item.get("content"), values)}


def _filled_tool(tool: JsonObject, values: JsonObject) -> JsonObject:
    return {
        name: _filled(member, values, name) if name in _OF_TOOLS else member
        for name, member in tool.items()
    }


def _filled(template: Any, values: JsonObject, name: str = "") -> Any:
    match template:
        case str():
            return _PLACE.sub(lambda found: _value(found, values), template)
        case dict():
            return {key: _filled(inner, values, key) for key, inner in template.items()}
        case list():
            filled = [_filled(inner, values) for inner in template]
            # An optional input that was not given takes its file or store away.
            return [one for one in filled if one != ""] if name in _OPTIONAL else filled
        case _:
            return template


def _value(found: re.Match[str], values: JsonObject) -> str:
    if found[1] not in values:
        return found[0]
    value = values[found[1]]
    return value if isinstance(value, str) else compact(value)
