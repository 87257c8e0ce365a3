"""A service that is the emulator but for one thing: a proxy on loopback that alters answers."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit


class Reply(NamedTuple):
    """A whole answer."""

    status: int
    kind: str
    body: bytes


Alter = Callable[[Reply], Reply]


class AlteredService:
    """Answers as the service at a URL does; what is asked by `send` is altered.

    Args:
        url: the project endpoint of the other service.
        send: which requests: a pattern of method and path below the project.
        alter: what is done to its answers.
    """

    def __init__(self, url: str, send: str, alter: Alter) -> None:
        parts = urlsplit(url)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body in one piece: else the other end waits for the second.
            wbufsize = -1

            def _answer(self) -> None:
                length = int(self.headers.get("content-length", 0))
                reply = self._asked(self.rfile.read(length))
                path = self.path.partition("?")[0].removeprefix(parts.path)
                if re.fullmatch(send, f"{self.command} {path}"):
                    reply = alter(reply)
                self.send_response(reply.status)
                self.send_header("content-type", reply.kind)
                self.send_header("content-length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            def _asked(self, body: bytes) -> Reply:
                connection = HTTPConnection(parts.netloc, timeout=10)
                headers = {name: value for name, value in self.headers.items() if name != "host"}
                connection.request(
                    self.command, self.path, body, {**headers, "accept-encoding": "identity"}
                )
                answer = connection.getresponse()
                reply = Reply(answer.status, answer.headers["content-type"] or "", answer.read())
                connection.close()
                return reply

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Says nothing."""

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _answer  # noqa: N815

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.url = f"http://127.0.0.1:{self._server.server_port}{parts.path}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def in_json(change: Callable[[Any], object]) -> Alter:
    """Alters a body in place."""

    def alter(reply: Reply) -> Reply:
        body = json.loads(reply.body)
        change(body)
        return reply._replace(body=json.dumps(body).encode())

    return alter


def with_status(status: int) -> Alter:
    """Alters the status alone."""
    return lambda reply: reply._replace(status=status)


def in_events(change: Callable[[list[tuple[str, Any]]], object]) -> Alter:
    """Alters the list of a stream's events in place."""

    def alter(reply: Reply) -> Reply:
        frames = reply.body.decode().removesuffix("\n\n").split("\n\n")
        split = [frame.removeprefix("event: ").split("\ndata: ") for frame in frames]
        events = [(name, json.loads(data) if data[0] == "{" else data) for name, data in split]
        change(events)
        told = [(name, data if data == "[DONE]" else json.dumps(data)) for name, data in events]
        body = "".join(f"event: {name}\ndata: {data}\n\n" for name, data in told)
        return reply._replace(body=body.encode())

    return alter
