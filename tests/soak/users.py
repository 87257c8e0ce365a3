"""Users, each with one conversation: they ask, ask again after errors, and sometimes leave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator, Iterable
from concurrent.futures import Executor
from contextlib import aclosing, closing
from random import Random
from typing import Any, NamedTuple, cast

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.errors import (
    AuthenticationError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    RunCancelledError,
    RunExpiredError,
    RunIncompleteError,
    RunTimeoutError,
    ServiceConnectionError,
    ServiceError,
)

from .brain import right_answer
from .service import AGENT, Service

EXPECTED = (
    AuthenticationError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    RunCancelledError,
    RunExpiredError,
    RunIncompleteError,
    RunTimeoutError,
    ServiceConnectionError,
    ServiceError,
)
"""What the faults may come to; no other error has a reason here."""
KINDS = 16
_PATIENCE = {"timeout": 5.0, "max_retry_wait": 1.0, "run_timeout": 15.0}
_LEAVES, _ASKS_AGAIN = 0.02, 0.5
LEFT = "left by its caller"


class Turn(NamedTuple):
    """How a turn went."""

    outcome: str
    violation: str = ""


def model_of(kind: int, service: Service) -> ChatFoundryAgent:
    """A model: both generations, streams and polls, histories kept in each way."""
    named: dict[str, Any] = {"agent_id": service.agent_id}
    if kind % 2:
        named = {"agent_name": AGENT, "conversation": "response" if kind & 8 else "auto"}
    return ChatFoundryAgent(
        project_endpoint=service.project_endpoint,
        run_mode="poll" if kind & 4 else "stream",
        **named,
        **_PATIENCE,
    )


class User:
    """One user: every second in sync code, in a thread; the others in async code.

    Args:
        number: who it is, and by that how it asks.
        seed: makes its choices reproducible.
        model: whom it asks.
        threads: where sync code runs.
    """

    def __init__(self, number: int, seed: int, model: ChatFoundryAgent, threads: Executor) -> None:
        self._number = number
        self._chance = Random(f"{seed} {number}")
        self._model = model
        self._threads = threads
        self._history: list[BaseMessage] = []
        self._asked = 0
        self._again = False

    async def take_turn(self) -> Turn:
        """Ask one question."""
        if not self._again:
            self._asked += 1
        branch = [*self._history, HumanMessage(f"q{self._number}.{self._asked} ü")]
        try:
            answer = await self._ask(branch)
        except EXPECTED as error:
            self._again = self._chance.random() < _ASKS_AGAIN
            return Turn(type(error).__name__)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            return Turn(type(error).__name__, f"{self._told(branch)} ends in {error!r}: {error}")
        self._again = False
        if answer is None:
            return Turn(LEFT)
        self._history = [*branch, answer]
        return self._judged(branch, answer)

    async def _ask(self, branch: list[BaseMessage]) -> AIMessage | None:
        """The answer; `None` where the user has left after its first piece."""
        whole = self._chance.random() < 0.5
        leaves = not whole and self._chance.random() < _LEAVES
        if self._number & 2:
            ask = self._whole if whole else self._streamed
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, ask, branch, leaves
            )
        if whole:
            return await self._model.ainvoke(branch)
        chunks = cast("AsyncGenerator[AIMessageChunk]", self._model.astream(branch))
        async with aclosing(chunks):
            if leaves:
                await anext(chunks)
                return None
            return _added([chunk async for chunk in chunks])

    def _whole(self, branch: list[BaseMessage], leaves: bool) -> AIMessage:
        return self._model.invoke(branch)

    def _streamed(self, branch: list[BaseMessage], leaves: bool) -> AIMessage | None:
        chunks = cast("Generator[AIMessageChunk]", self._model.stream(branch))
        with closing(chunks):
            if leaves:
                next(chunks)
                return None
            return _added(chunks)

    def _judged(self, branch: list[BaseMessage], answer: AIMessage) -> Turn:
        right = right_answer(branch)
        facts = answer.response_metadata
        cut = facts["finish_reason"] == "length"
        text = str(answer.text)
        if text == right or (cut and text and right.startswith(text)):
            return Turn("answer, cut short" if cut else "answer")
        ids = f"thread {facts.get('thread_id')}, run {facts.get('run_id')}"
        what = f"{self._told(branch)} is answered {text!r} and not {right!r}"
        return Turn("wrong answer", f"{what} [{ids}]")

    def _told(self, branch: list[BaseMessage]) -> str:
        earlier = (one.response_metadata for one in reversed(branch) if isinstance(one, AIMessage))
        ids = next(earlier, {})
        model = self._model
        return (
            f"{branch[-1].text} ({model.agent_name or model.agent_id}, {model.run_mode}, "
            f"{model.conversation}, after {ids.get('thread_id')} {ids.get('run_id')})"
        )


def _added(chunks: Iterable[AIMessageChunk]) -> AIMessage:
    first, *others = chunks
    return first.__add__(others)
