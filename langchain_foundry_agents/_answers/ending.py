"""How a turn ended → the metadata of its last chunk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from langchain_foundry_agents._messages import (
    HISTORY_DIGEST,
    INSTRUCTIONS_DIGEST,
    JSON,
    RUN_OPTIONS,
)

_FINISH_REASONS = {
    "max_completion_tokens": "length",
    "max_output_tokens": "length",
    "max_prompt_tokens": "length",
    "content_filter": "content_filter",
}
_ELSEWHERE = {
    *("id", "object", "conversation", "agent_reference", "agent_session_id"),
    *("status", "error", "incomplete_details", "model", "usage"),
    *("output", "output_text", "required_action", "cut_calls"),
}
"""Members of a response that the message tells elsewhere: ids, how it ended, its content."""
_SETTINGS = {
    *("instructions", "tools", "prompt", "text", "tool_choice", "parallel_tool_calls"),
    *("temperature", "top_p", "top_logprobs", "frequency_penalty", "presence_penalty"),
    *("truncation", "max_output_tokens", "max_tool_calls"),
}
"""Of the definition and the call: long, the same each time, and not for every trace. The service
shows some only in streams, and others only when it is asked for the response."""
_HOW_IT_WAS_FOLLOWED = {"background", "store", "stream", "stream_options"}
"""The caller's choice, in which a streamed and a polled answer differ."""
_OURS = {
    *("agent_id", "agent_name", "agent_version", "thread_id", "conversation_id", "run_id"),
    *("response_id", "message_ids", "model_provider", "stored", "oauth_consent_requests"),
    *("attempts", "forked_from", "deleted_thread_id", "request_id"),
    *(HISTORY_DIGEST, INSTRUCTIONS_DIGEST, RUN_OPTIONS),
}
"""What metadata of these names say is ours: LangChain would join two texts to one."""
_LEFT_OUT = _ELSEWHERE | _SETTINGS | _HOW_IT_WAS_FOLLOWED | _OURS


class Ending(Protocol):
    """How a turn ended."""

    @property
    def run(self) -> JSON:
        """The run or response, as the service gave it last."""

    @property
    def earlier(self) -> Sequence[JSON]:
        """The turn's responses before it."""

    @property
    def attempts(self) -> int:
        """How many runs it took."""

    @property
    def forked_from(self) -> str | None:
        """The thread that was left behind."""

    @property
    def temporary(self) -> bool:
        """Whether the thread is to be deleted once its calls are answered."""

    @property
    def deleted_thread_id(self) -> str | None:
        """The thread that was deleted with the turn."""

    @property
    def request_id(self) -> str | None:
        """The service's id of the request."""


def usages(ending: Ending) -> list[JSON]:
    """What the service says that each run of the turn used, where it says so."""
    return [run["usage"] for run in (*ending.earlier, ending.run) if run.get("usage")]


def ending_metadata(ending: Ending, *, cut: bool) -> JSON:
    """What the last chunk says of the turn.

    Args:
        ending: How it ended.
        cut: Whether a stop sequence ended the text.
    """
    run = ending.run
    details = run.get("incomplete_details") or {}
    otherwise = "length" if run.get("cut_calls") else "stop"
    reason = _FINISH_REASONS.get(str(details.get("reason")), otherwise)
    if run.get("status") == "requires_action":
        reason = "tool_calls"
    metadata = {
        "model_name": run.get("model"),
        "status": run.get("status"),
        "finish_reason": "stop" if cut else reason,
        "usage_source": "service" if usages(ending) else "estimated",
    }
    optional = {
        "incomplete_details": details,
        "request_id": ending.request_id,
        "attempts": ending.attempts if ending.attempts > 1 else None,
        "forked_from": ending.forked_from,
        "deleted_thread_id": ending.deleted_thread_id,
    }
    there = {name: value for name, value in optional.items() if value}
    return {**_members(run), **metadata, **there}


def _members(run: JSON) -> JSON:
    """All that a response says and the message does not tell elsewhere."""
    if run.get("object") != "response":
        return {}
    return {
        name: value
        for name, value in map(_without_nulls, run.items())
        if name not in _LEFT_OUT and value not in (None, "", [], {})
    }


def _without_nulls(member: tuple[str, Any]) -> tuple[str, Any]:
    """A member as all answers have it: only streams show what is not set, as null."""
    name, value = member
    if not isinstance(value, dict):
        return member
    return name, {key: one for key, one in value.items() if one is not None}
