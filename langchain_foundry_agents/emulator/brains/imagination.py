"""Values for a JSON schema, drawn from a text where it has some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.brains.material import Material

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from langchain_foundry_agents.emulator.records import JsonObject

_DEEPEST = 8
_HINTS = {
    "object": ("properties", "required", "additionalProperties", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
_ALTERNATIVES = ("anyOf", "oneOf")


class Imagination:
    """Fills schemas: values of the text in their order, else plain defaults.

    Knows references, alternatives, `allOf`, constants, bounds, lengths, formats; of patterns only
    whether a word of the text matches. Optional properties are left out where others are required.

    Args:
        text: what the user said.
    """

    def __init__(self, text: str) -> None:
        self._material = Material(text)
        self._root: Mapping[str, Any] = {}

    def fill(self, schema: Mapping[str, Any]) -> Any:
        """A value for a schema; an object where it does not say of what type."""
        self._root = schema
        return self._value(schema, "", 0, "object")

    def _value(
        self, schema: Mapping[str, Any] | bool, name: str, depth: int, otherwise: str = "string"
    ) -> Any:
        plain = self._resolved(schema, depth)
        if "const" in plain:
            return plain["const"]
        if "enum" in plain:
            return self._choice(plain["enum"])
        kind = _kind(plain, otherwise, depth)
        match kind:
            case "object":
                return self._object(plain, depth) if depth <= _DEEPEST else None
            case "array":
                return self._array(plain, name, depth)
            case "integer" | "number":
                return self._material.number(plain | {"type": kind}, name)
            case "boolean":
                return not self._material.denies(name)
            case "null":
                return None
            case _:
                return self._material.string(plain, name)

    def _object(self, schema: JsonObject, depth: int) -> JsonObject:
        properties: JsonObject = schema.get("properties", {})
        wanted: list[str] = schema.get("required", list(properties))
        names = [name for name in properties if name in wanted]
        names += [name for name in wanted if name not in properties]
        least = schema.get("minProperties", 0)
        spare = [name for name in properties if name not in names]
        names += spare[: max(0, least - len(names))]
        names += [f"key_{place}" for place in range(len(names), least)]
        others: JsonObject | bool = schema.get("additionalProperties", {})
        schemas: JsonObject = dict.fromkeys(names, others) | properties
        return {name: self._value(schemas[name], name, depth + 1) for name in names}

    def _array(self, schema: JsonObject, name: str, depth: int) -> list[Any]:
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        first = [self._value(one, name, depth + 1) for one in schema.get("prefixItems", [])]
        items = schema.get("items", {})
        if items is False or depth > _DEEPEST:
            return first
        item = self._resolved(items, depth)
        # Deep down one item is enough: lists of lists would grow without measure.
        offered = self._offers(item, 0 if first else 1) if depth < _DEEPEST // 2 else 1
        wanted = max(least, offered + len(first))
        count = wanted if most is None else min(wanted, most)
        if schema.get("uniqueItems"):
            return self._distinct(first, item, name, depth, max(count, least))
        return first + [self._value(item, name, depth + 1) for _ in range(len(first), count)]

    def _offers(self, item: JsonObject, least: int) -> int:
        """How many items the text has for an array."""
        if "enum" in item:
            return max(least, len(self._said(item["enum"])))
        kind = _kind(item, "string", 0)
        if kind in ("integer", "number"):
            return max(least, len(self._material.numbers))
        return max(least, len(self._material.strings) if kind in ("string", "object") else 0)

    def _distinct(
        self, first: list[Any], item: JsonObject, name: str, depth: int, count: int
    ) -> list[Any]:
        found = list(first)
        if "enum" in item:
            said = self._said(item["enum"])
            return [*said, *(one for one in item["enum"] if one not in said)][:count]
        for _ in range(count):
            value = self._value(item, name, depth + 1)
            if value not in found:
                found.append(value)
        while len(found) < count and isinstance(found[-1], int | float | str):
            last = found[-1]
            found.append(f"{last}_" if isinstance(last, str) else last + item.get("multipleOf", 1))
        return found

    def _said(self, choices: Sequence[Any]) -> list[Any]:
        return [one for one in choices if self._material.says(one)]

    def _choice(self, choices: Sequence[Any]) -> Any:
        return (self._said(choices) or choices)[0]

    def _resolved(self, schema: Mapping[str, Any] | bool, depth: int) -> JsonObject:
        """The schema without references and alternatives."""
        if isinstance(schema, bool):
            return {}
        plain = dict(schema)
        for _ in range(_DEEPEST):
            if "$ref" in plain:
                target = self._target(str(plain.pop("$ref")))
                plain = {**target, **plain}
            elif parts := plain.pop("allOf", None):
                plain = _joined([self._resolved(part, depth) for part in parts] + [plain])
            elif key := next((one for one in _ALTERNATIVES if plain.get(one)), None):
                chosen = self._alternative(plain.pop(key), depth)
                plain = _joined([plain, chosen])
            else:
                break
        return plain

    def _alternative(self, options: Sequence[Mapping[str, Any]], depth: int) -> JsonObject:
        """The first alternative that is not null; null, or what ends, where it gets too deep."""
        plain = [dict(one) for one in options]
        ends = [one for one in plain if "$ref" not in one and one.get("type") != "object"]
        if depth >= _DEEPEST - 1 and ends:
            return ends[0]
        for one in plain:
            if "const" in one and self._material.says(one["const"]):
                return one
        return next((one for one in plain if one.get("type") != "null"), plain[0])

    def _target(self, reference: str) -> Mapping[str, Any]:
        place: Any = self._root
        for step in reference.removeprefix("#").strip("/").split("/"):
            key = step.replace("~1", "/").replace("~0", "~")
            if key:
                place = place.get(key, {}) if isinstance(place, dict) else {}
        return place if isinstance(place, dict) else {}


def _kind(schema: Mapping[str, Any], otherwise: str, depth: int) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        known = [one for one in kind if one != "null"]
        return "null" if not known or (depth > _DEEPEST and "null" in kind) else str(known[0])
    if kind:
        return str(kind)
    hinted = (name for name, hints in _HINTS.items() if any(one in schema for one in hints))
    return next(hinted, otherwise)


def _joined(schemas: Sequence[Mapping[str, Any]]) -> JsonObject:
    """One schema that asks for what all of them ask for."""
    joined: JsonObject = {}
    for schema in schemas:
        for key, value in schema.items():
            if key == "properties":
                joined[key] = {**joined.get(key, {}), **value}
            elif key == "required":
                joined[key] = list(dict.fromkeys([*joined.get(key, []), *value]))
            else:
                joined[key] = value
    return joined
