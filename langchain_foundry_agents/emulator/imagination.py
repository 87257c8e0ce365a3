"""Values for a JSON schema, drawn from a text where it has some."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_foundry_agents.emulator.records import JsonObject

_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?")
_QUOTED = re.compile(r"\"([^\"]+)\"|“([^”]+)”|(?<!\w)'([^']+)'(?!\w)|`([^`]+)`")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z]\w+(?: [A-Z]\w+)*")
_DEEPEST = 8


class Imagination:
    """Fills schemas: numbers and quoted strings of the text in their order, else plain defaults.

    Args:
        text: what the user said.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._numbers = deque(_NUMBER.findall(text))
        quoted = ["".join(groups) for groups in _QUOTED.findall(text)]
        self._strings = deque(quoted or _NAME.findall(text))

    def fill(self, schema: Mapping[str, Any]) -> JsonObject:
        """An object for an object schema."""
        return self._object(schema, schema, 0)

    def _object(self, schema: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> JsonObject:
        wanted = schema.get("required", schema.get("properties", {}))
        properties = schema.get("properties", {})
        return {
            name: self._value(properties[name], root, depth + 1)
            for name in properties
            if name in wanted
        }

    def _value(self, schema: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> Any:
        schema = _resolved(schema, root)
        if depth > _DEEPEST:
            return None
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._choice(schema["enum"])
        match schema.get("type"):
            case "object":
                return self._object(schema, root, depth)
            case "array":
                return self._array(schema, root, depth)
            case "integer":
                return int(float(self._number()))
            case "number":
                return float(self._number())
            case "boolean":
                return True
            case "null":
                return None
            case _:
                return self._strings.popleft() if self._strings else self._text

    def _array(self, schema: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> list[Any]:
        item = _resolved(schema.get("items", {}), root)
        found = self._numbers if item.get("type") in ("integer", "number") else self._strings
        return [self._value(item, root, depth + 1) for _ in range(max(1, len(found)))]

    def _choice(self, choices: list[Any]) -> Any:
        lowered = self._text.lower()
        return next((one for one in choices if str(one).lower() in lowered), choices[0])

    def _number(self) -> str:
        return self._numbers.popleft() if self._numbers else "1"


def _resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema behind a reference, or the first alternative that is not null."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return _resolved(root.get("$defs", {}).get(name, {}), root)
    for alternatives in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(alternatives, []):
            if one.get("type") != "null":
                return _resolved(one, root)
    return schema
