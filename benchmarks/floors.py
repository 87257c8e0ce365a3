"""What nobody can be below: a bare call with httpx, and LangChain's own cost of an answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.chat_models import agenerate_from_stream, generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from benchmarks.canned import Agent

_HEADERS = {"accept": "application/json", "authorization": "Bearer bench"}


@dataclass(frozen=True)
class Bare:
    """httpx, and the one request of a turn."""

    url: str
    client: httpx.Client
    aclient: httpx.AsyncClient

    def pieces(self, agent: Agent) -> Iterator[bytes]:
        """What it reads."""
        with self.client.stream(**self._call(agent)) as answer:
            yield from answer.iter_raw()

    async def apieces(self, agent: Agent) -> AsyncIterator[bytes]:
        """As `pieces`."""
        async with self.aclient.stream(**self._call(agent)) as answer:
            async for piece in answer.aiter_raw():
                yield piece

    def read(self, agent: Agent, *, first: bool = False) -> None:
        """Read the bytes and throw them away, all of them or the first delta's."""
        with self.client.stream(**self._call(agent)) as answer:
            for piece in answer.iter_raw():
                if first and b".delta" in piece:
                    return

    async def aread(self, agent: Agent, *, first: bool = False) -> None:
        """As `read`."""
        async with self.aclient.stream(**self._call(agent)) as answer:
            async for piece in answer.aiter_raw():
                if first and b".delta" in piece:
                    return

    def _call(self, agent: Agent) -> dict[str, Any]:
        if agent.is_new:
            path = "/openai/v1/responses"
            reference = {"type": "agent_reference", "name": agent.id}
            body: dict[str, Any] = {"agent_reference": reference, "input": "Hello"}
        else:
            path = "/threads/runs?api-version=v1"
            thread = {"messages": [{"role": "user", "content": "Hello"}]}
            body = {"assistant_id": agent.id, "thread": thread}
        json_ = {**body, "stream": True}
        return {"method": "POST", "url": self.url + path, "json": json_, "headers": _HEADERS}


class Floor(BaseChatModel):
    """LangChain's own cost: a model that only makes chunks with given fields."""

    fields: list[dict[str, Any]]
    bare: Bare | None = None
    """Reads before each chunk what a client would read."""
    agent: Agent | None = None

    @property
    def _llm_type(self) -> str:
        return "floor"

    def _chunks(self) -> Iterator[ChatGenerationChunk]:
        for one in self.fields:
            yield ChatGenerationChunk(message=AIMessageChunk(**one))

    def _stream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> Iterator[Any]:
        chunks = self._chunks()
        if self.bare and self.agent:
            for _read in self.bare.pieces(self.agent):
                if chunk := next(chunks, None):
                    yield chunk
        yield from chunks

    async def _astream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> AsyncIterator[Any]:
        chunks = self._chunks()
        if self.bare and self.agent:
            async for _read in self.bare.apieces(self.agent):
                if chunk := next(chunks, None):
                    yield chunk
        for chunk in chunks:
            yield chunk

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        return generate_from_stream(self._chunks())

    async def _agenerate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        return await agenerate_from_stream(self._astream(messages))


def floor_of(model: BaseChatModel, *, whole: bool = False) -> Floor:
    """LangChain's cost of a model's answer: of its chunks, or of the one of `invoke`."""
    kept = {"content", "id", "response_metadata", "usage_metadata", "chunk_position"}
    chunks = list(model.stream("Hello"))
    if whole:
        answer = model.invoke("Hello")
        chunks = [AIMessageChunk(**answer.model_dump(include=kept), chunk_position="last")]
    return Floor(fields=[chunk.model_dump(include=kept) for chunk in chunks])
