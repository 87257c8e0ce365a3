"""Turns in the same thread: one at a time, and no two after the same answer.

A history that ends in an answer which another turn followed already is a branch: the thread went on
without it. Which turn is a thread's last is what the thread record knows.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace

from langchain_foundry_agents._flow.actions import required_calls
from langchain_foundry_agents._flow.creation import TURN_KEY
from langchain_foundry_agents._flow.effects import (
    JSON,
    Advance,
    Claim,
    Flow,
    GiveBack,
    Hold,
    LetGo,
    Pause,
)
from langchain_foundry_agents._flow.progress import Api, Ask, Progress
from langchain_foundry_agents._flow.resume import fork_or_append, moments
from langchain_foundry_agents._flow.statuses import Meaning, meaning
from langchain_foundry_agents.errors import ActiveRunError, NotFoundError, ThreadDivergedError

_KEPT = {Meaning.ANSWERED, Meaning.CUT_SHORT, Meaning.NEEDS_ACTION}
_GOES_ON = {*_KEPT, Meaning.WORKING}

logger = logging.getLogger("langchain_foundry_agents")


def turn_key(run_id: str, call_ids: Iterable[str]) -> str:
    """Names a turn in its thread. In one run several may end: with calls, and with the answer."""
    first = min(call_ids, default=None)
    return f"{run_id} {first}" if first else run_id


def take(api: Api, ask: Ask, progress: Progress) -> Flow[Ask]:
    """Go on where the history ends, as the only turn there; or in a new thread.

    What this turn waits for may go on after the same answer: who had to wait looks again.

    A turn that this process did not make may have been followed elsewhere: the service is asked. If
    it was followed by what is to be asked now, with all that came before, the process that asked
    did not live to hear the answer, and its run is taken up.

    Raises:
        ThreadDivergedError: The history is a branch, and the policy is to raise.
        ActiveRunError: Another turn works on the thread, and the policy is to raise.
    """
    ask = yield from _claim(api, ask, progress)
    waited = yield from _hold(ask, progress)
    if not (waited and progress.claimed and ask.thread_id):
        return ask
    yield GiveBack(ask.thread_id, progress.claimed)
    taken = yield from _claim(api, ask, progress)
    if taken.thread_id is None:
        yield LetGo()
    return taken


def _claim(api: Api, ask: Ask, progress: Progress) -> Flow[Ask]:
    """Go on where the history ends, or in a new thread if another turn did so before."""
    if ask.after is None or ask.thread_id is None:
        return ask
    progress.claimed = None
    free = yield Claim(ask.thread_id, ask.after)
    if free is not False:
        progress.claimed = ask.after
        if free and not progress.policy.check_thread:
            return ask
        try:
            newest = yield from api.newest_run(progress)
        except NotFoundError as lost:
            progress.claimed = None
            return fork_or_append(ask, progress, gone=lost)
        if newest.get("id") in {None, ask.after.partition(" ")[0]}:
            return ask
        if _asks_the_same(newest, ask):
            logger.info("run %s of %s is taken up", newest["id"], ask.thread_id)
            return replace(ask, run_id=newest["id"])
    gone = ThreadDivergedError(
        "The thread went on after the answer that this history ends in: the history is a branch."
    )
    if progress.policy.on_divergence == "append":
        return ask
    logger.info("a history branches off %s: it goes on in a new thread", ask.thread_id)
    progress.claimed = None
    return fork_or_append(ask, progress, gone=gone)


def _asks_the_same(run: JSON, ask: Ask) -> bool:
    """Whether a turn like this one set a run going, which may still give its answer."""
    key = str((run.get("metadata") or {}).get(TURN_KEY))
    same = ask.question is not None and key.endswith(ask.question)
    return same and meaning(run.get("status")) in _GOES_ON


def _hold(ask: Ask, progress: Progress) -> Flow[bool]:
    """Wait until no other turn of this process works on the thread; whether one did."""
    policy = progress.policy.on_active_run
    if not ask.alone or ask.thread_id is None or policy == "cancel":
        return False
    waits = moments()
    while not (yield Hold(ask.thread_id)):
        if policy == "raise":
            raise ActiveRunError("Another turn of this process works on the thread.")
        progress.waits = True
        moment = next(waits)
        yield Pause(moment / 2, moment)
    waited, progress.waits = progress.waits, False
    return waited


def advance(api: Api, ask: Ask, progress: Progress) -> Flow[None]:
    """Say which turn the thread ends in now."""
    if not (ask.alone and progress.thread_id and progress.run_id):
        return
    key = turn_key(progress.run_id, _call_ids(progress))
    # A stop sequence was heard, and then the stream broke: the place may not have the turn.
    closed = not api.ends_early and progress.meaning not in _KEPT
    yield Advance(progress.thread_id, key, closed)


def give_back(api: Api, progress: Progress) -> Flow[None]:
    """Let another turn go on after the answer that this one did not get beyond."""
    if progress.claimed and progress.thread_id and not api.keeps(progress):
        yield GiveBack(progress.thread_id, progress.claimed)


def _call_ids(progress: Progress) -> list[str]:
    waits = progress.meaning is Meaning.NEEDS_ACTION and not progress.heard.enough
    return [call["id"] for call in required_calls(progress.run)] if waits else []
