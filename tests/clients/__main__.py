"""Try every client in its environment, and write the table of what works.

`python -m tests.clients peers=<python> graphs=<python>` writes; `--environment NAME` only tries
what the running Python has, and prints JSON.
"""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import langchain_foundry_agents

from .families import DEV, FAMILIES, Column, Family

TABLE = Path(str(langchain_foundry_agents.__file__)).parent / "emulator" / "CLIENTS.md"
MARKS = {True: "✓", False: "✗", None: "–"}
INTRODUCTION = """\
# Official clients on the emulator

Each client is used as it is installed from PyPI, and each operation is tried on an emulator of its
own: ✓ says that it did what it should, – that this version of the client does not have it. Azure's
clients send no token over plain http by themselves: they get a policy that adds it, as they allow.
What is tried, and what is expected of it, is in `tests/clients/`. `make clients` writes this file
anew; `make test` tries those clients that one environment can hold.
"""


def main() -> None:
    """Tries, and writes or prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--environment", help="only what this Python has, as JSON")
    parser.add_argument("pythons", nargs="*", metavar="ENVIRONMENT=PYTHON")
    given = parser.parse_args()
    if given.environment:
        logging.disable()
        with redirect_stdout(sys.stderr):
            found = tried(given.environment)
        sys.stdout.write(json.dumps(found))
        return
    pythons = {DEV: sys.executable} | dict(one.split("=", 1) for one in given.pythons)
    results: dict[str, Any] = {}
    for environment, python in pythons.items():
        results |= _ask(environment, python)
    TABLE.write_text(table(results), encoding="utf-8")
    problems = [
        f"{column}, {operation}: {problem}"
        for column, result in results.items()
        for operation, problem in result["problems"].items()
    ]
    sys.stdout.write(f"Written to {TABLE.name}. {len(problems)} problems.\n")
    sys.exit("\n".join(problems) or None)


def tried(environment: str) -> dict[str, Any]:
    """What came of every operation of every client of an environment."""
    results = {}
    for family in FAMILIES:
        for column in family.columns:
            if column.environment != environment:
                continue
            found = {name: family.attempt(column, name) for name in family.operations}
            without = family.public_operations(column) - {*found, *family.elsewhere}
            found |= dict.fromkeys(without, "nobody has said how to try it")
            results[_key(family, column)] = {
                "versions": family.versions,
                "operations": list(found),
                "problems": {name: problem for name, problem in found.items() if problem},
            }
    return results


def table(results: dict[str, Any]) -> str:
    """The whole file."""
    sections = (_section(family, results) for family in FAMILIES)
    return "\n".join([INTRODUCTION, _summary(results), *sections])


def _summary(results: dict[str, Any]) -> str:
    lines = [_row(["section", "client", "operations"]), _row(["---", "---", "---:"])]
    for family in FAMILIES:
        for column in family.columns:
            one = results[_key(family, column)]
            count = len(one["operations"])
            works = f"{count - len(one['problems'])} of {count}"
            lines.append(_row([family.title, _head(column, one), works]))
    return "\n".join(lines) + "\n"


def _section(family: Family, results: dict[str, Any]) -> str:
    columns = [results[_key(family, column)] for column in family.columns]
    rows = list(dict.fromkeys(row for one in columns for row in one["operations"]))
    heads = [_head(*pair) for pair in zip(family.columns, columns, strict=True)]
    lines = [f"## {family.title}\n", _row(["operation", *heads]), _row(["---"] * (len(heads) + 1))]
    lines += [_row([f"`{row}`", *(_mark(one, row) for one in columns)]) for row in rows]
    missing = [f"`{name}`" for name in family.elsewhere if name != "close"]
    if missing:
        lines.append(f"\nNot in the emulator: {', '.join(missing)}.")
    return "\n".join(lines) + "\n"


def _mark(result: Any, operation: str) -> str:
    there = operation in result["operations"]
    return MARKS[operation not in result["problems"] if there else None]


def _head(column: Column, result: Any) -> str:
    packages = [f"{package} {number}" for package, number in result["versions"].items()]
    return ", ".join([*packages, column.name])


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _key(family: Family, column: Column) -> str:
    return f"{family.title}, {column.environment}, {column.name}"


def _ask(environment: str, python: str) -> dict[str, Any]:
    command = [python, "-m", "tests.clients", "--environment", environment]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
