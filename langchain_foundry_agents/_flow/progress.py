"""What a turn brings, what it may do, what is known of it, and what an API has to tell it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from langchain_foundry_agents._flow.actions import Pending
from langchain_foundry_agents._flow.effects import (
    JSON,
    NOTHING,
    Abandoned,
    Event,
    Flow,
    Heard,
    Open,
    OutOfTime,
    Send,
)
from langchain_foundry_agents._flow.retry import Patience, attempt, not_taken
from langchain_foundry_agents._flow.statuses import Meaning, meaning
from langchain_foundry_agents._flow.wire import check_stream, read_object
from langchain_foundry_agents.errors import FoundryAgentError, Response

Created = TypeVar("Created")


@dataclass(frozen=True, slots=True)
class Ask:
    """What a turn brings to the service, in the service's own form of messages."""

    new: tuple[JSON, ...]
    """What the thread does not hold yet."""
    whole: Callable[[], tuple[JSON, ...]]
    """Gives the whole history, for a thread that has to begin anew."""
    thread_id: str | None = None
    """What to go on in: a thread, a conversation, or the response that the turn follows."""
    from_history: bool = False
    """The thread was read from the history, so that another may take its place."""
    edited: str | None = None
    """How the history's past differs from what the thread holds."""
    question: str | None = None
    """Tells what the turn asks, with all that came before, from all else: its key's end."""
    instructions: str | None = None
    """The history's system messages: instructions of this run beside the agent's own."""
    instructed: bool = False
    """What the turn goes on in holds these instructions already."""
    run_id: str | None = None
    """A run to take up, in place of asking."""
    after: str | None = None
    """The turn that the history ends in, by its key."""
    alone: bool = False
    """Only one turn at a time can go on there."""
    temporary: bool = False
    """The thread is to be deleted with the turn's answer."""
    pending: Pending | None = None
    """Calls that a run in this thread may be waiting for."""
    losses: Callable[[], tuple[str, ...]] = tuple
    """Names what the whole history cannot tell a thread that begins anew."""
    late: Callable[[], tuple[JSON, ...]] = tuple
    """Gives those calls and what came after as messages, for when no run waits any more."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How a turn is done."""

    stream: bool = True
    on_active_run: str = "wait"
    on_divergence: str = "fork"
    edited_history: str = "fork"
    mcp_approval: str | Callable[[JSON], Any] = "surface"
    check_thread: bool = False
    """Ask the service whether the history is the thread's latest state."""
    keep_thread: bool = True
    """Keep a thread that the turn created."""
    file_names: bool = False
    """Look up the names of cited files."""
    cancel_calls: bool = False
    """Cancel a run that waits for outputs, as none will come."""
    patience: Patience = field(default_factory=Patience)


@dataclass(slots=True)
class Progress:
    """What is known of a turn so far."""

    policy: Policy
    thread_id: str | None = None
    run: JSON = field(default_factory=dict)
    created_thread: bool = False
    claimed: str | None = None
    """The turn that this one claimed to go on after."""
    waits: bool = False
    """Another turn of this process works on the thread, and this one waits for it."""
    posted: bool = False
    """Something of this turn may be in the thread."""
    unheard: bool = False
    """A run may have been set going that was not heard of, and not looked for."""
    over: set[str] = field(default_factory=set)
    """Ids of the turn's runs that another one took the place of."""
    heard: Heard = NOTHING
    given: Pending | None = None
    """What this turn answered last, of itself."""
    answered: frozenset[str] = frozenset()
    """Calls of the run that this turn answered."""
    files: dict[str, None] = field(default_factory=dict)
    """Ids of files that the answer cites, in order."""
    items: dict[Hashable, JSON] = field(default_factory=dict)
    """Items of the response that are done, by their calls or places."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Those that the stream opened with: they may say when to ask again."""
    failure: FoundryAgentError | None = None
    """What an `error` event told of the run. The run's own state may not say it, or not yet."""
    sequence: int | None = None
    """The number of the stream's last event, where events have one."""
    earlier: list[JSON] = field(default_factory=list)
    """Runs of this turn that ended before, and that another one went on from."""

    @property
    def run_id(self) -> str | None:
        """The run's id, once the service has named it."""
        return self.run.get("id")

    @property
    def meaning(self) -> Meaning:
        """What the run's status means."""
        return meaning(self.run.get("status"))

    def request(self, effect: Send) -> Flow[JSON]:
        """Perform a request, with retries; its answer's JSON object."""
        return read_object((yield from attempt(effect, self.policy.patience)))

    def post(self, effect: Send | Open) -> Flow[Response]:
        """Perform a request that brings something of this turn to the thread."""
        before, self.posted = self.posted, True
        try:
            return (yield from attempt(effect, self.policy.patience))
        except FoundryAgentError as error:
            self.posted = before or not not_taken(error)
            raise
        except (Abandoned, OutOfTime) as left:
            self.posted = before or left.begun
            raise

    def creating(self, asking: Flow[Created]) -> Flow[Created]:
        """Perform what may create something that is not heard of."""
        before, self.unheard = self.unheard, True
        try:
            return (yield from asking)
        except FoundryAgentError as error:
            self.unheard = not not_taken(error)
            raise
        except (Abandoned, OutOfTime) as left:
            self.unheard = before or left.begun
            raise

    def start(self, effect: Send | Open) -> Flow[JSON]:
        """Perform the request that sets the run going; the run, which a stream tells later."""
        response = yield from self.creating(self.post(effect))
        self.headers = response.headers
        if isinstance(effect, Open):
            check_stream(response)
            return {}
        return read_object(response)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a turn ended well. Everything that it said was emitted before."""

    run: JSON
    attempts: int = 1
    forked_from: str | None = None
    earlier: tuple[JSON, ...] = ()
    """Runs of the turn that this one went on from."""
    temporary: bool = False
    """The thread is to be deleted once its calls are answered."""
    deleted_thread_id: str | None = None
    """The thread that the turn created and deleted."""
    request_id: str | None = None
    """The service's id of the request that brought the run, or its stream."""


class Api(Protocol):
    """What an API of the service has to tell a turn: its requests, and what its events mean."""

    @property
    def agent_id(self) -> str:
        """The agent that is asked."""

    @property
    def goes_on(self) -> bool:
        """Whether a run goes on if nobody listens."""

    @property
    def ends_early(self) -> bool:
        """Whether a run may be ended once the caller has enough, and its thread goes on."""

    @property
    def shows_late(self) -> bool:
        """Whether a look may not find a run before it is over."""

    def resume(self, ask: Ask, pending: Pending, progress: Progress) -> Flow[Ask | None]:
        """Deal with the calls that the history ends in; what is left to ask, if anything is."""

    def begin(self, ask: Ask, progress: Progress) -> Flow[None]:
        """Bring the messages to the service and create the run."""

    def again(self, ask: Ask, progress: Progress) -> Ask:
        """What to ask once more after a run that failed for a passing reason."""

    def give_up(self, ask: Ask, progress: Progress) -> Flow[Ask | None]:
        """What to ask of a thread that waits for answers which nobody has: with its calls given up.

        `None` if it waits for none, or if that is not how it is told.
        """

    def submit(self, pending: Pending, progress: Progress, *, stream: bool) -> Flow[None]:
        """Answer the calls that the run waits for."""

    def find(self, progress: Progress) -> Flow[JSON | None]:
        """This turn's run, if the service took it and never named it; else empty.

        `None` where nothing can tell it from others.
        """

    def newest_run(self, progress: Progress) -> Flow[JSON]:
        """The thread's newest run; empty if it has none."""

    def note(self, events: tuple[Event, ...], progress: Progress) -> tuple[Event, ...]:
        """Note the run, the thread and the cited files that events tell of; the run's events."""

    def find_answer(self, progress: Progress) -> Flow[JSON] | None:
        """Where a run at work never comes to rest: find what it wrote. `None` if one can wait.

        Raises:
            ProtocolError: It wrote nothing.
        """

    def look(self, progress: Progress) -> Send | None:
        """Ask for the run as it is now; `None` if the service does not keep it."""

    def reopen(self, progress: Progress) -> Open | None:
        """Ask for the rest of a stream that broke off; `None` if there is no such request."""

    def answer(self, progress: Progress) -> Flow[tuple[Event, ...]]:
        """What a run wrote and did, as the events that a stream would have brought."""

    def look_up(self, file_id: str) -> Send:
        """Ask for a file's name and size."""

    def cancel(self, progress: Progress) -> Send | None:
        """Cancel the run, unless it holds nothing; to close its stream may be enough."""

    def keeps(self, progress: Progress) -> bool:
        """Whether the thread may keep something of a turn that failed."""

    def discard(self, progress: Progress) -> Send:
        """Delete the thread that this turn created."""
