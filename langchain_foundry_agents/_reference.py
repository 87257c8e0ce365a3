"""Which agent a model is: a classic one by its id, or a new one by its name."""

from __future__ import annotations

import os
import re
from typing import Self

from pydantic import model_validator

from langchain_foundry_agents._connection import Connection
from langchain_foundry_agents.errors import InvalidAgentError

_ID_VARIABLE, _NAME_VARIABLE = "AZURE_AI_AGENT_ID", "AZURE_AI_AGENT_NAME"
_ID = re.compile(r"asst_[A-Za-z0-9_-]+")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class AgentReference(Connection):
    """Fields that name the agent."""

    agent_id: str | None = None
    """Id of a classic agent, `asst_…`. Default: the environment's `AZURE_AI_AGENT_ID`."""

    agent_name: str | None = None
    """Name of a new agent. Default, where there is no id: the environment's
    `AZURE_AI_AGENT_NAME`."""

    agent_version: str | None = None
    """Version of a new agent. Default: the latest, or the one that its endpoint selects."""

    agent_endpoint: bool = False
    """Ask a new agent's own endpoint, which selects the version, and not the project's."""

    @property
    def is_new(self) -> bool:
        """Whether the agent is of the new generation (Responses API)."""
        return self.agent_name is not None

    def _agent_ids(self) -> dict[str, str | None]:
        """What metadata and traces call the agent."""
        if not self.is_new:
            return {"agent_id": self.agent_id}
        return {"agent_name": self.agent_name, "agent_version": self.agent_version}

    @model_validator(mode="after")
    def _check_agent(self) -> Self:
        if self.agent_id is None and self.agent_name is None:
            self.agent_id = os.environ.get(_ID_VARIABLE) or None
            if self.agent_id is None:
                self.agent_name = os.environ.get(_NAME_VARIABLE) or None
        if self.agent_id and self.agent_name:
            raise InvalidAgentError("Both agent_id and agent_name are given.")
        if self.agent_name is not None:
            _check_name(self.agent_name)
            if self.agent_version is not None and not _VERSION.fullmatch(self.agent_version):
                raise InvalidAgentError(f"{self.agent_version!r} is no version of an agent.")
        elif not self.agent_id:
            raise InvalidAgentError("No agent is given.")
        elif not _ID.fullmatch(self.agent_id):
            raise InvalidAgentError(
                f"{self.agent_id!r} is not the id of a classic agent: those begin with 'asst_'.",
                remedy="Give the name of a new agent as agent_name=….",
            )
        elif self.agent_version is not None or self.agent_endpoint:
            raise InvalidAgentError(
                "A classic agent (agent_id) has no versions and no endpoint of its own.",
                remedy="Use agent_name=… for a new agent.",
            )
        if self.agent_endpoint and self.agent_version is not None:
            raise InvalidAgentError(
                "The agent's own endpoint selects the version: none can be asked for there.",
                remedy="Leave out agent_version, or agent_endpoint.",
            )
        return self


def _check_name(name: str) -> None:
    if name.startswith("asst_"):
        raise InvalidAgentError(
            f"{name!r} is the id of a classic agent.", remedy="Give it as agent_id=…."
        )
    if not _NAME.fullmatch(name):
        raise InvalidAgentError(
            f"{name!r} is no name of an agent: those have up to 63 letters, digits and inner "
            f"hyphens.",
            remedy="Give a version beside it, as agent_version=….",
        )
