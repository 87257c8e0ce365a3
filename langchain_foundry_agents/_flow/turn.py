"""One turn: ask, listen or watch until the run ends, give the answer or raise. Shared by both APIs.

The rules of this room: a turn that has started a run and does not bring it to its end cancels it,
whatever the reason; a thread that the turn created and could not use is deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from langchain_foundry_agents._flow.effects import (
    JSON,
    NOTHING,
    Abandoned,
    Emit,
    Event,
    Flow,
    Heard,
    Open,
    OutOfTime,
    Pause,
    Read,
    Send,
)
from langchain_foundry_agents._flow.failures import error_event, run_failure
from langchain_foundry_agents._flow.retry import Patience, attempt, may_pass
from langchain_foundry_agents._flow.statuses import Meaning, holds_thread, meaning
from langchain_foundry_agents._flow.wire import check_stream, read_events, read_object
from langchain_foundry_agents.errors import (
    FoundryAgentError,
    NotFoundError,
    ProtocolError,
    RunTimeoutError,
    ThreadDivergedError,
)

_FIRST_LOOK = 0.05
_LOOKS_GROW_BY = 1.5
_LONGEST_BETWEEN_LOOKS = 2.0


@dataclass(frozen=True, slots=True)
class Ask:
    """What a turn brings to the service, in the service's own form of messages."""

    new: tuple[JSON, ...]
    """What the thread does not hold yet."""
    whole: Callable[[], tuple[JSON, ...]]
    """Gives the whole history, for a thread that has to begin anew."""
    thread_id: str | None = None
    from_history: bool = False
    """The thread was read from the history, so that a thread that is gone can be replaced."""
    instructions: str | None = None
    """The history's system messages: instructions of this run beside the agent's own."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How a turn is done."""

    stream: bool = True
    on_divergence: str = "fork"
    patience: Patience = field(default_factory=Patience)


@dataclass(slots=True)
class Progress:
    """What is known of a turn so far."""

    policy: Policy
    thread_id: str | None = None
    run: JSON = field(default_factory=dict)
    created_thread: bool = False
    heard: Heard = NOTHING

    @property
    def run_id(self) -> str | None:
        """The run's id, once the service has named it."""
        return self.run.get("id")

    def request(self, effect: Send) -> Flow[JSON]:
        """Perform a request, with retries; its answer's JSON object."""
        return read_object((yield from attempt(effect, self.policy.patience)))

    def start(self, effect: Send | Open) -> Flow[None]:
        """Perform the request that creates the run."""
        response = yield from attempt(effect, self.policy.patience)
        if isinstance(effect, Open):
            check_stream(response)
        else:
            self.run = read_object(response)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a turn ended well. Everything that it said was emitted before."""

    run: JSON
    attempts: int = 1
    forked_from: str | None = None


class Api(Protocol):
    """What an API of the service has to tell a turn: its requests, and what its events mean."""

    @property
    def agent_id(self) -> str:
        """The agent that is asked."""

    def begin(self, ask: Ask, progress: Progress) -> Flow[None]:
        """Bring the messages to the service and create the run."""

    def note(self, events: tuple[Event, ...], progress: Progress) -> None:
        """Note the run and the thread that events tell of."""

    def look(self, progress: Progress) -> Send:
        """Ask for the run as it is now."""

    def answer(self, progress: Progress) -> Flow[tuple[Event, ...]]:
        """What a finished run wrote, as the events that a stream would have brought."""

    def cancel(self, progress: Progress) -> Send:
        """Cancel the run."""

    def discard(self, progress: Progress) -> Send:
        """Delete the thread that this turn created."""


def run_turn(api: Api, ask: Ask, policy: Policy) -> Flow[Outcome]:
    """One turn from question to answer.

    Raises:
        FoundryAgentError: With the ids of thread and run, as far as they are known.
    """
    progress = Progress(policy, thread_id=ask.thread_id)
    try:
        return (yield from _turn(api, ask, progress))
    except OutOfTime:
        yield from _leave(api, progress)
        error = RunTimeoutError("The turn took longer than run_timeout allows.")
        raise error.about(thread_id=progress.thread_id, run_id=progress.run_id) from None
    except FoundryAgentError as error:
        yield from _leave(api, progress)
        raise error.about(thread_id=progress.thread_id, run_id=progress.run_id)  # noqa: B904
    except Abandoned:
        yield from _leave(api, progress)
        raise


def _turn(api: Api, ask: Ask, progress: Progress) -> Flow[Outcome]:
    patience = progress.policy.patience
    forked_from = yield from _begin(api, ask, progress)
    attempts = 1
    while True:
        yield from (_listen if progress.policy.stream else _watch)(api, progress)
        if progress.heard.enough:
            yield from _cut(api, progress)
            break
        error = run_failure(progress.run, something=progress.heard.something)
        if error is None:
            break
        # The thread holds the question already; what was handed out cannot be taken back.
        passing = may_pass(error) and not progress.heard.something
        pause = patience.pause(error, attempts) if passing else None
        if pause is None:
            raise error
        yield pause
        attempts += 1
        progress.run = {}
        yield from api.begin(replace(ask, new=(), thread_id=progress.thread_id), progress)
    return Outcome(progress.run, attempts, forked_from)


def _begin(api: Api, ask: Ask, progress: Progress) -> Flow[str | None]:
    """Create the run; the thread that was left behind if the history's own is gone."""
    try:
        yield from api.begin(ask, progress)
    except NotFoundError as gone:
        if not ask.from_history or ask.thread_id is None or api.agent_id in gone.args[0]:
            raise
        if progress.policy.on_divergence != "fork":
            message = "The thread that the history goes on in does not exist any more."
            raise ThreadDivergedError(message, response=gone.response) from gone
    else:
        return None
    progress.thread_id = None
    yield from api.begin(replace(ask, new=ask.whole(), thread_id=None), progress)
    return ask.thread_id


def _listen(api: Api, progress: Progress) -> Flow[None]:
    """Hand on the stream's events until it ends, or the caller has enough."""
    while (batch := (yield Read())) is not None:
        events = read_events(batch)
        broken_at = next((i for i, (name, _) in enumerate(events) if name == "error"), None)
        good = events[:broken_at]
        api.note(good, progress)
        if good:
            progress.heard = yield Emit(good)
        if progress.heard.enough:
            return
        if broken_at is not None:
            raise error_event(events[broken_at][1])
    if not progress.run or meaning(progress.run.get("status")) is Meaning.WORKING:
        raise ProtocolError("The stream ended before the run did.")


def _watch(api: Api, progress: Progress) -> Flow[None]:
    """Look at the run until it ends, then hand on what it wrote."""
    wait = _FIRST_LOOK
    api.note((("", progress.run),), progress)
    while meaning(progress.run.get("status")) is Meaning.WORKING:
        yield Pause(wait / 2, wait)
        wait = min(wait * _LOOKS_GROW_BY, _LONGEST_BETWEEN_LOOKS)
        newest = yield from progress.request(api.look(progress))
        if newest.get("id") != progress.run_id:
            raise ProtocolError("The service was asked for the run and answered something else.")
        progress.run = newest
    if meaning(progress.run.get("status")) in {Meaning.ANSWERED, Meaning.CUT_SHORT}:
        progress.heard = yield Emit((yield from api.answer(progress)))


def _cut(api: Api, progress: Progress) -> Flow[None]:
    """Cancel a run whose answer is enough as it is."""
    if holds_thread(progress.run.get("status")):
        try:
            progress.run = yield from progress.request(api.cancel(progress))
        except FoundryAgentError:
            # The answer is whole, and may have ended the run in the same moment.
            return


def _leave(api: Api, progress: Progress) -> Flow[None]:
    """Cancel the run if it holds its thread; delete the thread if it never got a run."""
    if progress.run_id:
        tidy = api.cancel(progress) if holds_thread(progress.run.get("status")) else None
    else:
        tidy = api.discard(progress) if progress.created_thread else None
    if tidy is None:
        return
    try:
        yield tidy
    except (FoundryAgentError, OutOfTime):
        # The error that made us leave is the one to tell.
        return
    except Abandoned:
        # The caller's leaving cut it off.
        yield tidy
        raise
