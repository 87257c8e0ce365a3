"""The emulator under many streams at once: when the first byte of each comes, and the last.

The emulator runs in a process of its own, as `foundry-agents emulator` starts it. What hears it is
plain sockets, a new one for each stream: 200 streams of an HTTP client keep its process busier than
the emulator's, and in a pool whatever comes second meets the connections of what came first.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

_COMMAND = [
    sys.executable,
    "-m",
    "langchain_foundry_agents.cli",
    "emulator",
    "--port",
    "0",
    "--json",
]
_HEAD = """\
POST {path}?api-version=v1 HTTP/1.1\r
Host: {host}\r
Authorization: Bearer foundry-emulator\r
Content-Type: application/json\r
Content-Length: {length}\r
Connection: close\r
\r
"""


@contextmanager
def _emulator(pause: float) -> Iterator[dict[str, str]]:
    """An emulator; its endpoint, and the id of its classic agent."""
    command = [*_COMMAND, "--chunk-delay", str(pause)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        found = json.loads(process.stdout.readline() if process.stdout else "{}")
        try:
            yield {"endpoint": found["endpoint"], "agent": found["agent_ids"][0]}
        finally:
            process.terminate()


def _requests(endpoint: str, agent: str) -> dict[str, bytes]:
    """A streamed turn of each generation, as it goes over the wire."""
    said = "Please count to 20"
    reference = {"type": "agent_reference", "name": "helper"}
    thread = {"messages": [{"role": "user", "content": said}]}
    return {
        "classic": _request(f"{endpoint}/threads/runs", {"assistant_id": agent, "thread": thread}),
        "new": _request(
            f"{endpoint}/openai/v1/responses", {"input": said, "agent_reference": reference}
        ),
    }


def _request(url: str, body: dict[str, Any]) -> bytes:
    to, told = urlsplit(url), json.dumps({**body, "stream": True}).encode()
    return _HEAD.format(path=to.path, host=to.netloc, length=len(told)).encode() + told


async def _hear(host: str, port: int, request: bytes) -> tuple[float, float]:
    """Seconds until the first byte of a stream, and until its last."""
    began = time.perf_counter()
    first = 0.0
    answer, to_service = await asyncio.open_connection(host, port)
    to_service.write(request)
    head = await answer.readuntil(b"\r\n\r\n")
    if b" 200 " not in head.partition(b"\r\n")[0]:
        raise RuntimeError(head.decode())
    while await answer.read(2**16):
        first = first or time.perf_counter() - began
    to_service.close()
    return first, time.perf_counter() - began


async def _measure(endpoint: str, agent: str, streams: int) -> None:
    host, _, port = urlsplit(endpoint).netloc.partition(":")
    for generation, request in _requests(endpoint, agent).items():
        await _hear(host, int(port), request)
        hearers = (_hear(host, int(port), request) for _ in range(streams))
        firsts, lasts = zip(*await asyncio.gather(*hearers), strict=True)
        print(f"\n{streams} streams at once, {generation}\n")
        print(f"  {'':<12}{'median ms':>12}{'p90 ms':>12}{'longest ms':>12}")
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
