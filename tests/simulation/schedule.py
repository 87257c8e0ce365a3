"""Virtual time: what is to happen, and when. Nothing waits for real."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from itertools import count
from typing import Any

START = 1_800_000_000.0


class Schedule:
    """Does one thing after the other, in the order of virtual time."""

    def __init__(self) -> None:
        self.now = START
        self._numbers = count()
        self._due: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []

    def after(self, seconds: float, act: Callable[..., None], *given: Any) -> None:
        """Do something in so many seconds."""
        heappush(self._due, (self.now + seconds, next(self._numbers), act, given))

    def play(self, script: Iterator[float]) -> None:
        """Go through a script, which yields the seconds to wait before it goes on."""
        wait = next(script, None)
        if wait is not None:
            self.after(wait, self.play, script)

    def run(self) -> None:
        """Until nothing is left to do."""
        due = self._due
        while due:
            self.now, _, act, given = heappop(due)
            act(*given)
