"""One model's way to the service: its endpoint, token and headers over a pool of connections."""

from __future__ import annotations

import hashlib
import platform
import re
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents._credentials import TokenSource
from langchain_foundry_agents._recent import RECENT, content_key
from langchain_foundry_agents._transport.bodies import (
    ACCEPTED,
    apieces,
    aread_whole,
    pieces,
    read_whole,
)
from langchain_foundry_agents._transport.farewells import closed_in_the_end
from langchain_foundry_agents._transport.faults import logged, redirected
from langchain_foundry_agents._transport.pools import loop_client, process_client
from langchain_foundry_agents._transport.sending import bounded, noted
from langchain_foundry_agents._transport.streams import AsyncStream, Stream
from langchain_foundry_agents._version import __version__
from langchain_foundry_agents.errors import BadRequestError, Response

if TYPE_CHECKING:
    import httpx


Query = tuple[tuple[str, str], ...]
File = tuple[str, bytes, str]
"""Name, content and media type."""
Write = Callable[[bytes], object]
_NAME = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
_SENDABLE = re.compile(r"([\x21-\x7e]([\t\x20-\x7e]*[\x21-\x7e])?)?")
_NOT_ACCEPTED = 401
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
        caller: Whose rate limits it meets: those of an agent, and of a model that a call names.
        longest_hold: The longest wait, in seconds, for a rate limit that others met.
    """

    url: str
    tokens: TokenSource
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float | httpx.Timeout | None = None
    client: httpx.Client | None = None
    async_client: httpx.AsyncClient | None = None
    caller: str = ""
    longest_hold: float = 60.0

    def send(
        self,
        method: str,
        path: str,
        body: Any,
        query: Query,
        file: File | None,
        seconds: float,
        fresh_for: float,
    ) -> Response:
        """A request and its whole answer; no part of it may take longer than so many seconds.

        An earlier answer will do if it is not older than `fresh_for` seconds.
        """
        client, token = self._client(), self.tokens.headers()
        request = self._request(client, method, path, body, query, seconds, token, file)
        key = self._key(request, file)
        if kept := RECENT.find(key, fresh_for):
            return kept
        with logged(request) as note, closing(note(_sent(client, request))) as answer:
            return RECENT.keep(key, self._response(answer, read_whole(answer)), fresh_for)

    async def asend(
        self,
        method: str,
        path: str,
        body: Any,
        query: Query,
        file: File | None,
        seconds: float,
        fresh_for: float,
    ) -> Response:
        """As `send`."""
        client, token = await self._async_client(), await self.tokens.aheaders()
        request = self._request(client, method, path, body, query, seconds, token, file)
        key = self._key(request, file)
        if kept := RECENT.find(key, fresh_for):
            return kept
        with logged(request) as note:
            async with closed_in_the_end(note(await _asent(client, request))) as answer:
                return RECENT.keep(
                    key, self._response(answer, await aread_whole(answer)), fresh_for
                )

    def open(
        self, method: str, path: str, body: Any, query: Query, seconds: float
    ) -> tuple[Response, Stream]:
        """A request whose answer streams; an answer that is no stream is read as a whole."""
        client, token = self._client(), self.tokens.headers()
        request = self._request(client, method, path, body, query, seconds, token)
        with logged(request) as note:
            answer = note(_sent(client, request))
            if _is_stream(answer):
                return self._response(answer), Stream(answer, pieces(answer))
            with closing(answer):
                return self._response(answer, read_whole(answer)), Stream(answer, iter(()))

    async def aopen(
        self, method: str, path: str, body: Any, query: Query, seconds: float
    ) -> tuple[Response, AsyncStream]:
        """As `open`."""
        client, token = await self._async_client(), await self.tokens.aheaders()
        request = self._request(client, method, path, body, query, seconds, token)
        with logged(request) as note:
            answer = note(await _asent(client, request))
            if _is_stream(answer):
                return self._response(answer), AsyncStream(answer, apieces(answer))
            async with closed_in_the_end(answer):
                return self._response(answer, await aread_whole(answer)), AsyncStream(
                    answer, _nothing()
                )

    def fetch(self, path: str, query: Query, write: Write, seconds: float) -> Response:
        """A request whose answer is a file, written piece by piece."""
        client, token = self._client(), self.tokens.headers()
        request = self._request(client, "GET", path, None, query, seconds, token)
        with logged(request) as note, closing(note(_sent(client, request))) as answer:
            if not answer.is_success:
                return self._response(answer, read_whole(answer))
            for piece in pieces(answer):
                write(piece)
            return self._response(answer)

    async def afetch(self, path: str, query: Query, write: Write, seconds: float) -> Response:
        """As `fetch`."""
        client, token = await self._async_client(), await self.tokens.aheaders()
        request = self._request(client, "GET", path, None, query, seconds, token)
        with logged(request) as note:
            async with closed_in_the_end(note(await _asent(client, request))) as answer:
                if not answer.is_success:
                    return self._response(answer, await aread_whole(answer))
                async for piece in apieces(answer):
                    write(piece)
                return self._response(answer)

    def _response(self, answer: httpx.Response, text: str = "") -> Response:
        if answer.status_code == _NOT_ACCEPTED:
            self.tokens.note_refusal(answer.request.headers)
        if answer.next_request is not None:
            raise redirected(answer, answer.next_request)
        headers = dict(answer.headers)
        # A gateway's cookie may be as good as a token.
        headers.pop("set-cookie", None)
        id_ = answer.request.headers["x-ms-client-request-id"]
        return Response(answer.status_code, headers, text, id_)

    def _client(self) -> httpx.Client:
        return self.client or process_client()

    async def _async_client(self) -> httpx.AsyncClient:
        return self.async_client or await loop_client()

    def _request(
        self,
        client: httpx.Client | httpx.AsyncClient,
        method: str,
        path: str,
        body: Any,
        query: Query,
        seconds: float,
        token: Mapping[str, str],
        file: File | None = None,
    ) -> httpx.Request:
        own = {
            "accept": "application/json",
            "accept-encoding": ACCEPTED,
            "user-agent": _USER_AGENT,
            "x-ms-client-request-id": str(uuid.uuid4()),
        }
        form = {"data": body, "files": {"file": file}} if file else {"json": body}
        self._check_headers()
        with suppress(UnicodeEncodeError):
            return client.build_request(
                method,
                self.url + path,
                params=query,
                headers={**own, **self.headers, **token},
                timeout=_capped(self.timeout, client, seconds),
                **form,
            )
        # Not as its cause: the error of the codec quotes the whole text.
        raise BadRequestError(
            "The request holds a text that is not Unicode.",
            remedy="Decode it with errors='replace' where it is read.",
        )

    def _check_headers(self) -> None:
        """Refuse what no header can hold: the errors of httpx would quote it."""
        # Neither the headers nor a value are local variables, which tracebacks may show.
        bad = next((name for name in self.headers if not _NAME.fullmatch(name)), None)
        if bad is not None:
            raise BadRequestError(f"{bad!r} is no name of a header.")
        unsendable = (name for name, text in self.headers.items() if not _SENDABLE.fullmatch(text))
        if bad := next(unsendable, None):
            raise BadRequestError(
                f"The header {bad!r} cannot be sent: its value holds a line break, a blank at one "
                "of its ends, or a sign that is not ASCII.",
                remedy="Strip what is read from a file; percent-encode what is not ASCII.",
            )

    def _key(self, request: httpx.Request, file: File | None) -> tuple[str, ...]:
        """What makes two requests the same. What one identity may read, another may not."""
        who = request.headers.get("authorization") or request.headers.get("api-key", "")
        also = (text for header in sorted(self.headers.items()) for text in header)
        key = request.method, str(request.url), who, *also
        # A digest, as tracebacks may show it: it tells nothing of who asks.
        return hashlib.sha256(repr(key).encode()).hexdigest(), *content_key(file)


def _sent(client: httpx.Client, request: httpx.Request) -> httpx.Response:
    """An answer whose body is not read yet. A redirect is one: it is never followed."""
    return client.send(bounded(request), stream=True, follow_redirects=False)


async def _asent(client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    return await client.send(noted(request), stream=True, follow_redirects=False)


async def _nothing() -> AsyncIterator[bytes]:
    for piece in tuple[bytes, ...]():
        yield piece


def _is_stream(answer: httpx.Response) -> bool:
    kind = answer.headers.get("content-type", "text/event-stream")
    return bool(answer.is_success and kind.startswith("text/event-stream"))


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
