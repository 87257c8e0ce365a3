"""Events of an answer, and their sum as the fold has it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import add
from typing import Any

from langchain_core.messages import AIMessageChunk
from langchain_core.messages.ai import UsageMetadata

from langchain_foundry_agents._answers import Answer
from langchain_foundry_agents._flow.turn import Outcome

RUN = {"id": "run_1", "object": "thread.run", "thread_id": "thread_1", "status": "completed"}
ENDED = Outcome(RUN)

JSON = dict[str, Any]
Event = tuple[str, JSON]


def estimate(text: str) -> UsageMetadata:
    return UsageMetadata(input_tokens=1000, output_tokens=len(text), total_tokens=1000 + len(text))


def answer(*stop: str) -> Answer:
    return Answer("asst_1", stop, estimate)


def text(value: Any, place: int = 0, message: str = "msg_1") -> Event:
    part = {"index": place, "type": "text", "text": {"value": value}}
    return "thread.message.delta", {"id": message, "delta": {"content": [part]}}


def part(place: Any, message: str = "msg_1", **fields: Any) -> Event:
    return "thread.message.delta", {
        "id": message,
        "delta": {"content": [{"index": place, **fields}]},
    }


def image(place: int, message: str = "msg_1") -> Event:
    return part(place, message, type="image_file", image_file={"file_id": "file_1"})


def whole(*parts: JSON, message: str = "msg_1") -> Event:
    ids = {"id": message, "object": "thread.message", "thread_id": "thread_1", "run_id": "run_1"}
    return "thread.message.completed", {**ids, "content": list(parts)}


def whole_text(value: str) -> JSON:
    return {"type": "text", "text": {"value": value, "annotations": []}}


def folded(
    batches: Iterable[Sequence[Event]], fold: Answer, ending: Outcome = ENDED
) -> AIMessageChunk:
    """The sum of the chunks of these batches."""
    chunks = [chunk for batch in batches for chunk in fold.add(batch)]
    message = reduce(add, [*chunks, fold.finish(ending)]).message
    assert isinstance(message, AIMessageChunk)
    return message


def content(*events: Event, stop: Sequence[str] = ()) -> Any:
    """The content of an answer, which must not depend on how its events came."""
    together = folded([events], answer(*stop)).content
    assert folded([[event] for event in events], answer(*stop)).content == together
    return together
