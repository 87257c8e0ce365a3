"""Threads and conversations as the service keeps them, read as what was said in them, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from langchain_foundry_agents._flow.actions import OUTPUTS
from langchain_foundry_agents._flow.effects import JSON, Event, Flow, Send
from langchain_foundry_agents._flow.files import Query
from langchain_foundry_agents._flow.items import run_of
from langchain_foundry_agents._flow.progress import Outcome
from langchain_foundry_agents._flow.retry import Patience, attempt
from langchain_foundry_agents._flow.statuses import Meaning, holds_thread, meaning
from langchain_foundry_agents._flow.wire import read_object
from langchain_foundry_agents.errors import FoundryAgentError, ProtocolError

_WHOLE_PAGE = (("order", "asc"), ("limit", "100"))
_NEVER_CHANGES = 3600.0
_COMPLETED = "thread.message.completed"
_CALLERS_OWN = {"function_call_output", "mcp_approval_response"}
_TOLD = {Meaning.ANSWERED, Meaning.CUT_SHORT}


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the caller's, as the service shows it."""

    message: JSON


@dataclass(frozen=True, slots=True)
class Given:
    """What the caller gave for a call."""

    call_id: str
    output: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What a run, or a response, wrote and did up to its end, or to calls for the caller."""

    events: tuple[Event, ...]
    outcome: Outcome
    after: str | None = None
    """A call that it follows."""


Entry = Said | Given | Answered


def read_thread(thread_id: str, query: Query, patience: Patience) -> Flow[list[Entry]]:
    """What was said in a thread. Of runs that said nothing, their calls for the caller."""
    thread = f"/threads/{thread_id}"
    try:
        messages = yield from _list_all(Send("GET", f"{thread}/messages", None, query), patience)
        runs = yield from _list_all(Send("GET", f"{thread}/runs", None, query), patience)
        steps: dict[str, list[JSON]] = {}
        for run in runs:
            # An agent without tools has no steps but those that write messages.
            if run.get("tools"):
                over = not holds_thread(run.get("status"))
                asking = Send(
                    "GET",
                    f"{thread}/runs/{run['id']}/steps",
                    None,
                    query,
                    fresh_for=_NEVER_CHANGES if over else 0.0,
                )
                steps[run["id"]] = yield from _list_all(asking, patience)
    except FoundryAgentError as error:
        raise error.about(thread_id=thread_id, run_id=None)  # noqa: B904
    return list(_thread_entries(messages, runs, steps))


def read_conversation(
    base: str, conversation_id: str, query: Query, patience: Patience
) -> Flow[list[Entry]]:
    """What was said in a conversation; how its responses ended where the service lists them."""
    path = f"{base}/conversations/{conversation_id}/items"
    try:
        items = yield from _list_all(Send("GET", path, None, query), patience)
    except FoundryAgentError as error:
        raise error.about(thread_id=conversation_id, run_id=None)  # noqa: B904
    listing = (*query, ("conversation_id", conversation_id))
    try:
        listed = yield from _list_all(Send("GET", f"{base}/responses", None, listing), patience)
    except FoundryAgentError:
        listed = []
    responses = {response["id"]: response for response in listed}
    return list(_conversation_entries(items, conversation_id, responses))


def _list_all(asking: Send, patience: Patience) -> Flow[list[JSON]]:
    """All of a list, oldest first."""
    after: Query = ()
    found: list[JSON] = []
    while True:
        query = (*asking.query, *_WHOLE_PAGE, *after)
        page_asked = Send(asking.method, asking.path, None, query, fresh_for=asking.fresh_for)
        page = read_object((yield from attempt(page_asked, patience)))
        data = page.get("data")
        if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
            raise ProtocolError("The service listed something that is no list.")
        found += data
        last = page.get("last_id")
        if not page.get("has_more") or not last or ("after", last) in after:
            return found
        after = (("after", last),)


# Classic: messages, and the steps of runs.


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
            details = step.get("step_details") or {}
            written = (details.get("message_creation") or {}).get("message_id")
            if written in self.messages:
                events.append((_COMPLETED, self.messages.pop(written)))
            elif written is None:
                events.append((f"thread.run.step.{step.get('status')}", step))
            if calls := [*map(_call, _functions(details))]:
                yield Answered(tuple(events), Outcome(_asking(self.run, calls)), after)
                yield from _outputs(_functions(details))
                events, after = list(start), min(call["id"] for call in calls)
        events += [(_COMPLETED, message) for message in self.messages.values()]
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
        if (run := writing.get(message.get("run_id") or "")) is not None:
            run.messages[message["id"]] = message
    for message in messages:
        yield from _silent_before(message.get("created_at"), left)
        author = message.get("run_id") or ""
        if author in writing:
            if author in left:
                yield from left.pop(author).entries()
        elif message.get("role") == "assistant":
            # A history that was told brought it.
            yield Answered(((_COMPLETED, message),), Outcome(_told_run(message)))
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


def _functions(details: JSON) -> list[JSON]:
    calls = details.get("tool_calls") or []
    return [call for call in calls if call.get("type") == "function"]


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


# New: items, and the responses that they come from.


def _conversation_entries(
    items: list[JSON], conversation_id: str, responses: dict[str, JSON]
) -> Iterator[Entry]:
    after: str | None = None
    for author, group in groupby(items, _author):
        wrote = list(group)
        if author is not None:
            yield _answered(wrote, author, conversation_id, responses, after)
            after = None
            continue
        for item in wrote:
            if item.get("type") == "function_call_output":
                after = min(filter(None, [after, item["call_id"]]))
                yield Given(item["call_id"], _output_text(item.get("output")))
            elif item.get("type") == "mcp_approval_response":
                after = min(filter(None, [after, item["approval_request_id"]]))
                said = "true" if item.get("approve") is True else "false"
                yield Given(item["approval_request_id"], said)
            else:
                yield Said(item)


def _author(item: JSON) -> str | None:
    """The response that an item comes from; empty if it is not told, `None` for the caller's."""
    by = (item.get("created_by") or {}) if isinstance(item.get("created_by"), dict) else {}
    if author := by.get("response_id") or item.get("response_id"):
        return str(author)
    message = item.get("type", "message") == "message" and item.get("role") != "assistant"
    return None if message or item.get("type") in _CALLERS_OWN else ""


def _answered(
    items: list[JSON],
    author: str,
    conversation_id: str,
    responses: dict[str, JSON],
    after: str | None,
) -> Answered:
    agents = [item["created_by"].get("agent") for item in items if item.get("created_by")]
    response = {
        "object": "response",
        "id": author or None,
        "status": "completed",
        "agent_reference": next(filter(None, agents), None),
        **responses.get(author, {}),
        "conversation": {"id": conversation_id},
        "output": items,
    }
    kind = f"response.{response['status']}"
    event = (kind, {"type": kind, "response": response})
    return Answered((event,), Outcome(run_of(response)), after)


def _output_text(output: object) -> str:
    """An output of the caller's, of which only the texts are read."""
    if isinstance(output, list):
        parts = (part.get("text") for part in output if isinstance(part, dict))
        return "\n".join(text for text in parts if isinstance(text, str))
    return str(output)
