"""JSON off the wire. What is none, or has not the promised shape, is a `ProtocolError`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from langchain_foundry_agents._flow.effects import JSON, Event
from langchain_foundry_agents._flow.failures import error_event
from langchain_foundry_agents.errors import FoundryAgentError, ProtocolError, Response

_QUOTED = 120
_UNREADABLE = object()
_decode = json.JSONDecoder().raw_decode


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


def read_events(batch: Iterable[tuple[str, str]]) -> Iterator[tuple[Event, ...]]:
    """The events of one network read, together.

    What carries no JSON object (`[DONE]`) tells nothing.

    Raises:
        ProtocolError: An event is not JSON. What came before it is given first.
        ServiceError: It is an `error` event. Likewise.
    """
    found = [(name, data) for name, data in batch if name != "done" and data != "[DONE]"]
    good: list[Event] = []
    failure: FoundryAgentError | None = None
    for (name, data), value in zip(found, _read_values(found), strict=False):
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


def _read_values(found: list[tuple[str, str]]) -> list[Any]:
    try:
        # One parse for all of a burst is several times faster than one each.
        text = f"[{','.join([data for _, data in found])}]"
        values, end = _decode(text)
    except (ValueError, RecursionError):
        return [_read_value(data) for _, data in found]
    whole = end == len(text) and len(values) == len(found)
    return values if whole else [_read_value(data) for _, data in found]


def _read_value(data: str) -> Any:
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
