"""What the numbers of a stream's events tell: whether a piece of text comes again.

A stream that is opened anew, or a proxy, may bring events again. Servers are known whose numbers
stand still or begin anew, so numbers are trusted only as long as they count.
"""

from __future__ import annotations

from langchain_foundry_agents._messages import JSON


class Numbering:
    """The numbers of one response's events."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._heard: dict[int, object] = {}
        self._counts = True
        self._dropped = False
        self.doubtful = False
        """Whether what came may have been taken for a repetition, or the other way round."""

    def repeats(self, kind: str, data: JSON) -> bool:
        """Whether an event came before, by its number."""
        number, piece = data.get("sequence_number"), data.get("delta")
        # A keep-alive has the number of what follows.
        if not self._counts or not isinstance(number, int) or kind == "keepalive":
            return False
        mark = kind, piece if isinstance(piece, str) else None
        if self._heard.get(number) == mark:
            self._dropped = self._dropped or isinstance(piece, str)
            return True
        self._heard[number] = mark
        if self._last is None or number > self._last:
            self._last = number
            return False
        self._counts = False
        self.doubtful = self._dropped or number < self._last
        return False
