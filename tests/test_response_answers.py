"""The fold of the new generation: responses as messages, the same streamed and whole."""

from __future__ import annotations

from functools import partial

import pytest
from folding import (
    JSON,
    Event,
    contents,
    done,
    ended,
    event,
    folded,
    message_item,
    new_answer,
    output_text,
    reasoning_item,
    replied,
    response,
    text_delta,
    whole_response,
)

from langchain_foundry_agents._flow.progress import Outcome
from langchain_foundry_agents._record import Asked, Record
from langchain_foundry_agents.errors import ProtocolError

ONE, TWO = message_item("One."), message_item("Two.", item_id="msg_2")
SEARCH: JSON = {
    "type": "file_search_call",
    "id": "fs_1",
    "status": "completed",
    "queries": ["a"],
    "results": None,
}
ADD: JSON = {
    "type": "function_call",
    "id": "fc_1",
    "call_id": "call_1",
    "name": "add",
    "arguments": '{"a": 1}',
    "status": "completed",
}
APPROVAL: JSON = {
    "type": "mcp_approval_request",
    "id": "mcpr_1",
    "server_label": "docs",
    "name": "fetch",
    "arguments": '{"page": 1}',
}


# Texts.


def test_an_answer_of_text_is_a_string() -> None:
    assert replied(message_item("Hello there")).content == "Hello there"


def test_texts_of_several_messages_are_joined_by_a_blank_line() -> None:
    assert replied(ONE, TWO).content == "One.\n\nTwo."


def test_several_texts_of_a_message_are_joined_by_a_blank_line() -> None:
    assert replied(message_item("One.", "Two.")).content == "One.\n\nTwo."


def test_a_text_without_parts_is_a_text() -> None:
    assert contents(whole_response({**message_item(), "content": "Hello"})) == "Hello"


def test_text_comes_as_it_is_written() -> None:
    fold = new_answer()
    chunks = [*fold.add([text_delta("Hel")]), *fold.add([text_delta("lo")])]

    assert [chunk.text for chunk in chunks] == ["Hel", "lo"]


def test_events_of_one_read_are_one_chunk() -> None:
    chunks = new_answer().add([text_delta("Hel"), text_delta("lo"), done(0, ONE)])

    assert [chunk.text for chunk in chunks] == ["Hello"]


def test_what_the_deltas_left_out_comes_with_the_whole() -> None:
    assert contents(text_delta("On"), whole_response(ONE)) == "One."
    assert contents(text_delta("On"), done(0, ONE)) == "One."
    assert contents(whole_response(ONE)) == "One."


@pytest.mark.parametrize(
    "again",
    [
        [whole_response(ONE)],
        [done(0, ONE), whole_response(ONE), whole_response(ONE)],
        [done(0, ONE), text_delta("One.")],
    ],
)
def test_what_was_handed_out_is_not_handed_out_again(again: list[Event]) -> None:
    assert contents(text_delta("One."), *again) == "One."


def test_a_message_that_the_filter_cut_stands_beside_what_the_service_said_instead() -> None:
    sorry = message_item("I'm sorry.", item_id="msg_2", status="incomplete")
    message = replied(
        message_item("Central line: minor", status="in_progress"),
        sorry,
        fields={"status": "incomplete", "incomplete_details": {"reason": "content_filter"}},
    )

    assert message.content == "Central line: minor\n\nI'm sorry."
    assert message.response_metadata["finish_reason"] == "content_filter"


def test_a_refusal_is_one_block() -> None:
    assert replied(message_item({"type": "refusal", "refusal": "I won't."})).content == [
        {"type": "refusal", "refusal": "I won't.", "index": 0}
    ]


def test_a_refusal_is_told_once_it_is_done_as_a_message_of_the_answer() -> None:
    where = {"output_index": 0, "item_id": "msg_1", "content_index": 0}
    refused = event("refusal.done", **where, refusal="I won't.")

    message = folded([[refused]], new_answer(), ended())

    assert message.content == [{"type": "refusal", "refusal": "I won't.", "index": 0}]
    assert message.response_metadata["message_ids"] == ["msg_1"]


def test_a_text_is_told_once_its_part_is_done_as_a_message_of_the_answer() -> None:
    where = {"output_index": 0, "item_id": "msg_1", "content_index": 0}
    told = event("content_part.done", **where, part=output_text("One."))

    message = folded([[told]], new_answer(), ended())

    assert message.content == "One."
    assert message.response_metadata["message_ids"] == ["msg_1"]


def test_a_message_that_does_not_say_whose_it_is_is_the_agents() -> None:
    unsigned = {name: value for name, value in ONE.items() if name != "role"}

    assert contents(whole_response(unsigned)) == "One."


def test_a_message_without_parts_is_a_message_of_the_answer() -> None:
    assert replied(message_item()).response_metadata["message_ids"] == ["msg_1"]


def test_a_part_of_an_unknown_kind_is_handed_on_where_it_stands() -> None:
    assert replied(message_item({"type": "hologram", "depth": 3}, "See?")).content == [
        {"type": "non_standard", "value": {"type": "hologram", "depth": 3}, "index": 0},
        {"type": "text", "text": "See?", "index": 1},
    ]


# Reasoning.


def test_every_summary_of_a_reasoning_is_a_block() -> None:
    assert replied(reasoning_item("First this.", "Then that."), ONE).content == [
        {"type": "reasoning", "reasoning": "First this.", "index": 0},
        {"type": "reasoning", "reasoning": "Then that.", "index": 1},
        {"type": "text", "text": "One.", "index": 2},
    ]


def test_a_reasoning_told_in_full_is_a_block() -> None:
    full = {**reasoning_item(), "content": [{"type": "reasoning_text", "text": "Because."}]}

    assert replied(full).content == [{"type": "reasoning", "reasoning": "Because.", "index": 0}]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("content_part.done", {"part": {"type": "reasoning_text", "text": "Because."}}),
        ("reasoning_text.done", {"text": "Because."}),
    ],
)
def test_a_part_of_a_reasoning_is_told_once_it_is_done(kind: str, told: JSON) -> None:
    done = event(kind, output_index=0, item_id="rs_1", content_index=0, **told)

    assert contents(done) == [{"type": "reasoning", "reasoning": "Because.", "index": 0}]


def test_reasoning_between_texts_stands_between_them() -> None:
    assert replied(ONE, reasoning_item("Hm."), TWO).content == [
        "One.",
        {"type": "reasoning", "reasoning": "Hm.", "index": 1},
        {"type": "text", "text": "Two.", "index": 2},
    ]


def test_a_reasoning_without_text_is_no_block() -> None:
    assert replied(reasoning_item(encrypted_content="x"), ONE).content == "One."


def test_reasoning_comes_as_it_is_thought() -> None:
    where = {"output_index": 0, "item_id": "rs_1", "summary_index": 0}
    deltas = [event("reasoning_summary_text.delta", **where, delta=text) for text in ("H", "m")]
    fold = new_answer()

    assert [chunk.message.content for delta in deltas for chunk in fold.add([delta])] == [
        [{"type": "reasoning", "reasoning": "H", "index": 0}],
        [{"type": "reasoning", "reasoning": "m", "index": 0}],
    ]


def test_reasoning_is_neither_cut_nor_rewritten_nor_counted_as_text() -> None:
    message = replied(
        reasoning_item("See END 【4:0†source】."),
        message_item("One【4:0†source】 END"),
        stop=["END"],
        citations="strip",
        fields={"usage": None},
    )

    assert message.content == [
        {"type": "reasoning", "reasoning": "See END 【4:0†source】.", "index": 0},
        {"type": "text", "text": "One ", "index": 1},
    ]
    assert message.usage_metadata["output_tokens"] == 4


# Calls for the caller.


def test_calls_come_with_the_last_chunk_and_leave_no_block() -> None:
    message = replied(ADD, APPROVAL)

    assert message.content == ""
    assert message.tool_calls == [
        {"type": "tool_call", "id": "call_1", "name": "add", "args": {"a": 1}},
        {
            "type": "tool_call",
            "id": "mcpr_1",
            "name": "mcp_approval_request",
            "args": {"server_label": "docs", "name": "fetch", "arguments": {"page": 1}},
        },
    ]
    assert message.response_metadata["finish_reason"] == "tool_calls"
    assert message.response_metadata["status"] == "requires_action"


@pytest.mark.parametrize(
    ("conversation", "thread_id"), [({"conversation": {"id": "conv_1"}}, "conv_1"), ({}, None)]
)
def test_the_response_that_asked_for_a_call_is_remembered(
    conversation: JSON, thread_id: str | None
) -> None:
    record = Record()
    keep = partial(record.keep, "talk")
    asking = {**response(ADD), "conversation": None, **conversation}
    run = {**ended(ADD).run, "conversation": asking["conversation"]}

    folded(
        [[event("completed", response=asking)]],
        new_answer(record=keep),
        Outcome(run),
    )

    assert record.find("talk", "call_1") == Asked(thread_id, "resp_1")


# Events.


@pytest.mark.parametrize("name", ["", "message", "response.something.else"])
def test_the_type_in_the_data_counts(name: str) -> None:
    _, data = text_delta("One.")

    assert contents((name, data)) == "One."


@pytest.mark.parametrize(
    "ignored",
    [
        ("keepalive", {"type": "keepalive", "sequence_number": 3}),
        event("hologram.done", output_index=0, item_id="msg_1"),
        event("hologram.started"),
        event("file_search_call.searching", output_index=0, item_id="fs_1"),
        event("function_call_arguments.delta", output_index=0, item_id="fc_1", delta="{"),
        event("refusal.delta", output_index=0, item_id="msg_1", content_index=0, delta="I"),
        event("content_part.added", output_index=0, item_id="msg_1", content_index=0, part={}),
        text_delta(""),
        done(0, ADD),
        done(0, APPROVAL),
    ],
)
def test_an_event_without_content_gives_no_chunk(ignored: Event) -> None:
    fold = new_answer()

    assert fold.add([ignored]) == []
    assert not fold.something


def test_a_response_that_failed_adds_nothing_to_what_was_said() -> None:
    failed = event("failed", response=response(ONE, TWO, status="failed"))

    assert contents(text_delta("On"), failed) == "On"


BROKEN_EVENTS = [
    text_delta(5),  # type: ignore[arg-type]
    event("output_item.done", output_index=0, item="x"),
    event("output_item.done", output_index=0, item={"id": "x"}),
    event("output_item.done", output_index=0, item=message_item({"text": "x"})),
    done(0, message_item({**output_text("One."), "annotations": 5})),
    event("output_text.done", output_index=0, content_index=0, text=["x"]),
    event("output_text.annotation.added", output_index=0, content_index=0),
]


@pytest.mark.parametrize("broken", BROKEN_EVENTS)
def test_an_event_of_a_broken_shape_is_made_up_for_by_the_response(broken: Event) -> None:
    events = text_delta("On"), broken, text_delta("x"), whole_response(ONE)

    assert contents(*events) == "One."


@pytest.mark.parametrize("broken", BROKEN_EVENTS)
def test_without_the_whole_response_it_is_a_protocol_error(broken: Event) -> None:
    fold = new_answer()
    fold.add([text_delta("On"), broken, text_delta("x"), whole_response()])

    with pytest.raises(ProtocolError, match=r"could not be read.* \[thread conv_1, run resp_1\]"):
        fold.finish(ended())


@pytest.mark.parametrize("output", [["x"], 5, [{"type": "message", "content": [{"text": "x"}]}]])
def test_a_response_of_a_broken_shape_is_a_protocol_error(output: object) -> None:
    broken = event("completed", response={"output": output})

    with pytest.raises(
        ProtocolError, match=r"An event 'response\.completed' has a form that is not"
    ):
        new_answer().add([broken])


@pytest.mark.parametrize(
    "broken",
    [
        {"usage": "none"},
        {"usage": {"input_tokens": "many"}},
        {"usage": {"input_tokens": 1, "output_tokens_details": {"reasoning_tokens": []}}},
        {"incomplete_details": "none"},
        {"agent_reference": "none"},
    ],
)
def test_an_end_of_a_broken_shape_is_a_protocol_error(broken: JSON) -> None:
    with pytest.raises(ProtocolError):
        new_answer().finish(Outcome(response(**broken)))


# Stop sequences.


def test_nothing_follows_a_stop_sequence() -> None:
    message = replied(message_item("One END two"), SEARCH, TWO, stop=["END"])

    assert message.content == "One "
    assert message.response_metadata["message_ids"] == ["msg_1"]
    assert message.response_metadata["finish_reason"] == "stop"


def test_a_block_ends_a_text_that_may_become_a_stop_sequence() -> None:
    assert replied(message_item("One EN"), SEARCH, stop=["END"]).content[0] == "One EN"
