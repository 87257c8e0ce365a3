"""Turns as their streams tell them, where those can be cut, and what a look finds then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from folding import step, step_delta

from langchain_foundry_agents._flow.effects import JSON, Event, Flow, Open, Send
from langchain_foundry_agents._flow.progress import Api, Ask, Outcome, Policy
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import Response

from . import responses
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
from .tools import OUTPUTS, SUBMIT
from .turns import ASKS_ME, OPEN_APPROVED
from .world import Brought, brought


class Told(NamedTuple):
    """What one stream tells, how many events it takes to name the run, and what a look finds."""

    events: Sequence[Event]
    found: Mapping[Send, Sequence[Response]]
    named_by: int = 0


class Case(NamedTuple):
    """A turn that is told in so many streams, the requests that open them, and its text."""

    ask: Ask
    told: Sequence[Told]
    opened: list[Open]
    text: str
    policy: Policy = STREAM
    api: Api = API

    def flow(self) -> Flow[Outcome]:
        """The turn, from its beginning."""
        return run_turn(self.api, self.ask, self.policy)


def written(number: int, text: str) -> JSON:
    return message(text, id=f"msg_{number}")


def says(number: int, *texts: str) -> list[Event]:
    """The events of a message."""
    name = f"msg_{number}"
    begun = message("", id=name, content=[])
    ended = written(number, "".join(texts))
    deltas = [text_event(text, name) for text in texts]
    return [("thread.message.created", begun), *deltas, ("thread.message.completed", ended)]


def writes(number: int) -> JSON:
    """The step that wrote a message."""
    details = {"message_creation": {"message_id": f"msg_{number}"}}
    return step(step_id=f"step_{number}")[1] | {"step_details": details}


def found(state: JSON, *messages: JSON, steps: Sequence[JSON] = ()) -> dict[Send, list[Response]]:
    """What looks find: the run at work, then as it ends, and what it wrote and did."""
    looks = [answered(run("in_progress")), answered(state)]
    return {LOOK: looks, ANSWER: [page(*messages)], STEPS: [page(*steps)], CANCEL: [OK]}


USAGE = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}
TOOLS = {"tools": [{"type": "function"}, {"type": "mcp"}]}
DONE = run("completed", usage=USAGE)
DONE_WITH_TOOLS = DONE | TOOLS
STARTED = [told(run("queued")), told(run("in_progress"))]
CREATED = ("thread.created", {"id": "thread_1", "object": "thread"})
TEXT = Told(
    [CREATED, *STARTED, *says(1, "Hel", "lo."), told(DONE)],
    found(DONE, written(1, "Hello.")),
    named_by=2,
)

ADDS = call("call_1", "add", '{"a": 1}')
ASKS_FOR_OUTPUTS = asking_run(ADDS) | TOOLS
ASKED = Told(
    [*STARTED, *says(1, "Let ", "me add."), told(ASKS_FOR_OUTPUTS)],
    found(
        ASKS_FOR_OUTPUTS,
        written(1, "Let me add."),
        steps=[writes(1), step(ADDS, status="in_progress", step_id="step_2")[1]],
    ),
    named_by=1,
)
ADDED = step(ADDS, step_id="step_2")
GIVEN = Told(
    [ADDED, *STARTED, *says(3, "It is ", "42."), told(DONE_WITH_TOOLS)],
    found(
        DONE_WITH_TOOLS,
        written(1, "Let me add."),
        written(3, "It is 42."),
        steps=[writes(1), ADDED[1], writes(3)],
    ),
)

FETCHES = approval_call("call_1")
ASKS_FOR_APPROVAL = asking_run(FETCHES, approval=True) | TOOLS
FETCHED = step(FETCHES | {"output": "Page one."}, step_id="step_2")
ASKED_TO_APPROVE = Told(
    [*STARTED, *says(1, "Let me ", "fetch."), told(ASKS_FOR_APPROVAL)],
    found(
        ASKS_FOR_APPROVAL,
        written(1, "Let me fetch."),
        steps=[writes(1), step(FETCHES, status="in_progress", step_id="step_2")[1]],
    ),
    named_by=1,
)
APPROVED = Told(
    [
        # The service tells the output after the step that made it.
        step(FETCHES | {"output": None}, step_id="step_2"),
        *STARTED,
        step_delta({"index": 0, "type": "mcp", "output": "Page "}, step_id="step_2"),
        step_delta({"index": 0, "type": "mcp", "output": "one."}, step_id="step_2"),
        *says(3, " It says ", "one."),
        told(DONE_WITH_TOOLS),
    ],
    found(
        DONE_WITH_TOOLS,
        written(1, "Let me fetch."),
        written(3, " It says one."),
        steps=[writes(1), FETCHED[1], writes(3)],
    ),
)

ITEM = {
    "type": "message",
    "id": "msg_1",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "Hello.", "annotations": []}],
}
RESPONSE = responses.response("completed", ITEM)


def response_event(number: int, name: str, **data: Any) -> Event:
    return f"response.{name}", {"type": f"response.{name}", "sequence_number": number, **data}


def responding(*, background: bool = False) -> Told:
    """A response to its end."""
    working = responses.response("in_progress", background=background)
    part = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    looks = [answered(working), answered(RESPONSE)]
    return Told(
        [
            response_event(0, "created", response=working),
            response_event(1, "in_progress", response=working),
            response_event(2, "output_item.added", output_index=0, item=ITEM | {"content": []}),
            response_event(3, "output_text.delta", **part, delta="Hel"),
            response_event(4, "output_text.delta", **part, delta="lo."),
            response_event(5, "output_item.done", output_index=0, item=ITEM),
            response_event(6, "completed", response=RESPONSE),
        ],
        {responses.LOOK: looks},
        named_by=1,
    )


CASES = {
    "text": Case(FIRST, [TEXT], [OPEN_FIRST], "Hello."),
    "calls": Case(FIRST, [ASKED], [OPEN_FIRST], "Let me add."),
    "outputs": Case(OUTPUTS, [GIVEN], [SUBMIT], "It is 42."),
    "approvals": Case(
        FIRST,
        [ASKED_TO_APPROVE, APPROVED],
        [OPEN_FIRST, OPEN_APPROVED],
        "Let me fetch. It says one.",
        ASKS_ME,
    ),
    "a response": Case(
        responses.NEXT, [responding()], [responses.OPEN_NEXT], "Hello.", api=responses.API
    ),
    "a background response": Case(
        responses.NEXT,
        [responding(background=True)],
        [responses.opened(responses.AGAIN, **responses.IN_CONVERSATION, background=True)],
        "Hello.",
        api=responses.BACKGROUND,
    ),
}


class Cut(NamedTuple):
    """Which stream of a turn is cut, after how many events, and whether as by a broken line."""

    number: int
    after: int
    breaks: bool

    def of(self, case: Case) -> list[Brought]:
        """What the turn's streams bring."""
        streams = [brought(one.events) for one in case.told]
        left = case.told[self.number].events[: self.after]
        streams[self.number] = brought(left, broken() if self.breaks else None)
        if case.api is responses.BACKGROUND:
            streams.append(brought(case.told[self.number].events[self.after :]))
        return streams


def cuts(case: Case) -> list[Cut]:
    """Every cut of a turn from where its run is known."""
    return [
        Cut(number, after, breaks)
        for number, one in enumerate(case.told)
        for after in range(one.named_by, len(one.events))
        for breaks in (True, False)
    ]
