"""`foundry-agents emulator --record` and `--replay`, as their users meet them."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.cli import main
from langchain_foundry_agents.emulator import FoundryEmulator

_COMMAND = [sys.executable, "-m", "langchain_foundry_agents.cli", "emulator", "--port", "0"]


@contextmanager
def emulator_with(*options: str) -> Iterator[str]:
    """`foundry-agents emulator`, ended by SIGTERM; the endpoint that it tells."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    environment = {**os.environ, "PYTHONUTF8": "1"}
    with subprocess.Popen([*_COMMAND, *options], env=environment, **pipes) as process:  # type: ignore[call-overload]
        told = ""
        while not (found := re.search(r"AZURE_AI_PROJECT_ENDPOINT=(\S+)\n", told)):
            told += process.stdout.readline() or pytest.fail(process.stderr.read())
        yield found[1]
        process.send_signal(signal.SIGTERM)
        said, errors = process.communicate(timeout=20)
    assert (process.returncode, said, errors) == (0, "\nThe emulator has stopped.\n", "")


@pytest.mark.slow
def test_a_session_is_recorded_and_served_again(emulator: FoundryEmulator, tmp_path: Path) -> None:
    name = emulator.create_agent(name="support", generation="new")
    tape = str(tmp_path / "session.jsonl")

    for options in (
        ("--record", tape, "--upstream", emulator.project_endpoint, "--texts"),
        ("--replay", tape),
    ):
        with emulator_with(*options) as endpoint:
            model = ChatFoundryAgent(agent_name=name, project_endpoint=endpoint)

            assert model.invoke("What is 17 * 23?").text == "17 * 23 = 391."

    assert len(emulator.requests) == 2


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--record {path}", "a recording needs both: --record FILE --upstream URL"),
        ("--upstream https://x.y/api/projects/p", "a recording needs both"),
        ("--replay {path} --seed 1", "--seed: not for --record and --replay"),
    ],
)
def test_options_that_do_not_go_together_are_bad_usage(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, options: str, says: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["emulator", *shlex.split(options.format(path=tmp_path / "a.jsonl"))])

    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--record {path} --upstream https://x.openai.azure.com", "an Azure OpenAI resource"),
        ("--record {path} --upstream http://127.0.0.1:1/api/projects/p", "name a new file"),
        ("--replay {path}", "is no recording of this version"),
        ("--replay {path}.gone", "cannot be read (No such file or directory)"),
    ],
)
def test_what_cannot_be_recorded_or_served_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, options: str, says: str
) -> None:
    (tmp_path / "a.jsonl").write_text("mine")

    assert main(["emulator", *shlex.split(options.format(path=tmp_path / "a.jsonl"))]) == 1

    assert says in capsys.readouterr().err
    assert (tmp_path / "a.jsonl").read_text() == "mine"
