"""`FoundryReplay`: a recorded session, served again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, StreamingResponse

from langchain_foundry_agents.emulator.recording.gate import Gate
from langchain_foundry_agents.emulator.recording.matching import Matcher
from langchain_foundry_agents.emulator.recording.scrubbing import Scrubber
from langchain_foundry_agents.emulator.recording.tape import played_answer, read_tape, told_request
from langchain_foundry_agents.emulator.serving import LoopbackService

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.responses import Response

    from langchain_foundry_agents.emulator.exchange import Request
    from langchain_foundry_agents.emulator.records import JsonObject


class FoundryReplay(LoopbackService):
    """Answers as the real service did when a session was recorded.

    Requests are matched by method, path, query and body, each recorded exchange once, equal ones in
    their order. Any other is refused with what was expected next.

    Args:
        path: the recording.
        port: the port, 0 for a free one.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no recording.
    """

    def __init__(self, path: Path | str, *, port: int = 0) -> None:
        super().__init__(port)
        self.texts, exchanges = read_tape(Path(path))
        self._matcher = Matcher(exchanges)
        # Ids are compared, and not renamed.
        self._scrubber = Scrubber(str, texts=self.texts)

    @property
    def left(self) -> int:
        """How many exchanges nobody has asked for yet."""
        return self._matcher.left

    def _served(self) -> _Stage:
        return _Stage(self._matcher, self._scrubber)


class _Stage(Gate):
    """Answers with what was recorded."""

    def __init__(self, matcher: Matcher, scrubber: Scrubber) -> None:
        super().__init__()
        self._matcher = matcher
        self._scrubber = scrubber

    async def close(self) -> None:
        """Nothing is ever under way."""

    async def answer(self, request: Request, path: str, hang_up: Callable[[], None]) -> Response:
        """The recorded answer."""
        asked = told_request(request, path, self._scrubber)
        answer = self._matcher.take(asked)
        if answer is None:
            what = f"The recording has no other {request.method} {path} with this query and body."
            error = {"code": "not_recorded", "message": f"{what} {self._matcher.expected(asked)}"}
            return JSONResponse({"error": error}, 400)
        pieces = _played(answer, hang_up)
        return StreamingResponse(pieces, answer["status"], answer["headers"])


async def _played(answer: JsonObject, hang_up: Callable[[], None]) -> AsyncIterator[bytes]:
    for piece in played_answer(answer):
        yield piece
    if answer.get("broken"):
        hang_up()
