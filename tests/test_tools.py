"""Tools in every form that LangChain knows, and the choice among them, for the service."""

from __future__ import annotations

from typing import Any, TypedDict

import pytest
from langchain_core.tools import tool
from pydantic import BaseModel, Field

from langchain_foundry_agents import InvalidFieldError
from langchain_foundry_agents._tools import map_choice, map_tools

JSON = dict[str, Any]


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@tool("add")
def add_tool(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


class Add(BaseModel):
    """Add two numbers."""

    a: int
    b: int


class AddDict(TypedDict):
    """Add two numbers."""

    a: int
    b: int


class Described(BaseModel):
    """Find a city."""

    city: str = Field(description="Its name")


PARAMETERS = {
    "type": "object",
    "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
    "required": ["a", "b"],
}


def function(name: str, **more: Any) -> JSON:
    described = {"name": name, "description": "Add two numbers.", "parameters": PARAMETERS}
    return {"type": "function", "function": {**described, **more}}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (add, "add"),
        (add_tool, "add"),
        (Add, "Add"),
        (AddDict, "AddDict"),
        ({"title": "add", "description": "Add two numbers.", **PARAMETERS}, "add"),
        ({"name": "add", "description": "Add two numbers.", "parameters": PARAMETERS}, "add"),
        ({"name": "add", "description": "Add two numbers.", "input_schema": PARAMETERS}, "add"),
    ],
    ids=["function", "tool", "pydantic", "typed dict", "JSON schema", "OpenAI", "Anthropic"],
)
def test_a_tool_of_this_form_is_a_function_of_the_service(given: Any, name: str) -> None:
    assert map_tools([given]) == [function(name)]


def test_fields_keep_their_descriptions() -> None:
    (mapped,) = map_tools([Described])

    assert mapped["function"]["parameters"]["properties"] == {
        "city": {"type": "string", "description": "Its name"}
    }


@pytest.mark.parametrize(
    "own",
    [
        function("add"),
        {"type": "code_interpreter"},
        {"type": "file_search", "file_search": {"max_num_results": 3}},
        {"type": "bing_grounding", "bing_grounding": {"search_configurations": []}},
        {"type": "mcp", "server_label": "docs", "server_url": "https://a.example"},
        {"type": "openapi", "openapi": {"name": "weather", "spec": {}, "auth": {}}},
        {"type": "hologram", "depth": 3},
    ],
    ids=lambda own: str(own["type"]),
)
def test_the_services_own_definitions_are_sent_as_they_are(own: JSON) -> None:
    assert map_tools([own]) == [own]


def test_definitions_keep_their_order() -> None:
    code = {"type": "code_interpreter"}

    assert map_tools([add, code]) == [function("add"), code]


@pytest.mark.parametrize("strict", [True, False])
def test_strict_is_said_of_functions(strict: bool) -> None:
    (mapped,) = map_tools([Add], strict=strict)

    assert mapped["function"]["strict"] is strict


def test_strict_is_not_said_of_the_services_own_tools() -> None:
    assert map_tools([{"type": "code_interpreter"}], strict=True) == [{"type": "code_interpreter"}]


ADD, SUB, CODE = function("add"), function("sub"), {"type": "code_interpreter"}
CHOOSE_ADD = {"type": "function", "function": {"name": "add"}}


@pytest.mark.parametrize(
    ("choice", "tools", "mapped"),
    [
        (None, [ADD], None),
        (False, [ADD], None),
        ("auto", [ADD], "auto"),
        ("none", [ADD], "none"),
        ("any", [ADD], CHOOSE_ADD),
        ("required", [ADD], CHOOSE_ADD),
        (True, [ADD], CHOOSE_ADD),
        ("any", [CODE], {"type": "code_interpreter"}),
        ("any", [ADD, SUB], "required"),
        ("required", [ADD, SUB], "required"),
        (True, [ADD, SUB], "required"),
        ("any", [], "required"),
        ("add", [ADD, SUB], CHOOSE_ADD),
        ("add", [CODE, ADD], CHOOSE_ADD),
        ("code_interpreter", [ADD, CODE], {"type": "code_interpreter"}),
        (CHOOSE_ADD, [ADD], CHOOSE_ADD),
        ({"type": "file_search"}, [ADD], {"type": "file_search"}),
    ],
)
def test_a_choice_of_this_form_is_this_choice_of_the_service(
    choice: Any, tools: list[JSON], mapped: Any
) -> None:
    assert map_choice(choice, tools) == mapped


@pytest.mark.parametrize(
    ("tools", "names"),
    [([ADD, CODE], "add, code_interpreter"), ([SUB], "sub"), ([], "none")],
)
def test_a_choice_of_a_tool_that_is_not_bound_names_those_that_are(
    tools: list[JSON], names: str
) -> None:
    with pytest.raises(InvalidFieldError) as caught:
        map_choice("multiply", tools)

    assert str(caught.value) == (
        "tool_choice: there is no tool 'multiply' among those bound. "
        f"Choose one of {names}, or 'auto', 'any', 'none'."
    )
