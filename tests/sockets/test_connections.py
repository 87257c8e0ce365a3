"""Connections go back to their pool, whenever a task is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import FoundryEmulator


class Door:
    """Where an answer that is being closed waits."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()


class SlowToClose(httpx.AsyncByteStream):
    """An answer whose closing waits, as for a lock of its connection's."""

    def __init__(self, stream: Any, door: Door) -> None:
        self._stream = stream
        self._door = door

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._stream:
            yield piece

    async def aclose(self) -> None:
        self._door.reached.set()
        await self._door.opened.wait()
        await self._stream.aclose()


class SlowTransport(httpx.AsyncHTTPTransport):
    """httpx's own, with answers that are slow to close."""

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        response.stream = SlowToClose(response.stream, self._door)
        return response


@pytest.mark.parametrize("mode", ["stream", "poll"])
async def test_a_task_that_is_cancelled_while_an_answer_is_closed_gives_the_connection_back(
    emulator: FoundryEmulator, model: ChatFoundryAgent, mode: str
) -> None:
    door = Door()
    transport = SlowTransport(door)
    async with httpx.AsyncClient(transport=transport) as client:
        asking = model.model_copy(update={"http_async_client": client, "run_mode": mode})
        task = asyncio.create_task(asking.ainvoke("Hello"))
        await door.reached.wait()
        task.cancel()
        await asyncio.sleep(0)
        door.opened.set()
        await asyncio.wait([task])

        connections = transport._pool.connections
        assert connections
        assert [one for one in connections if not one.is_idle()] == []
