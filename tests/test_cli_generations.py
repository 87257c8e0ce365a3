"""`foundry-agents ask` and `chat` with agents of both generations."""

from __future__ import annotations

import re
import shlex
import signal
from collections.abc import Callable, Iterator

import pytest

from langchain_foundry_agents.cli import main
from langchain_foundry_agents.emulator import FoundryEmulator

Cli = Callable[[str], str]


@pytest.fixture
def cli(
    emulator: FoundryEmulator,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Cli]:
    """Runs a command that ends well: all that it prints."""
    terminate = signal.getsignal(signal.SIGTERM)
    monkeypatch.setenv("AZURE_AI_PROJECT_ENDPOINT", emulator.project_endpoint)

    def run(arguments: str) -> str:
        assert main(shlex.split(arguments)) == 0
        return "".join(capsys.readouterr())

    yield run
    signal.signal(signal.SIGTERM, terminate)


@pytest.mark.parametrize(
    ("generation", "place"), [("new", "conv_"), ("classic", "thread_")], ids=["new", "classic"]
)
def test_a_chat_with_the_emulators_agent_goes_on_in_one_place(
    cli: Cli, generation: str, place: str
) -> None:
    printed = cli(f"chat --emulator --generation {generation} 'What is 2 + 2?' 'And before?'")

    assert 'the last was: "What is 2 + 2?"' in printed
    assert re.search(rf"\nthread {place}\w+ · 2 answers · ", printed)


@pytest.mark.parametrize("generation", ["new", "classic"])
@pytest.mark.parametrize("mode", ["", "--poll"])
def test_instructions_reach_the_emulators_agent(cli: Cli, generation: str, mode: str) -> None:
    arguments = f"--emulator --generation {generation} --instructions A {mode}"

    assert cli(f"ask 'Your instructions?' {arguments}").startswith('My instructions are: "A".\n')


@pytest.mark.parametrize(
    ("version", "told"), [("", "new"), ("--agent-version 1", "old")], ids=["latest", "first"]
)
def test_a_new_agent_is_named_with_or_without_a_version(
    cli: Cli, emulator: FoundryEmulator, version: str, told: str
) -> None:
    for instructions in ("old", "new"):
        emulator.create_agent(name="support", instructions=instructions, generation="new")

    answer = cli(f"ask 'Your instructions?' --agent-name support {version}")

    assert answer.startswith(f'My instructions are: "{told}".\n')


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--emulator --agent-name support", "leave --agent-name and --endpoint out"),
        ("--generation new", "--generation is for --emulator"),
        ("--emulator --generation old", "choose from "),
    ],
    ids=["two agents", "no emulator", "no generation"],
)
def test_bad_usage_is_told(capsys: pytest.CaptureFixture[str], arguments: str, said: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["ask", "Hello", *arguments.split()])

    assert said in capsys.readouterr().err
