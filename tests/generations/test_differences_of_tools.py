"""Each row of the table of differences is as it is told: tools, their calls and their usage."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from pydantic import BaseModel
from tools.reading import blocks
from tools.tools import PARIS, answers, get_time, get_weather

from langchain_foundry_agents import MissingToolsError
from langchain_foundry_agents.emulator import AskApproval, CallTools, Reply, RunCode, Steps

from .conftest import Pair, Scene
from .seen import forget, place_of, requests, run_statuses

QUESTION = HumanMessage("Weather?")
OWNS: dict[str, Any] = {"definition": {"tools": [get_weather, get_time]}}


class Weather(BaseModel):
    """The weather of a city."""

    city: str


def test_bound_tools(pair: Pair) -> None:
    classic, new = pair(Reply("Hello."))
    classic.model.bind_tools([get_weather]).invoke("Hello")
    (tool,) = classic.emulator.requests[-1].body["tools"]
    assert tool["function"]["name"] == "get_weather"

    bound = new.model.bind_tools([get_weather])
    with pytest.raises(MissingToolsError, match=r"get_weather.*add_tools") as caught:
        bound.invoke("Hello")
    assert set(requests(new)) == {"GET /agents/helper"}
    new.model.add_tools(caught.value.tools)
    assert bound.invoke("Hello").text == "Hello."


def test_bound_tools_are_looked_up_once_and_never_sent(pair: Pair) -> None:
    _, new = pair(Reply("One."), Reply("Two."), **OWNS)
    bound = new.model.bind_tools([get_weather])

    bound.invoke("Hello")
    bound.invoke("Hello")

    assert requests(new).count("GET /agents/helper") == 1
    assert not any("tools" in (one.body or {}) for one in new.emulator.requests)


def test_forced_tools(pair: Pair) -> None:
    classic, new = pair(definition={"tools": [get_weather, get_time]})

    for scene in (classic, new):
        forced = scene.model.bind_tools([get_weather], tool_choice="get_weather").invoke("Hello")
        assert [call["name"] for call in forced.tool_calls] == ["get_weather"]
    weather = classic.model.with_structured_output(Weather, method="function_calling")
    assert isinstance(weather.invoke("Hello"), Weather)
    with pytest.raises(MissingToolsError, match="lacks tools that are bound: Weather"):
        new.model.with_structured_output(Weather, method="function_calling").invoke("Hello")


def tool_turn(scene: Scene) -> tuple[AIMessage, AIMessage]:
    """The message with the call, and the answer after its output."""
    asked = scene.model.invoke([QUESTION])
    return asked, scene.model.invoke([QUESTION, asked, *answers(asked, "sunny")])


def test_run_ids_of_a_tool_turn(pair: Pair) -> None:
    classic, new = (tool_turn(one) for one in pair(CallTools(PARIS), Reply("Sunny."), **OWNS))

    assert len({message.response_metadata["run_id"] for message in classic}) == 1
    assert len({message.response_metadata["run_id"] for message in new}) == 2


def test_usage_of_a_tool_call(pair: Pair) -> None:
    sources = [
        [message.response_metadata["usage_source"] for message in tool_turn(scene)]
        for scene in pair(CallTools(PARIS), Reply("Sunny."), **OWNS)
    ]

    assert sources == [["estimated", "service"], ["service", "service"]]


def test_details_of_usage(pair: Pair) -> None:
    used: list[Any] = [scene.model.invoke("Hello").usage_metadata for scene in pair()]

    assert [one["input_token_details"] for one in used] == [{"cache_read": 0}] * 2
    assert [one.get("output_token_details") for one in used] == [None, {"reasoning": 0}]


def test_calls_that_are_given_up(pair: Pair) -> None:
    classic, new = pair(CallTools(PARIS), Reply("As you like."), **OWNS)
    for scene in (classic, new):
        asked = scene.model.invoke([QUESTION])
        scene.model.invoke([QUESTION, asked, HumanMessage("Never mind.")])

    assert run_statuses(classic.emulator) == ["cancelled", "completed"]
    assert classic.outputs == []
    assert run_statuses(new.emulator) == ["completed", "completed"]
    assert new.outputs == ["Error: the call was not carried out, as the user went on without it."]


def test_calls_in_a_new_place(pair: Pair) -> None:
    classic, new = pair(CallTools(PARIS), Reply("It was sunny."), **OWNS)
    for scene in (classic, new):
        asked = scene.model.invoke([QUESTION])
        forget(scene.emulator, place_of(asked))
        scene.model.invoke([QUESTION, asked, *answers(asked, "sunny")])

    told = classic.emulator.requests[-1].body["thread"]["messages"]
    assert [one["role"] for one in told] == ["user", "assistant", "user"]
    assert told[1]["content"] == '[called get_weather with {"city": "Paris"}]'
    items = new.emulator.requests[-1].body["input"]
    assert [one["type"] for one in items] == ["message", "function_call", "function_call_output"]


CODE: dict[str, Any] = {"definition": {"tools": [{"type": "code_interpreter"}]}}
PNG = b"\x89PNG\r\n\x1a\n"


def printed(answer: AIMessage) -> Any:
    """What code printed, as the block of its result says."""
    (result,) = [one for one in blocks(answer) if one["type"] == "server_tool_result"]
    return result["output"]


def test_outputs_of_code(pair: Pair) -> None:
    turn = RunCode("print(42)", "42"), RunCode("print(42)", "42")
    classic, new = pair(*turn, **CODE)
    include = {"include": ["code_interpreter_call.outputs"]}

    assert printed(classic.model.invoke("?")) == [{"type": "logs", "logs": "42"}]
    assert printed(new.model.invoke("?")) is None
    assert printed(new.model.invoke("?", extra_body=include)) == [{"type": "logs", "logs": "42"}]


def test_files_of_code(pair: Pair) -> None:
    classic, new = pair(Steps(RunCode("draw()", "", PNG), "Here."), **CODE)

    pictures = [one for one in blocks(classic.model.invoke("?")) if one["type"] == "image"]
    assert classic.model.download(pictures[0]["file_id"]) == PNG
    found = blocks(new.model.invoke("?"))
    assert "image" not in [one["type"] for one in found]
    extras = found[-1]["annotations"][0]["extras"]
    place = {name: extras[name] for name in ("file_id", "container_id")}
    assert new.model.download(**place) == PNG


def test_denied_calls(pair: Pair) -> None:
    server = {"type": "mcp", "server_label": "github", "server_url": "https://mcp.example"}
    shown = []
    turns = AskApproval("github", "fetch_docs", {}, "The docs."), Reply("As you like.")
    for scene in pair(*turns, definition={"tools": [server]}):
        asked = scene.model.invoke([QUESTION])
        denial = ToolMessage("false", tool_call_id=str(asked.tool_calls[0]["id"]))
        answer = scene.model.invoke([QUESTION, asked, denial])
        shown.append([one["type"] for one in blocks(answer)])

    assert shown == [["server_tool_call", "server_tool_result", "text"], ["text"]]


def test_stop_sequences(pair: Pair) -> None:
    classic, new = pair(service={"chunk_delay": 0.002})
    old, answer = (one.model.invoke("Count to 30", stop=[" 4,"]) for one in (classic, new))

    assert old.content == answer.content == "1, 2, 3,"
    assert old.response_metadata["usage_source"] == "estimated"
    assert requests(classic)[-1].endswith("/cancel")
    assert answer.response_metadata["usage_source"] == "service"
    assert run_statuses(new.emulator) == ["completed"]
    held = new.emulator.service.state.conversations[place_of(answer)].items[-1]
    assert held["content"][0]["text"].endswith("29, 30.")
