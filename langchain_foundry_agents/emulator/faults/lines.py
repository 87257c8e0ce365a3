"""Answers that a fault sends in other bytes, in part, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.faults.shapes import Stop

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from langchain_foundry_agents.emulator.faults.mishaps import Mishap

HANG_UP = "foundry.hang_up"
"""The ASGI extension that closes the connection."""


class FaultyLine:
    """An answer on its way through a fault.

    Args:
        answer: the answer; None if there is to be none.
        mishap: what befalls it.
        silent: where the connections are kept that nothing comes on any more.
    """

    def __init__(
        self, answer: ASGIApp | None, mishap: Mishap, silent: set[Callable[[], None]]
    ) -> None:
        self._answer = answer
        self._shape = mishap.shape() if mishap.shape else None
        self._silent = silent
        self._stop: Stop | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it, as an ASGI app."""
        hang_up: Callable[[], None] = scope["extensions"][HANG_UP]

        async def pass_on(message: Message) -> None:
            await self._pass_on(message, send, hang_up)

        if self._answer:
            await self._answer(scope, receive, pass_on)
        if self._shape is None:
            self._stop = Stop.CLOSED
        if self._stop is None:
            return
        if self._stop is Stop.CLOSED:
            hang_up()
        self._silent.add(hang_up)
        try:
            # The server takes offence at an app that ends before its answer or its connection.
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self._silent.discard(hang_up)

    async def _pass_on(self, message: Message, send: Send, hang_up: Callable[[], None]) -> None:
        if self._stop or self._shape is None:
            return
        if message["type"] != "http.response.body":
            await send(message)
            return
        for piece in self._shape(message.get("body", b"")):
            if isinstance(piece, Stop):
                self._stop = piece
                break
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            # Each in a write of its own.
            await asyncio.sleep(0)
        if self._stop is Stop.CLOSED:
            hang_up()
        elif self._stop is None and not message.get("more_body"):
            await send({"type": "http.response.body", "body": b"", "more_body": False})
