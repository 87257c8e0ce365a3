"""Starts the agent's process, and shows what it keeps."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

PROJECT = "/api/projects/p"
_TESTS = Path(__file__).parents[1]
_SECONDS = 50.0


class OracleService:
    """Microsoft's server library on a loopback port, with the agent of `scenes`.

    Args:
        state: Where it keeps responses.
    """

    def __init__(self, state: Path) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}{PROJECT}"
        self._state = state

    def __enter__(self) -> Self:
        settings = {"AGENTSERVER_STATE_ROOT": str(self._state), "OTEL_SDK_DISABLED": "true"}
        place = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        self._log = (self._state / "log.txt").open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "oracle.agent", f"{PROJECT}/openai/v1", str(self.port)],
            cwd=_TESTS,
            env={**place, **settings, "HOME": str(self._state)},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        try:
            self._wait()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._log.close()

    def response(self, response_id: str) -> dict[str, Any]:
        """A response as the service keeps it, or the error that it answers."""
        return self._ask("GET", response_id)

    def cancel(self, response_id: str) -> None:
        """Cancel a response from elsewhere."""
        self._ask("POST", f"{response_id}/cancel")

    def delete(self, response_id: str) -> None:
        """Delete a response."""
        self._ask("DELETE", response_id)

    def rested(self, response_id: str) -> dict[str, Any]:
        """A response once it is over. One that is not in the background is shown only then."""
        working = {None, "queued", "in_progress"}
        while (body := self.response(response_id)).get("status") in working:
            pass
        return body

    def _ask(self, method: str, path: str) -> dict[str, Any]:
        answer = httpx.request(method, f"{self.url}/openai/v1/responses/{path}")
        body: dict[str, Any] = answer.json()
        return body

    def _wait(self) -> None:
        """Wait until it listens."""
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except ConnectionRefusedError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"It does not listen:\n{(self._state / 'log.txt').read_text()}")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
