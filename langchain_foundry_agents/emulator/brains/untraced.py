"""What a brain says, chunk by chunk, unseen by the application's tracers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.runnables import RunnableBinding


async def stream_of(brain: Any, messages: Sequence[BaseMessage]) -> AsyncGenerator[AIMessage, None]:
    """What a brain says, chunk by chunk.

    A brain stands for a model of the service's, which no tracer of the application would see. By
    LangChain's public methods it would be: tracers may be there for all calls of a process.

    Args:
        brain: A chat model, also with what was bound to it, or whatever has its `astream`.
        messages: What it reads.
    """
    is_bound = isinstance(brain, RunnableBinding)
    model, options = (brain.bound, dict(brain.kwargs)) if is_bound else (brain, {})
    has_config = is_bound and bool(brain.config)
    if not isinstance(model, BaseChatModel) or has_config or model.callbacks:
        async for chunk in brain.astream(messages):
            yield chunk
        return
    own = type(model)
    methods = own._astream, own._stream  # noqa: SLF001 - how models are written
    if methods == (BaseChatModel._astream, BaseChatModel._stream):  # noqa: SLF001
        result = await model._agenerate([*messages], **options)  # noqa: SLF001
        yield cast("AIMessage", result.generations[0].message)
        return
    async for part in model._astream([*messages], **options):  # noqa: SLF001
        yield cast("AIMessage", part.message)
