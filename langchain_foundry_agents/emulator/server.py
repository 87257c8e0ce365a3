"""The service over HTTP: Starlette turns requests and answers into bytes, uvicorn serves them."""

from __future__ import annotations

import asyncio
import gzip
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from langchain_foundry_agents.emulator.exchange import Answer, Request
from langchain_foundry_agents.emulator.responses.bodies import response_json
from langchain_foundry_agents.emulator.wire import pretty

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request as HttpRequest
    from starlette.types import Receive, Scope, Send

    from langchain_foundry_agents.emulator.events import Feed
    from langchain_foundry_agents.emulator.ids import IdSource
    from langchain_foundry_agents.emulator.responses.records import StoredResponse
    from langchain_foundry_agents.emulator.runner import Runner
    from langchain_foundry_agents.emulator.service import Service

# The recorded service sends 137 bytes plain and a message of 400 compressed.
_LEAST_GZIPPED = 256
# All of them: a method that no endpoint has is a 404 of the service, not one of Starlette.
_METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"]


class Server:
    """Serves one `Service`, and hands the runs and responses that it starts to the runner.

    Args:
        service: answers the requests.
        runner: does the work that answers ask for.
        record: is told of every request and its status.
    """

    def __init__(
        self, service: Service, runner: Runner, record: Callable[[Request, int], None]
    ) -> None:
        self._service = service
        self._runner = runner
        self._record = record
        self.app = Starlette(routes=[Route("/{path:path}", self._serve, methods=_METHODS)])

    async def _serve(self, http: HttpRequest) -> Response:
        began = time.perf_counter()
        try:
            request = await _read(http)
        except ClientDisconnect:
            return Response()
        answer = self._service.answer(request)
        self._record(request, answer.status)
        if answer.stop:
            self._runner.stop(answer.stop)
        if answer.start:
            self._runner.start(answer.start)
        if answer.give_up:
            self._runner.give_up(answer.give_up)
        if answer.begin:
            answer = await self._begin(http, answer, answer.begin)
        headers = _headers(self._service.state.ids, time.perf_counter() - began)
        headers |= answer.headers
        if answer.feed:
            return _Stream(answer.feed, headers, partial(self._left, answer.begin))
        if answer.content is not None:
            kind = {"Content-Type": "application/octet-stream"} if answer.content else {}
            return Response(answer.content, answer.status, headers | kind)
        return _whole(answer, headers, gzipped="gzip" in request.headers.get("accept-encoding", ""))

    async def _begin(self, http: HttpRequest, answer: Answer, response: StoredResponse) -> Answer:
        """Takes up a response; one that is made in front of its caller is over then."""
        work = self._runner.begin(response)
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


async def _read(http: HttpRequest) -> Request:
    return Request(
        method=http.method,
        path=http.scope["path"],
        query=dict(http.query_params),
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
