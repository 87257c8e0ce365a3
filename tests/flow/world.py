"""A world that a flow is performed in: streams that may break off, what a look finds, a fold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any

from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk

from langchain_foundry_agents._answers.fold import Answer
from langchain_foundry_agents._flow.effects import (
    Decide,
    Effect,
    Emit,
    Event,
    Flow,
    Heard,
    Open,
    Read,
    Send,
)
from langchain_foundry_agents._flow.progress import Outcome
from langchain_foundry_agents.errors import Response

from .player import OK, wire

Brought = list[Any]
"""What the reads of one stream bring: batches of events, `None`, or an error."""


class World:
    """Performs a flow's effects on plain data. Time does not pass, and the caller approves.

    Args:
        fold: The real fold, which makes the answer.
        streams: What each stream brings, in the order in which they are opened.
        found: What else is asked for, and its answers in their order; the last one stays.
    """

    def __init__(
        self,
        fold: Answer,
        streams: Iterable[Brought],
        found: Mapping[Send, Sequence[Response]] | None = None,
    ) -> None:
        self._fold = fold
        self._streams = iter(streams)
        self._reads: Iterator[Any] = iter(())
        self._found = {asked: list(answers) for asked, answers in (found or {}).items()}
        self.asked: list[Open | Send] = []
        """The requests, in order."""
        self.chunks: list[ChatGenerationChunk] = []

    @property
    def posted(self) -> list[Open | Send]:
        """The requests that change something, in order."""
        return [effect for effect in self.asked if effect.method != "GET"]

    def perform(self, flow: Flow[Outcome]) -> AIMessageChunk:
        """Perform a flow to its end; the sum of what its caller gets."""
        try:
            effect = next(flow)
            while True:
                result = self._result_of(effect)
                thrown = isinstance(result, BaseException)
                effect = flow.throw(result) if thrown else flow.send(result)
        except StopIteration as end:
            self.chunks += self._fold.finish(end.value)
        message = reduce(add, self.chunks).message
        assert isinstance(message, AIMessageChunk)
        return message

    def _result_of(self, effect: Effect) -> Any:
        match effect:
            case Emit(events):
                self.chunks += self._fold.add(events)
                return Heard(self._fold.something, self._fold.enough)
            case Read():
                return next(self._reads)
            case Decide():
                return True
            case Open():
                self.asked.append(effect)
                self._reads = iter(next(self._streams))
                return OK
            case Send():
                self.asked.append(effect)
                answers = self._found[effect]
                return answers.pop(0) if len(answers) > 1 else answers[0]
        return None


def brought(events: Sequence[Event], last: BaseException | None = None) -> Brought:
    """One read an event, and how the stream ends."""
    return [*(wire(event) for event in events), last]
