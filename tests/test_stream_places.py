"""What is new in a stream is told by places; ids and numbers of events may be anything.

Public reports show what servers make of them: an id of its own in each event
(https://github.com/BerriAI/litellm/pull/36375), other ids in each phase
(https://github.com/EricLBuehler/mistral.rs/issues/1944), ids that are null
(https://github.com/microsoft/agent-framework/pull/6246).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import pytest
from folding import (
    JSON,
    Event,
    added,
    content,
    contents,
    done,
    ended,
    event,
    folded,
    message_item,
    new_answer,
    output_text,
    reasoning_item,
    response,
    streamed,
    text,
    text_delta,
    whole,
    whole_response,
    whole_text,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

from langchain_foundry_agents.errors import ProtocolError

CITED = {"type": "url_citation", "url": "https://a.example", "start_index": 0, "end_index": 2}
SEARCH: JSON = {"type": "mcp_call", "id": "mcp_1", "name": "find", "arguments": "{}", "output": "a"}
ITEMS = (
    reasoning_item("Let me see.", "Yes."),
    message_item("ha ha ha, I look.", output_text("It is so.", CITED), item_id="msg_1"),
    SEARCH,
    {**SEARCH, "id": "mcp_2", "output": "b"},
    message_item("Found: ha ha ha.", item_id="msg_2"),
)
EVENTS = streamed(*ITEMS)
EXPECTED = folded([[one] for one in EVENTS], new_answer(), ended(*ITEMS)).content_blocks

IDS = st.sampled_from(["same", "missing", None, "", "one for all", "each its own", "by phase"])
NUMBERS = st.sampled_from(["count", "missing", "stand still", "begin anew", "count down", "junk"])
DOUBLED = st.lists(st.tuples(st.integers(0, len(EVENTS) - 1), st.integers(1, 6)), max_size=3)
WITHOUT = st.sampled_from([(), ("content_index",), ("output_index",)])


def renamed(item: JSON, how: Any, count: int, phase: str) -> None:
    """Give an item, or an event about one, another id."""
    name = "item_id" if "item_id" in item else "id"
    if item.get("type") == "mcp_call" and how in ("missing", None, ""):
        # Without any id it is no call and result in LangChain's sense, but an item as it is.
        return
    match how:
        case "same":
            return
        case "missing":
            item.pop(name, None)
        case "one for all":
            item[name] = "x_1"
        case "each its own":
            item[name] = f"x_{count}"
        case "by phase":
            item[name] = f"{item.get(name)}_{phase}"
        case _:
            item[name] = how


def number(how: str, count: int) -> Any:
    return {
        "count": count,
        "stand still": 0,
        "begin anew": count % 9,
        "count down": 1000 - count,
        "junk": [5, -1, "x", None, 10**30, True][count % 6],
    }[how]


def spoilt(
    how: Any, numbers: str, doubled: Sequence[tuple[int, int]], without: Sequence[str]
) -> list[Event]:
    """The events with other ids and numbers, some runs of them twice, and without some places."""
    told = []
    for count, (name, data) in enumerate(copy.deepcopy(EVENTS)):
        phase = name.rpartition(".")[2]
        for about in [data.get("item"), *((data.get("response") or {}).get("output") or [])]:
            if about:
                renamed(about, how, count, phase)
        if "item_id" in data:
            renamed(data, how, count, phase)
        if numbers != "missing":
            data["sequence_number"] = number(numbers, count)
        told.append((name, {key: data[key] for key in data if key not in without}))
    for begin, length in sorted(doubled, reverse=True):
        told[begin:begin] = told[begin : begin + length]
    return told


@settings(max_examples=300, deadline=None)
@given(IDS, NUMBERS, DOUBLED, WITHOUT)
@example("each its own", "stand still", [(0, 6), (9, 6)], ())
def test_whatever_its_ids_and_numbers_an_answer_is_right_or_a_stream_says_that_it_is_not(
    ids: Any, numbers: str, doubled: list[tuple[int, int]], without: Sequence[str]
) -> None:
    if without == ("output_index",):
        # Then items are known by their ids alone.
        ids = "same"
    batches = [[one] for one in spoilt(ids, numbers, doubled, without)]

    whole = folded(batches, new_answer(whole=True), ended(*ITEMS)).content_blocks
    try:
        handed_out = folded(batches, new_answer(), ended(*ITEMS)).content_blocks
    except ProtocolError:
        handed_out = whole

    # Which of two texts an annotation stands in is not told without the text's index.
    beside = {"id", "tool_call_id", "index", *(["annotations"] if without else [])}
    for found in whole, handed_out:
        assert [told(block, beside) for block in found] == [told(one, beside) for one in EXPECTED]


def told(block: Any, beside: set[str]) -> Any:
    return {key: block[key] for key in block if key not in beside}


@pytest.mark.parametrize("index", [-1, 10**12, "0", None, 1.5, True, []])
def test_an_index_that_is_no_place_gives_the_text_once(index: Any) -> None:
    where = {"output_index": index, "content_index": index}
    events = [
        event("output_item.added", output_index=index, item=message_item()),
        event("output_text.delta", **where, delta="One"),
        event("output_text.done", **where, text="One."),
        event("output_item.done", output_index=index, item=message_item("One.")),
        whole_response(message_item("One.", item_id="other")),
    ]

    assert contents(*events) == "One."


def test_a_place_that_is_counted_from_one_gives_each_text_once() -> None:
    one, two = message_item("One."), message_item("Two.", item_id="msg_2")
    events = text_delta("One.", 1, "a"), text_delta("Two.", 2, "b"), whole_response(one, two)

    assert contents(*events) == "One.\n\nTwo."


def test_all_items_at_one_place_give_each_text_once_to_who_waits() -> None:
    one, two = message_item("One."), message_item("Two.", item_id="msg_2")
    events = text_delta("One."), done(0, one), text_delta("Two."), done(0, two)

    message = folded([[*events, whole_response(one, two)]], new_answer(whole=True), ended())

    assert message.content == "One.\n\nTwo."


@pytest.mark.parametrize("last", ["resp_1", "resp_9", None, ""])
def test_a_response_whose_id_changes_is_one_response(last: str | None) -> None:
    events = event("created", response=response(status="in_progress")), text_delta("One.")

    assert contents(*events, whole_response(message_item("One."), id=last)) == "One."


@pytest.mark.parametrize("second", ["resp_2"])
def test_a_response_that_another_takes_the_place_of_is_no_part_of_the_answer(second: str) -> None:
    begun = event("created", response=response(status="in_progress"))
    anew = event("created", response=response(status="in_progress", id=second))
    events = begun, text_delta("On"), anew, text_delta("Two."), whole_response(message_item("Two."))
    events = (*events[:-1], whole_response(message_item("Two."), id=second))

    assert folded([events], new_answer(whole=True), ended()).content == "Two."
    with pytest.raises(ProtocolError, match="The finished text is not what the stream brought"):
        folded([events], new_answer(), ended())


def test_what_an_event_says_again_by_its_number_is_not_handed_out_again() -> None:
    name, data = text_delta("ha")
    one, two = (name, {**data, "sequence_number": 7}), (name, {**data, "sequence_number": 8})

    assert contents(one, two, one, two, two) == "haha"


def test_numbers_that_go_back_leave_the_text_to_its_end() -> None:
    name, data = text_delta("ha")
    first, back = (name, {**data, "sequence_number": 7}), (name, {**data, "sequence_number": 3})
    fold = new_answer()

    assert [chunk.text for chunk in fold.add([first, back])] == ["ha"]
    assert [chunk.text for chunk in fold.add([whole_response(message_item("haha"))])] == ["ha"]


@pytest.mark.parametrize(
    "ids", [("a", "b", "c"), (None, None, None), ("", "", ""), ("a", "b", "a")]
)
def test_a_classic_message_whose_id_changes_is_one_message(ids: Sequence[Any]) -> None:
    begun = ("thread.message.created", {"object": "thread.message", "status": "in_progress"})
    begun[1]["id"] = ids[0]
    pieces = [text("Hel", message=ids[1]), text("lo", message=ids[2])]

    assert content(begun, *pieces, whole(whole_text("Hello."), message="last")) == "Hello."
    assert content(*pieces[:1], whole(whole_text("Hello."), message="last")) == "Hello."


def test_a_classic_message_that_was_not_begun_is_another_one() -> None:
    assert content(text("One."), whole(whole_text("Two."), message="other")) == "One.\n\nTwo."


def test_a_piece_of_a_classic_message_that_comes_after_its_end_is_no_more_of_it() -> None:
    assert content(text("On"), whole(whole_text("One.")), text("On")) == "One."


def test_two_calls_of_a_server_with_the_same_call_id_are_one() -> None:
    """Microsoft's host tells a call twice: https://github.com/microsoft/agent-framework/issues/7485."""
    call = {"type": "openapi_call", "id": "a", "call_id": "call_1", "arguments": "{}"}
    events = added(0, call), done(0, call), done(1, {**call, "id": "b"}), whole_response(call)

    assert [block["type"] for block in contents(*events)] == ["server_tool_call"]


def test_a_text_that_is_null_at_last_leaves_what_came() -> None:
    item = message_item({**output_text(""), "text": None})

    assert contents(text_delta("One."), done(0, item), whole_response(item)) == "One."
