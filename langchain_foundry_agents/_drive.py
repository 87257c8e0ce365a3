"""The two drivers: they perform a flow's effects, one in sync code, one in async code.

Every decision stands in the flow, and what an effect comes to is its world's business. A driver
hands chunks out, and knows how to leave: when the caller is gone, the flow is told so
(`Abandoned`), and its last requests are performed all the same.
"""

from __future__ import annotations

import sys
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Iterator,
)
from typing import Any, Generic, Protocol, TypeVar

from langchain_foundry_agents._flow.effects import Emit, Event, Flow, Heard, OutOfTime, Page
from langchain_foundry_agents._transport import Transport, to_its_end
from langchain_foundry_agents._worlds import AsyncWorld, Clock, World
from langchain_foundry_agents.errors import FoundryAgentError, RunTimeoutError
from langchain_foundry_agents.thread_records import LOCAL, ThreadRecord

Chunk = TypeVar("Chunk")
Chunk_co = TypeVar("Chunk_co", covariant=True)
Outcome = TypeVar("Outcome")
Outcome_contra = TypeVar("Outcome_contra", contravariant=True)
Listed = TypeVar("Listed")


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
) -> Generator[Chunk, None, None]:
    """Perform a flow within so many seconds; its chunks as they come."""
    world = World(transport, Clock(seconds), threads)
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
        world.let_go()


def adrive(
    flow: Flow[Outcome],
    transport: Transport,
    fold: Fold[Outcome, Chunk],
    seconds: float,
    threads: ThreadRecord = LOCAL,
) -> Chunks[Chunk]:
    """As `drive`."""
    return Chunks(_adrive(flow, transport, fold, seconds, threads))


async def _adrive(
    flow: Flow[Outcome],
    transport: Transport,
    fold: Fold[Outcome, Chunk],
    seconds: float,
    threads: ThreadRecord,
) -> AsyncGenerator[Chunk, None]:
    world = AsyncWorld(transport, Clock(seconds), threads)
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
                if world.is_over:
                    world.leave_behind(flow)
                else:
                    await to_its_end(world.leave(flow))
                raise
            else:
                effect = flow.send(result)
    except StopIteration as end:
        for chunk in fold.finish(end.value):
            yield chunk
    finally:
        await world.close()
        await world.let_go()


class Chunks(AsyncIterator[Chunk]):
    """Chunks that only their reader closes.

    A loop that shuts down closes all async generators at once that were begun in it: this one and
    its reader, which closes it as well; and of two who do so one fails. Without a loop's hooks it
    is also told when it is collected as garbage after the loop is closed.

    Args:
        generator: What makes them.
    """

    def __init__(self, generator: AsyncGenerator[Chunk, None]) -> None:
        self._generator = generator
        self._begun = False

    def __anext__(self) -> Awaitable[Chunk]:
        """The next one."""
        if self._begun:
            return anext(self._generator)
        self._begun = True
        hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(firstiter=None, finalizer=None)
        try:
            return anext(self._generator)
        finally:
            sys.set_asyncgen_hooks(*hooks)

    async def aclose(self) -> None:
        """Leave the turn."""
        await self._generator.aclose()


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
