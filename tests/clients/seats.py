"""Where a client sits; and async clients used as if they were sync, to do the same operations."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_foundry_agents.emulator import FoundryEmulator


class Seat:
    """A client of an emulator; subclasses connect it, and make what its operations need."""

    def __init__(self, emulator: FoundryEmulator) -> None:
        self.emulator = emulator
        self.client: Any = self.connect()

    def connect(self) -> Any:
        """The client."""
        raise NotImplementedError

    def close(self) -> None:
        """Closes the client."""
        self.client.close()

    def gone(self, delete: Callable[[], Any], left: Callable[[], Any]) -> bool:
        """Whether a list is empty after a deletion."""
        delete()
        return everything(left()) == []


class AsyncSeat(Seat):
    """The same with an async client and a loop of its own."""

    def __init__(self, emulator: FoundryEmulator) -> None:
        self.loop = asyncio.new_event_loop()
        super().__init__(emulator)

    def close(self) -> None:
        super().close()
        self.loop.close()


class Blocking:
    """Stands for an async object: its methods are awaited, its streams and lists are read whole.

    Args:
        inner: the client, or a part of it.
        loop: where it works.
    """

    def __init__(self, inner: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.inner = inner
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.inner, name)
        if not inspect.isroutine(value):
            return Blocking(value, self._loop)

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._loop.run_until_complete(_settled(value, args, kwargs))

        return call


def everything(stream: Any) -> list[Any]:
    """All that a stream, a page or a list gives."""
    if isinstance(stream, AbstractContextManager):
        with stream as opened:
            return list(opened)
    return list(stream)


async def _settled(method: Any, args: Any, kwargs: Any) -> Any:
    result = method(*args, **kwargs)
    if inspect.iscoroutine(result):
        result = await result
    if hasattr(result, "__aenter__"):
        async with result as opened:
            return [one async for one in opened] if hasattr(opened, "__aiter__") else opened
    if hasattr(result, "__aiter__"):
        return [one async for one in result]
    return result
