"""How records look on the wire: each object is built here and nowhere else.

Key order is that of recorded traffic. Two objects differ between JSON answers and streams:
messages show their status only in streams, runs show `tool_resources` only in JSON answers.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.json_text import utf8
from langchain_foundry_agents.emulator.server_tools import shown

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import (
        Agent,
        File,
        JsonObject,
        Message,
        Run,
        RunStep,
        ServerCall,
        Thread,
        ToolCall,
        Usage,
    )


def pretty(body: JsonObject) -> bytes:
    """A JSON answer as bytes: two spaces of indentation."""
    return utf8(json.dumps(body, ensure_ascii=False, indent=2))


def agent_json(agent: Agent) -> JsonObject:
    """An agent."""
    return {
        "id": agent.id,
        "object": "assistant",
        "created_at": agent.created_at,
        "name": agent.name,
        "description": agent.description,
        "model": agent.model,
        "instructions": agent.instructions,
        "tools": agent.tools,
        "top_p": agent.top_p,
        "temperature": agent.temperature,
        "tool_resources": agent.tool_resources,
        "metadata": agent.metadata,
        "response_format": agent.response_format,
    }


def thread_json(thread: Thread) -> JsonObject:
    """A thread."""
    return {
        "id": thread.id,
        "object": "thread",
        "created_at": thread.created_at,
        "metadata": thread.metadata,
        "tool_resources": thread.tool_resources,
    }


def deleted_json(kind: str, identifier: str) -> JsonObject:
    """The answer to a deletion."""
    return {"id": identifier, "object": f"{kind}.deleted", "deleted": True}


def message_json(message: Message, *, streamed: bool = False) -> JsonObject:
    """A message; its status shows in streams only."""
    status: JsonObject = {
        "status": message.status,
        "incomplete_details": _reason(message.incomplete_reason),
        "incomplete_at": message.incomplete_at,
        "completed_at": message.completed_at,
    }
    return {
        "id": message.id,
        "object": "thread.message",
        "created_at": message.created_at,
        "assistant_id": message.agent_id,
        "thread_id": message.thread_id,
        "run_id": message.run_id,
        **(status if streamed else {}),
        "role": message.role,
        # A copy: events are read after the message has grown.
        "content": deepcopy(message.content),
        "attachments": message.attachments,
        "metadata": message.metadata,
    }


def run_json(run: Run, *, streamed: bool = False) -> JsonObject:
    """A run; a stream shows fixed `tool_resources`, whatever the run has."""
    return {
        "id": run.id,
        "object": "thread.run",
        "created_at": run.created_at,
        "assistant_id": run.agent_id,
        "thread_id": run.thread_id,
        "status": run.status,
        "started_at": run.started_at,
        "expires_at": None if run.over else int(run.deadline),
        **_ends(run.status, run.ended_at, ("cancelled", "failed", "completed")),
        "required_action": _required_action(run),
        "last_error": run.last_error,
        "model": run.model,
        "instructions": run.instructions,
        "tools": run.tools,
        "tool_resources": (
            {"code_interpreter": {"file_ids": []}} if streamed else run.tool_resources
        ),
        "metadata": run.metadata,
        "temperature": run.temperature,
        "top_p": run.top_p,
        "max_completion_tokens": run.max_completion_tokens,
        "max_prompt_tokens": run.max_prompt_tokens,
        "truncation_strategy": run.truncation_strategy,
        "incomplete_details": _reason(run.incomplete_reason),
        "usage": usage_json(run.usage) if run.over else None,
        "response_format": run.response_format,
        "tool_choice": run.tool_choice,
        "parallel_tool_calls": run.parallel_tool_calls,
    }


def step_json(
    run: Run, step: RunStep, *, streamed: bool = False, with_content: bool = False
) -> JsonObject:
    """A run step; a stream shows `expires_at` of finished steps too."""
    working = step.status == "in_progress"
    ends = _ends(step.status, step.ended_at, ("cancelled", "completed", "failed"))
    return {
        "id": step.id,
        "object": "thread.run.step",
        "created_at": step.created_at,
        "run_id": run.id,
        "assistant_id": run.agent_id,
        "thread_id": run.thread_id,
        "type": step.type,
        "status": step.status,
        "cancelled_at": ends["cancelled_at"],
        "completed_at": ends["completed_at"],
        "expires_at": int(run.deadline) if streamed or working else None,
        "failed_at": ends["failed_at"],
        "last_error": step.last_error,
        "step_details": _step_details(step, with_content=with_content),
        "usage": None if working else usage_json(step.usage),
    }


def file_json(file: File) -> JsonObject:
    """A file."""
    return {
        "object": "file",
        "id": file.id,
        "purpose": file.purpose,
        "filename": file.filename,
        "bytes": len(file.data),
        "created_at": file.created_at,
        "expires_at": None,
        "status": "processed",
        "status_details": None,
    }


def usage_json(usage: Usage) -> JsonObject:
    """Token counts."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_token_details": {"cached_tokens": usage.cached_tokens},
    }


def text_block(text: str) -> JsonObject:
    """Text as it stands in a message."""
    return {"type": "text", "text": {"value": text, "annotations": []}}


def text_piece(text: str, annotations: list[JsonObject] | None) -> JsonObject:
    """A piece of a message's text; only the first, and markers, carry annotations."""
    value: JsonObject = {"value": text}
    if annotations is not None:
        value["annotations"] = annotations
    return {"type": "text", "text": value}


def message_delta(message: Message, part: JsonObject) -> JsonObject:
    """A piece of a message's latest part."""
    return {
        "id": message.id,
        "object": "thread.message.delta",
        "delta": {"content": [{"index": len(message.content) - 1, **part}]},
    }


def step_delta(step: RunStep, call: JsonObject) -> JsonObject:
    """A piece of a call."""
    return {
        "id": step.id,
        "object": "thread.run.step.delta",
        "delta": {"step_details": {"type": "tool_calls", "tool_calls": [call]}},
    }


def call_opening(index: int, call: ToolCall) -> JsonObject:
    """The first piece of a function call: who is called, nothing of the arguments yet."""
    function = {"name": call.name, "arguments": "", "output": None}
    return {"index": index, "id": call.id, "type": "function", "function": function}


def call_piece(index: int, arguments: str) -> JsonObject:
    """A later piece of a function call."""
    return {"index": index, "type": "function", "function": {"arguments": arguments}}


def _ends(status: str, ended_at: int | None, names: tuple[str, ...]) -> JsonObject:
    return {f"{name}_at": ended_at if status == name else None for name in names}


def _reason(reason: str | None) -> JsonObject | None:
    return {"reason": reason} if reason else None


def _call_json(call: ToolCall, **more: str | None) -> JsonObject:
    function = {"name": call.name, "arguments": call.arguments, **more}
    return {"id": call.id, "type": "function", "function": function}


def _required_action(run: Run) -> JsonObject | None:
    if calls := run.pending_calls:
        return _action("submit_tool_outputs", [_call_json(call) for call in calls])
    if approvals := run.pending_approvals:
        return _action("submit_tool_approval", [_approval_json(call) for call in approvals])
    return None


def _action(kind: str, calls: list[JsonObject]) -> JsonObject:
    return {"type": kind, kind: {"tool_calls": calls}}


def _approval_json(call: ServerCall) -> JsonObject:
    asked = {name: value for name, value in call.members.items() if name != "output"}
    return {"id": call.id, "type": call.kind, **asked}


def _step_details(step: RunStep, *, with_content: bool) -> JsonObject:
    match step.type:
        case "message_creation":
            details: JsonObject | list[JsonObject] = {"message_id": step.message_id}
        case "activities":
            details = step.activities
        case _:
            details = [_call_json(call, output=call.output) for call in step.tool_calls]
            details += [shown(call, with_content=with_content) for call in step.server_calls]
    return {"type": step.type, step.type: details}
