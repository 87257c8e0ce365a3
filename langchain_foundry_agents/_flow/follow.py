"""How a run is followed: listened to as it streams, or looked at until it rests."""

from __future__ import annotations

from contextlib import suppress

from langchain_foundry_agents._flow.actions import approvals, asks_approval, required_calls
from langchain_foundry_agents._flow.creation import search
from langchain_foundry_agents._flow.effects import Emit, Flow, Pause, Read
from langchain_foundry_agents._flow.failures import error_event
from langchain_foundry_agents._flow.progress import Api, Progress
from langchain_foundry_agents._flow.retry import attempt
from langchain_foundry_agents._flow.statuses import Meaning
from langchain_foundry_agents._flow.wire import ERROR, check_stream, read_events
from langchain_foundry_agents.errors import (
    FoundryAgentError,
    NotFoundError,
    ProtocolError,
    RunCancelledError,
    ServiceConnectionError,
)

_FIRST_LOOK = 0.05
_LOOKS_GROW_BY = 1.5
_LONGEST_BETWEEN_LOOKS = 2.0
_HAS_MESSAGES = {Meaning.ANSWERED, Meaning.CUT_SHORT, Meaning.NEEDS_ACTION}


def follow(api: Api, progress: Progress) -> Flow[None]:
    """Hand on what the run says and does until it ends, or waits for the caller."""
    while True:
        yield from (_listen if progress.policy.stream else _watch)(api, progress)
        over = progress.failure or progress.heard.enough
        if over or progress.meaning is not Meaning.NEEDS_ACTION:
            return
        required_calls(progress.run)
        policy = progress.policy.mcp_approval
        if policy == "surface" or not asks_approval(progress.run):
            return
        given = yield from approvals(progress.run, policy)
        yield from api.submit(given, progress, stream=progress.policy.stream)


def rest(api: Api, progress: Progress) -> Flow[None]:
    """Look at the run until it ends, or waits for the caller. The first look was its creation."""
    wait = _FIRST_LOOK
    while progress.meaning is Meaning.WORKING or _lags(progress):
        yield Pause(wait / 2, wait)
        wait = min(wait * _LOOKS_GROW_BY, _LONGEST_BETWEEN_LOOKS)
        yield from _look(api, progress)


def _lags(progress: Progress) -> bool:
    """Whether the run still shows the calls that this turn answered."""
    if not progress.answered or progress.meaning is not Meaning.NEEDS_ACTION:
        return False
    return {call["id"] for call in required_calls(progress.run)} <= progress.answered


def end(api: Api, progress: Progress) -> Flow[None]:
    """Cancel the run, if it still holds its thread."""
    if cancel := api.cancel(progress):
        try:
            progress.run = yield from progress.request(cancel)
        except FoundryAgentError:
            # It may have ended in the same moment; if not, its expiry ends it.
            return


def is_there(api: Api, progress: Progress) -> Flow[bool]:
    """Whether a run goes on, or gave an answer, of which an `error` event says that it failed.

    It may have been the stream alone that failed: a run that is in its thread is not repeated.
    """
    failure = progress.failure
    if failure is None or progress.meaning is Meaning.FAILED:
        return False
    try:
        if progress.run_id and api.look(progress):
            yield from _look(api, progress)
        elif not progress.run_id:
            progress.run = (yield from search(lambda: api.find(progress), ())) or {}
    except NotFoundError:
        return False
    except FoundryAgentError:
        raise failure from None
    if not progress.run_id and api.keeps(progress):
        # A thread that keeps its messages may have the question.
        raise failure
    if api.cancel(progress):
        yield from end(api, progress)
        yield from rest(api, progress)
    there = progress.meaning in _HAS_MESSAGES
    if there:
        progress.failure = None
    return there


def _listen(api: Api, progress: Progress) -> Flow[None]:
    """Hand on what the stream tells; if it breaks off, what it did not bring is asked for."""
    cut = yield from _hear(api, progress)
    tries = progress.policy.patience.max_retries
    while cut and tries and (not progress.run or progress.meaning is Meaning.WORKING):
        tries -= 1
        reopen = api.reopen(progress)
        if reopen is None:
            break
        try:
            opened = yield from attempt(reopen, progress.policy.patience)
            check_stream(opened)
        except FoundryAgentError:
            break
        progress.headers = opened.headers
        cut = yield from _hear(api, progress)
    if not cut:
        return
    if not (yield from _look_after(api, progress)):
        if progress.heard.enough:
            return
        raise cut
    if progress.meaning is Meaning.CANCELLED:
        raise RunCancelledError(
            "The stream broke off, and the run was cancelled.",
            remedy="Ask again. A longer timeout keeps streams open; with background=True the "
            "response of a new agent outlives them.",
        ) from cut
    yield from _watch(api, progress)


def _hear(api: Api, progress: Progress) -> Flow[FoundryAgentError | None]:
    """Hand on the stream's events until it ends or the caller has enough; how it broke off."""
    told, cut, read = False, None, Read()
    try:
        while (batch := (yield read)) is not None:
            for events in read_events(batch):
                told = True
                if events[0][0] == ERROR:
                    # A run that ended well before is not undone by it.
                    if progress.meaning not in _HAS_MESSAGES:
                        progress.failure = error_event(events[0][1], progress.headers)
                    return None
                progress.heard = yield Emit(api.note(events, progress))
                if progress.heard.enough and api.ends_early:
                    return None
    except ServiceConnectionError as broken:
        cut = broken
    if told and progress.run and progress.meaning is not Meaning.WORKING:
        return None
    return cut or ProtocolError("The stream ended before the run did.")


def _look_after(api: Api, progress: Progress) -> Flow[bool]:
    """Look at the run of a stream that broke off; whether the service still has it."""
    if not progress.run_id:
        with suppress(FoundryAgentError):
            progress.run = (yield from search(lambda: api.find(progress))) or {}
        progress.unheard = False
        return bool(progress.run)
    if api.look(progress) is None:
        return False
    wait = _FIRST_LOOK
    while True:
        try:
            yield from _look(api, progress)
        except NotFoundError:
            if not api.shows_late or wait > _LONGEST_BETWEEN_LOOKS:
                return False
            yield Pause(wait / 2, wait)
            wait *= _LOOKS_GROW_BY
        except FoundryAgentError:
            return False
        else:
            return True


def _watch(api: Api, progress: Progress) -> Flow[None]:
    """Look at the run until it rests, then hand on what it wrote and did."""
    api.note((("", progress.run),), progress)
    if progress.meaning is Meaning.WORKING and (finding := api.find_answer(progress)):
        progress.run = yield from finding
    yield from rest(api, progress)
    if progress.meaning in _HAS_MESSAGES:
        events = yield from api.answer(progress)
        progress.heard = yield Emit(api.note(events, progress))


def _look(api: Api, progress: Progress) -> Flow[None]:
    look = api.look(progress)
    newest = (yield from progress.request(look)) if look else {}
    if newest.get("id") != progress.run_id:
        raise ProtocolError("The service was asked for the run and answered something else.")
    progress.run = newest
    api.note((("", newest),), progress)
