"""The order of an answer is that of the response's output, however its events come."""

from __future__ import annotations

from typing import Any

import pytest
from folding import (
    JSON,
    Event,
    added,
    contents,
    done,
    ended,
    event,
    folded,
    message_item,
    new_answer,
    response,
    streamed,
    text_delta,
    whole_response,
)

ONE, TWO = message_item("One."), message_item("Two.", item_id="msg_2")
SEARCH: JSON = {"type": "file_search_call", "id": "fs_1", "status": "completed", "queries": ["a"]}
OUTER: JSON = {"type": "workflow_action", "id": "wfa_1", "kind": "loop"}


def kinds(found: Any) -> list[Any]:
    blocks = [{"text": found}] if isinstance(found, str) else found
    return [block.get("text") or block.get("name") or block["type"] for block in blocks]


def test_what_comes_of_an_item_waits_for_those_before_it() -> None:
    nested = (
        added(0, OUTER),
        added(1, message_item()),
        text_delta("One", 1),
        text_delta(".", 1),
        done(1, ONE),
        added(2, SEARCH),
        done(2, SEARCH),
        done(0, OUTER),
        text_delta("Two.", 3, "msg_2"),
    )

    assert kinds(contents(*nested)) == [
        "non_standard",
        "One.",
        "file_search",
        "server_tool_result",
        "Two.",
    ]


BEGUN = added(0, OUTER), added(1, message_item()), added(2, SEARCH)


@pytest.mark.parametrize(
    "ends",
    [
        (done(2, SEARCH), text_delta("One.", 1), done(1, ONE), done(0, OUTER)),
        (done(2, SEARCH), done(0, OUTER), text_delta("One.", 1), done(1, ONE)),
        (done(2, SEARCH), text_delta("One.", 1), done(0, OUTER), done(1, ONE)),
    ],
    ids=["last to first", "the first before the second", "text before the first ends"],
)
def test_items_that_are_made_side_by_side_stand_in_their_order(ends: tuple[Event, ...]) -> None:
    assert kinds(contents(*BEGUN, *ends)) == [
        "non_standard",
        "One.",
        "file_search",
        "server_tool_result",
    ]


def test_what_waits_at_the_end_is_told_in_its_order() -> None:
    pieces = text_delta("On", 1), text_delta("e.", 1)
    events = added(0, SEARCH), text_delta("Two.", 2, "msg_2"), *pieces

    assert contents(*events, whole_response()) == "One.\n\nTwo."


def test_nothing_is_handed_out_before_its_turn() -> None:
    fold = new_answer()

    assert fold.add([added(0, SEARCH), added(1, message_item()), text_delta("One.", 1)]) == []
    assert not fold.something
    assert [chunk.message.content for chunk in fold.add([done(0, SEARCH)])] != []


ACTING = {**OUTER, "status": "in_progress", "previous_action_id": None}
ACTED = {**OUTER, "status": "completed", "previous_action_id": "wfa_0"}
SAID = added(1, message_item()), text_delta("On", 1), text_delta("e.", 1), done(1, ONE)


@pytest.mark.parametrize(
    "events",
    [
        (added(0, ACTING), *SAID, done(0, ACTED)),
        (added(0, ACTING), done(0, ACTED), *SAID),
        (added(0, ACTING), *SAID),
        SAID,
    ],
    ids=["wraps it", "ends before it", "never ends", "is not told of"],
)
def test_the_text_in_an_action_of_a_workflow_comes_in_pieces(events: tuple[Event, ...]) -> None:
    """Actions wrap what they do: https://github.com/mafascio/mc-mfsequentialworkflowdemo."""
    whole = whole_response(ACTED, ONE)

    created = event("created", response=response(status="in_progress"))
    batches = [[one] for one in (created, *events, whole)]
    fold = new_answer()
    pieces = [chunk.text for batch in batches for chunk in fold.add(batch) if chunk.text]

    assert pieces == ["On", "e."]
    if events is not SAID:
        at_once = folded([[whole]], new_answer(), ended())
        assert folded(batches, new_answer(), ended()) == at_once
        assert at_once.content[0] == {"type": "non_standard", "value": ACTED, "index": 0}


def test_an_action_of_a_workflow_that_changed_stands_as_it_was_and_as_it_is() -> None:
    other = {**ACTED, "kind": "branch"}

    blocks = contents(added(0, ACTING), done(0, other))

    assert [block["value"]["kind"] for block in blocks] == ["loop", "branch"]


@pytest.mark.parametrize("output", [(OUTER, ONE), (OUTER,), ()])
def test_what_still_waits_at_the_end_is_not_lost(output: tuple[JSON, ...]) -> None:
    events = added(0, OUTER), added(1, message_item()), text_delta("One.", 1)

    assert kinds(contents(*events, whole_response(*output)))[-1] == "One."


def test_annotations_that_wait_are_not_lost_if_the_response_lacks_them() -> None:
    where = {"output_index": 1, "item_id": "msg_1", "content_index": 0}
    cited = {"type": "url_citation", "url": "https://a.example", "start_index": 0, "end_index": 3}
    events = (
        added(0, OUTER),
        added(1, message_item()),
        event("output_text.annotation.added", **where, annotation=cited),
        whole_response(OUTER, ONE),
    )

    (_, text) = folded([events], new_answer(), ended()).content_blocks

    assert [note.get("url") for note in text["annotations"]] == ["https://a.example"]  # type: ignore[typeddict-item]


def test_items_that_the_stream_left_out_come_with_the_response() -> None:
    events = text_delta("One."), done(0, ONE), whole_response(ONE, SEARCH, TWO)

    assert kinds(contents(*events)[1:]) == ["file_search", "server_tool_result", "Two."]


def test_items_that_the_response_lacks_stay() -> None:
    assert kinds(contents(done(0, SEARCH), text_delta("One.", 1), whole_response(ONE))) == [
        "file_search",
        "server_tool_result",
        "One.",
    ]


def test_items_without_ids_stand_once() -> None:
    bare = {"type": "workflow_action", "kind": "loop"}

    assert kinds(contents(*streamed(bare, bare))) == ["non_standard", "non_standard"]


def test_items_without_ids_of_two_responses_are_two() -> None:
    bare = {"type": "workflow_action", "kind": "loop"}

    assert kinds(contents(*streamed(bare), *streamed(bare, id="resp_2"))) == ["non_standard"] * 2
