"""What a new agent's definition owns: how it is written, read, and held against a call."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from langchain_foundry_agents._flow.definitions import (
    check_call,
    check_format,
    check_tools,
    function_form,
    prompt_definition,
    read_definition,
    text_form,
)
from langchain_foundry_agents._flow.effects import JSON, Send
from langchain_foundry_agents._flow.progress import Policy, Progress
from langchain_foundry_agents._flow.retry import Patience
from langchain_foundry_agents.errors import BadRequestError, MissingToolsError, ServiceError

from .player import V1, answered, play, refused

ASKS = Progress(Policy(patience=Patience(max_retries=0)))
NUMBERS = {"type": "object", "properties": {"a": {"type": "integer"}}}
ADD = {"type": "function", "function": {"name": "add", "parameters": NUMBERS}}
FLAT_ADD = {"type": "function", "name": "add", "parameters": NUMBERS, "strict": False}
CODE = {"type": "code_interpreter"}
CITY = {"properties": {"name": {"type": "string"}, "size": {"type": "integer"}}}
BARE: JSON = {"kind": "prompt", "model": "gpt-4o"}
WITH_ADD = {**BARE, "tools": [FLAT_ADD]}


def schema(body: JSON, name: str = "City") -> JSON:
    """A format of answers as chat completions have it."""
    return {"type": "json_schema", "json_schema": {"name": name, "schema": body}}


def strictly(wanted: JSON) -> JSON:
    """The format, to which the service is to hold the model."""
    return {**wanted, "json_schema": {**wanted["json_schema"], "strict": True}}


def answering(own: JSON) -> JSON:
    """A definition with a format of answers."""
    return {**BARE, "text": {"format": own}}


def look(version: str | None = None, fresh_for: float = 300.0) -> Send:
    path = "/agents/support" if version is None else f"/agents/support/versions/{version}"
    return Send("GET", path, None, V1, fresh_for=fresh_for)


def version(definition: JSON) -> JSON:
    named = {"object": "agent.version", "id": "support:3", "name": "support", "version": "3"}
    return {**named, "definition": definition}


def agent(definition: JSON, *selected: str) -> JSON:
    """An agent with its latest version, and those that its endpoint selects."""
    shown = {"object": "agent", "name": "support", "versions": {"latest": version(definition)}}
    rules = [{"type": "FixedRatio", "agent_version": one} for one in selected]
    return {**shown, "agent_endpoint": {"version_selector": {"version_selection_rules": rules}}}


def test_a_function_stands_flat_in_a_definition() -> None:
    function = {"name": "add", "description": "Add.", "parameters": NUMBERS, "strict": True}

    assert function_form({"type": "function", "function": function}) == {
        "type": "function",
        "name": "add",
        "description": "Add.",
        "parameters": NUMBERS,
        "strict": True,
    }


def test_what_a_function_does_not_say_is_said_for_it() -> None:
    assert function_form(
        {"type": "function", "function": {"name": "now", "description": None}}
    ) == {
        "type": "function",
        "name": "now",
        "parameters": {"type": "object", "properties": {}},
        "strict": False,
    }


@pytest.mark.parametrize("tool", [CODE, FLAT_ADD, {"type": "mcp", "server_label": "docs"}])
def test_other_tools_and_flat_ones_stay_as_they_are(tool: JSON) -> None:
    assert function_form(tool) == tool


def test_a_schema_stands_flat_in_a_definition() -> None:
    flat = {"type": "json_schema", "name": "City", "schema": CITY}

    assert text_form(schema(CITY)) == flat
    assert text_form({"type": "json_object"}) == {"type": "json_object"}


def test_a_definition_holds_what_is_said_and_nothing_empty() -> None:
    fields = {
        "model": "gpt-4o",
        "instructions": "",
        "tools": [ADD, CODE],
        "response_format": {"type": "json_object"},
        "temperature": 0,
        "top_p": None,
        "reasoning": {"effort": "low"},
    }

    assert prompt_definition(fields) == {
        "kind": "prompt",
        "model": "gpt-4o",
        "tools": [FLAT_ADD, CODE],
        "text": {"format": {"type": "json_object"}},
        "temperature": 0,
        "reasoning": {"effort": "low"},
    }
    assert prompt_definition({"model": "gpt-4o", "tools": []}) == BARE


@pytest.mark.parametrize(
    ("asked", "answer"),
    [(None, agent(WITH_ADD)), (None, agent(WITH_ADD, "3")), ("3", version(WITH_ADD))],
    ids=["latest", "selected", "3"],
)
def test_a_definition_is_read_once_in_five_minutes(asked: str | None, answer: JSON) -> None:
    read = play(read_definition("support", asked, ASKS), (look(asked), answered(answer)))

    assert read == WITH_ADD


@pytest.mark.parametrize(
    "answer",
    [
        refused(403),
        refused(404),
        answered(agent({"kind": "hosted", "image": "i"})),
        answered(agent({"kind": "workflow", "workflow": "w"})),
        answered({"object": "agent", "name": "support"}),
        answered(agent(WITH_ADD, "3", "2")),
    ],
    ids=["forbidden", "not there", "hosted", "workflow", "no versions", "another may answer"],
)
def test_what_cannot_be_read_or_has_no_tools_is_not_known(answer: Any) -> None:
    assert play(read_definition("support", None, ASKS), (look(), answer)) is None


def test_another_failure_of_the_look_is_raised() -> None:
    with pytest.raises(ServiceError):
        play(read_definition("support", None, ASKS), (look(), refused(500)))


@pytest.mark.parametrize(
    ("own", "bound"),
    [
        ([FLAT_ADD, CODE], [ADD]),
        ([FLAT_ADD], [FLAT_ADD]),
        ([CODE], [CODE]),
        ([{"type": "mcp", "server_label": "docs", "server_url": "u"}], [{"type": "mcp"}]),
        ([{"type": "mcp", "server_label": "docs"}], [{"type": "mcp", "server_label": "docs"}]),
        ([FLAT_ADD], []),
    ],
    ids=["chat form", "flat", "server tool", "any server", "this server", "nothing"],
)
def test_tools_that_the_definition_has_may_be_bound(own: list[JSON], bound: list[JSON]) -> None:
    check_tools("support", {**BARE, "tools": own}, bound)


@pytest.mark.parametrize(
    ("own", "bound", "named"),
    [
        ([], [ADD], "add"),
        ([{**FLAT_ADD, "name": "sub"}], [ADD], "add"),
        ([CODE], [ADD, CODE, {"type": "file_search"}], "add, file_search"),
        ([{"type": "mcp", "server_label": "a"}], [{"type": "mcp", "server_label": "b"}], "b"),
    ],
    ids=["a function", "another function", "several", "another server"],
)
def test_tools_that_the_definition_lacks_are_named_with_the_way_to_add_them(
    own: list[JSON], bound: list[JSON], named: str
) -> None:
    with pytest.raises(MissingToolsError) as caught:
        check_tools("support", {**BARE, "tools": own}, bound)

    assert str(caught.value).startswith(
        f"The agent 'support' lacks tools that are bound: {named}. The definition of a new agent "
        "owns its tools: none can be added for a call. llm.add_tools(error.tools) makes a new "
        "version of the agent that has them beside all that its definition has now."
    )
    assert len(caught.value.tools) == len(named.split(", "))


def test_a_tool_that_is_defined_otherwise_is_logged_and_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "langchain_foundry_agents")
    other = {**ADD, "function": {"name": "add", "parameters": {"type": "object"}}}

    check_tools("support", WITH_ADD, [other])

    assert caplog.messages == ["The agent support defines the tool add otherwise."]


@pytest.mark.parametrize(
    ("own", "wanted"),
    [
        (text_form(schema(CITY)), schema(CITY)),
        (text_form(schema(CITY)), schema({"properties": {"name": {}}}, "Town")),
        (text_form(schema(CITY)), {"type": "json_object"}),
        ({"type": "json_object"}, {"type": "json_object"}),
        (text_form(schema({"$ref": "#/$defs/City", "$defs": {"City": CITY}})), schema(CITY)),
    ],
    ids=["the same", "less", "any JSON of a schema", "any JSON", "behind a reference"],
)
def test_a_format_that_the_definition_gives_may_be_wanted(own: JSON, wanted: JSON) -> None:
    assert check_format("support", answering(own), wanted) is None


@pytest.mark.parametrize(
    ("definition", "wanted", "told"),
    [
        (
            BARE,
            schema(CITY),
            "Answer this, and only this, with a JSON object and nothing else. It has to fit",
        ),
        (answering({"type": "json_object"}), schema(CITY), "It has to fit this schema: "),
        (
            answering({"type": "text"}),
            {"type": "json_object"},
            "Answer this, and only this, with a JSON object and nothing else.",
        ),
    ],
    ids=["no form", "any JSON", "text"],
)
def test_a_form_that_the_definition_leaves_open_is_told(
    definition: JSON, wanted: JSON, told: str
) -> None:
    instruction = check_format("support", definition, wanted)

    assert instruction is not None
    assert told in instruction
    assert all(name in instruction for name in CITY["properties"] if wanted == schema(CITY))


@pytest.mark.parametrize(
    ("definition", "wanted", "told"),
    [
        (BARE, strictly(schema(CITY)), "its definition says 'text'"),
        (
            answering({"type": "json_object"}),
            strictly(schema(CITY)),
            "its definition says 'json_object'",
        ),
        (
            answering(text_form(schema({"properties": {"year": {}}}, "Date"))),
            schema(CITY),
            "the schema 'Date' of its definition lacks name, size",
        ),
    ],
    ids=["none, strictly", "any JSON, strictly", "another schema"],
)
def test_a_format_that_the_definition_does_not_give_is_explained(
    definition: JSON, wanted: JSON, told: str
) -> None:
    with pytest.raises(BadRequestError) as caught:
        check_format("support", definition, wanted)

    assert str(caught.value).startswith(
        f"The agent 'support' does not answer in the form that is wanted: {told}. The definition "
        "of a new agent owns the form of its answers. Set the form in the definition"
    )


def test_a_call_that_wants_nothing_of_the_definition_looks_at_nothing() -> None:
    play(check_call("support", None, [], None, ASKS))


def test_a_call_that_fits_needs_one_look() -> None:
    definition = {**WITH_ADD, "text": {"format": {"type": "json_object"}}}
    call = check_call("support", None, [ADD], {"type": "json_object"}, ASKS)

    play(call, (look(), answered(agent(definition))))


def test_of_an_agent_that_cannot_be_read_nothing_is_checked() -> None:
    play(check_call("support", None, [ADD], None, ASKS), (look(), refused(403)))


def test_a_definition_that_lacks_something_is_looked_at_anew_before_that_is_an_error() -> None:
    changed = (look(fresh_for=0.0), answered(agent(WITH_ADD)))

    play(check_call("support", None, [ADD], None, ASKS), (look(), answered(agent(BARE))), changed)


def test_what_is_lacking_still_is_an_error() -> None:
    again = (look(fresh_for=0.0), answered(agent(BARE)))

    with pytest.raises(
        BadRequestError, match=r"^The agent 'support' lacks tools that are bound: add\."
    ):
        play(check_call("support", None, [ADD], None, ASKS), (look(), answered(agent(BARE))), again)


def test_a_format_that_is_lacking_still_is_an_error() -> None:
    wanted = strictly(schema(CITY))
    again = (look(fresh_for=0.0), answered(agent(BARE)))

    with pytest.raises(BadRequestError, match=r"^The agent 'support' does not answer in the form"):
        play(check_call("support", None, [], wanted, ASKS), (look(), answered(agent(BARE))), again)


def test_a_version_never_changes_and_is_not_looked_at_anew() -> None:
    with pytest.raises(
        BadRequestError, match=r"^The agent 'support' lacks tools that are bound: add\."
    ):
        play(check_call("support", "3", [ADD], None, ASKS), (look("3"), answered(version(BARE))))
