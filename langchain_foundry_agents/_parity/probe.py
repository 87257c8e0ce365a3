"""What is asked of the emulator and of a service beside it, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, NamedTuple

from langchain_foundry_agents._parity.case import Case, Exchange, read_cases
from langchain_foundry_agents._parity.compare import Difference
from langchain_foundry_agents._parity.evidence import read_rows
from langchain_foundry_agents._parity.play import Played
from langchain_foundry_agents._parity.seen import Seen
from langchain_foundry_agents._parity.target import Target
from langchain_foundry_agents._version import __version__

_NOT_ASKED = "<not asked>"


class Beside(NamedTuple):
    """One exchange, as the emulator and the service answered it."""

    exchange: Exchange
    ours: Seen | None
    theirs: Seen | None

    def differences(self) -> list[Difference]:
        """Where they differ."""
        if self.ours and self.theirs:
            return self.ours.unlike(self.theirs, self.exchange)
        if self.ours is self.theirs:
            return []
        return [Difference("answer", *(_brief(seen) for seen in (self.ours, self.theirs)))]


@dataclass(frozen=True, slots=True)
class Compared:
    """One case, asked of both."""

    ours: Played
    theirs: Played

    @property
    def case(self) -> Case:
        """Which one."""
        return self.ours.case

    def exchanges(self) -> Iterator[Beside]:
        """The exchanges of the case beside each other."""
        rows = zip_longest(self.case.exchanges, self.ours.seen, self.theirs.seen)
        return (Beside(*row) for row in rows)

    def differences(self) -> list[Difference]:
        """All that differs, why a case went no further included."""
        ends = (self.ours.problem, self.theirs.problem)
        stopped = [Difference("end", *ends)] if ends[0] != ends[1] else []
        return stopped + [one for row in self.exchanges() for one in row.differences()]

    def told(self) -> dict[str, Any]:
        """For a transcript: nothing in it names an endpoint, an id or a text of a model's."""
        told: dict[str, Any] = {
            "case": self.case.name,
            "area": self.case.area,
            "asks": list(self.case.asks),
        }
        if self.ours.problem or self.theirs.problem:
            told |= {"emulator stopped": self.ours.problem, "service stopped": self.theirs.problem}
        return told | {"exchanges": [_told(row) for row in self.exchanges()]}


def questions(*, everything: bool, area: str | None = None) -> tuple[Case, ...]:
    """The cases to ask: those about what is only inferred, or all; of one area, or of all.

    Args:
        everything: whether all are wanted.
        area: the name of their file.
    """
    inferred = {row.id for row in read_rows() if row.grade == "inferred"}
    return tuple(
        case
        for case in read_cases()
        if area in (None, case.area) and (everything or inferred & set(case.asks))
    )


def compare(emulator: Target, service: Target, cases: Iterable[Case]) -> Iterator[Compared]:
    """Ask cases of both, one after the other."""
    for case in cases:
        yield Compared(emulator.ask(case), service.ask(case))


def transcript(compared: Iterable[Compared]) -> dict[str, Any]:
    """What was seen, to attach to an issue."""
    return {"langchain-foundry-agents": __version__, "cases": [one.told() for one in compared]}


def _told(row: Beside) -> dict[str, Any]:
    found = row.differences()
    shown = {"send": row.exchange.send, "service": row.theirs.told() if row.theirs else _NOT_ASKED}
    if not found:
        return {**shown, "emulator": "the same"}
    ours = row.ours.told() if row.ours else _NOT_ASKED
    return {**shown, "emulator": ours, "differences": [one._asdict() for one in found]}


def _brief(seen: Seen | None) -> str:
    return str(seen.status) if seen else _NOT_ASKED
