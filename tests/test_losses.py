"""What a fork loses of a history: all that the agent did beside its words and calls."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from langchain_foundry_agents._messages.losses import losses

RAN: dict[str, Any] = {"type": "server_tool_call", "id": "call_1", "name": "code_interpreter"}
GAVE: dict[str, Any] = {"type": "server_tool_result", "tool_call_id": "call_1", "status": "success"}
DREW: dict[str, Any] = {"type": "image", "file_id": "file_1"}
THOUGHT: dict[str, Any] = {"type": "reasoning", "reasoning": "Hm."}
CALLED = {"name": "add", "args": {}, "id": "call_2"}


def wrote(kind: str | None) -> dict[str, Any]:
    """A text that cites a file; one that code wrote has a kind."""
    extras = {"file_id": "file_2"} | ({"kind": kind} if kind else {})
    return {"type": "text", "text": "See", "annotations": [{"type": "citation", "extras": extras}]}


@pytest.mark.parametrize(
    ("message", "lost"),
    [
        (AIMessage("Hello"), ()),
        (AIMessage("Hello", tool_calls=[CALLED]), ()),
        (HumanMessage([DREW]), ()),
        (AIMessage([RAN, GAVE, DREW]), ("server steps", "pictures")),
        (AIMessage([THOUGHT]), ("reasoning",)),
        (AIMessage([wrote(None)]), ()),
        (AIMessage([wrote("file_path")]), ("files that code wrote",)),
    ],
    ids=["text", "calls", "a picture of the user's", "steps", "reasoning", "sources", "files"],
)
def test_what_a_new_thread_cannot_be_told(message: BaseMessage, lost: tuple[str, ...]) -> None:
    assert losses([HumanMessage("Hello"), message, message]) == lost
