"""A flow on its way: what it asks for next, how it goes on, and how it is left."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from inspect import GEN_CLOSED, GEN_CREATED, getgeneratorstate
from typing import Any, Generic, TypeVar

from langchain_foundry_agents._flow.effects import Abandoned, Effect, Flow, OutOfTime
from langchain_foundry_agents.errors import FoundryAgentError

Outcome = TypeVar("Outcome")


class Course(Generic[Outcome]):
    """A flow that a driver performs.

    Args:
        flow: The flow.
        leaving: Gives the flow that leaves it where it can do so itself no more: what interrupts a
            generator while it works ends it.
    """

    def __init__(
        self, flow: Flow[Outcome], leaving: Callable[[], Flow[None]] | None = None
    ) -> None:
        self._flow: Flow[Any] = flow
        self._leaving = leaving
        self._go: Callable[[], Effect] = partial(next, flow)
        self.outcome: Any = None
        self.over = False
        """Nothing is left to do, also to tidy up."""

    def next_effect(self) -> Effect | None:
        """What the flow asks for next; `None` at its end."""
        try:
            return self._go()
        except StopIteration as end:
            self.outcome, self.over = end.value, True
            return None
        except (FoundryAgentError, OutOfTime, Abandoned):
            # It has tidied up.
            self.over = True
            raise

    def give(self, result: Any) -> None:
        """The effect came to this."""
        self._go = partial(self._flow.send, result)

    def fail(self, error: FoundryAgentError | OutOfTime) -> None:
        """The effect failed."""
        self._go = partial(self._flow.throw, error)

    def leave(self, *, begun: bool) -> bool:
        """Let the flow tidy up; whether it has to.

        Args:
            begun: Whether the request in whose place this comes may have been sent.
        """
        state = getgeneratorstate(self._flow)
        if self.over or state == GEN_CREATED:
            self.over = True
        elif state != GEN_CLOSED:
            self._go = partial(self._flow.throw, Abandoned(begun=begun))
        elif self._leaving:
            self._flow, self._leaving = self._leaving(), None
            self._go = partial(next, self._flow)
        else:
            self.over = True
        return not self.over
