"""The project's agents: listed, and a classic one found by its name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Self

from langchain_foundry_agents import _flow
from langchain_foundry_agents._agents import Agents, Generation
from langchain_foundry_agents._flow.effects import JSON, Flow, Page

_ANY = "any"


class AgentLists(Agents):
    """What is known of the project's agents before one is chosen."""

    @classmethod
    def list_agents(cls, *, generation: Generation = "new", **fields: Any) -> Iterator[JSON]:
        """The agents of the project, newest first.

        Args:
            generation: `"new"`, or `"classic"`: threads and runs.
            **fields: Fields of the model: `project_endpoint`, `credential` and so on.

        Returns:
            Them as the service shows them, with `id` and `name`, page by page.

        Raises:
            InvalidFieldError: A field is unknown or has a value that cannot work.
        """
        draft = cls._draft(_ANY, generation, fields)
        return cls._pages(draft, cls._agent_pages(draft))

    @classmethod
    def alist_agents(cls, *, generation: Generation = "new", **fields: Any) -> AsyncIterator[JSON]:
        """As `list_agents`."""
        draft = cls._draft(_ANY, generation, fields)
        return cls._apages(draft, cls._agent_pages(draft))

    @classmethod
    def from_name(cls, name: str, **fields: Any) -> Self:
        """A model of the classic agent that has this name.

        (A new agent is named in the model itself: `agent_name=…`.)

        Args:
            name: The agent's name.
            **fields: Fields of the model: `project_endpoint`, `credential` and so on.

        Raises:
            NotFoundError: No classic agent has the name.
            InvalidAgentError: Several have it; the message names their ids.
        """
        draft = cls._draft(name, "classic", fields)
        found = cls._perform(draft, cls._finding(draft, name))
        return draft.model_copy(update={"agent_id": found})

    @classmethod
    async def afrom_name(cls, name: str, **fields: Any) -> Self:
        """As `from_name`."""
        draft = cls._draft(name, "classic", fields)
        found = await cls._aperform(draft, cls._finding(draft, name))
        return draft.model_copy(update={"agent_id": found})

    def _agent_pages(self) -> Callable[[str | None], Flow[Page[JSON]]]:
        api = _flow.definitions.AGENTS_API
        path, query = ("/agents", api) if self.is_new else ("/assistants", self._query())
        asked = _flow.effects.Send("GET", path, None, query)
        return lambda after: _flow.lists.list_page(asked, after, _flow.retry.Patience())

    def _finding(self, name: str) -> Flow[str]:
        return _flow.named_agents.find_by_name(name, self._query(), _flow.retry.Patience())
