"""Structured output on the service: every method, every kind of schema, and what goes wrong."""

from __future__ import annotations

import json
from typing import Any, TypedDict

import pytest
from conftest import MakeModel
from langchain_core import exceptions
from langchain_core.exceptions import OutputParserException
from pydantic import BaseModel, Field, v1
from sockets.seen import at_rest, run_statuses

from langchain_foundry_agents import ContentFilterError, InvalidFieldError, RunIncompleteError
from langchain_foundry_agents.emulator import CallTools, CutShort, Refuse, Reply

from .conftest import Script

METHODS = ("json_schema", "function_calling", "json_mode")
QUESTION = 'The weather: city "Paris", degrees 20. Answer as JSON with the keys city and degrees.'
PARIS: dict[str, Any] = {"city": "Paris", "degrees": 20}
REFUSED: Any = getattr(exceptions, "ModelRefusalError", ContentFilterError)


class Weather(BaseModel):
    """The weather of a city."""

    city: str = Field(description="Its name.")
    degrees: int


class WeatherV1(v1.BaseModel):
    """The weather of a city."""

    city: str
    degrees: int


class WeatherDict(TypedDict):
    """The weather of a city."""

    city: str
    degrees: int


SCHEMA = {
    "title": "Weather",
    "type": "object",
    "properties": {"city": {"type": "string"}, "degrees": {"type": "integer"}},
    "required": ["city", "degrees"],
}
SCHEMAS: dict[str, Any] = {
    "v2": Weather,
    "v1": WeatherV1,
    "TypedDict": WeatherDict,
    "JSON schema": SCHEMA,
}
OBJECTS = {
    "v2": Weather(**PARIS),
    "v1": WeatherV1(**PARIS),
    "TypedDict": PARIS,
    "JSON schema": PARIS,
}


@pytest.mark.parametrize("kind", SCHEMAS)
@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
async def test_the_emulator_s_agent_fills_a_schema(
    make_model: MakeModel, method: str, kind: str
) -> None:
    asked = make_model().with_structured_output(SCHEMAS[kind], method=method)

    assert asked.invoke(QUESTION) == OBJECTS[kind]
    assert await asked.ainvoke(QUESTION) == OBJECTS[kind]
    assert list(asked.stream(QUESTION))[-1] == OBJECTS[kind]
    assert [chunk async for chunk in asked.astream(QUESTION)][-1] == OBJECTS[kind]


def turn(method: str) -> Any:
    """The answer of an agent that obeys the method."""
    text = json.dumps(PARIS)
    return CallTools(("Weather", text)) if method == "function_calling" else Reply(text)


@pytest.mark.parametrize("mode", ["stream", "poll"])
@pytest.mark.parametrize("kind", ["v2", "v1", "JSON schema"])
@pytest.mark.parametrize("method", METHODS)
def test_the_object_stands_beside_the_message(
    script: Script, method: str, kind: str, mode: str
) -> None:
    schema: Any = {"v2": Weather, "v1": WeatherV1, "JSON schema": SCHEMA}[kind]
    name = "WeatherV1" if kind == "v1" else "Weather"
    said = CallTools((name, PARIS)) if method == "function_calling" else turn(method)
    scene = script(said, run_mode=mode)

    found = scene.model.with_structured_output(schema, method=method, include_raw=True).invoke("?")

    assert isinstance(found, dict)
    assert found["parsed"] == OBJECTS[kind]
    assert found["parsing_error"] is None
    assert found["raw"].response_metadata["run_id"].startswith("run_")


@pytest.mark.parametrize(
    ("method", "wanted"),
    [
        ("json_schema", {"response_format": "json_schema"}),
        ("json_mode", {"response_format": "json_object"}),
        ("function_calling", {"tool_choice": "function"}),
    ],
)
def test_each_method_asks_in_its_own_way(
    script: Script, method: str, wanted: dict[str, str]
) -> None:
    scene = script(turn(method))

    scene.model.with_structured_output(Weather, method=method).invoke("?")

    (body,) = scene.bodies("/threads/runs")
    asked = {
        name: body[name]["type"] for name in ("response_format", "tool_choice") if name in body
    }
    assert asked == wanted


@pytest.mark.parametrize("method", METHODS)
async def test_an_object_grows_while_it_streams(script: Script, method: str) -> None:
    text = '{"city": "Paris in France", "degrees": 20}'
    said = CallTools(("Weather", text)) if method == "function_calling" else Reply(text)
    scene = script(said, said, service={"chunk_delay": 0.01})
    asked = scene.model.with_structured_output(SCHEMA, method=method)

    grown = list(asked.stream("?"))

    assert grown[-1] == {"city": "Paris in France", "degrees": 20}
    assert grown == [chunk async for chunk in asked.astream("?")]
    if method != "function_calling":
        assert {"city": "Paris"} in grown


@pytest.mark.parametrize("way", ["invoke", "stream"])
@pytest.mark.parametrize("method", ["json_schema", "json_mode"])
@pytest.mark.parametrize(
    ("reason", "error", "finish"),
    [
        ("max_completion_tokens", RunIncompleteError, "token limit"),
        ("content_filter", ContentFilterError, "content filter"),
    ],
)
def test_an_answer_that_was_cut_is_an_error_that_says_why(
    script: Script, reason: str, error: type[Exception], finish: str, method: str, way: str
) -> None:
    scene = script(CutShort('{"city": "Par', reason))
    asked: Any = scene.model.with_structured_output(Weather, method=method)

    with pytest.raises(error, match=finish) as caught:
        list(asked.stream("?")) if way == "stream" else asked.invoke("?")

    assert caught.value.__dict__["run_id"].startswith("run_")


@pytest.mark.parametrize("way", ["invoke", "stream"])
@pytest.mark.parametrize("method", METHODS)
def test_a_refusal_is_an_error_that_quotes_it(script: Script, method: str, way: str) -> None:
    scene = script(Refuse("I cannot help with that."))
    asked: Any = scene.model.with_structured_output(Weather, method=method)

    with pytest.raises(REFUSED, match="I cannot help with that"):
        list(asked.stream("?")) if way == "stream" else asked.invoke("?")


@pytest.mark.parametrize("said", [CutShort('{"city": "Par'), Refuse("No."), Reply("Sunny.")])
def test_beside_the_message_errors_are_told_and_not_raised(script: Script, said: Any) -> None:
    scene = script(said)

    found = scene.model.with_structured_output(Weather, include_raw=True).invoke("?")

    assert isinstance(found, dict)
    assert found["parsed"] is None
    assert isinstance(found["parsing_error"], Exception)
    assert found["raw"].response_metadata["thread_id"].startswith("thread_")


@pytest.mark.parametrize("text", ["Sunny.", "[1, 2]", '{"city": 3}', '{"city": "Paris"}'])
def test_an_answer_that_does_not_fit_is_an_error(script: Script, text: str) -> None:
    scene = script(Reply(text))

    with pytest.raises(OutputParserException, match="no Weather"):
        scene.model.with_structured_output(Weather).invoke("?")


@pytest.mark.parametrize("mode", ["stream", "poll"])
@pytest.mark.parametrize("way", ["invoke", "ainvoke", "stream", "astream"])
async def test_a_call_that_is_the_answer_leaves_no_run_waiting(
    script: Script, way: str, mode: str
) -> None:
    scene = script(turn("function_calling"), run_mode=mode)
    asked: Any = scene.model.with_structured_output(Weather, method="function_calling")

    match way:
        case "invoke":
            asked.invoke("?")
        case "ainvoke":
            await asked.ainvoke("?")
        case "stream":
            list(asked.stream("?"))
        case _:
            assert [chunk async for chunk in asked.astream("?")]

    assert scene.routes[-1] == "POST /threads/*/runs/*/cancel"
    await at_rest(scene.emulator)
    assert run_statuses(scene.emulator) == ["cancelled"]


@pytest.mark.parametrize("style", ["strip", "markdown"])
def test_the_style_of_citations_does_not_touch_json(script: Script, style: str) -> None:
    scene = script(Reply('{"city": "Paris【4:0†source】", "degrees": 20}'), citations=style)

    found = scene.model.with_structured_output(Weather).invoke("?")

    assert found == Weather(city="Paris【4:0†source】", degrees=20)


def test_a_method_that_is_none_is_refused_before_any_request(script: Script) -> None:
    scene = script()

    with pytest.raises(InvalidFieldError, match="json_schema, function_calling, json_mode"):
        scene.model.with_structured_output(Weather, method="yaml")

    assert scene.routes == []
