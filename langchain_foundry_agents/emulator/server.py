"""The service over HTTP: Starlette turns requests and answers into bytes, uvicorn serves them."""

from __future__ import annotations

import asyncio
import gzip
import time
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from langchain_foundry_agents.emulator.exchange import Answer, Request
from langchain_foundry_agents.emulator.wire import pretty

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request as HttpRequest

    from langchain_foundry_agents.emulator.events import Feed
    from langchain_foundry_agents.emulator.ids import IdSource
    from langchain_foundry_agents.emulator.runner import Runner
    from langchain_foundry_agents.emulator.service import Service

# The recorded service sends 137 bytes plain and a message of 400 compressed.
_LEAST_GZIPPED = 256
# All of them: a method that no endpoint has is a 404 of the service, not one of Starlette.
_METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"]


class Server:
    """Serves one `Service`, and hands the runs that it starts to the runner.

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
        headers = _headers(self._service.state.ids, time.perf_counter() - began)
        if answer.feed:
            return _streamed(answer.feed, headers)
        if answer.content is not None:
            kind = {"Content-Type": "application/octet-stream"}
            return Response(answer.content, headers=headers | kind)
        return _whole(answer, headers, gzipped="gzip" in request.headers.get("accept-encoding", ""))


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


def _streamed(feed: Feed, headers: dict[str, str]) -> Response:
    kind = {"Content-Type": "text/event-stream; charset=utf-8"}
    return StreamingResponse(_frames(feed), headers=headers | kind)


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
