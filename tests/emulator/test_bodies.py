"""What the emulator takes as JSON, and what becomes of what it does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from langchain_foundry_agents.emulator.events import Event
from langchain_foundry_agents.emulator.exchange import Query
from langchain_foundry_agents.emulator.json_text import MAX_DEPTH, read_json, utf8

from .room import Room

if TYPE_CHECKING:
    import httpx


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b'{"a": NaN}', "NaN is no JSON number."),
        (b'{"a": -Infinity}', "-Infinity is no JSON number."),
        (b'{"a": 1e400}', "The number 1e400 is too large."),
        (b'{"a": "\\ud83d"}', "half of a surrogate pair"),
        (b'{"\\uDE00": 1}', "half of a surrogate pair"),
        (b'{"a": "\xed\xa0\xbd"}', "It is not UTF-8: byte 7."),
        (b'{"a": "\xff"}', "It is not UTF-8: byte 7."),
        (nested(MAX_DEPTH + 1), "nested deeper than 64 levels"),
        (nested(100_000), "nested deeper than 64 levels"),
    ],
    ids=str,
)
def test_what_is_no_json_is_refused_with_its_reason(raw: bytes, problem: str) -> None:
    room = Room()

    answer = room.call("POST", "/threads", raw)

    assert answer.status == 400
    assert problem in answer.body["error"]["message"]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"\\\\ud83d"', "\\ud83d"),
        (b"\xef\xbb\xbf1", 1),
        (b"1e300", 1e300),
        (b"[[1], [2], [3]]", [[1], [2], [3]]),
    ],
    ids=str,
)
def test_unusual_json_is_read(raw: bytes, value: object) -> None:
    assert read_json(raw) == value


def test_as_deep_as_it_may_be_is_not_too_deep() -> None:
    assert read_json(nested(MAX_DEPTH)) != []


def test_half_an_emoji_of_a_model_is_sent_as_a_replacement_character() -> None:
    assert Event("a", {"b": "x\ud83d"}).frame() == 'event: a\ndata: {"b":"x\ufffd"}\n\n'.encode()
    assert utf8("\ud83d\ude00") == "\U0001f600".encode()


def test_a_query_joins_the_values_of_a_name_and_knows_them_apart() -> None:
    query = Query([("a", "1"), ("b", "2"), ("a", "3")])

    assert query == {"a": "1,3", "b": "2"}
    assert query.pairs == (("a", "1"), ("b", "2"), ("a", "3"))


def test_a_refused_body_leaves_nothing_behind(http: httpx.Client) -> None:
    refused = http.post("threads", content=b'{"metadata": {"a": "\\ud83d"}}')
    listed = http.get("threads")

    assert refused.status_code == 400
    assert json.loads(listed.content)["data"] == []
