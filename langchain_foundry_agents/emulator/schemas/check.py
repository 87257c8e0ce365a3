"""Checks the members of a body against a schema: those that are not known, those that are missing.

Types and ranges of values are checked where they are read. An object of a kind that no schema knows
is not looked into: kinds of tools come faster than releases of their types.
"""

from __future__ import annotations

import json
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from langchain_foundry_agents.emulator.refusals import invalid, missing


def check_body(generation: str, name: str, body: Any) -> None:
    """Refuses a body with members that its schema does not have, or without some that it demands.

    Args:
        generation: `classic` or `responses`.
        name: the schema's.
        body: the JSON.

    Raises:
        Refusal: a 400 in the service's words, with the member's path.
    """
    document = _document(generation)
    _Check(document["$defs"]).value(document["bodies"][name], body, "")


class _Check:
    def __init__(self, models: dict[str, Any]) -> None:
        self._models = models

    def value(self, schema: dict[str, Any], value: Any, path: str) -> None:
        model = ""
        if reference := schema.get("$ref"):
            model = reference.rpartition("/")[2]
            schema = self._models[model]
        match value:
            case dict() if "discriminator" in schema:
                self._kind(schema["discriminator"], value, path)
            case dict() if schema.get("type") == "object":
                self._object(schema, model, value, path)
            case list() if "items" in schema:
                for place, item in enumerate(value):
                    self.value(schema["items"], item, f"{path}[{place}]")
            case _:
                # Of a union, the members that are objects and arrays differ by their JSON type.
                for choice in schema.get("anyOf", []):
                    self.value(choice, value, path)

    def _kind(self, discriminator: dict[str, Any], value: dict[str, Any], path: str) -> None:
        kind = value.get(discriminator["propertyName"])
        reference = discriminator["mapping"].get(kind) if isinstance(kind, str) else None
        if reference:
            self.value({"$ref": reference}, value, path)

    def _object(self, schema: dict[str, Any], model: str, value: dict[str, Any], path: str) -> None:
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        below = f"{path}." if path else ""
        # OpenAI names what is missing first: a nested function lacks its name.
        for name in schema.get("required", []):
            lenient = f"{model}.{name}" in _leniencies()["not_demanded"]
            if value.get(name) is None and not lenient:
                raise missing(f"{below}{name}")
        for name, member in value.items():
            if name in known:
                self.value(known[name], member, f"{below}{name}")
            elif isinstance(others, dict):
                self.value(others, member, f"{below}{name}")
            elif f"{model}.{name}" not in _leniencies()["accepted"]:
                message = f"Unknown parameter: '{below}{name}'."
                raise invalid(message, param=f"{below}{name}", code="unknown_parameter")


@cache
def _document(generation: str) -> dict[str, Any]:
    text = files(__package__).joinpath(f"{generation}.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


@cache
def _leniencies() -> dict[str, frozenset[str]]:
    text = files(__package__).joinpath("leniencies.toml").read_text("utf-8")
    return {
        table: frozenset(f"{model}.{name}" for model, names in models.items() for name in names)
        for table, models in tomllib.loads(text).items()
    }
