"""What each request body may hold: one table per endpoint family."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.classic.content import content
from langchain_foundry_agents.emulator.tools import (
    MAX_TOOLS,
    attachment,
    response_format,
    tool,
    tool_choice,
    tool_resources,
)
from langchain_foundry_agents.emulator.validation import (
    Check,
    boolean,
    items,
    mapping,
    metadata,
    number,
    one_of,
    read,
    shape,
    text,
    whole,
    wrong_value,
)

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject

MAX_MESSAGES = 32
LEAST_TOKENS = 256

METADATA: dict[str, Check] = {"metadata": metadata}
MESSAGE: dict[str, Check] = {
    "role": one_of("user", "assistant"),
    "content": content,
    "attachments": items(attachment),
    **METADATA,
}
_messages = items(shape(MESSAGE, ("role", "content")), most=MAX_MESSAGES)
THREAD_UPDATE: dict[str, Check] = {"tool_resources": tool_resources, **METADATA}
THREAD: dict[str, Check] = {"messages": _messages, **THREAD_UPDATE}
_COMMON: dict[str, Check] = {
    "model": text(least=1),
    "instructions": text(),
    "tools": items(tool, most=MAX_TOOLS),
    "tool_resources": tool_resources,
    "temperature": number(0, 2),
    "top_p": number(0, 1),
    "response_format": response_format,
    **METADATA,
}
AGENT: dict[str, Check] = {"name": text(), "description": text(), **_COMMON}
_SUBMIT: dict[str, Check] = {
    "stream": boolean,
    "tool_outputs": items(shape({"tool_call_id": text(), "output": text()}, ("tool_call_id",))),
    "tool_approvals": items(
        shape(
            {"tool_call_id": text(), "approve": boolean, "headers": mapping},
            ("tool_call_id", "approve"),
        )
    ),
}


def _truncation(value: Any, param: str) -> JsonObject:
    fields = {"type": one_of("auto", "last_messages"), "last_messages": whole(least=1)}
    given = shape(fields, ("type",))(value, param)
    if given["type"] == "last_messages" and "last_messages" not in given:
        raise wrong_value(f"{param}.last_messages", "it says how many messages are kept.")
    return {"type": given["type"], "last_messages": given.get("last_messages")}


_NEW_THREAD_RUN: dict[str, Check] = {
    "assistant_id": text(),
    "stream": boolean,
    "max_prompt_tokens": whole(least=LEAST_TOKENS),
    "max_completion_tokens": whole(least=LEAST_TOKENS),
    "truncation_strategy": _truncation,
    "tool_choice": tool_choice,
    "parallel_tool_calls": boolean,
    **_COMMON,
}
_RUN: dict[str, Check] = {
    "additional_instructions": text(),
    "additional_messages": _messages,
    **_NEW_THREAD_RUN,
}


def read_agent(body: JsonObject) -> JsonObject:
    """The body of a new agent."""
    return read(body, AGENT, ("model",))


def read_message(body: JsonObject) -> JsonObject:
    """The body of a new message."""
    return read(body, MESSAGE, ("role", "content"))


def read_run(body: JsonObject) -> JsonObject:
    """The body of a run on a thread that exists."""
    return read(body, _RUN, ("assistant_id",))


def read_thread_and_run(body: JsonObject) -> JsonObject:
    """The body of a run together with its new thread."""
    return read(body, {"thread": shape(THREAD), **_NEW_THREAD_RUN}, ("assistant_id",))


def read_tool_outputs(body: JsonObject) -> JsonObject:
    """The body that answers a run's function calls, or allows its MCP calls."""
    return read(body, _SUBMIT, () if body.get("tool_approvals") else ("tool_outputs",))
