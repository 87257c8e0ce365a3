"""Calls that a run of an earlier turn waits for: answered, given up, or found to be over."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

from langchain_foundry_agents._flow.actions import Pending, required_calls
from langchain_foundry_agents._flow.effects import Flow, Pause
from langchain_foundry_agents._flow.follow import end, rest
from langchain_foundry_agents._flow.progress import Api, Ask, Progress
from langchain_foundry_agents._flow.retry import not_taken
from langchain_foundry_agents._flow.statuses import Meaning, holds_thread, meaning
from langchain_foundry_agents.errors import (
    BadRequestError,
    FoundryAgentError,
    NotFoundError,
    ThreadDivergedError,
)

logger = logging.getLogger("langchain_foundry_agents")

# Between two tries to begin a run, where the one that was in the way cannot be seen any more.
_A_MOMENT = 0.05
_MOMENTS_GROW_BY = 1.5
_LONGEST_MOMENT = 2.0


def resume(api: Api, ask: Ask, pending: Pending, progress: Progress) -> Flow[Ask | None]:
    """Deal with the calls that the history ends in.

    Returns:
        What is left to ask, in a run of its own; `None` if the waiting run goes on.
    """
    progress.thread_id = ask.thread_id
    if pending.run_id is None:
        found = yield from _look_for(api, pending, progress)
        if found is None:
            return fork_or_append(ask, progress)
        pending = found
    # Whoever leaves from here on may leave a run behind that goes on.
    progress.run, run_id = {"id": pending.run_id}, pending.run_id
    if not pending.answered:
        yield from _give_up(api, progress)
        return ask
    if pending.gives_up:
        logger.info("run %s is given up: the turn wants another agent or other options", run_id)
        yield from _give_up(api, progress)
        return replace(ask, new=ask.late())
    try:
        stream = progress.policy.stream and not ask.new
        yield from api.submit(pending, progress, stream=stream)
    except (BadRequestError, NotFoundError):
        if (yield from _still_waits(api, pending, progress)):
            raise
        return fork_or_append(ask, progress)
    except FoundryAgentError as error:
        if not_taken(error):
            progress.run = {}
        raise
    if not ask.new:
        return None
    # The history went on after the outputs: the run ends unheard, and the rest is asked.
    yield from rest(api, progress)
    yield from _give_up(api, progress)
    return ask


def leave_if_edited(ask: Ask, progress: Progress) -> Ask:
    """What to ask where the history's past is not what its thread holds.

    Raises:
        ThreadDivergedError: That is what the policies ask for.
    """
    policy = progress.policy
    if ask.edited is None:
        return ask
    error = ThreadDivergedError(
        f"The history was edited: {ask.edited}. Its thread still holds what was there before.",
        remedy="edited_history='fork' goes on in a new thread with the history as it is, 'ignore' "
        "in the same one.",
    )
    if policy.edited_history == "raise":
        raise error.about(thread_id=ask.thread_id, run_id=None)
    if policy.on_divergence == "append":
        return ask
    forked = fork_or_append(ask, progress, gone=error)
    logger.info(
        "a history is not what %s holds, %s: it goes on in a new thread", ask.thread_id, ask.edited
    )
    return forked


def fork_or_append(ask: Ask, progress: Progress, *, gone: FoundryAgentError | None = None) -> Ask:
    """What to ask where the thread, or its waiting run, is not what the history says.

    Raises:
        ThreadDivergedError: That is what the policy asks for.
    """
    policy = progress.policy.on_divergence
    if gone is None and (policy == "append" or not ask.from_history):
        # A thread that the caller names is never left.
        return replace(ask, new=ask.late())
    if policy != "fork":
        if isinstance(gone, ThreadDivergedError):
            raise gone
        what = "thread" if gone else "run that asked for the tool outputs"
        response = gone.response if gone else None
        error = ThreadDivergedError(f"The {what} of the history is over.", response=response)
        raise error from gone
    if lost := ask.losses():
        logger.warning("what takes the place of %s lacks: %s", ask.thread_id, ", ".join(lost))
    progress.thread_id = None
    return replace(ask, new=ask.whole(), thread_id=None, pending=None)


def moments() -> Iterator[float]:
    """Longest waits between tries to begin, in seconds: short ones first."""
    moment = _A_MOMENT
    while True:
        yield moment
        moment = min(moment * _MOMENTS_GROW_BY, _LONGEST_MOMENT)


def free(api: Api, progress: Progress, moment: float, *, cancel: bool) -> Flow[None]:
    """Wait until the thread's newest run has ended, or cancel it; a moment at least.

    One that waits for outputs is cancelled in any case: this history does not have them.
    """
    # It is not this turn's run, which is left with this turn.
    other = Progress(progress.policy, thread_id=progress.thread_id)
    other.run = yield from api.newest_run(other)
    yield Pause(moment / 2, moment)
    if not other.run:
        return
    if not cancel:
        yield from rest(api, other)
    if holds_thread(other.run.get("status")):
        logger.info("cancelling run %s on %s", other.run_id, other.thread_id)
        yield from _give_up(api, other)


def _look_for(api: Api, pending: Pending, progress: Progress) -> Flow[Pending | None]:
    """The run of the thread that waits for just these calls."""
    newest = yield from api.newest_run(progress)
    if meaning(newest.get("status")) is not Meaning.NEEDS_ACTION:
        return None
    waiting = {call["id"] for call in required_calls(newest)}
    if waiting != pending.call_ids:
        return None
    gives_up = newest.get("assistant_id", api.agent_id) != api.agent_id
    return replace(pending, run_id=newest["id"], gives_up=gives_up)


def _still_waits(api: Api, pending: Pending, progress: Progress) -> Flow[bool]:
    progress.run = {"id": pending.run_id}
    try:
        look = api.look(progress)
        run = (yield from progress.request(look)) if look else {}
    except NotFoundError:
        run = {}
    # A refused answer leaves the run waiting, for a better one.
    progress.run = {}
    return run.get("status") == "requires_action"


def _give_up(api: Api, progress: Progress) -> Flow[None]:
    """Cancel a run, and wait until its thread is free."""
    yield from end(api, progress)
    yield from rest(api, progress)
    progress.run, progress.answered = {}, frozenset()
