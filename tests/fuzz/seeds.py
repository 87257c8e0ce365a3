"""Where fuzzing begins: what was recorded of the service, and turns as tests have them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

from flow.streams import Told
from flow.test_any_order import RESPONSES, THREADS
from flow.turns import TURNS
from recorded_responses import RECORDINGS

from .targets import ALL_TURNS, BORDER

_FOLDERS = (RECORDINGS.parent, RECORDINGS)
_PATHS = sorted(path for folder in _FOLDERS for path in folder.iterdir())


def seeds(target: str) -> list[bytes]:
    """What a target is tried with first."""
    return [*{"sse": streams, "body": bodies, "turn": turns}[target]()]


def streams() -> Iterator[bytes]:
    """Streams as they came."""
    for path in _PATHS:
        if path.suffix == ".sse" or "-sse-" in path.name:
            yield path.read_bytes()


def bodies() -> Iterator[bytes]:
    """Bodies that came whole."""
    for path in _PATHS:
        told = json.loads(path.read_text() or "null") if path.suffix == ".json" else None
        exchanges = told.get("exchanges", [{"response": {"body": told}}]) if told else []
        for exchange in exchanges:
            if isinstance(found := exchange["response"].get("body"), dict):
                yield json.dumps(found).encode()


def turns() -> Iterator[bytes]:
    """Each turn with what its streams and looks bring."""
    for number, name in enumerate(ALL_TURNS):
        told = THREADS if name in TURNS else RESPONSES
        for one, whole in itertools.product(told, (0, 1)):
            yield bytes([number << 1 | whole]) + BORDER.join(_parts(one))


def _parts(told: Told) -> Iterator[bytes]:
    yield b"".join(_frame(name, data) for name, data in told.events)
    for answers in told.found.values():
        yield from (f"{one.status_code}{one.text}".encode() for one in answers)


def _frame(name: str, data: Any) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()
