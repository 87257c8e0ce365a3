"""Which faults turns meet: all that the emulator has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_ROWS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("rate-limit", {"retry_after": 0.05}),
    ("rate-limit", {"retry_after": 600}),
    ("run-rate-limit", {"retry_after": 0.05}),
    ("permission-denied", {}),
    ("expired-token", {}),
    ("server-error", {}),
    ("server-error", {"status": 503}),
    ("html-page", {}),
    ("html-page", {"status": 200}),
    ("drop-before", {}),
    ("drop-during", {}),
    ("drop-after", {}),
    ("cut-stream", {}),
    ("cut-stream", {"at": 40}),
    ("stall", {}),
    ("split-utf8", {}),
    ("crlf", {}),
    ("comments", {}),
    # Nothing tells a piece of a run's text from the same piece once more.
    ("duplicate-events", {"on": "POST /responses"}),
    ("stuck-queue", {}),
    ("stuck-queue", {"seconds": 0.5}),
    ("expired-run", {}),
    ("incomplete-run", {}),
    ("incomplete-run", {"pieces": 0}),
    ("active-run", {"seconds": 0.5}),
    ("slow-first-token", {"seconds": 0.5}),
)
_OF_LOOKS = ("server-error", "html-page", "drop-before", "drop-during", "cut-stream")


def faults(chance: float) -> Iterator[tuple[str, dict[str, Any]]]:
    """The faults of which a request for a turn meets one with this chance, as `inject` takes them.

    Looks at what became of a turn meet others, as often.
    """
    each = _each(chance, len(_ROWS))
    yield from ((name, {"chance": each, **settings}) for name, settings in _ROWS)
    each = _each(chance, len(_OF_LOOKS))
    yield from ((name, {"chance": each, "on": "GET /**"}) for name in _OF_LOOKS)


def _each(chance: float, count: int) -> float:
    """The chance of one of so many, each of which is tried if those before it did not come."""
    return float(1 - (1 - chance) ** (1 / count))
