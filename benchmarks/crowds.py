"""Many at once in one process: 1,000 streams in tasks, 256 turns in threads.

`python -m benchmarks.crowds <url> <who>` hears the streams in a process of its own, for its memory.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from benchmarks.canned import Agent
from benchmarks.clients import ours
from benchmarks.figures import Figure, Section
from benchmarks.floors import Bare, floor_of
from benchmarks.measuring import counts, in_a_process, run

STREAMS, DELTAS, THREADS = 1000, 50, 256
_KINDS = {"spoken": "at 20 deltas a second each", "events": "all at once"}
_WHO = "bare", "floor", "ours"


def crowd(bare: Bare, rounds: int) -> Section:
    """1,000 streams of 50 deltas in one process."""
    words = (
        "Each in a process of its own. Memory is what the process grew by at most, for each stream."
    )
    section = Section(f"{STREAMS:,} concurrent `astream`s of {DELTAS} deltas", words)
    rows: list[tuple[object, ...]] = []
    for framing, meaning in _KINDS.items():
        found: dict[str, list[dict[str, float]]] = {who: [] for who in _WHO}
        for _ in range(rounds):
            for who in _WHO:
                found[who].append(in_a_process("crowds", bare.url, who, framing))
        best = {who: min(one["seconds"] for one in told) for who, told in found.items()}
        rate = best["bare"] / best["ours"]
        figure = Figure(f"{meaning}: of bare httpx's throughput", rate, 0.7, at_least=True)
        section.figures.append(figure)
        size = min(one["kib"] for one in found["ours"])
        section.figures.append(Figure(f"{meaning}: memory a stream", size, 65, "KiB"))
        right = min(one["right"] for one in found["ours"])
        section.figures.append(Figure(f"{meaning}: right", right, STREAMS, "", at_least=True))
        for who, told in found.items():
            kib = min(one["kib"] for one in told)
            rows.append((f"{who}, {meaning}", f"{best[who]:.2f}", f"{kib:.0f}"))
    section.add_table(("who", "best s", "KiB a stream"), rows)
    return section


def threads(bare: Bare) -> Section:
    """256 sync turns in threads."""
    section = Section(f"{THREADS} concurrent `invoke`s in threads")
    agent = Agent("20", "run")
    model = ours(bare.url, agent)
    with ThreadPoolExecutor(THREADS) as pool:
        counts(bare.url)
        list(pool.map(model.invoke, ["Hello"] * THREADS))
        first = counts(bare.url)
        said = [str(answer.text) for answer in pool.map(model.invoke, ["Hello"] * THREADS)]
        second = counts(bare.url)
    right = said.count("".join(agent.words))
    section.figures += [
        Figure("right", right, THREADS, "", at_least=True),
        Figure("connections of the first 256", first["connections"], THREADS, ""),
        Figure(
            "new connections of the next 256",
            second["connections"],
            0,
            "",
        ),
        Figure("requests of each", second["requests"] / THREADS, 1, ""),
    ]
    return section


async def _crowd(url: str, who: str, framing: str) -> dict[str, float]:
    """Seconds, memory and right answers of a crowd."""
    agent = Agent(str(DELTAS), framing)
    limits = httpx.Limits(max_connections=STREAMS)
    async with httpx.AsyncClient(limits=limits, timeout=120, trust_env=False) as aclient:
        bare = Bare(url, httpx.Client(trust_env=False), aclient)
        model: Any = ours(url, agent)
        if who == "floor":
            model = floor_of(model)
        whole = "".join(agent.words)

        async def hear() -> bool:
            return "".join([chunk.text async for chunk in model.astream("Hello")]) == whole

        async def read() -> bool:
            await bare.aread(agent)
            return True

        one: Callable[[], Awaitable[bool]] = read if who == "bare" else hear
        await one()
        before = _most_memory()
        began = time.perf_counter()
        right = sum(await asyncio.gather(*(one() for _ in range(STREAMS))))
        seconds = time.perf_counter() - began
        grown = _most_memory() - before
    return {"seconds": seconds, "kib": grown / STREAMS, "right": right}


def _most_memory() -> int:
    """The most that this process ever had in memory, in KiB; only Linux tells."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    print(json.dumps(run(_crowd(*sys.argv[1:]))))
