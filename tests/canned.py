"""A service that gives scripted answers, byte for byte, over a real socket on loopback."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedReader
from types import TracebackType
from typing import Any, Self

JSON_TYPE = {"content-type": "application/json"}
STREAM_TYPE = {"content-type": "text/event-stream; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: with `pieces` it is chunked, else it has a content length."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: JSON_TYPE)
    body: bytes = b""
    pieces: tuple[bytes, ...] | None = None
    breaks_after: int | None = None
    """The connection is cut after so many bytes of the body."""
    hangs_up: bool = False
    """The connection is closed before any answer."""

    def wire(self) -> bytes:
        """The bytes of the whole answer, as far as they are sent."""
        pieces = self.pieces or ()
        chunks = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b"")]
        body = self.body if self.pieces is None else b"".join(chunks)
        length = {"content-length": str(len(body))}
        framing = length if self.pieces is None else {"transfer-encoding": "chunked"}
        lines = [f"HTTP/1.1 {self.status} Scripted"]
        lines += [f"{name}: {value}" for name, value in {**self.headers, **framing}.items()]
        return "\r\n".join([*lines, "", ""]).encode() + body[: self.breaks_after]


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def route(self) -> str:
        """Method and path below the project, without the query."""
        return f"{self.method} {self.path.partition('?')[0].removeprefix(PROJECT)}"

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


PROJECT = "/api/projects/canned"


def json_reply(body: Any, status: int = 200, **headers: str) -> Reply:
    """An answer of JSON; header names with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {**JSON_TYPE, **named}, json.dumps(body).encode())


def stream_reply(body: bytes, **more: Any) -> Reply:
    """An answer of server-sent events, in one piece."""
    return Reply(headers=STREAM_TYPE, pieces=(body,), **more)


def cut_stream(body: bytes, after: int) -> Reply:
    """An answer of server-sent events whose connection is cut after so many bytes of them."""
    return stream_reply(body, breaks_after=len(b"%x\r\n" % len(body)) + after)


def sse(*events: tuple[str, Any]) -> bytes:
    """Events as the service writes them."""
    return "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events).encode()


def run(status: str, **more: Any) -> dict[str, Any]:
    """A run of the service, `run_1` on `thread_1`, by the fields that matter."""
    ids = {"id": "run_1", "thread_id": "thread_1", "assistant_id": "asst_1", "model": "gpt-4o"}
    return {"object": "thread.run", **ids, "status": status, "usage": None, **more}


def message(text: str) -> dict[str, Any]:
    """The whole message `msg_1` of `run_1`."""
    ids = {"id": "msg_1", "object": "thread.message", "thread_id": "thread_1", "run_id": "run_1"}
    content = [{"type": "text", "text": {"value": text, "annotations": []}}]
    return {**ids, "role": "assistant", "content": content}


def text_delta(value: str) -> tuple[str, Any]:
    """An event that adds to the text of `msg_1`."""
    content = [{"index": 0, "type": "text", "text": {"value": value}}]
    delta = {"id": "msg_1", "object": "thread.message.delta", "delta": {"content": content}}
    return "thread.message.delta", delta


def plain_turn(*texts: str, ended: dict[str, Any] | None = None) -> bytes:
    """The stream of a run that says something and completes, or ends as told."""
    last = ended or run("completed")
    end = (f"thread.run.{last['status']}", last)
    return sse(("thread.run.created", run("queued")), *map(text_delta, texts), end) + DONE


DONE = b"event: done\ndata: [DONE]\n\n"
NO_THREADS = {"GET /threads": json_reply({"object": "list", "data": [], "has_more": False})}
"""A project in which nothing is found of a turn that was lost."""
HIDDEN_THREADS = {"GET /threads": json_reply({"error": {"message": "Not yours."}}, 403)}
"""A project that does not tell its threads, so that what was lost is looked for but once."""


class CannedService:
    """Answers its requests with the replies in their order, then with HTTP 500.

    What is asked for on a route of `found` is answered with that, as often as it is asked.
    Leave it with `with`: its threads and sockets are gone then.
    """

    def __init__(self, *replies: Reply, found: Mapping[str, Reply] | None = None) -> None:
        self._replies = list(replies)
        self._found = found or {}
        self.requests: list[Request] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}{PROJECT}"
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    @property
    def routes(self) -> Sequence[str]:
        """What was asked, in order."""
        return [request.route for request in self.requests]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with self._lock:
                    self._open.add(connection)
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as lines:
            while request := _read_request(lines):
                with self._lock:
                    self.requests.append(request)
                    reply = self._found.get(request.route) or self._next()
                if reply.hangs_up:
                    break
                connection.sendall(reply.wire())
                if reply.breaks_after is not None:
                    break
        with self._lock:
            self._open.discard(connection)

    def _next(self) -> Reply:
        return self._replies.pop(0) if self._replies else Reply(500)


def _read_request(lines: BufferedReader) -> Request | None:
    """The next request of a connection; `None` once the client has closed it."""
    start = lines.readline().decode().split()
    if not start:
        return None
    headers = {}
    while line := lines.readline().decode().strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Request(start[0], start[1], headers, lines.read(int(headers.get("content-length", 0))))
