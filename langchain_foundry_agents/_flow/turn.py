"""One turn: ask, follow the run until it rests, give the answer or raise. Shared by both APIs.

The rules of this room: a turn that has set a run going and does not bring it to its end cancels it,
whatever the reason; a thread that the turn created and could not use is deleted.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice

from langchain_foundry_agents._flow.creation import unmarked
from langchain_foundry_agents._flow.effects import Abandoned, Emit, Flow, OutOfTime
from langchain_foundry_agents._flow.failures import run_failure
from langchain_foundry_agents._flow.follow import end, follow, is_there
from langchain_foundry_agents._flow.heads import advance, take
from langchain_foundry_agents._flow.kinds import kept_badly
from langchain_foundry_agents._flow.leaving import leave
from langchain_foundry_agents._flow.progress import Api, Ask, Outcome, Policy, Progress
from langchain_foundry_agents._flow.resume import (
    fork_or_append,
    free,
    leave_if_edited,
    moments,
)
from langchain_foundry_agents._flow.retry import may_pass
from langchain_foundry_agents._flow.statuses import Meaning
from langchain_foundry_agents._flow.wire import STRANGE
from langchain_foundry_agents.errors import (
    ActiveRunError,
    BadRequestError,
    FoundryAgentError,
    NotFoundError,
    ProtocolError,
    RunTimeoutError,
    ServiceConnectionError,
    ServiceError,
    ThreadDivergedError,
    request_id,
)


def begin_turn(ask: Ask, policy: Policy) -> Progress:
    """What is known of a turn before it begins."""
    return Progress(policy, thread_id=ask.thread_id)


def leave_turn(api: Api, progress: Progress) -> Flow[None]:
    """Leave a turn whose own flow can do so no more, as it was interrupted while it worked."""
    return leave(api, progress)


def run_turn(api: Api, ask: Ask, policy: Policy, progress: Progress | None = None) -> Flow[Outcome]:
    """One turn from question to answer.

    Raises:
        FoundryAgentError: With the ids of thread and run, as far as they are known.
    """
    progress = progress or begin_turn(ask, policy)
    try:
        return (yield from _turn(api, ask, progress))
    except OutOfTime:
        error: FoundryAgentError = _too_long(progress)
        _warn(error, api, ask, progress)
        yield from leave(api, progress)
        raise error.about(thread_id=progress.thread_id, run_id=progress.run_id) from None
    except FoundryAgentError as failed:
        _warn(failed, api, ask, progress)
        yield from leave(api, progress)
        raise failed.about(thread_id=progress.thread_id, run_id=progress.run_id)  # noqa: B904
    except Abandoned:
        yield from leave(api, progress)
        raise
    except STRANGE as broken:
        strange = ProtocolError("The service's answer has a form that is not known.")
        _warn(strange, api, ask, progress)
        yield from leave(api, progress)
        raise strange.about(thread_id=progress.thread_id, run_id=progress.run_id) from broken


def _too_long(progress: Progress) -> RunTimeoutError:
    if not progress.waits:
        return RunTimeoutError("The turn took longer than run_timeout allows.")
    return RunTimeoutError(
        "The turn waited longer than run_timeout allows for another turn of this process, which "
        "works on the same thread.",
        remedy="Read that turn to its end, or leave it: a stream that is kept open keeps its "
        "thread. on_active_run='raise' does not wait.",
    )


def _warn(error: FoundryAgentError, api: Api, ask: Ask, progress: Progress) -> None:
    """Say in an error that the question is there, and where another try would double it."""
    told = progress.run_id is not None or (progress.failure and not api.keeps(progress))
    if progress.posted and (
        isinstance(error, ServiceConnectionError | ProtocolError)
        or (isinstance(error, ServiceError) and not told)
    ):
        error.maybe_accepted, error.is_retryable = True, False
    if ask.thread_id and not ask.from_history and api.keeps(progress):
        # A history would go on in a thread of its own; a thread that the caller names stays.
        error.is_retryable = False


def _turn(api: Api, ask: Ask, progress: Progress) -> Flow[Outcome]:
    asked = yield from _begin(api, ask, progress)
    attempts = 1
    while True:
        yield from follow(api, progress)
        if progress.heard.enough:
            yield from end(api, progress)
            break
        error = _failure(progress)
        if error is None:
            break
        # What was handed out cannot be taken back.
        if progress.heard.something or ask.run_id:
            raise error
        asked, again = yield from _another_try(api, ask, asked, progress, error, attempts)
        attempts += 1
        if again is not None:
            yield from _when_free(api, again, progress)
    if progress.policy.file_names:
        yield from _name_files(api, progress)
    forked_from = ask.thread_id if asked.thread_id is None else None
    outcome = Outcome(
        unmarked(progress.run),
        attempts,
        forked_from,
        tuple(progress.earlier),
        request_id=request_id(progress.headers),
    )
    waits = progress.meaning is Meaning.NEEDS_ACTION
    yield from advance(api, ask, progress)
    if progress.policy.cancel_calls and waits:
        yield from end(api, progress)
        waits = False
    if progress.policy.keep_thread or not (progress.created_thread or ask.temporary):
        return outcome
    if waits:
        return replace(outcome, temporary=True)
    return replace(outcome, deleted_thread_id=(yield from _delete(api, progress)))


def _begin(api: Api, ask: Ask, progress: Progress) -> Flow[Ask]:
    """Set the run going; what was asked in the end, which may be in another thread."""
    if ask.run_id is None:
        ask = yield from take(api, leave_if_edited(ask, progress), progress)
        # A run that is taken up was asked already.
        progress.posted = ask.run_id is not None
    if ask.run_id is not None:
        progress.policy = replace(progress.policy, stream=False)
        progress.run = {"id": ask.run_id, "status": "queued"}
        return ask
    left = ask
    if ask.pending is not None:
        rest = yield from api.resume(ask, ask.pending, progress)
        if rest is None:
            return ask
        left = rest
    try:
        yield from _when_free(api, left, progress)
    except (NotFoundError, ThreadDivergedError) as gone:
        left = yield from _elsewhere(api, ask, left, progress, gone)
        yield from api.begin(left, progress)
    return left


def _failure(progress: Progress) -> FoundryAgentError | None:
    """What went wrong with the run; `None` if it gave an answer."""
    something = progress.heard.something
    return progress.failure or run_failure(
        progress.run, something=something, headers=progress.headers
    )


def _another_try(
    api: Api, ask: Ask, asked: Ask, progress: Progress, error: FoundryAgentError, attempts: int
) -> Flow[tuple[Ask, Ask | None]]:
    """What to ask after a run that failed: as if the service had refused the request for it.

    Returns:
        What was asked in the end, and what of it is to be asked again; nothing if the run is there.
    """
    if isinstance(error, NotFoundError | ThreadDivergedError) and not progress.earlier:
        if progress.failure:
            # The run may not know that it failed, and hold its thread.
            yield from end(api, progress)
        first = attempts == 1
        elsewhere = yield from _elsewhere(api, ask, asked, progress, error, first=first)
        _set_aside(api, progress)
        return elsewhere, elsewhere
    if isinstance(error, ActiveRunError):
        moment = next(islice(moments(), attempts - 1, None))
        yield from _make_way(api, progress, moment, error)
    elif not may_pass(error):
        raise error
    else:
        pause = progress.policy.patience.pause(error, attempts)
        if pause is None or (yield pause) is False:
            raise error
    if (yield from is_there(api, progress)):
        return asked, None
    _set_aside(api, progress)
    return asked, api.again(asked, progress)


def _set_aside(api: Api, progress: Progress) -> None:
    """Let another run take the place of the one that failed."""
    progress.posted = api.keeps(progress)
    progress.over.add(str(progress.run_id))
    progress.run, progress.failure = {}, None


def _elsewhere(
    api: Api,
    ask: Ask,
    asked: Ask,
    progress: Progress,
    gone: FoundryAgentError,
    *,
    first: bool = True,
) -> Flow[Ask]:
    """What to ask where the place that the turn goes on in is not what the history says.

    A history begins anew in another place. A place that the caller names is kept to: if it waits
    for answers that nobody has, those are given up.
    """
    if asked.thread_id is None and kept_badly(gone.args[0]):
        # Nothing is kept yet: these are the caller's own messages.
        raise BadRequestError(gone.args[0], code=gone.code, response=gone.response) from gone
    if asked.thread_id is None or _is_agents(gone, api.agent_id):
        raise gone
    if ask.from_history:
        return fork_or_append(ask, progress, gone=gone)
    waits = isinstance(gone, ThreadDivergedError) and first
    given_up = (yield from api.give_up(asked, progress)) if waits else None
    if given_up is None:
        raise gone
    return given_up


def _is_agents(gone: FoundryAgentError, agent_id: str) -> bool:
    """Whether it is the agent that is gone. A new agent's name may be any word."""
    return re.search(rf"""['"`]{re.escape(agent_id)}['"`:]""", gone.args[0]) is not None


def _when_free(api: Api, ask: Ask, progress: Progress) -> Flow[None]:
    """Begin as soon as no other run works on the thread."""
    waits = moments()
    while True:
        try:
            yield from api.begin(ask, progress)
        except ActiveRunError as busy:
            yield from _make_way(api, progress, next(waits), busy)
        else:
            return


def _make_way(api: Api, progress: Progress, moment: float, busy: ActiveRunError) -> Flow[None]:
    """Wait until no other run works on the thread, or cancel it, as the policy says."""
    policy = progress.policy.on_active_run
    if policy == "raise" or progress.thread_id is None:
        raise busy
    yield from free(api, progress, moment, cancel=policy == "cancel")


def _name_files(api: Api, progress: Progress) -> Flow[None]:
    """Tell the names of the cited files. A name that cannot be had spoils no answer."""
    for file_id in progress.files:
        try:
            file = yield from progress.request(api.look_up(file_id))
        except FoundryAgentError:
            continue
        except OutOfTime:
            return
        if isinstance(file.get("filename"), str):
            yield Emit((("file", file),))


def _delete(api: Api, progress: Progress) -> Flow[str | None]:
    """Delete the turn's thread; its id, if that was done."""
    for _ in range(2):
        try:
            yield from progress.request(api.discard(progress))
        except OutOfTime:
            # There is a little more, to tidy up.
            continue
        except FoundryAgentError:
            # The answer is there, and is not to be lost for this.
            return None
        return progress.thread_id
    return None
