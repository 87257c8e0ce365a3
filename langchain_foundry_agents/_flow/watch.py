"""What a turn does now, read from its effects: for a line that shows it while it works."""

from __future__ import annotations

import json
from typing import Any, Protocol, TypeVar

from langchain_foundry_agents._flow.effects import (
    JSON,
    Decide,
    Effect,
    Emit,
    Flow,
    Open,
    Pause,
    Send,
)
from langchain_foundry_agents.errors import Response

Result = TypeVar("Result")

WRITING = "writing"
_STATUSES = {"queued": "queued", "in_progress": "working", "cancelling": "cancelling"}
_TEXTS = {
    "thread.message.delta",
    "thread.message.completed",
    "response.output_text.delta",
    "response.output_text.done",
    "response.completed",
    "response.incomplete",
}
_KINDS = {
    "azure_ai_search": "searching",
    "bing_custom_search": "searching the web",
    "bing_grounding": "searching the web",
    "code_interpreter": "running code",
    "connected_agent": "asking another agent",
    "file_search": "searching files",
    "function": "choosing tools",
    "image_generation": "drawing",
    "mcp": "asking a server",
    "mcp_list_tools": "asking a server for its tools",
    "memory_search": "remembering",
    "message": WRITING,
    "openapi": "calling an API",
    "reasoning": "thinking",
    "web_search": "searching the web",
}


class Line(Protocol):
    """What shows what a turn does."""

    def say(self, step: str) -> None:
        """Show this, in place of what was shown."""

    def clear(self) -> None:
        """Show nothing."""


def watch(flow: Flow[Result], line: Line, *, whole: bool) -> Flow[Result]:
    """A flow as it is, with a line that tells what it does, and that is gone when it ends.

    Args:
        flow: The flow of a turn.
        line: What shows it.
        whole: Nobody sees the answer before its end. Otherwise its first words end the line.
    """
    quiet = False
    try:
        effect = next(flow)
        while True:
            step = _step(effect)
            quiet = quiet or (step == WRITING and _gives_text(effect) and not whole)
            if quiet or isinstance(effect, Decide):
                # What is asked there may ask a person.
                line.clear()
            elif step:
                line.say(step)
            try:
                result = yield effect
            except BaseException as error:  # noqa: BLE001 - the flow's business, whatever it is
                effect = flow.throw(error)
                continue
            if not quiet and (state := _state(result)):
                line.say(state)
            effect = flow.send(result)
    except StopIteration as end:
        value: Result = end.value
        return value
    finally:
        line.clear()


def _step(effect: Effect) -> str | None:
    """What an effect does, if it is worth telling."""
    match effect:
        case Open():
            return "asking"
        case Send(file=(name, _, _)):
            return f"uploading {name}"
        case Pause(is_retry=True):
            return "waiting to try again"
        case Emit(events):
            steps = (_told(_kind(name, data), data) for name, data in reversed(events))
            return next(filter(None, steps), None)
    return None


def _gives_text(effect: Effect) -> bool:
    events = effect.events if isinstance(effect, Emit) else ()
    return any(_kind(name, data) in _TEXTS for name, data in events)


def _kind(name: str, data: JSON) -> str:
    kind = data.get("type")
    return kind if isinstance(kind, str) else name


def _told(kind: str, data: JSON) -> str | None:
    """What an event tells of the step that the agent is at."""
    if kind in _TEXTS:
        return WRITING
    if data.get("object") == "thread.run":
        return _STATUSES.get(str(data.get("status")))
    if kind.startswith("response.reasoning"):
        return _KINDS["reasoning"]
    if isinstance(data.get("response"), dict):
        return _STATUSES.get(str(data["response"].get("status")))
    if isinstance(data.get("item"), dict) and kind == "response.output_item.added":
        return _named(data["item"].get("type"))
    delta = data.get("delta")
    details = (delta if isinstance(delta, dict) else data).get("step_details")
    if not isinstance(details, dict):
        return None
    calls = details.get("tool_calls") or details.get("activities")
    # The fold tells what has another form: a line never spoils a turn.
    last = calls[-1] if isinstance(calls, list) else None
    return _named(last.get("type")) if isinstance(last, dict) else None


def _named(kind: object) -> str | None:
    """What using a tool of a kind is called."""
    if not isinstance(kind, str) or kind.endswith(("_output", "_response", "_request")):
        return None
    bare = kind.removesuffix("_call").removesuffix("_preview")
    return _KINDS.get(bare) or f"using {bare.replace('_', ' ')}"


def _state(result: Any) -> str | None:
    """The state of the run that an answer tells."""
    if not isinstance(result, Response) or '"status"' not in result.text:
        return None
    try:
        found = json.loads(result.text)
    except ValueError:
        return None
    of_run = isinstance(found, dict) and found.get("object") in {"thread.run", "response"}
    return _STATUSES.get(str(found.get("status"))) if of_run else None
