"""Functions of the user's that may wait, called by async code: each in a thread of its own.

asyncio's default executor has a few threads, which tokens, name resolution and LangChain need too:
people who think about an approval would hold all of them.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from typing import Any, TypeVar

Result = TypeVar("Result")


async def in_thread(function: Callable[..., Result], *arguments: Any) -> Result:
    """What a function returns, or raises. A thread that is left alone keeps no process alive."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()
    context = copy_context()

    def settle(put: Callable[[Any], None], what: object) -> None:
        if not future.done():
            put(what)

    def tell(put: Callable[[Any], None], what: object) -> None:
        # The loop may be closed, and nobody there to hear of it.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, put, what)

    def call() -> None:
        try:
            result = context.run(function, *arguments)
        except StopIteration as end:
            # No future takes it; a coroutine that raised it would end so, too.
            error = RuntimeError("The function raised StopIteration.")
            error.__cause__ = end
            tell(future.set_exception, error)
        except BaseException as raised:  # noqa: BLE001 - who awaits it gets it
            tell(future.set_exception, raised)
        else:
            tell(future.set_result, result)

    threading.Thread(target=call, name=__name__, daemon=True).start()
    return await future
