"""The loopback socket, and uvicorn in a thread of its own behind it."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from abc import ABC, abstractmethod
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from langchain_foundry_agents.emulator.faults.lines import HANG_UP
from langchain_foundry_agents.emulator.service import EMULATOR_TOKEN, PROJECT_PATH
from langchain_foundry_agents.emulator.tls import Certificate, certify

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from starlette.types import ASGIApp, Receive, Scope, Send

HOST = "127.0.0.1"
_EVERY = ("0.0.0.0", "::")  # noqa: S104 - it is named, not bound
_START_SECONDS, _KEEP_ALIVE = 10, 120
_GRACE, _MOMENT = 2.0, 0.002
_CHECK_SECONDS = 0.5
Result = TypeVar("Result")


class Served(Protocol):
    """What is served: an app, and how its work comes to an end before its connections do."""

    @property
    def app(self) -> ASGIApp:
        """Answers requests."""

    async def close(self) -> None:
        """Ends what is under way, so that open answers come to their end."""


class LoopbackService(ABC):
    """A project on a loopback port, for as long as it is started.

    Args:
        port: the port, 0 for a free one.
        host: the address; another than loopback lets other machines in.
        tls: whether to speak TLS, or the folder in which its authority is kept.
    """

    def __init__(self, port: int, host: str = HOST, *, tls: bool | Path = False) -> None:
        self.credential = EMULATOR_TOKEN
        self._port = port
        self._host = host
        self._tls = tls
        self._folder: TemporaryDirectory[str] | None = None
        self._certificate: Certificate | None = None
        self._server: ThreadedServer | None = None

    @property
    def project_endpoint(self) -> str:
        """Where clients find it; the port is known once it has started."""
        if self._tls:
            return f"https://localhost:{self._port}{PROJECT_PATH}"
        host = HOST if self._host in _EVERY else self._host
        return f"http://{f'[{host}]' if ':' in host else host}:{self._port}{PROJECT_PATH}"

    @property
    def certificate_authority(self) -> Path | None:
        """The PEM file that clients have to trust; None without TLS, or before the start."""
        return self._certificate.authority if self._certificate else None

    def start(self) -> Self:
        """Serves; does nothing if it serves already.

        Raises:
            OSError: the port is taken.
        """
        if self._server is None:
            self._certificate = self._certify()
            listener = listen(self._port, self._host)
            self._port = listener.getsockname()[1]
            self._server = ThreadedServer(self._served(), listener, self._certificate)
            self._server.start()
        return self

    def _certify(self) -> Certificate | None:
        if not self._tls:
            return None
        if self._tls is True:
            self._folder = self._folder or TemporaryDirectory(prefix="foundry-emulator-")
            folder = Path(self._folder.name)
        else:
            folder = Path(self._tls)
        return certify(folder, *(() if self._host in _EVERY else (self._host,)))

    def stop(self) -> None:
        """Ends open streams and runs, and serves no more; what it remembers stays."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _perform(self, work: Callable[[], Result]) -> Result:
        """Does something where requests are answered, between two of them, and waits for it.

        State belongs to the server's loop: no other thread may change it, or look through it, while
        a request is answered. Without a server there is nobody to wait for.
        """
        return work() if self._server is None else self._server.perform(work)

    @abstractmethod
    def _served(self) -> Served:
        """What is served from now on."""


class ThreadedServer(uvicorn.Server):
    """uvicorn in a thread of its own, with a start and a stop that wait.

    Args:
        server: what is served.
        listener: the socket.
        certificate: for TLS.
    """

    def __init__(
        self, server: Served, listener: socket.socket, certificate: Certificate | None = None
    ) -> None:
        config = uvicorn.Config(
            _with_hang_up(server.app, self._hang_up),
            lifespan="off",
            log_config=None,
            access_log=False,
            # The one that is always there: a connection is to break off in the same way everywhere.
            http="h11",
            # No websockets here, and their library warns of itself when uvicorn loads it.
            ws="none",
            # uvicorn's own five seconds are over just when a slow caller asks again.
            timeout_keep_alive=_KEEP_ALIVE,
            ssl_certfile=certificate.server if certificate else None,
            server_header=False,
            date_header=False,
        )
        super().__init__(config)
        self._server = server
        self._listener = listener
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run_loop, name="foundry-emulator", daemon=True)

    def start(self) -> None:
        """Serves.

        Raises:
            RuntimeError: it takes too long.
        """
        self._thread.start()
        if not self._ready.wait(_START_SECONDS):
            message = f"The emulator did not start within {_START_SECONDS} seconds."
            raise RuntimeError(message)

    def stop(self) -> None:
        """Serves no more."""
        self.should_exit = True
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def perform(self, work: Callable[[], Result]) -> Result:
        """Does something in the server's loop, and waits for it; the loop itself need not wait."""
        if threading.current_thread() is self._thread:
            return work()
        done: Future[Result] = Future()
        try:
            self._loop.call_soon_threadsafe(_complete, done, work)
        except RuntimeError:
            # The loop is closed: nothing runs there any more.
            return work()
        while True:
            try:
                return done.result(timeout=_CHECK_SECONDS)
            except TimeoutError:
                # A loop that ended has forgotten what it was to do.
                if not self._thread.is_alive() and done.cancel():
                    return work()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn; whoever starts it waits for this."""
        await super().startup(sockets)
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        self._ready.set()

    async def main_loop(self) -> None:
        """Waits to be stopped; uvicorn's own looks ten times a second, which makes tests slow."""
        await self.on_tick(0)
        await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Closes all connections, once all work is done; uvicorn's own sleeps before it looks."""
        await self._server.close()
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                # Nothing of uvicorn's tells when they are gone.
                while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110
                    await asyncio.sleep(_MOMENT)

    def _run_loop(self) -> None:
        asyncio.run(self.serve(sockets=[self._listener]))

    def _hang_up(self, client: tuple[str, int]) -> None:
        """Closes a connection, whatever is being said on it."""
        for connection in self.server_state.connections:
            if isinstance(connection, H11Protocol) and connection.client == client:
                connection.transport.close()


def _complete(done: Future[Result], work: Callable[[], Result]) -> None:
    if not done.set_running_or_notify_cancel():
        return
    try:
        done.set_result(work())
    except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
        done.set_exception(error)


def listen(port: int, host: str = HOST) -> socket.socket:
    """A listening socket, on loopback by default.

    Args:
        port: its port, 0 for a free one.
        host: its address.

    Raises:
        OSError: the port is taken.
    """
    # Only where the protocol is named does asyncio switch Nagle's algorithm off on connections;
    # with it, each answer would take 40 ms.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _with_hang_up(app: ASGIApp, hang_up: Callable[[tuple[str, int]], None]) -> ASGIApp:
    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        extensions = {HANG_UP: partial(hang_up, scope["client"])}
        await app({**scope, "extensions": extensions}, receive, send)

    return served
