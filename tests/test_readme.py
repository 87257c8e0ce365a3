"""The README's Python runs as it stands, on the emulator."""

from __future__ import annotations

from typing import Any

import pytest
from pages import README, blocks

from langchain_foundry_agents.emulator import FoundryEmulator


def test_every_python_block_runs_in_order(
    emulator: FoundryEmulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AZURE_AI_PROJECT_ENDPOINT", emulator.project_endpoint)
    name = emulator.create_agent(name="support", generation="new")
    monkeypatch.setenv("AZURE_AI_AGENT_NAME", name)
    namespace: dict[str, Any] = {}
    shown = [block for block in blocks(README) if block.language == "python"]

    for block in shown:
        block.run(namespace)

    assert len(shown) >= 5
    assert capsys.readouterr().out.startswith("17 * 23 = 391.\n")
