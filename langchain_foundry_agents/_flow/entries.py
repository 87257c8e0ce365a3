"""What was said in a thread or a conversation, as the service keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from langchain_foundry_agents._flow.effects import JSON, Event
from langchain_foundry_agents._flow.progress import Outcome
from langchain_foundry_agents._flow.wire import STRANGE
from langchain_foundry_agents.errors import ProtocolError


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the caller's, as the service shows it."""

    message: JSON


@dataclass(frozen=True, slots=True)
class Given:
    """What the caller gave for a call."""

    call_id: str
    output: str | list[JSON]


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
    except STRANGE as error:
        raise ProtocolError("The thread holds something of a form that is not known.") from error
