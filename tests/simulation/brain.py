"""A tiny brain: its answers name the question and all that they saw of the history.

A question is `q<client>.<number> <kind>`, an answer `A<number> re <question> saw <tokens> got <what
came back>`: whoever reads an answer can tell whether it belongs to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from langchain_foundry_agents.emulator.classic.lifecycle import RunLife, expire_due
from langchain_foundry_agents.emulator.records import Run, ServerCall, Usage
from langchain_foundry_agents.emulator.responses.lifecycle import ResponseLife
from langchain_foundry_agents.emulator.responses.records import StoredResponse
from langchain_foundry_agents.emulator.responses.server_items import function_call
from langchain_foundry_agents.emulator.responses.speech import Speech
from langchain_foundry_agents.emulator.state import State

from .faults import Faults, RunFault

QUESTION = re.compile(r"q\d+\.\d+")
ANSWER = re.compile(r"A\d+")
RESULT = re.compile(r"\b(?:out\d+|true|false)\b")
STOP = "STOP"
OUTSIDER = "outsider"
NOTHING = Usage(1, 1)
_KINDS_THAT_CALL = {"tool": 1, "tools": 2}
_LONGEST_STUCK = 300.0


@dataclass(slots=True)
class Seen:
    """What the brain sees of a history."""

    tokens: list[str] = field(default_factory=list)
    question: str = ""
    kind: str = ""
    got: list[str] = field(default_factory=list)
    """What came back for the question's calls."""
    called: bool = False
    """Something was called for the question before."""


def text_of(content: Any) -> str:
    """The text of a message's content, in either generation's form."""
    if isinstance(content, str):
        return content
    texts = (part.get("text", "") for part in content)
    return "\n".join(text["value"] if isinstance(text, dict) else text for text in texts)


def read(entries: Iterable[tuple[str, str]]) -> Seen:
    """Read a history: roles with texts; calls and what they gave have roles of their own."""
    seen = Seen()
    for role, text in entries:
        first, _, rest = text.partition(" ")
        if role == "user" and QUESTION.fullmatch(first):
            seen.tokens.append(first)
            seen.question, seen.kind, seen.got, seen.called = first, rest, [], False
        elif role == "assistant" and ANSWER.fullmatch(first):
            seen.tokens.append(first)
        elif role == "call" or text.startswith("[called"):
            seen.called = True
        else:
            seen.got += RESULT.findall(text)
    return seen


def entries_of_run(run: Run) -> Iterator[tuple[str, str]]:
    """What a run's thread holds, then what its own calls gave."""
    for message in run.thread.messages:
        if message.run_id != run.id:
            yield message.role, text_of(message.content)
    for step in run.steps:
        for call in step.tool_calls:
            yield "call", call.name
            yield "result", call.output or ""
        for made in step.server_calls:
            yield "call", made.kind
            yield "result", "true" if made.approved else "false"


def entries_of_items(items: Iterable[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """What a response's history and input hold."""
    for item in items:
        match item["type"]:
            case "message":
                yield item["role"], text_of(item["content"])
            case "function_call" | "mcp_approval_request":
                yield "call", item["name"]
            case "function_call_output":
                yield "result", item["output"]
            case "mcp_approval_response":
                yield "result", "true" if item["approve"] else "false"


class Brain:
    """Does the work of runs and responses, each a script for the schedule.

    Args:
        state: the service's state.
        chance: the source of all choices.
        faults: which runs go wrong.
    """

    def __init__(self, state: State, chance: Random, faults: Faults) -> None:
        self._state = state
        self._chance = chance
        self._faults = faults
        self.texts: dict[str, str] = {}
        """Each answer's whole text, by its token."""
        self.cut: set[str] = set()
        """Answers that ended early somewhere: who saw how much of them cannot be known."""
        self.spoilt: set[str] = set()
        """Runs and responses that went wrong of themselves."""

    def work(self, run: Run) -> Iterator[float]:
        """Lead a run to its end, or to its calls."""
        life = RunLife(self._state, run)
        yield self._moment()
        if run.status != "queued":
            return
        life.begin()
        fault = self._fault(run.id, run.metadata.get(OUTSIDER))
        if fault and fault.stuck:
            yield max(run.deadline - self._state.clock(), 0.0) + 0.001
            expire_due(self._state)
            return
        seen = read(entries_of_run(run))
        if fault and fault.code and not fault.after_text:
            yield self._moment()
            if run.status == "in_progress":
                life.fail(fault.code, fault.message)
            return
        if self._asks(seen) and not fault:
            yield self._moment()
            if run.status == "in_progress":
                self._ask_of(life, seen)
            return
        token, pieces = self._answer(seen)
        if OUTSIDER in run.metadata:
            # Nobody's branch has it.
            self.cut.add(token)
        for piece in pieces[: 1 if fault else None]:
            life.say(piece)
            yield self._moment()
            if run.status != "in_progress":
                self.cut.add(token)
                return
        self._conclude(life, fault, token)

    def make(self, response: StoredResponse) -> Iterator[float]:
        """Lead a response to its end."""
        life = ResponseLife(self._state, response)
        yield self._moment()
        if response.over:
            return
        life.begin()
        fault = self._fault(response.id, response.asked.get("metadata", {}).get(OUTSIDER))
        yield _LONGEST_STUCK if fault and fault.stuck else self._moment()
        seen = read(entries_of_items(response.items))
        if response.over:
            return
        if fault and not fault.cut_short and not fault.after_text:
            life.fail(fault.code or "server_error", fault.message)
            return
        if self._asks(seen) and not fault:
            self._ask_in(life, seen)
            return
        speech = Speech(life)
        token, pieces = self._answer(seen)
        for piece in pieces[: 1 if fault else None]:
            speech.say(piece)
            yield self._moment()
            if response.over:
                self.cut.add(token)
                return
        self._conclude_response(life, speech, fault, token)

    def _conclude(self, life: RunLife, fault: RunFault | None, token: str) -> None:
        if fault:
            self.cut.add(token)
        if fault and fault.code:
            life.fail(fault.code, fault.message)
        elif fault:
            life.leave_incomplete("max_completion_tokens", NOTHING)
        else:
            life.settle(NOTHING)
            life.complete()

    def _conclude_response(
        self, life: ResponseLife, speech: Speech, fault: RunFault | None, token: str
    ) -> None:
        speech.close("incomplete" if fault else "completed")
        if fault:
            self.cut.add(token)
        if fault and fault.code:
            life.fail(fault.code, fault.message)
        elif fault:
            life.leave_incomplete("max_output_tokens", NOTHING)
        else:
            life.complete(NOTHING)

    def _fault(self, id_: str, outsider: str | None) -> RunFault | None:
        fault = RunFault(stuck=True) if outsider == "stuck" else self._faults.of_run()
        if fault:
            self.spoilt.add(id_)
        return fault

    def _asks(self, seen: Seen) -> bool:
        return not seen.called and (seen.kind in _KINDS_THAT_CALL or seen.kind == "approve")

    def _ask_of(self, life: RunLife, seen: Seen) -> None:
        arguments = self._arguments(seen)
        if seen.kind == "approve":
            members = {"name": "fetch", "server_label": "docs", "arguments": arguments}
            call_id = self._state.ids.new("call")
            life.use([ServerCall(call_id, "mcp", {**members, "output": None}, "A page.")])
            life.wait(NOTHING)
        else:
            life.ask([("lookup", arguments)] * _KINDS_THAT_CALL[seen.kind], NOTHING)

    def _ask_in(self, life: ResponseLife, seen: Seen) -> None:
        arguments = self._arguments(seen)
        if seen.kind == "approve":
            asked = {"server_label": "docs", "name": "fetch", "arguments": arguments}
            item = {"type": "mcp_approval_request", "id": life.new_id("mcpr"), **asked}
            life.done(life.add(item))
        for _ in range(_KINDS_THAT_CALL.get(seen.kind, 0)):
            function_call(life, "lookup", arguments)
        life.complete(NOTHING)

    def _arguments(self, seen: Seen) -> str:
        return json.dumps({"re": seen.question, "saw": ",".join(seen.tokens)})

    def _answer(self, seen: Seen) -> tuple[str, list[str]]:
        """An answer's token, and its text in pieces."""
        token = f"A{len(self.texts) + 1}"
        told = f"{token} re {seen.question} saw {','.join(seen.tokens)} got {','.join(seen.got)}"
        pieces = [told, " and", " so", " on"][: self._chance.randrange(1, 5)]
        if seen.kind == "stop":
            pieces += [" ST", "OP more", " still"]
        self.texts[token] = "".join(pieces)
        return token, pieces

    def _moment(self) -> float:
        return self._chance.random() * (0.5 if self._chance.random() < 0.95 else 10.0)
