"""The two drivers: they perform a flow's effects, one in sync code, one in async code.

Every decision stands in the flow. A driver knows the clock, the open stream and how to leave: when
the caller is gone, the flow is told so (`Abandoned`), and its last requests are performed all the
same, within `GRACE` seconds.
"""

from __future__ import annotations

import asyncio
import inspect
import random
import time
from collections.abc import AsyncGenerator, Coroutine, Generator, Iterable
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar

from langchain_foundry_agents._flow.effects import (
    Abandoned,
    Decide,
    Effect,
    Emit,
    Event,
    Fetch,
    Flow,
    Heard,
    Open,
    OutOfTime,
    Pause,
    Read,
    Renew,
    Send,
)
from langchain_foundry_agents._transport import AsyncStream, Stream, Transport, see_off
from langchain_foundry_agents.errors import (
    FoundryAgentError,
    InvalidFieldError,
    ServiceConnectionError,
)

GRACE = 5.0
"""Seconds that the last requests of a turn that is left may take."""

Chunk = TypeVar("Chunk")
Chunk_co = TypeVar("Chunk_co", covariant=True)
Outcome = TypeVar("Outcome")
Outcome_contra = TypeVar("Outcome_contra", contravariant=True)


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
    flow: Flow[Outcome], transport: Transport, fold: Fold[Outcome, Chunk], seconds: float
) -> Generator[Chunk, None, None]:
    """Perform a flow within so many seconds; its chunks as they come."""
    world = _World(transport, _Clock(seconds))
    try:
        effect = next(flow)
        while True:
            try:
                if isinstance(effect, Emit):
                    yield from fold.add(effect.events)
                    result: Any = Heard(fold.something, fold.enough)
                else:
                    result = world.perform(effect)
            except (FoundryAgentError, OutOfTime) as error:
                effect = flow.throw(error)
            except BaseException:
                world.leave(flow)
                raise
            else:
                effect = flow.send(result)
    except StopIteration as end:
        yield from fold.finish(end.value)
    finally:
        world.close()


async def adrive(
    flow: Flow[Outcome], transport: Transport, fold: Fold[Outcome, Chunk], seconds: float
) -> AsyncGenerator[Chunk, None]:
    """As `drive`."""
    world = _AsyncWorld(transport, _Clock(seconds))
    try:
        effect = next(flow)
        while True:
            try:
                if isinstance(effect, Emit):
                    for chunk in fold.add(effect.events):
                        yield chunk
                    result: Any = Heard(fold.something, fold.enough)
                else:
                    result = await world.perform(effect)
            except (FoundryAgentError, OutOfTime) as error:
                effect = flow.throw(error)
            except BaseException:
                await _to_its_end(world.leave(flow))
                raise
            else:
                effect = flow.send(result)
    except StopIteration as end:
        for chunk in fold.finish(end.value):
            yield chunk
    finally:
        await world.close()


def perform(flow: Flow[Outcome], transport: Transport, seconds: float) -> Outcome:
    """Perform a flow that emits nothing; what it comes to."""
    (outcome,) = drive(flow, transport, _Silence[Outcome](), seconds)
    return outcome


async def aperform(flow: Flow[Outcome], transport: Transport, seconds: float) -> Outcome:
    """As `perform`."""
    told = adrive(flow, transport, _Silence[Outcome](), seconds)
    (outcome,) = [outcome async for outcome in told]
    return outcome


class _Silence(Generic[Outcome]):
    """The fold of a flow that emits nothing."""

    something = False
    enough = False

    def add(self, events: tuple[Event, ...]) -> Iterable[Outcome]:
        return ()

    def finish(self, outcome: Outcome) -> Iterable[Outcome]:
        return (outcome,)


class _Clock:
    """The time that a turn has left."""

    def __init__(self, seconds: float) -> None:
        self.grant(seconds)

    def grant(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        return max(self._end - time.monotonic(), 0.0)

    def check(self) -> float:
        """What is left; past the end `OutOfTime`, once, with time to tidy up."""
        if left := self.left():
            return left
        self.grant(GRACE)
        raise OutOfTime

    def pause(self, effect: Pause) -> float:
        """How long to wait; the end of the turn ends a wait too."""
        wait = random.uniform(effect.at_least, effect.at_most)  # noqa: S311
        return min(wait, self.left())


class _World:
    """Performs the effects of one turn, in sync code."""

    def __init__(self, transport: Transport, clock: _Clock) -> None:
        self._transport = transport
        self._clock = clock
        self._stream: Stream | None = None

    def perform(self, effect: Effect) -> Any:
        left = self._clock.check()
        if not isinstance(effect, Read):
            # A connection that is read no more is free for what follows.
            self.close()
        try:
            return self._perform(effect, left)
        except ServiceConnectionError:
            # The requests' own timeouts are capped by the turn's: it may have been that one.
            self._clock.check()
            raise

    def _perform(self, effect: Effect, left: float) -> Any:
        match effect:
            case Read():
                return self._stream.read() if self._stream else None
            case Send(method, path, body, query, fresh_for=fresh_for, file=file):
                wanted = (method, path, body, query, file)
                return self._transport.send(*wanted, left, fresh_for)
            case Open(path, body, query, method):
                response, self._stream = self._transport.open(method, path, body, query, left)
                return response
            case Fetch(path, query, write):
                return self._transport.fetch(path, query, write, left)
            case Decide(decide, about):
                return _said_at_once(decide(about))
            case Pause():
                time.sleep(self._clock.pause(effect))
            case Renew():
                self._transport.tokens.forget()
        return None

    def leave(self, flow: Flow[Any]) -> None:
        self._clock.grant(GRACE)
        with suppress(Abandoned, OutOfTime, FoundryAgentError, StopIteration):
            effect = flow.throw(Abandoned())
            while True:
                effect = flow.send(self.perform(effect))

    def close(self) -> None:
        if self._stream:
            self._stream.close()
            self._stream = None


class _AsyncWorld:
    """As `_World`, in async code."""

    def __init__(self, transport: Transport, clock: _Clock) -> None:
        self._transport = transport
        self._clock = clock
        self._stream: AsyncStream | None = None

    async def perform(self, effect: Effect) -> Any:
        left = self._clock.check()
        try:
            async with asyncio.timeout(left):
                if not isinstance(effect, Read):
                    await self.close()
                return await self._perform(effect, left)
        except TimeoutError:
            self._clock.grant(GRACE)
            raise OutOfTime from None
        except ServiceConnectionError:
            self._clock.check()
            raise

    async def _perform(self, effect: Effect, left: float) -> Any:
        match effect:
            case Read():
                return await self._stream.read() if self._stream else None
            case Send(method, path, body, query, fresh_for=fresh_for, file=file):
                wanted = (method, path, body, query, file)
                return await self._transport.asend(*wanted, left, fresh_for)
            case Open(path, body, query, method):
                opening = self._transport.aopen(method, path, body, query, left)
                response, self._stream = await opening
                return response
            case Fetch(path, query, write):
                return await self._transport.afetch(path, query, write, left)
            case Decide(decide, about):
                # It may wait for a person: not on the event loop.
                said = await asyncio.to_thread(decide, about)
                return await said if inspect.isawaitable(said) else said
            case Pause():
                await asyncio.sleep(self._clock.pause(effect))
            case Renew():
                self._transport.tokens.forget()
        return None

    async def leave(self, flow: Flow[Any]) -> None:
        self._clock.grant(GRACE)
        with suppress(Abandoned, OutOfTime, FoundryAgentError, StopIteration):
            effect = flow.throw(Abandoned())
            while True:
                try:
                    result = await self.perform(effect)
                except asyncio.CancelledError:
                    # A loop that shuts down cancels all its tasks, once, this one too.
                    result = await self.perform(effect)
                effect = flow.send(result)

    async def close(self) -> None:
        if self._stream:
            await self._stream.close()
            self._stream = None


def _said_at_once(said: Any) -> Any:
    if not inspect.isawaitable(said):
        return said
    if inspect.iscoroutine(said):
        said.close()
    raise InvalidFieldError(
        "mcp_approval is an async function, which sync code cannot ask.",
        remedy="Use ainvoke or astream, or give a function that is not async.",
    )


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Await work that a cancellation must not cut; a cancellation meanwhile is raised after it."""
    task = asyncio.create_task(work)
    see_off(task)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as again:
            cancelled = again
    if cancelled:
        raise cancelled
