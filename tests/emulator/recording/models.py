"""Models on a recorder or a replay."""

from __future__ import annotations

from collections.abc import Callable

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator.recording import FoundryRecorder

GENERATIONS = ["classic", "new"]
Recorder = Callable[..., FoundryRecorder]


def model_at(endpoint: str, agent: str) -> ChatFoundryAgent:
    named = {"agent_id" if agent.startswith("asst_") else "agent_name": agent}
    return ChatFoundryAgent(**named, project_endpoint=endpoint, max_retries=0)
