"""A text that came in several pieces gives what each of them alone would give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from folding import (
    CREATED,
    ENDED,
    JSON,
    Event,
    added,
    answer,
    content,
    contents,
    cut,
    delta,
    done,
    event,
    image,
    message_item,
    new_answer,
    step,
    step_delta,
    text,
    text_delta,
    whole,
    whole_text,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from langchain_foundry_agents._answers.fold import Answer
from langchain_foundry_agents._pieces import Pieces
from langchain_foundry_agents.errors import ProtocolError

CITED = {"type": "file_path", "text": "a", "start_index": 0, "end_index": 1, "file_path": {}}
CALL = {"id": "call_1", "type": "code_interpreter", "code_interpreter": {"outputs": []}}
APPROVED = {"id": "call_2", "type": "mcp", "name": "f", "arguments": "{}", "server_label": "s"}
PIECE = st.sampled_from(["a", "b", " ", "", "ab", "\ud83d", "【4:0†", "source】", "END"])
PIECES = PIECE | st.lists(PIECE, min_size=1, max_size=4).map(Pieces)
PLACES = st.sampled_from([0, 0, 0, 1])
MESSAGES = st.sampled_from(["msg_1", "msg_1", "msg_2"])

CLASSIC = st.one_of(
    st.builds(text, PIECES, PLACES, MESSAGES),
    st.builds(text, PIECES, PLACES, MESSAGES),
    st.sampled_from(
        [
            CREATED,
            text(None),
            text("a", 0, "msg_1", CITED),
            image(1),
            step(CALL),
            step(APPROVED, step_id="step_2"),
            step_delta({**APPROVED, "output": "late"}, step_id="step_2"),
            whole(whole_text("aab")),
            whole(whole_text("ab", CITED)),
            delta(
                {"id": "msg_1", "delta": {"content": [{"type": "text", "text": {"value": "a"}}]}}
            ),
            delta({"id": "msg_1", "delta": {"content": [*text("a")[1]["delta"]["content"]] * 2}}),
            delta({"id": "msg_1", "delta": {}}),
            text(7),
            ("unheard", {}),
        ]
    ),
)
NEW = st.one_of(
    st.builds(text_delta, PIECES, PLACES, MESSAGES, PLACES),
    st.builds(text_delta, PIECES, PLACES, MESSAGES, PLACES),
    st.sampled_from(
        [
            event(
                "reasoning_text.delta", output_index=0, item_id="msg_1", content_index=0, delta="a"
            ),
            event("output_text.done", output_index=0, item_id="msg_1", content_index=0, text="ab"),
            event("output_text.delta", item_id="msg_1", content_index=0, delta="a"),
            event("output_text.delta", output_index=0, content_index=0, delta="a"),
            text_delta(7),  # type: ignore[arg-type]
            added(0, message_item()),
            added(1, message_item(item_id="msg_2")),
            done(0, message_item("aab")),
            done(1, message_item("ab", item_id="msg_2")),
            event("keepalive"),
        ]
    ),
)
STYLES = st.sampled_from(["keep", "strip", "markdown"])
STOPS = st.sampled_from(["", "END", "ab"])
CUTS = st.lists(st.integers(0, 12), max_size=3)


def told(batches: Sequence[Sequence[Event]], fold: Answer) -> Any:
    """The chunks of these batches, up to the error if there is one."""
    chunks: list[Any] = []
    try:
        for batch in batches:
            chunks += fold.add(batch)
        chunks += fold.finish(ENDED)
    except ProtocolError as error:
        chunks.append(str(error))
    return chunks


def apart(batches: Sequence[Sequence[Event]]) -> list[list[Event]]:
    """The same, with an event of its own for each piece."""
    return [[one for event in batch for one in singly(*event)] for batch in batches]


def singly(name: str, data: JSON) -> list[Event]:
    match data:
        case {"delta": Pieces() as told}:
            return [(name, {**data, "delta": piece}) for piece in told.pieces]
        case {
            "id": message,
            "delta": {"content": [{"index": place, "text": {"value": Pieces() as told}}]},
        }:
            return [text(piece, place, message) for piece in told.pieces]
    return [(name, data)]


def is_the_same_apart(batches: Sequence[Sequence[Event]], fold: Callable[[], Answer]) -> bool:
    return bool(told(batches, fold()) == told(apart(batches), fold()))


@pytest.mark.slow
@settings(max_examples=300)
@given(st.lists(CLASSIC, max_size=12), CUTS, STYLES, STOPS, st.booleans())
def test_pieces_that_come_together_give_what_each_alone_gives(
    events: list[Event], cuts: list[int], style: Any, stop: str, whole: bool
) -> None:
    known = frozenset({"msg_2"})
    fold = partial(answer, stop, citations=style, whole=whole, known=known)

    assert is_the_same_apart(cut(events, cuts), fold)


@pytest.mark.slow
@settings(max_examples=300)
@given(st.lists(NEW, max_size=12), CUTS, STYLES, STOPS, st.booleans())
def test_so_do_those_of_a_new_agent(
    events: list[Event], cuts: list[int], style: Any, stop: str, whole: bool
) -> None:
    fold = partial(new_answer, stop, citations=style, whole=whole)

    assert is_the_same_apart(cut(events, cuts), fold)


@pytest.mark.parametrize(
    ("fold", "pieces"),
    [(answer, text(Pieces("ab"))), (new_answer, text_delta(Pieces("ab")))],
    ids=["classic", "new"],
)
def test_of_its_pieces_nothing_is_left_in_a_chunk(
    fold: Callable[[], Answer], pieces: Event
) -> None:
    (chunk,) = fold().add([pieces])

    assert (chunk.text, type(chunk.message.content)) == ("ab", str)


@pytest.mark.parametrize("other", [text("b", 1), text("b", message="msg_2")])
def test_pieces_of_two_texts_that_come_together_are_two_texts(other: Event) -> None:
    assert content(text("a"), other) == "a\n\nb"


@pytest.mark.parametrize("other", [text_delta("b", index=1), text_delta("b", item_id="msg_2")])
def test_pieces_of_two_texts_of_a_new_agent_are_two_texts(other: Event) -> None:
    assert contents(text_delta("a"), other) == "a\n\nb"


def test_pieces_of_a_summary_and_of_what_it_sums_up_are_two_texts() -> None:
    summary = {"output_index": 0, "item_id": "rs_1", "summary_index": 0, "delta": "a"}
    full = {"output_index": 0, "item_id": "rs_1", "content_index": 0, "delta": "b"}

    told = contents(
        event("reasoning_summary_text.delta", **summary), event("reasoning_text.delta", **full)
    )

    assert [block["reasoning"] for block in told] == ["a", "b"]


def test_of_pieces_that_come_together_only_those_of_a_later_item_wait() -> None:
    fold = new_answer()
    chunks = fold.add([added(0, message_item()), text_delta("a"), text_delta("b", 1)])

    assert [chunk.text for chunk in chunks] == ["a"]
