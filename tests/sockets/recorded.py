"""Recorded exchanges of the new generation: what was asked and answered, to be replayed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from canned import PROJECT, CannedService, Reply, Request, json_reply, sse, stream_reply
from conftest import RECORDINGS
from folding import brief
from langchain_core.messages import AIMessage

JSON = dict[str, Any]

FOLDER = RECORDINGS / "responses"


def _short(path: Path) -> str:
    """The recording and the place of the exchange in it."""
    stem = path.stem.replace("_with_content_recording", "")
    return re.sub(r"\.(\d+)-stream.*|\.(\d+)-function.*", r".\1\2", stem)


STREAMS = {
    _short(path): path.read_bytes()
    for path in sorted([*FOLDER.glob("*.sse"), *FOLDER.glob("*-sse-*.txt")])
}
_PROJECT = "/api/projects/sanitized-project-name"
_MODEL = "sanitized-model-deployment-name"


class Exchange(NamedTuple):
    """A request of another client, and the service's answer to it."""

    route: str
    """Method and path below the project, with the query."""
    headers: JSON
    body: JSON
    answer: Any
    """Its JSON, the stream's bytes, or a note that it was left out."""

    @property
    def reply(self) -> Reply:
        """The answer, once more."""
        return (
            stream_reply(self.answer) if isinstance(self.answer, bytes) else json_reply(self.answer)
        )


def exchanges(name: str, *ends: str) -> list[Exchange]:
    """The exchanges of a recording whose path ends so, in order."""
    told = [_exchange(one) for one in json.loads((FOLDER / name).read_text())["exchanges"]]
    return [one for one in told if one.route.partition("?")[0].endswith(ends)]


def replies(recorded: list[Exchange]) -> list[Reply]:
    """The recorded answers; one that was left out is that of the request before."""
    answers: list[Reply] = []
    for one in recorded:
        left_out = isinstance(one.answer, str)
        answers.append(answers[-1] if left_out else one.reply)
    return answers


def asked(service: CannedService) -> list[tuple[str, JSON]]:
    """What the service was asked: method, path and query, and the body."""
    return list(zip(routes(service), map(_body, service.requests), strict=True))


def _body(request: Request) -> JSON:
    body: JSON = request.json() if request.body else {}
    return body


def routes(service: CannedService) -> list[str]:
    """Method, path and query of each request."""
    return [f"{one.method} {one.path.removeprefix(PROJECT)}" for one in service.requests]


def _exchange(told: JSON) -> Exchange:
    request, response = told["request"], told["response"]
    answer = _stream(response["sse"]) if "sse" in response else response.get("body")
    path = request["path"].removeprefix(_PROJECT)
    return Exchange(f"{request['method']} {path}", request["headers"], request["body"], answer)


def _stream(file: str) -> bytes:
    return (FOLDER / file).read_bytes()


def one_event(response: JSON) -> Reply:
    """A whole response as a stream of nothing but its end."""
    kind = f"response.{response['status']}"
    return stream_reply(sse((kind, {"type": kind, "response": response})))


def last_response(stream: bytes) -> JSON:
    """The response that a recorded stream ends in, read without the code under test."""
    line = stream.decode().rstrip().rpartition("\ndata: ")[2]
    response: JSON = json.loads(line)["response"]
    return response


class Told(NamedTuple):
    """What an answer says, does, and tells of itself."""

    text: str
    """Its beginning."""
    run: str
    """The response's id."""
    messages: tuple[str, ...] = ()
    agent: str = "asked"
    """Name and version."""
    usage: tuple[int, int, int, int] | None = None
    """Tokens in, of those from a cache, out, and of those of reasoning, as the service counts."""
    conversation: str | None = None
    blocks: str = "text"
    """Their types; of the service's own tools the name, and whether it worked."""
    calls: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()
    """Place and title of each citation."""
    finish: str = "stop"
    model: str = _MODEL


def told(answer: AIMessage) -> Told:
    """An answer in short."""
    metadata = answer.response_metadata
    assert metadata["run_id"] == metadata["response_id"]
    assert metadata.get("thread_id") == metadata.get("conversation_id")
    blocks: list[Any] = answer.content_blocks
    notes = [note for block in blocks for note in block.get("annotations", ())]
    return Told(
        brief(answer.text),
        metadata["run_id"],
        tuple(metadata["message_ids"]),
        ":".join(filter(None, (metadata["agent_name"], metadata["agent_version"]))),
        _usage(answer),
        metadata.get("conversation_id"),
        ", ".join(map(_kind, blocks)),
        tuple(
            f"{call['id']} {call['name']}({json.dumps(call['args'])})" for call in answer.tool_calls
        ),
        tuple(f"{note['start_index']}-{note['end_index']} {note['title']}" for note in notes),
        metadata["finish_reason"],
        metadata["model_name"],
    )


def _kind(block: JSON) -> str:
    match block["type"]:
        case "server_tool_call":
            return str(block["name"])
        case "server_tool_result":
            return str(block["status"])
    return str(block["type"])


def _usage(answer: AIMessage) -> tuple[int, int, int, int] | None:
    usage = answer.usage_metadata
    assert usage is not None
    if answer.response_metadata["usage_source"] != "service":
        return None
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    cached = usage["input_token_details"]["cache_read"]
    reasoning = usage["output_token_details"]["reasoning"]
    return usage["input_tokens"], cached, usage["output_tokens"], reasoning


def in_pieces(raw: bytes) -> tuple[bytes, ...]:
    """A stream as a network may cut it."""
    return tuple(raw[start : start + 1000] for start in range(0, len(raw), 1000))


def halves(raw: bytes) -> tuple[bytes, bytes]:
    """A stream, cut between two events in its middle."""
    middle = raw.index(b"\n\n", len(raw) // 2) + 2
    return raw[:middle], raw[middle:]


def _with_keepalives(raw: bytes) -> bytes:
    alive = b': still here\n\nevent: keepalive\ndata: {"type":"keepalive","sequence_number":3}\n\n'
    return b"".join(alive + event + b"\n\n" for event in raw.split(b"\n\n") if event)


FORMS: dict[str, Callable[[bytes], tuple[bytes, ...]]] = {
    "pieces": in_pieces,
    "crlf": lambda raw: (raw.replace(b"\n", b"\r\n"),),
    "data first": lambda raw: (re.sub(rb"(event: .+)\n(data: .+)\n", rb"\2\n\1\n", raw),),
    "no names": lambda raw: (re.sub(rb"event: .+\n", b"", raw),),
    "no numbers": lambda raw: (re.sub(rb',\s*"sequence_number":\s*\d+', b"", raw),),
    "keepalives": lambda raw: (_with_keepalives(raw),),
    "done": lambda raw: (raw + b"data: [DONE]\n\n",),
}
"""Other ways in which services of this kind write the same stream."""
