"""A soak: users take turns, so many at a time, and what is looked at meanwhile and in the end."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from langchain_foundry_agents._transport.pools import loop_client, process_client

from .kernel import connections_to, resident
from .service import Held, Service
from .users import KINDS, User, model_of

USERS, AT_A_TIME, CHANCE = 500, 64, 0.2
SAMPLES = 10
_LOOKS, _BETWEEN_LOOKS = 50, 0.1


@dataclass(slots=True)
class Soaked:
    """What a soak came to."""

    outcomes: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    memory: list[tuple[int, int]] = field(default_factory=list)
    """Bytes of this process and the service's, sampled evenly over the turns."""
    seconds: float = 0.0
    held: Held | None = None


async def soak(service: Service, seed: int, turns: int) -> Soaked:
    """Take turns, and look at what is left of them.

    Args:
        service: which is asked.
        seed: makes the users' choices reproducible.
        turns: how many.
    """
    soaked, free, began = Soaked(), asyncio.Semaphore(AT_A_TIME), time.perf_counter()
    models = [model_of(kind, service) for kind in range(KINDS)]
    with ThreadPoolExecutor(AT_A_TIME) as threads:

        async def use(number: int) -> None:
            user = User(number, seed, models[number % KINDS], threads)
            for _ in range(number, turns, USERS):
                async with free:
                    _note(soaked, await user.take_turn(), turns, service.pid)

        _sample(soaked, service.pid)
        async with asyncio.TaskGroup() as users:
            for number in range(USERS):
                users.create_task(use(number))
    soaked.seconds = time.perf_counter() - began
    soaked.held = held = await asyncio.to_thread(service.held)
    soaked.violations += await _connections(service.port)
    soaked.violations += [f"{id_} is still active" for id_ in held.active]
    soaked.violations += [f"{told}: asked twice" for told in held.doubled]
    gc.collect()
    _sample(soaked, service.pid)
    return soaked


def _note(soaked: Soaked, turn: Any, turns: int, pid: int) -> None:
    soaked.outcomes[turn.outcome] += 1
    if turn.violation:
        soaked.violations.append(turn.violation)
    if soaked.outcomes.total() % max(turns // SAMPLES, 1) == 0:
        _sample(soaked, pid)


def _sample(soaked: Soaked, pid: int) -> None:
    soaked.memory.append((resident(os.getpid()), resident(pid)))


async def _connections(port: int) -> list[str]:
    """Connections that are neither closed nor free for the next turn."""
    clients: list[Any] = [process_client(), await loop_client()]
    for _ in range(_LOOKS):
        pools = [client._transport._pool.connections for client in clients]
        busy = [one.info() for pool in pools for one in pool if not one.is_idle()]
        known, opened = sum(map(len, pools)), connections_to(port)
        if not busy and opened <= known:
            return []
        # Who has just left is still saying so.
        await asyncio.sleep(_BETWEEN_LOOKS)
    strays = f"{opened} connections are open, and the pools know of {known}"
    return [f"a connection is not free: {one}" for one in busy] + [strays] * (opened > known)
