"""`python tests/mutants.py`, after `mutmut run`: writes tests/MUTANTS.md, the mutants that live.

Which of them change nothing that can be seen, and why, stands in tests/mutants.toml. Files that
were not tried this time keep what the report said of them.
"""

from __future__ import annotations

import ast
import difflib
import json
import re
import tomllib
from pathlib import Path

MUTANTS = Path("mutants")
TOLD = Path(__file__).parent / "MUTANTS.md"
ALIKE = Path(__file__).parent / "mutants.toml"
_LIVES = {0, 5, 33}
"""What mutmut notes of a mutant that lives: that the tests passed, or that none reach it."""
_HEAD = """\
# Mutants that live

Changes to the code that no test notices, as `make mutate` found them. Written by it, file by file:
a row is as old as the last run of its file, which was not finished where fewer were tried than
there are. Each change under a file's name is a test that is missing; those that change nothing that
can be seen are told apart, with the reason (tests/mutants.toml).

| file | mutants | tried | killed | score | alike | missing tests |
|---|--:|--:|--:|--:|--:|--:|
"""


def main() -> None:
    """Write the report."""
    reasons = _reasons()
    rows, parts = _told_before()
    untried = []
    for path in sorted(MUTANTS.rglob("*.py.meta")):
        ended = json.loads(path.read_text())["exit_code_by_key"]
        name = str(path.relative_to(MUTANTS)).removesuffix(".meta")
        tried = {mutant: code for mutant, code in ended.items() if code is not None}
        if tried:
            changes = _changes(path.with_suffix(""), [m for m in tried if tried[m] in _LIVES])
            alike = {line: reasons[name, line] for _, line in changes if (name, line) in reasons}
            missing = [(where, line) for where, line in changes if line not in alike]
            rows[name] = _row(name, len(ended), len(tried), len(changes), len(missing))
            parts[name] = _part(name, missing, alike)
        elif ended and name not in rows:
            untried.append(f"`{name}`")
    text = _HEAD + "\n".join([*(rows[name] for name in sorted(rows)), _total(rows)]) + "\n"
    if untried:
        text += f"\nNot tried yet: {', '.join(untried)}.\n"
    TOLD.write_text(text + "".join(parts[name] for name in sorted(parts)))


def _reasons() -> dict[tuple[str, str], str]:
    """Why a change of a file means nothing, by the file and the change."""
    told = tomllib.loads(ALIKE.read_text())["alike"]
    return {(one["file"], change): one["why"] for one in told for change in one["changes"]}


def _told_before() -> tuple[dict[str, str], dict[str, str]]:
    """The rows and the parts of the report as it is, by file."""
    text = TOLD.read_text() if TOLD.exists() else ""
    rows = {line.split()[1]: line for line in text.splitlines() if re.match(r"\| \S+\.py ", line)}
    _, *parts = re.split(r"^(?=\n## )", text, flags=re.MULTILINE)
    return rows, {part.split()[1]: part for part in parts}


def _row(name: str, all_: int, tried: int, living: int, missing: int) -> str:
    killed = tried - living
    score = f"{killed / tried:.0%}"
    return f"| {name} | {all_} | {tried} | {killed} | {score} | {living - missing} | {missing} |"


def _total(rows: dict[str, str]) -> str:
    counts = [[int(cell) for cell in re.findall(r"\| (\d+) (?=\|)", row)] for row in rows.values()]
    all_, tried, killed, alike, missing = map(sum, zip(*counts, strict=True))
    return f"| all | {all_} | {tried} | {killed} | {killed / tried:.0%} | {alike} | {missing} |"


def _part(name: str, missing: list[tuple[str, str]], alike: dict[str, str]) -> str:
    lines = [line for where, change in missing for line in (f"@@ {where}", change)]
    told = ["```diff", *lines, "```"] if missing else []
    if alike:
        told += [""] if told else []
        told += ["These change nothing:", ""]
    for why in dict.fromkeys(alike.values()):
        told += [f"{why}", "", "```diff", *(one for one in alike if alike[one] == why), "```", ""]
    return "\n".join(["", f"## {name}", "", *told]).rstrip() + "\n" if told else ""


def _changes(path: Path, mutants: list[str]) -> list[tuple[str, str]]:
    """Where these mutants changed a file, and what."""
    lines = path.read_text().splitlines()
    functions = {
        node.name: lines[node.lineno - 1 : node.end_lineno]
        for node in ast.walk(ast.parse("\n".join(lines)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    return [_change(functions, mutant.rpartition(".")[2]) for mutant in mutants]


def _change(functions: dict[str, list[str]], mutant: str) -> tuple[str, str]:
    where = mutant.rpartition("__mutmut_")[0]
    before = functions[f"{where}__mutmut_orig"]
    after = [line.replace(mutant, f"{where}__mutmut_orig") for line in functions[mutant]]
    changed = difflib.unified_diff(before, after, n=0, lineterm="")
    lines = [line for line in changed if re.match(r"[-+](?![-+]{2})", line)]
    return where.removeprefix("x_").removeprefix("xǁ").replace("ǁ", "."), "\n".join(
        line[0] + " " + line[1:].strip() for line in lines
    )


if __name__ == "__main__":
    main()
