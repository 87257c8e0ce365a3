"""A message's content in the four forms that users meet, block by block."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessage
from langchain_tests.utils.stream_lifecycle import assert_valid_event_stream

Blocks = list[dict[str, Any]]


def blocks(message: AIMessage) -> Blocks:
    """The standard blocks of a message, without the places that only chunks need."""
    return [bare(block) for block in message.content_blocks]


def bare(block: Any) -> dict[str, Any]:
    """A block without its place."""
    return {name: value for name, value in block.items() if name != "index"}


def finished(events: list[Any]) -> Blocks:
    """The blocks that an event stream ends up with, if it is a valid one."""
    assert_valid_event_stream(events)
    ends = [event for event in events if event["event"] == "content-block-finish"]
    ends.sort(key=lambda event: int(event["index"]))
    return [bare(event.get("content") or event["content_block"]) for event in ends]


def whole(message: AIMessage) -> dict[str, Any]:
    """What two answers of the same run have in common, however they were got."""
    return {
        "blocks": blocks(message),
        "calls": [*message.tool_calls, *message.invalid_tool_calls],
        "metadata": message.response_metadata,
        "usage": message.usage_metadata,
    }
