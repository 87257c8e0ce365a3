"""Events of an answer, and their sum as the fold has it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessageChunk
from langchain_core.messages.ai import UsageMetadata

from langchain_foundry_agents._answers.fold import Answer
from langchain_foundry_agents._flow.items import run_of
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
    return Answer({"agent_id": "asst_1"}, estimate, stop=stop, **more)


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


_LONG = 60


def brief(value: Any) -> Any:
    """A value with its long texts cut."""
    if isinstance(value, str):
        return value if len(value) <= _LONG else f"{value[:_LONG]}…"
    if isinstance(value, dict):
        return {name: brief(item) for name, item in value.items()}
    return [brief(item) for item in value] if isinstance(value, list) else value


# The new generation.

REPLY: JSON = {
    "id": "resp_1",
    "object": "response",
    "status": "completed",
    "conversation": {"id": "conv_1"},
    "agent_reference": {"type": "agent_reference", "name": "support", "version": "3"},
    "model": "gpt-4.1",
    "output": [],
}


def new_answer(*stop: str, **more: Any) -> Answer:
    return Answer({"agent_name": "support"}, estimate, stop=stop, **more)


def response(*output: JSON, **more: Any) -> JSON:
    return {**REPLY, "output": list(output), **more}


def ended(*output: JSON, **more: Any) -> Outcome:
    """The end of a turn with such a response."""
    return Outcome(run_of(response(*output, **more)))


def output_text(value: str, *annotations: JSON) -> JSON:
    return {"type": "output_text", "text": value, "annotations": list(annotations), "logprobs": []}


def message_item(*parts: JSON | str, item_id: str = "msg_1", **more: Any) -> JSON:
    content = [output_text(part) if isinstance(part, str) else part for part in parts]
    item = {"type": "message", "id": item_id, "role": "assistant", "status": "completed"}
    return {**item, "content": content, **more}


def reasoning_item(*summary: str, item_id: str = "rs_1", **more: Any) -> JSON:
    parts = [{"type": "summary_text", "text": text} for text in summary]
    return {"type": "reasoning", "id": item_id, "summary": parts, **more}


def event(kind: str, **data: Any) -> Event:
    """An event of a response."""
    return f"response.{kind}", {"type": f"response.{kind}", **data}


def added(place: int, item: JSON) -> Event:
    return event("output_item.added", output_index=place, item=item)


def done(place: int, item: JSON) -> Event:
    return event("output_item.done", output_index=place, item=item)


def text_delta(value: str, place: int = 0, item_id: str = "msg_1", index: int = 0) -> Event:
    where = {"output_index": place, "item_id": item_id, "content_index": index}
    return event("output_text.delta", **where, delta=value, logprobs=[], obfuscation="x")


def streamed(*items: JSON, **more: Any) -> tuple[Event, ...]:
    """A response as the service streams it."""
    begun = response(**{**more, "status": "in_progress"})
    events = [event("created", response=begun), event("in_progress", response=begun)]
    for place, item in enumerate(items):
        empty = {**item, "content": []} if item["type"] == "message" else item
        events += [added(place, empty), *_parts(place, item), done(place, item)]
    return *events, whole_response(*items, **more)


def whole_response(*items: JSON, **more: Any) -> Event:
    found = response(*items, **more)
    return event(found["status"], response=found)


def _parts(place: int, item: JSON) -> Iterator[Event]:
    of_item = {"output_index": place, "item_id": item.get("id")}
    for index, part in enumerate(item.get("summary") or []):
        where = {**of_item, "summary_index": index}
        for piece in _pieces(part["text"]):
            yield event("reasoning_summary_text.delta", **where, delta=piece)
        yield event("reasoning_summary_text.done", **where, text=part["text"])
    for index, part in enumerate(item.get("content") or []):
        kind = part["type"]
        field = "refusal" if kind == "refusal" else "text"
        where = {**of_item, "content_index": index}
        for piece in _pieces(part.get(field, "")):
            yield event(f"{kind}.delta", **where, delta=piece)
        for annotation in part.get("annotations", ()):
            yield event("output_text.annotation.added", **where, annotation=annotation)
        yield event(f"{kind}.done", **where, **{field: part.get(field)})
        yield event("content_part.done", **where, part=part)


def _pieces(value: str) -> list[str]:
    return [value[at : at + 3] for at in range(0, len(value), 3)]


def replied(*items: JSON, stop: Sequence[str] = (), fields: JSON | None = None, **more: Any) -> Any:
    """The message of a response, which is the same streamed, event by event or not, and whole."""
    events, ending = streamed(*items, **fields or {}), ended(*items, **fields or {})
    ways = [[one] for one in events], [events], [events[-1:]]
    one_by_one, together, at_once = (folded(way, new_answer(*stop, **more), ending) for way in ways)
    assert one_by_one == together == at_once
    assert one_by_one.content_blocks == together.content_blocks == at_once.content_blocks
    return one_by_one


def contents(*events: Event) -> Any:
    """The content that these events of a response come to, together or one by one."""
    together = folded([events], new_answer(), ended())
    assert folded([[one] for one in events], new_answer(), ended()).content == together.content
    return together.content
