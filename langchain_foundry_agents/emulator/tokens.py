"""Token counts for brains that report none: a word is as many tokens as it has started fours."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from langchain_core.messages import AIMessage, BaseMessage

from langchain_foundry_agents.emulator.records import Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHORT = 16_384
"""The longest text, in characters, whose count is remembered."""
_PIECE = re.compile(r"\s*\S{1,4}|\s+$")


def pieces(text: str) -> list[str]:
    """The text cut into tokens; joined they are the text again."""
    return _PIECE.findall(text)


def count(text: str) -> int:
    """How many tokens a text has."""
    return _known_count(text) if len(text) <= _SHORT else len(pieces(text))


# Each turn of a conversation counts all that was said before.
@lru_cache(maxsize=16_384)
def _known_count(text: str) -> int:
    return len(pieces(text))


def count_messages(messages: Sequence[BaseMessage]) -> int:
    """How many tokens a prompt has."""
    return sum(map(_count_message, messages))


def usage_of(prompt: Sequence[BaseMessage], answer: AIMessage) -> Usage:
    """The tokens of one model call: as the model says, else counted."""
    if (said := answer.usage_metadata) is not None:
        cached = said.get("input_token_details", {}).get("cache_read", 0)
        reasoned = said.get("output_token_details", {}).get("reasoning", 0)
        return Usage(said["input_tokens"], said["output_tokens"], cached, reasoned)
    reasoned = _count_reasoning(answer)
    written = _count_message(answer) + reasoned
    return Usage(count_messages(prompt), written, reasoning_tokens=reasoned)


def _count_message(message: BaseMessage) -> int:
    calls = message.tool_calls if isinstance(message, AIMessage) else []
    return count(str(message.text)) + sum(
        count(call["name"]) + count(str(call["args"])) for call in calls
    )


def _count_reasoning(answer: AIMessage) -> int:
    blocks = answer.content_blocks if isinstance(answer.content, list) else []
    return sum(
        count(block.get("reasoning", "")) for block in blocks if block["type"] == "reasoning"
    )
