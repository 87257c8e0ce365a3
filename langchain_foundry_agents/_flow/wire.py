"""JSON off the wire. What is none, or has not the promised shape, is a `ProtocolError`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic_core import from_json

from langchain_foundry_agents._flow.effects import JSON, Event
from langchain_foundry_agents.errors import FoundryAgentError, ProtocolError, Response

STRANGE = (AttributeError, IndexError, KeyError, TypeError, RecursionError)
"""What reading an answer of another form than the service promises comes to."""
ERROR = "error"
"""The event by which a stream tells that its run, or response, failed."""
_QUOTED = 120
_UNREADABLE = object()


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
    """The events of one network read, together.

    What carries no JSON object (`[DONE]`) tells nothing. An `error` event comes alone, under that
    name, and is the last: its response is over.

    Raises:
        ProtocolError: An event is not JSON. What came before it is given first.
    """
    good: list[Event] = []
    failure: FoundryAgentError | None = None
    broken_off: Event | None = None
    for name, data in batch:
        if name == "done" or data == "[DONE]":
            continue
        value = _read(data)
        if value is _UNREADABLE and name != ERROR:
            message = f"An event of the stream is not JSON: {name} {data[:_QUOTED]!r}"
            failure = ProtocolError(message)
        elif name == ERROR or (isinstance(value, dict) and value.get("type") == ERROR):
            said = data[:_QUOTED] if value is _UNREADABLE else value
            broken_off = (ERROR, said if isinstance(said, dict) else {ERROR: said})
        elif isinstance(value, dict):
            good.append((name, value))
        if failure or broken_off:
            break
    if good:
        yield tuple(good)
    if broken_off:
        yield (broken_off,)
    if failure:
        raise failure


def _read(data: str) -> Any:
    """The data of an event, by pydantic's parser: `json` takes twice as long."""
    try:
        # The cache is the process's: no text of anybody is to stay there.
        return from_json(data, cache_strings="keys")
    except (TypeError, ValueError):
        return _read_slowly(data)


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
