"""Functions of the caller's: asked for in one message, answered in one request."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage, ToolMessage
from sockets.ways import WAYS, ask

from langchain_foundry_agents import InvalidFieldError
from langchain_foundry_agents.emulator import CallTools, Reply, Steps

from .conftest import Script
from .tools import PARIS, UTC, answers, get_time, get_weather

QUESTION = HumanMessage("Weather and time?")
SUBMIT = "POST /threads/*/runs/*/submit_tool_outputs"
CODE = {"type": "code_interpreter"}


@pytest.mark.parametrize("mode", ["stream", "poll"])
@pytest.mark.parametrize("way", WAYS)
async def test_two_calls_are_one_message_and_two_outputs_one_request(
    script: Script, way: str, mode: str
) -> None:
    scene = script(CallTools(PARIS, UTC), Reply("Sunny, noon."), run_mode=mode)
    model = scene.model.bind_tools([get_weather, get_time])

    asked = await ask(way, model, [QUESTION])
    answer = await ask(way, model, [QUESTION, asked, *answers(asked, "sunny", "noon")])

    assert [(call["name"], call["args"]) for call in asked.tool_calls] == [
        ("get_weather", {"city": "Paris"}),
        ("get_time", {"zone": "UTC"}),
    ]
    assert asked.content == ""
    metadata = asked.response_metadata
    assert (metadata["status"], metadata["finish_reason"]) == ("requires_action", "tool_calls")
    assert answer.text == "Sunny, noon."
    assert answer.response_metadata["run_id"] == metadata["run_id"]
    assert scene.outputs == ["sunny", "noon"]
    assert scene.routes.count(SUBMIT) == 1


@pytest.mark.parametrize("way", WAYS)
async def test_a_tool_turn_costs_two_requests_and_the_first_one_a_look_at_the_agent(
    script: Script, way: str
) -> None:
    scene = script(CallTools(PARIS), Reply("Sunny."), CallTools(UTC), Reply("Noon."))
    model = scene.model.bind_tools([get_weather, get_time])
    history: list[Any] = [QUESTION]

    for output in ("sunny", "noon"):
        asked = await ask(way, model, history)
        history += [asked, *answers(asked, output)]
        history += [await ask(way, model, history), HumanMessage("And now?")]

    assert scene.routes == [
        "GET /assistants/*",
        "POST /threads/runs",
        SUBMIT,
        "POST /threads/*/runs",
        SUBMIT,
    ]


def test_text_before_the_calls_is_in_the_same_message(script: Script) -> None:
    scene = script(Steps("Let me see.", CallTools(PARIS)), Reply("Sunny."))
    model = scene.model.bind_tools([get_weather])

    asked = model.invoke([QUESTION])
    answer = model.invoke([QUESTION, asked, *answers(asked, "sunny")])

    assert (asked.text, len(asked.tool_calls)) == ("Let me see.", 1)
    assert answer.text == "Sunny."


@pytest.mark.parametrize(
    ("include", "kinds"), [(True, ["code_interpreter", "function"]), (False, ["function"])]
)
def test_bound_tools_are_added_to_the_agents_own_unless_told_otherwise(
    script: Script, kinds: list[str], *, include: bool
) -> None:
    scene = script(Reply("Hello."), tools=[CODE], include_agent_tools=include)

    scene.model.bind_tools([get_weather]).invoke("Hello")

    (body,) = scene.bodies("/threads/runs")
    assert [tool["type"] for tool in body["tools"]] == kinds
    assert scene.routes == ["GET /assistants/*"] * include + ["POST /threads/runs"]


def test_of_two_tools_with_a_name_the_bound_one_is_used(script: Script) -> None:
    agents = {"type": "function", "function": {"name": "get_weather", "description": "Old."}}
    scene = script(Reply("Hello."), tools=[agents])

    scene.model.bind_tools([get_weather]).invoke("Hello")

    (body,) = scene.bodies("/threads/runs")
    descriptions = [tool["function"]["description"] for tool in body["tools"]]
    assert descriptions == ["Tell the weather of a city."]


def test_without_bound_tools_nobody_looks_at_the_agent(script: Script) -> None:
    scene = script(CallTools(PARIS), tools=[get_weather])

    asked = scene.model.invoke("Weather?")

    assert asked.tool_calls[0]["args"] == {"city": "Paris"}
    assert scene.routes == ["POST /threads/runs"]


def test_calls_are_streamed_as_chunks_that_add_up(script: Script) -> None:
    scene = script(CallTools(PARIS, UTC))

    chunks: list[Any] = list(scene.model.bind_tools([get_weather, get_time]).stream("Both?"))

    assert all(isinstance(chunk, AIMessageChunk) for chunk in chunks)
    pieces = [piece for chunk in chunks for piece in chunk.tool_call_chunks]
    assert [(piece["index"], piece["name"], piece["args"]) for piece in pieces] == [
        (0, "get_weather", '{"city":"Paris"}'),
        (1, "get_time", '{"zone":"UTC"}'),
    ]
    assert chunks[-1].response_metadata["finish_reason"] == "tool_calls"


@pytest.mark.parametrize("arguments", ['{"city": "Par', "Paris", "[1, 2]", '"Paris"', "null"])
@pytest.mark.parametrize("way", ["invoke", "stream"])
async def test_arguments_that_are_no_object_make_an_invalid_call(
    script: Script, way: str, arguments: str
) -> None:
    scene = script(CallTools(("get_weather", arguments), UTC))

    asked = await ask(way, scene.model.bind_tools([get_weather, get_time]), "Both?")

    (broken,) = asked.invalid_tool_calls
    assert broken["name"] == "get_weather"
    assert str(broken["args"]).strip("\ufeff").replace(" ", "") == arguments.replace(" ", "")
    assert [call["name"] for call in asked.tool_calls] == ["get_time"]


def test_an_invalid_call_is_answered_for_the_caller(script: Script) -> None:
    scene = script(CallTools(("get_weather", '{"city": "Par'), UTC), Reply("Noon."))
    model = scene.model.bind_tools([get_weather, get_time])

    asked = model.invoke([QUESTION])
    answer = model.invoke([QUESTION, asked, *answers(asked, "noon")])

    assert answer.text == "Noon."
    told, output = scene.outputs
    assert told.startswith("Error: the call is invalid.")
    assert output == "noon"


def test_an_output_of_a_tool_that_failed_reaches_the_agent_as_an_error(script: Script) -> None:
    scene = script(CallTools(PARIS), Reply("I am sorry."))
    model = scene.model.bind_tools([get_weather])

    asked = model.invoke([QUESTION])
    (output,) = answers(asked, "no such city")
    output.status = "error"
    model.invoke([QUESTION, asked, output])

    assert scene.outputs == ["Error: no such city"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ([{"type": "text", "text": "sunny"}], "sunny"),
        (["sunny", {"type": "text", "text": "!"}], "sunny!"),
        ([{"type": "json", "json": {"t": 20}}], '{"type": "json", "json": {"t": 20}}'),
        ("", ""),
    ],
)
def test_an_output_that_is_no_string_becomes_one(script: Script, content: Any, told: str) -> None:
    scene = script(CallTools(PARIS), Reply("Sunny."))
    model = scene.model.bind_tools([get_weather])

    asked = model.invoke([QUESTION])
    output = ToolMessage(content, tool_call_id=str(asked.tool_calls[0]["id"]))
    model.invoke([QUESTION, asked, output])

    assert scene.outputs == [told]


WEATHER = {"type": "function", "function": {"name": "get_weather"}}


@pytest.mark.parametrize(
    ("choice", "wire"),
    [
        ("auto", "auto"),
        ("none", "none"),
        ("any", "required"),
        ("required", "required"),
        (True, "required"),
        ("get_weather", WEATHER),
        (WEATHER, WEATHER),
        ("code_interpreter", {"type": "code_interpreter"}),
    ],
    ids=repr,
)
def test_a_choice_among_tools_goes_out_in_the_services_form(
    script: Script, choice: Any, wire: Any
) -> None:
    scene = script(Reply("Hello."))

    scene.model.bind_tools([get_weather, get_time, CODE], tool_choice=choice).invoke("Hello")

    (body,) = scene.bodies("/threads/runs")
    assert body["tool_choice"] == wire


@pytest.mark.parametrize("choice", ["any", "required", True])
def test_with_one_tool_any_is_that_tool(script: Script, *, choice: str | bool) -> None:
    scene = script(Reply("Hello."), tools=[CODE])

    scene.model.bind_tools([get_weather], tool_choice=choice).invoke("Hello")

    (body,) = scene.bodies("/threads/runs")
    assert body["tool_choice"] == WEATHER


@pytest.mark.parametrize("choice", [None, False])
def test_no_choice_is_not_sent(script: Script, *, choice: bool | None) -> None:
    scene = script(Reply("Hello."))

    scene.model.bind_tools([get_weather], tool_choice=choice).invoke("Hello")

    (body,) = scene.bodies("/threads/runs")
    assert "tool_choice" not in body


def test_a_choice_that_is_not_bound_is_refused_and_names_those_that_are(script: Script) -> None:
    scene = script()

    with pytest.raises(InvalidFieldError, match="get_weather, get_time"):
        scene.model.bind_tools([get_weather, get_time], tool_choice="get_wether")
