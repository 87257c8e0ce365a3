"""Bodies of new responses: who is to answer, what may be said about how, which items come in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.refusals import Refusal, invalid
from langchain_foundry_agents.emulator.responses import refusals
from langchain_foundry_agents.emulator.responses.conversation_items import checked_item
from langchain_foundry_agents.emulator.responses.ids import is_id
from langchain_foundry_agents.emulator.validation import (
    Check,
    boolean,
    items,
    mapping,
    metadata,
    one_of,
    read,
    shape,
    text,
    whole,
    wrong_type,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_foundry_agents.emulator.records import JsonObject

LEAST_TOKENS = 16
# What an agent's definition owns. `tool_choice` is its own, too, but was seen to be accepted.
_OWNED = (
    "model",
    "tools",
    "instructions",
    "temperature",
    "top_p",
    "text",
    "reasoning",
    "parallel_tool_calls",
)
_NOT_ALLOWED = "Not allowed when agent is specified."
_NO_SUCH_SHAPE = "The provided data does not match the expected schema"
_ITEMS = frozenset(
    {
        *("message", "function_call", "function_call_output"),
        *("mcp_approval_response", "item_reference"),
    }
)
_JSON_TYPES = {type(None): "null", bool: "boolean", int: "integer", float: "number", list: "array"}
_PARTS = frozenset({"input_text", "input_image", "input_file", "output_text", "refusal"})


def _conversation(value: Any, param: str) -> str:
    if isinstance(value, dict):
        value = value.get("id")
    identifier = str(text(least=1)(value, param))
    if not is_id(identifier, "conv"):
        # The words of microsoft-foundry/new-foundry-portal#102.
        message = f"Invalid conversation id '{identifier}', Malformed identifier."
        raise refusals.invalid_payload(message, param)
    return identifier


def _tool_choice(value: Any, param: str) -> str | JsonObject:
    if isinstance(value, str):
        return str(one_of("none", "auto", "required")(value, param))
    return mapping(value, param)


_reference = shape(
    {"type": one_of("agent_reference"), "name": text(least=1), "version": text(), "id": text()},
    ("type", "name"),
)
_PARAMETERS: dict[str, Check] = {
    "agent_session_id": text(least=1),
    "background": boolean,
    "conversation": _conversation,
    "include": items(text()),
    "max_output_tokens": whole(least=LEAST_TOKENS),
    "metadata": metadata,
    "previous_response_id": text(least=1),
    "store": boolean,
    "stream": boolean,
    "structured_inputs": mapping,
    "tool_choice": _tool_choice,
    "truncation": one_of("auto", "disabled"),
}


def agent_named(body: JsonObject, own: str | None) -> tuple[str, str | None] | None:
    """The name and the version of the agent that is to answer; None where there is none.

    Args:
        body: the request.
        own: the agent whose own endpoint was asked.

    Raises:
        Refusal: the old way to say it, or no agent that could be meant here.
    """
    if body.get("agent") is not None:
        message = "The 'agent' property is deprecated. Use 'agent_reference' instead."
        raise refusals.invalid_payload(message, "agent")
    given = body.get("agent_reference")
    if given is None:
        return (own, None) if own else None
    try:
        named: JsonObject = _reference(given, "agent_reference")
    except Refusal as refusal:
        error = refusal.body["error"]
        raise refusals.invalid_payload(error["message"], error["param"]) from None
    version = named.get("version") or None
    if own and (named["name"] != own or version):
        message = f"This is the endpoint of the agent '{own}', which chooses the version itself."
        raise refusals.invalid_payload(message, "agent_reference")
    return named["name"], version


def check_owned(body: JsonObject, model: Any) -> None:
    """Refuses what the agent's definition decides.

    Args:
        body: the request.
        model: the definition's, which a request may repeat.
    """
    given = [name for name in _OWNED if body.get(name) is not None]
    found = [name for name in given if name != "model" or body[name] != model]
    if len(found) == 1:
        raise refusals.invalid_payload(_NOT_ALLOWED, found[0])
    if found:
        raise refusals.invalid_payloads([(name, _NOT_ALLOWED) for name in found])


def read_parameters(body: JsonObject) -> JsonObject:
    """The parameters that go with any agent, checked."""
    given = read(body, _PARAMETERS)
    if "conversation" in given and "previous_response_id" in given:
        message = (
            "Mutually exclusive parameters: 'conversation' and 'previous_response_id'. "
            "Ensure you are only providing one of them."
        )
        raise invalid(message, code="mutually_exclusive_parameters")
    if given.get("background") and given.get("store") is False:
        message = "background=true requires store=true."
        raise invalid(message, param="background", code="unsupported_parameter")
    return given


def read_input(value: Any) -> list[JsonObject]:
    """The items of an input; a string is one message of the user."""
    if value is None or value in ("", []):
        return []
    if isinstance(value, str):
        return [{"type": "message", "role": "user", "content": value}]
    if not isinstance(value, list):
        raise wrong_type("input", "a string or an array")
    items = [_item(item) for item in value]
    if found := [one for place, item in enumerate(items) for one in _findings(item, place)]:
        raise refusals.invalid_payloads(found)
    return items


def _findings(item: JsonObject, place: int) -> Iterator[tuple[str, str]]:
    """What the service's JSON schema finds wrong with an item: where, and what.

    Sources: microsoft/agent-framework#4626 (a null status), #3003 (text without annotations).
    """
    at = f"/input/{place}"
    if "status" in item and not isinstance(item["status"], str):
        kind = _JSON_TYPES.get(type(item["status"]), "object")
        yield f"{at}/status", f'type: Value is "{kind}" but should be "string"'
    parts = item.get("content")
    for index, part in enumerate(parts if isinstance(parts, list) else []):
        if part.get("type") == "output_text" and not isinstance(part.get("annotations"), list):
            message = 'required: Required properties ["annotations"] are not present'
            yield f"{at}/content/{index}", message


def _item(value: Any) -> JsonObject:
    try:
        item = checked_item(value, "input")
    except Refusal:
        raise refusals.invalid_payload(_NO_SUCH_SHAPE, "/") from None
    parts = item.get("content") if item["type"] == "message" else []
    kinds = {part["type"] for part in parts} if isinstance(parts, list) else set()
    if item["type"] not in _ITEMS or not kinds <= _PARTS:
        raise refusals.invalid_payload(_NO_SUCH_SHAPE, "/")
    return item
