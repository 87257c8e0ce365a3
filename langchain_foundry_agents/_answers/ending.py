"""How a turn ended → the metadata of its last chunk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from langchain_foundry_agents._messages import JSON

_FINISH_REASONS = {
    "max_completion_tokens": "length",
    "max_output_tokens": "length",
    "max_prompt_tokens": "length",
    "content_filter": "content_filter",
}


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
        "content_filters": run.get("content_filters"),
        "attempts": ending.attempts if ending.attempts > 1 else None,
        "forked_from": ending.forked_from,
        "deleted_thread_id": ending.deleted_thread_id,
    }
    return {**metadata, **{name: value for name, value in optional.items() if value}}
