"""Fixtures for pytest: a Foundry Agent Service of each test's own, and an agent on it.

Importing `langchain_foundry_agents` takes a second, and pytest imports its plugins at each start:
so this module stands beside the package, and imports it with the first fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from langchain_foundry_agents import ChatFoundryAgent
    from langchain_foundry_agents.emulator import FoundryEmulator

_MARKERS = (
    "foundry_agent(**fields): what FoundryEmulator.create_agent is told for foundry_agent",
    "foundry_emulator(**options): options of foundry_emulator's FoundryEmulator",
)


def pytest_configure(config: pytest.Config) -> None:
    """Makes the markers known."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)


@pytest.fixture
def foundry_emulator(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FoundryEmulator]:
    """Azure AI Foundry Agent Service on a loopback socket, with nothing in it.

    The environment's project endpoint is its own, so that no test talks to Azure by mistake.
    `foundry_emulator.script(…)` says what agents answer, `.inject(…)` what goes wrong, `.requests`
    holds what was asked.
    """
    from langchain_foundry_agents.emulator import FoundryEmulator

    with FoundryEmulator(**_told(request, "foundry_emulator")) as emulator:
        monkeypatch.setenv("AZURE_AI_PROJECT_ENDPOINT", emulator.project_endpoint)
        yield emulator


@pytest.fixture
def foundry_agent(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    foundry_emulator: FoundryEmulator,
) -> ChatFoundryAgent:
    """A model of an agent on the test's emulator, which the environment names, too.

    It is of the new generation, or of the one that the marker or an indirect parameter says.
    """
    from langchain_foundry_agents import ChatFoundryAgent

    told: dict[str, Any] = {
        "name": "helper",
        "instructions": "You are helpful.",
        "generation": "new",
    }
    told |= _told(request, "foundry_agent")
    told["generation"] = getattr(request, "param", told["generation"])
    made = foundry_emulator.create_agent(**told)
    variables = ["AZURE_AI_AGENT_ID", "AZURE_AI_AGENT_NAME"]
    ours, other = reversed(variables) if told["generation"] == "new" else variables
    monkeypatch.setenv(ours, made)
    monkeypatch.delenv(other, raising=False)
    return ChatFoundryAgent()


def _told(request: pytest.FixtureRequest, marker: str) -> dict[str, Any]:
    """The keywords of a test's markers; the one nearest to the test has the last word."""
    marks = list(request.node.iter_markers(marker))
    return {name: value for mark in reversed(marks) for name, value in mark.kwargs.items()}
