"""`foundry-agents migrate`, over the emulator."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from langchain_foundry_agents.cli import main
from langchain_foundry_agents.emulator import FoundryEmulator

JSON = dict[str, Any]
Migrate = Callable[..., tuple[int, str, str]]


@pytest.fixture
def migrate(
    emulator: FoundryEmulator,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Migrate]:
    """Runs the command: its exit code, stdout and stderr."""
    terminate = signal.getsignal(signal.SIGTERM)
    monkeypatch.setenv("AZURE_AI_PROJECT_ENDPOINT", emulator.project_endpoint)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["migrate", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    yield run
    signal.signal(signal.SIGTERM, terminate)


def test_the_command_prints_the_definition_and_changes_nothing(
    migrate: Migrate, emulator: FoundryEmulator
) -> None:
    poet = {"id": "asst_2", "name": "poet", "description": "It rhymes."}
    tools: list[JSON] = [{"type": "connected_agent", "connected_agent": poet}]
    agent_id = emulator.create_agent(name="My helper", instructions="Grüße!", tools=tools)

    code, out, err = migrate(agent_id)

    assert code == 0
    assert '"instructions": "Grüße!"' in out
    assert json.loads(out) == {"kind": "prompt", "model": "gpt-4o", "instructions": "Grüße!"}
    assert err == (
        "The tool connected_agent (poet) has no counterpart: it is left out.\n"
        "Nothing was changed: --apply makes the agent My-helper.\n"
    )
    assert {request.method for request in emulator.requests} == {"GET"}


def test_apply_makes_the_agent_once(migrate: Migrate, emulator: FoundryEmulator) -> None:
    agent_id = emulator.create_agent(
        name="helper", description="Helps.", metadata={"team": "a"}, response_format="auto"
    )

    first = migrate(agent_id, "--name", "support", "--apply")
    second = migrate(agent_id, "--name", "support", "--apply")

    told = f"The new agent is support:1; {agent_id} stays as it was.\n"
    assert (first[0], first[2], second[2]) == (0, told, told)
    made = emulator.service.state.named_agents["support"].latest
    assert made.definition == json.loads(first[1])
    assert (made.description, made.metadata["team"]) == ("Helps.", "a")


def test_metadata_leaves_room_for_our_own_pair(migrate: Migrate, emulator: FoundryEmulator) -> None:
    pairs = {f"key{number}": "x" for number in range(16)}
    agent_id = emulator.create_agent(name="helper", metadata=pairs)

    code, _, err = migrate(agent_id, "--apply")

    assert (code, err.splitlines()[0]) == (0, "Metadata: 15 of 16 pairs are kept.")
    assert len(emulator.service.state.named_agents["helper"].latest.metadata) == 16


def test_a_name_is_asked_for_where_none_can_be_taken_over(
    migrate: Migrate, emulator: FoundryEmulator
) -> None:
    agent_id = emulator.create_agent(name="助手")

    assert migrate(agent_id)[2] == "Nothing was changed: --apply makes the agent --name ….\n"
    code, _, err = migrate(agent_id, "--apply")
    assert (code, err) == (
        1,
        f"foundry-agents: {agent_id} has no name to take over: give one by --name.\n",
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["support"], "foundry-agents: 'support' is not the id of a classic agent"),
        (["asst_none"], "foundry-agents: The service refused the request: "),
        (["asst_1", "--endpoint", "nonsense"], "foundry-agents: "),
    ],
    ids=["no id", "no such agent", "no endpoint"],
)
def test_errors_are_told_as_by_the_other_commands(
    migrate: Migrate, arguments: list[str], told: str
) -> None:
    code, out, err = migrate(*arguments)

    assert (code, out) == (1, "")
    assert err.startswith(told)
