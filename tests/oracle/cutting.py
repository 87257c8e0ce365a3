"""A TCP proxy of our own, which notes the requests that pass and cuts answers off."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from .service import PROJECT

_REQUEST = re.compile(
    rb"(GET|POST|DELETE) (\S+) HTTP/1\.1\r\n((?:[^\r\n]+\r\n)*)\r\n", re.IGNORECASE
)
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_READ = 65536
_RESET = struct.pack("ii", 1, 0)
"""Lingering for no time: the close is a reset."""


@dataclass
class _Connection:
    client: socket.socket
    service: socket.socket
    left: int | None
    """Bytes of answers after which it dies."""
    sent: bytearray = field(default_factory=bytearray)

    @property
    def method(self) -> bytes:
        """The method of the latest request."""
        return [*_REQUEST.finditer(bytes(self.sent))][-1][1]


class CuttingProxy:
    """Stands before a service on loopback.

    Args:
        port: Where the service listens.
        cuts: The first connections die, each after so many bytes of answers.
        reset: They die with a reset, and not with an end.
    """

    def __init__(self, port: int, *cuts: int, reset: bool = False) -> None:
        self._port = port
        self._cuts = list(cuts)
        self._reset = reset
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: list[_Connection] = []
        self._hooks: dict[bytes, Callable[[], Any]] = {}
        self.answered = 0
        """Bytes of answers that were passed on."""

    @property
    def url(self) -> str:
        """The project's endpoint, by way of this proxy."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}{PROJECT}"

    @property
    def routes(self) -> list[str]:
        """The requests that passed: method, and path below the project's `/openai/v1`."""
        return [f"{method} {path}" for method, path, _ in self._requests()]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """The JSON of the requests that have some."""
        return [json.loads(body) for _, _, body in self._requests() if body]

    def when(self, method: str, act: Callable[[], Any]) -> None:
        """Act once the first request with a method is answered."""
        self._hooks[method.encode()] = act

    def cut(self) -> None:
        """Let every connection die now."""
        for passing in self._connections:
            with suppress(OSError):
                passing.client.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            # Whoever accepts would go on.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _requests(self) -> list[tuple[str, str, bytes]]:
        found = []
        for passing in self._connections:
            sent = bytes(passing.sent)
            for match in _REQUEST.finditer(sent):
                length = _LENGTH.search(match[3])
                end = match.end() + (int(length[1]) if length else 0)
                path = match[2].decode().removeprefix(f"{PROJECT}/openai/v1")
                # An id is another each time.
                path = re.sub(r"caresp_\w+", "…", path)
                found.append((match[1].decode(), path, sent[match.end() : end]))
        return found

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                service = socket.create_connection(("127.0.0.1", self._port))
                left = self._cuts.pop(0) if self._cuts else None
                passing = _Connection(client, service, left)
                self._connections.append(passing)
                for work in self._pass_questions, self._pass_answers:
                    threading.Thread(target=work, args=(passing,), daemon=True).start()

    def _pass_questions(self, passing: _Connection) -> None:
        with suppress(OSError):
            while data := passing.client.recv(_READ):
                passing.sent += data
                passing.service.sendall(data)
        with suppress(OSError):
            passing.service.shutdown(socket.SHUT_WR)

    def _pass_answers(self, passing: _Connection) -> None:
        client, service = passing.client, passing.service
        with client, service, suppress(OSError):
            while data := service.recv(_READ if passing.left is None else min(passing.left, _READ)):
                # Before it is sent: who has it all may ask at once.
                self.answered += len(data)
                client.sendall(data)
                if act := self._hooks.pop(passing.method, None):
                    threading.Thread(target=act, daemon=True).start()
                if passing.left is not None:
                    passing.left -= len(data)
            if self._reset and passing.left == 0:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                # Whoever reads it would keep it open.
                client.shutdown(socket.SHUT_RD)
            else:
                client.shutdown(socket.SHUT_RDWR)
            service.shutdown(socket.SHUT_RDWR)
