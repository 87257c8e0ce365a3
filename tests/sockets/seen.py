"""What the emulator was asked, and what it holds."""

from __future__ import annotations

import re
from typing import Any

import httpx

from langchain_foundry_agents.emulator import FoundryEmulator

TURN_KEY = "langchain_foundry_agents_turn"


def routes(emulator: FoundryEmulator) -> list[str]:
    """What was asked, in order."""
    return [f"{request.method} {request.route}" for request in emulator.requests]


def unmarked(created: dict[str, Any]) -> dict[str, Any]:
    """What a turn asks to create, without the key that marks it as this turn's."""
    pairs = dict(created["metadata"])
    assert re.fullmatch("[0-9a-f]{32}", pairs.pop(TURN_KEY))
    rest = {name: value for name, value in created.items() if name != "metadata"}
    return {**rest, "metadata": pairs} if pairs else rest


def thread_texts(emulator: FoundryEmulator, thread_id: str) -> list[tuple[str, str]]:
    """Role and text of a thread's messages, in order."""
    messages = emulator.service.state.thread(thread_id).messages
    return [(message.role, message.content[0]["text"]["value"]) for message in messages]


def run_statuses(emulator: FoundryEmulator) -> list[str]:
    """The status of every run, thread after thread."""
    threads = emulator.service.state.threads.values()
    return [run.status for thread in threads for run in thread.runs]


async def at_rest(emulator: FoundryEmulator) -> None:
    """Wait until no run is active. The service cancels runs in its own time."""
    headers = {"authorization": f"Bearer {emulator.credential}"}
    async with httpx.AsyncClient(headers=headers) as client:
        while emulator.service.state.active_runs:
            # A look over the socket lets the service, and our own loop, go on.
            await client.get(f"{emulator.project_endpoint}/threads?api-version=v1")
