"""A service that is the emulator but for one thing: a proxy on loopback that alters answers."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit


class Reply(NamedTuple):
    """A whole answer."""

    status: int
    kind: str
    body: bytes


Alter = Callable[[Reply], Reply]


@contextmanager
def altered_service(url: str, send: str, alter: Alter) -> Iterator[str]:
    """The URL of a service that answers as the one at another URL does, but for some answers.

    Args:
        url: the project endpoint of the other service.
        send: which requests: a pattern of method and path below the project.
        alter: what is done to their answers.
    """
    parts = urlsplit(url)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one piece: else the other end waits for the second.
        wbufsize = -1

        def _answer(self) -> None:
            reply = self._asked(self.rfile.read(int(self.headers.get("content-length", 0))))
            path = self.path.partition("?")[0].removeprefix(parts.path)
            if re.fullmatch(send, f"{self.command} {path}"):
                reply = alter(reply)
            self.send_response(reply.status)
            self.send_header("content-type", reply.kind)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def _asked(self, body: bytes) -> Reply:
            kept = {name: value for name, value in self.headers.items() if name != "host"}
            headers = {**kept, "accept-encoding": "identity"}
            with closing(HTTPConnection(parts.netloc, timeout=10)) as connection:
                connection.request(self.command, self.path, body, headers)
                answer = connection.getresponse()
                return Reply(answer.status, answer.headers["content-type"] or "", answer.read())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Says nothing."""

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _answer  # noqa: N815

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{parts.path}"
        finally:
            server.shutdown()
            thread.join()


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
