"""What scripts of the new generation are written with."""

from __future__ import annotations

from typing import Any

from langchain_foundry_agents._flow.effects import JSON, Emit, Event, Heard, Open, Pause, Read, Send
from langchain_foundry_agents._flow.progress import Ask
from langchain_foundry_agents._flow.responses_api import ResponsesApi
from langchain_foundry_agents.errors import ServiceConnectionError

from .player import Step, answered, heard

API = ResponsesApi("helper", "key_1")
CHAIN = ResponsesApi("helper", "key_1", storage="response")
ALONE = ResponsesApi("helper", "key_1", storage="none")
BACKGROUND = ResponsesApi("helper", "key_1", background=True)

HELLO: JSON = {"type": "message", "role": "user", "content": "Hello"}
AGAIN: JSON = {"type": "message", "role": "user", "content": "Again"}
FIRST = Ask((HELLO,), lambda: (HELLO,))
NEXT = Ask((AGAIN,), lambda: (HELLO, AGAIN), "conv_1", from_history=True)
AFTER = Ask((AGAIN,), lambda: (HELLO, AGAIN), "resp_0", from_history=True)

HELPER = {"agent_reference": {"type": "agent_reference", "name": "helper"}}
KEY = {"metadata": {"langchain_foundry_agents_turn": "key_1"}}
IN_CONVERSATION = {**HELPER, **KEY, "conversation": "conv_1"}
RESPONSES = "/openai/v1/responses"

CREATE = Send("POST", "/openai/v1/conversations", {}, repeatable=True)
DISCARD = Send("DELETE", "/openai/v1/conversations/conv_1", repeatable=True)
LOOK = Send("GET", f"{RESPONSES}/resp_1")
FIND_LOST = Send(
    "GET",
    RESPONSES,
    None,
    (("agent_name", "helper"), ("conversation_id", "conv_1"), ("limit", "20")),
)
FIND_NEWEST = Send("GET", RESPONSES, None, (("conversation_id", "conv_1"), ("limit", "5")))
"""Of any agent: `agent_name` and `conversation_id` are each optional in the service's own spec of
`GET /openai/v1/responses` (azure-rest-api-specs, ai-foundry)."""


def opened(*items: JSON, **fields: Any) -> Open:
    """The request for a streamed response to these items."""
    return Open(RESPONSES, {"input": [*items], **fields, "stream": True})


def posted(*items: JSON, **fields: Any) -> Send:
    """The request for a background response to these items."""
    return Send("POST", RESPONSES, {"input": [*items], **fields, "background": True})


def response(status: str, *output: JSON, **fields: Any) -> JSON:
    """A response in the conversation, in some state."""
    ids = {"id": "resp_1", "object": "response", "conversation": {"id": "conv_1"}}
    return {**ids, "status": status, "output": [*output], **fields}


def told(state: JSON, kind: str | None = None) -> Event:
    """The event of a response in this state."""
    name = f"response.{kind or state['status']}"
    return name, {"type": name, "response": state}


def delta(text: str, number: int = 1) -> Event:
    """A piece of text."""
    name = "response.output_text.delta"
    return name, {"type": name, "item_id": "msg_1", "delta": text, "sequence_number": number}


def function_call(call_id: str = "call_1", name: str = "add", arguments: str = "{}") -> JSON:
    """A call of a function of the caller's."""
    named = {"call_id": call_id, "name": name, "arguments": arguments}
    return {"type": "function_call", "id": f"fc_{call_id}", **named}


def approval_request(id_: str = "mcpr_1") -> JSON:
    """An MCP call that asks for approval."""
    asked = {"server_label": "docs", "name": "fetch", "arguments": '{"page": 1}'}
    return {"type": "mcp_approval_request", "id": id_, **asked}


def output(call_id: str, text: str) -> JSON:
    """What a function gave."""
    return {"type": "function_call_output", "call_id": call_id, "output": text}


def approval(id_: str, *, approve: bool) -> JSON:
    """The answer to a request for approval."""
    return {"type": "mcp_approval_response", "approval_request_id": id_, "approve": approve}


WORKING = told(response("in_progress"), "created")
DONE = told(response("completed"))
SOME_TEXT = heard(WORKING, delta("Hi"), something=True)
ANSWERED: list[Step] = [*SOME_TEXT, *heard(DONE, something=True), (Read(), None)]
CREATED = answered({"id": "conv_1", "object": "conversation"})
OPEN_FIRST = opened(HELLO, **IN_CONVERSATION)
OPEN_NEXT = opened(AGAIN, **IN_CONVERSATION)
CUT = ServiceConnectionError("The connection broke.", maybe_accepted=True)
UNSENT = ServiceConnectionError("No connection.", maybe_accepted=False)
SECOND = Pause(0.25, 0.5)


END: Step = (Read(), None)


def heard_whole(state: JSON) -> list[Step]:
    """The hand-over of a response that was looked up."""
    return [(Emit((told(state, "completed"),)), Heard(something=True))]
