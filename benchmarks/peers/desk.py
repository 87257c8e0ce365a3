"""What the service saw: the truth that a peer's answer is compared with."""

from __future__ import annotations

import time
from typing import Any

import httpx

from langchain_foundry_agents.emulator import FoundryEmulator, RecordedRequest

_MINE = {"x-desk": "yes"}
_OPEN = ("queued", "in_progress", "requires_action", "cancelling")


class Desk:
    """Looks at an emulator over HTTP. Its own requests do not count."""

    def __init__(self, emulator: FoundryEmulator) -> None:
        self.emulator = emulator
        self._begin = 0

    def create_agent(self, tools: list[Any]) -> str:
        """An agent, for peers that use one that is there."""
        return self.emulator.create_agent(
            name="helper", instructions="You are helpful.", tools=tools
        )

    def requests(self) -> list[RecordedRequest]:
        """What peers sent since `forget`."""
        sent = [one for one in self.emulator.requests if "x-desk" not in one.headers]
        return sent[self._begin :]

    def forget(self) -> None:
        """Count requests from here on."""
        self._begin += len(self.requests())

    def submitted(self, kind: str) -> list[int]:
        """How many `tool_outputs` or `tool_approvals` each accepted request brought."""
        bodies = [
            one.body
            for one in self.requests()
            if one.route.endswith("/submit_tool_outputs") and one.status == 200
        ]
        return [len(body[kind]) for body in bodies if body.get(kind)]

    def threads(self) -> list[str]:
        """Ids of all threads, oldest first."""
        return [str(one["id"]) for one in self._list("/threads")]

    def messages(self) -> list[Any]:
        """The messages of all threads, oldest first."""
        return [
            one for thread in self.threads() for one in self._list(f"/threads/{thread}/messages")
        ]

    def contents(self) -> list[tuple[str, str]]:
        """Kind and text of each part of what the agent said."""
        return [
            ("text", part["text"]["value"]) if part["type"] == "text" else ("image", "")
            for message in self.messages()
            if message["role"] == "assistant"
            for part in message["content"]
        ]

    def runs(self) -> list[Any]:
        """The runs of all threads, oldest first."""
        return [one for thread in self.threads() for one in self._list(f"/threads/{thread}/runs")]

    def wait_for_a_run(self) -> None:
        """Return once an agent is at work."""
        while not any(run["status"] == "in_progress" for run in self.runs()):
            time.sleep(0.05)

    def settled(self, seconds: float) -> str:
        """The last run's status, once it is over or after so many seconds."""
        until = time.monotonic() + seconds
        while self.runs()[-1]["status"] in _OPEN and time.monotonic() < until:
            time.sleep(0.05)
        return str(self.runs()[-1]["status"])

    def _list(self, path: str) -> list[Any]:
        answer = httpx.get(
            self.emulator.project_endpoint + path,
            params={"api-version": "v1", "order": "asc", "limit": 100},
            headers={**_MINE, "authorization": f"Bearer {self.emulator.credential}"},
        )
        return list(answer.raise_for_status().json()["data"])
