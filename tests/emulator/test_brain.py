"""The default brain: what it was asked, what it was asked before, and what it comes to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from langchain_foundry_agents.emulator import EmulatorBrain
from langchain_foundry_agents.emulator.brains.arithmetic import solve
from langchain_foundry_agents.emulator.brains.imagination import Imagination
from langchain_foundry_agents.emulator.tokens import count, pieces


def answer(*messages: BaseMessage | str, **options: Any) -> AIMessage:
    return EmulatorBrain().invoke(
        [HumanMessage(one) if isinstance(one, str) else one for one in messages], **options
    )


def tool(name: str, **properties: Any) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("What is 17 * 23?", "17 * 23 = 391"),
        ("2+2", "2+2 = 4"),
        ("How much is (1 + 2) * 3.5 - 1?", "(1 + 2) * 3.5 - 1 = 9.5"),
        ("What is 12 times 12?", "12 * 12 = 144"),
        ("7 divided by 2 please", "7 / 2 = 3.5"),
        ("1,000 plus 1", "1000 + 1 = 1001"),
        ("2^10", "2**10 = 1024"),
        ("What is 3 x 4?", "3*4 = 12"),
        ("5 / 0", "5 / 0 has no result: it divides by zero"),
        ("9 ** 9 ** 9", None),
        ("9 ** 99 ** 1", None),
        ("On 2024-10-10 I was 30", None),
        ("There are 3 cats", None),
        ("((((1 + 1", None),
        ("__import__('os') + 1", None),
    ],
)
def test_sums(text: str, result: str | None) -> None:
    assert solve(text) == result


@pytest.mark.parametrize(
    "text",
    ["7" * 200_000, "7 " * 100_000, "(" * 200_000, "-" * 200_000, "7-" * 100_000, "7." * 100_000],
)
@pytest.mark.timeout(60)  # where it is quadratic, it takes half an hour
def test_a_long_text_without_a_sum_takes_no_time(text: str) -> None:
    assert solve(text) is None


def test_a_sum_is_computed() -> None:
    assert answer("What is 19 + 4?").text == "19 + 4 = 23."


def test_anything_else_is_repeated() -> None:
    assert answer("Tell me a joke.").text == 'You said: "Tell me a joke.".'


def test_earlier_questions_are_counted_and_the_last_is_quoted() -> None:
    found = answer("My name is Ada.", AIMessage("Hi."), "Why?", AIMessage("So."), "And 1 + 1?")

    assert found.text == '1 + 1 = 2. Before that you asked 2 questions, the last was: "Why?".'


def test_it_counts() -> None:
    assert answer("Please count to 5").text == "1, 2, 3, 4, 5."


def test_it_tells_its_instructions() -> None:
    question = "What are your instructions?"

    assert answer(SystemMessage("Be kind."), question).text == 'My instructions are: "Be kind.".'
    assert answer(question).text == "I have no instructions."


def test_it_sees_pictures() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    message = HumanMessage([{"type": "text", "text": "Look"}, picture, picture])

    assert answer(message).text == 'You said: "Look". I see 2 pictures.'


def test_nothing_asked_is_said() -> None:
    assert answer(SystemMessage("Be kind.")).text == "Nothing was asked yet."


def test_streamed_pieces_are_words_and_add_up() -> None:
    chunks = list(EmulatorBrain().stream("What is 17 * 23?"))

    assert [chunk.text for chunk in chunks if chunk.text] == ["17", " *", " 23", " =", " 391."]
    assert "".join(chunk.text for chunk in chunks) == answer("What is 17 * 23?").text


def test_a_streamed_call_equals_the_whole_one() -> None:
    model = EmulatorBrain().bind_tools([tool("add", a={"type": "integer"}, b={"type": "integer"})])
    question = "Use add with 3 and 4"

    first, *others = [one for one in model.stream(question) if isinstance(one, AIMessageChunk)]

    whole = model.invoke(question)
    assert (first + others).tool_calls == whole.tool_calls
    assert whole.tool_calls[0]["args"] == {"a": 3, "b": 4}


WEATHER = tool("get_weather", city={"type": "string"})
FORECAST = tool("get_weather_forecast", city={"type": "string"})


@pytest.mark.parametrize(
    ("text", "choice", "called"),
    [
        ("Call get_weather for Paris", None, ["get_weather"]),
        ("What is the weather in Paris?", None, ["get_weather"]),
        ("Give me the weather forecast", None, ["get_weather", "get_weather_forecast"]),
        ("get_weather_forecast, then get_weather", None, ["get_weather_forecast", "get_weather"]),
        ("Hello", None, []),
        ("Hello", "any", ["get_weather"]),
        ("Hello", "get_weather_forecast", ["get_weather_forecast"]),
        ("Hello", {"type": "function", "function": {"name": "get_weather"}}, ["get_weather"]),
        ("Call get_weather", "none", []),
    ],
)
def test_tools_are_called_when_asked_for_or_forced(text: str, choice: Any, called: Any) -> None:
    found = answer(text, tools=[WEATHER, FORECAST], tool_choice=choice)

    assert [call["name"] for call in found.tool_calls] == called


def test_one_call_at_a_time_where_parallel_ones_are_forbidden() -> None:
    text = "get_weather and get_weather_forecast"

    found = answer(text, tools=[WEATHER, FORECAST], parallel_tool_calls=False)

    assert len(found.tool_calls) == 1


def test_results_are_quoted_in_their_order() -> None:
    asked = AIMessage("", tool_calls=[{"name": "f", "args": {}, "id": str(n)} for n in (1, 2)])
    results = [ToolMessage(f"r{n}", tool_call_id=str(n), name="f") for n in (1, 2)]

    found = answer("Call f", asked, *results, tools=[tool("f")])

    assert found.text == 'f gave: "r1". f gave: "r2".'
    assert found.tool_calls == []


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "integer"}, "add 12 to it", 12),
        ({"type": "number"}, "it is -2.5 cold", -2.5),
        ({"type": "integer"}, "no number", 1),
        ({"type": "string"}, 'find "red shoes" now', "red shoes"),
        ({"type": "string"}, "the weather in New York today", "New York"),
        ({"type": "string"}, "anything", "anything"),
        ({"enum": ["c", "f"]}, "in F please", "f"),
        ({"enum": ["c", "f"]}, "please", "c"),
        ({"const": 3}, "", 3),
        ({"type": "boolean"}, "", True),
        ({"type": "null"}, "", None),
        ({"type": "array", "items": {"type": "integer"}}, "sum 1, 2 and 3", [1, 2, 3]),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, "7", 7),
        ({"$ref": "#/$defs/Level"}, "high", "high"),
        ({"type": "object", "properties": {"n": {"type": "integer"}}}, "5", {"n": 5}),
    ],
)
def test_values_come_from_the_text_or_are_plain(schema: Any, text: str, value: Any) -> None:
    root = {
        "properties": {"it": schema},
        "required": ["it"],
        "$defs": {"Level": {"enum": ["low", "high"]}},
    }

    assert Imagination(text).fill(root) == {"it": value}


def test_a_schema_that_contains_itself_comes_to_an_end() -> None:
    node = {"type": "object", "properties": {"child": {"$ref": "#/$defs/N"}}, "required": ["child"]}

    found = Imagination("x").fill({**node, "$defs": {"N": node}})

    assert json.dumps(found).count("child") < 20


def test_a_json_schema_is_obeyed() -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}

    assert json.loads(answer("I like 'pears'", response_format=form).text) == {"name": "pears"}


@pytest.mark.parametrize("text", ["", "word", "a longish sentence, ok ", "  x\n\ny", "Grüße 😄"])
def test_pieces_add_up_to_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text


def test_tokens_are_counted_by_words_and_fours() -> None:
    assert count("one sentence") == 3
