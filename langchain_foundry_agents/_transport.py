"""Requests over httpx, which is called here and nowhere else, and imported on first use.

A transport is one model's way to the service: its endpoint, token and headers over a pool of
connections that the whole process shares (one for sync code, one for each event loop).
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import platform
import threading
import time
import uuid
import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents._sse import ServerSentEvent, SSEDecoder
from langchain_foundry_agents._version import __version__
from langchain_foundry_agents.errors import BadRequestError, Response, ServiceConnectionError

if TYPE_CHECKING:
    import httpx

    from langchain_foundry_agents._credentials import TokenSource

logger = logging.getLogger("langchain_foundry_agents")

Query = tuple[tuple[str, str], ...]
_USER_AGENT = f"langchain-foundry-agents/{__version__} Python/{platform.python_version()}"


@dataclass(frozen=True, slots=True)
class Transport:
    """How one model reaches the service.

    Args:
        url: The project endpoint.
        tokens: What gives the authorization header.
        headers: Headers of the user's own.
        timeout: Seconds, or an `httpx.Timeout`; `None` for connect 10 s, read 60 s.
        client: A sync client of the user's; never closed here.
        async_client: An async client of the user's; never closed here.
    """

    url: str
    tokens: TokenSource
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float | httpx.Timeout | None = None
    client: httpx.Client | None = None
    async_client: httpx.AsyncClient | None = None

    def send(self, method: str, path: str, body: Any, query: Query, seconds: float) -> Response:
        """A request and its whole answer; no part of it may take longer than so many seconds."""
        client = self.client or _process_client()
        request = self._request(client, method, path, body, query, seconds, self.tokens.headers())
        with _logged(request):
            return _response(client.send(request, follow_redirects=False))

    async def asend(
        self, method: str, path: str, body: Any, query: Query, seconds: float
    ) -> Response:
        """As `send`."""
        client = self.async_client or await _loop_client()
        headers = await self.tokens.aheaders()
        request = self._request(client, method, path, body, query, seconds, headers)
        with _logged(request):
            return _response(await client.send(request, follow_redirects=False))

    def open(self, path: str, body: Any, query: Query, seconds: float) -> tuple[Response, Stream]:
        """A request whose answer streams; an answer that is no stream is read as a whole."""
        client = self.client or _process_client()
        request = self._request(client, "POST", path, body, query, seconds, self.tokens.headers())
        with _logged(request):
            answer = client.send(request, stream=True, follow_redirects=False)
            if not _is_stream(answer):
                answer.read()
            return _response(answer), Stream(answer)

    async def aopen(
        self, path: str, body: Any, query: Query, seconds: float
    ) -> tuple[Response, AsyncStream]:
        """As `open`."""
        client = self.async_client or await _loop_client()
        headers = await self.tokens.aheaders()
        request = self._request(client, "POST", path, body, query, seconds, headers)
        with _logged(request):
            answer = await client.send(request, stream=True, follow_redirects=False)
            if not _is_stream(answer):
                await answer.aread()
            return _response(answer), AsyncStream(answer)

    def _request(
        self,
        client: httpx.Client | httpx.AsyncClient,
        method: str,
        path: str,
        body: Any,
        query: Query,
        seconds: float,
        token: Mapping[str, str],
    ) -> httpx.Request:
        own = {
            "accept": "application/json",
            "user-agent": _USER_AGENT,
            "x-ms-client-request-id": str(uuid.uuid4()),
        }
        try:
            return client.build_request(
                method,
                self.url + path,
                params=query,
                json=body,
                headers={**own, **self.headers, **token},
                timeout=_capped(self.timeout, client, seconds),
            )
        except UnicodeEncodeError as error:
            raise BadRequestError(
                "The request holds a text that is not Unicode.",
                remedy="Decode it with errors='replace' where it is read.",
            ) from error


class Stream:
    """An open answer: events as the network brings them."""

    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer
        self._decoder = SSEDecoder()
        self._pieces: Iterator[bytes] = answer.iter_bytes()

    def read(self) -> list[ServerSentEvent] | None:
        """The next events, as many as one read completes; `None` at the end."""
        with _told(self._answer.request):
            for piece in self._pieces:
                if events := self._decoder.feed(piece):
                    return events
        return None

    def close(self) -> None:
        """Give the connection back, or break it off if the stream is not at its end."""
        self._answer.close()


class AsyncStream:
    """As `Stream`."""

    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer
        self._decoder = SSEDecoder()
        self._pieces: AsyncIterator[bytes] = answer.aiter_bytes()

    async def read(self) -> list[ServerSentEvent] | None:
        """As `Stream.read`."""
        with _told(self._answer.request):
            async for piece in self._pieces:
                if events := self._decoder.feed(piece):
                    return events
        return None

    async def close(self) -> None:
        """As `Stream.close`."""
        await self._answer.aclose()


def _is_stream(answer: httpx.Response) -> bool:
    kind = answer.headers.get("content-type", "text/event-stream")
    return bool(answer.is_success and kind.startswith("text/event-stream"))


def _response(answer: httpx.Response) -> Response:
    return Response(
        answer.status_code,
        dict(answer.headers),
        answer.text if answer.is_closed else "",
        answer.request.headers["x-ms-client-request-id"],
    )


def _capped(
    timeout: float | httpx.Timeout | None, client: httpx.Client | httpx.AsyncClient, seconds: float
) -> httpx.Timeout:
    """The timeouts in force, none longer than what is left of the turn."""
    import httpx

    chosen = client.timeout if timeout is None else httpx.Timeout(timeout)
    left = {
        part: seconds if value is None else min(value, seconds)
        for part, value in chosen.as_dict().items()
    }
    return httpx.Timeout(**left)


@contextmanager
def _logged(request: httpx.Request) -> Iterator[None]:
    """A request is a line in the log, without any text of messages."""
    began = time.monotonic()
    try:
        with _told(request):
            yield
    finally:
        took = (time.monotonic() - began) * 1000
        id_ = request.headers["x-ms-client-request-id"]
        logger.debug("%s %s %.0f ms [%s]", request.method, request.url.path, took, id_)


@contextmanager
def _told(request: httpx.Request) -> Iterator[None]:
    """Every error of httpx in here becomes one of ours."""
    import httpx

    try:
        yield
    except httpx.TransportError as error:
        raise _connection_error(error, request) from error
    except httpx.DecodingError as error:
        message = "The service's answer could not be decompressed."
        raise ServiceConnectionError(message, maybe_accepted=True) from error


def _connection_error(
    error: httpx.TransportError, request: httpx.Request
) -> ServiceConnectionError:
    import httpx

    never_sent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
    # A LocalProtocolError quotes the header that it rejects, which may be the token.
    reason = type(error).__name__
    if not isinstance(error, httpx.LocalProtocolError) and str(error):
        reason += f": {error}"
    return ServiceConnectionError(
        f"The connection to {request.url.host} failed ({reason}).",
        maybe_accepted=not isinstance(error, never_sent),
        client_request_id=request.headers["x-ms-client-request-id"],
    )


_lock = threading.Lock()
_process_clients: dict[int, httpx.Client] = {}
_loop_clients: weakref.WeakKeyDictionary[
    asyncio.AbstractEventLoop, tuple[httpx.AsyncClient, AsyncGenerator[None, None]]
] = weakref.WeakKeyDictionary()


def _pool_options() -> dict[str, Any]:
    import httpx

    return {
        "limits": httpx.Limits(max_connections=1000, max_keepalive_connections=100),
        "timeout": httpx.Timeout(60.0, connect=10.0),
        # A proxy of the environment's cannot reach what listens on this machine.
        "mounts": {f"all://{host}": None for host in ("localhost", "127.0.0.1", "[::1]")},
    }


def _process_client() -> httpx.Client:
    """The pool of this process; a forked child has one of its own."""
    pid = os.getpid()
    client = _process_clients.get(pid)
    if client is None:
        import httpx

        with _lock:
            client = _process_clients.get(pid)
            if client is None:
                client = _process_clients[pid] = httpx.Client(**_pool_options())
                atexit.register(client.close)
    return client


async def _loop_client() -> httpx.AsyncClient:
    """The pool of the running event loop, closed when `asyncio.run` shuts the loop down."""
    loop = asyncio.get_running_loop()
    if loop not in _loop_clients:
        import httpx

        client = httpx.AsyncClient(**_pool_options())
        # A loop that shuts down closes the async generators that were begun in it.
        life = _closing(client)
        await anext(life)
        _loop_clients[loop] = client, life
    return _loop_clients[loop][0]


async def _closing(client: httpx.AsyncClient) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        await client.aclose()
