"""Checks an answer against the models of azure-ai-agents 1.1.0, as they were read from its wheel.

Stricter than the client: a member that no model has, a value beside its enum, and a kind that
nobody knows are problems. Where the recorded service differs from its models, `WIRE` says so.
"""

from __future__ import annotations

import ast
import json
from collections import ChainMap
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .room import DATA

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = json.loads((DATA / "azure-ai-agents-1.1.0.json").read_text())

# What the recorded service sends otherwise than the models say, by model.
NULLS = {
    "Agent": "name description instructions",
    "FunctionDefinition": "description",
    "RunStep": "last_error completed_at cancelled_at failed_at",
    "ThreadMessage": "assistant_id run_id incomplete_details incomplete_at completed_at",
    "ThreadRun": (
        "instructions last_error expires_at started_at completed_at cancelled_at failed_at "
        "incomplete_details usage max_prompt_tokens max_completion_tokens"
    ),
    "VectorStore": "name",
    "VectorStoreFile": "last_error",
}
ABSENT = {
    "MessageTextFileCitationDetails": "quote",
    "RunStep": "expired_at metadata",
    "ThreadMessage": "status incomplete_details incomplete_at completed_at",
}
ADDED = {
    "FileInfo": "expires_at",
    "FunctionDefinition": "strict",
    "MessageImageFileDetails": "detail",
    "ResponseFormatJsonSchema": "strict",
    "RunCompletionUsage": "prompt_token_details",
    "RunStep": "expires_at",
    "RunStepCompletionUsage": "prompt_token_details",
    "RunStepFileSearchToolCallResult": "attributes",
    "RunStepFunctionToolCallDetails": "output",
}
# Names that stand for several types.
UNIONS = {
    "AgentsResponseFormatOption": (
        "Union[AgentsResponseFormatMode, AgentsResponseFormat, ResponseFormatJsonSchemaType]"
    ),
    "AgentsToolChoiceOption": "Union[AgentsToolChoiceOptionMode, AgentsNamedToolChoice]",
    "MessageAttachmentToolDefinition": (
        "Union[FileSearchToolDefinition, CodeInterpreterToolDefinition]"
    ),
}
_PLAIN: dict[str, tuple[type, ...]] = {
    "Any": (object,),
    "bool": (bool,),
    "float": (float, int),
    "int": (int,),
    "str": (str,),
    "timestamp": (int,),
}


class Model:
    """One of the models: its members, and the kinds that it comes in."""

    def __init__(self, name: str) -> None:
        self.name = name
        described = SCHEMA["models"][name]
        inherited = [Model(base).members for base in described["bases"]]
        self.members: dict[str, Any] = dict(ChainMap(described["properties"], *inherited))

    @cached_property
    def discriminator(self) -> str | None:
        found = [name for name, member in self.members.items() if member.get("discriminator")]
        return found[0] if found else None

    @cached_property
    def kinds(self) -> dict[str, Model]:
        """The models that are made of this one, by their discriminator's value."""
        made = [Model(one) for one, of in SCHEMA["models"].items() if self.name in of["bases"]]
        return {kind: one for one in made for kind in one.own_kinds(self.discriminator or "")}

    def own_kinds(self, discriminator: str) -> list[str]:
        return [
            str(node.value)
            for node in ast.walk(_parsed(self.members[discriminator]["type"]))
            if isinstance(node, ast.Constant)
        ]

    def problems(self, value: Any, place: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{place}: {type(value).__name__} is no {self.name}"
            return
        if self.kinds:
            kind = value.get(self.discriminator or "")
            if kind in self.kinds:
                yield from self.kinds[kind].problems(value, place)
            else:
                yield f"{place}: no {self.name} is of kind {kind!r}"
            return
        yield from self._members(value, place)

    def _members(self, value: dict[str, Any], place: str) -> Iterator[str]:
        nulls, absent, added = (
            table.get(self.name, "").split() for table in (NULLS, ABSENT, ADDED)
        )
        for name, member in self.members.items():
            if name not in value:
                if member.get("required") and name not in absent:
                    yield f"{place}: {self.name}.{name} is missing"
            elif value[name] is None:
                if member.get("required") and name not in nulls:
                    yield f"{place}.{name}: null"
            else:
                yield from problems(member["type"], value[name], f"{place}.{name}")
        for name in value.keys() - self.members.keys() - set(added):
            yield f"{place}: {self.name} has no {name}"


def problems(kind: str, value: Any, place: str = "body") -> list[str]:
    """What is wrong with a value.

    Args:
        kind: a type as the schema writes it, or `Page[model]` for a list of the service.
        value: the value.
        place: where it stands.
    """
    return list(_problems(_parsed(kind), value, place))


def _problems(node: ast.expr, value: Any, place: str) -> Iterator[str]:
    match node:
        case ast.Name(id=name):
            yield from _named(name, value, place)
        case ast.Subscript(value=ast.Name(id="Literal"), slice=ast.Constant(value=only)):
            if value != only:
                yield f"{place}: {value!r} is not {only!r}"
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
            yield from _problems(inner, value, place)
        case ast.Subscript(value=ast.Name(id="List"), slice=inner):
            yield from _items(inner, value, place)
        case ast.Subscript(value=ast.Name(id="Page"), slice=inner):
            yield from _page(inner, value, place)
        case ast.Subscript(value=ast.Name(id="Dict"), slice=ast.Tuple(elts=[_, inner])):
            yield from _values(inner, value, place)
        case ast.Subscript(value=ast.Name(id="Union"), slice=ast.Tuple(elts=choices)):
            yield from _union(choices, value, place)
        case _:
            raise NotImplementedError(ast.unparse(node))


def _named(name: str, value: Any, place: str) -> Iterator[str]:
    if name in UNIONS:
        yield from _problems(_parsed(UNIONS[name]), value, place)
    elif name in SCHEMA["enums"]:
        if value not in SCHEMA["enums"][name]:
            yield f"{place}: {value!r} is no {name}"
    elif name in SCHEMA["models"]:
        yield from Model(name).problems(value, place)
    elif not isinstance(value, _PLAIN[name]) or (isinstance(value, bool) and name != "bool"):
        yield f"{place}: {value!r} is no {name}"


def _items(inner: ast.expr, value: Any, place: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{place}: {type(value).__name__} is no list"
        return
    for index, one in enumerate(value):
        yield from _problems(inner, one, f"{place}[{index}]")


def _values(inner: ast.expr, value: Any, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place}: {type(value).__name__} is no object"
        return
    for name, one in value.items():
        yield from _problems(inner, one, f"{place}.{name}")


def _page(inner: ast.expr, value: Any, place: str) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("object") != "list":
        yield f"{place}: no list"
        return
    yield from _items(inner, value.get("data"), f"{place}.data")
    ids = [one["id"] for one in value["data"]] or [None]
    if (value.get("first_id"), value.get("last_id")) != (ids[0], ids[-1]):
        yield f"{place}: first_id and last_id are not those of the data"
    if not isinstance(value.get("has_more"), bool):
        yield f"{place}.has_more: {value.get('has_more')!r} is no bool"


def _union(choices: list[ast.expr], value: Any, place: str) -> Iterator[str]:
    """Of `str` and an enum, the enum counts; else one of the types has to fit."""
    named = [one for one in choices if ast.unparse(one) not in ("str", "None")]
    found = [list(_problems(one, value, place)) for one in named]
    if all(found):
        yield from min(found, key=len)


def _parsed(kind: str) -> ast.expr:
    return ast.parse(kind, mode="eval").body
