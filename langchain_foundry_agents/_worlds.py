"""The worlds that flows ask things of: HTTP, the clock, the process's records; sync and async.

A turn that is left has `GRACE` seconds for its last requests.
"""

from __future__ import annotations

import asyncio
import inspect
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from langchain_foundry_agents._budget import budget_of
from langchain_foundry_agents._flow.effects import (
    Abandoned,
    Advance,
    Claim,
    Decide,
    Effect,
    Fetch,
    Flow,
    Hold,
    Open,
    OutOfTime,
    Pause,
    Read,
    Renew,
    Send,
)
from langchain_foundry_agents._flow.hints import used_up_for
from langchain_foundry_agents._transport import AsyncStream, Stream, Transport
from langchain_foundry_agents.errors import (
    FoundryAgentError,
    InvalidFieldError,
    Response,
    ServiceConnectionError,
)
from langchain_foundry_agents.thread_records import LocalThreadRecord, ThreadRecord

GRACE = 5.0
"""Seconds that the last requests of a turn that is left may take."""


class Clock:
    """The time that a turn has left."""

    def __init__(self, seconds: float) -> None:
        self.grant(seconds)

    def grant(self, seconds: float) -> None:
        """Give the turn so many seconds from now on."""
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """What is left, in seconds."""
        return max(self._end - time.monotonic(), 0.0)

    def check(self) -> float:
        """What is left; past the end `OutOfTime`, once, with time to tidy up."""
        left = self._end - time.monotonic()
        if left > 0:
            return left
        self.grant(GRACE)
        raise OutOfTime

    def pause(self, effect: Pause) -> float:
        """How long to wait; the end of the turn ends a wait too."""
        wait = random.uniform(effect.at_least, effect.at_most)  # noqa: S311
        return min(wait, self.left())


class _Ground:
    """What both worlds stand on: the turn's time, the endpoint's budget, the record of threads."""

    def __init__(self, transport: Transport, clock: Clock, threads: ThreadRecord) -> None:
        self._transport = transport
        self._clock = clock
        self._threads = threads
        self._budget = budget_of(transport.url)
        self._held: str | None = None

    def _record(self, effect: Claim | Hold | Advance) -> Callable[[], Any]:
        match effect:
            case Claim(thread_id, after):
                return partial(self._threads.claim, thread_id, after)
            case Advance(thread_id, turn):
                return partial(self._threads.advance, thread_id, turn)
            case Hold(thread_id):
                return partial(self._hold, thread_id)

    def _hold(self, thread_id: str) -> bool:
        free = self._threads.lock(thread_id)
        if free:
            self._held = thread_id
        return free

    def _unlock(self) -> Callable[[], None] | None:
        held, self._held = self._held, None
        return partial(self._threads.unlock, held) if held else None

    def _pause(self, effect: Pause) -> float | None:
        """How long to wait; `None` if this process has retried too often."""
        if effect.is_retry and not self._budget.spend():
            return None
        if effect.holds_quota:
            self._budget.keep_quiet(self._transport.caller, effect.at_least)
        return self._clock.pause(effect)

    def _quiet(self, effect: Send | Open) -> float:
        """Seconds that the quota is held for; what tidies up need not wait.

        Who would not wait as long for a hint of his own asks at once, and hears it himself.
        """
        wait = 0.0 if effect.repeatable else self._budget.quiet(self._transport.caller)
        if wait > self._transport.longest_hold:
            return 0.0
        return min(random.uniform(wait, wait * 1.1), self._clock.left())  # noqa: S311

    def _noted(self, response: Response) -> Response:
        if response.status_code < 300:
            self._budget.earn()
        if deployment := response.headers.get("x-ratelimit-key"):
            self._budget.name_quota(self._transport.caller, deployment)
        if wait := used_up_for(response.headers):
            self._budget.keep_quiet(self._transport.caller, wait)
        return response


class World(_Ground):
    """Performs the effects of one turn, in sync code."""

    _stream: Stream | None = None

    def perform(self, effect: Effect) -> Any:
        """What an effect comes to.

        Raises:
            OutOfTime: The turn's time is over.
            ServiceConnectionError: The service could not be reached.
        """
        left = self._clock.check()
        try:
            if isinstance(effect, Read):
                return self._stream.read() if self._stream else None
            # A connection that is read no more is free for what follows.
            self.close()
            return self._perform(effect, left)
        except ServiceConnectionError:
            # The requests' own timeouts are capped by the turn's: it may have been that one.
            self._clock.check()
            raise

    def _perform(self, effect: Effect, left: float) -> Any:
        match effect:
            case Send() | Open():
                if wait := self._quiet(effect):
                    time.sleep(wait)
                    left = self._clock.check()
                return self._noted(self._ask(effect, left))
            case Fetch(path, query, write):
                return self._transport.fetch(path, query, write, left)
            case Decide(decide, about):
                return _said_at_once(decide(about))
            case Pause():
                if (pause := self._pause(effect)) is None:
                    return False
                time.sleep(pause)
            case Renew():
                self._transport.tokens.forget()
            case Claim() | Hold() | Advance():
                return self._record(effect)()
        return None

    def _ask(self, effect: Send | Open, left: float) -> Response:
        if isinstance(effect, Send):
            wanted = (effect.method, effect.path, effect.body, effect.query, effect.file)
            return self._transport.send(*wanted, left, effect.fresh_for)
        wanted_stream = (effect.method, effect.path, effect.body, effect.query)
        response, self._stream = self._transport.open(*wanted_stream, left)
        return response

    def leave(self, flow: Flow[Any]) -> None:
        """Let a flow that its caller left tidy up."""
        self._clock.grant(GRACE)
        with suppress(Abandoned, OutOfTime, FoundryAgentError, StopIteration):
            effect = flow.throw(Abandoned())
            while True:
                try:
                    result = self.perform(effect)
                except FoundryAgentError as error:
                    effect = flow.throw(error)
                else:
                    effect = flow.send(result)

    def close(self) -> None:
        """Close the open stream."""
        if self._stream:
            self._stream.close()
            self._stream = None

    def let_go(self) -> None:
        """Let other turns to the thread that this one held."""
        if unlock := self._unlock():
            unlock()


class AsyncWorld(_Ground):
    """As `World`, in async code."""

    _stream: AsyncStream | None = None

    def __init__(self, transport: Transport, clock: Clock, threads: ThreadRecord) -> None:
        super().__init__(transport, clock, threads)
        self._loop = asyncio.get_running_loop()

    @property
    def is_over(self) -> bool:
        """Whether its loop is closed, so that nothing can be awaited any more."""
        return self._loop.is_closed()

    async def perform(self, effect: Effect) -> Any:
        """As `World.perform`."""
        left = self._clock.check()
        try:
            if isinstance(effect, Read) and self._stream and not self._stream.outlasts(left):
                # No timer for each piece of an answer: it cannot be late.
                return await self._stream.read()
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
            case Send() | Open():
                if wait := self._quiet(effect):
                    await asyncio.sleep(wait)
                    left = self._clock.check()
                return self._noted(await self._ask(effect, left))
            case Fetch(path, query, write):
                return await self._transport.afetch(path, query, write, left)
            case Decide(decide, about):
                # It may wait for a person: not on the event loop.
                said = await asyncio.to_thread(decide, about)
                return await said if inspect.isawaitable(said) else said
            case Pause():
                if (pause := self._pause(effect)) is None:
                    return False
                await asyncio.sleep(pause)
            case Renew():
                self._transport.tokens.forget()
            case Claim() | Hold() | Advance():
                return await self._asked(self._record(effect))
        return None

    async def _ask(self, effect: Send | Open, left: float) -> Response:
        if isinstance(effect, Send):
            wanted = (effect.method, effect.path, effect.body, effect.query, effect.file)
            return await self._transport.asend(*wanted, left, effect.fresh_for)
        wanted_stream = (effect.method, effect.path, effect.body, effect.query)
        response, self._stream = await self._transport.aopen(*wanted_stream, left)
        return response

    async def _asked(self, record: Callable[[], Any]) -> Any:
        # Only the process's own record surely waits for nothing.
        local = isinstance(self._threads, LocalThreadRecord)
        return record() if local else await asyncio.to_thread(record)

    async def leave(self, flow: Flow[Any]) -> None:
        """As `World.leave`."""
        self._clock.grant(GRACE)
        with suppress(Abandoned, OutOfTime, FoundryAgentError, StopIteration):
            effect = flow.throw(Abandoned())
            while True:
                try:
                    result = await self._performed(effect)
                except FoundryAgentError as error:
                    effect = flow.throw(error)
                else:
                    effect = flow.send(result)

    async def _performed(self, effect: Effect) -> Any:
        try:
            return await self.perform(effect)
        except asyncio.CancelledError:
            # A loop that shuts down cancels all its tasks, once, this one too.
            return await self.perform(effect)

    def leave_behind(self, flow: Flow[Any]) -> None:
        """As `leave`, in sync code: the turn is collected as garbage, and its loop is closed.

        In a thread of its own: the one that collects garbage may hold any lock.
        """
        if self._stream:
            self._stream.break_off()
            self._stream = None
        world = World(self._transport, self._clock, self._threads)

        def leave() -> None:
            world.leave(flow)
            world.close()
            if unlock := self._unlock():
                unlock()

        thread = threading.Thread(target=leave, daemon=True)
        # An interpreter that ends begins no thread.
        with suppress(RuntimeError):
            thread.start()
            thread.join(GRACE)

    async def close(self) -> None:
        """As `World.close`."""
        if self._stream:
            await self._stream.close()
            self._stream = None

    async def let_go(self) -> None:
        """As `World.let_go`."""
        if unlock := self._unlock():
            await self._asked(unlock)


def _said_at_once(said: Any) -> Any:
    if not inspect.isawaitable(said):
        return said
    if inspect.iscoroutine(said):
        said.close()
    raise InvalidFieldError(
        "mcp_approval is an async function, which sync code cannot ask.",
        remedy="Use ainvoke or astream, or give a function that is not async.",
    )
