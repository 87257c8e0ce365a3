"""Pools of connections: one of the process for sync code, one of each event loop.

They close by themselves: at the process's exit, and when `asyncio.run` shuts its loop down.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import sys
import threading
import weakref
from collections.abc import AsyncGenerator
from contextlib import suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib import import_module
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents._transport.connecting import THIS_MACHINE
from langchain_foundry_agents._transport.farewells import all_said

if TYPE_CHECKING:
    import httpx

_OF_ASYNC_REQUESTS = ("httpcore._backends.anyio", "anyio._backends._asyncio", "sniffio")
_lock = threading.Lock()
_process_clients: dict[int, httpx.Client] = {}
_loop_clients: weakref.WeakKeyDictionary[
    asyncio.AbstractEventLoop, tuple[httpx.AsyncClient, AsyncGenerator[None, None]]
] = weakref.WeakKeyDictionary()


def _pool_options() -> dict[str, Any]:
    import httpx

    return {
        # All may stay until they expire. Of those beyond a bound httpcore closes the idle ones, and
        # may take one that another thread begins to use in that moment. They expire soon, by
        # httpx's own bound: it looks at every idle one whenever a request ends.
        "limits": httpx.Limits(max_connections=1000, max_keepalive_connections=1000),
        "timeout": httpx.Timeout(60.0, connect=10.0),
        # Many users share a pool: what a gateway sets for one of them is not for the others.
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=())),
        "mounts": {f"all://{f'[{host}]' if ':' in host else host}": None for host in THIS_MACHINE},
    }


def process_client() -> httpx.Client:
    """The pool of this process; a forked child has one of its own."""
    pid = os.getpid()
    client = _process_clients.get(pid)
    if client is None:
        import httpx

        with _lock:
            client = _process_clients.get(pid)
            if client is None:
                client = _process_clients[pid] = httpx.Client(**_pool_options())
                atexit.register(_close, pid, client)
    return client


def _close(pid: int, client: httpx.Client) -> None:
    # A forked child ends with the handlers of its parent, whose pool may be locked for ever in it.
    if os.getpid() == pid:
        client.close()


def _forget_locks() -> None:
    """A child begins with locks that nobody holds: threads of its parent's stay behind."""
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_locks)


async def loop_client() -> httpx.AsyncClient:
    """The pool of the running event loop, closed when `asyncio.run` shuts the loop down."""
    loop = asyncio.get_running_loop()
    if loop not in _loop_clients:
        # One that was closed without being shut down: `life` holds it, so it never goes away.
        for over in [one for one in list(_loop_clients) if one.is_closed()]:
            _loop_clients.pop(over, None)
        # To import httpx and to read the certificates takes its time, which is not the loop's.
        client = await asyncio.to_thread(_new_client)
        # Another task may have been faster. What was never used needs no closing.
        if loop not in _loop_clients:
            # A loop that shuts down closes the async generators that were begun in it.
            life = _closing(client)
            await anext(life)
            _loop_clients[loop] = client, life
    return _loop_clients[loop][0]


def _new_client() -> httpx.AsyncClient:
    import httpx

    # What httpx itself imports with its first async request.
    for name in _OF_ASYNC_REQUESTS:
        with suppress(ImportError):
            import_module(name)
    return httpx.AsyncClient(**_pool_options())


async def _closing(client: httpx.AsyncClient) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        # The loop warns of async generators that are begun from now on, and httpx sends a
        # request's body by one. It sets these hooks anew whenever it runs.
        sys.set_asyncgen_hooks(firstiter=None, finalizer=None)
        await all_said()
        await client.aclose()
        _loop_clients.pop(asyncio.get_running_loop(), None)
