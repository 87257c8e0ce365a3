"""A loop whose tasks count how often they wait, so that something can befall them at a step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Self


class Counted(Coroutine[Any, Any, Any]):
    """A coroutine that tells whenever it waits.

    Args:
        inner: What it does.
        note: Is called at each step.
    """

    def __init__(self, inner: Coroutine[Any, Any, Any], note: Callable[[], None]) -> None:
        self._inner = inner
        self._note = note

    def send(self, value: Any) -> Any:
        """Go on; it waits again if this returns."""
        waits_for = self._inner.send(value)
        self._note()
        return waits_for

    def throw(self, *error: Any) -> Any:
        """As `send`, with an error."""
        waits_for = self._inner.throw(*error)
        self._note()
        return waits_for

    def close(self) -> None:
        """End it."""
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield from self._inner.__await__())


class Steps:
    """Counts the steps of all tasks of the running loop, and does something after one of them.

    Args:
        at: The step.
        act: What is done then.
    """

    def __init__(self, at: int, act: Callable[[], None]) -> None:
        self._at = at
        self._act = act
        self.count = 0

    def __enter__(self) -> Self:
        loop = asyncio.get_running_loop()

        def make(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:
            return asyncio.Task(Counted(work, self._note), loop=loop, **options)

        loop.set_task_factory(make)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().set_task_factory(None)

    def _note(self) -> None:
        self.count += 1
        if self.count == self._at:
            asyncio.get_running_loop().call_soon(self._act)
