"""The emulator under many streams at once: when the first byte of each comes, and the last.

The emulator runs in a process of its own, as `foundry-agents emulator` starts it.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median, quantiles
from typing import Any

import httpx

_COMMAND = [sys.executable, "-m", "langchain_foundry_agents.cli", "emulator", "--port", "0"]
_TOLD = {"endpoint": r"PROJECT_ENDPOINT=(\S+)", "agent": r"AZURE_AI_AGENT_ID=(\S+)"}
_HEADERS = {"Authorization": "Bearer foundry-emulator"}


@contextmanager
def _emulator(pause: float) -> Iterator[dict[str, str]]:
    """An emulator; its endpoint, and the id of its classic agent."""
    command = [*_COMMAND, "--chunk-delay", str(pause)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        told, found = "", dict[str, str]()
        while len(found) < len(_TOLD) and process.stdout:
            told += process.stdout.readline()
            matches = {name: re.search(form, told) for name, form in _TOLD.items()}
            found = {name: match[1] for name, match in matches.items() if match}
        try:
            yield found
        finally:
            process.terminate()


def _requests(agent: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """A streamed turn of each generation: path and body."""
    said = "Please count to 20"
    reference = {"type": "agent_reference", "name": "helper"}
    thread = {"messages": [{"role": "user", "content": said}]}
    return {
        "classic": ("/threads/runs", {"assistant_id": agent, "thread": thread}),
        "new": ("/openai/v1/responses", {"input": said, "agent_reference": reference}),
    }


async def _hear(http: httpx.AsyncClient, path: str, body: dict[str, Any]) -> tuple[float, float]:
    """Seconds until the first byte of a stream, and until its last."""
    began = time.perf_counter()
    first = 0.0
    async with http.stream("POST", path, json={**body, "stream": True}) as answer:
        answer.raise_for_status()
        async for _ in answer.aiter_raw():
            first = first or time.perf_counter() - began
    return first, time.perf_counter() - began


async def _measure(endpoint: str, agent: str, streams: int) -> None:
    settings: dict[str, Any] = {"limits": httpx.Limits(max_connections=streams), "timeout": 120}
    settings |= {"params": {"api-version": "v1"}, "headers": _HEADERS, "trust_env": False}
    async with httpx.AsyncClient(base_url=endpoint, **settings) as http:
        for generation, (path, body) in _requests(agent).items():
            await _hear(http, path, body)
            heard = await asyncio.gather(*(_hear(http, path, body) for _ in range(streams)))
            print(f"\n{streams} streams at once, {generation}\n")
            print(f"  {'':<12}{'median ms':>12}{'p90 ms':>12}{'longest ms':>12}")
            firsts, lasts = zip(*heard, strict=True)
            for name, taken in (("first byte", firsts), ("last byte", lasts)):
                figures = (median(taken), quantiles(taken, n=10)[-1], max(taken))
                cells = "".join(f"{figure * 1000:>12.0f}" for figure in figures)
                print(f"  {name:<12}{cells}")


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=200, help="how many at once")
    parser.add_argument("--pause", type=float, default=0.05, help="seconds between two pieces")
    args = parser.parse_args()
    with _emulator(args.pause) as told:
        asyncio.run(_measure(told["endpoint"], told["agent"], args.streams))


if __name__ == "__main__":
    main()
