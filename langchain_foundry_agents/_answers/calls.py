"""What a waiting run asks for → LangChain's tool calls.

An approval of an MCP call is a tool call named `mcp_approval_request`, which a ToolMessage answers.
"""

from __future__ import annotations

import json
from typing import Any

from langchain_core.messages import ToolCallChunk
from langchain_core.messages.tool import tool_call_chunk

from langchain_foundry_agents._messages import APPROVAL_REQUEST, JSON

_NEVER_JSON = "\ufeff"
_LONG = 1_000


def map_calls(run: JSON) -> list[ToolCallChunk]:
    """The calls that a run waits for, whole, in order; or those that it was cut at, as invalid."""
    action = run.get("required_action") or {}
    calls = (action.get(action.get("type")) or {}).get("tool_calls") or []
    cut = run.get("cut_calls") or []
    waits = [_map_call(index, call) for index, call in enumerate(calls)]
    return waits or [_spoilt(_map_call(index, call)) for index, call in enumerate(cut)]


def _map_call(index: int, call: JSON) -> ToolCallChunk:
    if call.get("type") == "mcp":
        name, arguments = APPROVAL_REQUEST, _map_approval(call)
    else:
        name, arguments = call["function"]["name"], call["function"].get("arguments") or "{}"
        arguments = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return tool_call_chunk(name=name, args=_unrepaired(arguments), id=call["id"], index=index)


def _spoilt(call: ToolCallChunk) -> ToolCallChunk:
    """A call that is not to be made, as its response was cut: an invalid one."""
    arguments = call["args"] or ""
    valid = not arguments.startswith(_NEVER_JSON)
    return {**call, "args": _never_json(arguments) if valid else arguments}


def _map_approval(call: JSON) -> str:
    asked = {
        "server_label": call.get("server_label"),
        "name": call.get("name"),
        "arguments": read_arguments(call.get("arguments")),
    }
    return json.dumps(asked, ensure_ascii=False)


def read_arguments(text: Any) -> Any:
    """Arguments as JSON, or as they are."""
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return text


def _unrepaired(arguments: str) -> str:
    """Arguments that LangChain does not complete where they break off.

    Of `{"city": "Par` it would make a call with the city Par. With a byte order mark, which shows
    nowhere, no JSON can be made of it, and the call is invalid. Long ones get a brace, too:
    LangChain would try them anew without their last character, again and again.
    """
    try:
        json.loads(arguments)
    except (ValueError, RecursionError):
        return _never_json(arguments)
    return arguments


def _never_json(arguments: str) -> str:
    return _NEVER_JSON + ("}" if len(arguments) > _LONG else "") + arguments
