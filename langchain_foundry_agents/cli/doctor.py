"""`foundry-agents doctor`: whether the agent can be asked, and if not, why."""

from __future__ import annotations

import argparse
import json
import logging
import shutil
import sys
import textwrap
from dataclasses import asdict
from typing import TYPE_CHECKING

from langchain_foundry_agents.cli.printing import dim, note, say
from langchain_foundry_agents.cli.probe import probe
from langchain_foundry_agents.cli.sources import open_agent

if TYPE_CHECKING:
    from langchain_foundry_agents._doctor import Finding

_MARKS = {"ok": "✓", "failed": "✗", "skipped": "–"}
_ASCII_MARKS = {"ok": "+", "failed": "x", "skipped": "-"}
_WIDTH = 12


def doctor(args: argparse.Namespace) -> int:
    """Print a line a check as they are made; the exit code says whether all went well."""
    if args.probe:
        return probe(args)
    from langchain_foundry_agents._doctor import examine

    # What azure-identity has to say comes as a finding.
    logging.getLogger("azure").addHandler(logging.NullHandler())
    findings = []
    with open_agent(args) as fields:
        for finding in examine(fields):
            findings.append(finding)
            if not args.json:
                say(_line(finding))
    failed = sum(finding.status == "failed" for finding in findings)
    if args.json:
        say(json.dumps({"ok": not failed, "checks": [asdict(finding) for finding in findings]}))
    elif failed:
        note(f"{failed} of {len(findings)} checks failed.")
    else:
        note(dim("All is well.", sys.stderr))
    return 1 if failed else 0


def _line(finding: Finding) -> str:
    """A check for a reader: mark, name, what was found, and below it what to do."""
    head = f"{_marks()[finding.status]} {finding.name.ljust(_WIDTH)}"
    if finding.status == "skipped":
        return dim(f"{head}not checked, as {finding.detail} failed", sys.stdout)
    told = [*finding.detail.splitlines(), *filter(None, [finding.remedy])]
    return head + f"\n  {'':{_WIDTH}}".join(line for text in told for line in _wrapped(text))


def _wrapped(text: str) -> list[str]:
    """A text in lines that fit behind the names; in a pipe it is one, for `grep`."""
    if not sys.stdout.isatty():
        return [text]
    width = max(shutil.get_terminal_size().columns - _WIDTH - 2, 40)
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _marks() -> dict[str, str]:
    """The marks, as far as the terminal can show them."""
    try:
        "".join(_MARKS.values()).encode(sys.stdout.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return _ASCII_MARKS
    return _MARKS
