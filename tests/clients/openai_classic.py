"""openai's Assistants on the classic generation, as it speaks to OpenAI's own."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from . import openai_desk
from .openai_desk import ids
from .seats import everything

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGES = ("openai",)
METADATA = {"k": "v"}
TOOL: Any = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}},
}


class Classic:
    """What the operations of assistants need, made as they ask for it."""

    path = ""
    # The version that knows the deletion of messages.
    query: dict[str, object] | None = {"api-version": "2025-05-15-preview"}  # noqa: RUF012 - read only
    client: Any

    @cached_property
    def assistant(self) -> Any:
        return self.client.beta.assistants.create(model="gpt-4o", tools=[TOOL])

    @cached_property
    def thread(self) -> Any:
        return self.client.beta.threads.create(
            messages=[{"role": "user", "content": "What is 17 * 23?"}]
        )

    @cached_property
    def message(self) -> Any:
        return self.client.beta.threads.messages.create(
            self.thread.id, role="user", content="What is 2 + 3?"
        )

    @cached_property
    def here(self) -> dict[str, str]:
        """Where runs are."""
        return {"thread_id": self.thread.id}

    @cached_property
    def run(self) -> Any:
        """A run that has come to its end."""
        return self.client.beta.threads.runs.create_and_poll(
            assistant_id=self.assistant.id, **self.here
        )

    @cached_property
    def waiting(self) -> Any:
        """A run that waits for the output of a function."""
        return self.client.beta.threads.runs.create_and_poll(
            assistant_id=self.assistant.id,
            tool_choice={"type": "function", "function": {"name": "get_weather"}},
            **self.here,
        )

    @cached_property
    def outputs(self) -> Any:
        calls = self.waiting.required_action.submit_tool_outputs.tool_calls
        return [{"tool_call_id": call.id, "output": "Sunny."} for call in calls]

    def last(self, stream: Any) -> str:
        """The last event but the end."""
        return str(everything(stream)[-1].event)


class Desk(Classic, openai_desk.Desk):
    """A sync client."""


class AsyncDesk(Classic, openai_desk.AsyncDesk):
    """An async client."""


COMPLETED = "thread.run.completed"
OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "beta.assistants.create": lambda desk: desk.assistant.tools[0].function.name == "get_weather",
    "beta.assistants.retrieve": lambda desk: (
        desk.client.beta.assistants.retrieve(desk.assistant.id) == desk.assistant
    ),
    "beta.assistants.update": lambda desk: (
        desk.client.beta.assistants.update(desk.assistant.id, name="b").name == "b"
    ),
    "beta.assistants.list": lambda desk: (
        [desk.assistant.id] == ids(desk.client.beta.assistants.list(limit=1))
    ),
    "beta.assistants.delete": lambda desk: desk.gone(
        lambda: desk.client.beta.assistants.delete(desk.assistant.id),
        desk.client.beta.assistants.list,
    ),
    "beta.threads.create": lambda desk: desk.thread.id.startswith("thread_"),
    "beta.threads.retrieve": lambda desk: (
        desk.client.beta.threads.retrieve(desk.thread.id) == desk.thread
    ),
    "beta.threads.update": lambda desk: (
        desk.client.beta.threads.update(desk.thread.id, metadata=METADATA).metadata == METADATA
    ),
    "beta.threads.delete": lambda desk: desk.client.beta.threads.delete(desk.thread.id).deleted,
    "beta.threads.create_and_run": lambda desk: desk.client.beta.threads.create_and_run(
        assistant_id=desk.assistant.id
    ).id.startswith("run_"),
    "beta.threads.create_and_run_poll": lambda desk: (
        desk.client.beta.threads.create_and_run_poll(
            assistant_id=desk.assistant.id, poll_interval_ms=1
        ).status
        == "completed"
    ),
    "beta.threads.create_and_run_stream": lambda desk: (
        desk.last(desk.client.beta.threads.create_and_run_stream(assistant_id=desk.assistant.id))
        == COMPLETED
    ),
    "beta.threads.messages.create": lambda desk: desk.message.role == "user",
    "beta.threads.messages.retrieve": lambda desk: (
        desk.client.beta.threads.messages.retrieve(desk.message.id, **desk.here) == desk.message
    ),
    "beta.threads.messages.update": lambda desk: (
        desk.client.beta.threads.messages.update(
            desk.message.id, metadata=METADATA, **desk.here
        ).metadata
        == METADATA
    ),
    "beta.threads.messages.list": lambda desk: (
        desk.message.id == ids(desk.client.beta.threads.messages.list(desk.thread.id, limit=1))[0]
    ),
    "beta.threads.messages.delete": lambda desk: (
        desk.client.beta.threads.messages.delete(desk.message.id, **desk.here).deleted
    ),
    "beta.threads.runs.create": lambda desk: (
        desk.client.beta.threads.runs.create(assistant_id=desk.assistant.id, **desk.here).thread_id
        == desk.thread.id
    ),
    "beta.threads.runs.create(stream=True)": lambda desk: (
        desk.last(
            desk.client.beta.threads.runs.create(
                assistant_id=desk.assistant.id, stream=True, **desk.here
            )
        )
        == COMPLETED
    ),
    "beta.threads.runs.create_and_poll": lambda desk: desk.run.status == "completed",
    "beta.threads.runs.create_and_stream": lambda desk: (
        desk.last(
            desk.client.beta.threads.runs.create_and_stream(
                assistant_id=desk.assistant.id, **desk.here
            )
        )
        == COMPLETED
    ),
    "beta.threads.runs.stream": lambda desk: (
        desk.last(desk.client.beta.threads.runs.stream(assistant_id=desk.assistant.id, **desk.here))
        == COMPLETED
    ),
    "beta.threads.runs.poll": lambda desk: (
        desk.client.beta.threads.runs.poll(desk.run.id, **desk.here).usage.total_tokens
        == desk.run.usage.total_tokens
    ),
    "beta.threads.runs.retrieve": lambda desk: (
        desk.client.beta.threads.runs.retrieve(desk.run.id, **desk.here) == desk.run
    ),
    "beta.threads.runs.update": lambda desk: (
        desk.client.beta.threads.runs.update(desk.run.id, metadata=METADATA, **desk.here).metadata
        == METADATA
    ),
    "beta.threads.runs.list": lambda desk: (
        [desk.run.id] == ids(desk.client.beta.threads.runs.list(desk.thread.id, limit=1))
    ),
    "beta.threads.runs.cancel": lambda desk: (
        desk.client.beta.threads.runs.cancel(desk.waiting.id, **desk.here).status == "cancelling"
    ),
    "beta.threads.runs.submit_tool_outputs": lambda desk: (
        desk.client.beta.threads.runs.submit_tool_outputs(
            desk.waiting.id, tool_outputs=desk.outputs, **desk.here
        ).required_action
        is None
    ),
    "beta.threads.runs.submit_tool_outputs_and_poll": lambda desk: (
        desk.client.beta.threads.runs.submit_tool_outputs_and_poll(
            run_id=desk.waiting.id, tool_outputs=desk.outputs, poll_interval_ms=1, **desk.here
        ).status
        == "completed"
    ),
    "beta.threads.runs.submit_tool_outputs_stream": lambda desk: (
        desk.last(
            desk.client.beta.threads.runs.submit_tool_outputs_stream(
                run_id=desk.waiting.id, tool_outputs=desk.outputs, **desk.here
            )
        )
        == COMPLETED
    ),
    "beta.threads.runs.steps.list": lambda desk: (
        [
            one.type
            for one in everything(
                desk.client.beta.threads.runs.steps.list(desk.run.id, **desk.here)
            )
        ]
        == ["message_creation"]
    ),
    "beta.threads.runs.steps.retrieve": lambda desk: (
        desk.client.beta.threads.runs.steps.retrieve(
            ids(desk.client.beta.threads.runs.steps.list(desk.run.id, **desk.here))[0],
            run_id=desk.run.id,
            **desk.here,
        ).status
        == "completed"
    ),
}
