"""The fold: chunks of events, and a sum of them that is the same however they came."""

from __future__ import annotations

import pytest
from folding import (
    ENDED,
    JSON,
    RUN,
    Event,
    answer,
    content,
    delta,
    folded,
    image,
    part,
    step,
    text,
    whole,
    whole_text,
)
from inline_snapshot import snapshot
from langchain_core.messages import AIMessageChunk

from langchain_foundry_agents._flow.progress import Outcome
from langchain_foundry_agents.errors import ProtocolError


def test_an_answer_of_text_is_a_string() -> None:
    assert content(text("Hel"), text("lo"), text("!")) == "Hello!"


def test_texts_of_several_messages_are_joined_by_a_blank_line() -> None:
    assert content(text("One."), text("Two.", message="msg_2")) == "One.\n\nTwo."


def test_several_texts_of_a_message_are_joined_by_a_blank_line() -> None:
    assert content(text("One."), text("Two.", place=1)) == "One.\n\nTwo."


def test_parts_without_an_index_have_their_places_order() -> None:
    parts = [{"type": "text", "text": {"value": value}} for value in ("One.", "Two.")]
    pieces = delta({"id": "msg_1", "delta": {"content": parts}})

    assert content(pieces, whole(*map(whole_text, ("One.", "Two.")))) == "One.\n\nTwo."


def test_text_before_an_image_stays_the_leading_string() -> None:
    assert content(text("See"), text(":"), image(1), text("A", 2), text(" cat.", 2)) == [
        "See:",
        {"type": "image", "file_id": "file_1", "index": 1},
        {"type": "text", "text": "A cat.", "index": 2},
    ]


def test_blocks_have_their_place_from_the_first_on() -> None:
    assert content(image(0), text("A cat.", 1), image(0, "msg_2", "file_2")) == [
        {"type": "image", "file_id": "file_1", "index": 0},
        {"type": "text", "text": "A cat.", "index": 1},
        {"type": "image", "file_id": "file_2", "index": 2},
    ]


def test_a_picture_that_is_shown_again_stands_once() -> None:
    assert content(image(0), text("A cat.", 1), image(0, "msg_2")) == [
        {"type": "image", "file_id": "file_1", "index": 0},
        {"type": "text", "text": "A cat.", "index": 1},
    ]


@pytest.mark.parametrize(
    ("fields", "block"),
    [
        (
            {"type": "image_file", "image_file": {"file_id": "file_1"}},
            {"type": "image", "file_id": "file_1", "index": 0},
        ),
        (
            {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
            {"type": "image", "url": "https://example.com/a.png", "index": 0},
        ),
        (
            {"type": "hologram", "hologram": {"depth": 3}},
            {
                "type": "non_standard",
                "value": {"index": 0, "type": "hologram", "hologram": {"depth": 3}},
                "index": 0,
            },
        ),
    ],
)
def test_a_part_that_is_no_text_is_a_block(fields: JSON, block: JSON) -> None:
    assert content(part(0, **fields)) == [block]


def test_a_refusal_is_taken_whole() -> None:
    pieces = [part(0, type="refusal", refusal=piece) for piece in ("I ", "won't.")]

    assert content(*pieces, whole({"type": "refusal", "refusal": "I won't."})) == [
        {"type": "refusal", "refusal": "I won't.", "index": 0}
    ]


@pytest.mark.parametrize(
    "again",
    [
        [whole(whole_text("Hello"))],
        [whole(whole_text("Hello")), whole(whole_text("Hello"))],
        [("thread.message.incomplete", whole(whole_text("Hello"))[1])],
        [("thread.message.created", whole()[1])],
    ],
)
def test_what_was_handed_out_is_not_handed_out_again(again: list[Event]) -> None:
    assert content(text("Hel"), text("lo"), *again) == "Hello"


def test_a_whole_message_brings_what_the_pieces_left_out() -> None:
    assert content(text("Hel"), whole(whole_text("Hello"))) == "Hello"


def test_a_block_that_was_handed_out_is_not_handed_out_again() -> None:
    sight: JSON = {"type": "image_url", "image_url": {"url": "https://a.example"}}

    assert content(part(0, **sight), whole(sight)) == [
        {"type": "image", "url": "https://a.example", "index": 0}
    ]


@pytest.mark.parametrize(
    "event",
    [
        text(""),
        text(None),
        delta({"id": "msg_1", "delta": {"content": None}}),
        delta({"id": "msg_1", "delta": {}}),
        ("thread.run.step.delta", {"id": "step_1", "object": "thread.run.step.delta"}),
        ("thread.created", {"id": "thread_1", "object": "thread"}),
        ("unheard", {}),
    ],
)
def test_an_event_without_content_gives_no_chunk(event: Event) -> None:
    fold = answer()

    assert fold.add([event]) == []
    assert not fold.something


def test_events_of_one_read_are_one_chunk() -> None:
    fold = answer()

    assert [chunk.text for chunk in fold.add([text("Hel"), text("lo"), text("!")])] == ["Hello!"]
    assert fold.something is True


def test_the_ids_stand_once_on_the_first_chunk_that_has_content() -> None:
    fold = answer()
    chunks = [
        *fold.add([("thread.run.created", RUN)]),
        *fold.add([text("Hel")]),
        *fold.add([text("lo")]),
        *fold.finish(ENDED),
    ]

    ids = {"thread_id": "thread_1", "run_id": "run_1", "agent_id": "asst_1"}
    given = [chunk.message.response_metadata for chunk in chunks]
    assert given[0] == {"model_provider": "azure_ai_foundry", **ids}
    assert given[1] == {"model_provider": "azure_ai_foundry"}
    assert not ids.keys() & given[2].keys()
    assert [chunk.message.id for chunk in chunks] == ["msg_1", "msg_1", "msg_1"]


def test_an_answer_without_content_has_its_ids_on_the_last_chunk() -> None:
    message = folded([[("thread.run.created", RUN)]], answer())

    assert (message.content, message.id) == ("", "run_1")
    assert message.response_metadata["thread_id"] == "thread_1"


def test_an_id_that_is_no_text_names_nothing() -> None:
    created = "thread.run.created", {**RUN, "id": 7, "thread_id": ["thread_1"]}

    (chunk,) = answer().add([created, text("Wet.")])

    assert chunk.message.id == "msg_1"
    assert chunk.message.response_metadata.keys() == {"model_provider", "agent_id"}


def test_the_agent_that_answered_is_named() -> None:
    message = folded([[("thread.run.created", {**RUN, "assistant_id": "asst_2"})]], answer())

    assert message.response_metadata["agent_id"] == "asst_2"


def test_a_whole_message() -> None:
    run = {
        **RUN,
        "model": "gpt-4o",
        "usage": {
            "prompt_tokens": 10,
            "completion_tokens": 2,
            "total_tokens": 12,
            "prompt_token_details": {"cached_tokens": 8},
        },
    }
    events = [("thread.run.created", RUN), text("One."), text("Two.", message="msg_2")]

    assert folded([events], answer(), Outcome(run)) == snapshot(
        AIMessageChunk(
            content="One.\n\nTwo.",
            id="msg_1",
            response_metadata={
                "model_provider": "azure_ai_foundry",
                "agent_id": "asst_1",
                "thread_id": "thread_1",
                "run_id": "run_1",
                "message_ids": ["msg_1", "msg_2"],
                "model_name": "gpt-4o",
                "status": "completed",
                "finish_reason": "stop",
                "usage_source": "service",
            },
            usage_metadata={
                "input_tokens": 10,
                "output_tokens": 2,
                "total_tokens": 12,
                "input_token_details": {"cache_read": 8},
            },
            chunk_position="last",
        )
    )


def test_only_the_last_chunk_says_that_it_is_the_last() -> None:
    fold = answer()
    chunks = [*fold.add([text("Hi")]), *fold.finish(ENDED)]

    messages = [chunk.message for chunk in chunks if isinstance(chunk.message, AIMessageChunk)]
    assert [message.chunk_position for message in messages] == [None, "last"]
    assert [message.usage_metadata is None for message in messages] == [True, False]


@pytest.mark.parametrize("usage", [None, {}])
def test_usage_is_estimated_where_the_service_gives_none(usage: JSON | None) -> None:
    message = folded([[text("Hello"), image(1)]], answer(), Outcome({**RUN, "usage": usage}))

    assert message.response_metadata["usage_source"] == "estimated"
    assert message.usage_metadata is not None
    assert message.usage_metadata["input_tokens"] == 1000


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        (None, "stop"),
        ({"reason": "max_completion_tokens"}, "length"),
        ({"reason": "max_prompt_tokens"}, "length"),
        ({"reason": "content_filter"}, "content_filter"),
        ({"reason": "unheard"}, "stop"),
    ],
)
def test_the_reason_of_an_incomplete_run_is_its_finish_reason(
    details: JSON | None, reason: str
) -> None:
    metadata = folded(
        [[text("Hi")]], answer(), Outcome({**RUN, "incomplete_details": details})
    ).response_metadata

    assert metadata["finish_reason"] == reason
    assert metadata.get("incomplete_details") == details


def test_what_is_out_of_the_common_is_told() -> None:
    ending = Outcome(RUN, attempts=2, forked_from="thread_0")

    metadata = folded([[text("Hi")]], answer(), ending).response_metadata

    assert (metadata["attempts"], metadata["forked_from"]) == (2, "thread_0")


def test_a_thread_that_was_deleted_with_the_turn_is_named_as_that_alone() -> None:
    created = "thread.run.created", RUN

    metadata = folded(
        [[created]], answer(), Outcome(RUN, deleted_thread_id="thread_1")
    ).response_metadata

    assert metadata["deleted_thread_id"] == "thread_1"
    assert "thread_id" not in metadata
    assert metadata["run_id"] == "run_1"


def test_what_is_common_is_not_told() -> None:
    metadata = folded([[text("Hi")]], answer()).response_metadata

    assert not {"attempts", "forked_from", "incomplete_details"} & metadata.keys()


BROKEN_PIECES = [
    delta({"id": "msg_1"}),
    delta({"delta": {"content": [{"type": "text"}]}}),
    delta({"id": "msg_1", "delta": {"content": ["x"]}}),
    delta({"id": "msg_1", "delta": {"content": [{"index": 0}]}}),
    delta({"id": "msg_1", "delta": {"content": 5}}),
    delta({"id": "msg_1", "delta": ["x"]}),
    text(5),
    part(0, type="text", text="x"),
    part([], type="text", text={"value": "x"}),
]


@pytest.mark.parametrize("broken", BROKEN_PIECES)
def test_a_piece_of_a_broken_shape_is_made_up_for_by_the_whole_message(broken: Event) -> None:
    pieces = text("Hel"), broken, text("o")

    assert content(*pieces, whole(whole_text("Hello."))) == "Hello."


@pytest.mark.parametrize("broken", BROKEN_PIECES)
def test_without_the_whole_message_it_is_a_protocol_error(broken: Event) -> None:
    fold = answer()
    fold.add([("thread.run.created", RUN), text("Hel"), broken, text("o")])

    with pytest.raises(ProtocolError, match=r"could not be read.* \[thread thread_1, run run_1\]"):
        fold.finish(ENDED)


@pytest.mark.parametrize("event", [whole({"type": "text", "text": None}), whole({"type": "text"})])
def test_a_message_of_a_broken_shape_is_a_protocol_error(event: Event) -> None:
    with pytest.raises(ProtocolError, match=f"An event '{event[0]}' has a form that is not known"):
        answer().add([event])


def test_a_call_of_a_server_without_an_id_is_known_by_its_place() -> None:
    bare = {"type": "code_interpreter", "code_interpreter": {"input": "1", "outputs": []}}

    blocks = content(step(bare, bare), step(bare, bare))

    assert [block.get("id") for block in blocks] == ["step_1-0", None, "step_1-1", None]
