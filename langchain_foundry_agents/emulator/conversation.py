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

from langchain_foundry_agents.emulator.tokens import count_messages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from langchain_foundry_agents.emulator import records


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
    if all(block["type"] == "text" for block in blocks):
        content = "\n".join(block["text"] for block in blocks)
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
        if step.tool_calls:
            # Text in front of tool calls came from the same model call: it is one message.
            text = messages.pop().text if messages and isinstance(messages[-1], AIMessage) else ""
            calls = [_call(call) for call in step.tool_calls]
            messages.append(AIMessage(str(text), tool_calls=calls))
            messages.extend(_outputs(step.tool_calls))
    return messages


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
