"""What was said in a thread or a conversation, as the service keeps it; and lists read whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from langchain_foundry_agents._flow.effects import JSON, Event, Flow, Send
from langchain_foundry_agents._flow.files import Query
from langchain_foundry_agents._flow.progress import Outcome
from langchain_foundry_agents._flow.retry import Patience, attempt
from langchain_foundry_agents._flow.wire import read_object
from langchain_foundry_agents.errors import ProtocolError

_WHOLE_PAGE = (("order", "asc"), ("limit", "100"))
# What reading an answer of another form than the service promises comes to.
_STRANGE = (AttributeError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the caller's, as the service shows it."""

    message: JSON


@dataclass(frozen=True, slots=True)
class Given:
    """What the caller gave for a call."""

    call_id: str
    output: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What a run, or a response, wrote and did up to its end, or to calls for the caller."""

    events: tuple[Event, ...]
    outcome: Outcome
    after: str | None = None
    """A call that it follows."""


Entry = Said | Given | Answered


def understood(entries: Iterable[Entry]) -> list[Entry]:
    """What was said, read.

    Raises:
        ProtocolError: The service told it in a form that is not known.
    """
    try:
        return [*entries]
    except _STRANGE as error:
        raise ProtocolError("The thread holds something of a form that is not known.") from error


def list_all(asking: Send, patience: Patience) -> Flow[list[JSON]]:
    """All of a list, oldest first.

    Raises:
        ProtocolError: It is none.
    """
    after: Query = ()
    found: list[JSON] = []
    while True:
        query = (*asking.query, *_WHOLE_PAGE, *after)
        page_asked = Send(asking.method, asking.path, None, query, fresh_for=asking.fresh_for)
        page = read_object((yield from attempt(page_asked, patience)))
        data = page.get("data")
        if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
            raise ProtocolError("The service listed something that is no list.")
        found += data
        last = page.get("last_id")
        if not page.get("has_more") or not last or ("after", last) in after:
            return found
        after = (("after", last),)
