"""A soak: users take turns, so many at a time; what is looked at meanwhile, and in the end."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from langchain_foundry_agents._transport.pools import loop_client, process_client

from .kernel import connections_to, resident
from .service import Held, Service
from .users import KINDS, Turn, User, model_of

USERS, AT_A_TIME = 500, 64
SAMPLES = 10
MOST_BLOCKS_KEPT = 200_000
"""Blocks of Python's memory, some 60 bytes each, that may be left of any number of turns: caches,
pools, modules that were imported on first use. Every tenth of a soak comes to a million."""
MOST_BYTES_SERVED = 64 << 20, 16 << 10
"""What the service may take: at all, and for each run that it keeps."""
_LOOKS, _BETWEEN_LOOKS = 100, 0.1


@dataclass(slots=True)
class Soaked:
    """What a soak came to."""

    outcomes: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    memory: list[tuple[int, int]] = field(default_factory=list)
    """Bytes of this process and the service's, sampled evenly over the turns."""
    blocks_kept: int = 0
    """Blocks of Python's memory that are left when all histories are gone."""
    seconds: float = 0.0
    held: Held = field(default_factory=Held)


async def soak(service: Service, seed: int, turns: int) -> Soaked:
    """Take turns, and look at what is left of them.

    Args:
        service: which is asked.
        seed: makes the users' choices reproducible.
        turns: how many.
    """
    soaked, blocks = Soaked(), _blocks()
    _sample(soaked, service)
    began = time.perf_counter()
    await _use(service, seed, turns, soaked)
    soaked.seconds = time.perf_counter() - began
    soaked.held = await asyncio.to_thread(service.held)
    soaked.violations += [f"{id_} is still active" for id_ in soaked.held.active]
    soaked.violations += [f"{told}: asked twice" for told in soaked.held.doubled]
    soaked.violations += await _connections(service.port)
    soaked.blocks_kept = _blocks() - blocks
    _sample(soaked, service)
    soaked.violations += _memory(soaked)
    return soaked


async def _use(service: Service, seed: int, turns: int, soaked: Soaked) -> None:
    models = [model_of(kind, service) for kind in range(KINDS)]
    free = asyncio.Semaphore(AT_A_TIME)

    async def use(number: int, threads: ThreadPoolExecutor) -> None:
        user = User(number, seed, models[number % KINDS], threads)
        for _ in range(number, turns, USERS):
            async with free:
                _note(soaked, await user.take_turn())
            if soaked.outcomes.total() % max(turns // SAMPLES, 1) == 0:
                _sample(soaked, service)

    with ThreadPoolExecutor(AT_A_TIME) as threads:
        async with asyncio.TaskGroup() as users:
            for number in range(USERS):
                users.create_task(use(number, threads))


def _note(soaked: Soaked, turn: Turn) -> None:
    soaked.outcomes[turn.outcome] += 1
    if turn.violation:
        soaked.violations.append(turn.violation)


def _sample(soaked: Soaked, service: Service) -> None:
    soaked.memory.append((resident(os.getpid()), resident(service.pid)))


def _blocks() -> int:
    gc.collect()
    return sys.getallocatedblocks()


def _memory(soaked: Soaked) -> Iterator[str]:
    if soaked.blocks_kept > MOST_BLOCKS_KEPT:
        yield f"{soaked.blocks_kept:,} blocks of memory are left of the turns"
    at_all, each = MOST_BYTES_SERVED
    grown = soaked.memory[-1][1] - soaked.memory[0][1]
    if grown > at_all + each * soaked.held.runs:
        yield f"the service grew by {grown:,} bytes for {soaked.held.runs:,} runs"


async def _connections(port: int) -> list[str]:
    """Connections that are neither closed nor free for the next turn."""
    clients: list[Any] = [process_client(), await loop_client()]
    told: list[str] = []
    for _ in range(_LOOKS):
        pooled = [one for client in clients for one in client._transport._pool.connections]
        told = [f"a connection is not free: {one.info()}" for one in pooled if not one.is_idle()]
        strays = connections_to(port) - len(pooled)
        told += [f"{strays} connections are open that no pool knows of"] * (strays > 0)
        if not told:
            break
        # Who has just left is still saying so.
        await asyncio.sleep(_BETWEEN_LOOKS)
    return told
