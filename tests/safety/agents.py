"""An agent of each generation on a scripted service, asked or read in sync and in async code."""

from __future__ import annotations

from typing import Any

from canned import CannedService

from langchain_foundry_agents import ChatFoundryAgent

TWINS = (False, True)
AGENTS: dict[str, dict[str, str]] = {
    "classic": {"agent_id": "asst_1"},
    "new": {"agent_name": "helper", "conversation": "response"},
}


def model_of(
    service: CannedService, generation: str = "classic", **fields: Any
) -> ChatFoundryAgent:
    """A model that asks the service once."""
    where = {"project_endpoint": service.url, "credential": "token", "max_retries": 0}
    given = {**AGENTS[generation], **where}
    return ChatFoundryAgent(**{**given, **fields})


async def download(model: ChatFoundryAgent, *wanted: Any, asynchronous: bool) -> Any:
    """Download in sync or in async code."""
    return await model.adownload(*wanted) if asynchronous else model.download(*wanted)
