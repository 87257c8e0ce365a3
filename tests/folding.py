"""Events of an answer, and their sum as the fold has it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessageChunk
from langchain_core.messages.ai import UsageMetadata

from langchain_foundry_agents._answers import Answer
from langchain_foundry_agents._flow.progress import Outcome
from langchain_foundry_agents._flow.wire import read_events
from langchain_foundry_agents._sse import SSEDecoder

RUN = {"id": "run_1", "object": "thread.run", "thread_id": "thread_1", "status": "completed"}
ENDED = Outcome(RUN)
CREATED = "thread.run.created", RUN

JSON = dict[str, Any]
Event = tuple[str, JSON]


def estimate(text: str) -> UsageMetadata:
    return UsageMetadata(input_tokens=1000, output_tokens=len(text), total_tokens=1000 + len(text))


def answer(*stop: str, **more: Any) -> Answer:
    return Answer("asst_1", estimate, stop=stop, **more)


def text(value: Any, place: int = 0, message: str = "msg_1", *annotations: JSON) -> Event:
    told = {"value": value} | ({"annotations": list(annotations)} if annotations else {})
    return part(place, message, type="text", text=told)


def part(place: Any, message: str = "msg_1", **fields: Any) -> Event:
    return delta({"id": message, "delta": {"content": [{"index": place, **fields}]}})


def delta(data: JSON) -> Event:
    return "thread.message.delta", {"object": "thread.message.delta", **data}


def image(place: int, message: str = "msg_1", file_id: str = "file_1") -> Event:
    return part(place, message, type="image_file", image_file={"file_id": file_id})


def whole(*parts: JSON, message: str = "msg_1") -> Event:
    ids = {"id": message, "object": "thread.message", "thread_id": "thread_1", "run_id": "run_1"}
    return "thread.message.completed", {**ids, "content": list(parts)}


def whole_text(value: str, *annotations: JSON) -> JSON:
    return {"type": "text", "text": {"value": value, "annotations": list(annotations)}}


def step(*calls: JSON, status: str = "completed", step_id: str = "step_1", **more: Any) -> Event:
    """A step that is over, with the calls of tools that it made."""
    ids = {"id": step_id, "object": "thread.run.step", "thread_id": "thread_1", "run_id": "run_1"}
    details = {"type": "tool_calls", "tool_calls": list(calls)}
    return f"thread.run.step.{status}", {**ids, "status": status, "step_details": details, **more}


def step_delta(*calls: JSON, step_id: str = "step_1") -> Event:
    details = {"type": "tool_calls", "tool_calls": list(calls)}
    return "thread.run.step.delta", {
        "id": step_id,
        "object": "thread.run.step.delta",
        "delta": {"step_details": details},
    }


def asking(*calls: JSON, approval: bool = False) -> Outcome:
    """The end of a turn whose run waits for these calls."""
    kind = "submit_tool_approval" if approval else "submit_tool_outputs"
    action = {"type": kind, kind: {"tool_calls": list(calls)}}
    return Outcome({**RUN, "status": "requires_action", "required_action": action})


def function_call(call_id: str, name: str, arguments: Any) -> JSON:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def folded(
    batches: Iterable[Sequence[Event]], fold: Answer, ending: Outcome = ENDED
) -> AIMessageChunk:
    """The sum of the chunks of these batches."""
    chunks = [chunk for batch in batches for chunk in fold.add(batch)]
    message = reduce(add, [*chunks, *fold.finish(ending)]).message
    assert isinstance(message, AIMessageChunk)
    return message


def summed(*events: Event, ending: Outcome = ENDED, stop: Sequence[str] = (), **more: Any) -> Any:
    """The message of an answer, whose content must not depend on how its events came."""
    all_events = CREATED, *events
    together = folded([all_events], answer(*stop, **more), ending)
    one_by_one = folded([[event] for event in all_events], answer(*stop, **more), ending)
    assert one_by_one.content == together.content
    assert one_by_one.content_blocks == together.content_blocks
    return together


def content(*events: Event, stop: Sequence[str] = (), **more: Any) -> Any:
    """The content of an answer, which must not depend on how its events came."""
    return summed(*events, stop=stop, **more).content


def recorded(path: Path) -> tuple[Event, ...]:
    """The events of a recorded stream."""
    batches = read_events(SSEDecoder().feed(path.read_bytes()))
    return tuple(event for batch in batches for event in batch)


def last_run(events: Iterable[Event]) -> Outcome:
    return Outcome([data for _, data in events if data.get("object") == "thread.run"][-1])


def cut(events: Sequence[Event], places: Iterable[int]) -> list[Sequence[Event]]:
    """Events in the batches that these places cut them into."""
    borders = [0, *sorted(min(place, len(events)) for place in places), len(events)]
    return [events[start:stop] for start, stop in itertools.pairwise(borders)]
