"""A thread and a run, as the messages that the brain reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolCall,
    ToolMessage,
)

from langchain_foundry_agents.emulator import records
from langchain_foundry_agents.emulator.events import compact
from langchain_foundry_agents.emulator.tokens import count_messages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_RESULTS = ("output", "outputs", "results", "response_metadata")


def prompt(run: records.Run) -> list[BaseMessage]:
    """What the brain reads: instructions, the thread so far, and the run's own tool calls.

    `truncation_strategy` takes away from the thread's oldest end, `max_prompt_tokens` from its
    middle; the newest message stays.
    """
    system = _system(run)
    history = [
        _thread_message(message) for message in run.thread.messages if message.run_id != run.id
    ]
    own = _own_messages(run)
    if kept := run.truncation_strategy["last_messages"]:
        history = history[-kept:]
    budget = run.max_prompt_tokens
    while budget and len(history) > 1 and count_messages([*system, *history, *own]) > budget:
        history.pop((len(history) - 1) // 2)
    return [*system, *history, *own]


def _system(run: records.Run) -> list[BaseMessage]:
    parts = [part for part in (run.instructions, run.additional_instructions) if part]
    return [SystemMessage("\n".join(parts))] if parts else []


def _thread_message(message: records.Message) -> BaseMessage:
    blocks = [_block(block) for block in message.content]
    content: Any = blocks
    if message.role == "assistant" or all(block["type"] == "text" for block in blocks):
        # Chat models read pictures of users only.
        content = "\n".join(block["text"] for block in blocks if block["type"] == "text")
    return AIMessage(content) if message.role == "assistant" else HumanMessage(content)


def _block(block: records.JsonObject) -> records.JsonObject:
    match block["type"]:
        case "text":
            return {"type": "text", "text": block["text"]["value"]}
        case "image_file":
            return {"type": "image", "file_id": block["image_file"]["file_id"]}
        case _:
            return dict(block)


def _own_messages(run: records.Run) -> list[BaseMessage]:
    written = {message.id: message for message in run.thread.messages if message.run_id == run.id}
    messages: list[BaseMessage] = []
    for step in run.steps:
        if step.message_id in written:
            messages.append(_thread_message(written[step.message_id]))
        if calls := [*step.tool_calls, *map(_as_function, step.server_calls)]:
            # Text in front of tool calls came from the same model call: it is one message.
            text = messages.pop().text if messages and isinstance(messages[-1], AIMessage) else ""
            messages.append(AIMessage(str(text), tool_calls=[_call(call) for call in calls]))
            messages.extend(_outputs(calls))
    return messages


def _as_function(call: records.ServerCall) -> records.ToolCall:
    """A server tool's call in the form that every chat model understands."""
    given = {name: value for name, value in call.members.items() if name not in _RESULTS}
    outputs = [call.members[name] for name in _RESULTS if call.members.get(name) is not None]
    shown = [one if isinstance(one, str) else compact(one) for one in outputs]
    arguments = given.pop("arguments", None) or compact(given)
    return records.ToolCall(call.id, given.get("name") or call.kind, arguments, "".join(shown))


def _call(call: records.ToolCall) -> ToolCall:
    try:
        arguments = json.loads(call.arguments)
    except ValueError:
        arguments = {}
    return ToolCall(
        name=call.name, args=arguments if isinstance(arguments, dict) else {}, id=call.id
    )


def _outputs(calls: Sequence[records.ToolCall]) -> Iterator[BaseMessage]:
    for call in calls:
        yield ToolMessage(call.output or "", tool_call_id=call.id, name=call.name)
