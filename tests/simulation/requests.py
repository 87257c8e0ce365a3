"""Requests of a turn on their way to the service and back, and what becomes of them there."""

from __future__ import annotations

import json
import re
from abc import abstractmethod
from collections.abc import Callable
from random import Random
from typing import Any

from langchain_foundry_agents._flow.effects import Open, Send
from langchain_foundry_agents.emulator.events import Event, compact
from langchain_foundry_agents.emulator.exchange import Answer
from langchain_foundry_agents.errors import FoundryAgentError, Response, ServiceConnectionError

from .checks import Violation
from .faults import Faults, Way
from .schedule import Schedule
from .service import SimulatedService
from .trail import Trail

_LONGEST_WAIT = 60.0
_IDS = re.compile(r"/(run|resp)_\w+$")


class Requests:
    """The part of a world that asks the service.

    Args:
        schedule: The time.
        service: The service.
        faults: What goes wrong.
        chance: The source of all choices.
        trail: What is noted of the turn.
    """

    def __init__(
        self,
        schedule: Schedule,
        service: SimulatedService,
        faults: Faults,
        chance: Random,
        trail: Trail,
    ) -> None:
        self._schedule = schedule
        self._service = service
        self._faults = faults
        self._chance = chance
        self._trail = trail
        self._stream: Answer | None = None
        self._unread: list[tuple[str, str]] = []
        self._ticket = 0
        self._begun = True
        """Whether the request in whose place the caller leaves may have been sent."""
        self._seen: dict[str, Response] = {}

    def request(self, effect: Send | Open, *, leaves: bool) -> None:
        """Send a request on its way, on which it may be lost.

        Args:
            effect: The request.
            leaves: The caller leaves before it has the answer.
        """
        travel = self._travel()
        if leaves:
            # What was not begun does not arrive; what was may not.
            self._begun = self._chance.random() < 0.8
            if self._begun and self._chance.random() < 0.75:
                # It arrives, perhaps later than what tidies up.
                self._schedule.after(self._chance.random() * 3 * travel, self._unheard, effect)
            self._schedule.after(travel, self._give, None)
            return
        self._send(effect, self._way(effect), travel)

    def _way(self, effect: Send | Open) -> Way | None:
        way = self._faults.of_request()
        if way and way is not Way.STALE:
            self._trail.note(self._schedule.now, way)
            self._trail.causes.add(f"request {way.name}")
            if effect.method == "DELETE" or effect.path.endswith("/cancel"):
                self._trail.causes.add("tidying failed")
        return way

    def _send(self, effect: Send | Open, way: Way | None, travel: float) -> None:
        match way:
            case Way.LOST_BEFORE:
                self._later(travel, self._fail, _lost(maybe_accepted=False))
            case Way.LOST_DURING:
                self._later(travel, self._fail, _lost(maybe_accepted=True))
            case Way.LOST_AFTER:
                self._schedule.after(travel, self._unheard, effect)
                self._later(travel * 2, self._fail, _lost(maybe_accepted=True))
            case Way.REFUSED:
                self._later(travel, self._give, self._faults.refusal())
            case Way.REFUSED_AFTER:
                self._schedule.after(travel, self._unheard, effect)
                broken = Response(500, {}, '{"error": {"code": "x", "message": "It broke."}}')
                self._later(travel * 2, self._give, broken)
            case Way.SLOW:
                self._slow(effect)
            case Way.STALE if effect.method == "GET" and effect.path in self._seen:
                self._later(travel, self._give, self._seen[effect.path])
            case _:
                self._arrive_in(travel, effect)

    def _arrive_in(self, travel: float, effect: Send | Open) -> None:
        # Where the turn's time ends on the way, the service does it all the same.
        self._schedule.after(travel, self._arrive, effect, self._ticket)
        self._give_up_in_time(travel)

    def _slow(self, effect: Send | Open) -> None:
        wait = self._chance.random() * 2 * _LONGEST_WAIT
        if wait < _LONGEST_WAIT:
            self._arrive_in(wait, effect)
        else:
            self._schedule.after(self._chance.random() * wait, self._unheard, effect)
            self._later(_LONGEST_WAIT, self._fail, _lost(maybe_accepted=True))

    def _arrive(self, effect: Send | Open, ticket: int) -> None:
        if ticket != self._ticket:
            self._unheard(effect)
            return
        answer = self._do(effect)
        self._ticket += 1
        if answer.feed:
            self._stream, self._unread = answer, []
        if self._chance.random() < 0.3:
            self._later(self._travel(), self._hand, effect, answer)
        else:
            self._hand(effect, answer)

    def _hand(self, effect: Send | Open, answer: Answer) -> None:
        """The answer is there."""
        if answer.feed:
            self._give(Response(answer.status))
            return
        headers = dict(answer.headers)
        if self._faults.warns():
            headers |= {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "3"}
        response = Response(answer.status, headers, json.dumps(answer.body))
        # Lists are as they are; a look at one run or response may be late.
        if effect.method == "GET" and _IDS.search(effect.path):
            self._seen[effect.path] = response
        self._give(response)

    def _unheard(self, effect: Send | Open) -> None:
        """A request is done, and nobody waits for its answer."""
        answer = self._do(effect)
        if answer.feed:
            self._service.leave(answer)

    def _do(self, effect: Send | Open) -> Answer:
        try:
            answer = self._service.ask(effect, self._trail.user)
        except Violation as broken:
            broken.trail = self._trail
            raise
        self._trail.done(effect, answer)
        if self._trail.over:
            self._service.forget(effect, answer)
        return answer

    def _close(self) -> None:
        """Break the stream off, if it is open."""
        stream, self._stream, self._unread = self._stream, None, []
        if stream:
            self._service.leave(stream)

    def _travel(self) -> float:
        return self._chance.random() * 0.2

    @abstractmethod
    def _give(self, result: Any) -> None:
        """Let the flow go on with a result."""

    @abstractmethod
    def _fail(self, error: FoundryAgentError) -> None:
        """Let the flow go on with an error."""

    @abstractmethod
    def _later(self, seconds: float, act: Callable[..., None], *given: Any) -> None:
        """Something comes for the flow in so many seconds, unless its time is over before."""

    @abstractmethod
    def _give_up_in_time(self, seconds: float) -> None:
        """Wait for an answer that comes in so many seconds, but no longer than the turn."""


def frame(event: Event) -> tuple[str, str]:
    """An event as a read brings it."""
    return event.name, "[DONE]" if event.data is None else compact(event.data)


def _lost(*, maybe_accepted: bool) -> ServiceConnectionError:
    return ServiceConnectionError("The connection failed.", maybe_accepted=maybe_accepted)
