"""Where requests come in, for the proxy and for the replay.

Only programs of this machine that know the endpoint are let in, and only below the project. A web
page may reach the port, too (its host's name may be made to mean 127.0.0.1): it is told by `Host`.
"""

from __future__ import annotations

import re
import secrets
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

_OWN_HOST = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?", re.IGNORECASE)
_BELOW = re.compile(r"(?:/[\w.~:@!$&'()*+,;=-]+)+/?")


class Gate(ABC):
    """An app that answers whoever knows the project's path, and has the emulator's token."""

    def __init__(self, project_path: str = PROJECT_PATH) -> None:
        self._project_path = project_path
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
        project, path = (
            request.path[: len(self._project_path)],
            request.path[len(self._project_path) :],
        )
        known = secrets.compare_digest(project.encode(), self._project_path.encode())
        if not _OWN_HOST.fullmatch(request.headers.get("host", "")):
            return _refused(403, "The Host header names another host than this machine.")
        if not known or not _BELOW.fullmatch(path) or {".", ".."} & set(path.split("/")):
            return _refused(404, "There is no such path below the project.")
        try:
            check_token(request.headers, keys=True)
        except Refusal as refusal:
            return JSONResponse(refusal.body, refusal.status)
        return await self.answer(request, path, http.scope["extensions"][HANG_UP])


def _refused(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": "not_let_in", "message": message}}, status)
