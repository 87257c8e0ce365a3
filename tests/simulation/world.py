"""A third world for flows: virtual time, the emulator's pure state, and faults at any effect.

As the sync driver it lets a flow go on, as the sync world it performs effects; but each takes its
time, and what other turns do comes in between.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessage

from langchain_foundry_agents._budget import Budget
from langchain_foundry_agents._flow.effects import (
    Abandoned,
    Advance,
    Claim,
    Decide,
    Effect,
    Emit,
    GiveBack,
    Heard,
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
from langchain_foundry_agents._turns import Turn
from langchain_foundry_agents._worlds import GRACE
from langchain_foundry_agents.errors import FoundryAgentError, Response, ServiceConnectionError
from langchain_foundry_agents.thread_records import LocalThreadRecord

from .faults import Cut, Faults
from .requests import Requests, frame
from .schedule import Schedule
from .service import SimulatedService
from .trail import Trail

READ_TIMEOUT = 60.0
A_WINK = 0.001
CALLER = "the agent"


@dataclass(frozen=True, slots=True)
class Scene:
    """What all turns of an episode share."""

    schedule: Schedule
    service: SimulatedService
    record: LocalThreadRecord
    budget: Budget
    faults: Faults
    chance: Random


class World(Requests):
    """Performs one turn, from its beginning to its end.

    Args:
        scene: What it shares with others.
        turn: The turn, as the model made it.
        trail: What is noted of it.
        leaves_at: The effect at which its caller leaves, if it does.
        when_over: Is given the answer, or the error.
        when_gone: Is told that the caller was cancelled a second time: he goes on at once, while
            the turn tidies up.
    """

    def __init__(
        self,
        scene: Scene,
        turn: Turn,
        trail: Trail,
        leaves_at: int | None,
        when_over: Callable[[Trail, AIMessage | BaseException], None],
        when_gone: Callable[[Trail], None],
    ) -> None:
        super().__init__(scene.schedule, scene.service, scene.faults, scene.chance, trail)
        self._scene = scene
        self._flow = turn.flow
        self._fold = turn.answer
        self._deadline = scene.schedule.now + turn.seconds
        self._leaves_at = leaves_at
        self._when_over = when_over
        self._when_gone = when_gone
        self._leaving = False
        self._in_grace = False
        self._held: str | None = None
        self._effects = 0

    def start(self) -> None:
        """Let the flow begin."""
        self._go(lambda: next(self._flow))

    def _go(self, act: Callable[[], Effect]) -> None:
        """Let the flow go on until its next effect that takes time."""
        try:
            effect = act()
            while isinstance(effect, Emit) and not self._leaving:
                effect = self._emit(effect)
        except StopIteration as end:
            self._finish(end.value)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the checks see it
            self._end(error)
        else:
            self._perform(effect)

    def _emit(self, effect: Emit) -> Effect:
        self._effects += 1
        if self._leaves():
            return self._abandon()
        try:
            self._fold.add(effect.events)
        except FoundryAgentError as error:
            return self._flow.throw(error)
        return self._flow.send(Heard(self._fold.something, self._fold.enough))

    def _perform(self, effect: Effect) -> None:
        self._effects += 1
        self._trail.note(self._schedule.now, effect)
        last = isinstance(effect, Advance | GiveBack | LetGo)
        if self._schedule.now >= self._deadline and not last:
            self._over()
            return
        if not isinstance(effect, Read):
            self._close()
        match effect:
            case Send() | Open():
                quiet = 0.0 if effect.repeatable else self._scene.budget.quiet(CALLER)
                if quiet:
                    self._trail.causes.add("quiet")
                    self._later(quiet * (1 + self._chance.random() / 10), self._ask, effect)
                else:
                    self._ask(effect)
            case Read():
                self._read()
            case Pause():
                self._pause(effect)
            case Decide(decide, about):
                self._later(A_WINK, self._give, decide(about))
            case Advance() | GiveBack() | LetGo():
                self._schedule.after(self._chance.random() * A_WINK, self._do_record, effect)
            case _:
                self._later(self._chance.random() * A_WINK, self._do_record, effect)

    def _ask(self, effect: Send | Open) -> None:
        self.request(effect, leaves=self._leaves())

    def _pause(self, effect: Pause) -> None:
        budget = self._scene.budget
        if effect.is_retry and not budget.spend():
            self._trail.causes.add("budget")
            self._give(False)
            return
        if effect.holds_quota:
            budget.keep_quiet(CALLER, effect.at_least)
        wait = self._chance.uniform(effect.at_least, effect.at_most)
        # The end of the turn ends a wait, and the next effect says so.
        wait = min(wait, self._deadline - self._schedule.now)
        self._schedule.after(wait, self._give, None)

    def _do_record(self, effect: Effect) -> None:
        record = self._scene.record
        result: Any = None
        match effect:
            case Claim(thread_id, after):
                result = record.claim(thread_id, after)
            case Hold(thread_id):
                result = record.lock(thread_id)
                self._held = thread_id if result else self._held
            case GiveBack(thread_id, after):
                record.give_back(thread_id, after)
            case Advance(thread_id, turn, closed):
                record.advance(thread_id, turn)
                if closed:
                    record.claim(thread_id, turn)
            case LetGo():
                self._unlock()
            case _:
                assert isinstance(effect, Renew), effect
        self._give(result)

    # What an effect comes to.

    def _give(self, result: Any) -> None:
        if isinstance(result, Response):
            self._note(result)
        if self._leaves():
            self._go(self._abandon)
        else:
            self._trail.heard(result)
            self._go(lambda: self._flow.send(result))

    def _note(self, response: Response) -> None:
        budget = self._scene.budget
        if response.status_code < 300:
            budget.earn()
        if wait := used_up_for(response.headers):
            budget.keep_quiet(CALLER, wait)

    def _fail(self, error: FoundryAgentError | OutOfTime) -> None:
        if self._leaves():
            self._go(self._abandon)
        else:
            self._go(lambda: self._flow.throw(error))

    def _over(self) -> None:
        """The time is over: there is a little more to tidy up."""
        self._ticket += 1
        if self._in_grace:
            self._trail.causes.add("tidying failed")
        self._trail.out_of_time = True
        self._grant_grace()
        self._fail(OutOfTime())

    def _grant_grace(self) -> None:
        if not self._in_grace:
            self._in_grace, self._deadline = True, self._schedule.now + GRACE

    def _leaves(self) -> bool:
        # Whoever leaves does so once, and later than planned if it is not asked at that effect.
        due = self._leaves_at is not None and self._effects >= self._leaves_at
        return due and not self._leaving

    def _abandon(self) -> Effect:
        self._leaving = True
        self._trail.causes.add("left")
        self._grant_grace()
        if self._chance.random() < 0.5:
            self._when_gone(self._trail)
        return self._flow.throw(Abandoned(begun=self._begun))

    # Time, for what a client waits for.

    def _later(self, seconds: float, act: Callable[..., None], *given: Any) -> None:
        """Something comes for the flow in so many seconds, unless its time is over before."""
        left = self._deadline - self._schedule.now
        if seconds >= left:
            self._schedule.after(max(left, 0.0), self._over)
        else:
            self._schedule.after(seconds, act, *given)

    def _give_up_in_time(self, seconds: float) -> None:
        left, ticket = self._deadline - self._schedule.now, self._ticket
        if seconds >= left:
            self._schedule.after(max(left, 0.0), self._over_while, ticket)

    def _over_while(self, ticket: int) -> None:
        if ticket == self._ticket:
            self._over()

    # The stream.

    def _read(self) -> None:
        self._ticket += 1
        if self._stream is None or self._stream.feed is None:
            self._later(A_WINK, self._give, None)
            return
        cut = self._faults.of_read()
        if cut and cut is not Cut.AGAIN:
            self._trail.causes.add(f"read {cut.name}")
        match cut:
            case Cut.BROKEN:
                self._later(self._travel(), self._break)
            case Cut.ENDED:
                self._close()
                self._later(self._travel(), self._give, None)
            case Cut.STALLED:
                self._later(READ_TIMEOUT, self._break)
            case _:
                self._listen(again=cut is Cut.AGAIN)

    def _listen(self, *, again: bool = False) -> None:
        feed = self._stream.feed if self._stream else None
        if feed is None:
            self._give(None)
            return
        for event in map(frame, feed.take()):
            self._unread += self._faults.told(event)
        if self._unread:
            size = self._chance.randrange(1, 2 + 2 * len(self._unread))
            batch, self._unread = self._unread[:size], self._unread[size:]
            if again:
                # A stop sequence ends a run before it tells its text whole, which tells them apart.
                never = "thread.message.delta" if self._trail.stops else ()
                twice = [one for one in batch if not one[0].startswith(never)]
                self._unread = [*twice, *self._unread]
            self._later(self._travel(), self._give, batch)
        elif feed.closed:
            self._later(A_WINK, self._give, None)
        elif self._leaves():
            self._go(self._abandon)
        else:
            ticket = self._ticket
            feed.on_news = lambda: self._wake(ticket)
            self._later_if(ticket, READ_TIMEOUT)

    def _wake(self, ticket: int) -> None:
        if self._stream and self._stream.feed:
            self._stream.feed.on_news = lambda: None
        if ticket == self._ticket:
            self._ticket += 1
            self._schedule.after(A_WINK, self._listen)

    def _later_if(self, ticket: int, seconds: float) -> None:
        """A read ends without events, if nothing comes until then."""
        left = self._deadline - self._schedule.now

        def stalled() -> None:
            if ticket != self._ticket:
                return
            self._trail.causes.add("silence")
            if left <= seconds:
                self._over()
            else:
                self._break()

        self._schedule.after(max(min(left, seconds), 0.0), stalled)

    def _break(self) -> None:
        self._ticket += 1
        self._close()
        self._fail(ServiceConnectionError("The stream broke.", maybe_accepted=True))

    # The end.

    def _finish(self, outcome: Any) -> None:
        try:
            chunks = self._fold.finish(outcome)
            message = generate_from_stream(iter(chunks)).generations[0].message
        except BaseException as error:  # noqa: BLE001 - as above
            self._end(error)
            return
        assert isinstance(message, AIMessage)
        self._end(message)

    def _unlock(self) -> None:
        if self._held:
            self._scene.record.unlock(self._held)
            self._held = None

    def _end(self, result: AIMessage | BaseException) -> None:
        self._ticket += 1
        self._flow.close()
        self._close()
        self._unlock()
        self._trail.over = True
        self._when_over(self._trail, result)
