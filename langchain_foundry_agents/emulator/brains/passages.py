"""Searches texts: cuts them into chunks, and ranks these by what they have of a question."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.tokens import pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_foundry_agents.emulator.brains.workbench import Search, Sheet

_LITTLE_WORDS = (
    "a about an and are as at be by can do does for from has have how i in is it its me my of on "
    "or our please say says tell that the their there this to was were what when where which who "
    "why will with you your"
)
_COMMON = frozenset(_LITTLE_WORDS.split())


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk of a file, its best line, and the share of the question's words that it has."""

    sheet: Sheet
    text: str
    line: str
    score: float


def passages(search: Search, question: str) -> list[Passage]:
    """The chunks that have anything of a question, best first, as many as the search allows.

    Of equal chunks the one with the better line comes first, then the earlier one.
    """
    wanted = _words(question)
    if not wanted:
        return []
    found = [(passage, best) for sheet in search.sheets for passage, best in _rated(sheet, wanted)]
    found.sort(key=lambda one: (-one[0].score, -one[1]))
    good = (passage for passage, _ in found if passage.score >= max(search.threshold, 1e-9))
    return [passage for passage, _ in zip(good, range(search.most), strict=False)]


def chunks(text: str, size: int, overlap: int) -> list[str]:
    """A text in pieces of so many tokens, each of which begins with the end of the one before."""
    tokens = pieces(text)
    starts = range(0, max(len(tokens) - overlap, 1), size - overlap)
    return ["".join(tokens[start : start + size]) for start in starts]


def _rated(sheet: Sheet, wanted: set[str]) -> Iterator[tuple[Passage, float]]:
    """Each chunk, and how good its best line is."""

    def share(text: str) -> float:
        return len(_words(text) & wanted) / len(wanted)

    for chunk in chunks(sheet.text, sheet.chunking.size, sheet.chunking.overlap):
        lines = [line.strip() for line in chunk.splitlines() if line.strip()]
        line = max(lines, key=share, default="")
        yield Passage(sheet, chunk.strip(), line, share(chunk)), share(line)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower())) - _COMMON
