"""What a history cannot tell a new thread: what the agent did beside its words and calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage

_LOST = {
    "image": "pictures",
    "reasoning": "reasoning",
    "server_tool_call": "server steps",
    "server_tool_result": "server steps",
}


def losses(messages: Sequence[BaseMessage]) -> tuple[str, ...]:
    """Names of what is lost where the whole history is replayed, each once."""
    answers = [message for message in messages if isinstance(message, AIMessage)]
    blocks: list[Any] = [block for answer in answers for block in answer.content_blocks]
    return tuple(dict.fromkeys(name for block in blocks for name in _lost_of(block)))


def _lost_of(block: Any) -> Iterator[str]:
    if name := _LOST.get(block["type"]):
        yield name
    for annotation in block.get("annotations") or ():
        # Of citations only those of files that code wrote have a kind.
        if (annotation.get("extras") or {}).get("kind"):
            yield "files that code wrote"
