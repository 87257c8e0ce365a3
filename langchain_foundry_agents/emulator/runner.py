"""Lets the brain do a run's work: the only room that waits.

Rule of the room: asyncio, but no sockets. The pauses go through an injected function, so that a
simulation can make them virtual.
"""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from langchain_core.exceptions import ModelRateLimitError
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage

from langchain_foundry_agents.emulator.binding import equipped
from langchain_foundry_agents.emulator.conversation import prompt
from langchain_foundry_agents.emulator.events import compact
from langchain_foundry_agents.emulator.failures import BrainFailure
from langchain_foundry_agents.emulator.lifecycle import RunLife
from langchain_foundry_agents.emulator.mcp import listings
from langchain_foundry_agents.emulator.records import Run, Usage
from langchain_foundry_agents.emulator.telling import Telling, blocks_of
from langchain_foundry_agents.emulator.tokens import count_messages, usage_of
from langchain_foundry_agents.emulator.workbench import workbench

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator

    from langchain_core.language_models import BaseChatModel

    from langchain_foundry_agents.emulator.state import State

_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())

# Why a model stopped before its end, in the words of models and of the service.
_CUTS = {
    "length": "max_completion_tokens",
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_completion_tokens",
    "max_prompt_tokens": "max_prompt_tokens",
    "content_filter": "content_filter",
}


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds that the service takes before it begins a run, and between two pieces of text."""

    queue_delay: float = 0.0
    chunk_delay: float = 0.0
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep


class Runner:
    """Keeps the runs going that the service has started.

    Args:
        state: the service's state.
        brain: the model that answers.
        pace: how fast.
    """

    def __init__(self, state: State, brain: BaseChatModel, pace: Pace) -> None:
        self._state = state
        self._brain = brain
        self._pace = pace
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, run: Run) -> None:
        """Takes up a queued run in the background."""
        self._spawn(run, self._work(RunLife(self._state, run)))

    def stop(self, run: Run) -> None:
        """Drops a run that is to be cancelled."""
        self._spawn(run, self._drop(RunLife(self._state, run), self._tasks.get(run.id)))

    async def idle(self) -> None:
        """Waits until all work is done."""
        while tasks := list(self._tasks.values()):
            await asyncio.wait(tasks)

    async def close(self) -> None:
        """Ends all work: runs are cancelled, but for those that wait for tool outputs."""
        for task in self._tasks.values():
            task.cancel()
        await self.idle()
        for run in list(self._state.active_runs.values()):
            if run.status != "requires_action":
                RunLife(self._state, run).cancel()

    def _spawn(self, run: Run, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks[run.id] = task
        task.add_done_callback(lambda done: self._forget(run.id, done))

    def _forget(self, run_id: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(run_id) is task:
            del self._tasks[run_id]

    async def _drop(self, life: RunLife, work: asyncio.Task[None] | None) -> None:
        if work:
            work.cancel()
            await asyncio.wait([work])
        await self._pace.pause(self._pace.queue_delay)
        life.cancel()

    async def _work(self, life: RunLife) -> None:
        limit = asyncio.timeout(max(0.0, life.run.deadline - self._state.clock()))
        try:
            async with limit:
                await self._pace.pause(self._pace.queue_delay)
                await self._turn(life)
        except BrainFailure as failure:
            life.fail(failure.code, failure.message)
        except ModelRateLimitError as error:
            life.fail("rate_limit_exceeded", str(error))
        except Exception as error:  # noqa: BLE001 - whatever a brain raises is a failed run
            if limit.expired():
                life.expire()
            else:
                _log.warning("The brain failed in %s", life.run.id, exc_info=error)
                life.fail("server_error", "Sorry, something went wrong.")

    async def _turn(self, life: RunLife) -> None:
        run = life.run
        if run.over:
            return
        life.begin()
        if not run.steps and (offers := listings(run)):
            life.list_tools(offers)
        messages = prompt(run)
        spent = run.usage.prompt_tokens + count_messages(messages)
        if run.max_prompt_tokens and spent > run.max_prompt_tokens:
            life.leave_incomplete("max_prompt_tokens", Usage())
            return
        telling = Telling(self._state, life, count_messages(messages))
        answer = await self._listen(life, messages, telling)
        if not run.over:
            _conclude(life, telling, answer, usage_of(messages, answer))

    async def _listen(
        self, life: RunLife, messages: list[BaseMessage], telling: Telling
    ) -> AIMessage:
        """Streams the brain into the run; ends early where the run does."""
        chunks: list[AIMessage] = []
        brain = equipped(self._brain, life.run, workbench(self._state, life.run))
        stream = cast("Any", brain.astream(messages))
        try:
            async with aclosing(stream) as parts:
                async for chunk in parts:
                    if life.run.over:
                        break
                    chunks.append(chunk)
                    for block in blocks_of(chunk):
                        telling.take(block)
                        await self._pace.pause(self._pace.chunk_delay)
        except Exception:
            telling.finish()
            raise
        telling.finish()
        return _merged(chunks)


def _merged(chunks: list[AIMessage]) -> AIMessage:
    # A model that does not stream gives one whole message, which cannot be added to.
    first, *others = chunks or [AIMessageChunk(content="")]
    return cast("AIMessage", first + others) if others else first


def _conclude(life: RunLife, telling: Telling, answer: AIMessage, usage: Usage) -> None:
    if telling.waits:
        life.wait(usage)
    elif reason := _CUTS.get(answer.response_metadata.get("finish_reason", "")):
        life.leave_incomplete(reason, usage)
    elif calls := list(_calls(answer)):
        life.ask(calls, usage)
    else:
        life.settle(usage)
        life.complete()


def _calls(answer: AIMessage) -> Iterator[tuple[str, str]]:
    """Names and arguments of the functions that the brain calls, broken arguments as they are."""
    if isinstance(answer, AIMessageChunk):
        # Its tool calls are LangChain's repair of what was streamed; the service repairs nothing.
        for chunk in answer.tool_call_chunks:
            yield chunk["name"] or "", _tidied(chunk["args"] or "")
        return
    for call in answer.tool_calls:
        yield call["name"], compact(call["args"])
    for broken in answer.invalid_tool_calls:
        yield broken["name"] or "", broken["args"] or ""


def _tidied(arguments: str) -> str:
    try:
        return compact(json.loads(arguments)) if arguments else "{}"
    except ValueError:
        return arguments
