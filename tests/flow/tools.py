"""Turns that answer tool calls: what they bring, and the requests that they make."""

from __future__ import annotations

from typing import Any

from langchain_foundry_agents._flow.actions import Pending
from langchain_foundry_agents._flow.effects import JSON, Open, Send
from langchain_foundry_agents._flow.progress import Ask

from .player import AGAIN, HELLO, KEY, V1

RESULT = {"tool_call_id": "call_1", "output": "42"}
LATE = (
    {"role": "assistant", "content": "[called add with {}]"},
    {"role": "user", "content": "[result of add]\n42"},
)
WHOLE = (HELLO, *LATE)
WAITING = Pending(frozenset({"call_1"}), run_id="run_1")
GIVEN = Pending(frozenset({"call_1"}), outputs=(RESULT,), run_id="run_1")
LOOKED_FOR = Pending(frozenset({"call_1"}), outputs=(RESULT,))

SUBMIT_PATH = "/threads/thread_1/runs/run_1/submit_tool_outputs"
SUBMIT = Open(SUBMIT_PATH, {"tool_outputs": [RESULT], "stream": True}, V1)
SUBMIT_POLLED = Send("POST", SUBMIT_PATH, {"tool_outputs": [RESULT], "stream": False}, V1)
NEWEST = Send("GET", "/threads/thread_1/runs", None, (*V1, ("order", "desc"), ("limit", "1")))


def opened(*messages: JSON, thread_id: str | None = "thread_1", **fields: Any) -> Open:
    """The request for a run with these messages, in this thread or in a new one."""
    body: JSON = {"assistant_id": "asst_1", **KEY, **fields}
    if thread_id is None:
        return Open(
            "/threads/runs", body | {"thread": {"messages": [*messages], **KEY}, "stream": True}, V1
        )
    body["additional_messages"] = [*messages]
    return Open(f"/threads/{thread_id}/runs", body | {"stream": True}, V1)


def answering(pending: Pending, *new: JSON, explicit: bool = False) -> Ask:
    """A turn whose history ends in calls, and in these messages after them."""
    return Ask(
        new,
        lambda: (*WHOLE, *new),
        "thread_1",
        from_history=not explicit,
        pending=pending,
        late=lambda: (*LATE, *new),
    )


OUTPUTS = answering(GIVEN)
OUTPUTS_AND_MORE = answering(GIVEN, AGAIN)
UNANSWERED = answering(WAITING, AGAIN)
NAMED = answering(LOOKED_FOR, explicit=True)
