"""What every test has: no settings of the machine's, and an emulator of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import FoundryEmulator

# Where the package is installed anew, pytest finds the first one by itself.
pytest_plugins = ["pytest_foundry_agents", "pytester"]

RECORDINGS = Path(__file__).parent / "recordings"
_AMBIENT = (
    "AZURE_",
    "FOUNDRY_",
    "LANGSMITH_",
    "LANGCHAIN_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
)

MakeModel = Callable[..., ChatFoundryAgent]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--azure`."""
    parser.addoption(
        "--azure", action="store_true", help="ask the project of the environment, too; costs money"
    )


@pytest.fixture(autouse=True)
def no_ambient_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test sees no endpoint, credential or proxy of the machine that it runs on."""
    for name in os.environ:
        if name.upper().startswith(_AMBIENT):
            monkeypatch.delenv(name)


@pytest.fixture
def emulator() -> Iterator[FoundryEmulator]:
    """The service, on a loopback socket, with nothing in it."""
    with FoundryEmulator() as running:
        yield running


@pytest.fixture
def make_model(emulator: FoundryEmulator) -> MakeModel:
    """Makes a model of an agent on the emulator; fields as keywords."""
    agent_id = emulator.create_agent(name="helper", instructions="You are helpful.")

    def make(**fields: Any) -> ChatFoundryAgent:
        return ChatFoundryAgent(
            **{"agent_id": agent_id, "project_endpoint": emulator.project_endpoint, **fields}
        )

    return make


@pytest.fixture
def model(make_model: MakeModel) -> ChatFoundryAgent:
    """A model of an agent on the emulator, with all defaults."""
    return make_model()
