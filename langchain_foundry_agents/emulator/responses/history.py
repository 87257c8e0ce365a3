"""What was said before a response: by its conversation, or by the response that it goes on from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.refusals import Refusal, invalid
from langchain_foundry_agents.emulator.responses import refusals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from langchain_foundry_agents.emulator.records import JsonObject
    from langchain_foundry_agents.emulator.responses.records import Conversation, StoredResponse
    from langchain_foundry_agents.emulator.state import State

_GOES_ON = ("completed", "incomplete")


def find_response(state: State, identifier: str, user: str) -> StoredResponse:
    """The response with that id, if it is the user's."""
    found = state.responses.get(identifier)
    if found is None or found.owner != user:
        raise refusals.not_found("Response", identifier)
    state.responses.touch(identifier)
    return found


def find_previous(state: State, identifier: str, user: str) -> StoredResponse:
    """The response that a request goes on from."""
    param = "previous_response_id"
    try:
        found = find_response(state, identifier, user)
    except Refusal:
        message = f"Previous response with id '{identifier}' not found."
        raise invalid(message, param=param, code="previous_response_not_found") from None
    if found.status not in _GOES_ON:
        message = f"Cannot continue from a response with status '{found.status}'."
        raise invalid(message, param=param)
    return found


def unlocked(state: State, identifier: str, user: str) -> Conversation:
    """The conversation in which a response is to be made."""
    found = state.conversation(identifier, user)
    if found.busy_with:
        raise refusals.conversation_locked()
    return found


def resolved(state: State, items: Sequence[JsonObject], user: str) -> Iterator[JsonObject]:
    """Input items, those that are only named being looked up.

    Raises:
        Refusal: an item that is not there.
    """
    for item in items:
        if item["type"] != "item_reference":
            yield item
            continue
        found = next((one for one in _known(state, user) if one["id"] == item.get("id")), None)
        if found is None:
            raise refusals.not_found("Item", str(item.get("id")))
        yield found


def check_calls(history: Sequence[JsonObject], given: Sequence[JsonObject]) -> None:
    """Refuses outputs that answer no call, calls that stay without output, unknown approvals.

    Args:
        history: what was said before.
        given: the input.
    """
    waiting: dict[str, None] = {}
    asked = set()
    for place, item in enumerate([*history, *given]):
        match item["type"]:
            case "function_call":
                waiting[item["call_id"]] = None
            case "function_call_output" if item["call_id"] in waiting:
                del waiting[item["call_id"]]
            case "function_call_output" if place >= len(history):
                message = "No tool call found for function call output with call_id"
                raise invalid(f"{message} {item['call_id']}.", param="input")
            case "mcp_approval_request":
                asked.add(item["id"])
            case "mcp_approval_response" if item["approval_request_id"] not in asked:
                message = f"No approval request found with id '{item['approval_request_id']}'."
                raise invalid(message, param="input")
            case _:
                pass
    for call_id in waiting:
        raise invalid(f"No tool output found for function call {call_id}.", param="input")


def _known(state: State, user: str) -> Iterator[JsonObject]:
    for response in state.responses.values():
        if response.owner == user:
            yield from (*response.input, *response.output)
    for conversation in state.conversations.values():
        if conversation.owner == user:
            yield from conversation.items
