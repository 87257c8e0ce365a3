"""One turn after the other, each cancelled one await point later than the one before."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents._transport.farewells import all_said
from langchain_foundry_agents.emulator import FoundryEmulator
from langchain_foundry_agents.thread_records import LocalThreadRecord

from .steps import Steps

LONG = " ".join(["word"] * 2000)
"""An answer that outlasts the look at what is left of it."""
SHORT = "one two three"
_A_MOMENT = 3.0


@dataclass
class Left:
    """What a sweep left behind."""

    points: int = 0
    connections: int = 0
    locks: int = 0
    runs: int = 0
    places: list[str] = field(default_factory=list)
    """Where anything was left."""

    def __str__(self) -> str:
        return (
            f"{self.points} points, {self.connections} connections leaked, "
            f"{self.locks} locks, {self.runs} runs left"
        )

    def add(self, other: Left) -> None:
        """Add up."""
        self.points += other.points
        self.connections += other.connections
        self.locks += other.locks
        self.runs += other.runs
        self.places += other.places


def once(task: asyncio.Task[Any], scope: anyio.CancelScope) -> None:
    """`asyncio.timeout`, a failed neighbour in a TaskGroup, `wait_for`."""
    task.cancel()


def twice(task: asyncio.Task[Any], scope: anyio.CancelScope) -> None:
    """In one step, and in the next one."""
    task.cancel()
    task.cancel()
    asyncio.get_running_loop().call_soon(task.cancel)


def thrice(task: asyncio.Task[Any], scope: anyio.CancelScope) -> None:
    """As LangGraph does to the nodes beside one that fails."""
    loop = asyncio.get_running_loop()
    task.cancel()
    loop.call_soon(lambda: (task.cancel(), loop.call_soon(task.cancel)))


def again_and_again(task: asyncio.Task[Any], scope: anyio.CancelScope) -> None:
    """At each step until it ends."""
    if not task.done():
        task.cancel()
        asyncio.get_running_loop().call_soon(again_and_again, task, scope)


def by_a_scope(task: asyncio.Task[Any], scope: anyio.CancelScope) -> None:
    """By anyio, as Starlette and FastAPI do when a reader goes away."""
    scope.cancel()


WAYS = (once, twice, thrice, again_and_again, by_a_scope)
Way = Callable[[asyncio.Task[Any], anyio.CancelScope], None]


class Sweep:
    """A model on an emulator, whose turns are cancelled.

    Args:
        emulator: The service.
        generation: Which of the two.
        client: The client whose connections are counted.
        fields: More fields of the model.
    """

    def __init__(
        self,
        emulator: FoundryEmulator,
        generation: str,
        client: httpx.AsyncClient,
        **fields: Any,
    ) -> None:
        name = emulator.create_agent(name="helper", generation=generation)  # type: ignore[arg-type]
        key = "agent_name" if generation == "new" else "agent_id"
        self._emulator = emulator
        self._client = client
        self._record = LocalThreadRecord()
        self.model = ChatFoundryAgent(
            project_endpoint=emulator.project_endpoint,
            http_async_client=client,
            thread_record=self._record,
            **{key: name},
            **fields,
        )

    async def place(self) -> str:
        """A thread, or conversation, with a turn in it."""
        self._emulator.script("Hello.")
        first = await self.model.ainvoke("Hi")
        return str(first.response_metadata["thread_id"])

    async def run(
        self, call: str, way: Way, answer: str, *, place: str | None, most: int = 10_000
    ) -> Left:
        """Cancel one turn after the other, until one ends before it is cancelled."""
        left, known = Left(), self._busy()
        for at in range(1, most):
            self._emulator.script(answer)
            if not await self._cancelled(call, way, at, place):
                return left
            left.points += 1
            busy = self._busy()
            found = Left(
                connections=max(busy - known, 0),
                locks=len(self._record._locked),
                runs=await self._runs(),
            )
            known = busy
            if found.connections or found.locks or found.runs:
                found.places.append(f"{call}, {way.__name__}, step {at}: {found}")
            left.add(found)
        return left

    async def _cancelled(self, call: str, way: Way, at: int, place: str | None) -> bool:
        """Cancel a turn at a step; whether it came to that."""
        hit = asyncio.Event()
        scope = anyio.CancelScope()
        keywords: dict[str, Any] = {"thread_id": place} if place else {}

        async def ask() -> None:
            with scope:
                if call == "ainvoke":
                    await self.model.ainvoke("Go on", **keywords)
                else:
                    async for _ in self.model.astream("Go on", **keywords):
                        pass

        def act() -> None:
            hit.set()
            way(task, scope)

        with Steps(at, act):
            task = asyncio.create_task(ask())
            await asyncio.wait((task,))
        with suppress(asyncio.CancelledError):
            task.result()
        await all_said()
        return hit.is_set()

    def _busy(self) -> int:
        """Connections that are in use."""
        transport: Any = self._client._transport
        return sum(not one.is_idle() for one in transport._pool.connections)

    async def _runs(self) -> int:
        """Runs that go on. The service takes a moment to see that a connection is closed."""
        until = time.monotonic() + _A_MOMENT
        while (working := self._working()) and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        for run in working:
            run.status = "cancelled"
        return len(working)

    def _working(self) -> list[Any]:
        state = self._emulator.service.state
        runs = [run for run in state.active_runs.values() if run.status != "cancelling"]
        return [*runs, *(one for one in state.responses.values() if not one.over)]


async def sweep(
    generation: str,
    calls: tuple[str, ...] = ("ainvoke", "astream"),
    ways: tuple[Way, ...] = WAYS,
    answers: tuple[tuple[str, int], ...] = ((SHORT, 10_000), (LONG, 50)),
    tell: Callable[[str], None] | None = None,
    **fields: Any,
) -> Left:
    """Sweep over one generation: in a new thread, and in one that is there."""
    total = Left()
    with FoundryEmulator(chunk_delay=0.001) as emulator:
        async with httpx.AsyncClient() as client:
            one = Sweep(emulator, generation, client, **fields)
            for new in (False, True):
                for call in calls:
                    for way in ways:
                        for answer, most in answers:
                            place = None if new else await one.place()
                            left = await one.run(call, way, answer, place=place, most=most)
                            total.add(left)
                            if tell:
                                where = "a new thread" if new else "a thread"
                                tell(f"{generation}, {call}, {way.__name__}, {where}: {left}")
    return total
