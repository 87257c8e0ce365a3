"""Threads that the service keeps: listed, and deleted; those of a new agent are conversations."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import NamedTuple

from langchain_foundry_agents import _flow
from langchain_foundry_agents._flow.effects import JSON, Flow, Page, Query
from langchain_foundry_agents._reference import AgentReference
from langchain_foundry_agents.errors import InvalidFieldError


class _Kind(NamedTuple):
    """What a generation of agents calls the place of a conversation."""

    name: str
    prefix: str
    agents: str

    def has(self, given: str) -> bool:
        """Whether that can be the id of one."""
        return bool(re.fullmatch(f"{self.prefix}[A-Za-z0-9_-]+", given))


_THREAD = _Kind("thread", "thread_", "a classic agent (agent_id=…)")
_CONVERSATION = _Kind("conversation", "conv_", "a new agent (agent_name=…)")


class Threads(AgentReference):
    """What a model does with threads, beside going on in them."""

    def delete_thread(self, thread_id: str) -> None:
        """Delete a thread, or a new agent's conversation, with all that was said in it.

        The service keeps threads and conversations, with their messages, until they are deleted.
        `keep_thread=False` deletes what a call created by itself.

        Args:
            thread_id: The `thread_id` of an answer's `response_metadata`.

        Raises:
            InvalidFieldError: That is no id of a thread (of a conversation, for a new agent).
            NotFoundError: There is no such thread, or not any more.
        """
        self._perform(self._deletion_of(thread_id))

    async def adelete_thread(self, thread_id: str) -> None:
        """As `delete_thread`."""
        await self._aperform(self._deletion_of(thread_id))

    def list_threads(self, *, all_agents: bool = False) -> Iterator[JSON]:
        """The threads that the service keeps, newest first: all of the project's.

        Threads belong to no agent. For a new agent it is the conversations that it answered in.
        Take the whole list before you delete any of it: pages are found by the ids before them.

        Args:
            all_agents: Also the conversations of other new agents, and of none.

        Returns:
            Them as the service shows them, with `id`, `created_at` (seconds since 1970, of the
            beginning) and `metadata` (but for the pair that is ours), page by page as they are
            asked for.
        """
        return self._pages(self._thread_pages(all_agents=all_agents))

    def alist_threads(self, *, all_agents: bool = False) -> AsyncIterator[JSON]:
        """As `list_threads`."""
        return self._apages(self._thread_pages(all_agents=all_agents))

    def _deletion_of(self, thread_id: str) -> Flow[None]:
        path, query = self._kept()
        place = checked_thread_id(thread_id, new=self.is_new)
        return _flow.thread_lists.delete_one(path, place, query, _flow.retry.Patience())

    def _thread_pages(self, *, all_agents: bool) -> Callable[[str | None], Flow[Page[JSON]]]:
        path, query = self._kept()
        if self.agent_name is not None and not all_agents:
            query = (*query, ("agent_name", self.agent_name))
        list_threads, patience = _flow.thread_lists.list_threads, _flow.retry.Patience()
        return lambda after: list_threads(path, query, after, patience)

    def _kept(self) -> tuple[str, Query]:
        """Where the service keeps them: the path, and the query of every request."""
        if not self.is_new:
            return "/threads", (("api-version", self.api_version),)
        own = self.agent_name if self.agent_endpoint else None
        base, query = _flow.responses_api.agent_base(own)
        return f"{base}/conversations", query


def checked_thread_id(thread_id: str, *, new: bool) -> str:
    """The id, if it can be one of this generation.

    Raises:
        InvalidFieldError: It is none, or one of the other generation.
    """
    kind, other = (_CONVERSATION, _THREAD) if new else (_THREAD, _CONVERSATION)
    if kind.has(str(thread_id)):
        return thread_id
    remedy = "Use response_metadata['thread_id'] of an answer, or an id of list_threads()."
    if other.has(str(thread_id)):
        remedy = f"It is the id of a {other.name}: use a model of {other.agents}."
    raise InvalidFieldError(
        f"{thread_id!r} is not the id of a {kind.name}: those begin with {kind.prefix!r}.",
        remedy=remedy,
    )
