"""One answer, printed as it comes."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

from langchain_foundry_agents._harmless import harmless
from langchain_foundry_agents.cli.printing import say

if TYPE_CHECKING:
    from collections.abc import Generator

    from langchain_core.messages import AIMessageChunk

    from langchain_foundry_agents.chat_models import ChatFoundryAgent


def hear(
    model: ChatFoundryAgent, question: str, thread_id: str | None, label: str | None
) -> AIMessageChunk:
    """The answer to a question, printed piece by piece after a label; `None` prints nothing."""
    from langchain_core.messages.ai import add_ai_message_chunks

    named: dict[str, Any] = {"thread_id": thread_id} if thread_id else {}
    stream = cast("Generator[AIMessageChunk]", model.stream(question, **named))
    chunks: list[AIMessageChunk] = []
    printed = label or ""
    say(printed, end="")
    try:
        # If we have to leave, closing the stream is what cancels the run.
        with closing(stream):
            for chunk in stream:
                chunks.append(chunk)
                if label is not None and (text := harmless(chunk.text)):
                    printed = text
                    say(printed, end="")
    finally:
        if printed and not printed.endswith("\n"):
            say()
    return add_ai_message_chunks(*chunks)
