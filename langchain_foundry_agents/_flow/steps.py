"""What a classic run's steps tell, as the events that a stream would have brought."""

from __future__ import annotations

from langchain_foundry_agents._flow.effects import JSON, Event

_COMPLETED = "thread.message.completed"


def step_event(step: JSON, messages: dict[str, JSON]) -> Event | None:
    """The message that a step wrote, which is taken from these, or the step; `None` if it is gone.

    Args:
        step: The step as the service lists it.
        messages: The run's messages that were not told yet, by id.
    """
    written = (_details(step).get("message_creation") or {}).get("message_id")
    if written is None:
        return f"thread.run.step.{step.get('status')}", step
    return message_event(messages.pop(written)) if written in messages else None


def message_event(message: JSON) -> Event:
    """A whole message."""
    return _COMPLETED, message


def step_calls(step: JSON) -> list[JSON]:
    """The tool calls of a step."""
    return _details(step).get("tool_calls") or []


def _details(step: JSON) -> JSON:
    return step.get("step_details") or {}
