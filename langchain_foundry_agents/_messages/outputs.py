"""Tool messages → outputs and approvals, for the run that asked for them.

The service takes the answers to all calls of a run in one request: each call needs exactly one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from langchain_foundry_agents._messages.ours import (
    APPROVAL_REQUEST,
    JSON,
    Storage,
    asked_by,
    conversation_key,
    placed,
)
from langchain_foundry_agents._messages.results import output_text
from langchain_foundry_agents._record import Asked, Record
from langchain_foundry_agents.errors import ToolOutputError

Form = Callable[[ToolMessage], str | list[JSON]]

_LONGEST_OUTPUT = 1_500_000
_LONGEST_REASON = 1_000
_NO_SUCH_TOOL = f"{APPROVAL_REQUEST} is not a valid tool"
"""ToolNode's words where nobody answers approvals: no reason that a model could use."""


class Approval(NamedTuple):
    """The answer to one request for an approval of an MCP call."""

    call_id: str
    server_label: str | None
    approve: bool
    reason: str | None = None
    """Why not, in the words of whoever denied it."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Tool calls that a history ends in, and what it answers: all of them, or none."""

    ids: frozenset[str]
    outputs: tuple[JSON, ...] = ()
    approvals: tuple[Approval, ...] = ()
    """What the history says to requests for an approval."""
    asked: Asked | None = None
    """The run that asked, where it is known."""
    approval_ids: frozenset[str] = frozenset()
    """Which of the calls ask for an approval."""


def read_calls(
    messages: Sequence[BaseMessage],
    last: int,
    record: Record,
    storage: Storage = "thread",
    *,
    owner: str = "",
    form: Form = output_text,
) -> Calls | None:
    """The calls of the history's last answer; `None` if it has none, or another model's.

    Args:
        messages: The history.
        last: Where its last answer stands.
        record: What this process remembers of calls.
        storage: What keeps the history.
        owner: Who asks, of which agent: calls of others are not found.
        form: Puts what a tool gave into the form that a run takes.

    Raises:
        ToolOutputError: An output answers no call, or ours are not all answered just once.
    """
    _check_calls_exist(messages, last)
    answer = messages[last] if last >= 0 else None
    if not isinstance(answer, AIMessage) or not (ids := call_ids(answer)):
        return None
    tools = [message for message in messages[last + 1 :] if isinstance(message, ToolMessage)]
    given = {message.tool_call_id: message for message in tools}
    asked = asked_by(answer, storage)
    key = conversation_key(owner, messages[:last])
    known = placed(record.find(key, ids[0], asked and asked.run_id), storage)
    asked = known if asked is None or (known and known[:2] == asked[:2]) else asked
    asking = frozenset(
        str(call["id"]) for call in answer.tool_calls if call["name"] == APPROVAL_REQUEST
    )
    # Nobody answers a call that is invalid: the model is told so.
    broken = {str(call["id"]): call["error"] for call in answer.invalid_tool_calls}
    missing = [id_ for id_ in ids if id_ not in given and id_ not in broken]
    follows = any(not isinstance(message, ToolMessage) for message in messages[last + 1 :])
    if not given and (follows or not missing or not asked):
        return Calls(frozenset(ids), asked=asked, approval_ids=asking)
    if asked and (missing or len(tools) > len(given)):
        raise _not_just_one_each(missing, asked)
    if missing:
        return None
    approvals = tuple(
        Approval(
            str(call["id"]), call["args"].get("server_label"), *_decision(given[str(call["id"])])
        )
        for call in answer.tool_calls
        if call["id"] in asking
    )
    others = (id_ for id_ in ids if id_ not in asking)
    outputs = tuple(_map_output(id_, given.get(id_), broken.get(id_), form) for id_ in others)
    return Calls(frozenset(ids), outputs, approvals, asked, asking)


def call_ids(message: AIMessage) -> list[str]:
    """Ids of an answer's calls, valid or not."""
    return [str(call["id"]) for call in [*message.tool_calls, *message.invalid_tool_calls]]


def _not_just_one_each(missing: Sequence[str], asked: Asked) -> ToolOutputError:
    what = f"There is no output for {', '.join(missing)}" if missing else "A call has two outputs"
    return ToolOutputError(
        f"{what}.",
        remedy="Answer each tool call with just one ToolMessage.",
        thread_id=asked.thread_id,
        run_id=asked.run_id,
    )


def _map_output(call_id: str, message: ToolMessage | None, broken: str | None, form: Form) -> JSON:
    if message is None:
        reason = broken or "The arguments are no JSON object."
        return {"tool_call_id": call_id, "output": f"Error: the call is invalid. {reason}"}
    output = form(message)
    text = output if isinstance(output, str) else "".join(one.get("text", "") for one in output)
    if len(text) > _LONGEST_OUTPUT:
        raise ToolOutputError(
            f"The output for {call_id} has {len(text):,} characters; the service takes up to "
            f"{_LONGEST_OUTPUT:,}.",
            remedy="Shorten it, or upload it as a file.",
        )
    return {"tool_call_id": call_id, "output": output}


def _decision(message: ToolMessage) -> tuple[bool, str | None]:
    """Whether an approval is given, and why not.

    Only `true` and `{"approve": true}` approve. Whatever else is said denies, and is the reason: a
    checkpointed history holds it for ever, so that an error would end the conversation.
    """
    text = message.text.strip()
    # ToolNode and HumanInTheLoopMiddleware say so of a call that did not run.
    if message.status == "error":
        return False, None if _NO_SUCH_TOOL in text else text[:_LONGEST_REASON] or None
    match _json_of(text):
        case bool(approve):
            return approve, None
        case {"approve": bool(approve), **rest}:
            reason = rest.get("reason")
            return approve, reason if isinstance(reason, str) and not approve else None
    return False, text[:_LONGEST_REASON] or None


def _json_of(text: str) -> Any:
    """What a text says as JSON, or as Python writes True and False; `None` for other texts."""
    with suppress(ValueError, RecursionError):
        return json.loads(text.lower() if text.lower() in {"true", "false"} else text)
    return None


def _check_calls_exist(messages: Sequence[BaseMessage], last: int) -> None:
    """Outputs further up may have lost their calls to trimming, and are not sent."""
    tools = [message for message in messages[last + 1 :] if isinstance(message, ToolMessage)]
    if not tools:
        return
    answers = (message for message in messages if isinstance(message, AIMessage))
    asked = {call_id for answer in answers for call_id in call_ids(answer)}
    for message in tools:
        if message.tool_call_id not in asked:
            raise ToolOutputError(
                f"The output for {message.tool_call_id} answers no call of the history.",
                remedy="Pass the AI message with the tool call on, before its outputs.",
            )
