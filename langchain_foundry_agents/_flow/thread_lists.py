"""Threads and conversations that the service keeps: listed, and deleted."""

from __future__ import annotations

from dataclasses import replace

from langchain_foundry_agents._flow.creation import unmarked
from langchain_foundry_agents._flow.effects import JSON, Flow, Send
from langchain_foundry_agents._flow.files import Query
from langchain_foundry_agents._flow.retry import Patience, attempt, not_taken
from langchain_foundry_agents._flow.wire import read_object
from langchain_foundry_agents.errors import (
    FoundryAgentError,
    NotFoundError,
    ProtocolError,
    RateLimitError,
    ServiceConnectionError,
    ServiceError,
)

_PAGE = (("order", "desc"), ("limit", "100"))


def list_page(
    path: str, query: Query, after: str | None, patience: Patience
) -> Flow[tuple[list[JSON], str | None]]:
    """One page of a list, newest first, and what the next one comes after.

    Args:
        path: Where the list is.
        query: The API's version, and what the list is of.
        after: What an earlier page gave; `None` asks for the first one.
        patience: How requests are repeated.

    Returns:
        What is listed, without the pair of metadata that is ours, and what the next page comes
        after; `None` if this is the last one.
    """
    cursor: Query = (("after", after),) if after else ()
    asking = Send("GET", path, None, (*query, *_PAGE, *cursor))
    page = read_object((yield from attempt(asking, patience)))
    found = page.get("data")
    if not isinstance(found, list) or not all(map(_has_id, found)):
        raise ProtocolError("The service listed something without an id.")
    listed = [unmarked(one) for one in found]
    if not page.get("has_more"):
        return listed, None
    last = page.get("last_id") or (found[-1]["id"] if found else None)
    if last is None or last == after:
        raise ProtocolError("The service promised more of a list and does not go on with it.")
    return listed, str(last)


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


def _has_id(one: object) -> bool:
    return isinstance(one, dict) and isinstance(one.get("id"), str)
