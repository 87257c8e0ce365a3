"""How things are timed: in rounds of all ways, so that all meet the same weather."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median, quantiles
from typing import Any

import httpx

Way = Callable[[], Awaitable[object]]
"""One way to do a thing. Sync ways do their work before they return."""


@dataclass(frozen=True)
class Taken:
    """What a way took, each time, in seconds."""

    seconds: tuple[float, ...]

    @property
    def best(self) -> float:
        """The least: what it takes where nothing else runs."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """The middle."""
        return median(self.seconds)

    @property
    def spread(self) -> tuple[float, float]:
        """The first and the last tenth."""
        tenths = quantiles(self.seconds, n=10)
        return tenths[0], tenths[-1]


async def taken_by(
    ways: Mapping[str, Way], rounds: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, Taken]:
    """What each way takes, after one time that does not count. Nobody pays for others' garbage."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        await way()
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for name, way in ways.items():
            gc.collect()
            began = clock()
            await way()
            times[name].append(clock() - began)
    return {name: Taken(tuple(seconds)) for name, seconds in times.items()}


def sync(act: Callable[..., object], *args: Any, **keywords: Any) -> Way:
    """A sync act as a way."""
    act = partial(act, *args, **keywords)

    async def way() -> object:
        return act()

    return way


@contextmanager
def service() -> Iterator[str]:
    """The loopback service in a process of its own; its project endpoint."""
    command = [sys.executable, "-m", "benchmarks.service"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603 - ours
        try:
            port = process.stdout.readline().strip() if process.stdout else ""
            yield f"http://127.0.0.1:{port}/api/projects/bench"
        finally:
            process.terminate()


def counts(url: str) -> dict[str, int]:
    """What came to the service since this was asked last: requests, their bytes, connections."""
    told: dict[str, int] = httpx.get(f"{url}/counts", trust_env=False).json()
    # This very question came over a connection of its own.
    return {"requests": 0, "bytes": 0, **told, "connections": told["connections"] - 1}


def in_a_process(module: str, *args: object) -> Any:
    """What a module of the benchmarks prints as JSON, in a process of its own."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def run(main: Awaitable[Any]) -> Any:
    """Run what measures."""

    async def act() -> Any:
        return await main

    return asyncio.run(act())
