"""Server-sent events: the standard's own examples, and every recording cut at every byte.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langchain_foundry_agents import ProtocolError
from langchain_foundry_agents._sse import SSEDecoder

RECORDINGS = sorted((Path(__file__).parent / "recordings").glob("*.sse"))
SMALL = [path for path in RECORDINGS if path.stat().st_size < 10_000]
LINE_ENDS = pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])

Events = list[tuple[str, str]]


def decode(*pieces: bytes) -> Events:
    decoder = SSEDecoder()
    return [event for piece in pieces for event in decoder.feed(piece)]


def name(path: Path) -> str:
    return path.stem


def test_whatwg_example_of_a_multi_line_event() -> None:
    assert decode(b"data: YHOO\ndata: +2\ndata: 10\n\n") == [("message", "YHOO\n+2\n10")]


def test_whatwg_example_of_a_comment_ids_and_a_space_that_counts() -> None:
    stream = b"\n\n".join(
        [
            b": test stream",
            b"data: first event\nid: 1",
            b"data:second event\nid",
            b"data:  third event",
            b"",
        ]
    )

    assert decode(stream) == [
        ("message", "first event"),
        ("message", "second event"),
        ("message", " third event"),
    ]


def test_whatwg_example_of_empty_data_and_an_unfinished_event() -> None:
    assert decode(b"data\n\ndata\ndata\n\ndata:") == [("message", ""), ("message", "\n")]


def test_whatwg_example_of_the_space_after_the_colon() -> None:
    assert decode(b"data:test\n\ndata: test\n\n") == [("message", "test"), ("message", "test")]


def test_whatwg_example_of_named_events() -> None:
    stream = b"event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n"

    assert decode(stream) == [("add", "73857293"), ("remove", "2153")]


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"", []),
        (b"\n\n\n", []),
        (b"\xef\xbb\xbfdata: a\n\n", [("message", "a")]),
        (b"data: a\n\n\xef\xbb\xbfdata: b\n\n", [("message", "a")]),
        (b": a comment\n:\n\n", []),
        (b": a comment\ndata: a\n: another\n\n", [("message", "a")]),
        (b"event: a\n\ndata: b\n\n", [("message", "b")]),
        (b"event: a\ndata: b\n\ndata: c\n\n", [("a", "b"), ("message", "c")]),
        (b"event: a\nevent: b\ndata: c\n\n", [("b", "c")]),
        (b"event: a\nevent\ndata: b\n\n", [("message", "b")]),
        (b"data: a\nid: 1\nretry: 5\nfoo: bar\nfoo\n\n", [("message", "a")]),
        (b"data : a\nDATA: b\n data: c\ndata: d\n\n", [("message", "d")]),
        (b"data: a: b\n\n", [("message", "a: b")]),
        (b"data: a\n", []),
        (b"data: a\n\ndata: b\n", [("message", "a")]),
        (b"data: \xff\n\n", [("message", "\ufffd")]),
        ("data: a\u2028b\x0bc\x0cd\x85e\n\n".encode(), [("message", "a\u2028b\x0bc\x0cd\x85e")]),
    ],
    ids=[
        "nothing",
        "blank lines",
        "a byte order mark is passed over",
        "but only at the start",
        "comments are no events",
        "a comment within an event",
        "an event without data is dropped, with its name",
        "a name is for one event",
        "the last name counts",
        "an empty name is none",
        "unknown fields are passed over",
        "a field is named exactly",
        "only the first colon divides",
        "an unfinished event is dropped",
        "an unfinished event after a whole one",
        "bytes that are no UTF-8 are replaced",
        "only CR and LF end a line",
    ],
)  # fmt: skip
def test_this_rule_of_the_standard_holds(stream: bytes, events: Events) -> None:
    assert decode(stream) == events


@pytest.mark.parametrize(
    ("pieces", "events"),
    [
        ([b"data: a\r", b"\ndata: b\r", b"\n\r", b"\n"], [("message", "a\nb")]),
        ([b"data: a\r\r", b"data: b\r\r"], [("message", "a"), ("message", "b")]),
        ([b"data: a\n\r"], [("message", "a")]),
        ([b"data: a\r", b"", b"\n\n"], [("message", "a")]),
        ([b"data: \xe2", b"\x82", b"\xac\n\n"], [("message", "€")]),
        ([b"\xef", b"\xbb", b"\xbfdata: a\n\n"], [("message", "a")]),
    ],
)
def test_a_line_end_and_a_character_may_be_cut(pieces: list[bytes], events: Events) -> None:
    assert decode(*pieces) == events


def test_only_the_first_piece_begins_with_a_byte_order_mark() -> None:
    assert decode(b"data: a", "\ufeffb\n\n".encode()) == [("message", "a\ufeffb")]


def test_an_event_that_ends_in_cr_is_given_at_once() -> None:
    decoder = SSEDecoder()

    assert decoder.feed(b"data: a\r\r") == [("message", "a")]


def recorded(path: Path) -> Events:
    """A recording's events: in each, one line names the event and one line holds its data."""
    events = []
    for block in path.read_text(encoding="utf-8").removesuffix("\n\n").split("\n\n"):
        event, data = block.split("\n")
        events.append((event.removeprefix("event: "), data.removeprefix("data: ")))
    return events


@LINE_ENDS
@pytest.mark.parametrize("path", RECORDINGS, ids=name)
def test_a_recording_fed_byte_by_byte_gives_its_events(path: Path, end: bytes) -> None:
    stream = path.read_bytes().replace(b"\n", end)

    assert decode(*(stream[at : at + 1] for at in range(len(stream)))) == recorded(path)


@LINE_ENDS
@pytest.mark.parametrize("path", SMALL, ids=name)
def test_a_recording_cut_in_two_anywhere_gives_its_events(path: Path, end: bytes) -> None:
    stream, events = path.read_bytes().replace(b"\n", end), recorded(path)

    for at in range(len(stream)):
        assert decode(stream[:at], stream[at:]) == events


TEXTS = st.text(st.characters(exclude_characters="\r\n", codec="utf-8")).map(
    lambda text: text + "\u2028€😀"
)


@settings(max_examples=50, deadline=None)
@given(
    datas=st.lists(TEXTS, min_size=1, max_size=4),
    end=st.sampled_from([b"\n", b"\r\n", b"\r"]),
    cuts=st.lists(st.integers(0, 400), max_size=12).map(sorted),
)
def test_texts_of_any_kind_come_through_any_cuts(
    datas: list[str], end: bytes, cuts: list[int]
) -> None:
    stream = b"".join(b"event: e" + end + b"data: " + data.encode() + end * 2 for data in datas)
    borders = [0, *cuts, max(len(stream), *cuts, 0)]

    pieces = [stream[start:stop] for start, stop in itertools.pairwise(borders)]

    assert decode(*pieces) == [("e", data) for data in datas]


TOO_LARGE = {
    "a line without an end": b"data: 0123456789abcdef",
    "a comment": b": 0123456789abcdefghij0123456789\n",
    "an event of one line": b"data: 0123456789abcdefghij0123456789\n\n",
    "an event of many lines": b"data: 01234\ndata: 56789\ndata: abcde\ndata: fghij\n",
    "an event and a line": b"data: 0123456789\ndata: abcdefghij",
}


@pytest.mark.parametrize("stream", TOO_LARGE.values(), ids=TOO_LARGE)
def test_what_is_too_large_is_an_error_however_it_is_cut(stream: bytes) -> None:
    for step in (1, 5, len(stream) - 1):
        pieces = (stream[at : at + step] for at in range(0, len(stream), step))
        with pytest.raises(ProtocolError, match=r"too large: \d+ characters came so far, and"):
            list(map(SSEDecoder(most=20).feed, pieces))


def test_an_event_too_large_in_one_piece_is_an_error() -> None:
    with pytest.raises(ProtocolError, match=r"too large: 21 characters .* at most 20 are read"):
        SSEDecoder(most=20).feed(b"data: 0123456789abcdefghij!\n\n")


def test_an_event_of_two_lines_that_is_too_large_is_an_error_before_its_end() -> None:
    decoder = SSEDecoder(most=20)
    decoder.feed(b"data: 0123456789\n")

    with pytest.raises(ProtocolError, match=r"too large: 21 characters"):
        decoder.feed(b"data: abcdefghij\n")


def test_many_events_may_be_larger_together() -> None:
    decoder = SSEDecoder(most=20)

    assert [len(decoder.feed(b"data: 01234\ndata: 56789\n\n" * 3)) for _ in range(3)] == [3, 3, 3]


def test_an_event_as_large_as_may_be_in_one_piece_is_read() -> None:
    (event,) = SSEDecoder(most=20).feed(b"data: 0123456789abcdefghij\n\n")

    assert event == ("message", "0123456789abcdefghij")


def test_an_event_as_large_as_may_be_is_read() -> None:
    stream = b"data: 0123456789abcd\n\n"

    assert SSEDecoder(most=20).feed(stream) == [("message", "0123456789abcd")]
    decoder = SSEDecoder(most=20)
    twice = stream * 2
    pieces = [decoder.feed(twice[at : at + 1]) for at in range(len(twice))]
    assert [one for one in pieces if one] == [[("message", "0123456789abcd")]] * 2


FRAMES = [
    "event: e\ndata: {}\n\n",
    "event: e\ndata: {}\n\n",
    "event: f\ndata: {}\n\n",
    "event: e\ndata:{}\n\n",
    "event:e\ndata: {}\n\n",
    "event: \ndata: {}\n\n",
    "data: {}\nevent: e\n\n",
    "data: {}\n\n",
    "event: e\n\n",
    "event: e\ndata: {}\ndata: {}\n\n",
    "event: e\nid: {}\ndata: {}\n\n",
    ": {}\n\n",
    "\n",
]
RUNS = st.lists(st.tuples(st.sampled_from(FRAMES), st.integers(1, 12)), max_size=6)


@settings(deadline=None)
@given(RUNS, st.integers(0, 40), st.integers(0, 20))
def test_many_events_of_one_read_are_those_of_many_reads(
    runs: list[tuple[str, int]], cut_off: int, begin: int
) -> None:
    frames = [frame for frame, count in runs for _ in range(count)]
    text = "".join(frame.replace("{}", f"{place}é") for place, frame in enumerate(frames))
    stream = text[begin : len(text) - cut_off].encode()

    assert decode(stream) == decode(*(stream[at : at + 1] for at in range(len(stream))))


def test_an_event_that_is_cut_off_after_one_of_its_name_waits_for_its_end() -> None:
    others = b"event: e\ndata: 1\n\nevent: f\ndata: 2\n\n" * 5
    decoder = SSEDecoder()

    read = decoder.feed(others + b"event: f\ndata: 3\n"), decoder.feed(b"\n")

    assert read == ([("e", "1"), ("f", "2")] * 5, [("f", "3")])


def test_a_large_event_among_many_of_its_name_is_an_error() -> None:
    small, large = b"event: e\ndata: 0\n\n", b"event: e\ndata: 0123456789abcdefghij!\n\n"

    with pytest.raises(ProtocolError, match=r"too large: 21 characters .* at most 20 are read"):
        SSEDecoder(most=20).feed(small * 20 + large + small * 20)
