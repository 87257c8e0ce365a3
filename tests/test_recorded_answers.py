"""Recorded streams through the fold: the same answer however its events come."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from folding import Event, answer, cut, folded, image, last_run, recorded, text
from hypothesis import example, given, settings
from hypothesis import strategies as st

from langchain_foundry_agents.citations import CitationStyle

RECORDINGS = {
    path.stem.removeprefix("test_"): path
    for path in sorted((Path(__file__).parent / "recordings").glob("*.sse"))
}
MADE_UP: tuple[Event, ...] = (
    text("One E"),
    text("N"),
    text("d."),
    image(1),
    text("Tw", 2),
    text("o.", 2),
    image(0, "msg_2"),
    text("Three EN", 1, "msg_2"),
    text("D four", 1, "msg_2"),
)


def events_of(name: str) -> tuple[Event, ...]:
    return recorded(RECORDINGS[name])


def polled(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """A recorded stream as polling would have brought it: the run, steps and messages, whole."""
    late = {
        (data["id"], call["index"]): call["output"]
        for name, data in events
        if name == "thread.run.step.delta"
        for call in data["delta"]["step_details"]["tool_calls"]
        if call.get("output")
    }
    whole = [last_run(events).run]
    for name, data in events:
        if name in {"thread.run.step.completed", "thread.message.completed"}:
            step = json.loads(json.dumps(data))
            for place, call in enumerate(step.get("step_details", {}).get("tool_calls", [])):
                call.update({"output": late[step["id"], place]} if "output" in call else {})
            whole.append(step)
    return tuple(("", data) for data in whole)


@pytest.mark.parametrize("name", RECORDINGS)
@settings(max_examples=25, deadline=None)
@given(places=st.lists(st.integers(0, 170), max_size=20))
@example(places=list(range(170)))
def test_a_recorded_answer_is_the_same_however_its_events_are_cut(
    name: str, places: list[int]
) -> None:
    events = events_of(name)
    ending = last_run(events)

    assert folded(cut(events, places), answer(), ending) == folded([events], answer(), ending)


@pytest.mark.parametrize("style", ["keep", "strip", "markdown"])
@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recorded_answer_is_the_same_when_it_is_polled(name: str, style: CitationStyle) -> None:
    events = events_of(name)
    ending = last_run(events)

    read_whole = folded([polled(events)], answer(citations=style), ending)

    assert read_whole == folded([events], answer(citations=style), ending)


@pytest.mark.parametrize("style", ["strip", "markdown"])
@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recorded_answer_has_the_same_blocks_in_every_style_event_by_event(
    name: str, style: CitationStyle
) -> None:
    events = events_of(name)
    ending = last_run(events)

    one_by_one = folded([[event] for event in events], answer(citations=style), ending)

    assert one_by_one.content == folded([events], answer(citations=style), ending).content


@settings(max_examples=100, deadline=None)
@given(places=st.lists(st.integers(0, 9), max_size=6))
def test_an_answer_of_text_and_images_is_the_same_however_its_events_are_cut(
    places: list[int],
) -> None:
    assert folded(cut(MADE_UP, places), answer("END")) == folded([MADE_UP], answer("END"))


def test_a_recorded_text_is_handed_out_as_it_was_written() -> None:
    events = events_of("create_stream.run-stream")

    assert folded([events], answer(), last_run(events)).content == (
        "Of course! Here's a joke for you:\n\nWhy don’t skeletons fight each other?\n\n"
        "Because they don’t have the guts! 😄"
    )


@pytest.mark.parametrize(
    ("name", "run_id", "message_ids", "tokens"),
    [
        (
            "bing_grounding_tool_streaming.1-run-stream",
            "run_fE8G9gVexwl2fJrsWjFjW0LL",
            ["msg_p66tzdgzNCb5YaCUFnK9jU9y"],
            (4334, 154, 4488),
        ),
        (
            "code_interpreter_tool_streaming.1-run-stream",
            "run_o1w3QpuGCbTHv8ewOQcrg5d2",
            ["msg_L0gE24Zqtwc7NCw6MPVKPB3T", "msg_biIUt5JpqURhb5C2o8R1iZSr"],
            (1113, 326, 1439),
        ),
        (
            "create_stream.run-stream",
            "run_YzrfmWISvOtaM0dCxyDqZzRj",
            ["msg_LJpjzinOhi3QbKWxrNlvXXS7"],
            (66, 30, 96),
        ),
        (
            "file_search_tool_streaming.1-run-stream",
            "run_Akd9CO29e8vIZSqP4eBIDLSb",
            ["msg_2mLpw9dtm4jk4qHz77zA0T7a"],
            (1927, 73, 2000),
        ),
        (
            "mcp_tool_streaming.2-submit-stream",
            "run_0fDXYlzg8O7MxLrtymqVM1vA",
            ["msg_A09KKFyiaqCdVDQc07FhkMWf"],
            (15092, 150, 15242),
        ),
    ],
)
def test_a_recorded_answer_names_its_ids_and_its_usage(
    name: str, run_id: str, message_ids: list[str], tokens: tuple[int, int, int]
) -> None:
    events = events_of(name)

    message = folded([events], answer(), last_run(events))

    metadata, usage = message.response_metadata, message.usage_metadata
    assert (metadata["run_id"], metadata["message_ids"]) == (run_id, message_ids)
    assert (metadata["finish_reason"], metadata["usage_source"]) == ("stop", "service")
    assert usage is not None
    assert (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"]) == tokens
