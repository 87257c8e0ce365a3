"""`ChatFoundryAgent.create` over the emulator: what code says is what the agent is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypedDict

import pytest
from pydantic import BaseModel

from langchain_foundry_agents import (
    ChatFoundryAgent,
    InvalidAgentError,
    InvalidFieldError,
    MissingToolsError,
    NotFoundError,
)
from langchain_foundry_agents.emulator import FoundryEmulator

JSON = dict[str, Any]
Create = Callable[..., ChatFoundryAgent]


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


class City(BaseModel):
    """A city."""

    name: str


class CityDict(TypedDict):
    """A city."""

    name: str


CITY = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
both = pytest.mark.parametrize("generation", ["new", "classic"])


@pytest.fixture(params=["create", "acreate"])
def create(request: pytest.FixtureRequest, emulator: FoundryEmulator) -> Create:
    """Creates an agent on the emulator, in sync code and in async code."""

    def make(**fields: Any) -> ChatFoundryAgent:
        given = {"name": "support", "model": "gpt-4o", **fields}
        given = {"project_endpoint": emulator.project_endpoint, **given}
        if request.param == "create":
            return ChatFoundryAgent.create(**given)
        return asyncio.run(ChatFoundryAgent.acreate(**given))

    return make


def routes(emulator: FoundryEmulator) -> list[str]:
    return [f"{request.method} {request.route}" for request in emulator.requests]


def shown(model: ChatFoundryAgent) -> JSON:
    """The agent's definition, as the service shows it."""
    agent = model.read_agent()
    return dict(agent.get("definition", agent))


@both
def test_an_agent_from_code_answers(create: Create, generation: str) -> None:
    model = create(instructions="Be brief.", generation=generation)

    answer = model.invoke("What are your instructions?")

    assert answer.text == 'My instructions are: "Be brief.".'


def test_a_new_agent_is_bound_by_name_and_version(create: Create) -> None:
    model = create()

    assert (model.agent_name, model.agent_version, model.agent_id) == ("support", "1", None)


def test_a_classic_agent_is_bound_by_id(create: Create) -> None:
    model = create(generation="classic")

    assert (model.agent_name, str(model.agent_id)[:5]) == (None, "asst_")
    assert shown(model)["id"] == model.agent_id


@both
def test_the_same_code_binds_the_agent_that_is_there(
    create: Create, emulator: FoundryEmulator, generation: str
) -> None:
    wanted = {"tools": [add], "response_format": City, "temperature": 0.2, "metadata": {"a": "b"}}
    first = create(**wanted, generation=generation)
    second = create(**wanted, generation=generation)

    assert (second.agent_id, second.agent_version) == (first.agent_id, first.agent_version)
    assert sum(route.startswith("POST") for route in routes(emulator)) == 1


def test_other_code_makes_a_new_version(create: Create) -> None:
    first, second = create(instructions="Be brief."), create(instructions="Be long.")

    assert (first.agent_version, second.agent_version) == ("1", "2")
    assert shown(first)["instructions"] == "Be brief."


def test_other_code_changes_a_classic_agent(create: Create) -> None:
    first = create(instructions="Be brief.", tools=[add], generation="classic")
    second = create(instructions="Be long.", generation="classic")

    assert first.agent_id == second.agent_id
    agent = shown(first)
    assert (agent["instructions"], agent["tools"]) == ("Be long.", [])


def test_a_classic_agent_of_the_same_name_made_elsewhere_is_left_alone(
    create: Create, emulator: FoundryEmulator
) -> None:
    other = emulator.create_agent(name="support", instructions="Mine.")

    assert create(generation="classic").agent_id != other
    assert emulator.service.state.agents[other].instructions == "Mine."


def test_tools_and_format_become_the_new_definition(create: Create) -> None:
    model = create(
        instructions="Be brief.",
        tools=[add, {"type": "code_interpreter"}],
        response_format=City,
        temperature=0,
        definition={"reasoning": {"effort": "low"}},
    )
    integers = {"a": {"type": "integer"}, "b": {"type": "integer"}}

    assert shown(model) == {
        "kind": "prompt",
        "model": "gpt-4o",
        "instructions": "Be brief.",
        "tools": [
            {
                "type": "function",
                "name": "add",
                "description": "Add two numbers.",
                "parameters": {
                    "type": "object",
                    "properties": integers,
                    "required": ["a", "b"],
                },
                "strict": False,
            },
            {"type": "code_interpreter"},
        ],
        "text": {
            "format": {
                "type": "json_schema",
                "name": "City",
                "description": "A city.",
                "schema": {
                    "type": "object",
                    "properties": {"name": {"title": "Name", "type": "string"}},
                    "required": ["name"],
                },
            }
        },
        "temperature": 0,
        "reasoning": {"effort": "low"},
    }


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        (City, "json_schema"),
        (CityDict, "json_schema"),
        ({"title": "City", **CITY}, "json_schema"),
        ({"type": "json_schema", "json_schema": {"name": "City", "schema": CITY}}, "json_schema"),
        ({"type": "json_object"}, "json_object"),
    ],
    ids=["pydantic", "TypedDict", "JSON schema", "OpenAI's form", "any JSON"],
)
@both
def test_the_form_of_answers_may_be_said_in_any_way(
    emulator: FoundryEmulator, generation: Any, schema: Any, kind: str
) -> None:
    model = ChatFoundryAgent.create(
        name="support",
        model="gpt-4o",
        response_format=schema,
        generation=generation,
        project_endpoint=emulator.project_endpoint,
    )
    agent = shown(model)

    form = agent["text"]["format"] if generation == "new" else agent["response_format"]
    assert form["type"] == kind


def test_strict_closes_functions_and_answers(create: Create) -> None:
    agent = shown(create(tools=[add], response_format=City, strict=True))

    (function,) = agent["tools"]
    assert (function["strict"], function["parameters"]["additionalProperties"]) == (True, False)
    form = agent["text"]["format"]
    assert (form["strict"], form["schema"]["additionalProperties"]) == (True, False)


def test_tools_of_the_code_may_be_bound(create: Create) -> None:
    model = create(tools=[add])

    answer = model.bind_tools([add]).invoke("Please call add with a=1 and b=2.")

    assert [call["name"] for call in answer.tool_calls] == ["add"]


def test_tools_that_the_code_forgot_are_named(create: Create) -> None:
    with pytest.raises(MissingToolsError, match="lacks tools that are bound: add"):
        create().bind_tools([add]).invoke("Hello")


def test_tools_are_added_beside_all_that_the_definition_has(create: Create) -> None:
    model = create(instructions="Be brief.", description="Adds.", temperature=0.5)
    before = model.read_agent()

    with pytest.raises(MissingToolsError) as caught:
        model.bind_tools([add]).invoke("Hello")
    more = model.add_tools(caught.value.tools)

    answer = more.bind_tools([add]).invoke("Please call add with a=1 and b=2.")
    after = more.read_agent()
    assert [call["name"] for call in answer.tool_calls] == ["add"]
    assert after["version"] != before["version"]
    assert after["description"] == "Adds."
    definition = dict(after["definition"])
    assert [tool["name"] for tool in definition.pop("tools")] == ["add"]
    assert definition == before["definition"]
    assert more.add_tools([add]).agent_version == more.agent_version


def test_a_tool_of_the_same_name_takes_the_others_place(create: Create) -> None:
    model = create(tools=[add, {"type": "code_interpreter", "container": {"type": "auto"}}])

    def other(a: int) -> int:
        """Add one."""
        return a + 1

    other.__name__ = "add"
    tools = model.add_tools([other]).read_agent()["definition"]["tools"]

    assert [(tool["type"], tool.get("description")) for tool in tools] == [
        ("code_interpreter", None),
        ("function", "Add one."),
    ]


def test_a_model_of_the_latest_version_asks_the_one_with_the_tools(create: Create) -> None:
    made = create()
    model = made.model_copy(update={"agent_version": None})

    more = asyncio.run(model.aadd_tools([add]))

    assert more is model
    assert model.bind_tools([add]).invoke("Please call add with a=1 and b=2.").tool_calls


def test_a_classic_agents_runs_take_tools_anyway(create: Create) -> None:
    model = create(generation="classic")

    assert model.add_tools([add]) is model
    assert asyncio.run(model.aadd_tools([add])) is model


def test_fields_of_the_model_come_along(create: Create) -> None:
    model = create(run_mode="poll", max_retries=7)

    assert (model.run_mode, model.max_retries) == ("poll", 7)


def test_an_agents_own_endpoint_selects_the_version(create: Create) -> None:
    model = create(agent_endpoint=True)

    assert (model.agent_name, model.agent_version) == ("support", None)


@pytest.mark.parametrize(
    ("fields", "error", "told"),
    [
        ({"name": "my helper"}, InvalidAgentError, "'my helper' is no name of an agent"),
        ({"generation": "old"}, InvalidFieldError, "There is no generation 'old' of agents"),
        ({"agent_id": "asst_1"}, InvalidFieldError, "agent_id names an agent that is there"),
        ({"run_mod": "poll"}, InvalidFieldError, "Did you mean 'run_mode'"),
        ({"response_format": 3}, InvalidFieldError, "3 is no schema"),
    ],
    ids=["name", "generation", "named otherwise", "misspelt", "no schema"],
)
def test_what_cannot_work_is_refused_before_any_request(
    create: Create, emulator: FoundryEmulator, fields: JSON, error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        create(**fields)

    assert emulator.requests == []


@both
def test_an_agent_is_deleted(create: Create, emulator: FoundryEmulator, generation: str) -> None:
    model = create(generation=generation)

    model.delete_agent()

    with pytest.raises(NotFoundError):
        model.read_agent()


@both
async def test_an_agent_is_read_and_deleted_in_async_code(
    emulator: FoundryEmulator, generation: Any
) -> None:
    model = await ChatFoundryAgent.acreate(
        name="support",
        model="gpt-4o",
        generation=generation,
        project_endpoint=emulator.project_endpoint,
    )
    assert (await model.aread_agent())["name"] == "support"

    await model.adelete_agent(force=True)

    with pytest.raises(NotFoundError):
        await model.aread_agent()


def test_a_new_agent_is_deleted_with_all_its_versions(
    create: Create, emulator: FoundryEmulator
) -> None:
    create(instructions="Be brief.")

    create(instructions="Be long.").delete_agent(force=True)

    assert emulator.service.state.named_agents == {}
