"""A service that sends canned answers as fast as a socket takes them, or at a pace.

It runs in a process of its own, so that it takes no time from the client. The agent's name says how
it answers: `asst_5000_events` (or `5000-events`, of the new generation) in 5,000 deltas with an
event in every HTTP chunk, as if each were flushed; `…blocks` in chunks of 64 KiB, as a proxy that
gathers sends them; `…paced` with a millisecond between two events, which are one read each then;
`…spoken` at 20 events a second; `…run` in a run that takes 300 ms. `GET /counts` tells what came
since it was asked last.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from typing import Any

from benchmarks.canned import (
    JSON,
    Agent,
    classic_events,
    message,
    new_events,
    response,
    run,
    whole_messages,
)

_BLOCK = 65_536
_PACES = {"paced": 0.001, "spoken": 0.05}
"""Seconds between two events."""
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\n"
_LIST = {"object": "list", "data": [], "has_more": False, "first_id": None, "last_id": None}
_EVENTS: dict[Agent, list[bytes]] = {}


class Service:
    """What came, and the runs that are under way."""

    def __init__(self) -> None:
        self._came: Counter[str] = Counter()
        self._runs: dict[str, tuple[Agent, float]] = {}

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests until it is closed."""
        self._came["connections"] += 1
        try:
            while True:
                await self._answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.decode("latin-1").split(" ", 2)
        path = target.partition("?")[0].removeprefix("/api/projects/bench")
        raw = await reader.readexactly(_length(head.lower()))
        if path == "/counts":
            _write(writer, dict(self._came))
            self._came.clear()
            return
        self._came["requests"] += 1
        self._came["bytes"] += len(raw)
        body = json.loads(raw) if raw else {}
        agent = Agent.asked_by(body)
        if agent and body.get("stream"):
            # A stream that broke off is asked for again.
            self._runs["resp_bench" if agent.is_new else "run_bench"] = agent, time.monotonic()
            await _stream(writer, agent)
        else:
            # azure-ai-agents asks for pages until one is empty.
            beyond = "after=" in target
            _write(writer, _LIST if beyond else self._told(method, path, body, agent))
        await writer.drain()

    def _told(self, method: str, path: str, body: JSON, agent: Agent | None) -> JSON:
        """The answer to what is no stream."""
        place = path.split("/")
        if agent:
            id_ = ("resp_" if agent.is_new else "run_") + f"bench{len(self._runs)}"
            self._runs[id_] = agent, time.monotonic()
            return self._state(id_)
        if place[-1] in self._runs:
            return self._state(place[-1])
        match method, place[-1]:
            case "POST", "assistants":
                return {"id": f"asst_{body['name']}", "object": "assistant", "tools": [], **body}
            case "POST", "threads":
                return {"id": "thread_bench", "object": "thread", "created_at": 1745873038}
            case "POST", "conversations":
                return {"id": "conv_bench", "object": "conversation", "created_at": 1745873038}
            case "POST", "messages":
                return message(Agent("0", "events"), "completed", []) | {"role": "user"}
            case "GET", "messages":
                id_, (agent, _) = next(reversed(self._runs.items()))
                return whole_messages(agent, id_)
        return _LIST

    def _state(self, id_: str) -> JSON:
        agent, began = self._runs[id_]
        over = time.monotonic() - began >= agent.seconds
        status = "completed" if over else "in_progress"
        return response(agent, status, id_) if agent.is_new else run(agent, status, id_)


def _length(head: bytes) -> int:
    _, found, rest = head.partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


def _write(writer: asyncio.StreamWriter, told: JSON) -> None:
    content = json.dumps(told).encode()
    head = _HEAD % b"application/json"
    writer.write(head + b"content-length: %d\r\n\r\n%b" % (len(content), content))


async def _stream(writer: asyncio.StreamWriter, agent: Agent) -> None:
    chunks = _chunks(agent)
    head = _HEAD % b"text/event-stream; charset=utf-8" + b"transfer-encoding: chunked\r\n\r\n"
    if pace := _PACES.get(agent.framing):
        for chunk in (head, *chunks):
            writer.write(chunk)
            await asyncio.sleep(pace)
        return
    writer.write(head + chunks[0])
    if agent.seconds:
        await asyncio.sleep(agent.seconds)
    writer.write(b"".join(chunks[1:]))


def _chunks(agent: Agent) -> list[bytes]:
    """The body of a run's stream, in HTTP chunks."""
    if agent not in _EVENTS:
        events = new_events(agent) if agent.is_new else classic_events(agent)
        frames = [_frame(name, data) for name, data in events]
        frames.append(b"event: done\ndata: [DONE]\n\n")
        if agent.framing == "blocks":
            whole = b"".join(frames)
            frames = [whole[start : start + _BLOCK] for start in range(0, len(whole), _BLOCK)]
        _EVENTS[agent] = [b"%x\r\n%b\r\n" % (len(frame), frame) for frame in (*frames, b"")]
    return _EVENTS[agent]


def _frame(name: str, data: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


async def _serve() -> None:
    server = await asyncio.start_server(Service().connected, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Whoever began it closes this, at the latest when it dies.
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve())
