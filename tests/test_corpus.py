"""Every recording of the real service is read: the same however it comes, nothing of it lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from folding import JSON, Event, answer, cut, folded, last_run, recorded
from hypothesis import example, given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessageChunk
from recorded_responses import STREAMS, WHOLE, message_of, whole

from langchain_foundry_agents._flow.failures import refusal
from langchain_foundry_agents.citations import CitationStyle
from langchain_foundry_agents.errors import BadRequestError, Response, ServiceError

RECORDINGS = Path(__file__).parent / "recordings"
RUNS = {path.stem: recorded(path) for path in sorted(RECORDINGS.glob("*.sse"))}
RESPONSES = {name: events[-1][1]["response"] for name, events in STREAMS.items()} | WHOLE
REFUSALS = {
    f"{path.stem}.{place}": Response(status, text=json.dumps(told["response"]["body"]))
    for path in sorted(RECORDINGS.rglob("*.json"))
    for place, told in enumerate(json.loads(path.read_text()).get("exchanges", ()))
    if (status := told["response"]["status"]) >= 400
}
STYLES = ("keep", "strip", "markdown")
# What tells nothing of what the agent did: ids of the service's own, and what counts and places.
_ENVELOPE = {
    "agent_reference",
    "call_id",
    "created_at",
    "created_by",
    "id",
    "index",
    "object",
    "response_id",
    "role",
    "status",
    "type",
    "usage",
}


def run_of(events: tuple[Event, ...], *batches: Any, style: CitationStyle = "keep") -> Any:
    """The message of a recorded run, whose events come in these batches."""
    return folded(batches or [events], answer(citations=style), last_run(events))


def polled(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """A recorded stream as polling would have brought it: the run, steps and messages, whole."""
    late = {
        (data["id"], call["index"]): call["output"]
        for name, data in events
        if name == "thread.run.step.delta"
        for call in data["delta"]["step_details"]["tool_calls"]
        if call.get("output")
    }
    told = [last_run(events).run]
    for name, data in events:
        if name in {"thread.run.step.completed", "thread.message.completed"}:
            step = json.loads(json.dumps(data))
            for place, call in enumerate(step.get("step_details", {}).get("tool_calls", [])):
                call.update({"output": late[step["id"], place]} if "output" in call else {})
            told.append(step)
    return tuple(("", data) for data in told)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", RUNS)
def test_a_recorded_run_is_the_same_streamed_and_polled(name: str, style: CitationStyle) -> None:
    events = RUNS[name]
    together = run_of(events, style=style)

    assert run_of(events, polled(events), style=style) == together
    assert run_of(events, *([one] for one in events), style=style).content == together.content


@pytest.mark.parametrize("name", RUNS)
@settings(max_examples=25, deadline=None)
@given(places=st.lists(st.integers(0, 170), max_size=20))
@example(places=list(range(170)))
def test_a_recorded_run_is_the_same_however_its_events_are_cut(
    name: str, places: list[int]
) -> None:
    events = RUNS[name]

    assert run_of(events, *cut(events, places)) == run_of(events)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", STREAMS)
def test_a_recorded_response_is_the_same_streamed_and_whole(
    name: str, style: CitationStyle
) -> None:
    events = STREAMS[name]
    together = message_of(events, style=style)

    one_by_one = message_of(*([one] for one in events), style=style)
    at_once = message_of([whole(events[-1][1]["response"])], style=style)

    assert one_by_one == together == at_once
    assert one_by_one.content_blocks == together.content_blocks == at_once.content_blocks


@pytest.mark.parametrize("name", REFUSALS)
def test_a_recorded_refusal_is_an_error_with_its_code_and_its_words(name: str) -> None:
    response = REFUSALS[name]
    told = response.json()["error"]

    error = refusal(response)

    assert isinstance(error, ServiceError if response.status_code >= 500 else BadRequestError)
    assert (error.code, error.status_code) == (told["code"], response.status_code)
    assert told["message"] in str(error)


@pytest.mark.parametrize("name", RUNS)
def test_nothing_of_a_recorded_run_is_lost(name: str) -> None:
    events = RUNS[name]
    message = run_of(events)

    assert [*lost(shown_in_run(events), message)] == []
    assert ids(message) >= {call["id"] for call in calls_of(events)}


@pytest.mark.parametrize("name", RESPONSES)
def test_nothing_of_a_recorded_response_is_lost(name: str) -> None:
    output = RESPONSES[name]["output"]
    message = message_of([whole(RESPONSES[name])])

    assert [*lost(output, message)] == []
    wanted = {item.get("call_id") or item["id"] for item in output if is_call(item)}
    assert ids(message) >= wanted


@pytest.mark.parametrize("name", [*RUNS, *RESPONSES])
def test_what_a_recorded_call_gave_stands_behind_the_call(name: str) -> None:
    message = run_of(RUNS[name]) if name in RUNS else message_of([whole(RESPONSES[name])])
    blocks: list[Any] = message.content_blocks

    results = [place for place, one in enumerate(blocks) if one["type"] == "server_tool_result"]
    assert [blocks[place]["tool_call_id"] for place in results] == [
        blocks[place - 1].get("id") for place in results
    ]


def shown_in_run(events: tuple[Event, ...]) -> list[JSON]:
    """What the agent did in a recorded run, as the service tells it when it is over."""
    told: list[JSON] = [*calls_of(events)]
    for name, data in events:
        if name == "thread.message.completed":
            told += data["content"]
    return told


def calls_of(events: tuple[Event, ...]) -> list[JSON]:
    """The calls that a run made itself, and those that it asks its caller for."""
    found: list[JSON] = []
    for name, data in events:
        if name == "thread.run.step.completed":
            details = data["step_details"]
            calls = details.get("tool_calls") or details.get("activities") or []
            found += [call for call in calls if call["type"] != "function"]
        elif name == "thread.run.requires_action":
            (asked,) = (one for one in data["required_action"].values() if isinstance(one, dict))
            found += asked["tool_calls"]
    return found


def is_call(item: JSON) -> bool:
    return item["type"] not in {"message", "reasoning", "workflow_action"}


def ids(message: AIMessageChunk) -> set[str]:
    blocks: list[Any] = message.content_blocks
    return {one for block in blocks if (one := block.get("tool_call_id") or block.get("id"))}


def lost(told: Any, message: AIMessageChunk) -> Iterator[Any]:
    """What the service told that is nowhere in the message."""
    found = {*leaves([*message.content_blocks])}
    yield from (leaf for leaf in leaves(told) if leaf not in found)


def leaves(value: Any) -> Iterator[Any]:
    """The texts and numbers of a value, and those of arguments, which a message has parsed."""
    if isinstance(value, dict):
        for name, one in value.items():
            if name == "arguments" and isinstance(one, str):
                yield from leaves(json.loads(one or "{}"))
            elif name not in _ENVELOPE:
                yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    elif value not in (None, ""):
        yield value
