"""Tools of the caller's, against Microsoft's own server library."""

from __future__ import annotations

import pytest
from langchain.agents import create_agent
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from langchain_foundry_agents import ChatFoundryAgent, ToolOutputError

from .conftest import MODES, Asked, MakeModel
from .cutting import CuttingProxy
from .service import OracleService

QUESTION = "weather Oslo Rome"


def get_weather(place: str) -> str:
    """The weather in a place."""
    return f"sunny in {place}"


def answered(answer: AIMessage, *outputs: str) -> list[AnyMessage]:
    """The history of a question whose calls gave these outputs."""
    calls = zip(answer.tool_calls, outputs, strict=True)
    given = [ToolMessage(output, tool_call_id=str(call["id"])) for call, output in calls]
    return [HumanMessage(QUESTION), answer, *given]


async def test_calls_come_together_and_the_turn_ends_in_them(asked: Asked) -> None:
    answer = await asked(QUESTION)

    assert [(call["id"], call["name"], call["args"]) for call in answer.tool_calls] == [
        ("call_Oslo", "get_weather", {"place": "Oslo"}),
        ("call_Rome", "get_weather", {"place": "Rome"}),
    ]
    assert answer.content == ""
    assert answer.response_metadata["finish_reason"] == "tool_calls"


async def test_outputs_are_answered(asked: Asked) -> None:
    answer = await asked(QUESTION)

    end = await asked(answered(answer, "sun", "rain"))

    assert end.content == "call_Oslo = sun; call_Rome = rain"
    assert end.response_metadata["finish_reason"] == "stop"


async def test_text_may_stand_before_a_call(asked: Asked) -> None:
    answer = await asked("announce Oslo")

    assert answer.text == "Let me look."
    assert [call["id"] for call in answer.tool_calls] == ["call_Oslo"]


async def test_arguments_that_are_no_json_make_an_invalid_call(asked: Asked) -> None:
    answer = await asked("garble")

    assert answer.tool_calls == []
    (call,) = answer.invalid_tool_calls
    assert (call["id"], call["name"]) == ("call_1", "get_weather")
    assert str(call["args"]).endswith('{"place": ')


async def test_a_function_that_the_agent_runs_itself_is_not_the_caller_s(asked: Asked) -> None:
    answer = await asked("delegate")

    assert answer.tool_calls == []
    call, result, text = answer.content_blocks
    assert (call["type"], call.get("name")) == ("server_tool_call", "get_tide")
    assert (result["type"], result.get("output")) == ("server_tool_result", "high")
    assert text.get("text") == "The tide is high."


@pytest.mark.parametrize("mode", MODES)
async def test_langchain_s_own_loop_runs_the_tools(make_model: MakeModel, mode: str) -> None:
    agent = create_agent(make_model(**MODES[mode]), [get_weather])

    state = await agent.ainvoke({"messages": [HumanMessage(QUESTION)]})

    told = "call_Oslo = sunny in Oslo; call_Rome = sunny in Rome"
    assert state["messages"][-1].text == told


def test_all_outputs_travel_in_one_request_after_the_response_that_asked(
    oracle: OracleService, make_model: MakeModel
) -> None:
    with CuttingProxy(oracle.port) as proxy:
        model = make_model(project_endpoint=proxy.url)
        answer = model.invoke(QUESTION)
        model.invoke(answered(answer, "sun", "rain"))

    assert proxy.routes == ["POST /responses", "POST /responses"]
    assert proxy.bodies[1]["previous_response_id"] == answer.response_metadata["run_id"]
    assert proxy.bodies[1]["input"] == [
        {"type": "function_call_output", "call_id": "call_Oslo", "output": "sun"},
        {"type": "function_call_output", "call_id": "call_Rome", "output": "rain"},
    ]


def test_a_service_that_keeps_nothing_gets_the_calls_beside_their_outputs(
    oracle: OracleService, make_model: MakeModel
) -> None:
    with CuttingProxy(oracle.port) as proxy:
        model = make_model(project_endpoint=proxy.url, conversation="none")
        answer = model.invoke("weather Oslo")
        model.invoke([HumanMessage("weather Oslo"), *answered(answer, "sun")[1:]])

    assert proxy.bodies[1]["store"] is False
    assert proxy.bodies[1]["input"] == [
        {"type": "message", "role": "user", "content": "weather Oslo"},
        {
            "type": "function_call",
            "call_id": "call_Oslo",
            "name": "get_weather",
            "arguments": '{"place":"Oslo"}',
        },
        {"type": "function_call_output", "call_id": "call_Oslo", "output": "sun"},
    ]


async def test_a_user_may_go_on_without_the_calls(asked: Asked) -> None:
    answer = await asked(QUESTION)

    end = await asked([HumanMessage(QUESTION), answer, HumanMessage("say Never mind")])

    assert end.content == "Never mind"


async def test_an_output_that_is_missing_is_an_error_before_any_request(
    model: ChatFoundryAgent,
) -> None:
    answer = await model.ainvoke(QUESTION)

    with pytest.raises(ToolOutputError, match="no output for call_Rome"):
        await model.ainvoke([*answered(answer, "sun", "rain")[:-1]])
