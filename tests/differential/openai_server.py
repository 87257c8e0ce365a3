"""A loopback server for ChatOpenAI: chat completions, answered by a brain."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, convert_to_messages

JSON = dict[str, Any]
_USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
_ABOUT = {"id": "chatcmpl-1", "created": 1, "model": "gpt-4o"}


@contextmanager
def chat_completions(brain: BaseChatModel) -> Iterator[str]:
    """The base address of a service whose model is the brain."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if body.get("model") == "broken":
                self._send(b'{"error": {"message": "It broke.", "code": "server_error"}}', 500)
                return
            answer = brain.invoke(convert_to_messages(body["messages"]))
            assert isinstance(answer, AIMessage)
            if body.get("stream"):
                events = [*_chunks(answer), "[DONE]"]
                sent = "".join(f"data: {event}\n\n" for event in events)
                self._send(sent.encode(), kind="text/event-stream")
            else:
                self._send(json.dumps(_whole(answer)).encode())

        def _send(self, body: bytes, status: int = 200, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()


def _calls(answer: AIMessage) -> list[JSON]:
    return [
        {
            "index": index,
            "id": call["id"],
            "type": "function",
            "function": {"name": call["name"], "arguments": json.dumps(call["args"])},
        }
        for index, call in enumerate(answer.tool_calls)
    ]


def _reason(answer: AIMessage) -> str:
    return "tool_calls" if answer.tool_calls else "stop"


def _whole(answer: AIMessage) -> JSON:
    message: JSON = {"role": "assistant", "content": str(answer.text)}
    if answer.tool_calls:
        message["tool_calls"] = _calls(answer)
    choice = {"index": 0, "message": message, "finish_reason": _reason(answer)}
    return {**_ABOUT, "object": "chat.completion", "choices": [choice], "usage": _USAGE}


def _chunks(answer: AIMessage) -> Iterator[str]:
    words = str(answer.text).split(" ")
    pieces = [word if i == 0 else f" {word}" for i, word in enumerate(words)]
    deltas: list[JSON] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": piece} for piece in pieces if piece]
    deltas += [{"tool_calls": [call]} for call in _calls(answer)]
    for delta in deltas:
        yield _chunk(delta, None)
    yield _chunk({}, _reason(answer))
    yield json.dumps({**_ABOUT, "object": "chat.completion.chunk", "choices": [], "usage": _USAGE})


def _chunk(delta: JSON, reason: str | None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return json.dumps({**_ABOUT, "object": "chat.completion.chunk", "choices": [choice]})
