"""What the emulator does, behaviour by behaviour, and how it is known: `emulator/fidelity.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parents[1] / "emulator" / "fidelity.toml"
GRADES = {
    "recorded": "real traffic of the service (2025 and February to July 2026), which is in "
    "tests/recordings and played back in the tests",
    "specified": "Microsoft's TypeSpec, SDK source, server library or documentation, or an issue "
    "that quotes a real answer",
    "inferred": "known from the OpenAI sibling, or by likeness: open until the service is asked",
    "ours": "chosen here: the service has no counterpart, or it is of no consequence",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One behaviour.

    Args:
        id: its name, `group.name`.
        what: what the emulator does.
        grade: how it is known, one of `GRADES`.
        sources: where that is to be seen: recordings by their names, or in words.
        route: the operation that it is all about, such as `POST /threads`.
    """

    id: str
    what: str
    grade: str
    sources: tuple[str, ...]
    route: str | None = None

    @property
    def group(self) -> str:
        """The part of the page that it stands in."""
        return self.id.partition(".")[0]


@cache
def read_groups() -> dict[str, str]:
    """The groups of rows by name, in the order of the page, with their titles."""
    return dict(_data()["groups"])


@cache
def read_rows() -> tuple[Row, ...]:
    """All rows, group by group.

    Raises:
        ValueError: a row has not exactly one grade, or a member that no row has.
    """
    data = _data()
    return tuple(
        _row(f"{group}.{name}", dict(told))
        for group in data["groups"]
        for name, told in data.get(group, {}).items()
    )


def _row(id_: str, told: dict[str, str | list[str]]) -> Row:
    what, route = str(told.pop("what")), told.pop("route", None)
    if len(told) != 1 or not told.keys() <= GRADES.keys():
        message = f"{id_} needs exactly one of {', '.join(GRADES)}, and has {', '.join(told)}."
        raise ValueError(message)
    ((grade, source),) = told.items()
    sources = (source,) if isinstance(source, str) else tuple(source)
    return Row(id_, what, grade, sources, str(route) if route else None)


def _data() -> dict[str, Any]:
    # Not as a resource of the emulator's package: importing that costs what it serves with.
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
