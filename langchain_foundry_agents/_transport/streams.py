"""An open answer: events as the network brings them."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from langchain_foundry_agents._sse import ServerSentEvent, SSEDecoder
from langchain_foundry_agents._transport.farewells import to_its_end
from langchain_foundry_agents._transport.faults import Told

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
        self._told = Told(answer.request)
        self._decoder = SSEDecoder()
        self._pieces = pieces

    def read(self) -> list[ServerSentEvent] | None:
        """The events that one read completes, which may be none; `None` at the end."""
        with self._told:
            piece = next(self._pieces, None)
        return None if piece is None else self._decoder.feed(piece)

    def close(self) -> None:
        """Give the connection back, or break it off if the stream is not at its end."""
        self._answer.close()


class AsyncStream:
    """As `Stream`."""

    def __init__(self, answer: httpx.Response, pieces: AsyncIterator[bytes]) -> None:
        self._answer = answer
        self._told = Told(answer.request)
        self._decoder = SSEDecoder()
        self._pieces = pieces

    async def read(self) -> list[ServerSentEvent] | None:
        """As `Stream.read`."""
        with self._told:
            piece = await anext(self._pieces, None)
        return None if piece is None else self._decoder.feed(piece)

    async def close(self) -> None:
        """As `Stream.close`."""
        await to_its_end(self._answer.aclose())

    def break_off(self) -> None:
        """Break the connection off where its loop is closed, so that nothing can be awaited."""
        # Given clients may have connections of other kinds.
        with suppress(AttributeError, KeyError, OSError):
            network = self._answer.extensions["network_stream"]
            network.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
