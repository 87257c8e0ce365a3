"""Brains for tests: real chat models with fixed answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field, PrivateAttr

from .room import Room

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def whole(text: str, *tools: str) -> AIMessage:
    """An answer that calls these tools without arguments."""
    calls = [{"name": name, "args": {}, "id": str(place)} for place, name in enumerate(tools)]
    return AIMessage(text, tool_calls=calls)


class ScriptedBrain(BaseChatModel):
    """Gives its answers one after the other, each whole, and remembers what it heard."""

    answers: list[AIMessage]
    heard: list[list[BaseMessage]] = Field(default_factory=list)
    options: list[dict[str, Any]] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self.bind(tools=tools, **kwargs)

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        self.heard.append(messages)
        self.options.append(kwargs)
        answer = self.answers[len(self.heard) - 1]
        return ChatResult(generations=[ChatGeneration(message=answer)])


def scripted(*answers: AIMessage | str) -> tuple[Room, ScriptedBrain]:
    """A room with a brain that gives these answers."""
    messages = [AIMessage(one) if isinstance(one, str) else one for one in answers]
    brain = ScriptedBrain(answers=messages)
    return Room(brain), brain


class BrokenBrain(BaseChatModel):
    """Says some words, then raises."""

    words: str = ""
    error: Exception

    @property
    def _llm_type(self) -> str:
        return "broken"

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        raise self.error

    async def _astream(self, *_: Any, **__: Any) -> AsyncIterator[ChatGenerationChunk]:
        if self.words:
            yield ChatGenerationChunk(message=AIMessageChunk(content=self.words))
        raise self.error


class InterruptedBrain(BaseChatModel):
    """Something happens between its two words."""

    interruption: Any = None

    @property
    def _llm_type(self) -> str:
        return "interrupted"

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        raise NotImplementedError

    async def _astream(self, *_: Any, **__: Any) -> AsyncIterator[ChatGenerationChunk]:
        yield ChatGenerationChunk(message=AIMessageChunk(content="Before"))
        self.interruption()
        yield ChatGenerationChunk(message=AIMessageChunk(content=" after"))


class PatientBrain(BaseChatModel):
    """Says one word and then waits until it is told, from any thread, to go on."""

    _loop: asyncio.AbstractEventLoop | None = PrivateAttr(None)
    _gate: asyncio.Event = PrivateAttr(default_factory=asyncio.Event)

    @property
    def _llm_type(self) -> str:
        return "patient"

    def go_on(self) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._gate.set)

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        raise NotImplementedError

    async def _astream(self, *_: Any, **__: Any) -> AsyncIterator[ChatGenerationChunk]:
        self._loop = asyncio.get_running_loop()
        yield ChatGenerationChunk(message=AIMessageChunk(content="One"))
        await self._gate.wait()
        yield ChatGenerationChunk(message=AIMessageChunk(content=" two"))
