"""What is fuzzed: each takes any bytes, and raises what should not be raised."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flow.test_any_order import OF_RESPONSES, Disorder
from flow.turns import TURNS
from folding import answer, folded

from langchain_foundry_agents._flow.effects import OutOfTime
from langchain_foundry_agents._flow.failures import error_event, refusal, run_failure
from langchain_foundry_agents._flow.progress import Outcome
from langchain_foundry_agents._flow.wire import read_events, read_object
from langchain_foundry_agents._sse import ServerSentEvent, SSEDecoder
from langchain_foundry_agents.errors import FoundryAgentError, Response, ServiceConnectionError

BORDER = b"\x1e"
"""Stands between what a turn is given; JSON and events never hold it as it is."""
_STEPS = (1, 7, 50)
_STATUSES = (200, 204, 400, 401, 404, 408, 429, 500)
ALL_TURNS = TURNS | OF_RESPONSES


def decode(stream: bytes, step: int) -> list[ServerSentEvent]:
    """A stream's events, if so many bytes come at once."""
    decoder = SSEDecoder()
    pieces = (stream[at : at + step] for at in range(0, len(stream), step))
    return [event for piece in pieces for event in decoder.feed(piece)]


def sse(data: bytes) -> None:
    """A stream gives the same events however it is cut."""
    whole = decode(data, len(data) or 1)
    for step in _STEPS:
        assert decode(data, step) == whole, f"cut after each {step} bytes"


def body(data: bytes) -> None:
    """A body, as an answer, a refusal, a run, a response, an event."""
    text = data.decode(errors="replace")
    for status in _STATUSES:
        assert isinstance(refusal(Response(status, {}, text)), FoundryAgentError)
    with suppress(FoundryAgentError):
        list(read_events([("message", text), ("error", text)]))
    try:
        read = read_object(Response(200, {}, text))
    except FoundryAgentError:
        return
    for something in (True, False):
        error = run_failure(read, something=something)
        assert error is None or isinstance(error, FoundryAgentError)
    assert isinstance(error_event(read), FoundryAgentError)
    events = [("message", read), ("response.completed", {"response": read})]
    with suppress(FoundryAgentError):
        assert isinstance(folded([events], answer("STOP"), Outcome(read)).content_blocks, list)


def turn(data: bytes) -> None:
    """A turn that is given these streams and bodies.

    The first byte says which turn it is. What begins as a stream is read as one; a body may have a
    status before it.
    """
    number, whole = (data[0] >> 1, bool(data[0] & 1)) if data else (0, False)
    reads: list[Any] = []
    answers: list[Any] = []
    for part in data[1:].split(BORDER):
        if part.startswith((b"event", b"data", b":")):
            reads.append([tuple(event) for event in decode(part, len(part))])
        else:
            answers.append(_given(part))
    asked = [*ALL_TURNS.values()][number % len(ALL_TURNS)]
    with suppress(FoundryAgentError):
        Disorder(answer("STOP", whole=whole), reads, answers).perform(asked.flow())


def _given(part: bytes) -> Any:
    match part:
        case b"broken":
            return ServiceConnectionError("The connection broke.", maybe_accepted=True)
        case b"late":
            return OutOfTime()
    status = part[:3].decode("ascii", "replace")
    if status.isdecimal() and 200 <= int(status) < 600:
        return Response(int(status), {}, part[3:].decode(errors="replace"))
    return Response(200, {}, part.decode(errors="replace"))


TARGETS: dict[str, Callable[[bytes], None]] = {"sse": sse, "body": body, "turn": turn}
