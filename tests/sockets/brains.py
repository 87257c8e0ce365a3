"""Brains for the emulator that do not simply answer."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk, ChatResult


class FailingBrain(BaseChatModel):
    """Says some words and raises, so many times; then it answers."""

    error: Exception
    words: str = ""
    times: int = 1_000

    @property
    def _llm_type(self) -> str:
        return "failing"

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        raise self.error

    async def _astream(self, *_: Any, **__: Any) -> AsyncIterator[ChatGenerationChunk]:
        self.times -= 1
        if self.times < 0:
            yield ChatGenerationChunk(message=AIMessageChunk(content="At last."))
            return
        if self.words:
            yield ChatGenerationChunk(message=AIMessageChunk(content=self.words))
        raise self.error


class InterruptingBrain(BaseChatModel):
    """Says a word, presses Ctrl-C once the gate is open, and falls silent."""

    gate: Any

    @property
    def _llm_type(self) -> str:
        return "interrupting"

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        raise NotImplementedError

    async def _astream(self, *_: Any, **__: Any) -> AsyncIterator[ChatGenerationChunk]:
        yield ChatGenerationChunk(message=AIMessageChunk(content="Well"))
        await asyncio.to_thread(self.gate.wait)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        await asyncio.Event().wait()
