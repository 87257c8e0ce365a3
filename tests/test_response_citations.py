"""Citations of the new generation: merged from events and responses, with their places."""

from __future__ import annotations

from typing import Any

import pytest
from folding import (
    JSON,
    contents,
    ended,
    event,
    folded,
    message_item,
    new_answer,
    output_text,
    replied,
    streamed,
    text_delta,
    whole_response,
)

from langchain_foundry_agents.citations import CitationStyle, map_annotation

ONE, TWO = "【6:1†source】", "【6:2†source】"
URL = {"type": "url_citation", "url": "https://a.example", "title": "A"}
CITED = {"type": "citation", "url": "https://a.example", "title": "A"}
CODE: JSON = {"type": "code_interpreter_call", "id": "ci_1", "code": "1", "status": "completed"}


def cites(start: int, end: int, **more: Any) -> JSON:
    return {**URL, "start_index": start, "end_index": end, **more}


def cited(start: int, end: int, **extras: Any) -> JSON:
    told = {**CITED, "start_index": start, "end_index": end}
    return {**told, "extras": extras} if extras else told


def texts(message: Any) -> list[tuple[str, list[JSON]]]:
    """The texts of an answer, each with its citations."""
    return [
        (block["text"], block.get("annotations", []))
        for block in message.content_blocks
        if block["type"] == "text"
    ]


@pytest.mark.parametrize(
    ("annotation", "citation"),
    [
        (cites(3, 15), cited(3, 15, marker=ONE)),
        (cites(0, 3), cited(0, 3)),
        (cites(9, 3), CITED),
        (URL, CITED),
        (
            {"type": "file_citation", "file_id": "file_1", "filename": "a.md", "index": 3},
            {
                "type": "citation",
                "title": "a.md",
                "start_index": 3,
                "end_index": 3,
                "extras": {"file_id": "file_1"},
            },
        ),
        (
            {"type": "file_citation", "file_id": "file_1"},
            {"type": "citation", "title": "named.md", "extras": {"file_id": "file_1"}},
        ),
        (
            {
                "type": "container_file_citation",
                "container_id": "cntr_1",
                "file_id": "cfile_1",
                "filename": "chart.png",
                "start_index": 0,
                "end_index": 3,
            },
            {
                "type": "citation",
                "title": "chart.png",
                "start_index": 0,
                "end_index": 3,
                "extras": {
                    "file_id": "cfile_1",
                    "container_id": "cntr_1",
                    "kind": "container_file_citation",
                },
            },
        ),
        (
            {"type": "file_path", "file_id": "file_1", "index": 1},
            {
                "type": "citation",
                "title": "named.md",
                "start_index": 1,
                "end_index": 1,
                "extras": {"file_id": "file_1", "kind": "file_path"},
            },
        ),
        (
            {"type": "hologram", "depth": 3},
            {"type": "non_standard_annotation", "value": {"type": "hologram", "depth": 3}},
        ),
        (
            {"type": "file_citation", "file_id": 5},
            {
                "type": "non_standard_annotation",
                "value": {"type": "file_citation", "file_id": 5},
            },
        ),
    ],
)
def test_an_annotation_is_this_citation(annotation: JSON, citation: JSON) -> None:
    names = {"file_1": "named.md"}

    assert (
        map_annotation(
            annotation, lambda *offsets: offsets, file_names=names, text=f"Wet{ONE}. And more."
        )
        == citation
    )


SAID = f"Wet {ONE}. Dry {TWO}."
BOTH = output_text(SAID, cites(4, 16), cites(22, 34, url="https://b.example"))


@pytest.mark.parametrize(
    ("style", "said", "places"),
    [
        ("keep", SAID, [(4, 16), (22, 34)]),
        ("strip", "Wet. Dry.", [(3, 3), (8, 8)]),
        (
            "markdown",
            "Wet [^1]. Dry [^2].\n\n[^1]: [A](https://a.example)\n[^2]: [A](https://b.example)",
            [(4, 8), (14, 18)],
        ),
    ],
)
def test_a_text_has_its_citations_in_every_style(
    style: CitationStyle, said: str, places: list[tuple[int, int]]
) -> None:
    message = replied(message_item(BOTH), citations=style)

    first = cited(*places[0], marker=ONE)
    second = {**cited(*places[1], marker=TWO), "url": "https://b.example"}
    assert message.content == said
    assert message.additional_kwargs == {"annotations": [first, second]}


@pytest.mark.parametrize("style", ["keep", "strip", "markdown"])
def test_a_link_in_the_text_stays_in_every_style(style: CitationStyle) -> None:
    link = "([a.example](https://a.example))"
    told = output_text(f"Wet {link}.", cites(4, 4 + len(link)))

    message = replied(message_item(told), citations=style)

    assert texts(message) == [(f"Wet {link}.", [cited(4, 4 + len(link))])]


WHERE = {"output_index": 0, "item_id": "msg_1", "content_index": 0}


def annotated(*annotations: JSON) -> list[Any]:
    return [
        event("output_text.annotation.added", **WHERE, annotation=annotation)
        for annotation in annotations
    ]


@pytest.mark.parametrize(
    ("streamed_ones", "final_ones"),
    [
        ([cites(0, 3), cites(5, 8)], []),
        ([], [cites(0, 3), cites(5, 8)]),
        ([cites(0, 3)], [cites(0, 3), cites(5, 8)]),
        ([cites(0, 3), cites(5, 8)], [cites(5, 8)]),
        ([cites(0, 3)], [dict(reversed(cites(0, 3).items())), cites(5, 8)]),
    ],
)
def test_annotations_of_events_and_of_the_response_are_merged(
    streamed_ones: list[JSON], final_ones: list[JSON]
) -> None:
    item = message_item(output_text("Wet, dry", *final_ones))
    events = text_delta("Wet, dry"), *annotated(*streamed_ones), whole_response(item)

    message = folded([events], new_answer(), ended(item))

    assert texts(message) == [("Wet, dry", [cited(0, 3), cited(5, 8)])]


def test_citations_count_from_the_beginning_of_their_block() -> None:
    message = replied(
        message_item(output_text("Wet", cites(0, 3))),
        message_item(output_text("Dry", cites(0, 3)), item_id="msg_2"),
        CODE,
        message_item(output_text("So", cites(0, 2)), item_id="msg_3"),
    )

    assert texts(message) == [
        ("Wet\n\nDry", [cited(0, 3), cited(5, 8)]),
        ("So", [cited(0, 2)]),
    ]


def test_all_citations_of_a_block_come_with_the_last_chunk() -> None:
    fold = new_answer()
    fold.add(streamed(CODE, message_item(output_text("Wet", cites(0, 3)))))

    *_, last = fold.finish(ended())

    assert last.message.content == [
        {"type": "text", "text": "", "annotations": [cited(0, 3)], "index": 2}
    ]


@pytest.mark.parametrize("style", ["keep", "strip", "markdown"])
def test_of_a_text_that_is_cut_only_what_is_said_is_cited(style: CitationStyle) -> None:
    message = replied(message_item(BOTH), stop=[" Dry"], citations=style)

    assert [note["url"] for _, notes in texts(message) for note in notes] == ["https://a.example"]


def test_annotations_of_a_text_that_never_comes_are_passed_over() -> None:
    assert contents(*annotated(cites(0, 3))) == ""
