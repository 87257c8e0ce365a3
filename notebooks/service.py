"""What answers in these notebooks: your project, if the environment names one, else an emulator.

Set `AZURE_AI_PROJECT_ENDPOINT`, and `AZURE_AI_AGENT_NAME` (or `AZURE_AI_AGENT_ID`), to ask yours.
"""

from __future__ import annotations

import os

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import FoundryEmulator

ON_AZURE = "AZURE_AI_PROJECT_ENDPOINT" in os.environ

if not ON_AZURE:
    # It ends with the notebook's kernel. With a seed it says the same each time.
    emulator = FoundryEmulator(seed=1).start()
    os.environ["AZURE_AI_PROJECT_ENDPOINT"] = emulator.project_endpoint
    os.environ["AZURE_AI_AGENT_NAME"] = emulator.create_agent(
        name="support", instructions="You are helpful.", generation="new"
    )


def deployment() -> str:
    """The model's deployment that the agent uses, for the agents that notebooks make."""
    agent = ChatFoundryAgent().read_agent()
    return str(agent.get("definition", agent)["model"])
