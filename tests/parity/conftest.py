"""What is asked: the emulator, or with `--azure` the project of the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from langchain_foundry_agents._parity.target import PACE, Target, emulated
from langchain_foundry_agents.emulator import EMULATOR_TOKEN, FoundryEmulator

# Read before the fixture that hides the machine's settings from tests.
_SETTINGS = dict(os.environ)
ENDPOINT = os.environ.get("AZURE_AI_PROJECT_ENDPOINT")
MODEL = os.environ.get("AZURE_AI_MODEL_DEPLOYMENT_NAME")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Lets tests that ask Azure reach it, and take their time."""
    if config.getoption("--azure"):
        for item in items:
            if "target" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.enable_socket)
                item.add_marker(pytest.mark.timeout(600))


def target_of(emulator: FoundryEmulator) -> Target:
    return emulated(emulator.project_endpoint, emulator.credential, "gpt-4o")


@pytest.fixture(scope="session")
def running() -> Iterator[FoundryEmulator]:
    """One emulator for all cases: what they make, they delete."""
    with FoundryEmulator(chunk_delay=PACE, token=EMULATOR_TOKEN) as emulator:
        yield emulator


@pytest.fixture
def target(
    request: pytest.FixtureRequest, running: FoundryEmulator, monkeypatch: pytest.MonkeyPatch
) -> Target:
    if not request.config.getoption("--azure"):
        return target_of(running)
    if not ENDPOINT or not MODEL:
        pytest.fail("--azure needs AZURE_AI_PROJECT_ENDPOINT and AZURE_AI_MODEL_DEPLOYMENT_NAME.")
    for name, value in _SETTINGS.items():
        monkeypatch.setenv(name, value)
    return Target(project_endpoint=ENDPOINT, model=MODEL)
