"""Recorded runs as messages: texts, ids and usage. That all are read, test_corpus.py says."""

from __future__ import annotations

from pathlib import Path

import pytest
from folding import Event, answer, cut, folded, image, last_run, recorded, text
from hypothesis import given, settings
from hypothesis import strategies as st

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
