"""`FoundryRecorder`: a proxy on loopback to a real service, which keeps what is said through it."""

from __future__ import annotations

import secrets
from contextlib import aclosing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, StreamingResponse

from langchain_foundry_agents.emulator.recording.gate import Gate
from langchain_foundry_agents.emulator.recording.names import Numbers
from langchain_foundry_agents.emulator.recording.scrubbing import Scrubber
from langchain_foundry_agents.emulator.recording.tape import (
    Exchange,
    Tape,
    told_answer,
    told_request,
)
from langchain_foundry_agents.emulator.recording.upstream import UnreachableError, Upstream
from langchain_foundry_agents.emulator.service import PROJECT_PATH
from langchain_foundry_agents.emulator.serving import LoopbackService

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from starlette.responses import Response

    from langchain_foundry_agents.emulator.exchange import Request
    from langchain_foundry_agents.emulator.recording.upstream import Incoming
    from langchain_foundry_agents.emulator.records import JsonObject

KEPT_HEADERS = ("content-type", "retry-after", "retry-after-ms", "x-ms-retry-after-ms")
"""Of an answer; none of a request is."""


class FoundryRecorder(LoopbackService):
    """A proxy on loopback to a real project: it answers as that does, and writes it down.

    The proxy asks with an identity of its own. So its endpoint has a secret in it, anew for each
    recorder: programs of this machine that know it are answered, and nobody else. The file holds no
    header but an answer's type and hints to wait, no token, host or principal, and of ids their
    order only. Texts are masked unless asked for.

    Args:
        upstream: the real project's endpoint.
        path: the file, which must not be there yet.
        authorize: gives the headers that prove who asks the real service.
        texts: whether the file holds what was said.
        port: the port, 0 for a free one.

    Raises:
        FileExistsError: there is such a file.
    """

    def __init__(
        self,
        upstream: str,
        path: Path | str,
        *,
        authorize: Callable[[], Mapping[str, str]],
        texts: bool = False,
        port: int = 0,
    ) -> None:
        super().__init__(port)
        self._upstream = Upstream(upstream, authorize)
        self._tape = Tape(Path(path), texts=texts)
        self._scrubber = Scrubber(Numbers(), upstream=upstream, texts=texts)
        self._path = f"{PROJECT_PATH}-{secrets.token_hex(16)}"

    @property
    def project_endpoint(self) -> str:
        """Where clients find it: who knows it asks the real project."""
        return super().project_endpoint.removesuffix(PROJECT_PATH) + self._path

    def stop(self) -> None:
        """Serves no more, and ends the file."""
        super().stop()
        self._tape.close()

    def _served(self) -> _Proxy:
        return _Proxy(self._path, self._upstream, self._tape, self._scrubber)


class _Proxy(Gate):
    """Passes requests on, and writes exchanges down as they end."""

    def __init__(
        self, project_path: str, upstream: Upstream, tape: Tape, scrubber: Scrubber
    ) -> None:
        super().__init__(project_path)
        self._upstream = upstream
        self._tape = tape
        self._scrubber = scrubber
        self._numbers = count(1)

    async def close(self) -> None:
        """Ends what is under way."""
        await self._upstream.close()

    async def answer(self, request: Request, path: str, hang_up: Callable[[], None]) -> Response:
        """The real service's answer."""
        # In the order in which requests came, not in that of their ends.
        number, told = next(self._numbers), told_request(request, path, self._scrubber)
        try:
            incoming = await self._upstream.ask(request, path)
        except UnreachableError as error:
            body = {"error": {"code": "upstream_unreachable", "message": str(error)}}
            return JSONResponse(body, 502)
        pieces = self._passed_on(number, told, incoming, hang_up)
        return StreamingResponse(pieces, incoming.status, dict(incoming.headers))

    async def _passed_on(
        self, number: int, request: JsonObject, incoming: Incoming, hang_up: Callable[[], None]
    ) -> AsyncIterator[bytes]:
        heard, broken = list[bytes](), True
        try:
            async with aclosing(incoming.pieces) as pieces:
                async for piece in pieces:
                    heard.append(piece)
                    yield piece
            broken = False
        except UnreachableError:
            hang_up()
        finally:
            response = self._told_response(incoming, b"".join(heard), broken=broken)
            self._tape.add(Exchange(number, request, response))

    def _told_response(self, incoming: Incoming, body: bytes, *, broken: bool) -> JsonObject:
        kind = incoming.headers.get("content-type", "")
        headers = {
            name: incoming.headers[name] for name in KEPT_HEADERS if name in incoming.headers
        }
        told = {"status": incoming.status, "headers": headers}
        whole = told_answer(kind, body, self._scrubber.json)
        return told | whole | ({"broken": True} if broken else {})
