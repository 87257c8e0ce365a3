"""Every page of the documentation runs as it stands, and prints what it says that it prints."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pages import DOCS, OUTPUT, README, Block, blocks

from langchain_foundry_agents.cli.arguments import new_parser

PAGES = sorted(DOCS.rglob("*.md"))
WITH_CODE = [page for page in PAGES if any(block.runs for block in blocks(page))]
FEW = 5
"""How many blocks there may be that no test runs."""
OF_A_SERVER = "chat_page.py"
"""Runs in a server only: see `test_recipes.py`."""


def name_of(page: Path) -> str:
    return str(page.relative_to(DOCS)) if page.is_relative_to(DOCS) else page.name


@pytest.mark.parametrize("page", WITH_CODE, ids=name_of)
def test_the_code_of_a_page_runs_in_order_and_prints_what_is_shown(
    page: Path, namespace: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    printed = ""

    for block in blocks(page):
        if block.title == OUTPUT:
            assert lines(printed) == lines(block.text), f"line {block.line}"
        elif block.runs and block.title != OF_A_SERVER:
            perform(block, namespace)
            printed = capsys.readouterr().out


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().splitlines()]


def perform(block: Block, namespace: dict[str, Any]) -> None:
    if not block.is_test:
        block.run(namespace)
        return
    written = Path("test_of_a_page.py")
    written.write_text(block.text)
    options = ("-q", "-p", "no:cacheprovider")
    command = [sys.executable, "-m", "pytest", *options, str(written)]
    tested = subprocess.run(command, check=False, capture_output=True, text=True)
    assert tested.returncode == 0, tested.stdout


@pytest.mark.parametrize("page", [README, *PAGES], ids=name_of)
def test_commands_that_a_page_shows_are_commands_that_there_are(page: Path) -> None:
    shells = (block.text for block in blocks(page) if block.language == "console")
    typed = (line for text in shells for line in text.splitlines())
    shown = [line for line in typed if line.startswith("$ foundry-agents ")]

    for line in shown:
        new_parser().parse_args(shlex.split(line, comments=True)[2:])


def test_few_blocks_are_not_run_and_those_are_python_all_the_same() -> None:
    unrun = [one for page in PAGES for one in blocks(page) if one.needs]

    for block in unrun:
        compile(block.text, name_of(block.page), "exec")
    assert 0 < len(unrun) <= FEW
