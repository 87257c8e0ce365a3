"""Tools of agents: functions of the caller, tools of the service, MCP servers, other items."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_foundry_agents.emulator import (
    AskApproval,
    CallTools,
    Reply,
    Steps,
)

from ..room import Room
from .scene import error_of, new_conversation, new_version
from .speaking import WEATHER, ask, heard, kinds, outputs, respond, scripted, text_of

DOCS = {"type": "mcp", "server_label": "docs", "server_url": "https://docs.example"}
TRUSTED = DOCS | {"require_approval": "never"}
BOTH = CallTools(("get_weather", {"city": "Paris"}), ("get_weather", {"city": "Rome"}))


def approval(request: Any, *, approve: bool = True) -> list[Any]:
    return [
        {
            "type": "mcp_approval_response",
            "approval_request_id": request["id"],
            "approve": approve,
        }
    ]


@pytest.mark.parametrize("link", ["conversation", "previous_response_id"])
def test_functions_are_called_by_the_caller(link: str) -> None:
    room = scripted(BOTH, Reply("Sunny."), tools=[WEATHER])
    conversation = {"conversation": new_conversation(room)} if link == "conversation" else {}
    asked = respond(room, "Weather?", **conversation)
    back = conversation or {"previous_response_id": asked["id"]}

    answered = respond(room, outputs(asked, "sun", "rain"), **back)

    assert kinds(asked) == ["function_call", "function_call"]
    first = asked["output"][0]
    assert (first["name"], first["arguments"]) == ("get_weather", '{"city":"Paris"}')
    assert (first["status"], asked["status"], asked["tools"]) == (
        "completed",
        "completed",
        [WEATHER],
    )
    assert text_of(answered) == "Sunny."
    assert heard(room, 1) == [("human", "Weather?"), ("ai", ""), ("tool", "sun"), ("tool", "rain")]


def test_text_stands_in_front_of_calls() -> None:
    room = scripted(Steps("Let me see.", BOTH), Reply("Sunny."), tools=[WEATHER])
    asked = respond(room, "Weather?")

    respond(room, outputs(asked, "sun", "rain"), previous_response_id=asked["id"])

    assert kinds(asked) == ["message", "function_call", "function_call"]
    assert heard(room, 1)[1] == ("ai", "Let me see.")


def test_the_default_brain_calls_functions(room: Room) -> None:
    new_version(room, tools=[WEATHER])
    asked = respond(room, "get_weather for Paris, please")

    answered = respond(room, outputs(asked, "sun"), previous_response_id=asked["id"])

    assert text_of(answered) == 'get_weather gave: "sun".'


def test_a_forced_function_is_called_once(room: Room) -> None:
    new_version(room, tools=[WEATHER])
    asked = respond(room, "Hi", tool_choice="required")

    answered = respond(
        room, outputs(asked, "sun"), previous_response_id=asked["id"], tool_choice="required"
    )

    assert (kinds(asked), asked["tool_choice"]) == (["function_call"], "required")
    assert kinds(answered) == ["message"]


def test_one_function_can_be_forced(room: Room) -> None:
    new_version(room, tools=[WEATHER | {"name": "other"}, WEATHER])

    asked = respond(room, "Hi", tool_choice={"type": "function", "name": "get_weather"})

    assert [call["name"] for call in asked["output"]] == ["get_weather"]


def test_an_output_may_have_parts() -> None:
    room = scripted(CallTools(("f", "{broken")), Reply("Fine."), tools=[WEATHER])
    asked = respond(room, "Hi")
    (output,) = outputs(asked, "")
    parts = [{"type": "input_text", "text": "sun"}, {"type": "input_text", "text": "rain"}]

    respond(room, [output | {"output": parts}], previous_response_id=asked["id"])

    assert heard(room, 1)[-1] == ("tool", "sun\nrain")


def test_no_function_is_called_where_none_may_be(room: Room) -> None:
    new_version(room, tools=[WEATHER])

    assert kinds(respond(room, "get_weather, please", tool_choice="none")) == ["message"]


def test_a_call_waits_for_its_output() -> None:
    room = scripted(BOTH, tools=[WEATHER])
    conversation = new_conversation(room)
    asked = respond(room, "Weather?", conversation=conversation)
    call = asked["output"][1]["call_id"]

    without = ask(room, "And now?", conversation=conversation)
    partly = ask(room, outputs(asked, "sun", "rain")[:1], conversation=conversation)

    message = f"No tool output found for function call {call}."
    assert partly.body["error"]["message"] == message
    assert error_of(without) == error_of(partly) == (400, None, "input")


def test_an_output_needs_its_call() -> None:
    room = scripted(Reply("Hi."))
    stray = [{"type": "function_call_output", "call_id": "call_1", "output": "sun"}]

    refused = ask(room, stray)

    assert error_of(refused) == (400, None, "input")
    message = "No tool call found for function call output with call_id call_1."
    assert refused.body["error"]["message"] == message


def test_a_call_may_come_with_its_output() -> None:
    room = scripted(Reply("Sunny."))
    call = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "call_1", "output": "sun"}

    assert text_of(respond(room, [call, output], store=False)) == "Sunny."


def test_broken_arguments_go_out_as_they_are() -> None:
    response = respond(scripted(CallTools(("f", "{broken"))), "Hi")

    assert response["output"][0]["arguments"] == "{broken"


@pytest.mark.parametrize("link", ["conversation", "previous_response_id"])
def test_mcp_calls_wait_for_approval(link: str) -> None:
    use = AskApproval("docs", "search", {"query": "x"}, "Found x.")
    room = scripted(use, Reply("It is x."), tools=[DOCS])
    conversation = {"conversation": new_conversation(room)} if link == "conversation" else {}
    asked = respond(room, "What is x?", **conversation)
    request = asked["output"][1]
    back = conversation or {"previous_response_id": asked["id"]}

    answered = respond(room, approval(request), **back)

    assert kinds(asked) == ["mcp_list_tools", "mcp_approval_request"]
    assert (request["arguments"], asked["status"]) == ('{"query":"x"}', "completed")
    assert kinds(answered) == ["mcp_call", "message"]
    call = answered["output"][0]
    assert (call["output"], call["approval_request_id"]) == ("Found x.", request["id"])
    assert heard(room, 1)[-2:] == [("ai", ""), ("tool", "Found x.")]


def test_a_denied_call_is_not_made() -> None:
    room = scripted(AskApproval("docs", "search"), Reply("As you like."), tools=[DOCS])
    asked = respond(room, "What is x?")

    denied = approval(asked["output"][1], approve=False)
    answered = respond(room, denied, previous_response_id=asked["id"])

    assert kinds(answered) == ["message"]
    assert heard(room, 1)[-1] == ("tool", "The call was denied by the user.")


def test_an_approval_needs_its_request() -> None:
    room = scripted(Reply("Hi."))

    assert error_of(ask(room, approval({"id": "mcpr_1"}))) == (400, None, "input")


def test_trusted_servers_are_called_at_once_and_listed_once(room: Room) -> None:
    new_version(room, tools=[TRUSTED])
    conversation = new_conversation(room)

    first = respond(room, "Ask docs about x", conversation=conversation)
    second = respond(room, "Ask docs about y", conversation=conversation)

    assert kinds(first) == ["mcp_list_tools", "mcp_call", "message"]
    assert kinds(second) == ["mcp_call", "message"]
    assert [tool["name"] for tool in first["output"][0]["tools"]] == ["search_docs"]
