"""Last words, which a cancellation must not cut, and for which a loop that ends waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

_farewells: set[asyncio.Task[None]] = set()


async def to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Await work that a cancellation must not cut; a cancellation meanwhile is raised after it."""
    task = asyncio.create_task(work)
    _farewells.add(task)
    task.add_done_callback(_farewells.discard)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as again:
            cancelled = again
    if cancelled:
        raise cancelled


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
