"""Turns that are cancelled as programs do it: the thread takes the next turn at once.

Every await point in every way: `tests/sweep`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

import anyio
import pytest
from langchain_core.messages import HumanMessage

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import FoundryEmulator

from .seen import at_rest

Turn = Callable[[], Awaitable[Any]]


async def by_a_scope(turn: Turn, begun: asyncio.Event) -> None:
    async def leave() -> None:
        await begun.wait()
        scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(leave)
        with anyio.CancelScope() as scope:
            await turn()


async def by_a_timeout(turn: Turn, begun: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(None) as limit:
            loop = asyncio.get_running_loop()
            late = asyncio.create_task(begun.wait())
            late.add_done_callback(lambda _: limit.reschedule(loop.time()))
            await turn()


async def by_a_neighbour_that_fails(turn: Turn, begun: asyncio.Event) -> None:
    async def fail() -> None:
        await begun.wait()
        raise ValueError("It failed.")

    with suppress(ExceptionGroup):
        async with asyncio.TaskGroup() as group:
            group.create_task(turn())  # type: ignore[arg-type]
            group.create_task(fail())


async def by_three_cancellations(turn: Turn, begun: asyncio.Event) -> None:
    task = asyncio.ensure_future(turn())
    await begun.wait()
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
    with suppress(asyncio.CancelledError):
        await task


@pytest.fixture(params=["classic", "new"])
def model(request: pytest.FixtureRequest) -> Iterator[tuple[FoundryEmulator, ChatFoundryAgent]]:
    """A service that takes its time between two words, and a model of an agent on it."""
    with FoundryEmulator(chunk_delay=0.01) as emulator:
        name = emulator.create_agent(name="helper", generation=request.param)
        key = "agent_name" if request.param == "new" else "agent_id"
        yield emulator, ChatFoundryAgent(project_endpoint=emulator.project_endpoint, **{key: name})


@pytest.mark.parametrize(
    "leave",
    [by_a_scope, by_a_timeout, by_a_neighbour_that_fails, by_three_cancellations],
)
async def test_a_thread_takes_the_next_turn(
    model: tuple[FoundryEmulator, ChatFoundryAgent],
    leave: Callable[[Turn, asyncio.Event], Awaitable[None]],
) -> None:
    emulator, asked = model
    first = await asked.ainvoke("Hello")
    thread_id, begun = first.response_metadata["thread_id"], asyncio.Event()

    async def turn() -> None:
        async for _ in asked.astream("Count to 100000", thread_id=thread_id):
            begun.set()

    await leave(turn, begun)
    answer = await asked.ainvoke("What is 1 + 1?", thread_id=thread_id, run_timeout=30)

    assert answer.text.startswith("1 + 1 = 2.")
    await at_rest(emulator)
    assert all(one.over for one in emulator.service.state.responses.values())


async def test_closing_the_chunks_from_elsewhere_ends_who_reads_them(
    model: tuple[FoundryEmulator, ChatFoundryAgent],
) -> None:
    emulator, asked = model
    chunks = asked._turn([HumanMessage("Count to 100000")], None, {}).achunks()
    await anext(chunks)

    async def read() -> int:
        return len([chunk async for chunk in chunks])

    reader = asyncio.create_task(read())
    await asyncio.sleep(0)
    await chunks.aclose()

    assert await reader >= 0
    await at_rest(emulator)
    statuses = [run.status for one in emulator.service.state.threads.values() for run in one.runs]
    statuses += [one.status for one in emulator.service.state.responses.values()]
    assert statuses == ["cancelled"]
