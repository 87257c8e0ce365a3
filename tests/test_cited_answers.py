"""Citations of an answer: where they stand, in each style, cut by a stop sequence or not."""

from __future__ import annotations

from typing import Any

import pytest
from folding import (
    JSON,
    Event,
    answer,
    cut,
    folded,
    image,
    part,
    step,
    summed,
    text,
    whole,
    whole_text,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from langchain_foundry_agents.citations import CitationStyle

ONE, TWO = "【4:0†source】", "【4:1†source】"
SAID = f"Wet {ONE}. Dry {TWO}."


def cites(marker: str, start: int, url: str = "https://a.example") -> JSON:
    """The service's annotation of a marker that begins there."""
    return {
        "type": "url_citation",
        "text": marker,
        "start_index": start,
        "end_index": start + len(marker),
        "url_citation": {"url": url, "title": "A"},
    }


def cited(marker: str, start: int, end: int, url: str = "https://a.example") -> JSON:
    where = {"start_index": start, "end_index": end}
    return {"type": "citation", "url": url, "title": "A", **where, "extras": {"marker": marker}}


BOTH = whole_text(SAID, cites(ONE, 4), cites(TWO, 22, "https://b.example"))
CODE = {
    "id": "call_1",
    "type": "code_interpreter",
    "code_interpreter": {"input": "1", "outputs": []},
}


def texts(message: Any) -> list[tuple[str, list[JSON]]]:
    """The texts of an answer, each with its citations."""
    return [
        (block["text"], block.get("annotations", []))
        for block in message.content_blocks
        if block["type"] == "text"
    ]


@pytest.mark.parametrize(
    ("style", "said", "places"),
    [
        ("keep", f"Wet {ONE}. Dry {TWO}.", [(4, 16), (22, 34)]),
        ("strip", "Wet. Dry.", [(3, 3), (8, 8)]),
        (
            "markdown",
            "Wet [^1]. Dry [^2].\n\n[^1]: [A](https://a.example)\n[^2]: [A](https://b.example)",
            [(4, 8), (14, 18)],
        ),
    ],
)
@pytest.mark.parametrize("pieces", [[], [SAID], list(SAID)], ids=["whole", "one", "many"])
def test_a_text_has_its_citations_in_every_style_however_it_came(
    style: CitationStyle, said: str, places: list[tuple[int, int]], pieces: list[str]
) -> None:
    message = summed(*[text(piece) for piece in pieces], whole(BOTH), citations=style)

    assert message.content == said
    assert texts(message) == [
        (said, [cited(ONE, *places[0]), cited(TWO, *places[1], "https://b.example")])
    ]


def test_citations_of_an_answer_of_text_stand_beside_it_on_the_last_chunk() -> None:
    message = summed(whole(whole_text(f"Wet {ONE}.", cites(ONE, 4))))

    assert message.content == f"Wet {ONE}."
    assert message.additional_kwargs == {"annotations": [cited(ONE, 4, 16)]}


def test_an_answer_without_citations_has_nothing_beside_it() -> None:
    assert summed(whole(whole_text("Wet."))).additional_kwargs == {}


def test_citations_of_later_texts_count_from_the_beginning_of_the_joined_text() -> None:
    message = summed(
        whole(whole_text(f"Wet{ONE}", cites(ONE, 3))),
        whole(whole_text(f"Dry{TWO}", cites(TWO, 3)), message="msg_2"),
    )

    (told,) = texts(message)
    assert told == (f"Wet{ONE}\n\nDry{TWO}", [cited(ONE, 3, 15), cited(TWO, 20, 32)])
    assert told[0][20:32] == TWO


def test_citations_of_a_text_after_a_block_count_from_its_own_beginning() -> None:
    message = summed(
        text("So:"),
        step(CODE),
        whole(whole_text(f"Wet{ONE}", cites(ONE, 3)), message="msg_2"),
    )

    assert texts(message) == [("So:", []), (f"Wet{ONE}", [cited(ONE, 3, 15)])]
    assert message.additional_kwargs == {}


def test_leading_text_and_blocks_have_each_their_own_citations() -> None:
    message = summed(
        whole(whole_text(f"Wet{ONE}", cites(ONE, 3))),
        step(CODE),
        whole(whole_text(f"Dry{TWO}", cites(TWO, 3)), message="msg_2"),
    )

    assert texts(message) == [
        (f"Wet{ONE}", [cited(ONE, 3, 15)]),
        (f"Dry{TWO}", [cited(TWO, 3, 15)]),
    ]


def test_citations_that_came_with_the_pieces_count_where_no_whole_message_comes() -> None:
    message = summed(text("Wet"), text(ONE, 0, "msg_1", cites(ONE, 3)))

    assert texts(message) == [(f"Wet{ONE}", [cited(ONE, 3, 15)])]


def test_citations_of_the_whole_message_take_the_place_of_those_of_the_pieces() -> None:
    message = summed(
        text(f"Wet{ONE}", 0, "msg_1", {"type": "url_citation", "text": ONE}),
        whole(whole_text(f"Wet{ONE}", cites(ONE, 3))),
    )

    assert texts(message) == [(f"Wet{ONE}", [cited(ONE, 3, 15)])]


@pytest.mark.parametrize("style", ["strip", "markdown"])
def test_footnotes_and_offsets_go_on_over_a_block(style: CitationStyle) -> None:
    message = summed(
        whole(whole_text(f"Wet {ONE}", cites(ONE, 4))),
        step(CODE),
        whole(whole_text(f"Dry {TWO} {ONE}", cites(TWO, 4), cites(ONE, 17)), message="msg_2"),
        citations=style,
    )

    assert (
        texts(message)
        == {
            "strip": [
                ("Wet", [cited(ONE, 3, 3)]),
                ("Dry", [cited(TWO, 3, 3), cited(ONE, 3, 3)]),
            ],
            "markdown": [
                ("Wet [^1]", [cited(ONE, 4, 8)]),
                (
                    "Dry [^2] [^1]\n\n[^1]: [A](https://a.example)\n[^2]: [A](https://a.example)",
                    [cited(TWO, 4, 8), cited(ONE, 9, 13)],
                ),
            ],
        }[style]
    )


def test_footnotes_after_a_block_at_the_end_have_a_place_of_their_own() -> None:
    message = summed(
        whole(whole_text(f"Wet {ONE}", cites(ONE, 4)), picture()), citations="markdown"
    )

    assert message.content == [
        "Wet [^1]",
        {"type": "image", "file_id": "file_1", "index": 1},
        {"type": "text", "text": "\n\n[^1]: [A](https://a.example)", "index": 2},
    ]


def picture() -> JSON:
    return {"type": "image_file", "image_file": {"file_id": "file_1"}}


def test_names_of_files_are_their_citations_titles() -> None:
    annotation = {**cites(ONE, 3), "type": "file_citation", "file_citation": {"file_id": "file_1"}}
    file = {"id": "file_1", "object": "file", "filename": "a.md"}

    message = summed(whole(whole_text(f"Wet{ONE}", annotation)), ("file", file))

    ((_, (told,)),) = texts(message)
    assert told == {
        "type": "citation",
        "title": "a.md",
        "start_index": 3,
        "end_index": 15,
        "extras": {"marker": ONE, "file_id": "file_1"},
    }


def test_a_file_without_a_name_spoils_no_answer() -> None:
    assert answer().add([("file", {"id": "file_1", "object": "file"})]) == []


# Stop sequences.


@pytest.mark.parametrize(
    ("stop", "style", "said", "there"),
    [
        (" Dry", "keep", f"Wet {ONE}.", [cited(ONE, 4, 16)]),
        (" Dry", "strip", "Wet.", [cited(ONE, 3, 3)]),
        (
            " Dry",
            "markdown",
            "Wet [^1].\n\n[^1]: [A](https://a.example)",
            [cited(ONE, 4, 8)],
        ),
        ("Wet", "markdown", "", []),
        (".", "keep", f"Wet {ONE}", [cited(ONE, 4, 16)]),
        ("†", "keep", "Wet 【4:0", []),
    ],
)
def test_of_an_answer_that_is_cut_only_what_is_cited_in_its_text_is_told(
    stop: str, style: CitationStyle, said: str, there: list[JSON]
) -> None:
    pieces = (
        text("Wet "),
        text(ONE, 0, "msg_1", cites(ONE, 4)),
        text(". Dr"),
        text("y "),
        text(TWO, 0, "msg_1", cites(TWO, 22, "https://b.example")),
        text("."),
    )

    for events in (pieces, (whole(BOTH),)):
        message = summed(*events, stop=[stop], citations=style)
        assert message.text == said
        assert message.additional_kwargs.get("annotations", []) == there


@pytest.mark.parametrize(
    "more", [image(1), text("More.", message="msg_2"), step(CODE)], ids=["image", "text", "step"]
)
def test_nothing_follows_a_stop_sequence_that_was_held_back_as_a_marker(more: Event) -> None:
    assert summed(text("Wet【"), more, stop=["【"], citations="strip").content == "Wet"


BARE = {"type": "url_citation", "url_citation": {"url": "https://a.example", "title": "A"}}
NOWHERE = {"type": "citation", "url": "https://a.example", "title": "A"}


def ranged(start: int, end: int) -> JSON:
    return {**BARE, "start_index": start, "end_index": end}


@pytest.mark.parametrize(
    ("annotation", "before", "after"),
    [
        (ranged(1, 5), [{**NOWHERE, "start_index": 1, "end_index": 5}], []),
        (ranged(5, 6), [], [{**NOWHERE, "start_index": 0, "end_index": 1}]),
        (ranged(2, 8), [], [{**NOWHERE, "start_index": 0, "end_index": 3}]),
        (BARE, [NOWHERE], []),
    ],
    ids=["before the block", "after it", "around it", "anywhere"],
)
@pytest.mark.parametrize("stop", [[], ["END"]], ids=["whole", "cut"])
def test_each_citation_of_a_text_around_a_block_stands_with_what_it_cites(
    annotation: JSON, before: list[JSON], after: list[JSON], stop: list[str]
) -> None:
    said = whole(whole_text("Wet. Dry. END", annotation))

    message = summed(text("Wet. "), step(CODE), said, stop=stop)

    rest = "Dry. " if stop else "Dry. END"
    assert texts(message) == [("Wet. ", before), (rest, after)]


def test_a_text_that_goes_on_in_its_block_has_its_citations_where_they_are() -> None:
    goes_on = text(f"Dry{ONE}", 1, "msg_1", cites(ONE, 8))

    message = summed(image(0), text("Wet. ", 1), image(2, file_id="file_2"), goes_on)

    assert texts(message) == [(f"Wet. Dry{ONE}", [cited(ONE, 8, 20)])]


def test_a_source_of_nothing_in_particular_is_told_of_an_answer_that_is_cut() -> None:
    message = summed(whole(whole_text("Wet END", BARE)), stop=["END"])

    assert texts(message) == [("Wet ", [NOWHERE])]


@pytest.mark.parametrize("style", ["strip", "markdown"])
@pytest.mark.parametrize("said", ["Wet 【4", "Wet 【4:0†a"])
def test_what_never_became_a_marker_is_told(style: CitationStyle, said: str) -> None:
    assert summed(text(said), citations=style).content == said
    (chunk,) = answer(citations=style).add([whole(whole_text(said))])
    assert chunk.text == said


def test_a_text_that_is_a_marker_and_no_more_leaves_no_gap() -> None:
    assert summed(text("Wet."), text(ONE, 1), citations="strip").content == "Wet."


MADE_UP: tuple[Event, ...] = (
    text("It is "),
    text(f"wet {ONE[:4]}"),
    text(f"{ONE[4:]}. "),
    part(1, type="image_file", image_file={"file_id": "file_1"}),
    step(CODE),
    text(f"So {TWO}", message="msg_2"),
    text(f" and {ONE} EN", message="msg_2"),
    text("D", message="msg_2"),
    whole(whole_text(f"So {TWO} and {ONE} END", cites(TWO, 3), cites(ONE, 20)), message="msg_2"),
)


@pytest.mark.parametrize("style", ["keep", "strip", "markdown"])
@pytest.mark.parametrize("stop", [[], ["END"], ["so", "So"]], ids=str)
@settings(max_examples=25, deadline=None)
@given(places=st.lists(st.integers(0, 9), max_size=6))
def test_a_cited_answer_is_the_same_however_its_events_are_cut(
    style: CitationStyle, stop: list[str], places: list[int]
) -> None:
    together = folded([MADE_UP], answer(*stop, citations=style))

    apart = folded(cut(MADE_UP, places), answer(*stop, citations=style))

    assert (apart.content, apart.additional_kwargs) == (
        together.content,
        together.additional_kwargs,
    )
