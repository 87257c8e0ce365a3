"""A driver on a service without sockets: performs a turn, and lets one of its effects fail."""

from __future__ import annotations

import json
from typing import Any

from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessage

from langchain_foundry_agents._flow.effects import (
    Advance,
    Claim,
    Decide,
    Effect,
    Emit,
    GiveBack,
    Heard,
    Hold,
    Open,
    Pause,
    Read,
    Send,
)
from langchain_foundry_agents._turns import Turn
from langchain_foundry_agents.emulator.exchange import Answer
from langchain_foundry_agents.errors import FoundryAgentError, Response
from langchain_foundry_agents.thread_records import LocalThreadRecord

from .faults import Fault
from .service import LocalService

MOST_EFFECTS = 250


class Stage:
    """Performs turns, one after the other."""

    def __init__(self) -> None:
        self.service = LocalService()
        self.record = LocalThreadRecord()
        self.effects: list[Effect] = []
        """The last turn's."""
        self.failed: list[Effect] = []
        """Those that failed."""
        self.told = ""
        """All that the last turn was told."""
        self._stream: Answer | None = None
        self._fault: Fault | None = None
        self._at = self._left = 0

    def perform(
        self, turn: Turn, fault: Fault | None = None, at: int = 0
    ) -> AIMessage | BaseException:
        """Perform a turn to its end.

        Args:
            turn: As the model made it.
            fault: What befalls one of its effects.
            at: Which one; the first is 0.

        Returns:
            The answer, or the error.
        """
        self.effects, self.failed, self.told = [], [], ""
        self._fault, self._at, self._left = fault, at, fault.times if fault else 0
        try:
            message = self._play(turn)
        except AssertionError:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever it is, the checks see it
            return error
        finally:
            self._close()
            for effect in self.effects:
                if isinstance(effect, Hold):
                    self.record.unlock(effect.thread_id)
        return message

    def _play(self, turn: Turn) -> AIMessage:
        chunks = []
        try:
            effect = next(turn.flow)
            while True:
                self.effects.append(effect)
                assert len(self.effects) <= MOST_EFFECTS, "The turn takes no end."
                result: Any
                try:
                    if isinstance(effect, Emit):
                        chunks += turn.answer.add(effect.events)
                    result = self._result_of(effect)
                    if isinstance(effect, Emit) and result is None:
                        result = Heard(turn.answer.something, turn.answer.enough)
                except FoundryAgentError as error:
                    result = error
                thrown = isinstance(result, BaseException)
                effect = turn.flow.throw(result) if thrown else turn.flow.send(result)
        except StopIteration as end:
            chunks += turn.answer.finish(end.value)
        message = generate_from_stream(iter(chunks)).generations[0].message
        assert isinstance(message, AIMessage)
        return message

    def _result_of(self, effect: Effect) -> Any:
        if not isinstance(effect, Read | Emit):
            self._close()
        fault = self._fault
        if fault is None or not self._fails(fault, effect):
            result = self._do(effect)
            self._hear(result)
            return result
        answer = Response(200)
        if fault.done:
            answer = self._do(effect)
            self._close(heard=False)
        result = fault.result(answer)
        if isinstance(effect, Read) and not isinstance(result, list):
            self._close()
        return result

    def _fails(self, fault: Fault, effect: Effect) -> bool:
        due = len(self.effects) > self._at and self._left > 0
        if due and isinstance(effect, fault.befalls):
            self._left -= 1
            self.failed.append(effect)
            return True
        return False

    def _do(self, effect: Effect) -> Any:
        match effect:
            case Send() | Open():
                answer = self.service.ask(effect)
                if answer.feed:
                    self._stream = answer
                    return Response(answer.status)
                self.service.now += 0.1
                return Response(answer.status, {}, json.dumps(answer.body))
            case Read():
                return self.service.read(self._stream) if self._stream else None
            case Pause(_, at_most):
                self.service.now += at_most
                self.service.go_on()
            case Decide(decide, about):
                return decide(about)
            case _:
                return self._do_record(effect)
        return None

    def _do_record(self, effect: Effect) -> Any:
        match effect:
            case Claim(thread_id, after):
                return self.record.claim(thread_id, after)
            case Hold(thread_id):
                return self.record.lock(thread_id)
            case GiveBack(thread_id, after):
                self.record.give_back(thread_id, after)
            case Advance(thread_id, key, closed):
                self.record.advance(thread_id, key)
                if closed:
                    self.record.claim(thread_id, key)
        return None

    def _hear(self, result: Any) -> None:
        if isinstance(result, Response):
            self.told += result.text
        elif isinstance(result, list):
            self.told += "".join(data for _, data in result)

    def _close(self, *, heard: bool = True) -> None:
        stream, self._stream = self._stream, None
        if stream and heard:
            self.service.leave(stream)
        elif stream and stream.feed:
            stream.feed.leave()
