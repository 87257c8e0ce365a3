"""A classic thread, read as what was said in it: its messages, and the steps of its runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from langchain_foundry_agents._flow.actions import OUTPUTS
from langchain_foundry_agents._flow.effects import JSON, Event, Flow, Query, Send
from langchain_foundry_agents._flow.entries import Answered, Entry, Given, Said, understood
from langchain_foundry_agents._flow.lists import list_all
from langchain_foundry_agents._flow.progress import Outcome
from langchain_foundry_agents._flow.retry import Patience
from langchain_foundry_agents._flow.statuses import Meaning, holds_thread, meaning
from langchain_foundry_agents._flow.steps import message_event, step_calls, step_event
from langchain_foundry_agents.errors import FoundryAgentError

_NEVER_CHANGES = 3600.0
_TOLD = {Meaning.ANSWERED, Meaning.CUT_SHORT}


def read_thread(thread_id: str, query: Query, patience: Patience) -> Flow[list[Entry]]:
    """What was said in a thread. Of runs that said nothing, their calls for the caller."""
    thread = f"/threads/{thread_id}"
    try:
        messages = yield from list_all(Send("GET", f"{thread}/messages", None, query), patience)
        runs = yield from list_all(Send("GET", f"{thread}/runs", None, query), patience)
        steps: dict[str, list[JSON]] = {}
        for run in runs:
            # An agent without tools has no steps but those that write messages.
            if run.get("tools"):
                over = not holds_thread(run.get("status"))
                asking = Send(
                    "GET",
                    f"{thread}/runs/{run.get('id')}/steps",
                    None,
                    query,
                    fresh_for=_NEVER_CHANGES if over else 0.0,
                )
                steps[str(run.get("id"))] = yield from list_all(asking, patience)
    except FoundryAgentError as error:
        raise error.about(thread_id=thread_id, run_id=None)  # noqa: B904
    return understood(_thread_entries(messages, runs, steps))


@dataclass(slots=True)
class _Run:
    """A run, with what the thread tells of it."""

    run: JSON
    steps: list[JSON]
    messages: dict[str, JSON] = field(default_factory=dict)

    def entries(self) -> Iterator[Entry]:
        """What it said, cut where it asked the caller for something."""
        start: list[Event] = [("thread.run", self.run)]
        events, after = list(start), None
        for step in self.steps:
            if event := step_event(step, self.messages):
                events.append(event)
            if calls := [*map(_call, _functions(step))]:
                yield Answered(tuple(events), Outcome(_asking(self.run, calls)), after)
                yield from _outputs(_functions(step))
                events, after = list(start), min(call["id"] for call in calls)
        events += map(message_event, self.messages.values())
        status = meaning(self.run.get("status"))
        waits = status is Meaning.NEEDS_ACTION and after is None
        if events != start or waits or (after is None and status in _TOLD):
            yield Answered(tuple(events), Outcome(self.run), after)


def _thread_entries(
    messages: list[JSON], runs: list[JSON], steps: dict[str, list[JSON]]
) -> Iterator[Entry]:
    """A run stands where it first wrote; one that wrote nothing, before the first younger message.

    Messages keep their order: their times are too coarse.
    """
    left = {run["id"]: _Run(run, steps.get(run["id"], [])) for run in runs}
    writing = dict(left)
    for message in messages:
        if (run := writing.get(str(message.get("run_id")))) is not None:
            run.messages[message["id"]] = message
    for message in messages:
        yield from _silent_before(message.get("created_at"), left)
        author = str(message.get("run_id"))
        if author in writing:
            if author in left:
                yield from left.pop(author).entries()
        elif message.get("role") == "assistant":
            # A history that was told brought it.
            yield Answered((message_event(message),), Outcome(_told_run(message)))
        else:
            yield Said(message)
    for one in left.values():
        yield from one.entries()


def _silent_before(moment: object, left: dict[str, _Run]) -> Iterator[Entry]:
    for id_, one in list(left.items()):
        began = one.run.get("created_at")
        older = isinstance(began, int) and isinstance(moment, int) and began < moment
        if older and not one.messages:
            yield from left.pop(id_).entries()


def _functions(step: JSON) -> list[JSON]:
    return [call for call in step_calls(step) if call.get("type") == "function"]


def _call(call: JSON) -> JSON:
    """A call as a run asks for it."""
    asked = {name: call["function"].get(name) for name in ("name", "arguments")}
    return {"id": call["id"], "type": "function", "function": asked}


def _outputs(calls: Iterable[JSON]) -> Iterator[Given]:
    for call in calls:
        if (output := call["function"].get("output")) is not None:
            yield Given(call["id"], output)


def _asking(run: JSON, calls: list[JSON]) -> JSON:
    """A run as it was when it asked for these calls."""
    action = {"type": OUTPUTS, OUTPUTS: {"tool_calls": calls}}
    return {**run, "status": "requires_action", "required_action": action, "usage": None}


def _told_run(message: JSON) -> JSON:
    """No run wrote it: what there is to say of one."""
    return {"object": "thread.run", "thread_id": message.get("thread_id"), "status": "completed"}
