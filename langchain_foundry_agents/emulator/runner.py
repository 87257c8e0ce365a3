"""Lets the brain do the work of runs and responses: the only room that waits.

Rule of the room: asyncio, but no sockets. The pauses go through an injected function, so that a
simulation can make them virtual.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.binding import equipped, kit_of_run
from langchain_foundry_agents.emulator.brains.failures import failure_of
from langchain_foundry_agents.emulator.brains.workbench import workbench
from langchain_foundry_agents.emulator.classic.conversation import prompt
from langchain_foundry_agents.emulator.classic.lifecycle import RunLife
from langchain_foundry_agents.emulator.classic.telling import Telling
from langchain_foundry_agents.emulator.faults.plights import UNTROUBLED, Plight
from langchain_foundry_agents.emulator.listening import called_functions, cut_reason, listen
from langchain_foundry_agents.emulator.mcp import listings
from langchain_foundry_agents.emulator.records import Run, Usage
from langchain_foundry_agents.emulator.responses.lifecycle import ResponseLife
from langchain_foundry_agents.emulator.responses.making import make
from langchain_foundry_agents.emulator.tokens import count_messages, usage_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage

    from langchain_foundry_agents.emulator.responses.records import StoredResponse
    from langchain_foundry_agents.emulator.state import State


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds that the service takes before it begins a run, and between two pieces of text."""

    queue_delay: float = 0.0
    chunk_delay: float = 0.0
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep


class Runner:
    """Keeps the runs and responses going that the service has started.

    Args:
        state: the service's state.
        brain: the model that answers; another one can be put in its place at any time.
        pace: how fast.
    """

    def __init__(self, state: State, brain: BaseChatModel, pace: Pace) -> None:
        self._state = state
        self.brain = brain
        self._pace = pace
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def use(self, brain: BaseChatModel) -> None:
        """Lets another model answer from now on."""
        self.brain = brain

    def start(self, run: Run, plight: Plight = UNTROUBLED) -> None:
        """Takes up a queued run in the background."""
        if plight.expires_in is not None:
            run.deadline = min(run.deadline, self._state.clock() + plight.expires_in)
        self._spawn(run.id, self._work(RunLife(self._state, run), plight))

    def stop(self, run: Run) -> None:
        """Drops a run that is to be cancelled."""
        self._spawn(run.id, self._drop(RunLife(self._state, run), self._tasks.get(run.id)))

    def begin(self, response: StoredResponse, plight: Plight = UNTROUBLED) -> asyncio.Task[None]:
        """Takes up a response; the task ends with it."""
        return self._spawn(response.id, self._make(ResponseLife(self._state, response), plight))

    def hold(self, turn: Run | StoredResponse, seconds: float) -> None:
        """Lets a run or response keep its place busy for so long, and do nothing."""
        self._spawn(turn.id, self._idle(turn, seconds))

    def give_up(self, response: StoredResponse) -> None:
        """Drops a response that nobody waits for any more; one that is over stays as it is."""
        if work := self._tasks.get(response.id):
            work.cancel()
        ResponseLife(self._state, response).cancel()

    async def idle(self) -> None:
        """Waits until all work is done."""
        while tasks := list(self._tasks.values()):
            await asyncio.wait(tasks)

    async def close(self) -> None:
        """Ends all work: runs are cancelled, but for those that wait for tool outputs."""
        for task in self._tasks.values():
            task.cancel()
        await self.idle()
        self.cancel_all()

    def drop(self) -> None:
        """Ends all work at once, as everything is about to be forgotten."""
        for task in self._tasks.values():
            task.cancel()
        self.cancel_all()

    def cancel_all(self) -> None:
        """Cancels runs and responses, but for runs that wait for tool outputs."""
        for run in list(self._state.active_runs.values()):
            if run.status != "requires_action":
                RunLife(self._state, run).cancel()
        for response in list(self._state.responses.values()):
            ResponseLife(self._state, response).cancel()

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks[name] = task
        task.add_done_callback(lambda done: self._forget(name, done))
        return task

    def _forget(self, name: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(name) is task:
            del self._tasks[name]

    async def _drop(self, life: RunLife, work: asyncio.Task[None] | None) -> None:
        if work:
            work.cancel()
            await asyncio.wait([work])
        await self._pace.pause(self._pace.queue_delay)
        life.cancel()

    async def _idle(self, turn: Run | StoredResponse, seconds: float) -> None:
        await self._pace.pause(seconds)
        if isinstance(turn, Run):
            RunLife(self._state, turn).cancel()
        else:
            ResponseLife(self._state, turn).cancel()

    async def _make(self, life: ResponseLife, plight: Plight) -> None:
        try:
            await self._pace.pause(self._pace.queue_delay + plight.queued)
            brain = plight.burden(self.brain, self._pace.pause)
            await make(self._state, life, brain, self._pause)
        except Exception as error:  # noqa: BLE001 - whatever a brain raises is a failed response
            failure = failure_of(error, life.response.id)
            life.fail(failure.code, failure.message)

    async def _work(self, life: RunLife, plight: Plight) -> None:
        limit = asyncio.timeout(max(0.0, life.run.deadline - self._state.clock()))
        try:
            async with limit:
                await self._pace.pause(self._pace.queue_delay + plight.queued)
                await self._turn(life, plight)
        except Exception as error:  # noqa: BLE001 - whatever a brain raises is a failed run
            if limit.expired():
                life.expire()
            else:
                failure = failure_of(error, life.run.id)
                life.fail(failure.code, failure.message)

    async def _turn(self, life: RunLife, plight: Plight) -> None:
        run = life.run
        if run.over:
            return
        life.begin()
        if not run.steps and (offers := listings(run.tools)):
            life.list_tools(offers)
        messages = prompt(run)
        spent = run.usage.prompt_tokens + count_messages(messages)
        if run.max_prompt_tokens and spent > run.max_prompt_tokens:
            life.leave_incomplete("max_prompt_tokens", Usage())
            return
        telling = Telling(self._state, life, count_messages(messages))
        burdened = plight.burden(self.brain, self._pace.pause)
        brain = equipped(burdened, kit_of_run(run, workbench(self._state, run)))
        answer = await listen(brain, messages, telling, self._pause)
        if not run.over:
            _conclude(life, telling, answer, usage_of(messages, answer))

    async def _pause(self) -> None:
        await self._pace.pause(self._pace.chunk_delay)


def _conclude(life: RunLife, telling: Telling, answer: AIMessage, usage: Usage) -> None:
    if telling.waits:
        life.wait(usage)
    elif reason := cut_reason(answer):
        life.leave_incomplete(reason, usage)
    elif calls := list(called_functions(answer)):
        life.ask(calls, usage)
    else:
        life.settle(usage)
        life.complete()
