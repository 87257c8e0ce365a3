"""Stop sequences: the same cut, whatever the pieces that the text comes in."""

from __future__ import annotations

import pytest
from folding import RUN, Event, answer, content, folded, image, text
from hypothesis import given, settings
from hypothesis import strategies as st

from langchain_foundry_agents._answers.stops import StopCutter
from langchain_foundry_agents._flow.progress import Outcome


def passed_on(pieces: list[str], *stops: str) -> str:
    cutter = StopCutter(stops)
    return "".join([cutter.push(piece) for piece in pieces] + [cutter.flush()])


@pytest.mark.parametrize(
    ("stops", "text", "expected"),
    [
        ([], "One END two", "One END two"),
        (["END"], "One END two END", "One "),
        (["END"], "One", "One"),
        (["END"], "END", ""),
        (["END"], "One EN", "One EN"),
        (["END"], "One EEND", "One E"),
        (["aab"], "aaaab", "aa"),
        (["two", "One"], "One two", ""),
        (["."], "1.2", "1"),
        (["\n\n"], "a\nb\n\nc", "a\nb"),
        ([""], "One", "One"),
        (["", "END"], "One END", "One "),
        (["😀"], "a😀b", "a"),
    ],
)
def test_text_ends_before_the_first_stop_sequence(
    stops: list[str], text: str, expected: str
) -> None:
    assert passed_on([text], *stops) == expected
    assert passed_on(list(text), *stops) == expected


def test_only_what_may_become_a_stop_sequence_is_held_back() -> None:
    cutter = StopCutter(["END"])

    assert [cutter.push(piece) for piece in ["No", " one E", "N", "d E", "ND", "two"]] == [
        "No",
        " one ",
        "",
        "ENd ",
        "",
        "",
    ]
    assert cutter.stopped


def test_what_was_held_back_is_flushed_once() -> None:
    cutter = StopCutter(["END"])
    cutter.push("One EN")

    assert (cutter.flush(), cutter.flush()) == ("EN", "")
    assert not cutter.stopped


def test_a_text_without_a_stop_sequence_is_not_stopped() -> None:
    cutter = StopCutter()

    assert cutter.push("One") == "One"
    assert not cutter.stopped


def test_overlapping_stop_sequences_cut_the_same_in_any_pieces() -> None:
    whole, pieces = ["abcde"], ["abcd", "e"]

    assert passed_on(whole, "bcd", "abcde") == passed_on(pieces, "bcd", "abcde")


@settings(max_examples=200, deadline=None)
@given(
    pieces=st.lists(st.text("abc", max_size=4), max_size=10),
    stops=st.lists(st.text("abc", min_size=3, max_size=3), max_size=3),
)
def test_the_cut_does_not_depend_on_the_pieces(pieces: list[str], stops: list[str]) -> None:
    text = "".join(pieces)
    cuts = [place for place in range(len(text)) if text.startswith(tuple(stops), place)]

    assert passed_on(pieces, *stops) == text[: min(cuts, default=len(text))]


# Answers.


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([text("One END two")], "One "),
        ([text("One E"), text("N"), text("D two"), text(" three")], "One "),
        ([text("One E"), text("Nd.")], "One ENd."),
        ([text("One EN")], "One EN"),
        ([text("One EN"), text("D two", message="msg_2")], "One EN\n\nD two"),
        ([text("END")], ""),
        ([text("One END"), text("two", message="msg_2"), image(1)], "One "),
    ],
)
def test_text_is_cut_at_a_stop_sequence(events: list[Event], expected: str) -> None:
    assert content(*events, stop=["END"]) == expected


def test_a_stop_sequence_cuts_text_after_an_image_too() -> None:
    assert content(image(0), text("One E", 1), text("ND two", 1), image(2), stop=["END"]) == [
        {"type": "image", "file_id": "file_1", "index": 0},
        {"type": "text", "text": "One ", "index": 1},
    ]


def test_a_text_that_may_become_a_stop_sequence_comes_with_the_last_chunk() -> None:
    assert content(image(0), text("One EN", 1), stop=["END"]) == [
        {"type": "image", "file_id": "file_1", "index": 0},
        {"type": "text", "text": "One EN", "index": 1},
    ]


def test_an_answer_that_was_cut_has_enough_and_stopped() -> None:
    fold = answer("END")

    assert not fold.enough
    message = folded([[text("One END two")]], fold, Outcome({**RUN, "status": "cancelling"}))

    assert fold.enough
    assert message.response_metadata["finish_reason"] == "stop"
