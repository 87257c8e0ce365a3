"""What is noted of one turn: what it asked, what became of it, what went wrong around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import BaseMessage

from langchain_foundry_agents._flow.effects import Open, Send
from langchain_foundry_agents.emulator.exchange import Answer
from langchain_foundry_agents.emulator.records import Run
from langchain_foundry_agents.emulator.responses.records import StoredResponse
from langchain_foundry_agents.errors import Response


@dataclass(slots=True)
class Made:
    """A run or response that a turn set going, or went on with."""

    run: Run | StoredResponse
    told: bool = False
    """The flow was told its id."""


@dataclass(slots=True)
class Trail:
    """One turn."""

    user: str
    messages: Sequence[BaseMessage]
    question: str
    expected: list[str]
    """Questions and answers of its branch, with its own question."""
    outputs: list[str]
    """What it brings for the calls that its history ends in."""
    began: float
    seconds: float
    keep_thread: bool
    mixed: bool = False
    """It goes on in a place of several clients, or in any case: others may come in between."""
    stops: bool = False
    """It has a stop sequence."""
    decides: bool = False
    """Approvals are given in the turn itself."""
    raises: tuple[type[BaseException], ...] = ()
    """Errors that its policies ask for."""
    causes: set[str] = field(default_factory=set)
    """What may end it with an error."""
    out_of_time: bool = False
    over: bool = False
    gone: bool = False
    """Its caller went on before it was over."""
    made: list[Made] = field(default_factory=list)
    places: list[tuple[str, bool]] = field(default_factory=list)
    """Threads and conversations that it made, and whether it was told so."""
    used: set[str] = field(default_factory=set)
    """Threads and conversations that it worked on."""
    steps: list[tuple[float, Any]] = field(default_factory=list)

    def note(self, now: float, what: Any) -> None:
        """Keep what happens, for the report of a violation."""
        self.steps.append((now, what))

    def done(self, effect: Send | Open, answer: Answer) -> None:
        """The service did what the turn asked."""
        if answer.status >= 300:
            return
        parts = effect.path.split("/")
        if "threads" in parts[:2] and len(parts) > 3:
            self.used.add(parts[2])
        run = answer.start or answer.begin
        if run and all(made.run is not run for made in self.made):
            self.made.append(Made(run))
        if answer.start:
            self.used.add(answer.start.thread.id)
        if answer.begin and answer.begin.conversation:
            self.used.add(answer.begin.conversation.id)
        if effect.method != "POST":
            return
        if effect.path == "/threads/runs" and answer.start:
            self.places.append((answer.start.thread.id, False))
        elif effect.path == "/threads" or parts[-1] == "conversations":
            self.places.append((str(answer.body["id"]), False))

    def heard(self, result: object) -> None:
        """The flow is given something, which may tell the ids of what was made."""
        if not any(not told for _, told in self.places) and all(made.told for made in self.made):
            return
        text = result.text if isinstance(result, Response) else ""
        if isinstance(result, list):
            text = "".join(data for _, data in result)
        for made in self.made:
            made.told = made.told or made.run.id in text
        self.places = [(id_, told or id_ in text) for id_, told in self.places]
