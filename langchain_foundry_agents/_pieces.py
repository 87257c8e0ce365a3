"""A text that came in pieces: one to all who read it, but its pieces are known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Self


class Pieces(str):
    """The text of several deltas.

    Args:
        pieces: The text of each.
        numbers: Their numbers, where the stream numbers its events.
    """

    __slots__ = ("numbers", "pieces")
    pieces: Sequence[str]
    numbers: Sequence[int]

    def __new__(cls, pieces: Iterable[str], numbers: Iterable[int] = ()) -> Self:
        """Put them together."""
        known = tuple(pieces)
        text = super().__new__(cls, "".join(known))
        text.pieces, text.numbers = known, tuple(numbers)
        return text


def pieces_of(text: str) -> Sequence[str]:
    """The pieces that a text came in."""
    return text.pieces if isinstance(text, Pieces) else (text,)
