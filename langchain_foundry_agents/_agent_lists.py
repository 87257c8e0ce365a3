"""The project's agents: listed, and a classic one found by its name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, Self

from langchain_foundry_agents import _flow
from langchain_foundry_agents._agents import Agents, Generation

if TYPE_CHECKING:
    from langchain_foundry_agents._flow.effects import JSON, Flow

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
        return cls._pages(cls._draft(_ANY, generation, fields))

    @classmethod
    def alist_agents(cls, *, generation: Generation = "new", **fields: Any) -> AsyncIterator[JSON]:
        """As `list_agents`."""
        return cls._apages(cls._draft(_ANY, generation, fields))

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

    def _pages(self) -> Iterator[JSON]:
        after: str | None = None
        while True:
            found, after = self._perform(self._page_of_agents(after))
            yield from found
            if after is None:
                return

    async def _apages(self) -> AsyncIterator[JSON]:
        after: str | None = None
        while True:
            page = self._page_of_agents(after)
            found, after = await self._aperform(page)
            for agent in found:
                yield agent
            if after is None:
                return

    def _page_of_agents(self, after: str | None) -> Flow[tuple[list[JSON], str | None]]:
        list_page, patience = _flow.thread_lists.list_page, _flow.retry.Patience()
        if self.is_new:
            return list_page("/agents", _flow.definitions.AGENTS_API, after, patience)
        return list_page("/assistants", self._query(), after, patience)

    def _finding(self, name: str) -> Flow[str]:
        return _flow.named_agents.find_by_name(name, self._query(), _flow.retry.Patience())
