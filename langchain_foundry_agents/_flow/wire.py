"""JSON off the wire. What is none, or has not the promised shape, is a `ProtocolError`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from pydantic_core import from_json

from langchain_foundry_agents._flow.deltas import FEW, read_alike
from langchain_foundry_agents._flow.effects import JSON, Event
from langchain_foundry_agents._flow.failures import error_event
from langchain_foundry_agents.errors import FoundryAgentError, ProtocolError, Response

STRANGE = (AttributeError, IndexError, KeyError, TypeError, RecursionError)
"""What reading an answer of another form than the service promises comes to."""
_QUOTED = 120
_UNREADABLE = object()
_FORMS = 4
"""So many forms of deltas are looked for in one read; what is left is read one by one."""


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


def read_events(batch: Sequence[tuple[str, str]]) -> Iterator[tuple[Event, ...]]:
    """The events of one network read, together; many deltas that are alike as one.

    What carries no JSON object (`[DONE]`) tells nothing.

    Raises:
        ProtocolError: An event is not JSON. What came before it is given first.
        ServiceError: It is an `error` event. Likewise.
    """
    good: list[Event] = []
    failure: FoundryAgentError | None = None
    for name, data, value in map(_read, batch) if len(batch) < FEW else _read_many(batch):
        if name == "done" or data == "[DONE]":
            continue
        if value is _UNREADABLE:
            message = f"An event of the stream is not JSON: {name} {data[:_QUOTED]!r}"
            failure = ProtocolError(message)
        elif name == "error" or (isinstance(value, dict) and value.get("type") == "error"):
            failure = error_event(value)
        elif isinstance(value, dict):
            good.append((name, value))
        if failure:
            break
    if good:
        yield tuple(good)
    if failure:
        raise failure


def _read(event: tuple[str, str]) -> tuple[str, str, Any]:
    """An event, and what `json` reads in its data, which takes twice as long."""
    name, data = event
    try:
        # The cache is the process's: no text of anybody is to stay there.
        return name, data, from_json(data, cache_strings="keys")
    except (TypeError, ValueError):
        return name, data, _read_slowly(data)


def _read_many(batch: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, Any]]:
    """Read each, deltas that are alike as one."""
    for _, group in groupby(batch, itemgetter(0)):
        events = [*group]
        for _ in range(_FORMS):
            alike = read_alike([data for _, data in events])
            value, count = alike or (None, 1)
            yield (*events[0], value) if alike else _read(events[0])
            events = events[count:]
            if not events:
                break
        yield from map(_read, events)


def _read_slowly(data: str) -> Any:
    """As `from_json`, also half a pair of surrogates, and what is nested deeper than 200."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return _UNREADABLE


def _unreadable(response: Response) -> ProtocolError:
    start = " ".join(response.text.split())[:_QUOTED]
    kind = response.headers.get("content-type") or "no content type"
    return ProtocolError(
        f"The service answered something else than was asked for ({kind}): {start or 'nothing'}",
        response=response,
    )
