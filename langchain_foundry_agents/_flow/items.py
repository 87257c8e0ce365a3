"""Items of a response: the calls that wait for the caller, and the items that answer them."""

from __future__ import annotations

from collections.abc import Iterable

from langchain_foundry_agents._flow.actions import APPROVAL, OUTPUTS, Pending
from langchain_foundry_agents._flow.effects import JSON

_GIVEN_UP = "Error: the call was not carried out, as the user went on without it."


def run_of(response: JSON, items: Iterable[JSON] = ()) -> JSON:
    """A response as a run: completed with open calls, it requires action.

    Args:
        response: The response as the service gave it.
        items: Items that its stream brought, which the response may lack.
    """
    if response.get("status") != "completed":
        return response
    output = list(response.get("output") or [])
    ids = {item.get("id") for item in output}
    calls = open_calls([*output, *(item for item in items if item.get("id") not in ids)])
    if not calls:
        return response
    kind = OUTPUTS if any(call["type"] == "function" for call in calls) else APPROVAL
    action = {"type": kind, kind: {"tool_calls": calls}}
    return {**response, "status": "requires_action", "required_action": action}


def open_calls(items: list[JSON]) -> list[JSON]:
    """The calls and approvals that nothing among the items answers, as a run asks for them."""
    answered = {
        item.get(key)
        for item in items
        for kind, key in (
            ("function_call_output", "call_id"),
            ("mcp_approval_response", "approval_request_id"),
        )
        if item.get("type") == kind
    }
    calls = []
    for item in items:
        if item.get("type") == "function_call" and item["call_id"] not in answered:
            function = {"name": item["name"], "arguments": item.get("arguments")}
            calls.append({"id": item["call_id"], "type": "function", "function": function})
        elif item.get("type") == "mcp_approval_request" and item["id"] not in answered:
            asked = {key: item.get(key) for key in ("name", "server_label", "arguments")}
            calls.append({"id": item["id"], "type": "mcp", **asked})
    return calls


def answer_items(pending: Pending) -> list[JSON]:
    """The items that answer calls. What the history leaves unanswered is given up, or denied."""
    outputs = [_output(given["tool_call_id"], given["output"]) for given in pending.outputs]
    approvals = [_approval(given["tool_call_id"], given["approve"]) for given in pending.approvals]
    if outputs or approvals:
        return outputs + approvals
    return [
        _approval(id_, False) if id_ in pending.approval_ids else _output(id_, _GIVEN_UP)
        for id_ in sorted(pending.call_ids)
    ]


def _output(call_id: str, output: str) -> JSON:
    return {"type": "function_call_output", "call_id": call_id, "output": output}


def _approval(request_id: str, approve: object) -> JSON:
    return {
        "type": "mcp_approval_response",
        "approval_request_id": request_id,
        "approve": approve,
    }
