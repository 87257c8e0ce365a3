"""How a run is followed: listened to as it streams, or looked at until it rests."""

from __future__ import annotations

from langchain_foundry_agents._flow.actions import approvals, asks_approval, required_calls
from langchain_foundry_agents._flow.effects import Emit, Flow, Pause, Read
from langchain_foundry_agents._flow.progress import Api, Progress
from langchain_foundry_agents._flow.statuses import Meaning, holds_thread
from langchain_foundry_agents._flow.wire import read_events
from langchain_foundry_agents.errors import FoundryAgentError, ProtocolError

_FIRST_LOOK = 0.05
_LOOKS_GROW_BY = 1.5
_LONGEST_BETWEEN_LOOKS = 2.0
_HAS_MESSAGES = {Meaning.ANSWERED, Meaning.CUT_SHORT, Meaning.NEEDS_ACTION}


def follow(api: Api, progress: Progress) -> Flow[None]:
    """Hand on what the run says and does until it ends, or waits for the caller."""
    while True:
        yield from (_listen if progress.policy.stream else _watch)(api, progress)
        if progress.heard.enough or progress.meaning is not Meaning.NEEDS_ACTION:
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
    while progress.meaning is Meaning.WORKING:
        yield Pause(wait / 2, wait)
        wait = min(wait * _LOOKS_GROW_BY, _LONGEST_BETWEEN_LOOKS)
        newest = yield from progress.request(api.look(progress))
        if newest.get("id") != progress.run_id:
            raise ProtocolError("The service was asked for the run and answered something else.")
        progress.run = newest


def end(api: Api, progress: Progress) -> Flow[None]:
    """Cancel the run, if it still holds its thread."""
    if holds_thread(progress.run.get("status")):
        try:
            progress.run = yield from progress.request(api.cancel(progress))
        except FoundryAgentError:
            # It may have ended in the same moment; if not, its expiry ends it.
            return


def _listen(api: Api, progress: Progress) -> Flow[None]:
    """Hand on the stream's events until it ends, or the caller has enough."""
    while (batch := (yield Read())) is not None:
        for events in read_events(batch):
            api.note(events, progress)
            progress.heard = yield Emit(events)
            if progress.heard.enough:
                return
    if not progress.run or progress.meaning is Meaning.WORKING:
        raise ProtocolError("The stream ended before the run did.")


def _watch(api: Api, progress: Progress) -> Flow[None]:
    """Look at the run until it rests, then hand on what it wrote and did."""
    api.note((("", progress.run),), progress)
    yield from rest(api, progress)
    if progress.meaning in _HAS_MESSAGES:
        events = yield from api.answer(progress)
        api.note(events, progress)
        progress.heard = yield Emit(events)
