"""The benchmark runs, and what it counts is what the README promises."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from langchain_foundry_agents import ChatFoundryAgent

_TURNS = Path(__file__).parents[1] / "benchmarks" / "turns.py"


@pytest.mark.slow
def test_every_turn_is_one_request_whatever_the_method() -> None:
    command = [sys.executable, str(_TURNS), "--turns", "2", "--bursts", "2"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)

    table = result.stdout.partition("Requests a turn")[2].split("\n\n")[1]
    assert [line.split() for line in table.splitlines()] == [
        ["first", "turn", "later", "turn"],
        ["invoke", "1", "1"],
        ["ainvoke", "1", "1"],
        ["stream", "1", "1"],
        ["astream", "1", "1"],
    ]


def test_a_turn_is_one_line_in_the_log(
    model: ChatFoundryAgent, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="langchain_foundry_agents"):
        model.invoke("Count to 50")

    assert [line.split()[:2] for line in caplog.messages] == [
        ["POST", "/api/projects/emulator/threads/runs"]
    ]
