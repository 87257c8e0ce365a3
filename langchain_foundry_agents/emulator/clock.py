"""Time for those who want the same again: it passes with what is done, and not by itself."""

from __future__ import annotations

_BEGINNING = 1_767_225_600.0
"""The first second of 2026."""


class SeededClock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self._now = _BEGINNING

    def __call__(self) -> float:
        """Seconds since 1970."""
        return self._now

    def tick(self) -> None:
        """A second passes."""
        self._now += 1.0
