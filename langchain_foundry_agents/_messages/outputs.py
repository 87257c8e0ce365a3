"""Tool messages → outputs and approvals, for the run that asked for them.

The service takes the answers to all calls of a run in one request: each call needs exactly one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.messages import AIMessage, BaseMessage, FunctionMessage, ToolMessage

from langchain_foundry_agents._messages.ours import (
    JSON,
    Storage,
    asked_by,
    conversation_key,
    placed,
)
from langchain_foundry_agents._record import Asked, Record
from langchain_foundry_agents.errors import ToolOutputError

APPROVAL_REQUEST = "mcp_approval_request"
"""The name of the tool call that an approval of an MCP call is asked with."""

_LONGEST_OUTPUT = 1_500_000


@dataclass(frozen=True, slots=True)
class Calls:
    """Tool calls that a history ends in, and what it answers: all of them, or none."""

    ids: frozenset[str]
    outputs: tuple[JSON, ...] = ()
    approvals: tuple[tuple[str, str | None, bool], ...] = ()
    """Call, label of the MCP server, and whether it is approved."""
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
) -> Calls | None:
    """The calls of the history's last answer; `None` if it has none, or another model's.

    Args:
        messages: The history.
        last: Where its last answer stands.
        record: What this process remembers of calls.
        storage: What keeps the history.
        owner: Who asks, of which agent: calls of others are not found.

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
        (str(call["id"]), call["args"].get("server_label"), _approves(given[str(call["id"])]))
        for call in answer.tool_calls
        if call["id"] in asking
    )
    others = (id_ for id_ in ids if id_ not in asking)
    outputs = tuple(_map_output(id_, given.get(id_), broken.get(id_)) for id_ in others)
    return Calls(frozenset(ids), outputs, approvals, asked, asking)


def call_ids(message: AIMessage) -> list[str]:
    """Ids of an answer's calls, valid or not."""
    return [str(call["id"]) for call in [*message.tool_calls, *message.invalid_tool_calls]]


def output_text(message: ToolMessage | FunctionMessage) -> str:
    """A tool message as text; that of a tool that failed says so."""
    text = str(message.text)
    if isinstance(message.content, list):
        others = [
            json.dumps(block, ensure_ascii=False, default=str)
            for block in message.content
            if isinstance(block, dict) and block.get("type") != "text"
        ]
        text = "\n".join(filter(None, [text, *others]))
    failed = isinstance(message, ToolMessage) and message.status == "error"
    return f"Error: {text}" if failed and not text.lower().startswith("error") else text


def _not_just_one_each(missing: Sequence[str], asked: Asked) -> ToolOutputError:
    what = f"There is no output for {', '.join(missing)}" if missing else "A call has two outputs"
    return ToolOutputError(
        f"{what}.",
        remedy="Answer each tool call with just one ToolMessage.",
        thread_id=asked.thread_id,
        run_id=asked.run_id,
    )


def _map_output(call_id: str, message: ToolMessage | None, broken: str | None) -> JSON:
    if message is None:
        reason = broken or "The arguments are no JSON object."
        return {"tool_call_id": call_id, "output": f"Error: the call is invalid. {reason}"}
    text = output_text(message)
    if len(text) > _LONGEST_OUTPUT:
        raise ToolOutputError(
            f"The output for {call_id} has {len(text):,} characters; the service takes up to "
            f"{_LONGEST_OUTPUT:,}.",
            remedy="Shorten it, or upload it as a file.",
        )
    return {"tool_call_id": call_id, "output": text}


def _approves(message: ToolMessage) -> bool:
    """Whether an approval is given: `true`, `false`, or `{"approve": true | false}`."""
    try:
        said = json.loads(message.text.strip().lower())
    except (ValueError, RecursionError):
        said = None
    if isinstance(said, dict):
        said = said.get("approve")
    if not isinstance(said, bool):
        raise ToolOutputError(
            f"The answer to the approval request {message.tool_call_id} is neither true nor false.",
            remedy='Answer with true, false, or {"approve": true}.',
        )
    return said and message.status != "error"


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
