"""What a flow may ask of the world.

A flow is a generator: it yields an effect and is sent the effect's result, or has an error thrown
in. Two drivers perform effects, one sync and one async; a test can be a third one.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

JSON = dict[str, Any]
Query = tuple[tuple[str, str], ...]
Event = tuple[str, JSON]
"""An event of the service: its name, and its data."""
ANEW = -1.0
"""For `Send.fresh_for`: no earlier answer will do, and this one is kept in its place."""
Result = TypeVar("Result")
Page = tuple[list[Result], str | None]
"""A page of a list, and what the next one comes after; `None` if this is the last one."""


@dataclass(frozen=True, slots=True)
class Send:
    """One request with a whole answer. Result: `errors.Response`, whatever its status."""

    method: str
    path: str
    body: JSON | None = None
    query: Query = ()
    repeatable: bool = False
    """Whether doing it twice is the same as doing it once."""
    fresh_for: float = 0.0
    """Seconds for which an earlier answer to the same request will do."""
    file: tuple[str, bytes, str] | None = None
    """A file's name, content and media type, sent with the body as a form."""


@dataclass(frozen=True, slots=True)
class Open:
    """One request whose answer streams.

    Result: `errors.Response`; its `text` is set if the answer is no stream.
    """

    path: str
    body: JSON | None
    query: Query = ()
    method: str = "POST"
    repeatable: bool = False
    """Whether doing it twice is the same as doing it once."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request whose answer is a file. Result: `errors.Response`; the content is written."""

    path: str
    query: Query
    write: Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Read:
    """The open stream's next events.

    Result: `(name, data)` texts, as many as one network read brought; `None` at the end.
    """


@dataclass(frozen=True, slots=True)
class Renew:
    """Get another token: the service did not take this one. Result: `False` if there is none."""

    claims: str | None = None
    """What the service wants a new token to hold (Continuous Access Evaluation)."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait for a random time between two bounds, in seconds: callers come back one by one.

    Result: `None`; `False`, without a wait, if it is a retry and there were too many.
    """

    at_least: float
    at_most: float
    is_retry: bool = field(default=False, compare=False)
    """Something failed that is to be tried again."""
    holds_quota: bool = field(default=False, compare=False)
    """The service wants nothing until then of any caller who shares the quota."""


@dataclass(frozen=True, slots=True)
class Decide:
    """Ask a function of the caller's, sync or async, about one thing. Result: what it says."""

    decide: Callable[[JSON], Any]
    about: JSON


@dataclass(frozen=True, slots=True)
class Claim:
    """Go on in a thread after one of its turns. Result: whether no turn did so before.

    `None`: none that this process knows of, as it did not make that turn.
    """

    thread_id: str
    after: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep other turns from a thread, until this one is over. Result: whether none is there."""

    thread_id: str


@dataclass(frozen=True, slots=True)
class Advance:
    """Say that a thread ends in this turn now. Result: `None`, also where that fails."""

    thread_id: str
    turn: str
    closed: bool = False
    """Nothing is to go on after it: the place may not have it."""


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Undo a claim. Result: `None`, also where that fails."""

    thread_id: str
    after: str


@dataclass(frozen=True, slots=True)
class LetGo:
    """Let other turns to the thread that this one holds. Result: `None`, also where that fails."""


@dataclass(frozen=True, slots=True)
class Emit:
    """Events for the caller. Result: `Heard`."""

    events: tuple[Event, ...]


class Heard(NamedTuple):
    """What the caller made of the events so far."""

    something: bool
    """Content was handed out."""
    enough: bool = False
    """No more is wanted (a stop sequence came)."""


NOTHING = Heard(something=False)


class Abandoned(BaseException):
    """Thrown into a flow whose caller is gone. The flow tidies up and lets it pass.

    Args:
        begun: Whether the request in whose place it comes may have been sent.
    """

    def __init__(self, *, begun: bool = True) -> None:
        super().__init__()
        self.begun = begun


class OutOfTime(Exception):  # noqa: N818
    """Thrown into a flow whose time is over. The flow tidies up and raises its own error.

    Args:
        begun: Whether the request in whose place it comes may have been sent.
    """

    def __init__(self, *, begun: bool = True) -> None:
        super().__init__()
        self.begun = begun


Effect = (
    Send
    | Open
    | Fetch
    | Read
    | Renew
    | Pause
    | Decide
    | Claim
    | GiveBack
    | Hold
    | LetGo
    | Advance
    | Emit
)
Flow = Generator[Effect, Any, Result]
