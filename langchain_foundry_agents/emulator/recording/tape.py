"""The file of a recording: exchanges as JSON lines, written as they end, read in their order."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.events import Event, compact
from langchain_foundry_agents.emulator.multipart import read_form
from langchain_foundry_agents.emulator.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from langchain_foundry_agents.emulator.exchange import Request
    from langchain_foundry_agents.emulator.recording.scrubbing import Scrubber
    from langchain_foundry_agents.emulator.records import JsonObject

FORMAT = "langchain-foundry-agents recording"
VERSION = 1

_LINE_END = re.compile(r"\r\n|\n|\r")
_BLANK_LINE = re.compile(r"\r\n\r\n|\n\n|\r\r")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, and what came of it; both sanitised.

    Args:
        number: its place in the session, by the beginning of requests.
        request: `method`, `path` below the project, `query` without the API's version, `body`.
        response: `status`, `headers`, and `body`, `events` or the `length` of a file; `broken`
            where it did not come to its end.
    """

    number: int
    request: JsonObject
    response: JsonObject

    @property
    def name(self) -> str:
        """Method and path."""
        return f"{self.request['method']} {self.request['path']}"


class TapeError(ValueError):
    """A file that is no recording."""


class Tape:
    """A recording that is being made.

    Args:
        path: the file; there must be none yet.
        texts: whether it holds what was said.

    Raises:
        FileExistsError: there is one.
    """

    def __init__(self, path: Path, *, texts: bool) -> None:
        self._file = path.open("x", encoding="utf-8")
        self._write({"format": FORMAT, "version": VERSION, "texts": texts})

    def add(self, exchange: Exchange) -> None:
        """Writes an exchange, so that it stays whatever comes next."""
        told = {"request": exchange.request, "response": exchange.response}
        self._write({"number": exchange.number, **told})

    def close(self) -> None:
        """Ends the file."""
        self._file.close()

    def _write(self, line: JsonObject) -> None:
        self._file.write(compact(line) + "\n")
        self._file.flush()


def read_tape(path: Path) -> tuple[bool, list[Exchange]]:
    """A recording: whether it holds what was said, and its exchanges in their order.

    Raises:
        OSError: the file cannot be read.
        TapeError: it is no recording.
    """
    try:
        # Not by `splitlines`, which breaks texts at what only looks like the end of a line.
        text = path.read_text(encoding="utf-8").rstrip("\n")
        head, *lines = map(json.loads, text.split("\n"))
        if (head["format"], head["version"]) != (FORMAT, VERSION):
            raise KeyError
        exchanges = [Exchange(**line) for line in lines]
    except (KeyError, TypeError, ValueError):
        message = f"{path} is no recording of this version ({FORMAT}, version {VERSION})."
        raise TapeError(message) from None
    return bool(head["texts"]), sorted(exchanges, key=lambda one: one.number)


def told_request(request: Request, path: str, scrubber: Scrubber) -> JsonObject:
    """A request as a recording has it."""
    query = {name: value for name, value in request.query.items() if name != "api-version"}
    return {
        "method": request.method,
        "path": scrubber.path(path),
        "query": {name: scrubber.path(value) for name, value in sorted(query.items())},
        "body": scrubber.json(_form_or_json(request)),
    }


def told_answer(kind: str, body: bytes, scrub: Callable[[Any], Any]) -> JsonObject:
    """The body of an answer as a recording has it.

    Args:
        kind: its media type.
        body: its bytes.
        scrub: takes out of JSON what is not for a file.
    """
    if kind.startswith("text/event-stream"):
        return {"events": [[name, scrub(data)] for name, data in _events(body)]}
    told = _json_or_length(body)
    is_file = isinstance(told, dict) and told.keys() == {"length"}
    return told if is_file else {"body": scrub(told)}


def played_answer(response: JsonObject) -> Iterable[bytes]:
    """The pieces of a recorded answer's body."""
    if "events" in response:
        return (Event(name, data).frame() for name, data in response["events"])
    if "length" in response:
        return (b"x" * response["length"],)
    return (compact(response["body"]).encode() if response["body"] is not None else b"",)


def _form_or_json(request: Request) -> Any:
    try:
        form = read_form(request.headers.get("content-type", ""), request.body)
    except Refusal:
        return _json_or_length(request.body)
    return {
        "form": {
            name: part.text if part.filename is None else _file(part.filename, part.data)
            for name, part in form.items()
        }
    }


def _json_or_length(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return {"length": len(body)}


def _file(filename: str, data: bytes) -> JsonObject:
    return {"filename": filename, "length": len(data)}


def _events(body: bytes) -> Iterable[tuple[str, Any]]:
    """Names and data; that of the end marker is None."""
    # What stands behind the last blank line has not come to its end.
    for block in _BLANK_LINE.split(body.decode(errors="replace"))[:-1]:
        fields: dict[str, list[str]] = {}
        for line in _LINE_END.split(block):
            name, _, value = line.partition(":")
            fields.setdefault(name, []).append(value.removeprefix(" "))
        if "data" in fields:
            yield fields.get("event", ["message"])[-1], _data("\n".join(fields["data"]))


def _data(text: str) -> Any:
    try:
        return None if text == "[DONE]" else json.loads(text)
    except ValueError:
        return text
