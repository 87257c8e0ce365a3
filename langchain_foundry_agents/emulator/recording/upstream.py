"""The real service, asked over httpx, which is imported with the first request."""

from __future__ import annotations

import asyncio
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Mapping

    import httpx

    from langchain_foundry_agents.emulator.exchange import Request

_OF_A_CONNECTION = re.compile(
    "connection|content-length|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade"
)
_OF_THE_SERVICE = re.compile("set-cookie")
_OF_THE_CALLER = re.compile("accept-encoding|api-key|authorization|cookie")


class UnreachableError(Exception):
    """The real service gave no answer, or there is no token for it."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """An answer whose body is still to come."""

    status: int
    headers: Mapping[str, str]
    pieces: AsyncGenerator[bytes, None]


class Upstream:
    """A project of the real service.

    Args:
        url: its endpoint.
        authorize: gives the headers that prove who asks; it may take its time.
    """

    def __init__(self, url: str, authorize: Callable[[], Mapping[str, str]]) -> None:
        self.url = url
        self._authorize = authorize
        self._client: httpx.AsyncClient | None = None

    async def ask(self, request: Request, path: str) -> Incoming:
        """Passes a request on; the answer's pieces raise where it breaks off.

        Args:
            request: as it came.
            path: its path below the project.

        Raises:
            UnreachableError: no answer came.
        """
        client = self._client = self._client or _new_client()
        headers = _without(request.headers, _OF_A_CONNECTION, _OF_THE_CALLER)
        # As it is, and at once: nothing on the way may gather what it compresses.
        headers |= {"accept-encoding": "identity", **await self._proof()}
        onwards = client.build_request(
            request.method,
            self.url + path,
            # A name that comes twice goes on twice.
            params=list(request.query_pairs),
            headers=headers,
            content=request.body,
        )
        with _told():
            answer = await client.send(onwards, stream=True)
        told = _without(answer.headers, _OF_A_CONNECTION, _OF_THE_SERVICE)
        return Incoming(answer.status_code, told, _pieces(answer))

    async def close(self) -> None:
        """Closes the connections."""
        if self._client:
            await self._client.aclose()
            self._client = None

    async def _proof(self) -> Mapping[str, str]:
        try:
            return await asyncio.to_thread(self._authorize)
        except Exception as error:
            raise UnreachableError(f"There is no token for the real service: {error}") from error


def _without(headers: Mapping[str, str], *names: re.Pattern[str]) -> dict[str, str]:
    return {
        name: value
        for name, value in headers.items()
        if not any(pattern.fullmatch(name) for pattern in names)
    }


async def _pieces(answer: httpx.Response) -> AsyncGenerator[bytes, None]:
    try:
        with _told():
            async for piece in answer.aiter_raw():
                yield piece
    finally:
        await answer.aclose()


@contextmanager
def _told() -> Iterator[None]:
    import httpx

    try:
        yield
    except httpx.TransportError as error:
        raise UnreachableError(f"The real service gave no answer: {error!r}.") from error


def _new_client() -> httpx.AsyncClient:
    import httpx

    # How long an answer may take is the caller's to say.
    return httpx.AsyncClient(timeout=httpx.Timeout(None, connect=10.0), follow_redirects=False)
