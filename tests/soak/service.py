"""The emulator in a process of its own, and what it holds in the end."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Self
from urllib.parse import urlsplit

from langchain_foundry_agents.emulator import FoundryEmulator
from langchain_foundry_agents.emulator.faults.fault import Injected
from langchain_foundry_agents.emulator.state import State

from .brain import Brain
from .faults import faults

AGENT = "soaked"
_REST, _BETWEEN_LOOKS = 30.0, 0.1


@dataclass(frozen=True, slots=True)
class Held:
    """What the service holds once it is at rest, or has not come to rest in time."""

    places: int = 0
    """Threads and conversations."""
    runs: int = 0
    """Runs and responses."""
    met: Counter[str] = field(default_factory=Counter)
    """How often each fault was met."""
    active: list[str] = field(default_factory=list)
    """Runs and responses that are not over."""
    doubled: list[str] = field(default_factory=list)
    """Questions that are twice in a place, with its id."""


class Service(AbstractContextManager["Service"]):
    """An emulator in another process.

    Args:
        seed: makes its ids and chances reproducible.
        chance: with which a request meets a fault.
    """

    def __init__(self, seed: int, chance: float) -> None:
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(there, seed, chance), daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        self.project_endpoint, self.agent_id = self._here.recv()
        self.port = urlsplit(self.project_endpoint).port or 0
        self.pid = self._process.pid or 0
        return self

    def __exit__(self, *_: object) -> None:
        self._here.send("stop")
        self._process.join()

    def held(self) -> Held:
        """What it holds, once it is at rest."""
        self._here.send("tell")
        told: Held = self._here.recv()
        return told


def _serve(pipe: Connection, seed: int, chance: float) -> None:
    with FoundryEmulator(Brain(), seed=seed) as emulator:
        injected = [emulator.inject(name, **more) for name, more in faults(chance)]
        emulator.create_agent(name=AGENT, generation="new")
        pipe.send((emulator.project_endpoint, emulator.create_agent()))
        while pipe.recv() == "tell":
            pipe.send(_told(emulator.service.state, injected))


def _told(state: State, injected: Iterable[Injected]) -> Held:
    met = Counter[str]()
    for one in injected:
        met[one.fault.name] += one.met
    active = _active(state)
    runs = sum(len(thread.runs) for thread in state.threads.values())
    return Held(
        places=len(state.threads) + len(state.conversations),
        runs=runs + len(state.responses),
        met=met,
        active=active,
        doubled=[*_doubled(state)],
    )


def _active(state: State) -> list[str]:
    until = time.monotonic() + _REST
    while active := [
        *(run.id for run in state.active_runs.values()),
        *(one.id for one in state.responses.values() if not one.over),
    ]:
        if time.monotonic() > until:
            break
        time.sleep(_BETWEEN_LOOKS)
    return active


def _doubled(state: State) -> Iterable[str]:
    for thread in state.threads.values():
        told = [(one.role, one.content[0]["text"]["value"]) for one in thread.messages]
        yield from _twice(thread.id, told)
    for conversation in state.conversations.values():
        yield from _twice(conversation.id, _items(conversation.items))
    for response in state.responses.values():
        yield from _twice(response.id, _items(response.items))


def _items(items: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["role"], one["content"][0]["text"]) for one in items if one["type"] == "message"]


def _twice(place: str, told: Iterable[tuple[str, str]]) -> Iterable[str]:
    asked = Counter(text for role, text in told if role == "user")
    return [f"{text} in {place}" for text, count in asked.items() if count > 1]
