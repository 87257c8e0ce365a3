"""A server that sends a byte now and then, for ever, holds no turn beyond its run_timeout."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.errors import RunTimeoutError

from .ways import WAYS, ask

BEGINNINGS = {
    "the head": (b"HTTP/1.1 200 OK\r\n", b"x-drip: y\r\n"),
    "interim answers": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "a whole body": (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n",
        b" ",
    ),
    "a stream": (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
        b"2\r\n:\n\r\n",
    ),
    "the size of a stream's chunk": (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
        b"0",
    ),
}


class Dripping:
    """A server that answers everything with a beginning, and then drop after drop."""

    def __init__(self, beginning: bytes, drop: bytes) -> None:
        self._beginning = beginning
        self._drop = drop
        self._over = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._socket.getsockname()[1]}/api/projects/p"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Drip no more."""
        self._over.set()
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._drip, args=(connection,), daemon=True).start()

    def _drip(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(self._beginning)
            while not self._over.wait(0.02):
                connection.sendall(self._drop)


@pytest.fixture(params=BEGINNINGS)
def dripping(request: pytest.FixtureRequest) -> Iterator[Dripping]:
    """A server that drips somewhere."""
    server = Dripping(*BEGINNINGS[request.param])
    yield server
    server.close()


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fields", [{"agent_id": "asst_1"}, {"agent_name": "helper"}], ids=str)
async def test_a_turn_ends_in_time(
    dripping: Dripping, way: str, fields: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("langchain_foundry_agents._worlds.GRACE", 0.2)
    model = ChatFoundryAgent(
        project_endpoint=dripping.endpoint, run_timeout=0.5, max_retries=0, **fields
    )

    with pytest.raises(RunTimeoutError):
        await ask(way, model, "Hello")
