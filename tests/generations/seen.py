"""What a service was asked and holds, told alike for both generations.

A place is a thread of the classic generation, or a conversation of the new one; a run is a run, or
a response.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
from langchain_core.messages import AIMessage

from langchain_foundry_agents.emulator import FoundryEmulator

from .conftest import Scene

Told = list[tuple[str, str]]
_ROLES = ("user", "assistant")


def place_of(answer: AIMessage) -> str:
    """Where an answer stands."""
    return str(answer.response_metadata["thread_id"])


def places(emulator: FoundryEmulator) -> list[str]:
    """All places that there are."""
    state = emulator.service.state
    return [*state.threads, *state.conversations]


def forget(emulator: FoundryEmulator, place: str) -> None:
    """Delete a place, as its owner might."""
    state = emulator.service.state
    held: dict[str, Any] = state.conversations if place in state.conversations else state.threads
    del held[place]


def forget_agents(emulator: FoundryEmulator) -> None:
    """Delete all agents."""
    emulator.service.state.agents.clear()
    emulator.service.state.named_agents.clear()


def texts(emulator: FoundryEmulator, place: str) -> Told:
    """Role and text of what user and agent said in a place, in order."""
    state = emulator.service.state
    if place in state.threads:
        messages = state.thread(place).messages
        return [(one.role, one.content[0]["text"]["value"]) for one in messages]
    items = state.conversations[place].items
    return [(one["role"], one["content"][0]["text"]) for one in items if one.get("role") in _ROLES]


def run_statuses(emulator: FoundryEmulator) -> list[str]:
    """The status of every run, oldest first."""
    state = emulator.service.state
    runs = [run.status for thread in state.threads.values() for run in thread.runs]
    return runs + [response.status for response in state.responses.values()]


def sent(emulator: FoundryEmulator) -> list[list[Any]]:
    """Contents of the users' and agents' messages that each request for a run brought."""
    return [
        [one["content"] for one in _messages(request.body) if one.get("role") in _ROLES]
        for request in asked(emulator)
    ]


def asked(emulator: FoundryEmulator) -> list[Any]:
    """The requests that asked for a run, oldest first."""
    ends = ("/runs", "/responses")
    return [one for one in emulator.requests if one.method == "POST" and one.route.endswith(ends)]


def requests(scene: Scene) -> list[str]:
    """All that the service was asked, in order."""
    return [f"{one.method} {one.route}" for one in scene.emulator.requests]


async def at_work(emulator: FoundryEmulator) -> None:
    """Wait until a run has begun, and then for what its first event takes to arrive."""
    await _until(emulator, lambda: bool(run_statuses(emulator)))
    looks = iter(range(10))
    await _until(emulator, lambda: next(looks, None) is None)


async def at_rest(emulator: FoundryEmulator) -> None:
    """Wait until no run is active. The service ends what was left in its own time."""
    active = {"queued", "in_progress", "cancelling"}
    await _until(emulator, lambda: active.isdisjoint(run_statuses(emulator)))


async def _until(emulator: FoundryEmulator, so: Callable[[], bool]) -> None:
    headers = {"authorization": f"Bearer {emulator.credential}"}
    async with httpx.AsyncClient(headers=headers) as client:
        while not so():
            # A look over the socket lets the service, and our own loop, go on.
            await client.get(f"{emulator.project_endpoint}/threads?api-version=v1")


def _messages(body: Any) -> list[Any]:
    thread = body.get("thread") or {}
    return list(body.get("input") or thread.get("messages") or body.get("additional_messages", ()))
