"""Last words: work that no cancellation cuts, and for which a loop that ends waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import httpx

Result = TypeVar("Result")

_farewells: set[asyncio.Task[Any]] = set()


def keep(task: asyncio.Task[Any]) -> None:
    """Keep a task until it ends, also if nobody waits for it. The loop itself holds none."""
    _farewells.add(task)
    task.add_done_callback(_over)


async def ended(task: asyncio.Task[Any]) -> None:
    """Wait until a task ends. A cancellation ends the waiting and never the task.

    So whoever is cancelled again and again, as by anyio, goes at once, and the task goes on.
    """
    # As `asyncio.wait` does, at half its price: a stream waits so for each of its chunks.
    waiter = task.get_loop().create_future()

    def wake(_: object) -> None:
        if not waiter.done():
            waiter.set_result(None)

    task.add_done_callback(wake)
    try:
        await waiter
    finally:
        task.remove_done_callback(wake)


async def to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Await work that a cancellation must not cut.

    The first cancellation is raised after it; a second one at once, and the work goes on.
    """
    task = asyncio.create_task(work)
    keep(task)
    try:
        await ended(task)
    except asyncio.CancelledError:
        await ended(task)
        raise
    task.result()


async def all_said() -> None:
    """Wait for all such work of the running loop.

    A stream that is left as the last thing of a loop cancels its run while the loop shuts down.
    """
    # What is closed in the same moment may not have said yet that it leaves.
    await asyncio.sleep(0)
    loop = asyncio.get_running_loop()
    while mine := [task for task in _farewells if task.get_loop() is loop]:
        await asyncio.wait(mine)


@asynccontextmanager
async def closed_in_the_end(answer: httpx.Response) -> AsyncIterator[httpx.Response]:
    """An answer that is closed in any case.

    A closing that is cut short keeps its connection from the pool for ever: httpcore shields it
    from the cancellations of anyio, and not from those of asyncio.
    """
    try:
        yield answer
    finally:
        await to_its_end(answer.aclose())


def _over(task: asyncio.Task[Any]) -> None:
    _farewells.discard(task)
    if not task.cancelled():
        # Nobody may be there to hear of it, which asyncio would complain of.
        task.exception()
