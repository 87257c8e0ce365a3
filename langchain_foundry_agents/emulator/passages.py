"""Finds the lines of files that have most words in common with a question."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_foundry_agents.emulator.workbench import Sheet

_LITTLE_WORDS = (
    "a about an and are as at be by can do does for from has have how i in is it its me my of on "
    "or our please say says tell that the their there this to was were what when where which who "
    "why will with you your"
)
_COMMON = frozenset(_LITTLE_WORDS.split())


@dataclass(frozen=True, slots=True)
class Passage:
    """A file's best line, and the share of the question's words that it has."""

    sheet: Sheet
    line: str
    score: float


def passages(sheets: Sequence[Sheet], question: str) -> list[Passage]:
    """The best line of each file that has one, best first; of equals the earlier one."""
    wanted = _words(question)
    best = [_best(sheet, wanted) for sheet in sheets] if wanted else []
    found = [passage for passage in best if passage.score > 0]
    return sorted(found, key=lambda passage: -passage.score)


def _best(sheet: Sheet, wanted: set[str]) -> Passage:
    lines = [line.strip() for line in sheet.text.splitlines() if line.strip()]
    scored = [Passage(sheet, line, len(_words(line) & wanted) / len(wanted)) for line in lines]
    return max(scored, key=lambda passage: passage.score, default=Passage(sheet, "", 0.0))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower())) - _COMMON
