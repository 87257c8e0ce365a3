"""What was measured, beside its goal, and the page of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from benchmarks.measuring import Taken


@dataclass(frozen=True)
class Figure:
    """One figure of ours, and what it should be at most (or at least)."""

    what: str
    value: float
    goal: float
    unit: str = "×"
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the goal is reached."""
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    @property
    def row(self) -> str:
        """As a row of a table."""
        bound = "at least" if self.at_least else "at most"
        verdict = "yes" if self.is_met else "**no**"
        value, goal = _number(self.value), _number(self.goal)
        return f"| {self.what} | {value} {self.unit} | {bound} {goal} {self.unit} | {verdict} |"


@dataclass
class Section:
    """A part of the page: what each way took, and the figures made of that."""

    title: str
    words: str = ""
    figures: list[Figure] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)

    def add_times(
        self, taken: Mapping[str, Taken], base: str, each: int = 1, by: str = "best"
    ) -> None:
        """A table of times, of a turn or of each of so many things in it, and which to compare."""
        unit, scale = ("ms", 1e3) if each == 1 else ("µs each", 1e6)
        self.rows.append(f"\n| | best {unit} | median | p10 to p90 | {by} ÷ {base} |")
        self.rows.append("|---|---:|---:|---:|---:|")
        for name, one in taken.items():
            low, high = (_number(second * scale / each) for second in one.spread)
            best, middle = (_number(second * scale / each) for second in (one.best, one.median))
            ratio = f"{getattr(one, by) / getattr(taken[base], by):.2f}"
            self.rows.append(f"| {name} | {best} | {middle} | {low} to {high} | {ratio} |")

    def add_table(self, head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
        """Any other table."""
        self.rows.append("\n| " + " | ".join(head) + " |")
        self.rows.append("|---" * len(head) + "|")
        self.rows.extend("| " + " | ".join(map(str, row)) + " |" for row in rows)

    def text(self) -> str:
        """As Markdown."""
        figures = [figure.row for figure in self.figures]
        if figures:
            figures = ["\n| ours | measured | goal | met |", "|---|---:|---:|---|", *figures]
        words = [f"\n{self.words}"] if self.words else []
        return "\n".join([f"## {self.title}", *words, *figures, *self.rows]) + "\n"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
