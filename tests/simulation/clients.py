"""Clients: histories that grow, branch, wait for tools, are asked twice, left and tried again."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from langchain_foundry_agents._messages import APPROVAL_REQUEST

from .brain import ANSWER, QUESTION, STOP
from .checks import Checks
from .models import Model
from .trail import Trail
from .world import Scene, World

History = tuple[BaseMessage, ...]
_SECONDS = (600.0, 600.0, 600.0, 120.0, 20.0, 3.0)
_LONG = 700.0


class Client:
    """One user, who takes so many turns.

    Args:
        number: Who it is.
        model: The model that is asked.
        turns: How many turns it takes.
        scene: What all share.
        checks: What must hold.
        shared: Threads or conversations that others name, too.
    """

    def __init__(
        self,
        number: int,
        model: Model,
        turns: int,
        scene: Scene,
        checks: Checks,
        shared: Sequence[str],
    ) -> None:
        self._number = number
        self._model = model
        self._left = turns
        self._scene = scene
        self._checks = checks
        self._shared = shared
        self._chance: Random = scene.chance
        self._asked = 0
        self._outputs = 0
        self._working = 0
        self._histories: list[History] = []
        self._again: list[History] = []
        # Shared conversations belong to nobody, and so do all of who uses them.
        self._user = "" if shared or model.storage == "thread" else f"u{number}"
        self.results: dict[str, int] = {}

    def start(self) -> None:
        """Take the first turn some time."""
        self._scene.schedule.after(self._chance.random() * 10, self._next)

    def _next(self) -> None:
        """Take one turn, or two at once."""
        if self._left <= 0:
            return
        chance = self._chance.random()
        if self._again and chance < 0.6:
            self._ask(self._again.pop())
            return
        if self._shared and chance < 0.3:
            self._ask((self._question(),), place=self._chance.choice(self._shared))
            return
        if not self._histories or chance < 0.15:
            self._ask((self._question(),))
            return
        latest = self._chance.random() < 0.7
        history = self._histories[-1] if latest else self._chance.choice(self._histories)
        going_on = self._going_on(history)
        if self._chance.random() < 0.12:
            # Where two end up in one place, they had better not be the same.
            apart = self._model.on_divergence == "fork" and not self._shared
            same = apart and self._chance.random() < 0.3
            twin = going_on if same else self._going_on(history)
            self._ask(twin)
        self._ask(going_on)

    def _going_on(self, history: History) -> History:
        """The history with what comes next: outputs for its calls, or another question."""
        last = history[-1]
        assert isinstance(last, AIMessage)
        if last.tool_calls and self._chance.random() < 0.8:
            return (*history, *(self._output(call) for call in last.tool_calls))
        return (*history, self._question())

    def _output(self, call: Any) -> ToolMessage:
        self._outputs += 1
        approval = call["name"] == APPROVAL_REQUEST
        said = "true" if self._outputs % 2 else "false"
        text = said if approval else f"out{self._number}{self._outputs:04}"
        return ToolMessage(text, tool_call_id=call["id"])

    def _question(self) -> HumanMessage:
        self._asked += 1
        kind = self._chance.choice(self._model.kinds)
        return HumanMessage(f"q{self._number}.{self._asked} {kind}")

    def _ask(self, messages: History, *, place: str | None = None) -> None:
        self._left -= 1
        self._working += 1
        chance, model = self._chance, self._model
        seconds = chance.choice(_SECONDS)
        keywords: dict[str, Any] = {"thread_id": place} if place else {}
        asked = next(one for one in reversed(messages) if isinstance(one, HumanMessage))
        question, _, kind = str(asked.content).partition(" ")
        told = (message.response_metadata.get("thread_id") for message in messages)
        named = set(filter(None, told))
        trail = Trail(
            self._user,
            messages,
            question,
            _branch(messages),
            _outputs(messages),
            self._scene.schedule.now,
            seconds,
            model.keep_thread,
            mixed=model.on_divergence == "append" or bool({place, *named} & self._checks.shared),
            stops=kind == "stop",
            raises=model.raises,
            decides=kind == "approve" and model.decides,
        )
        stop = [STOP] if trail.stops else None
        turn = model.chat._turn(messages, stop, keywords, whole=True)._replace(seconds=seconds)
        leaves_at = chance.randrange(1, 25) if chance.random() < 0.05 else None
        World(self._scene, turn, trail, leaves_at, self._over, self._gone).start()

    def _over(self, trail: Trail, result: AIMessage | BaseException) -> None:
        service = self._scene.service
        self._checks.ended(trail, result, service.state, service.brain)
        kind = type(result).__name__
        self.results[kind] = self.results.get(kind, 0) + 1
        if isinstance(result, AIMessage):
            self._histories.append((*trail.messages, result))
        if not trail.gone:
            self._goes_on(trail, again=not isinstance(result, AIMessage))

    def _gone(self, trail: Trail) -> None:
        """Cancelled twice: the turn tidies up, and nobody waits for it."""
        trail.gone = True
        self._goes_on(trail, again=True)

    def _goes_on(self, trail: Trail, *, again: bool) -> None:
        if again and self._model.on_divergence == "fork" and not trail.mixed:
            # Under other policies a question that may be there already were asked there again.
            self._again.append(tuple(trail.messages))
        self._working -= 1
        if not self._working:
            wait = self._chance.random() * 5
            late = self._chance.random() < 0.03
            self._scene.schedule.after(_LONG if late else wait, self._next)


def _branch(messages: History) -> list[str]:
    """The questions and answers of a history, by their tokens."""
    tokens = []
    for message in messages:
        first = message.text.partition(" ")[0]
        form = QUESTION if isinstance(message, HumanMessage) else ANSWER
        if not isinstance(message, ToolMessage) and form.fullmatch(first):
            tokens.append(first)
    return tokens


def _outputs(messages: History) -> list[str]:
    """What was brought for the calls of the latest question."""
    texts: list[str] = []
    for message in messages:
        if isinstance(message, HumanMessage):
            texts.clear()
        elif isinstance(message, ToolMessage):
            texts.append(message.text)
    return texts
