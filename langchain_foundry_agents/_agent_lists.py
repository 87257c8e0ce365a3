"""The project's agents: listed, and a classic one found by its name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Self

from langchain_foundry_agents._agents import Agents, Generation
from langchain_foundry_agents._drive import apages, aperform, pages, perform
from langchain_foundry_agents._flow.definitions import AGENTS_API
from langchain_foundry_agents._flow.effects import JSON, Flow, Page, Send
from langchain_foundry_agents._flow.lists import list_page
from langchain_foundry_agents._flow.named_agents import find_by_name
from langchain_foundry_agents._flow.retry import Patience

_LONGEST = 300.0
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
        return pages(cls._agent_pages(draft), cls._transport(draft), _LONGEST)

    @classmethod
    def alist_agents(cls, *, generation: Generation = "new", **fields: Any) -> AsyncIterator[JSON]:
        """As `list_agents`."""
        draft = cls._draft(_ANY, generation, fields)
        return apages(cls._agent_pages(draft), cls._transport(draft), _LONGEST)

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
        found = perform(cls._finding(draft, name), cls._transport(draft), _LONGEST)
        return draft.model_copy(update={"agent_id": found})

    @classmethod
    async def afrom_name(cls, name: str, **fields: Any) -> Self:
        """As `from_name`."""
        draft = cls._draft(name, "classic", fields)
        found = await aperform(cls._finding(draft, name), cls._transport(draft), _LONGEST)
        return draft.model_copy(update={"agent_id": found})

    def _agent_pages(self) -> Callable[[str | None], Flow[Page[JSON]]]:
        path, query = ("/agents", AGENTS_API) if self.is_new else ("/assistants", self._query())
        return lambda after: list_page(Send("GET", path, None, query), after, Patience())

    def _finding(self, name: str) -> Flow[str]:
        return find_by_name(name, self._query(), Patience())
