"""How records look on the wire: each object is built here and nowhere else.

Key order is that of recorded traffic. Two objects differ between JSON answers and streams:
messages show their status only in streams, runs show `tool_resources` only in JSON answers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import (
        Agent,
        JsonObject,
        Message,
        Run,
        RunStep,
        Thread,
        ToolCall,
        Usage,
    )


def pretty(body: JsonObject) -> bytes:
    """A JSON answer as bytes: two spaces of indentation."""
    return json.dumps(body, ensure_ascii=False, indent=2).encode()


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
        "content": message.content,
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
        "required_action": _required_action(run.pending_calls),
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


def step_json(run: Run, step: RunStep, *, streamed: bool = False) -> JsonObject:
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
        "type": _step_type(step),
        "status": step.status,
        "cancelled_at": ends["cancelled_at"],
        "completed_at": ends["completed_at"],
        "expires_at": int(run.deadline) if streamed or working else None,
        "failed_at": ends["failed_at"],
        "last_error": step.last_error,
        "step_details": _step_details(step),
        "usage": None if working else usage_json(step.usage),
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


def message_delta(message: Message, text: str, *, first: bool) -> JsonObject:
    """A piece of text; only the first of a message carries (empty) annotations."""
    value = {"value": text, "annotations": []} if first else {"value": text}
    return {
        "id": message.id,
        "object": "thread.message.delta",
        "delta": {"content": [{"index": 0, "type": "text", "text": value}]},
    }


def step_delta(step: RunStep, call: JsonObject) -> JsonObject:
    """A piece of a function call."""
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


def _required_action(calls: list[ToolCall]) -> JsonObject | None:
    if not calls:
        return None
    return {
        "type": "submit_tool_outputs",
        "submit_tool_outputs": {"tool_calls": [_call_json(call) for call in calls]},
    }


def _step_type(step: RunStep) -> str:
    return "message_creation" if step.message_id else "tool_calls"


def _step_details(step: RunStep) -> JsonObject:
    if step.message_id:
        return {
            "type": "message_creation",
            "message_creation": {"message_id": step.message_id},
        }
    calls = [_call_json(call, output=call.output) for call in step.tool_calls]
    return {"type": "tool_calls", "tool_calls": calls}
