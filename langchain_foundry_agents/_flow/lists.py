"""Lists of the service: page by page, newest first, or whole, oldest first."""

from __future__ import annotations

from dataclasses import replace

from langchain_foundry_agents._flow.effects import JSON, Flow, Page, Query, Send
from langchain_foundry_agents._flow.retry import Patience, attempt
from langchain_foundry_agents._flow.wire import read_object
from langchain_foundry_agents.errors import ProtocolError

_LONGEST_PAGE = 100


def list_page(asking: Send, after: str | None, patience: Patience) -> Flow[Page[JSON]]:
    """One page of a list, newest first.

    Args:
        asking: The list, as a request without order and limit.
        after: What an earlier page gave; `None` asks for the first one.
        patience: How requests are repeated.

    Raises:
        ProtocolError: It is no list, has something without an id, or does not go on.
    """
    found, next_ = yield from _page(asking, "desc", after, patience)
    if not all(isinstance(one.get("id"), str) for one in found):
        raise ProtocolError("The service listed something without an id.")
    return found, next_


def list_all(asking: Send, patience: Patience) -> Flow[list[JSON]]:
    """All of a list, oldest first.

    Raises:
        ProtocolError: It is no list, or does not go on.
    """
    everything, after = yield from _page(asking, "asc", None, patience)
    while after is not None:
        found, after = yield from _page(asking, "asc", after, patience)
        everything += found
    return everything


def _page(asking: Send, order: str, after: str | None, patience: Patience) -> Flow[Page[JSON]]:
    cursor: Query = (("after", after),) if after else ()
    query = (*asking.query, ("order", order), ("limit", f"{_LONGEST_PAGE}"), *cursor)
    page = read_object((yield from attempt(replace(asking, query=query), patience)))
    found = page.get("data")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ProtocolError("The service listed something that is no list.")
    if not page.get("has_more"):
        return found, None
    last = page.get("last_id") or (found[-1].get("id") if found else None)
    if not last or last == after:
        raise ProtocolError("The service promised more of a list and does not go on with it.")
    return found, str(last)
