"""Pieces of a run's text that come twice: they bear no numbers, so its whole text tells."""

from __future__ import annotations

import pytest
from folding import (
    ENDED,
    Event,
    answer,
    content,
    done,
    ended,
    folded,
    message_item,
    new_answer,
    step,
    text,
    text_delta,
    whole,
    whole_text,
)

from langchain_foundry_agents.errors import ProtocolError

WHOLE = whole(whole_text("It was, it was."))
PIECES = [text(piece) for piece in ("It", " was", ",", " it", " was", ".")]
DOUBLED: list[list[Event]] = [
    [*PIECES[:3], *PIECES[1:3], *PIECES[3:], WHOLE],
    [*PIECES, PIECES[-1], WHOLE],
    [*PIECES, *PIECES, WHOLE],
    [*(twice for piece in PIECES for twice in (piece, piece)), WHOLE],
]
CALL = {
    "id": "call_1",
    "type": "code_interpreter",
    "code_interpreter": {"input": "1", "outputs": []},
}


@pytest.mark.parametrize("events", DOUBLED, ids=range(len(DOUBLED)))
def test_who_waits_for_the_whole_answer_gets_it_right(events: list[Event]) -> None:
    assert content(*events, whole=True) == "It was, it was."


def test_all_else_that_came_stays_in_its_place() -> None:
    tool = step(CALL)

    doubled = content(tool, PIECES[0], *PIECES, WHOLE, whole=True)

    assert doubled == content(tool, *PIECES, WHOLE)


def test_a_response_whose_events_bear_no_numbers_is_read_again_too() -> None:
    said = message_item("It was.")
    events = [*map(text_delta, ("It", " was", " was", ".")), done(0, said)]

    for reads in [events], [[one] for one in events]:
        assert folded(reads, new_answer(whole=True), ended(said)).content == "It was."


def test_who_was_handed_them_is_told_that_they_are_not_the_answer() -> None:
    streamed = answer()
    said = "".join(chunk.text for event in DOUBLED[1] for chunk in streamed.add([event]))

    with pytest.raises(ProtocolError) as caught:
        streamed.finish(ENDED)

    assert said == "It was, it was.."
    assert str(caught.value) == (
        "The finished text is not what the stream brought: what was handed out is not the answer. "
        "[thread thread_1, run run_1] "
        "The answer is on the service: resume(thread_id, run_id) gives it, and invoke reads it "
        "whole. Look for a proxy that repeats what it passes on, or use run_mode='poll'."
    )


REWORDED = [*PIECES, whole(whole_text("It has been."))]


def test_a_text_that_the_service_words_otherwise_at_last_is_given_to_who_waits_for_it() -> None:
    assert content(*REWORDED, whole=True) == "It has been."


def test_who_was_handed_other_words_is_told_that_they_are_not_the_answer() -> None:
    streamed = answer()
    streamed.add(REWORDED)

    with pytest.raises(ProtocolError, match="The finished text is not what the stream brought"):
        streamed.finish(ENDED)


def test_white_space_that_the_finished_text_lacks_at_its_end_is_no_other_text() -> None:
    events = text("It was. \n"), whole(whole_text("It was."))

    assert (content(*events), content(*events, whole=True)) == ("It was. \n", "It was.")
