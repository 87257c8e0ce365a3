"""The service over HTTP: Starlette turns requests and answers into bytes, uvicorn serves them."""

from __future__ import annotations

import asyncio
import gzip
import time
from dataclasses import replace
from email.utils import formatdate
from functools import partial
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from langchain_foundry_agents.emulator.classic.wire import pretty
from langchain_foundry_agents.emulator.control import PREFIX
from langchain_foundry_agents.emulator.exchange import Answer, Query, Request
from langchain_foundry_agents.emulator.faults.foreign import occupy
from langchain_foundry_agents.emulator.faults.lines import FaultyLine
from langchain_foundry_agents.emulator.faults.mishaps import NO_MISHAP, Mishap
from langchain_foundry_agents.emulator.responses.bodies import response_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request as HttpRequest
    from starlette.types import ASGIApp, Receive, Scope, Send

    from langchain_foundry_agents.emulator.events import Feed
    from langchain_foundry_agents.emulator.faults.fault import Faults
    from langchain_foundry_agents.emulator.ids import IdSource
    from langchain_foundry_agents.emulator.responses.records import StoredResponse
    from langchain_foundry_agents.emulator.runner import Runner
    from langchain_foundry_agents.emulator.service import Service

# The recorded service sends 137 bytes plain and a message of 400 compressed.
_LEAST_GZIPPED = 256
METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"]
"""All: a method that no endpoint has is a 404 of the service, not one of Starlette."""


class Server:
    """Serves one `Service`, and hands the runs and responses that it starts to the runner.

    Args:
        service: answers the requests.
        runner: does the work that answers ask for.
        faults: what may befall a request.
        record: is told of every request, its status (0 without an answer) and the name of the fault
            that it met.
        control: answers what is asked of the emulator itself, below `/_emulator`.
    """

    def __init__(
        self,
        service: Service,
        runner: Runner,
        faults: Faults,
        record: Callable[[Request, int, str | None], None],
        control: Callable[[Request], Answer] | None = None,
    ) -> None:
        self._service = service
        self._runner = runner
        self._faults = faults
        self._record = record
        self._control = control
        self._silent: set[Callable[[], None]] = set()
        self.app = Starlette(routes=[Route("/{path:path}", self._serve, methods=METHODS)])

    async def close(self) -> None:
        """Ends all work, and closes the connections that nothing comes on any more."""
        # Open streams end with their runs, so that no connection has to be cut but silent ones.
        await self._runner.close()
        for hang_up in tuple(self._silent):
            hang_up()

    async def _serve(self, http: HttpRequest) -> ASGIApp:
        began = time.perf_counter()
        try:
            request = await read_request(http)
        except ClientDisconnect:
            return Response()
        if self._control and request.path.startswith(PREFIX):
            return _whole(self._control(request), {}, gzipped=False)
        fault = self._faults.meet(request)
        mishap, name = (fault.mishap, fault.name) if fault else (NO_MISHAP, None)
        if mishap.unanswered == "before":
            self._record(request, 0, name)
            return FaultyLine(None, mishap, self._silent)
        answer = self._answer(request, mishap)
        self._record(request, 0 if mishap.unanswered else answer.status, name)
        if answer.stop:
            self._runner.stop(answer.stop)
        if answer.start:
            self._runner.start(answer.start, mishap.plight)
        if answer.give_up:
            self._runner.give_up(answer.give_up)
        if answer.begin:
            answer = await self._begin(http, answer, answer.begin, mishap)
        response = self._response(request, answer, began)
        if mishap.shape or mishap.unanswered:
            return FaultyLine(response, mishap, self._silent)
        return response

    def _answer(self, request: Request, mishap: Mishap) -> Answer:
        if mishap.instead:
            return mishap.instead()
        if mishap.busy and (foreign := occupy(self._service.state, request)):
            self._runner.hold(foreign, mishap.busy)
        return self._service.answer(request)

    def _response(self, request: Request, answer: Answer, began: float) -> Response:
        headers = _headers(self._service.state.ids, time.perf_counter() - began)
        headers |= answer.headers
        if answer.feed:
            return _Stream(answer.feed, headers, partial(self._left, answer.begin))
        if answer.content is not None:
            kind = {"Content-Type": "application/octet-stream"} if answer.content else {}
            return Response(answer.content, answer.status, kind | headers)
        return _whole(answer, headers, gzipped="gzip" in request.headers.get("accept-encoding", ""))

    async def _begin(
        self, http: HttpRequest, answer: Answer, response: StoredResponse, mishap: Mishap
    ) -> Answer:
        """Takes up a response; one that is made in front of its caller is over then."""
        work = self._runner.begin(response, mishap.plight)
        if not answer.waits:
            return answer
        gone = asyncio.ensure_future(_disconnected(http))
        try:
            await asyncio.wait([work, gone], return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            self._left(response)
        return replace(answer, body=response_json(response))

    def _left(self, response: StoredResponse | None) -> None:
        """A caller is gone: a response that was made in front of it is dropped."""
        if response and not response.background:
            self._runner.give_up(response)


async def _disconnected(http: HttpRequest) -> None:
    while (await http.receive())["type"] != "http.disconnect":
        pass


async def read_request(http: HttpRequest) -> Request:
    """A request with its whole body.

    Raises:
        ClientDisconnect: the caller is gone.
    """
    return Request(
        method=http.method,
        path=http.scope["path"],
        query=Query(http.query_params.multi_items()),
        headers=dict(http.headers),
        body=await http.body(),
    )


def _whole(answer: Answer, headers: dict[str, str], *, gzipped: bool) -> Response:
    body = pretty(answer.body)
    headers = headers | {"Content-Type": "application/json", "Vary": "Accept-Encoding"}
    if gzipped and len(body) >= _LEAST_GZIPPED:
        body, headers = gzip.compress(body), headers | {"Content-Encoding": "gzip"}
    return Response(body, status_code=answer.status, headers=headers)


class _Stream(StreamingResponse):
    """The events of a feed; `left` is called when the last was sent, or the reader has gone."""

    def __init__(self, feed: Feed, headers: dict[str, str], left: Callable[[], None]) -> None:
        kind = {"Content-Type": "text/event-stream; charset=utf-8"}
        super().__init__(_frames(feed), headers=headers | kind)
        self._left = left

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._left()


async def _frames(feed: Feed) -> AsyncIterator[bytes]:
    news = asyncio.Event()
    feed.on_news = news.set
    try:
        while True:
            news.clear()
            # All at once: the loop turns before the next write, and sees who has left.
            closed, events = feed.closed, feed.take()
            yield b"".join(event.frame() for event in events)
            if closed:
                return
            await news.wait()
    finally:
        feed.leave()


def _headers(ids: IdSource, seconds: float) -> dict[str, str]:
    return {
        "apim-request-id": ids.guid(),
        "Date": formatdate(usegmt=True),
        "azureml-served-by-cluster": "emulator-01",
        "openai-organization": "emulator",
        "openai-processing-ms": str(round(seconds * 1000)),
        "openai-version": "2020-10-01",
        "Request-Context": "appId=",
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
        "X-Content-Type-Options": "nosniff",
        "x-ms-middleware-request-id": ids.guid(),
        "x-ms-region": "Emulator",
        "x-ms-response-type": "standard",
        "X-Request-ID": ids.guid().replace("-", ""),
        "x-request-time": f"{seconds:.3f}",
    }
