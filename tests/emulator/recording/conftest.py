"""A recorder before the emulator, and the file that it writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from langchain_foundry_agents.emulator import FoundryEmulator
from langchain_foundry_agents.emulator.recording import FoundryRecorder

from .models import Recorder


@pytest.fixture
def record(emulator: FoundryEmulator, tmp_path: Path) -> Recorder:
    """Makes a recorder before the emulator."""

    def make(**options: Any) -> FoundryRecorder:
        token = {"Authorization": f"Bearer {emulator.credential}"}
        url, path = emulator.project_endpoint, tmp_path / "session.jsonl"
        return FoundryRecorder(url, path, authorize=lambda: token, **options)

    return make


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    return tmp_path / "session.jsonl"
