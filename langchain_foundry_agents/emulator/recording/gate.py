"""Where requests come in, for the proxy and for the replay: only with the emulator's token."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from langchain_foundry_agents.emulator.faults.lines import HANG_UP
from langchain_foundry_agents.emulator.refusals import Refusal
from langchain_foundry_agents.emulator.server import METHODS, read_request
from langchain_foundry_agents.emulator.service import PROJECT_PATH, check_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request as HttpRequest
    from starlette.responses import Response

    from langchain_foundry_agents.emulator.exchange import Request


class Gate(ABC):
    """An app that answers whoever has the emulator's token."""

    def __init__(self) -> None:
        self.app = Starlette(routes=[Route("/{path:path}", self._serve, methods=METHODS)])

    @abstractmethod
    async def close(self) -> None:
        """Ends what is under way."""

    @abstractmethod
    async def answer(self, request: Request, path: str, hang_up: Callable[[], None]) -> Response:
        """The answer to a request.

        Args:
            request: as it came.
            path: its path below the project.
            hang_up: closes its connection.
        """

    async def _serve(self, http: HttpRequest) -> Response:
        request = await read_request(http)
        try:
            check_token(request.headers, keys=True)
        except Refusal as refusal:
            return JSONResponse(refusal.body, refusal.status)
        path = request.path.removeprefix(PROJECT_PATH)
        return await self.answer(request, path, http.scope["extensions"][HANG_UP])
