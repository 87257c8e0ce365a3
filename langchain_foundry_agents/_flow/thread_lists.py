"""Threads and conversations that the service keeps: listed, and deleted."""

from __future__ import annotations

from dataclasses import replace

from langchain_foundry_agents._flow.creation import unmarked
from langchain_foundry_agents._flow.effects import JSON, Flow, Page, Query, Send
from langchain_foundry_agents._flow.lists import list_page
from langchain_foundry_agents._flow.retry import Patience, attempt, not_taken
from langchain_foundry_agents.errors import (
    FoundryAgentError,
    NotFoundError,
    RateLimitError,
    ServiceConnectionError,
    ServiceError,
)


def list_threads(
    path: str, query: Query, after: str | None, patience: Patience
) -> Flow[Page[JSON]]:
    """One page of threads or conversations, newest first, without our pair of metadata.

    Args:
        path: Where the list is.
        query: The API's version, and what the list is of.
        after: What an earlier page gave; `None` asks for the first one.
        patience: How requests are repeated.
    """
    found, next_ = yield from list_page(Send("GET", path, None, query), after, patience)
    return [*map(unmarked, found)], next_


def delete_one(path: str, thread_id: str, query: Query, patience: Patience) -> Flow[None]:
    """Delete a thread or a conversation of a list.

    One that is gone after a deletion whose answer was lost was deleted by us.
    """
    deletion = Send("DELETE", f"{path}/{thread_id}", None, query)
    once, failures, maybe_done = replace(patience, max_retries=0), 0, False
    while True:
        try:
            yield from attempt(deletion, once)
            return
        except FoundryAgentError as error:
            if maybe_done and isinstance(error, NotFoundError):
                return
            failures += 1
            maybe_done = maybe_done or not not_taken(error)
            passing = isinstance(error, RateLimitError | ServiceConnectionError | ServiceError)
            pause = patience.pause(error, failures) if passing else None
            if pause is None or (yield pause) is False:
                error.about(thread_id=thread_id, run_id=None)
                raise
