"""What is created is created once: where its answer is lost, it is looked for before all else.

Each turn marks what it creates with a key of its own, in one of the 16 pairs of metadata.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from langchain_foundry_agents._flow.effects import JSON, Flow, Pause
from langchain_foundry_agents._flow.progress import Progress
from langchain_foundry_agents._flow.retry import not_taken
from langchain_foundry_agents._flow.wire import STRANGE
from langchain_foundry_agents.errors import (
    ActiveRunError,
    BadRequestError,
    FoundryAgentError,
    ProtocolError,
    ServiceConnectionError,
    ServiceError,
)

TURN_KEY = "langchain_foundry_agents_turn"
"""Metadata that tells what a turn created from all else."""

Found = TypeVar("Found")
Find = Callable[[], Flow[Found | None]]

_GATEWAYS_GAVE_UP = {408, 504}
"""The service itself may still be at work then."""
_WAITS_BETWEEN_LOOKS = (0.5, 1.0)


def once(
    create: Callable[[], Flow[Found]],
    find: Find[Found] | None,
    progress: Progress,
    *,
    twice: bool = False,
) -> Flow[Found]:
    """Create something; where it is not known whether that was done, look before anything else.

    Args:
        create: Asks for it.
        find: Looks for it; `None` where nothing is kept that could be looked for. Then it is not
            asked for again.
        progress: The turn's.
        twice: Whether the service refuses to do it a second time, so that it can be asked for again
            even if it may still be on its way.

    Raises:
        ServiceConnectionError: It was not found, and may still come (`maybe_accepted`).
        ServiceError: It was not found, and the service fails to create it.
    """
    before, failures = progress.posted, 0
    while True:
        try:
            return (yield from create())
        except (ActiveRunError, BadRequestError) as refused:
            # What was asked for before may be in the way of itself.
            if find and failures and (found := (yield from _sought(find, refused, progress, ()))):
                return found
            raise
        except (ServiceConnectionError, ServiceError) as lost:
            if not_taken(lost):
                raise
            if find is None:
                progress.posted = before or not _is_over(lost)
                raise
            failures += 1
            repeats = twice or _is_over(lost)
            pause = progress.policy.patience.pause(lost, failures) if repeats else None
            again = pause is not None and (yield pause) is not False
            waits = () if again or _is_over(lost) else _WAITS_BETWEEN_LOOKS
            if found := (yield from _sought(find, lost, progress, waits)):
                return found
            if _is_over(lost):
                progress.posted = before
            if not again:
                raise


def search(
    find: Find[Found], waits: tuple[float, ...] = _WAITS_BETWEEN_LOOKS
) -> Flow[Found | None]:
    """Look for what may still be on its way: at once, and after each wait.

    Raises:
        ProtocolError: What the service shows has a form that is not known.
    """
    try:
        found = yield from find()
        for wait in waits:
            if found or found is None:
                break
            yield Pause(wait / 2, wait)
            found = yield from find()
    except STRANGE as error:
        raise ProtocolError("What was looked for has a form that is not known.") from error
    return found


def marked(options: JSON, key: str) -> JSON:
    """Fields of what a turn creates, with its key."""
    return {**options, "metadata": {**(options.get("metadata") or {}), TURN_KEY: key}}


def is_marked(found: JSON, key: str) -> bool:
    """Whether a turn with this key created it."""
    return (found.get("metadata") or {}).get(TURN_KEY) == key


def unmarked(found: JSON) -> JSON:
    """What a turn created, without its key."""
    pairs = found.get("metadata")
    if not isinstance(pairs, dict) or TURN_KEY not in pairs:
        return found
    return {**found, "metadata": {name: pairs[name] for name in pairs if name != TURN_KEY}}


def _sought(
    find: Find[Found], lost: FoundryAgentError, progress: Progress, waits: tuple[float, ...]
) -> Flow[Found | None]:
    try:
        found = yield from search(find, waits)
    except FoundryAgentError:
        # Whether it is there is not known, so it is not asked for again.
        progress.unheard = False
        raise lost from None
    progress.unheard = False
    return found


def _is_over(lost: FoundryAgentError) -> bool:
    """Whether the service has done with the request, so that what is not there does not come."""
    return isinstance(lost, ServiceError) and lost.status_code not in _GATEWAYS_GAVE_UP
