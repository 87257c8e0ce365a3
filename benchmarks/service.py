"""A service that only sends: the canned stream of one classic run, as fast as a socket takes it.

It runs in a process of its own, so that it takes no time from the client. The agent's id says what
to send: `asst_5000_events` is 5,000 deltas with an event in every HTTP chunk, as if each were
flushed; `asst_5000_blocks` is the same in chunks of 64 KiB, as a proxy that gathers sends them.
`GET /requests` tells how many POSTs came since it was asked last.
"""

from __future__ import annotations

import asyncio
import json
from functools import cache
from typing import Any

_BLOCK = 65_536
_THREAD, _RUN, _MESSAGE = "thread_bench", "run_bench", "msg_bench"
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"


def main() -> None:
    """Serve on a free port, which is printed, until killed."""
    asyncio.run(_serve())


async def _serve() -> None:
    posts = [0]

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await _answer(reader, writer, posts)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, posts: list[int]
) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if head.startswith(b"get "):
        count, posts[0] = str(posts[0]).encode(), 0
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(count), count))
    else:
        posts[0] += 1
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        agent_id = json.loads(await reader.readexactly(length))["assistant_id"]
        writer.write(_HEAD + b"transfer-encoding: chunked\r\n\r\n" + _stream(agent_id))
    await writer.drain()


@cache
def _stream(agent_id: str) -> bytes:
    """The body of a run's stream, in HTTP chunks."""
    _, deltas, framing = agent_id.split("_")
    frames = [
        f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
        for name, data in _events(agent_id, int(deltas))
    ]
    frames.append(b"event: done\ndata: [DONE]\n\n")
    if framing == "blocks":
        whole = b"".join(frames)
        frames = [whole[start : start + _BLOCK] for start in range(0, len(whole), _BLOCK)]
    return b"".join(b"%x\r\n%b\r\n" % (len(frame), frame) for frame in frames) + b"0\r\n\r\n"


def _events(agent_id: str, deltas: int) -> list[tuple[str, dict[str, Any]]]:
    words = [f" word{place}" for place in range(deltas)]
    delta = {"id": _MESSAGE, "object": "thread.message.delta"}
    return [
        *((f"thread.run.{status}", _run(agent_id, status)) for status in ("queued", "in_progress")),
        ("thread.message.created", _message(agent_id, "in_progress", [])),
        *(
            ("thread.message.delta", {**delta, "delta": {"content": [_text(word)]}})
            for word in words
        ),
        ("thread.message.completed", _message(agent_id, "completed", [_text("".join(words))])),
        ("thread.run.completed", _run(agent_id, "completed")),
    ]


def _text(value: str) -> dict[str, Any]:
    return {"index": 0, "type": "text", "text": {"value": value, "annotations": []}}


def _message(agent_id: str, status: str, content: list[Any]) -> dict[str, Any]:
    ids = {"id": _MESSAGE, "thread_id": _THREAD, "run_id": _RUN, "assistant_id": agent_id}
    of_message = {"object": "thread.message", "created_at": 1745873039, "role": "assistant"}
    return {**ids, **of_message, "status": status, "content": content, "attachments": []}


def _run(agent_id: str, status: str) -> dict[str, Any]:
    ids = {"id": _RUN, "thread_id": _THREAD, "assistant_id": agent_id}
    usage = {"prompt_tokens": 14, "completion_tokens": 9, "total_tokens": 23}
    of_run = {"object": "thread.run", "created_at": 1745873038, "model": "gpt-4o", "tools": []}
    return {**ids, **of_run, "status": status, "usage": usage if status == "completed" else None}


if __name__ == "__main__":
    main()
