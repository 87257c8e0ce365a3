"""The worlds that flows ask things of: HTTP, the clock, the process's records; sync and async.

A turn that is left, or that is out of time, has `GRACE` seconds for all its last requests.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from langchain_foundry_agents._budget import budget_of
from langchain_foundry_agents._course import Course
from langchain_foundry_agents._flow.effects import (
    Abandoned,
    Advance,
    Claim,
    Decide,
    Effect,
    Fetch,
    GiveBack,
    Hold,
    LetGo,
    Open,
    OutOfTime,
    Pause,
    Read,
    Renew,
    Send,
)
from langchain_foundry_agents._flow.hints import used_up_for
from langchain_foundry_agents._in_thread import in_thread
from langchain_foundry_agents._transport import (
    AsyncStream,
    Sending,
    Stream,
    Transport,
    keep,
    within,
)
from langchain_foundry_agents.errors import (
    FoundryAgentError,
    InvalidFieldError,
    Response,
    ServiceConnectionError,
)
from langchain_foundry_agents.thread_records import LocalThreadRecord, ThreadRecord

logger = logging.getLogger("langchain_foundry_agents")

GRACE = 5.0
"""Seconds that all last requests of a turn together may take."""
_TRIES_TO_UNLOCK = 3
_A_MOMENT = 1.0

THEIRS = (Decide, Claim, Hold)
"""Effects that call what the user gives: what that raises is no business of the flow's."""


class Clock:
    """The time that a turn has left."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._in_grace = False

    def grant_grace(self) -> None:
        """Give the turn `GRACE` seconds from now on to tidy up, once."""
        if not self._in_grace:
            self._in_grace, self._end = True, time.monotonic() + GRACE

    def left(self) -> float:
        """What is left, in seconds."""
        return max(self._end - time.monotonic(), 0.0)

    def check(self, *, begun: bool = False) -> float:
        """What is left; past the end `OutOfTime`, the first time with time to tidy up."""
        left = self._end - time.monotonic()
        if left > 0:
            return left
        self.grant_grace()
        raise OutOfTime(begun=begun)

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
        self._claimed: Claim | None = None
        """A claim that the flow does not know of yet."""
        self._process = os.getpid()
        self._sending: Sending | None = None

    @property
    def is_inherited(self) -> bool:
        """Whether this process is a child of the turn's own, whose turn and sockets they stay."""
        return os.getpid() != self._process

    @property
    def _begun(self) -> bool:
        """Whether the request that is under way, if one is, may have been sent."""
        return self._sending is None or self._sending.begun

    def inherit(self, other: _Ground) -> None:
        """Take over what another one holds."""
        self._held, other._held = other._held, None
        self._claimed, other._claimed = other._claimed, None
        self._sending = other._sending

    def _ask_record(self, effect: Claim | Hold) -> bool | None:
        if isinstance(effect, Claim):
            return self._claim(effect)
        free = self._threads.lock(effect.thread_id)
        self._held = effect.thread_id if free else self._held
        return free

    def _claim(self, effect: Claim) -> bool | None:
        record = self._threads
        # A record that workers share knows what all of them did.
        known = not isinstance(record, LocalThreadRecord) or record.knows(
            effect.thread_id, effect.after
        )
        free = record.claim(effect.thread_id, effect.after)
        self._claimed = effect if free else None
        return free if known or not free else None

    def _take_back(self) -> None:
        """Undo what the record was asked for and still stands."""
        claimed, self._claimed = self._claimed, None
        if claimed:
            self._note(GiveBack(claimed.thread_id, claimed.after))
        self._unlock()

    def _note(self, effect: Advance | GiveBack) -> None:
        threads = self._threads
        try:
            if isinstance(effect, GiveBack):
                give_back = getattr(threads, "give_back", threads.advance)
                give_back(effect.thread_id, effect.after)
                return
            threads.advance(effect.thread_id, effect.turn)
            if effect.closed:
                threads.claim(effect.thread_id, effect.turn)
        except Exception:
            # The answer is there, and is not to be lost for this.
            logger.warning(
                "The thread record's %s failed for %s: other turns may not learn where the thread "
                "ends.",
                "advance" if isinstance(effect, Advance) else "give_back",
                effect.thread_id,
                exc_info=True,
            )

    def _unlock(self) -> None:
        held, self._held = self._held, None
        for last in (*[False] * (_TRIES_TO_UNLOCK - 1), True) if held else ():
            try:
                self._threads.unlock(str(held))
            except Exception:
                if last:
                    logger.warning(
                        "The thread record's unlock failed for %s: it may stay locked.",
                        held,
                        exc_info=True,
                    )
            else:
                return

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
        self._sending = self._claimed = None
        if isinstance(effect, Advance | GiveBack):
            return self._note(effect)
        if isinstance(effect, LetGo):
            return self._unlock()
        left = self._clock.check()
        if isinstance(effect, Claim | Hold):
            return self._ask_record(effect)
        if isinstance(effect, Decide):
            self.close()
            return _said_at_once(effect.decide(effect.about))
        with within(left) as sending:
            try:
                if isinstance(effect, Read):
                    return self._stream.read() if self._stream else None
                # A connection that is read no more is free for what follows.
                self.close()
                if isinstance(effect, Send | Open):
                    self._sending = sending
                return self._perform(effect)
            except ServiceConnectionError:
                # The requests' own timeouts are capped by the turn's: it may have been that one.
                self._clock.check(begun=self._begun)
                raise

    def _perform(self, effect: Effect) -> Any:
        match effect:
            case Send() | Open():
                if wait := self._quiet(effect):
                    time.sleep(wait)
                return self._noted(self._ask(effect, self._clock.check()))
            case Fetch(path, query, write):
                return self._transport.fetch(path, query, write, self._clock.check())
            case Pause():
                if (pause := self._pause(effect)) is None:
                    return False
                time.sleep(pause)
            case Renew(claims):
                return self._transport.tokens.renew(claims)
        return None

    def _ask(self, effect: Send | Open, left: float) -> Response:
        if isinstance(effect, Send):
            wanted = (effect.method, effect.path, effect.body, effect.query, effect.file)
            return self._transport.send(*wanted, left, effect.fresh_for)
        wanted_stream = (effect.method, effect.path, effect.body, effect.query)
        response, self._stream = self._transport.open(*wanted_stream, left)
        return response

    def leave(self, course: Course[Any]) -> None:
        """Let a flow that its caller left tidy up."""
        if self.is_inherited or not course.leave(begun=self._begun):
            return
        self._clock.grant_grace()
        # What Ctrl-C interrupted may be in any state.
        with suppress(Exception):
            self.close()
        with suppress(Abandoned, OutOfTime, FoundryAgentError):
            while (effect := course.next_effect()) is not None:
                try:
                    course.give(self.perform(effect))
                except (FoundryAgentError, OutOfTime) as error:
                    course.fail(error)

    def end(self) -> None:
        """Close the open stream, and let other turns to the thread that this one held."""
        if self.is_inherited:
            return
        try:
            self.close()
        finally:
            self._take_back()

    def close(self) -> None:
        """Close the open stream."""
        stream, self._stream = self._stream, None
        if stream:
            stream.close()


class AsyncWorld(_Ground):
    """As `World`, in async code. All its work is done by tasks of its own, one after the other.

    Nobody else cancels them, so that what they wait for is interrupted once at most: a connection
    that is interrupted once more, while it is given back, never comes back to its pool.
    """

    _stream: AsyncStream | None = None

    def __init__(self, transport: Transport, clock: Clock, threads: ThreadRecord) -> None:
        super().__init__(transport, clock, threads)
        self.loop = asyncio.get_running_loop()
        """The loop that it lives in."""
        self._gone = self.loop.create_future()
        self._leaves = False
        self._late = False
        self._waiting: asyncio.Task[Any] | None = None
        """The task that waits for an effect, while it may be interrupted."""

    @property
    def is_left(self) -> bool:
        """Whether the caller is gone."""
        return self._gone.done()

    def interrupt(self) -> None:
        """The caller is gone: what is waited for is waited for no more."""
        if self.is_left:
            return
        self._gone.set_result(None)
        if not self._leaves:
            self._break_off()

    def _break_off(self) -> None:
        task, self._waiting = self._waiting, None
        if task and not (self._sending and self._sending.puts_off()):
            task.cancel()

    def _be_late(self) -> None:
        self._late = self._waiting is not None
        self._break_off()

    async def perform(self, effect: Effect) -> Any:
        """As `World.perform`.

        Raises:
            CancelledError: The caller is gone, or the loop ends.
            OutOfTime: The turn's time is over.
            ServiceConnectionError: The service could not be reached.
        """
        self._sending = self._claimed = None
        if isinstance(effect, Advance | GiveBack):
            return await self._recorded(partial(self._note, effect))
        if isinstance(effect, LetGo):
            return await self._recorded(self._unlock)
        with within(self._clock.left()) as sending:
            if isinstance(effect, Send | Open | Fetch):
                self._sending = sending
            if self.is_left and not self._leaves:
                raise asyncio.CancelledError
            left = self._clock.check()
            if isinstance(effect, Claim | Hold):
                return await self._recorded(partial(self._ask_record, effect))
            return await self._interruptible(effect, left)

    async def _interruptible(self, effect: Effect, left: float) -> Any:
        task = self._waiting = asyncio.current_task()
        self._late = False
        timer = self.loop.call_later(left, self._be_late)
        try:
            if not isinstance(effect, Read):
                await self.close()
            return await self._perform(effect)
        except asyncio.CancelledError:
            if task and self._waiting is None and task.cancelling():
                # It was this world's doing, and what comes next is not cancelled.
                task.uncancel()
            if not self._late:
                raise
            self._clock.grant_grace()
            raise OutOfTime(begun=self._begun) from None
        except ServiceConnectionError:
            if not isinstance(effect, Decide):
                self._clock.check(begun=self._begun)
            raise
        finally:
            timer.cancel()
            self._waiting = None

    async def _perform(self, effect: Effect) -> Any:
        match effect:
            case Read():
                return await self._stream.read() if self._stream else None
            case Send() | Open():
                if wait := self._quiet(effect):
                    await asyncio.sleep(wait)
                return self._noted(await self._ask(effect, self._clock.check()))
            case Fetch(path, query, write):
                return await self._transport.afetch(path, query, write, self._clock.check())
            case Decide(decide, about):
                # It may wait for a person: not on the event loop.
                said = await in_thread(decide, about)
                return await said if inspect.isawaitable(said) else said
            case Pause():
                if (pause := self._pause(effect)) is None:
                    return False
                await asyncio.sleep(pause)
            case Renew(claims):
                return await self._transport.tokens.arenew(claims)
        return None

    async def _ask(self, effect: Send | Open, left: float) -> Response:
        if isinstance(effect, Send):
            wanted = (effect.method, effect.path, effect.body, effect.query, effect.file)
            return await self._transport.asend(*wanted, left, effect.fresh_for)
        wanted_stream = (effect.method, effect.path, effect.body, effect.query)
        response, self._stream = await self._transport.aopen(*wanted_stream, left)
        return response

    async def _recorded(self, act: Callable[[], Any]) -> Any:
        """Call the record: to its end, as what it does cannot be taken back in the midst.

        One that does not end in time goes on in its thread, and is taken back there.
        """
        # Only the process's own record surely waits for nothing.
        if isinstance(self._threads, LocalThreadRecord):
            return act()
        given_up = threading.Event()

        def call() -> Any:
            result = act()
            if given_up.is_set():
                self._take_back()
            return result

        task = self.loop.create_task(in_thread(call))
        keep(task)
        try:
            await asyncio.wait(
                (task, self._gone),
                timeout=self._clock.left(),
                return_when=asyncio.FIRST_COMPLETED,
            )
            if not task.done():
                self._clock.grant_grace()
                await asyncio.wait((task,), timeout=max(self._clock.left(), _A_MOMENT))
        finally:
            if not task.done():
                given_up.set()
        if task.done():
            return task.result()
        raise OutOfTime

    async def leave(self, course: Course[Any]) -> None:
        """As `World.leave`."""
        self._leaves = True
        if not course.leave(begun=self._begun):
            return
        self._clock.grant_grace()
        with suppress(Abandoned, OutOfTime, FoundryAgentError):
            while (effect := course.next_effect()) is not None:
                try:
                    course.give(await self._performed(effect))
                except (FoundryAgentError, OutOfTime) as error:
                    course.fail(error)

    async def _performed(self, effect: Effect) -> Any:
        try:
            return await self.perform(effect)
        except asyncio.CancelledError:
            # A loop that shuts down cancels all its tasks, once, this one too.
            return await self.perform(effect)

    def leave_behind(self, course: Course[Any], *, at_exit: bool = False) -> None:
        """As `leave`, in sync code: the loop is closed, and the turn is collected as garbage.

        In a thread of its own: the one that collects garbage may hold any lock.
        """
        if self.is_inherited:
            return
        if self._stream:
            self._stream.break_off()
            self._stream = None
        world = World(self._transport, self._clock, self._threads)
        world.inherit(self)

        def leave() -> None:
            try:
                world.leave(course)
            finally:
                world.end()

        if at_exit:
            leave()
            return
        thread = threading.Thread(target=leave, daemon=True)
        # An interpreter that ends begins no thread.
        with suppress(RuntimeError):
            thread.start()
            thread.join(GRACE)

    async def end(self) -> None:
        """As `World.end`."""
        if self.is_inherited:
            return
        try:
            await self.close()
        finally:
            if self._held or self._claimed:
                await self._recorded(self._take_back)

    async def close(self) -> None:
        """As `World.close`."""
        stream, self._stream = self._stream, None
        if stream:
            await stream.close()


def _said_at_once(said: Any) -> Any:
    if not inspect.isawaitable(said):
        return said
    if inspect.iscoroutine(said):
        said.close()
    raise InvalidFieldError(
        "mcp_approval is an async function, which sync code cannot ask.",
        remedy="Use ainvoke or astream, or give a function that is not async.",
    )
