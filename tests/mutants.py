"""`python tests/mutants.py`, after `mutmut run`: writes tests/MUTANTS.md, the mutants that live."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MUTANTS = Path("mutants")
TOLD = Path(__file__).parent / "MUTANTS.md"
_LIVES, _NO_TESTS = {0}, {5, 33}
"""What mutmut notes of a mutant: how the tests ended, or that none reach it."""
_HEAD = """\
# Mutants that live

Changes to the code that no test notices, as `make mutate` found them. Written by it; some mean
nothing (`None` for `False`), and each of the others is a test that is missing.

| file | mutants | killed |
|---|--:|--:|
"""


def main() -> None:
    """Write the report."""
    files = sorted(MUTANTS.rglob("*.py.meta"))
    all_ = {path: json.loads(path.read_text())["exit_code_by_key"] for path in files}
    # Of files that were not tried to their end nothing can be said.
    found = {path: ended for path, ended in all_.items() if ended and None not in ended.values()}
    lines = [_row(path, ended) for path, ended in found.items()]
    for path, ended in found.items():
        if living := [name for name, code in ended.items() if code in _LIVES | _NO_TESTS]:
            lines += ["", f"## {_name(path)}", "", "```diff"]
            lines += [line for name in living for line in _diff(name)]
            lines.append("```")
    TOLD.write_text(_HEAD + "\n".join(lines) + "\n")


def _row(path: Path, ended: dict[str, int]) -> str:
    killed = sum(code not in _LIVES | _NO_TESTS for code in ended.values())
    return f"| {_name(path)} | {len(ended)} | {killed / len(ended):.0%} |"


def _name(path: Path) -> str:
    return str(path.relative_to(MUTANTS)).removesuffix(".meta")


def _diff(name: str) -> Iterator[str]:
    command = [sys.executable, "-m", "mutmut", "show", name]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    yield f"@@ {name.rpartition('.')[2]}"
    yield from (line for line in shown.splitlines() if line.startswith(("- ", "+ ")))


if __name__ == "__main__":
    main()
