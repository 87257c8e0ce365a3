"""Turns of every kind, of both generations, on a service without sockets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents._flow.effects import JSON, Send
from langchain_foundry_agents._turns import Turn

from .player import V1
from .responses import HELPER, RESPONSES
from .service import AGENT_ID, AGENT_NAME
from .stage import Stage

History = tuple[BaseMessage, ...]
Meanwhile = Callable[[Stage, History], None]
CALL = "a call"


def _nothing(stage: Stage, history: History) -> None:
    """Nobody else is there."""


@dataclass(frozen=True)
class Scene:
    """A turn that is to be taken, and what has been before."""

    answer: str
    """Its text, or `CALL`."""
    said: tuple[str, ...]
    """What the caller says, turn by turn: questions, and outputs of calls. The last is the turn."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """The model's."""
    meanwhile: Meanwhile = _nothing
    """What others do before the turn."""
    alone: str | None = None
    """Its text in a thread where nobody else is."""
    system: str | None = None
    named: bool = False
    """The caller names the thread, and brings no history."""
    resumes: bool = False
    """The last run, which is somebody else's, is taken up."""

    def prepared(self, stage: Stage) -> Callable[[], Turn]:
        """What makes the turn, once all before has been played."""
        history: History = (SystemMessage(self.system),) if self.system else ()
        for said in self.said[:-1]:
            history = _with(history, said)
            answer = stage.perform(self._turn(history))
            assert isinstance(answer, AIMessage), answer
            history = (*history, answer)
        self.meanwhile(stage, history)
        if self.resumes:
            run_id = stage.service.turns[-1].id
            return lambda: _model(**self.fields)._taking_up(_place(history), run_id, {})
        if self.named:
            place, last = _place(history), _with(history, self.said[-1])[-1:]
            return lambda: self._turn(last, thread_id=place)
        return lambda: self._turn(_with(history, self.said[-1]))

    def _turn(self, history: History, **keywords: Any) -> Turn:
        return _model(**self.fields)._turn(history, ["STOP"], keywords, whole=True)


def _with(history: History, said: str) -> History:
    if said.startswith("q"):
        return (*history, HumanMessage(said))
    last = history[-1]
    assert isinstance(last, AIMessage)
    outputs = (ToolMessage(said, tool_call_id=call["id"]) for call in last.tool_calls)
    return (*history, *outputs)


@cache
def _model(**fields: Any) -> ChatFoundryAgent:
    which = {"agent_name": AGENT_NAME} if "conversation" in fields else {"agent_id": AGENT_ID}
    endpoint = "http://127.0.0.1:1/api/projects/emulator"
    return ChatFoundryAgent(project_endpoint=endpoint, **{**which, **fields})


def approve(call: JSON) -> bool:
    return True


def _place(history: History) -> str:
    metadata = history[-1].response_metadata
    return str(metadata.get("conversation_id") or metadata["thread_id"])


def delete_thread(stage: Stage, history: History) -> None:
    stage.service.ask(Send("DELETE", f"/threads/{_place(history)}", None, V1))


def delete_conversation(stage: Stage, history: History) -> None:
    stage.service.ask(Send("DELETE", f"/openai/v1/conversations/{_place(history)}"))


def run_in_thread(kind: str) -> Meanwhile:
    """Somebody else's run works on the thread, or waits there."""

    def begin(stage: Stage, history: History) -> None:
        asked = {"role": "user", "content": f"q9 {kind}"}
        body = {"assistant_id": AGENT_ID, "additional_messages": [asked]}
        stage.service.ask(Send("POST", f"/threads/{_place(history)}/runs", body, V1))
        for _ in range(4 if kind == "tool" else 0):
            stage.service.go_on()

    return begin


def respond_in_conversation(stage: Stage, history: History) -> None:
    """Somebody else's response is made in the conversation."""
    asked = {"type": "message", "role": "user", "content": "q9"}
    body = {"input": [asked], "conversation": _place(history), "background": True, **HELPER}
    stage.service.ask(Send("POST", RESPONSES, body))


def branch(fields: Mapping[str, Any]) -> Meanwhile:
    """Another turn goes on after the same answer."""

    def go_on(stage: Stage, history: History) -> None:
        other = Scene("", (), fields)._turn((*history, HumanMessage("q8")))
        assert isinstance(stage.perform(other), AIMessage)

    return go_on


FIRST, LATER, BUSY = ("q1",), ("q1", "q2"), "Heard q1 q9 q2."
HEARD_1, HEARD_2, HEARD_OUT, HEARD_YES = (
    "Heard q1.",
    "Heard q1 q2.",
    "Heard q1 out1.",
    "Heard q1 true.",
)
POLL = {"run_mode": "poll"}
CONVERSATION = {"conversation": "auto"}
BACKGROUND = {**CONVERSATION, "background": True}
POLLED = {**CONVERSATION, **POLL}
CHAIN, NONE = {"conversation": "response"}, {"conversation": "none"}
CANCELS = {"on_active_run": "cancel"}
CHECKS = {"check_thread": True}
SHORT = {"keep_thread": False}


def _of(name: str, fields: Mapping[str, Any], *wanted: str) -> dict[str, Scene]:
    """Turns with these fields, by name."""
    scenes = {
        "first turn": Scene(HEARD_1, FIRST, fields),
        "later turn": Scene(HEARD_2, LATER, fields),
        "call": Scene(CALL, ("q1 tool",), fields),
        "outputs": Scene(HEARD_OUT, ("q1 tool", "out1"), fields),
        "no outputs": Scene(HEARD_2, ("q1 tool", "q2"), fields),
        "surfaced approval": Scene(CALL, ("q1 approve",), fields),
        "approval": Scene(HEARD_YES, ("q1 approve", "true"), fields),
        "function": Scene(
            "Heard q1 q2 true.", ("q1", "q2 approve"), {**fields, "mcp_approval": approve}
        ),
        "failed run": Scene(HEARD_1, ("q1 fails",), fields),
        "branch": Scene(HEARD_2, LATER, fields, branch(fields)),
        "stop": Scene(f"{HEARD_1} ", ("q1 stop",), fields),
        "system": Scene(HEARD_1, FIRST, fields, system="Be brief."),
    }
    return {f"{name}: {scene}": scenes[scene] for scene in wanted or scenes}


SCENES: dict[str, Scene] = {
    **_of("stream", {}),
    **_of("poll", POLL, "first turn", "outputs", "function", "failed run"),
    **_of("conversation", CONVERSATION),
    **_of("background", BACKGROUND, "later turn", "outputs", "function"),
    **_of("polled", POLLED, "first turn", "outputs"),
    **_of("chain", CHAIN, "first turn", "later turn", "outputs", "function"),
    **_of("none", NONE, "first turn", "outputs", "failed run"),
    **_of("short", SHORT, "first turn", "call", "outputs"),
    **_of("short poll", {**SHORT, **POLL}, "first turn"),
    **_of("short conversation", {**SHORT, **CONVERSATION}, "first turn", "call", "outputs"),
    **_of("checked", CHECKS, "later turn"),
    **_of("checked conversation", {**CHECKS, **CONVERSATION}, "later turn"),
    "named thread": Scene(HEARD_2, LATER, {}, named=True),
    "polled named thread": Scene(HEARD_2, LATER, POLL, named=True),
    "named conversation": Scene(HEARD_2, LATER, CONVERSATION, named=True),
    "resumed run": Scene("Heard q1 q9.", LATER, {}, run_in_thread(""), resumes=True),
    "resumed response": Scene(
        "Heard q1 q9.", LATER, CONVERSATION, respond_in_conversation, resumes=True
    ),
    "fork": Scene(HEARD_2, LATER, {}, delete_thread),
    "fork with outputs": Scene(HEARD_OUT, ("q1 tool", "out1"), {}, delete_thread),
    "fork of a conversation": Scene(HEARD_2, LATER, CONVERSATION, delete_conversation),
    "busy": Scene(BUSY, LATER, {}, run_in_thread(""), HEARD_2),
    "orphan": Scene(BUSY, LATER, {}, run_in_thread("tool"), HEARD_2),
    "run in the way": Scene(BUSY, LATER, CANCELS, run_in_thread(""), HEARD_2),
    "busy conversation": Scene(BUSY, LATER, CONVERSATION, respond_in_conversation, HEARD_2),
    "response in the way": Scene(
        HEARD_2, LATER, {**BACKGROUND, **CANCELS}, respond_in_conversation, BUSY
    ),
}
