"""The README's Python runs as it stands, on the emulator."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from langchain_foundry_agents.emulator import FoundryEmulator

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def test_every_python_block_runs_in_order(
    emulator: FoundryEmulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AZURE_AI_PROJECT_ENDPOINT", emulator.project_endpoint)
    name = emulator.create_agent(name="support", generation="new")
    monkeypatch.setenv("AZURE_AI_AGENT_NAME", name)
    namespace: dict[str, Any] = {}

    for block in BLOCKS:
        exec(compile(block, "README.md", "exec"), namespace)
        if "with FoundryEmulator" in block:
            # What follows goes on with the agent of the environment.
            namespace["llm"] = namespace["ChatFoundryAgent"]()

    assert len(BLOCKS) >= 5
    assert capsys.readouterr().out.startswith("17 * 23 = 391.\n")
