"""Imagined values satisfy their schema, and come from the text where it has some."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from pydantic import BaseModel, Field

from langchain_foundry_agents.emulator import EmulatorBrain
from langchain_foundry_agents.emulator.brains.imagination import Imagination

jsonschema = pytest.importorskip("jsonschema")
TEXTS = ["", "Hello", 'Add 3, 7 and 12 for "Ada" and "Grace" on 2024-05-06', "age is 200, -4"]


def holder(schema: Any, **more: Any) -> Any:
    properties = {"type": "object", "properties": {"it": schema}, "required": ["it"]}
    return {**properties, "additionalProperties": False, **more}


class Leaf(BaseModel):
    name: str = Field(min_length=3, max_length=12)
    share: float = Field(gt=0, lt=1)


class Tree(BaseModel):
    title: str
    leaves: list[Leaf] = Field(min_length=2)
    parent: Tree | None
    tags: dict[str, int]
    size: int | None = None


SCHEMAS: list[Any] = [
    {"type": "integer", "minimum": 5, "maximum": 6},
    {"type": "integer", "exclusiveMinimum": 5, "multipleOf": 5},
    {"type": "integer", "maximum": -3},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    {"type": "number", "minimum": 0.5},
    {"type": "string", "minLength": 20},
    {"type": "string", "maxLength": 2},
    {"type": "string", "enum": ["a", "b"]},
    {"type": ["null", "integer"]},
    {"const": {"a": [1]}},
    {"enum": [1, None, "x"]},
    {"type": "array", "items": {"type": "integer"}, "minItems": 5},
    {"type": "array", "items": {"type": "string"}, "maxItems": 1},
    {"type": "array", "items": {"enum": ["x", "y", "z"]}, "minItems": 2, "uniqueItems": True},
    {"type": "array", "items": {"type": "integer"}, "minItems": 3, "uniqueItems": True},
    {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False},
    {"type": "array", "items": {"type": "array", "items": {"type": "boolean"}}},
    {"anyOf": [{"type": "null"}, {"type": "object", "required": ["a"]}]},
    {"oneOf": [{"type": "object", "properties": {"k": {"const": "a"}}, "required": ["k"]}]},
    {"allOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"required": ["b"]}]},
    {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2},
    {"type": "object", "additionalProperties": {"type": "integer"}, "required": ["n"]},
    {"type": "object", "properties": {"a": {"type": "string"}, "b": {}}, "required": []},
    {"$ref": "#/definitions/Old"},
    *({"type": "string", "format": one} for one in ("date", "date-time", "email")),
    *({"type": "string", "format": one} for one in ("uri", "uuid", "ipv4", "ipv6", "hostname")),
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda one: json.dumps(one)[:60])
def test_schemas_are_satisfied(schema: Any, text: str) -> None:
    root = holder(schema, definitions={"Old": {"type": "integer", "minimum": 2}})

    value = Imagination(text).fill(root)

    checker = jsonschema.FormatChecker()
    jsonschema.Draft202012Validator(root, format_checker=checker).validate(value)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("strict", [True, False])
def test_nested_models_are_satisfied(text: str, strict: bool) -> None:
    schema = Tree.model_json_schema()

    value = Imagination(text).fill(schema)

    jsonschema.validate(value, schema)
    Tree.model_validate(value, strict=strict)


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "integer", "minimum": 100}, "3 of 250", 250),
        ({"type": "string", "format": "date"}, "due 2024-05-06", "2024-05-06"),
        ({"type": "string", "format": "email"}, "write to ada@example.org.", "ada@example.org"),
        ({"type": "string", "format": "uri"}, "see https://a.example/b.", "https://a.example/b"),
        ({"type": "string", "pattern": "^[A-Z]{2}\\d$"}, "flight LH1 is late", "LH1"),
        ({"type": "array", "items": {"enum": ["a1", "b2"]}}, "b2 then", ["b2"]),
        ({"type": "string", "maxLength": 5}, '"much too long" or "short"', "short"),
    ],
)
def test_the_first_value_that_fits_is_taken(schema: Any, text: str, value: Any) -> None:
    assert Imagination(text).fill(holder(schema)) == {"it": value}


def test_values_that_follow_a_propertys_name_belong_to_it() -> None:
    properties = {
        "height": {"type": "integer"},
        "age": {"type": "integer"},
        "name": {"type": "string"},
        "active": {"type": "boolean"},
    }
    text = "Her age is 36 and the height is 170, active: false, name: Ada"

    value = Imagination(text).fill({"type": "object", "properties": properties})

    assert value == {"height": 170, "age": 36, "name": "Ada", "active": False}


def test_a_root_that_is_no_plain_object_is_filled() -> None:
    schema = {"$ref": "#/$defs/A", "$defs": {"A": holder({"type": "integer"})}}

    assert Imagination("4").fill(schema) == {"it": 4}
    assert Imagination("4").fill({}) == {}


@pytest.mark.parametrize("form", ["json_object", "json_schema"])
def test_answers_are_json_where_the_run_asks_for_it(form: str) -> None:
    schema = {"name": "x", "schema": Tree.model_json_schema()}
    wanted = {"type": form} | ({"json_schema": schema} if form == "json_schema" else {})

    found = EmulatorBrain().invoke([HumanMessage("A tree")], response_format=wanted)

    assert isinstance(found, AIMessage)
    assert isinstance(json.loads(found.text), dict)


def test_several_tools_that_are_named_are_called_in_parallel() -> None:
    tools = [
        {"type": "function", "function": {"name": name, "parameters": holder({"type": "string"})}}
        for name in ("get_time", "get_weather", "get_news")
    ]

    found = EmulatorBrain().bind_tools(tools).invoke("get_weather and get_time in Paris")

    assert [call["name"] for call in found.tool_calls] == ["get_weather", "get_time"]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Answer with the keys 'name' and 'age'.", ["name", "age"]),
        ('Call me "Ada". Give JSON with a "city" field!', ["city"]),
        ("JSON with keys name, size and colour please", ["name", "size", "colour"]),
        ("Just JSON", ["answer"]),
    ],
)
def test_json_objects_have_the_keys_that_the_text_asks_for(text: str, keys: list[str]) -> None:
    found = EmulatorBrain().invoke(text, response_format={"type": "json_object"})

    assert list(json.loads(found.text)) == keys


@pytest.mark.parametrize(
    "pattern", ["^(a+)+$", "^(a|a)*$", "a*a*a*a*a*b", "(.*)*x", r"^(\\w+\\s?)*$", "^a{1,9}b$"]
)
@pytest.mark.timeout(60)  # where it is exponential, it never ends
def test_a_pattern_of_the_callers_takes_no_time(pattern: str) -> None:
    schema = holder({"type": "string", "pattern": pattern})

    assert isinstance(Imagination("a" * 10_000 + "!").fill(schema), dict)


@pytest.mark.parametrize("form", ["email", "hostname", "uri", "date", "duration", "ipv4", None])
@pytest.mark.timeout(60)
@pytest.mark.parametrize("sign", ["a", "1", "-", ".", "\u201c", "'", "http://", "P1"])
def test_a_long_text_takes_no_time(form: str | None, sign: str) -> None:
    schema = holder({"type": "string", **({"format": form} if form else {})})

    assert isinstance(Imagination(sign * 20_000).fill(schema), dict)
