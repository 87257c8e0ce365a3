"""Requests a turn, overhead a turn, deltas a second. Prints tables; see README.md beside it."""

from __future__ import annotations

import argparse
import asyncio
import platform
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.chat_models import agenerate_from_stream, generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from langchain_foundry_agents import ChatFoundryAgent

_FRAMINGS = {"events": "an event a chunk", "blocks": "chunks of 64 KiB"}
_HEADERS = {"accept": "application/json", "authorization": "Bearer foundry-emulator"}

Way = Callable[[], Awaitable[object]]
"""One way to do a turn. Sync ways do their work before they return."""


class Floor(BaseChatModel):
    """LangChain's own cost: a model that only makes chunks with given fields."""

    fields: list[dict[str, Any]]

    @property
    def _llm_type(self) -> str:
        return "floor"

    def _chunks(self) -> Iterator[ChatGenerationChunk]:
        for one in self.fields:
            yield ChatGenerationChunk(message=AIMessageChunk(**one))

    def _stream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> Iterator[Any]:
        return self._chunks()

    async def _astream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> AsyncIterator[Any]:
        for chunk in self._chunks():
            yield chunk

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        return generate_from_stream(self._chunks())

    async def _agenerate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        return await agenerate_from_stream(self._astream(messages))


@dataclass(frozen=True)
class Bench:
    """The service, and what asks it."""

    url: str
    client: httpx.Client
    async_client: httpx.AsyncClient

    def model(self, deltas: int, framing: str) -> ChatFoundryAgent:
        """Ours, for an agent that answers with so many deltas."""
        return ChatFoundryAgent(agent_id=f"asst_{deltas}_{framing}", project_endpoint=self.url)

    def read(self, deltas: int, framing: str) -> None:
        """A bare call that only reads the bytes."""
        with self.client.stream(**self._call(deltas, framing)) as answer:
            for _ in answer.iter_bytes():
                pass

    async def aread(self, deltas: int, framing: str) -> None:
        """As `read`."""
        async with self.async_client.stream(**self._call(deltas, framing)) as answer:
            async for _ in answer.aiter_bytes():
                pass

    def requests(self) -> int:
        """How many requests came since this was asked last."""
        return int(self.client.get(self.url.replace("/api/projects/bench", "/requests")).text)

    def _call(self, deltas: int, framing: str) -> dict[str, Any]:
        body = {
            "assistant_id": f"asst_{deltas}_{framing}",
            "thread": {"messages": [{"role": "user", "content": "Hello"}]},
            "stream": True,
        }
        return {
            "method": "POST",
            "url": f"{self.url}/threads/runs?api-version=v1",
            "json": body,
            "headers": _HEADERS,
        }


@contextmanager
def _service() -> Iterator[str]:
    """The loopback service in a process of its own; its project endpoint."""
    command = [sys.executable, str(Path(__file__).with_name("service.py"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
        try:
            port = process.stdout.readline().strip() if process.stdout else ""
            yield f"http://127.0.0.1:{port}/api/projects/bench"
        finally:
            process.terminate()


def _methods(model: BaseChatModel) -> dict[str, Callable[[Any], Awaitable[object]]]:
    async def invoke(history: Any) -> object:
        return model.invoke(history)

    async def ainvoke(history: Any) -> object:
        return await model.ainvoke(history)

    async def stream(history: Any) -> object:
        return [chunk.text for chunk in model.stream(history)]

    async def astream(history: Any) -> object:
        return [chunk.text async for chunk in model.astream(history)]

    return {"invoke": invoke, "ainvoke": ainvoke, "stream": stream, "astream": astream}


async def _count_requests(bench: Bench) -> None:
    model = bench.model(20, "events")
    answer = model.invoke("Hello")
    histories = "Hello", [HumanMessage("Hello"), answer, HumanMessage("And then?")]
    print("\nRequests a turn\n")
    _print_row("", "first turn", "later turn")
    for name, ask in _methods(model).items():
        counts = []
        for history in histories:
            bench.requests()
            await ask(history)
            counts.append(str(bench.requests()))
        _print_row(name, *counts)


async def _time_turns(bench: Bench, rounds: int, deltas: int) -> None:
    ways = _ways(bench, deltas, "events", ("invoke", "ainvoke"))
    times = await _interleaved(ways, rounds)
    print(f"\nA turn of {deltas} deltas; {rounds} turns of each, interleaved\n")
    _print_row("", "median ms", "p10-p90 ms", "ratio", "more ms")
    for name, taken in times.items():
        base = median(times[_base(name)])
        middle = median(taken)
        more = f"{(middle - base) * 1000:+.2f}"
        _print_row(name, f"{middle * 1000:.2f}", _spread(taken), f"{middle / base:.2f}", more)


async def _time_bursts(bench: Bench, rounds: int, deltas: int) -> None:
    for framing, meaning in _FRAMINGS.items():
        ways = _ways(bench, deltas, framing, ("stream", "astream"))
        chunks = {name: await way() for name, way in ways.items()}
        times = await _interleaved(ways, rounds)
        print(f"\nA burst of {deltas} deltas, {meaning}; {rounds} bursts of each, interleaved\n")
        _print_row("", "median ms", "p10-p90 ms", "ratio", "deltas/s", "chunks")
        for name, taken in times.items():
            middle = median(taken)
            _print_row(
                name,
                f"{middle * 1000:.1f}",
                _spread(taken),
                f"{middle / median(times[_base(name)]):.2f}",
                f"{deltas / middle:,.0f}",
                str(len(found)) if isinstance(found := chunks[name], list) else "-",
            )


def _ways(bench: Bench, deltas: int, framing: str, methods: tuple[str, str]) -> dict[str, Way]:
    """The ways to do the same turn: bare, LangChain's floor, ours; sync, then async."""
    model = bench.model(deltas, framing)
    kept = {"content", "id", "response_metadata", "usage_metadata", "chunk_position"}
    floor = Floor(fields=[chunk.model_dump(include=kept) for chunk in model.stream("Hello")])

    async def read() -> None:
        bench.read(deltas, framing)

    sync, async_ = methods
    return {
        "bare httpx, sync": read,
        f"LangChain's floor, {sync}": partial(_methods(floor)[sync], "Hello"),
        f"ours, {sync}": partial(_methods(model)[sync], "Hello"),
        "bare httpx, async": partial(bench.aread, deltas, framing),
        f"LangChain's floor, {async_}": partial(_methods(floor)[async_], "Hello"),
        f"ours, {async_}": partial(_methods(model)[async_], "Hello"),
    }


def _base(name: str) -> str:
    """What a way is compared with."""
    return f"bare httpx, {'async' if ', a' in name else 'sync'}"


async def _interleaved(ways: dict[str, Way], rounds: int) -> dict[str, list[float]]:
    """Seconds that each way took, in rounds of all ways, so that all meet the same weather."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            await way()
            times[name].append(time.perf_counter() - began)
    return times


def _spread(taken: list[float]) -> str:
    tenths = quantiles(taken, n=10)
    return f"{tenths[0] * 1000:.2f}-{tenths[-1] * 1000:.2f}"


def _print_row(name: str, *cells: str) -> None:
    print(f"  {name:<28}" + "".join(f"{cell:>15}" for cell in cells))


async def _measure(url: str, turns: int, bursts: int) -> None:
    with httpx.Client() as client:
        async with httpx.AsyncClient() as async_client:
            bench = Bench(url, client, async_client)
            await _count_requests(bench)
            await _time_turns(bench, turns, 20)
            await _time_bursts(bench, bursts, 5000)


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=300, help="turns of each way")
    parser.add_argument("--bursts", type=int, default=30, help="bursts of each way")
    args = parser.parse_args()
    packages = ("langchain-foundry-agents", "langchain-core", "httpx", "httpcore", "h11")
    versions = " · ".join(f"{name} {version(name)}" for name in packages)
    print(f"Python {platform.python_version()} on {platform.machine()} · {versions}")
    with _service() as url:
        asyncio.run(_measure(url, args.turns, args.bursts))


if __name__ == "__main__":
    main()
