"""langchain-azure-ai's new agents (`agents`): graphs whose node asks for responses."""

from __future__ import annotations

from typing import Any

from . import langchain_azure_classic

PACKAGES = ("langchain-azure-ai", "azure-ai-projects")


class Desk(langchain_azure_classic.Desk):
    """The same factory by name, of the other generation."""

    module = "langchain_azure_ai.agents"

    def kept(self) -> list[Any]:
        return list(self.emulator.service.state.named_agents)


OPERATIONS = langchain_azure_classic.OPERATIONS
