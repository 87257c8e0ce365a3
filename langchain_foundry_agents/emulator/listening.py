"""Streams a brain, and reads what it ended with: calls of functions, a reason to stop."""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage

from langchain_foundry_agents.emulator.brains.untraced import stream_of
from langchain_foundry_agents.emulator.events import compact
from langchain_foundry_agents.emulator.hearing import blocks_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from langchain_foundry_agents.emulator.hearing import Hearing

# Why a model stopped before its end, in the words of models and of the service.
_CUTS = {
    "length": "max_completion_tokens",
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_completion_tokens",
    "max_output_tokens": "max_completion_tokens",
    "max_prompt_tokens": "max_prompt_tokens",
    "content_filter": "content_filter",
}


async def listen(
    brain: Any,
    messages: Sequence[BaseMessage],
    listener: Hearing,
    pause: Callable[[], Awaitable[None]],
) -> AIMessage:
    """Streams the brain into a listener; ends early where the turn does.

    Args:
        brain: the model, with what is bound to it.
        messages: what it reads.
        listener: takes the blocks.
        pause: waits between two of them.

    Returns:
        All that it said, as one message.
    """
    chunks: list[AIMessage] = []
    try:
        async with aclosing(stream_of(brain, messages)) as parts:
            async for chunk in parts:
                if listener.deaf:
                    break
                chunks.append(chunk)
                for block in blocks_of(chunk):
                    listener.take(block)
                    await pause()
    except Exception:
        listener.finish()
        raise
    listener.finish()
    return _merged(chunks)


def cut_reason(answer: AIMessage) -> str | None:
    """Why the answer ends before its end, in the words of runs."""
    return _CUTS.get(answer.response_metadata.get("finish_reason", ""))


def called_functions(answer: AIMessage) -> Iterator[tuple[str, str]]:
    """Names and arguments of the functions that a brain calls, broken arguments as they are."""
    if isinstance(answer, AIMessageChunk):
        # Its tool calls are LangChain's repair of what was streamed; the service repairs nothing.
        for chunk in answer.tool_call_chunks:
            yield chunk["name"] or "", _tidied(chunk["args"] or "")
        return
    for call in answer.tool_calls:
        yield call["name"], compact(call["args"])
    for broken in answer.invalid_tool_calls:
        yield broken["name"] or "", broken["args"] or ""


def _merged(chunks: list[AIMessage]) -> AIMessage:
    # A model that does not stream gives one whole message, which cannot be added to.
    first, *others = chunks or [AIMessageChunk(content="")]
    return cast("AIMessage", first + others) if others else first


def _tidied(arguments: str) -> str:
    try:
        return compact(json.loads(arguments)) if arguments else "{}"
    except ValueError:
        return arguments
