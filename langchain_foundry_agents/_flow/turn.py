"""One turn: ask, follow the run until it rests, give the answer or raise. Shared by both APIs.

The rules of this room: a turn that has set a run going and does not bring it to its end cancels it,
whatever the reason; a thread that the turn created and could not use is deleted.
"""

from __future__ import annotations

import re
from dataclasses import replace

from langchain_foundry_agents._flow.effects import Abandoned, Emit, Flow, OutOfTime
from langchain_foundry_agents._flow.failures import run_failure
from langchain_foundry_agents._flow.follow import end, follow
from langchain_foundry_agents._flow.heads import advance, claim, hold
from langchain_foundry_agents._flow.leaving import leave
from langchain_foundry_agents._flow.progress import Api, Ask, Outcome, Policy, Progress
from langchain_foundry_agents._flow.resume import fork_or_append, free, moments
from langchain_foundry_agents._flow.retry import may_pass
from langchain_foundry_agents._flow.statuses import Meaning
from langchain_foundry_agents._flow.wire import STRANGE
from langchain_foundry_agents.errors import (
    ActiveRunError,
    FoundryAgentError,
    NotFoundError,
    ProtocolError,
    RunTimeoutError,
    ServiceConnectionError,
    ServiceError,
    ThreadDivergedError,
)


def run_turn(api: Api, ask: Ask, policy: Policy) -> Flow[Outcome]:
    """One turn from question to answer.

    Raises:
        FoundryAgentError: With the ids of thread and run, as far as they are known.
    """
    progress = Progress(policy, thread_id=ask.thread_id)
    try:
        return (yield from _turn(api, ask, progress))
    except OutOfTime:
        error: FoundryAgentError = RunTimeoutError("The turn took longer than run_timeout allows.")
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


def _warn(error: FoundryAgentError, api: Api, ask: Ask, progress: Progress) -> None:
    """Say in an error that the question is there, and where another try would double it."""
    told = progress.run_id is not None
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
        error = run_failure(progress.run, something=progress.heard.something)
        if error is None:
            break
        # What was handed out cannot be taken back.
        passing = may_pass(error) and not (progress.heard.something or ask.run_id)
        pause = progress.policy.patience.pause(error, attempts) if passing else None
        if pause is None or (yield pause) is False:
            raise error
        attempts += 1
        progress.over.add(str(progress.run_id))
        progress.run = {}
        yield from _when_free(api, api.again(asked, progress), progress)
    if progress.policy.file_names:
        yield from _name_files(api, progress)
    forked_from = ask.thread_id if asked.thread_id is None else None
    outcome = Outcome(progress.run, attempts, forked_from, tuple(progress.earlier))
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
    if ask.run_id is not None:
        progress.run = {"id": ask.run_id, "status": "queued"}
        return ask
    ask = yield from claim(api, ask, progress)
    yield from hold(ask, progress)
    left = ask
    if ask.pending is not None:
        rest = yield from api.resume(ask, ask.pending, progress)
        if rest is None:
            return ask
        left = rest
    try:
        yield from _when_free(api, left, progress)
    except (NotFoundError, ThreadDivergedError) as gone:
        if left.thread_id is None or not ask.from_history or _is_agents(gone, api.agent_id):
            raise
        left = fork_or_append(ask, progress, gone=gone)
        yield from api.begin(left, progress)
    return left


def _is_agents(gone: FoundryAgentError, agent_id: str) -> bool:
    """Whether it is the agent that is gone. A new agent's name may be any word."""
    return re.search(rf"""['"`]{re.escape(agent_id)}['"`:]""", gone.args[0]) is not None


def _when_free(api: Api, ask: Ask, progress: Progress) -> Flow[None]:
    """Begin as soon as no other run works on the thread."""
    waits = moments()
    while True:
        try:
            yield from api.begin(ask, progress)
        except ActiveRunError:
            policy = progress.policy.on_active_run
            if policy == "raise" or progress.thread_id is None:
                raise
            yield from free(api, progress, next(waits), cancel=policy == "cancel")
        else:
            return


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
