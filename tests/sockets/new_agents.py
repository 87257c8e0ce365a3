"""A new agent on a scripted service: what it says, and the items that it was sent."""

from __future__ import annotations

import re
from typing import Any

from canned import CannedService, Reply, json_reply
from folding import message_item, response
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from langchain_foundry_agents import ChatFoundryAgent

from .recorded import JSON, asked, one_event
from .ways import ask

REFERENCE: JSON = {"agent_reference": {"type": "agent_reference", "name": "support"}}
ADD: JSON = {
    "type": "function_call",
    "id": "fc_1",
    "call_id": "call_1",
    "name": "add",
    "arguments": '{"a":1,"b":2}',
}
_ARGUMENTS = {"a": 1, "b": 2}
GONE = json_reply(
    {"error": {"code": "not_found", "message": "It does not exist.", "type": "error"}}, 404
)
_OWNED = {
    *("model", "tools", "instructions", "temperature", "top_p", "text", "reasoning"),
    "parallel_tool_calls",
}
"""What the definition owns."""


def model_of(service: CannedService, **fields: Any) -> ChatFoundryAgent:
    fields = {"agent_name": "support", "max_retries": 0, **fields}
    return ChatFoundryAgent(project_endpoint=service.url, **fields)


def created(place: str) -> Reply:
    """A conversation was created."""
    return json_reply({"id": place, "object": "conversation", "created_at": 1, "metadata": {}})


def says(text: str, run: str, place: str | None = None, *calls: JSON) -> Reply:
    """An answer with this id, in a conversation if there is one."""
    items = [message_item(text, item_id=f"msg_{run}")] if text else []
    where = {"id": place} if place else None
    return one_event(response(*items, *calls, id=run, conversation=where))


def user(text: str) -> JSON:
    """The item of a question."""
    return {"type": "message", "role": "user", "content": text}


def assistant(text: str) -> JSON:
    """The item of an earlier answer."""
    parts = [{"type": "output_text", "text": text, "annotations": []}]
    return {"type": "message", "role": "assistant", "content": parts}


def developer(text: str) -> JSON:
    """The item of instructions."""
    return {"type": "message", "role": "developer", "content": text}


def called(call_id: str = "call_1") -> JSON:
    """The item of a call that was made."""
    named = {"call_id": call_id, "name": "add", "arguments": '{"a":1,"b":2}'}
    return {"type": "function_call", **named}


def gave(text: str, call_id: str = "call_1") -> JSON:
    """The item of what a call gave."""
    return {"type": "function_call_output", "call_id": call_id, "output": text}


def output(text: str, call_id: str = "call_1") -> ToolMessage:
    """What a call gave."""
    return ToolMessage(text, tool_call_id=call_id)


def answer(text: str, **metadata: str) -> AIMessage:
    """An earlier answer of ours."""
    ours = {"model_provider": "azure_ai_foundry", "finish_reason": "stop", **metadata}
    return AIMessage(text, response_metadata=ours)


def call(text: str, **metadata: str) -> AIMessage:
    """An earlier answer that ended in a call."""
    made = answer(text, **metadata)
    made.tool_calls = [{"type": "tool_call", "id": "call_1", "name": "add", "args": _ARGUMENTS}]
    return made


def bodies(service: CannedService) -> list[JSON]:
    """The bodies of the requests for responses, without the key of the turn.

    None has what the definition owns.
    """
    sent = [body for route, body in asked(service) if re.match(r"POST .*/responses\b", route)]
    for body in sent:
        assert body.keys() & _OWNED == set()
        if key := body.get("metadata", {}).pop("langchain_foundry_agents_turn", None):
            assert re.fullmatch("[0-9a-f]{32}", key)
            if not body["metadata"]:
                del body["metadata"]
    return sent


def inputs(service: CannedService) -> list[list[JSON]]:
    """The items that each request for a response brought."""
    return [body["input"] for body in bodies(service)]


async def talked(
    way: str, model: ChatFoundryAgent, *questions: str, **options: Any
) -> list[BaseMessage]:
    """The history of these questions, asked one after the other."""
    history: list[BaseMessage] = []
    for question in questions:
        history.append(HumanMessage(question))
        history.append(await ask(way, model, history, **options))
    return history
