"""A flow played from a script: each effect as it must come, and what it is answered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import pytest

from langchain_foundry_agents._flow.effects import (
    JSON,
    Effect,
    Emit,
    Event,
    Flow,
    Heard,
    Open,
    Pause,
    Read,
    Send,
)
from langchain_foundry_agents._flow.progress import Ask, Outcome, Policy
from langchain_foundry_agents._flow.threads_api import ThreadsApi
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import Response, ServiceConnectionError

Result = TypeVar("Result")
Step = tuple[Effect, Any]
"""An effect as it must come, and its result; an exception is thrown."""

API = ThreadsApi("asst_1", "key_1")
STREAM, POLL = Policy(), Policy(stream=False)
V1 = (("api-version", "v1"),)
OK = Response(200)

HELLO = {"role": "user", "content": "Hello"}
AGAIN = {"role": "user", "content": "Again"}
FIRST = Ask((HELLO,), lambda: (HELLO,))
NEXT = Ask((AGAIN,), lambda: (HELLO, AGAIN), "thread_1", from_history=True)

KEY: JSON = {"metadata": {"langchain_foundry_agents_turn": "key_1"}}
"""What a turn marks all with that it creates."""
_RUN: JSON = {"assistant_id": "asst_1", **KEY}
_THREAD: JSON = {"messages": [HELLO], **KEY}
OPEN_FIRST = Open("/threads/runs", {**_RUN, "thread": _THREAD, "stream": True}, V1)
OPEN_NEXT = Open(
    "/threads/thread_1/runs", {**_RUN, "additional_messages": [AGAIN], "stream": True}, V1
)
OPEN_WITHOUT = Open("/threads/thread_1/runs", {**_RUN, "stream": True}, V1)
POST_FIRST = Send("POST", "/threads/runs", {**_RUN, "thread": _THREAD, "stream": False}, V1)
LOOK = Send("GET", "/threads/thread_1/runs/run_1", None, V1)
FIND_THREAD = Send("GET", "/threads", None, (*V1, ("order", "desc"), ("limit", "100")))
FIND_RUN = Send("GET", "/threads/thread_1/runs", None, (*V1, ("order", "desc"), ("limit", "20")))
"""What looks for a run that may have been set going, and was not heard of."""
CANCEL = Send("POST", "/threads/thread_1/runs/run_1/cancel", None, V1, repeatable=True)
DISCARD = Send("DELETE", "/threads/thread_1", None, V1, repeatable=True)
ANSWER = Send(
    "GET",
    "/threads/thread_1/messages",
    None,
    (*V1, ("run_id", "run_1"), ("order", "asc"), ("limit", "100")),
)
STEPS = Send("GET", f"{LOOK.path}/steps", None, (*V1, ("order", "asc"), ("limit", "100")))
AGENT = Send("GET", "/assistants/asst_1", None, V1, fresh_for=300.0)
MOMENT = Pause(0.025, 0.05)
"""The wait before the first look at a run, and before the second try to begin one."""
END: Step = (Read(), None)


def growing() -> list[Pause]:
    """Waits that grow from `MOMENT` by half, to two seconds, which they do not pass."""
    longest = [0.05]
    while longest[-1] < 2.0:
        longest.append(min(longest[-1] * 1.5, 2.0))
    return [Pause(wait / 2, wait) for wait in [*longest, 2.0]]


GROWING = [0.05, 0.075, 0.113, 0.169, 0.253, 0.38, 0.57, 0.854, 1.281, 1.922, 2.0, 2.0]
"""The longest that each of these waits takes, in seconds."""


def upload(file: tuple[str, bytes, str]) -> Send:
    """The upload of a file, whose name, content and type these are."""
    body = {"purpose": "assistants"}
    return Send("POST", "/files", body, V1, repeatable=True, fresh_for=3600.0, file=file)


def broken() -> ServiceConnectionError:
    """A connection that broke in the midst of an answer."""
    return ServiceConnectionError("The connection broke.", maybe_accepted=True)


def run(status: object, **fields: Any) -> JSON:
    """A run of the thread, in some state."""
    ids = {"id": "run_1", "object": "thread.run", "thread_id": "thread_1"}
    return {**ids, "status": status, **fields}


def run_event(status: str, **fields: Any) -> Event:
    return f"thread.run.{status}", run(status, **fields)


def call(call_id: str, name: str = "add", arguments: str = "{}") -> JSON:
    """A call of a function of the caller's."""
    function = {"name": name, "arguments": arguments}
    return {"id": call_id, "type": "function", "function": function}


def approval_call(call_id: str, name: str = "fetch", server_label: str = "docs") -> JSON:
    """A call of an MCP server that asks for approval."""
    named = {"id": call_id, "type": "mcp", "name": name}
    return {**named, "server_label": server_label, "arguments": '{"page": 1}'}


def asking_run(*calls: JSON, approval: bool = False) -> JSON:
    """A run that waits for the outputs of these calls, or for their approvals."""
    kind = "submit_tool_approval" if approval else "submit_tool_outputs"
    action = {"type": kind, kind: {"tool_calls": [*calls]}}
    return run("requires_action", required_action=action)


def told(state: JSON) -> Event:
    """The event of a run in this state."""
    return f"thread.run.{state['status']}", state


def text_event(text: str, message_id: str = "msg_1") -> Event:
    delta = {"content": [{"index": 0, "type": "text", "text": {"value": text}}]}
    object_ = "thread.message.delta"
    return object_, {"id": message_id, "object": object_, "delta": delta}


def message(text: str = "Hi", **fields: Any) -> JSON:
    """A finished message of the run."""
    ids = {"id": "msg_1", "object": "thread.message", "thread_id": "thread_1", "run_id": "run_1"}
    parts = [{"type": "text", "text": {"value": text, "annotations": []}}]
    return {**ids, "role": "assistant", "content": parts, **fields}


def answered(body: object, status: int = 200, **headers: str) -> Response:
    """A whole answer with a JSON body; `retry_after` names the header `retry-after`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, named, json.dumps(body))


def refused(status: int, message: str = "No.", code: str | None = None, **headers: str) -> Response:
    """An answer that refuses."""
    return answered({"error": {"code": code, "message": message}}, status, **headers)


def wire(*events: Event) -> list[tuple[str, str]]:
    """Events as a network read brings them."""
    return [(name, json.dumps(data)) for name, data in events]


def heard(*events: Event, something: bool = False, enough: bool = False) -> list[Step]:
    """One network read of these events, and their hand-over."""
    return [(Read(), wire(*events)), (Emit(events), Heard(something, enough))]


def page(*found: object, after: str | None = None) -> Response:
    """A page of a list; with `after` there is a next one."""
    return answered({"data": found, "has_more": after is not None, "last_id": after})


def handed_on(ended: JSON, *messages: JSON) -> Step:
    """The hand-over of what was read of a run: the run, then its messages."""
    events = [("thread.run", ended)] + [("thread.message.completed", one) for one in messages]
    return Emit(tuple(events)), Heard(something=bool(messages))


def read_whole(ended: JSON, *messages: JSON) -> list[Step]:
    """A run is over, or waits: its messages are read and handed on."""
    return [(ANSWER, page(*messages)), handed_on(ended, *messages)]


def sought(look: Send, found: Response | None = None) -> list[Step]:
    """Looks for what was lost on its way: the last one finds it, or none does."""
    nothing = page()
    return [
        (look, nothing),
        (Pause(0.25, 0.5), None),
        (look, nothing),
        (Pause(0.5, 1.0), None),
        (look, found or nothing),
    ]


def looked(state: JSON) -> list[Step]:
    """The first look at a run, after a moment."""
    return [(MOMENT, None), (LOOK, answered(state))]


def limited(*requests: Step) -> list[Step]:
    """These requests, of which each one is too many at first, and is made again."""
    too_many, wait = refused(429), (Pause(0.25, 0.5), None)
    return [
        step for effect, result in requests for step in ((effect, too_many), wait, (effect, result))
    ]


BUSY = run_event("in_progress")
SOME_TEXT = heard(BUSY, text_event("Hi"), something=True)
ANSWERED: list[Step] = [
    *SOME_TEXT,
    *heard(run_event("completed"), something=True),
    END,
]
"""A stream that answers, to its end."""


def play(flow: Flow[Result], *script: Step) -> Result:
    """Play a flow to its end, which must be the script's end too; what it returns."""
    left = list(script)
    try:
        effect = next(flow)
        while left:
            expected, result = left.pop(0)
            assert effect == expected
            thrown = isinstance(result, BaseException)
            effect = flow.throw(result) if thrown else flow.send(result)
    except StopIteration as end:
        assert left == []
        returned: Result = end.value
        return returned
    except Exception:
        assert left == []
        raise
    raise AssertionError(f"The script is over, and the flow goes on with {effect}.")


def leave(flow: Flow[Any], script: Sequence[Step], leaving: BaseException) -> list[Effect]:
    """Play a script but for the last result, in whose place something is thrown.

    Returns:
        What the flow still asks for until it has let that pass.
    """
    effect = next(flow)
    for expected, result in script[:-1]:
        assert effect == expected
        effect = flow.throw(result) if isinstance(result, BaseException) else flow.send(result)
    assert effect == script[-1][0]
    asked = []
    try:
        effect = flow.throw(leaving)
        while True:
            asked.append(effect)
            effect = flow.send(OK)
    except type(leaving):
        return asked


class Turn(NamedTuple):
    """A turn, its whole script, and what is still asked for when it is left at each effect."""

    ask: Ask
    script: list[Step]
    left: list[list[Effect]]
    policy: Policy = STREAM
    api: ThreadsApi = API

    def flow(self) -> Flow[Outcome]:
        """The turn, from its beginning."""
        return run_turn(self.api, self.ask, self.policy)

    def spoilt(self, place: int, result: object) -> list[Step]:
        """The script to this effect, with this result of it, and what tidies up."""
        tidied = [(effect, OK) for effect in self.left[place]]
        return [*self.script[:place], (self.script[place][0], result), *tidied]


def places(turns: Mapping[str, Turn], *, survived: tuple[Effect, ...] = ()) -> list[Any]:
    """Every effect of these turns, but for those whose failure a turn survives."""
    return [
        pytest.param(turn, place, id=f"{name}, {place}")
        for name, turn in turns.items()
        for place, (effect, _) in enumerate(turn.script)
        if effect not in survived
    ]
