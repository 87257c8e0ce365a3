"""Every run status, and what it means for a turn. Nothing else decides by a status's name."""

from __future__ import annotations

from enum import Enum


class Meaning(Enum):
    """What a turn does when its run has a status."""

    WORKING = "wait for it"
    NEEDS_ACTION = "the caller has to act"
    ANSWERED = "give the answer"
    CUT_SHORT = "give what there is, with the reason as finish_reason; nothing is an error"
    FAILED = "raise what last_error says"
    CANCELLED = "raise RunCancelledError"
    EXPIRED = "raise RunExpiredError"
    UNKNOWN = "raise ProtocolError; never wait on a status that may be final"


STATUSES = {
    "queued": Meaning.WORKING,
    "in_progress": Meaning.WORKING,
    "cancelling": Meaning.WORKING,
    "requires_action": Meaning.NEEDS_ACTION,
    "completed": Meaning.ANSWERED,
    "incomplete": Meaning.CUT_SHORT,
    "failed": Meaning.FAILED,
    "cancelled": Meaning.CANCELLED,
    "expired": Meaning.EXPIRED,
}

_OPEN = {Meaning.WORKING, Meaning.NEEDS_ACTION, Meaning.UNKNOWN}


def meaning(status: str | None) -> Meaning:
    """What a status means; `UNKNOWN` for one that the table lacks."""
    return STATUSES.get(status, Meaning.UNKNOWN) if isinstance(status, str) else Meaning.UNKNOWN


def holds_thread(status: str | None) -> bool:
    """Whether a run with this status keeps its thread busy, and must be cancelled when left."""
    return meaning(status) in _OPEN
