"""Asks an agent of the new generation, in a quiet room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator import ScriptedBrain
from langchain_foundry_agents.emulator.responses.bodies import response_json

from ..room import BEARER, Room
from .scene import PROJECT, new_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_foundry_agents.emulator.brains.script import Part
    from langchain_foundry_agents.emulator.exchange import Answer

RESPONSES = f"{PROJECT}/responses"
OWN_ENDPOINT = "/agents/support/endpoint/protocols/openai/responses"
SUPPORT = {"type": "agent_reference", "name": "support"}
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Tells the weather.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    "strict": True,
}
Events = list[tuple[str, Any]]


def scripted(*turns: Part, **definition: Any) -> Room:
    """A room with the agent `support`, whose brain says these turns."""
    room = Room(ScriptedBrain(turns))
    new_version(room, **definition)
    return room


def ask(
    room: Room,
    given: Any = None,
    *,
    path: str = RESPONSES,
    headers: Mapping[str, str] = BEARER,
    **more: Any,
) -> Answer:
    """Sends a request; nothing is done yet. The agent is `support` unless another is named."""
    body: dict[str, Any] = {"agent_reference": SUPPORT} if path == RESPONSES else {}
    if given is not None:
        body["input"] = given
    return room.call("POST", path, body | more, headers=headers)


def respond(room: Room, given: Any = None, **more: Any) -> Any:
    """The response, once it is over."""
    answer = ask(room, given, **more)
    assert answer.begin is not None, answer.body
    room.work()
    return response_json(answer.begin)


def stream(room: Room, given: Any = None, **more: Any) -> Events:
    """The events of a response."""
    answer = ask(room, given, stream=True, **more)
    assert answer.feed is not None, answer.body
    room.work()
    return [(event.name, event.data) for event in answer.feed.take()]


def text_of(response: Any) -> str:
    """What the messages of a response say."""
    contents = [item["content"] for item in response["output"] if item["type"] == "message"]
    return "".join(part["text"] for content in contents for part in content)


def outputs(response: Any, *given: str) -> list[Any]:
    """The outputs of a response's function calls, in their order."""
    calls = [item for item in response["output"] if item["type"] == "function_call"]
    return [
        {"type": "function_call_output", "call_id": call["call_id"], "output": output}
        for call, output in zip(calls, given, strict=True)
    ]


def kinds(response: Any) -> list[str]:
    """The types of a response's items."""
    return [item["type"] for item in response["output"]]


def of(events: Events, name: str) -> list[Any]:
    """The events of one type."""
    return [data for found, data in events if found == f"response.{name}"]


def heard(room: Room, turn: int) -> list[tuple[str, str]]:
    """What the brain heard at a turn: kinds of messages and their texts."""
    assert isinstance(room.brain, ScriptedBrain)
    return [(one.type, str(one.text)) for one in room.brain.heard[turn]]
