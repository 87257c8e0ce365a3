"""Sessions with a real service: recorded through a proxy, sanitised, and served again.

A recording is a file of JSON lines: a head, then one line an exchange, as readable as JSON is.
"""

from __future__ import annotations

from langchain_foundry_agents.emulator.recording.recorder import FoundryRecorder
from langchain_foundry_agents.emulator.recording.replay import FoundryReplay

__all__ = ["FoundryRecorder", "FoundryReplay"]
