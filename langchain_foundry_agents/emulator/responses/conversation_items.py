"""Items of conversations: what may come in, what the service adds, how they show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.responses.ids import new_id, partition_of
from langchain_foundry_agents.emulator.validation import (
    Check,
    boolean,
    mapping,
    one_of,
    shape,
    text,
    wrong_type,
)

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject
    from langchain_foundry_agents.emulator.responses.records import Conversation
    from langchain_foundry_agents.emulator.state import State

MAX_ITEMS = 20
_ROLES = ("user", "assistant", "system", "developer")
_WITH_STATUS = frozenset({"message", "function_call", "function_call_output"})
_PREFIXES = {
    "message": "msg",
    "reasoning": "rs",
    "file_search_call": "fs",
    "web_search_call": "ws",
    "code_interpreter_call": "ci",
    "image_generation_call": "ig",
    "mcp_call": "mcp",
    "mcp_list_tools": "mcpl",
    "mcp_approval_request": "mcpr",
    "mcp_approval_response": "mcpa",
    "oauth_consent_request": "oauthreq",
}


def checked_item(value: Any, param: str) -> JsonObject:
    """An item that a caller sends, with its type; members unknown here stay."""
    item = mapping(value, param)
    kind = text(least=1)(item.get("type", "message"), f"{param}.type")
    if kind in _CHECKS:
        _CHECKS[kind](item, param)
    return {"type": kind, **item}


def new_item(state: State, item: JsonObject, partition: str | None) -> JsonObject:
    """An item as the service keeps it: with an id, its content in parts, and its status."""
    kind = item.get("type", "message")
    kept: JsonObject = {"type": kind, "id": item.get("id") or _new_id(state, item, partition)}
    kept |= {name: value for name, value in item.items() if name not in kept}
    if isinstance(kept.get("content"), str):
        kept["content"] = [_text_part(kept["content"], kept.get("role"))]
    if kind in _WITH_STATUS and kept.get("status") is None:
        kept["status"] = "completed"
    return kept


def signed(item: JsonObject, response: JsonObject) -> JsonObject:
    """An item that an agent wrote, with the response and the agent that it comes from."""
    author: JsonObject = {"response_id": response["id"]}
    if agent := response.get("agent_reference"):
        known = {name: agent[name] for name in ("name", "version") if name in agent}
        author["agent"] = {"type": "agent_id", **known}
    own = {"created_by", "response_id", "agent_reference"}
    rest = {name: value for name, value in item.items() if name not in own}
    return {"type": rest.pop("type"), "id": rest.pop("id"), "created_by": author, **rest}


def item_json(conversation: Conversation, item: JsonObject) -> JsonObject:
    """An item as it shows when it is read."""
    head: JsonObject = {name: item[name] for name in ("type", "id", "created_by") if name in item}
    return {**head, "partition_key": f"{partition_of(conversation.id)}00", **item}


def _new_id(state: State, item: JsonObject, partition: str | None) -> str:
    kind = item.get("type", "message")
    prefix = _PREFIXES.get(kind) or ("fco" if kind.endswith("_output") else "fc")
    written_by_caller = kind == "message" and item.get("role") != "assistant"
    return new_id(state, prefix, partition, mixed=written_by_caller)


def _text_part(said: str, role: str | None) -> JsonObject:
    if role == "assistant":
        return {"type": "output_text", "text": said, "annotations": [], "logprobs": []}
    return {"type": "input_text", "text": said}


def _content(value: Any, param: str) -> str | list[JsonObject]:
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        raise wrong_type(param, "a string or an array")
    return [_part(part, f"{param}[{place}]") for place, part in enumerate(value)]


def _output(value: Any, param: str) -> Any:
    if not isinstance(value, str | list):
        raise wrong_type(param, "a string or an array")
    return value


_part = shape({"type": text(least=1)}, ("type",))
_CHECKS: dict[str, Check] = {
    "message": shape({"role": one_of(*_ROLES), "content": _content}, ("role", "content")),
    "function_call": shape(
        {"call_id": text(least=1), "name": text(least=1), "arguments": text()},
        ("call_id", "name", "arguments"),
    ),
    "function_call_output": shape(
        {"call_id": text(least=1), "output": _output}, ("call_id", "output")
    ),
    "mcp_approval_response": shape(
        {"approval_request_id": text(least=1), "approve": boolean},
        ("approval_request_id", "approve"),
    ),
}
