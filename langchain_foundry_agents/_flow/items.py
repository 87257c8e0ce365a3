"""Items of a response: the calls that wait for the caller, and the items that answer them."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from langchain_foundry_agents._flow.actions import APPROVAL, OUTPUTS, Pending
from langchain_foundry_agents._flow.effects import JSON

_GIVEN_UP = "Error: the call was not carried out, as the user went on without it."


def run_of(response: JSON, items: Iterable[JSON] = ()) -> JSON:
    """A response as a run: with open calls it requires action, or was cut at them (`cut_calls`).

    Some models' whole answers are marked `incomplete` without a reason, so calls are made if all
    their items are complete; a reason says that the answer was cut, and its calls are not for sure.

    Args:
        response: The response as the service gave it.
        items: Items that its stream brought, which the response may lack.
    """
    status = response.get("status")
    if status not in ("completed", "incomplete"):
        return response
    output = [item for item in response.get("output") or [] if isinstance(item, dict)]
    told = [*output, *_missing(output, items)]
    calls = open_calls(told)
    if not calls:
        return response
    reason = (response.get("incomplete_details") or {}).get("reason")
    if status == "incomplete" and (reason or not all(map(_is_whole, told))):
        return {**response, "cut_calls": calls}
    kind = OUTPUTS if any(call["type"] == "function" for call in calls) else APPROVAL
    action = {"type": kind, kind: {"tool_calls": calls}}
    return {**response, "status": "requires_action", "required_action": action}


def open_calls(items: Iterable[JSON]) -> list[JSON]:
    """The calls and approvals that nothing among the items answers, as a run asks for them.

    A call is known by its `call_id`: of two items with the same one, the fuller arguments count.
    Microsoft's host sends a second item without any:
    https://github.com/microsoft/agent-framework/issues/7485
    """
    items = list(items)
    answered = {
        item.get(key)
        for item in items
        for kind, key in (
            ("function_call_output", "call_id"),
            ("mcp_approval_response", "approval_request_id"),
        )
        if item.get("type") == kind
    }
    calls: dict[Any, JSON] = {}
    for item in items:
        if item.get("type") == "function_call":
            call_id, known = item.get("call_id"), calls.get(("function", item.get("call_id")))
            arguments = fuller(known and known["function"]["arguments"], item.get("arguments"))
            function = {"name": item.get("name"), "arguments": arguments}
            call = {"id": call_id, "type": "function", "function": function}
        elif item.get("type") == "mcp_approval_request":
            call_id = item.get("id")
            asked = {key: item.get(key) for key in ("name", "server_label", "arguments")}
            call = {"id": call_id, "type": "mcp", **asked}
        else:
            continue
        if call_id not in answered:
            calls[call["type"], call_id] = call
    return [*calls.values()]


def fuller(known: Any, other: Any) -> Any:
    """Which of two arguments of a call tells more: not empty, and not cut."""
    return max(known, other, key=_told)


def keep_item(items: dict[Hashable, JSON], item: JSON, place: object) -> None:
    """Keep an item that is done. One that is told twice is one, with the fuller arguments."""
    name = item.get("call_id") or (place if isinstance(place, int) else item.get("id"))
    key = repr((item.get("type"), name))
    arguments = fuller(items.get(key, {}).get("arguments"), item.get("arguments"))
    items[key] = {**item, "arguments": arguments} if "arguments" in item else item


def _told(arguments: Any) -> int:
    """How much arguments tell."""
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments or "null")
        except (ValueError, RecursionError):
            return 2 if arguments.strip() else 0
    if arguments is None:
        return 0
    return 3 if arguments else 1


def _missing(output: Sequence[JSON], items: Iterable[JSON]) -> Iterator[JSON]:
    """The items of a stream that the finished response lacks.

    Calls have ids of their own. An approval is known by its item's id, which may be another one in
    the response: there are as many of them as were told by the one that tells more.
    """
    ids = {item.get("id") for item in output}
    approvals = [item for item in items if item.get("type") == "mcp_approval_request"]
    others = [item for item in items if item.get("type") != "mcp_approval_request"]
    yield from others
    known = sum(item.get("type") == "mcp_approval_request" for item in output)
    lacks = (item for item in approvals if item.get("id") not in ids)
    yield from islice(lacks, max(len(approvals) - known, 0))


def _is_whole(item: JSON) -> bool:
    """Whether an item that may be a call was not cut."""
    if item.get("type") != "function_call":
        return True
    return item.get("status") in (None, "completed") and _told(item.get("arguments")) != 2


def answer_items(pending: Pending) -> list[JSON]:
    """The items that answer calls. What the history leaves unanswered is given up, or denied."""
    outputs = [_output(given["tool_call_id"], given["output"]) for given in pending.outputs]
    approvals = [
        _approval(given["tool_call_id"], given["approve"], given.get("reason"))
        for given in pending.approvals
    ]
    if outputs or approvals:
        return outputs + approvals
    return [
        _approval(id_, False) if id_ in pending.approval_ids else _output(id_, _GIVEN_UP)
        for id_ in sorted(pending.call_ids)
    ]


def _output(call_id: str, output: str | list[JSON]) -> JSON:
    return {"type": "function_call_output", "call_id": call_id, "output": output}


def _approval(request_id: str, approve: object, reason: str | None = None) -> JSON:
    decided = {
        "type": "mcp_approval_response",
        "approval_request_id": request_id,
        "approve": approve,
    }
    return decided if reason is None else {**decided, "reason": reason}
