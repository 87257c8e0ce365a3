"""A stream that breaks off is no error: what it did not bring is asked for, and nothing twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytest
from folding import answer, step, step_delta

from langchain_foundry_agents._flow.effects import JSON, Event, Flow, Pause, Read, Send
from langchain_foundry_agents._flow.progress import Ask, Outcome, Policy
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import (
    FoundryAgentError,
    NotFoundError,
    ProtocolError,
    RateLimitError,
    Response,
    RunCancelledError,
    RunExpiredError,
    RunFailedError,
    ServiceConnectionError,
    ServiceError,
)

from .player import (
    ANSWER,
    API,
    CANCEL,
    FIRST,
    LOOK,
    OK,
    OPEN_FIRST,
    STEPS,
    STREAM,
    answered,
    approval_call,
    asking_run,
    broken,
    call,
    message,
    page,
    run,
    text_event,
    told,
)
from .tools import OUTPUTS
from .turns import ASKS_ME
from .world import Brought, World, brought

COMPLETED = "thread.message.completed"
TOOLS = {"tools": [{"type": "function"}, {"type": "mcp"}]}


class Heard(NamedTuple):
    """What one stream tells, how many events it takes to name the run, and what a look finds."""

    events: Sequence[Event]
    found: Mapping[Send, Sequence[Response]]
    named_by: int = 0


class Case(NamedTuple):
    """A turn, and its streams."""

    ask: Ask
    streams: Sequence[Heard]
    policy: Policy = STREAM

    def flow(self) -> Flow[Outcome]:
        return run_turn(API, self.ask, self.policy)


def begun(number: int) -> list[Event]:
    """A message that is begun."""
    return [("thread.message.created", message("", id=f"msg_{number}", content=[]))]


def written(number: int, text: str) -> JSON:
    return message(text, id=f"msg_{number}")


def writes(number: int) -> JSON:
    """The step that wrote a message."""
    _, wrote = step(step_id=f"step_{number}")
    details = {"message_creation": {"message_id": f"msg_{number}"}}
    return wrote | {"step_details": details}


def found(state: JSON, *messages: JSON, steps: Sequence[JSON] = ()) -> dict[Send, list[Response]]:
    """What a look finds: the run still at work, then as it ends, and what it wrote and did."""
    working = answered(run("in_progress"))
    return {LOOK: [working, answered(state)], ANSWER: [page(*messages)], STEPS: [page(*steps)]}


DONE = run("completed", usage={"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12})
STARTED = [told(run("queued")), told(run("in_progress"))]
TEXT = Heard(
    [
        ("thread.created", {"id": "thread_1", "object": "thread"}),
        *STARTED,
        *begun(1),
        text_event("Hel"),
        text_event("lo."),
        (COMPLETED, written(1, "Hello.")),
        told(DONE),
    ],
    found(DONE, written(1, "Hello.")),
    named_by=2,
)
