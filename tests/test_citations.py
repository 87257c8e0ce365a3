"""Citations: markers kept, stripped or turned into footnotes, with offsets true in each form."""

from __future__ import annotations

import doctest
import json
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage
from langchain_core.messages.content import Citation

from langchain_foundry_agents import citations
from langchain_foundry_agents.citations import (
    CitationStyle,
    CitedText,
    Numbers,
    footnotes,
    map_annotation,
    markdown,
    strip,
)

RECORDINGS = Path(__file__).parent / "recordings"
FILE_SEARCH = "test_file_search_tool_streaming.1-run-stream.sse"
BING = "test_bing_grounding_tool_streaming.1-run-stream.sse"
GLASSES = (
    "Smart Eyewear offers several features, including:\n\n- Augmented Reality interface\n"
    "- Voice-controlled AI agent\n- HD video recording with 3D audio\n"
    "- UV protection and blue light filtering\n- Wireless charging with extended battery life"
)
STYLES: list[CitationStyle] = ["keep", "strip", "markdown"]

MARKERS = st.sampled_from(["【4:0†source】", "【4:1†source】", "【13†two words.pdf】", "【3:0†】"])
PLAIN = st.text("ab .,;)\n†:]1é😀", min_size=1, max_size=6)
NO_MARKERS = st.sampled_from(["【", "】", "【4:0", "【4:0†sou", "【4†\n】", "【注意】", "【4:0†【"])
PARTS = st.lists(MARKERS | PLAIN, max_size=8)
TEXTS = st.lists(MARKERS | PLAIN | NO_MARKERS, max_size=8).map("".join)
KEYS = ["type", "text", "start_index", "end_index", "url_citation", "file_citation", "file_path"]
TYPES = st.sampled_from(["url_citation", "file_citation", "file_path"])
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | TYPES,
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*KEYS, "url"]), inner),
    max_leaves=12,
)


def rewrite(cited: CitedText, pieces: Iterable[str]) -> str:
    """A part's whole text, pushed in pieces."""
    return "".join([*map(cited.push, pieces), cited.flush()])


def cut(text: str, borders: Iterable[int]) -> list[str]:
    """The text in pieces, some of them empty."""
    places = sorted({0, len(text)} | {min(border, len(text)) for border in borders})
    return [text[start:end] for start, end in pairwise(places)] + [""]


def recorded_texts(name: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The text deltas of a recorded stream, and the text of the completed message."""
    deltas, whole = [], {}
    for event in (RECORDINGS / name).read_text("utf-8").split("\n\n"):
        kind, _, data = event.partition("\ndata: ")
        if kind == "event: thread.message.delta":
            deltas.append(json.loads(data)["delta"]["content"][0]["text"])
        elif kind == "event: thread.message.completed":
            whole = json.loads(data)["content"][0]["text"]
    return deltas, whole


@pytest.mark.parametrize(
    ("name", "style", "start", "end", "ending"),
    [
        (FILE_SEARCH, "keep", 231, 243, "extended battery life【4:0†source】."),
        (FILE_SEARCH, "strip", 231, 231, "extended battery life."),
        (FILE_SEARCH, "markdown", 231, 235, "extended battery life[^1]."),
        (BING, "keep", 634, 646, "deep mathematical beauty【3:0†source】."),
        (BING, "strip", 634, 634, "deep mathematical beauty."),
        (BING, "markdown", 634, 638, "deep mathematical beauty[^1]."),
    ],
)
def test_recorded_answer_streams_rewritten_with_true_offsets(
    name: str, style: CitationStyle, start: int, end: int, ending: str
) -> None:
    deltas, whole = recorded_texts(name)
    cited = CitedText(style)

    text = rewrite(cited, (delta["value"] for delta in deltas))
    citation: Any = map_annotation(whole["annotations"][0], cited.place)

    assert text.endswith(ending)
    assert len(text) == end + 1
    assert (citation["start_index"], citation["end_index"]) == (start, end)


@pytest.mark.parametrize("name", [FILE_SEARCH, BING])
def test_streamed_annotation_maps_to_the_same_as_the_completed_one(name: str) -> None:
    deltas, whole = recorded_texts(name)
    (streamed,) = (found for delta in deltas for found in delta.get("annotations", []))
    place = CitedText("keep").place

    assert map_annotation(streamed, place) == map_annotation(whole["annotations"][0], place)


def test_recorded_answer_becomes_markdown_with_its_source() -> None:
    _, whole = recorded_texts(FILE_SEARCH)
    names = {"assistant-6xP3kL6Brf1dohgzr3ZZ4n": "product_info.md"}
    found = map_annotation(whole["annotations"][0], CitedText("keep").place, file_names=names)
    message = AIMessage([{"type": "text", "text": whole["value"], "annotations": [found]}])

    assert markdown(message) == f"{GLASSES}[^1].\n\n[^1]: product_info.md"
    assert strip(whole["value"]) == f"{GLASSES}."


@given(TEXTS, st.lists(st.integers(0, 60)), st.sampled_from(STYLES))
def test_pieces_of_any_size_give_the_same_text_and_places(
    text: str, borders: list[int], style: CitationStyle
) -> None:
    whole, pieced = CitedText(style), CitedText(style)

    assert rewrite(pieced, cut(text, borders)) == rewrite(whole, [text])
    places = range(len(text) + 1)
    assert [pieced.place(at, at) for at in places] == [whole.place(at, at) for at in places]


@given(PARTS, st.sampled_from(STYLES))
def test_place_covers_a_markers_stand_in_and_every_other_character(
    parts: list[str], style: CitationStyle
) -> None:
    numbers = Numbers()
    cited = CitedText(style, numbers)
    text = rewrite(cited, parts)

    at = 0
    for part in parts:
        for unit in [part] if part.startswith("【") else part:
            start, end = cited.place(at, at + len(unit))
            number = f"[^{numbers.get(unit)}]"
            stands = {"keep": unit, "strip": "", "markdown": number} if len(unit) > 1 else {}
            gone = style == "strip" and unit == " " and start == end
            assert text[start:end] == ("" if gone else stands.get(style, unit))
            at += len(unit)


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ("Wet【4:0†source】.", "Wet."),
        ("Wet 【4:0†source】.", "Wet."),
        ("Wet. 【4:0†source】", "Wet."),
        ("Wet 【4:0†source】 and cold", "Wet and cold"),
        ("Wet 【4:0†source】and cold", "Wet and cold"),
        ("Wet 【4:0†source】【4:1†source】.", "Wet."),
        ("Wet 【4:0†source】 【4:1†source】.", "Wet."),
        ("Wet  【4:0†source】.", "Wet ."),
        ("(wet 【4:0†source】)", "(wet)"),
        ("Wet 【4:0†source】\n\nCold ", "Wet\n\nCold "),
        ("水 【4:0†source】。", "水。"),
        ("| Wet 【4:0†source】 | x |", "| Wet | x |"),
        ("【4:0†annual report.pdf】", ""),
        ("【13†source】", ""),
        ("【【4:0†source】", "【"),
    ],
)
def test_strip_leaves_no_space_where_none_belongs(text: str, stripped: str) -> None:
    assert strip(text) == stripped


@pytest.mark.parametrize(
    "text",
    ["【注意】 read", "【2024年】", "【4:0】", "【†source】", "【4:0†so\nurce】", "【4:0†sour",
     "【4:0†" + "a" * 201 + "】", "[data](sandbox:/mnt/data/x.csv)"],
)  # fmt: skip
@pytest.mark.parametrize("style", STYLES)
def test_what_is_no_marker_passes_unchanged(text: str, style: CitationStyle) -> None:
    assert rewrite(CitedText(style), text) == text


def test_text_is_held_back_only_as_long_as_it_may_become_a_marker() -> None:
    cited = CitedText("markdown")

    pushed = [cited.push(piece) for piece in ["It 【", "4", ":0†so", "me【"]]
    assert pushed == ["It ", "", "", "【4:0†some"]
    assert cited.push("注意】") == "【注意】"
    assert cited.push("【4:0†" + "a" * 200) == ""
    assert cited.push("a") == "【4:0†" + "a" * 201


def test_keep_holds_nothing_back() -> None:
    assert CitedText("keep").push("It 【4:0†so") == "It 【4:0†so"


def test_markers_keep_their_number_across_the_parts_of_an_answer() -> None:
    numbers = Numbers()
    first, second = CitedText("markdown", numbers), CitedText("markdown", numbers)

    assert rewrite(first, ["b【4:1†source】 a【4:0†source】"]) == "b[^1] a[^2]"
    assert rewrite(second, ["a【4:0†source】 c【8:0†source】"]) == "a[^2] c[^3]"


def test_range_that_begins_within_a_marker_is_widened_to_it() -> None:
    cited = CitedText("markdown")

    assert rewrite(cited, ["a【4:0†source】b"]) == "a[^1]b"
    assert cited.place(5, 14) == (1, 6)


MARKED = {"text": "【4:0†source】", "start_index": 3, "end_index": 15}
PLACED = {"type": "citation", "start_index": 103, "end_index": 115}
MARKER = {"marker": "【4:0†source】"}


@pytest.mark.parametrize(
    ("annotation", "citation"),
    [
        ({"type": "url_citation", **MARKED, "url_citation": {"url": "http://a.eu", "title": "A"}},
         {**PLACED, "url": "http://a.eu", "title": "A", "extras": MARKER}),
        ({"type": "url_citation", "url_citation": {"url": "doc_0", "title": None}},
         {"type": "citation", "url": "doc_0"}),
        ({"type": "file_citation", **MARKED, "file_citation": {"file_id": "f-1", "quote": "wet"}},
         {**PLACED, "title": "water.pdf", "cited_text": "wet",
          "extras": {**MARKER, "file_id": "f-1", "quote": "wet"}}),
        ({"type": "file_citation", **MARKED, "file_citation": {"file_id": "f-2", "quote": ""}},
         {**PLACED, "extras": {**MARKER, "file_id": "f-2"}}),
        ({"type": "file_path", **MARKED, "text": "sandbox:/x.csv", "file_path": {"file_id": "f-3"}},
         {**PLACED, "extras": {"marker": "sandbox:/x.csv", "file_id": "f-3", "kind": "file_path"}}),
    ],
)  # fmt: skip
def test_annotation_becomes_a_citation(
    annotation: dict[str, Any], citation: dict[str, Any]
) -> None:
    names = {"f-1": "water.pdf"}

    assert map_annotation(annotation, CitedText("keep").place, 100, file_names=names) == citation


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        ({"type": "hologram", "index": 0, "x": 1}, {"type": "hologram", "x": 1}),
        ({"type": "url_citation"}, {"type": "url_citation"}),
        ({"type": "file_citation", "file_citation": 7}, None),
        ({"type": "file_path", "file_path": {"file_id": None}}, None),
        ("text", {"annotation": "text"}),
        (None, {"annotation": None}),
    ],
)
def test_annotation_of_unknown_form_is_handed_on_as_it_is(annotation: Any, value: Any) -> None:
    mapped = map_annotation(annotation, CitedText("keep").place)

    assert mapped == {"type": "non_standard_annotation", "value": value or annotation}


@given(JSONS)
def test_no_annotation_raises(annotation: Any) -> None:
    mapped = map_annotation(annotation, CitedText("strip").place)

    assert mapped["type"] in {"citation", "non_standard_annotation"}


@pytest.mark.parametrize(
    ("start", "end"), [(None, None), (3, None), ("3", 5), (-1, 5), (9, 5), (1.0, 5)]
)
def test_offsets_that_make_no_range_are_left_out(start: Any, end: Any) -> None:
    offsets = {"start_index": start, "end_index": end}
    annotation = {"type": "file_path", "file_path": {"file_id": "f"}, **offsets}

    mapped = map_annotation(annotation, CitedText("keep").place)

    assert mapped == {"type": "citation", "extras": {"file_id": "f", "kind": "file_path"}}


@pytest.mark.parametrize(
    ("source", "note"),
    [
        ({"url": "https://a.example", "title": "A"}, "[A](https://a.example)"),
        ({"url": "https://a.example/x_y"}, "[https://a.example/x_y](https://a.example/x_y)"),
        ({"url": "HTTPS://a.example/a (b)\n<c>"},
         "[HTTPS://a.example/a (b) &lt;c&gt;](HTTPS://a.example/a%20%28b%29%0A%3Cc%3E)"),
        ({"url": "https://é.example/%20?a=1&b=[2]", "title": "A"},
         "[A](https://%C3%A9.example/%20?a=1&b=%5B2%5D)"),
        ({"url": "https://a.example", "title": "](https://b.example) [x"},
         r"[\](https://b.example) \[x](https://a.example)"),
        ({"url": "https://a.example", "title": "a\n\n# b | `c` \\ <img> &lt;"},
         r"[a # b \| \`c\` \\ &lt;img&gt; &amp;lt;](https://a.example)"),
        ({"url": "https://a.example", "title": " \n"}, "[https://a.example](https://a.example)"),
        ({"url": "javascript:alert(1)", "title": "A"}, "A (javascript:alert(1))"),
        ({"url": "doc_0"}, "doc_0"),
        ({"title": "my_file.pdf"}, "my_file.pdf"),
        ({"title": "__init__.py"}, r"\_\_init\_\_.py"),
        ({"title": "1. Intro.pdf"}, r"1\. Intro.pdf"),
        ({"title": "# top"}, r"\# top"),
        ({"title": "gpj.\u202efdp"}, "gpj. fdp"),
        ({"extras": {**MARKER, "file_id": "assistant-1"}}, "assistant-1"),
        ({}, "source unknown"),
    ],
)  # fmt: skip
def test_footnote_shows_its_source_and_nothing_else(source: Any, note: str) -> None:
    cited: Any = {"type": "citation", "extras": MARKER, **source}

    assert footnotes([cited], Numbers({"【4:0†source】": 1})) == f"[^1]: {note}"


@given(st.text(), st.text())
def test_no_title_or_url_breaks_out_of_its_line(title: str, url: str) -> None:
    source: Any = {"type": "citation", "title": title, "url": f"https://{url}", "extras": MARKER}

    note = footnotes([source], Numbers({"【4:0†source】": 1}))

    assert len(note.splitlines()) == 1
    label, _, target = note.removeprefix("[^1]: ").rpartition("](")
    assert not {"[", "]"} & set(label[1:].replace("\\\\", "").replace("\\[", "").replace("\\]", ""))
    assert not set(target[:-1]) & set(' ()<>\\"`|\n')


def test_footnotes_stand_in_the_order_of_their_numbers_each_source_once() -> None:
    def cited(title: str, marker: str) -> Citation:
        return {"type": "citation", "title": title, "extras": {"marker": marker}}

    one, two = cited("One", "【4:0†source】"), cited("Two", "【4:1†source】")
    more, path = cited("More", "【4:1†source】"), cited("x.csv", "sandbox:/x.csv")
    numbers = Numbers({"【4:1†source】": 1, "【4:0†source】": 2, "【4:2†source】": 3})

    assert footnotes([one, two, one, more, path], numbers) == (
        "[^1]: Two; More\n[^2]: One\n[^3]: source unknown"
    )


def test_answer_of_several_parts_becomes_one_markdown_text() -> None:
    source = {"type": "citation", "title": "A", "url": "https://a.example", "extras": MARKER}
    other = {"type": "non_standard_annotation", "value": {}}
    message = AIMessage(
        [
            {"type": "text", "text": "Wet【4:0†source】."},
            {"type": "image", "file_id": "assistant-1"},
            {"type": "text", "text": "Cold【4:0†source】.", "annotations": [source, other]},
        ]
    )

    assert markdown(message) == "Wet[^1].\n\nCold[^1].\n\n[^1]: [A](https://a.example)"
    assert markdown(AIMessage("Wet.")) == "Wet."


def test_examples_in_the_docs_run() -> None:
    assert doctest.testmod(citations) == (0, 11)
