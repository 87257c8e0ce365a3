"""The four ways to ask a model, as one function, so that a promise is tested on all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.runnables import Runnable

WAYS = ("invoke", "ainvoke", "stream", "astream")


async def ask(
    way: str, model: Runnable[LanguageModelInput, Any], question: LanguageModelInput, **options: Any
) -> AIMessage:
    """Ask one of the four ways; the chunks of a streamed answer are added up."""
    match way:
        case "invoke":
            answer: AIMessage = model.invoke(question, **options)
            return answer
        case "ainvoke":
            awaited: AIMessage = await model.ainvoke(question, **options)
            return awaited
        case "stream":
            return added(model.stream(question, **options))
        case _:
            return added(await listed(model.astream(question, **options)))


def added(chunks: Iterable[AIMessageChunk]) -> AIMessageChunk:
    """The sum of chunks."""
    first, *others = chunks
    return first.__add__(others)


async def listed(chunks: AsyncIterator[AIMessageChunk]) -> list[AIMessageChunk]:
    """Chunks of an async stream, all of them."""
    return [chunk async for chunk in chunks]
