"""The two drivers: they perform a flow's effects, one in sync code, one in async code.

Every decision stands in the flow, and what an effect comes to is its world's business. A driver
hands chunks out, and knows how to leave: when the caller is gone, the flow is told so
(`Abandoned`), and its last requests are performed all the same: in async code by a task that nobody
but the driver knows, so that no cancellation of the caller's cuts them.
"""

from __future__ import annotations

import asyncio
import atexit
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, Generic, Protocol, TypeVar
from weakref import WeakKeyDictionary, WeakSet

from langchain_foundry_agents._course import Course
from langchain_foundry_agents._flow.effects import Effect, Emit, Event, Flow, Heard, OutOfTime, Page
from langchain_foundry_agents._transport import Transport, ended, keep
from langchain_foundry_agents._worlds import THEIRS, AsyncWorld, Clock, World
from langchain_foundry_agents.errors import FoundryAgentError, RunTimeoutError
from langchain_foundry_agents.thread_records import LOCAL, ThreadRecord

Chunk = TypeVar("Chunk")
Chunk_co = TypeVar("Chunk_co", covariant=True)
Outcome = TypeVar("Outcome")
Outcome_contra = TypeVar("Outcome_contra", contravariant=True)
Listed = TypeVar("Listed")

_unfinished: WeakKeyDictionary[World, Course[Any]] = WeakKeyDictionary()
_unfinished_async: WeakSet[Chunks[Any]] = WeakSet()
"""Turns that somebody may stop reading, and keep."""


class Fold(Protocol[Outcome_contra, Chunk_co]):
    """What makes chunks of events."""

    @property
    def something(self) -> bool:
        """Whether the answer has any content."""

    @property
    def enough(self) -> bool:
        """Whether no more is wanted."""

    def add(self, events: tuple[Event, ...]) -> Iterable[Chunk_co]:
        """The chunks that these events give."""

    def finish(self, outcome: Outcome_contra) -> Iterable[Chunk_co]:
        """The last chunks."""


def drive(
    flow: Flow[Outcome],
    transport: Transport,
    fold: Fold[Outcome, Chunk],
    seconds: float,
    threads: ThreadRecord = LOCAL,
    leaving: Callable[[], Flow[None]] | None = None,
) -> Generator[Chunk, None, None]:
    """Perform a flow within so many seconds; its chunks as they come.

    Args:
        flow: The flow.
        transport: The way to the service.
        fold: What makes chunks of its events.
        seconds: How long it may take.
        threads: What turns tell each other of threads.
        leaving: Gives the flow that leaves it, where it was interrupted while it worked.
    """
    world, course = World(transport, Clock(seconds), threads), Course(flow, leaving)
    try:
        # Not in the loop alone: CPython looks for the handler of a Ctrl-C that comes with a jump
        # back one instruction before the loop, where nothing may be the try's yet.
        effect = course.next_effect()
        while effect is not None:
            if chunks := _performed(effect, world, course, fold):
                _unfinished[world] = course
                _leave_at_exit()
                yield from chunks
            if isinstance(effect, Emit) and chunks is not None:
                course.give(Heard(fold.something, fold.enough))
            effect = course.next_effect()
        last = fold.finish(course.outcome)
    finally:
        _leave(world, course)
    yield from last


def _performed(
    effect: Effect, world: World, course: Course[Any], fold: Fold[Any, Chunk]
) -> Sequence[Chunk] | None:
    """Perform an effect; the chunks that it gives, if it is to emit and that did not fail."""
    try:
        if isinstance(effect, Emit):
            return [*fold.add(effect.events)]
        course.give(world.perform(effect))
    except (FoundryAgentError, OutOfTime) as error:
        if isinstance(effect, THEIRS) and not isinstance(error, OutOfTime):
            raise
        course.fail(error)
    return None


def _leave(world: World, course: Course[Any]) -> None:
    """Leave a turn that is not at its end, and let go of what it holds."""
    _unfinished.pop(world, None)
    try:
        world.leave(course)
    finally:
        world.end()


@cache
def _leave_at_exit() -> None:
    """See to it that streams which are open when the interpreter exits cancel their runs.

    It is called after a turn's first request, so before its pool is closed: what is registered last
    comes first.
    """
    atexit.register(_leave_all)


def _leave_all() -> None:
    # What goes wrong now helps nobody, and what works in another thread cannot be left from here.
    for world, course in [*_unfinished.items()]:
        with suppress(Exception):
            _leave(world, course)
    for chunks in [*_unfinished_async]:
        with suppress(Exception):
            chunks.leave_at_exit()


def adrive(
    flow: Flow[Outcome],
    transport: Transport,
    fold: Fold[Outcome, Chunk],
    seconds: float,
    threads: ThreadRecord = LOCAL,
    leaving: Callable[[], Flow[None]] | None = None,
) -> Chunks[Chunk]:
    """As `drive`."""
    course = Course(flow, leaving)
    return Chunks(course, fold, lambda: AsyncWorld(transport, Clock(seconds), threads))


class Chunks(AsyncIterator[Chunk]):
    """The chunks of a turn, whose work is done by a task for each time that somebody waits.

    Who is cancelled while he waits interrupts that task, once, and waits until it has tidied up.
    Who is cancelled again, as by anyio, goes at once, and the task ends without him.

    Args:
        course: The turn's flow.
        fold: What makes chunks of its events.
        make_world: Makes the world that it is performed in, once a loop runs.
    """

    def __init__(
        self,
        course: Course[Outcome],
        fold: Fold[Outcome, Chunk],
        make_world: Callable[[], AsyncWorld],
    ) -> None:
        self._course = course
        self._fold: Fold[Any, Chunk] = fold
        self._make_world = make_world
        self._world: AsyncWorld | None = None
        self._task: asyncio.Task[list[Chunk]] | None = None
        self._ready: deque[Chunk] = deque()
        self._over = False

    async def __anext__(self) -> Chunk:
        """The next one."""
        while not self._ready:
            if self._over:
                raise StopAsyncIteration
            self._ready.extend(await self._wait())
        return self._ready.popleft()

    async def aclose(self) -> None:
        """Leave the turn."""
        if task := self._leave():
            await ended(task)

    def leave_at_exit(self) -> None:
        """Leave the turn, if no loop works on it."""
        if self._world and not self._over and not self._world.loop.is_running():
            self._over = True
            self._world.leave_behind(self._course, at_exit=True)

    def __del__(self) -> None:
        self._drop()

    def _drop(self) -> None:
        """Leave a turn that nobody reads any more. This may be any thread."""
        if self._world is None or self._over:
            return
        if self._world.loop.is_closed():
            self._leave()
        else:
            # It may be closed in this moment.
            with suppress(RuntimeError):
                self._world.loop.call_soon_threadsafe(self._leave)

    async def _wait(self) -> list[Chunk]:
        if self._world is None:
            self._world = self._make_world()
        task = self._task = self._world.loop.create_task(self._work(self._world))
        try:
            await ended(task)
        except asyncio.CancelledError:
            self._leave()
            await ended(task)
            raise
        except GeneratorExit:
            self._drop()
            raise
        if task.cancelled() and self._over:
            # It was closed from elsewhere.
            return []
        self._over = self._over or self._course.over or task.cancelled() or bool(task.exception())
        return task.result()

    def _leave(self) -> asyncio.Task[Any] | None:
        """Leave the turn, if it is not over; the task that does so."""
        world, task = self._world, self._task
        over, self._over = self._over, True
        self._ready.clear()
        if world is None or over:
            return task if task and not task.done() else None
        if world.loop.is_closed():
            world.leave_behind(self._course)
            return None
        if task is None or task.done():
            task = self._task = world.loop.create_task(self._tidy(world))
        world.interrupt()
        keep(task)
        return task

    async def _work(self, world: AsyncWorld) -> list[Chunk]:
        """Go on until there are chunks, or to the end."""
        try:
            while (effect := self._course.next_effect()) is not None:
                if chunks := await self._performed(effect, world):
                    _unfinished_async.add(self)
                    _leave_at_exit()
                    return chunks
            last = [*self._fold.finish(self._course.outcome)]
        except BaseException:
            await self._tidy(world)
            raise
        await world.end()
        return last

    async def _performed(self, effect: Effect, world: AsyncWorld) -> list[Chunk]:
        """Perform an effect; the chunks that it gives."""
        chunks: list[Chunk] = []
        try:
            if isinstance(effect, Emit):
                chunks += self._fold.add(effect.events)
                self._course.give(Heard(self._fold.something, self._fold.enough))
            else:
                self._course.give(await world.perform(effect))
        except (FoundryAgentError, OutOfTime) as error:
            if isinstance(effect, THEIRS) and not isinstance(error, OutOfTime):
                raise
            self._course.fail(error)
        return chunks

    async def _tidy(self, world: AsyncWorld) -> list[Chunk]:
        try:
            await world.leave(self._course)
        finally:
            await world.end()
        return []


def perform(flow: Flow[Outcome], transport: Transport, seconds: float) -> Outcome:
    """Perform a flow that emits nothing; what it comes to.

    Raises:
        RunTimeoutError: It took too long.
    """
    try:
        (outcome,) = drive(flow, transport, _Silence[Outcome](), seconds)
    except OutOfTime:
        raise _too_long(seconds) from None
    return outcome


async def aperform(flow: Flow[Outcome], transport: Transport, seconds: float) -> Outcome:
    """As `perform`."""
    told = adrive(flow, transport, _Silence[Outcome](), seconds)
    try:
        (outcome,) = [outcome async for outcome in told]
    except OutOfTime:
        raise _too_long(seconds) from None
    return outcome


def pages(
    page_after: Callable[[str | None], Flow[Page[Listed]]], transport: Transport, seconds: float
) -> Iterator[Listed]:
    """What a list holds, page by page as it is asked for."""
    after: str | None = None
    while True:
        found, after = perform(page_after(after), transport, seconds)
        yield from found
        if after is None:
            return


async def apages(
    page_after: Callable[[str | None], Flow[Page[Listed]]], transport: Transport, seconds: float
) -> AsyncIterator[Listed]:
    """As `pages`."""
    after: str | None = None
    while True:
        found, after = await aperform(page_after(after), transport, seconds)
        for one in found:
            yield one
        if after is None:
            return


def _too_long(seconds: float) -> RunTimeoutError:
    return RunTimeoutError(f"This took longer than {seconds:g} seconds.", remedy="Ask again.")


class _Silence(Generic[Outcome]):
    """The fold of a flow that emits nothing."""

    something = False
    enough = False

    def add(self, events: tuple[Event, ...]) -> Iterable[Outcome]:
        return ()

    def finish(self, outcome: Outcome) -> Iterable[Outcome]:
        return (outcome,)
