"""An open answer: events as the network brings them."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from langchain_foundry_agents._sse import ServerSentEvent, SSEDecoder
from langchain_foundry_agents._transport.farewells import to_its_end
from langchain_foundry_agents._transport.faults import told

if TYPE_CHECKING:
    import httpx


class Stream:
    """An open answer, read in sync code.

    Args:
        answer: The answer.
        pieces: What is to be read of it.
    """

    def __init__(self, answer: httpx.Response, pieces: Iterator[bytes]) -> None:
        self._answer = answer
        self._decoder = SSEDecoder()
        self._pieces = pieces

    def read(self) -> list[ServerSentEvent] | None:
        """The next events, as many as one read completes; `None` at the end."""
        with told(self._answer.request):
            for piece in self._pieces:
                if events := self._decoder.feed(piece):
                    return events
        return None

    def close(self) -> None:
        """Give the connection back, or break it off if the stream is not at its end."""
        self._answer.close()


class AsyncStream:
    """As `Stream`."""

    def __init__(self, answer: httpx.Response, pieces: AsyncIterator[bytes]) -> None:
        self._answer = answer
        self._decoder = SSEDecoder()
        self._pieces = pieces

    async def read(self) -> list[ServerSentEvent] | None:
        """As `Stream.read`."""
        with told(self._answer.request):
            async for piece in self._pieces:
                if events := self._decoder.feed(piece):
                    return events
        return None

    async def close(self) -> None:
        """As `Stream.close`."""
        await to_its_end(self._answer.aclose())

    def break_off(self) -> None:
        """Break the connection off where its loop is closed, so that nothing can be awaited."""
        # Given clients may have connections of other kinds.
        with suppress(AttributeError, KeyError, OSError):
            network = self._answer.extensions["network_stream"]
            network.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
