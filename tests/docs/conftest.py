"""What a reader has: a service, an endpoint and an agent in the environment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from langchain_foundry_agents.emulator import EMULATOR_TOKEN, FoundryEmulator


@pytest.fixture
def reader(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[FoundryEmulator]:
    """The emulator that a page's code finds, in a folder where it may write."""
    options = getattr(request, "param", {})
    with FoundryEmulator(seed=1, token=EMULATOR_TOKEN, **options) as emulator:
        name = emulator.create_agent(name="support", generation="new")
        monkeypatch.setenv("AZURE_AI_PROJECT_ENDPOINT", emulator.project_endpoint)
        monkeypatch.setenv("AZURE_AI_AGENT_NAME", name)
        monkeypatch.chdir(tmp_path)
        yield emulator


@pytest.fixture
def namespace(reader: FoundryEmulator) -> Iterator[dict[str, Any]]:
    """What a page's code says to itself; emulators that it leaves running are stopped."""
    names: dict[str, Any] = {"__name__": "page"}
    yield names
    for value in names.values():
        if isinstance(value, FoundryEmulator):
            value.stop()
