"""The page that tells how true the emulator is: `emulator/FIDELITY.md`, made of its evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from langchain_foundry_agents._parity.case import read_cases
from langchain_foundry_agents._parity.evidence import GRADES, Row, read_groups, read_rows

FILE = Path(__file__).parents[1] / "emulator" / "FIDELITY.md"
COUNTED = ("threads", "messages", "runs", "responses")
_KNOWN = ("recorded", "specified")
_HEAD = """\
# How true the emulator is

<!-- Made of fidelity.toml by `make fidelity`: change that. -->

Each behaviour with the evidence for it, where that is to be seen, and how many wire cases
(`_parity/cases`) ask it. What is inferred can be asked of the real service by whoever has a
project: `foundry-agents doctor --probe --model <deployment>` puts its answers beside the
emulator's.
"""


def page() -> str:
    """The whole page."""
    rows = read_rows()
    parts = [_HEAD, "\n".join(_grades(rows)), "\n".join(_counts(rows))]
    asked = Counter(id_ for case in read_cases() for id_ in case.asks)
    for group, title in read_groups().items():
        parts.append("\n".join(_table(title, [one for one in rows if one.group == group], asked)))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def known_operations() -> tuple[int, int]:
    """Of the operations that make turns: how many are recorded or specified, and how many all."""
    counted = [row for row in read_rows() if row.route and row.group in COUNTED]
    return sum(row.grade in _KNOWN for row in counted), len(counted)


def _grades(rows: tuple[Row, ...]) -> Iterator[str]:
    counted = Counter(row.grade for row in rows)
    yield "| evidence | behaviours | means |"
    yield "|---|---|---|"
    yield from (f"| **{name}** | {counted[name]} | {told} |" for name, told in GRADES.items())


def _counts(rows: tuple[Row, ...]) -> Iterator[str]:
    cases = read_cases()
    known, operations = known_operations()
    asked = {id_ for case in cases for id_ in case.asks}
    inferred = [row for row in rows if row.grade == "inferred"]
    reached = sum(row.id in asked for row in inferred)
    yield f"- {known} of the {operations} operations of threads, messages, runs and responses are"
    yield "  recorded or specified."
    yield f"- {len(cases)} wire cases ask {reached} of the {len(inferred)} inferred behaviours; the"
    yield "  others need a fault, a second user or certain words of the model."


def _table(title: str, rows: list[Row], asked: Counter[str]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| behaviour | evidence | where | cases |"
    yield "|---|---|---|---|"
    for row in rows:
        what = f"`{row.route}` {row.what}" if row.route else row.what
        yield f"| {what} | {row.grade} | {_sources(row)} | {asked[row.id] or '–'} |"


def _sources(row: Row) -> str:
    if row.grade != "recorded":
        return "; ".join(row.sources)
    named = (source.partition(": ") for source in row.sources)
    return ", ".join(f"`{name}`{colon}{detail}" for name, colon, detail in named)
