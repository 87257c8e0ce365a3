"""The two drivers: they perform a flow's effects, one in sync code, one in async code.

Every decision stands in the flow. A driver knows the clock, the open stream and how to leave: when
the caller is gone, the flow is told so (`Abandoned`), and its last requests are performed all the
same, within `GRACE` seconds.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Coroutine, Iterable, Iterator
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from langchain_foundry_agents._flow.effects import (
    Abandoned,
    Effect,
    Emit,
    Event,
    Flow,
    Heard,
    Open,
    OutOfTime,
    Pause,
    Read,
    Renew,
    Send,
)
from langchain_foundry_agents._transport import AsyncStream, Stream, Transport
from langchain_foundry_agents.errors import FoundryAgentError, ServiceConnectionError

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

    def finish(self, outcome: Outcome_contra) -> Chunk_co:
        """The last chunk."""


def drive(
    flow: Flow[Outcome], transport: Transport, fold: Fold[Outcome, Chunk], seconds: float
) -> Iterator[Chunk]:
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
        yield fold.finish(end.value)
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
        yield fold.finish(end.value)
    finally:
        await world.close()


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
        try:
            match effect:
                case Read() if self._stream:
                    return self._stream.read()
                case Send(method, path, body, query):
                    return self._transport.send(method, path, body, query, left)
                case Open(path, body, query):
                    self.close()
                    response, self._stream = self._transport.open(path, body, query, left)
                    return response
                case Pause():
                    time.sleep(self._clock.pause(effect))
                case Renew():
                    self._transport.tokens.forget()
        except ServiceConnectionError:
            # The requests' own timeouts are capped by the turn's: it may have been that one.
            self._clock.check()
            raise
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
                match effect:
                    case Read() if self._stream:
                        return await self._stream.read()
                    case Send(method, path, body, query):
                        return await self._transport.asend(method, path, body, query, left)
                    case Open(path, body, query):
                        await self.close()
                        response, self._stream = await self._transport.aopen(
                            path, body, query, left
                        )
                        return response
                    case Pause():
                        await asyncio.sleep(self._clock.pause(effect))
                    case Renew():
                        self._transport.tokens.forget()
        except TimeoutError:
            self._clock.grant(GRACE)
            raise OutOfTime from None
        except ServiceConnectionError:
            self._clock.check()
            raise
        return None

    async def leave(self, flow: Flow[Any]) -> None:
        self._clock.grant(GRACE)
        with suppress(Abandoned, OutOfTime, FoundryAgentError, StopIteration):
            effect = flow.throw(Abandoned())
            while True:
                effect = flow.send(await self.perform(effect))

    async def close(self) -> None:
        if self._stream:
            await self._stream.close()


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Await work that a cancellation must not cut; a cancellation meanwhile is raised after it."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as again:
            cancelled = again
    if cancelled:
        raise cancelled
