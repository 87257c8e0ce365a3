"""Deltas that come together are read as one, which says what each alone would say."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langchain_foundry_agents._flow.wire import read_events
from langchain_foundry_agents._pieces import Pieces, pieces_of
from langchain_foundry_agents._sse import SSEDecoder
from langchain_foundry_agents.errors import FoundryAgentError

JSON = dict[str, Any]
Pair = tuple[str, str]
Delta = Callable[[str, int], JSON]
TEN = "abcdefghij"


def classic(text: str, number: int = 0, **beside: Any) -> JSON:
    part = {"index": 0, "type": "text", "text": {"value": text, **beside}}
    return {"id": "msg_1", "object": "thread.message.delta", "delta": {"content": [part]}}


def cited(text: str, number: int = 0) -> JSON:
    return classic(text, annotations=[{"type": "file_path", "text": "a"}])


def new(text: str, number: int = 0) -> JSON:
    return {
        "type": "response.output_text.delta",
        "content_index": 0,
        "delta": text,
        "item_id": "msg_1",
        "logprobs": [],
        "obfuscation": "x" * (number % 7),
        "sequence_number": number,
    }


def counted_first(text: str, number: int = 0) -> JSON:
    return {"sequence_number": number, "item_id": "msg_1", "delta": text}


def without_numbers(text: str, number: int = 0) -> JSON:
    return {"item_id": "msg_1", "delta": text}


def two_parts(text: str, number: int = 0) -> JSON:
    image = {"index": 1, "type": "image_file", "image_file": {"file_id": "file_1"}}
    (part,) = classic(text)["delta"]["content"]
    return {"delta": {"content": [part, image]}}


def refused(text: str, number: int = 0) -> JSON:
    return {"delta": {"content": [{"index": 0, "type": "refusal", "text": {"value": text}}]}}


def with_another_value(text: str, number: int = 0) -> JSON:
    return {**classic("a"), "metadata": {"value": text}}


def without_text(text: str, number: int = 0) -> JSON:
    return {"type": "response.in_progress", "sequence_number": number}


def numbered_below_none(text: str, number: int = 0) -> JSON:
    return {"sequence_number": -1, "delta": text}


def numbered_within(text: str, number: int = 0) -> JSON:
    return {"logprobs": [{"sequence_number": 1}], "delta": text}


def of_a_step(text: str, number: int = 0) -> JSON:
    return {"delta": {"step_details": {"type": "tool_calls", "value": text}}}


ALIKE: list[Delta] = [classic, new, counted_first, without_numbers]
"""Deltas that may be read as one."""
OTHERS: list[Delta] = [
    without_text,
    cited,
    two_parts,
    refused,
    with_another_value,
    of_a_step,
    numbered_below_none,
    numbered_within,
]


def pairs(
    delta: Delta, texts: Sequence[str], begin: int = 0, name: str = "delta", **style: Any
) -> list[Pair]:
    told = (delta(text, number) for number, text in enumerate(texts, begin))
    return [(name, json.dumps(data, **style)) for data in told]


def together(batch: Sequence[Pair]) -> list[tuple[str, JSON]]:
    return [event for events in read_events(batch) for event in events]


def singly(event: tuple[str, JSON]) -> Iterator[tuple[str, JSON]]:
    """The deltas that one stands for, without their padding."""
    name, data = event
    data = {field: value for field, value in data.items() if field != "obfuscation"}
    match data:
        case {"delta": Pieces() as text}:
            numbers = [{"sequence_number": number} for number in text.numbers]
            for number, piece in zip(numbers or [{}] * len(text.pieces), text.pieces, strict=True):
                yield name, {**data, **number, "delta": piece}
        case {"delta": {"content": [{"text": {"value": Pieces() as text}}]}}:
            for piece in text.pieces:
                yield name, classic(piece, **_beside(data))
        case _:
            yield name, data


def _beside(data: JSON) -> JSON:
    text = data["delta"]["content"][0]["text"]
    return {field: value for field, value in text.items() if field != "value"}


def outcome(batch: Sequence[Pair], *, alone: bool) -> Any:
    """The events of a read, one by one, and the error that ends them if there is one."""
    told: list[Any] = []
    try:
        for part in [[pair] for pair in batch] if alone else [batch]:
            for events in read_events(part):
                told += [one for event in events for one in singly(event)]
    except FoundryAgentError as error:
        told.append(str(error))
    return told


@pytest.mark.parametrize("delta", ALIKE)
def test_deltas_that_are_alike_are_one(delta: Delta) -> None:
    ((_, read),) = together(pairs(delta, TEN, 5))

    assert read == {**delta("", 5), **read}
    text = read["delta"] if delta is not classic else read["delta"]["content"][0]["text"]["value"]
    assert (text, text.pieces) == ("abcdefghij", tuple(TEN))


def test_it_bears_the_last_number_and_its_text_knows_all() -> None:
    ((_, read),) = together(pairs(new, TEN, 5))

    assert (read["sequence_number"], read["delta"].numbers) == (14, tuple(range(5, 15)))


@pytest.mark.parametrize("delta", OTHERS)
def test_deltas_that_bring_more_than_text_are_read_one_by_one(delta: Delta) -> None:
    expected = [("delta", delta(text, number)) for number, text in enumerate(TEN)]
    assert together(pairs(delta, TEN)) == expected


def test_few_are_read_one_by_one() -> None:
    assert [len(together(pairs(classic, TEN[:count]))) for count in (1, 7, 8)] == [1, 7, 1]


def test_one_of_another_form_stands_by_itself_and_parts_the_others() -> None:
    first = json.dumps(classic("First", annotations=[]))
    citing = json.dumps(cited("cited"))
    some = pairs(classic, TEN)

    read = together([("delta", first), *some, ("delta", citing), *some])

    texts = [data["delta"]["content"][0]["text"]["value"] for _, data in read]
    assert texts == ["First", "abcdefghij", "cited", "abcdefghij"]


def test_after_the_fourth_form_all_are_read_one_by_one() -> None:
    others = [pair for text in "1234" for pair in pairs(cited, text)]

    assert len(together([*others, *pairs(classic, TEN)])) == 14
    assert len(together([*others[:3], *pairs(classic, TEN)])) == 4


def test_names_part_them() -> None:
    batch = pairs(classic, TEN) + pairs(classic, TEN, name="other")

    assert [name for name, _ in together(batch)] == ["delta", "other"]


@pytest.mark.parametrize("text", ['"', "\\", "\n", "\u2028", "é", "😀", "\x00", '","x":"', "</s>"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_texts_are_read_as_json_reads_them(text: str, ascii_only: bool) -> None:
    ((_, read),) = together(pairs(new, [*TEN, text], ensure_ascii=ascii_only))

    assert read["delta"] == "abcdefghij" + text


def test_half_a_pair_of_surrogates_is_read() -> None:
    read = together(pairs(without_numbers, [*TEN, "\ud83d"]))

    assert [data["delta"] for _, data in read] == [*TEN, "\ud83d"]


@pytest.mark.parametrize(
    "broken",
    [
        '{"item_id": "msg_1", "delta": "a"b"}',
        '{"item_id": "msg_1", "delta": "a","b"}',
        '{"item_id": "msg_1", "delta": "a\\"}',
        '{"item_id": "msg_1", "delta": "a\tb"}',
        '{"item_id": "msg_1", "delta": "a\\x"}',
        '{"item_id": "msg_1", "delta": "}',
        '{"item_id": "msg_1", "delta": ""',
    ],
)
def test_what_is_no_json_is_an_error_after_what_came_before_it(broken: str) -> None:
    some = pairs(without_numbers, TEN)

    *before, error = outcome([*some, ("delta", broken), *some], alone=False)

    assert before == [("delta", without_numbers(text)) for text in TEN]
    assert error.startswith(f"An event of the stream is not JSON: delta {broken!r}")


@pytest.mark.parametrize("number", ["05", "1.5", "", "٣", "1,2", '1,"x":1'])
def test_what_is_no_number_is_not_taken_for_one(number: str) -> None:
    some = pairs(counted_first, TEN)
    odd = f'{{"sequence_number": {number}, "item_id": "msg_1", "delta": "k"}}'
    batch = [*some, ("delta", odd), *some]

    assert outcome(batch, alone=False) == outcome(batch, alone=True)


@pytest.mark.parametrize("delta", ALIKE)
@pytest.mark.parametrize("texts", [["", *TEN], [*TEN, "", *TEN], [*TEN, ""], [""] * 10])
def test_an_empty_text_is_one_of_them(delta: Delta, texts: list[str]) -> None:
    assert len(together(pairs(delta, texts))) == 1


@pytest.mark.parametrize("more", ['a", "x": "b', 'a", "delta": "b', 'a\\\\", "x": "b'])
def test_a_field_more_is_read_as_json_has_it(more: str) -> None:
    batch = [("delta", f'{{"item_id": "msg_1", "delta": "{text}"}}') for text in (*TEN, more, *TEN)]

    assert outcome(batch, alone=False) == outcome(batch, alone=True)


@pytest.mark.parametrize(
    "odd",
    [
        '{"delta": "a", "obfuscation": "", "sequence_number": 1, "delta": "b"}',
        '{"delta": "a", "obfuscation": "", "delta": "b", "sequence_number": 1}',
    ],
)
def test_a_field_that_comes_twice_counts_as_json_has_it(odd: str) -> None:
    some = [
        ("delta", f'{{"delta": "{text}", "obfuscation": "", "sequence_number": {number}}}')
        for number, text in enumerate(TEN)
    ]

    for batch in ([*some, ("delta", odd)], [("delta", odd)] * 10):
        assert outcome(batch, alone=False) == outcome(batch, alone=True)


TEXTS = st.lists(
    st.text(max_size=4) | st.sampled_from(['"', "\\", '\\"', "\ud83d", '","delta":"', "}"]),
    min_size=1,
    max_size=20,
)
STYLES = st.fixed_dictionaries(
    {
        "ensure_ascii": st.booleans(),
        "separators": st.sampled_from([(", ", ": "), (",", ":"), (" ,", " : ")]),
    }
)
RUNS = st.lists(st.tuples(st.sampled_from([*ALIKE, *ALIKE, *OTHERS]), TEXTS), max_size=4)
BREAKS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 130), st.text(max_size=2)), max_size=1
)


@pytest.mark.slow
@settings(max_examples=500)
@given(RUNS, STYLES, BREAKS)
def test_whatever_comes_together_is_read_as_each_alone(
    runs: list[tuple[Delta, list[str]]], style: JSON, breaks: list[tuple[int, int, str]]
) -> None:
    batch = [pair for delta, texts in runs for pair in pairs(delta, texts, 7, **style)]
    for at, place, put in breaks:
        if at < len(batch):
            name, data = batch[at]
            batch[at] = name, data[:place] + put + data[place + 1 :]

    assert outcome(batch, alone=False) == outcome(batch, alone=True)


def calls_of(batch: Sequence[Pair]) -> int:
    """How many calls it takes to read these off one piece of bytes."""
    frames = [f"event: {name}\ndata: {data}\n\n" for name, data in batch]
    piece, calls = "".join(frames).encode(), 0

    def note(frame: object, what: str, told: object) -> None:
        nonlocal calls
        calls += what in {"call", "c_call"}

    sys.setprofile(note)
    try:
        for _ in read_events(SSEDecoder().feed(piece)):
            pass
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("delta", ALIKE)
def test_a_burst_takes_less_than_a_call_for_each_delta(delta: Delta) -> None:
    first, second = pairs(delta, ["a"] * 1_000), pairs(delta, ["a"] * 1_000, name="other")

    assert calls_of([*first, *second]) < 2_000


@pytest.mark.parametrize("texts", ["", TEN, [*TEN, '"']])
def test_no_text_stays_in_a_cache_of_the_process(texts: Sequence[str]) -> None:
    batch = pairs(without_numbers, ["a secret", *texts])
    (_, first), (_, second) = (*together(batch), *together(batch))
    one, other = (pieces_of(data["delta"])[0] for data in (first, second))

    assert one == other == "a secret"
    assert one is not other
