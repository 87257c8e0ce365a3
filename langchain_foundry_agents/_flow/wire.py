"""JSON off the wire. What is none, or has not the promised shape, is a `ProtocolError`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from langchain_foundry_agents._flow.effects import JSON, Event
from langchain_foundry_agents.errors import ProtocolError, Response

_QUOTED = 120


def read_object(response: Response) -> JSON:
    """The JSON object of an answer."""
    try:
        body = response.json()
    except ValueError as error:
        raise _unreadable(response) from error
    if not isinstance(body, dict):
        raise _unreadable(response)
    return body


def check_stream(response: Response) -> None:
    """Raise if the answer to a streaming request is no event stream."""
    if response.text:
        raise _unreadable(response)


def read_events(batch: Iterable[tuple[str, str]]) -> tuple[Event, ...]:
    """The events of one network read; what carries no JSON object (`[DONE]`) tells nothing."""
    found = [(name, data) for name, data in batch if name != "done" and data != "[DONE]"]
    try:
        # One parse for all of a burst is several times faster than one each.
        values = json.loads(f"[{','.join(data for _, data in found)}]")
    except (ValueError, RecursionError):
        values = []
    if len(values) != len(found):
        # Some event is not one JSON value: read singly, it can be named.
        values = [_read_value(name, data) for name, data in found]
    pairs = zip(found, values, strict=True)
    return tuple((name, value) for (name, _), value in pairs if isinstance(value, dict))


def _read_value(name: str, data: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        what = f"An event of the stream is not JSON: {name} {data[:_QUOTED]!r}"
        raise ProtocolError(what) from error


def _unreadable(response: Response) -> ProtocolError:
    start = " ".join(response.text.split())[:_QUOTED]
    kind = response.headers.get("content-type") or "no content type"
    return ProtocolError(
        f"The service answered something else than was asked for ({kind}): {start or 'nothing'}",
        response=response,
    )
