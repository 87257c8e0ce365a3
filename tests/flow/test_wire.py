"""JSON off the wire: what is none, or has another shape, is told with its beginning."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langchain_foundry_agents._flow.effects import Event
from langchain_foundry_agents._flow.wire import check_stream, read_events, read_object
from langchain_foundry_agents.errors import FoundryAgentError, ProtocolError, Response

Batch = list[tuple[str, str]]


def read(batch: Batch) -> list[tuple[Event, ...]]:
    return list(read_events(batch))


def read_until_error(batch: Batch) -> tuple[list[tuple[Event, ...]], FoundryAgentError]:
    """What is given before the error, and the error."""
    given: list[tuple[Event, ...]] = []
    with pytest.raises(FoundryAgentError) as caught:
        given.extend(read_events(batch))
    return given, caught.value


def test_an_object_is_read() -> None:
    assert read_object(Response(200, {}, '{"id": "thread_1"}')) == {"id": "thread_1"}


@pytest.mark.parametrize(
    ("headers", "text", "what"),
    [
        (
            {"content-type": "text/html"},
            "<html>\n Sign in",
            "(text/html): <html> Sign in",
        ),
        (
            {},
            "[]",
            "(no content type): []",
        ),
        (
            {"content-type": "application/json"},
            '{"id": "thr',
            '(application/json): {"id": "thr',
        ),
        (
            {},
            "",
            "(no content type): nothing",
        ),
        (
            {"content-type": "text/plain"},
            "x" * 200,
            "(text/plain): " + "x" * 120,
        ),
    ],
)
def test_what_is_no_object_is_quoted(headers: dict[str, str], text: str, what: str) -> None:
    response = Response(200, headers, text)

    with pytest.raises(ProtocolError) as caught:
        read_object(response)

    assert caught.value.args == (f"The service answered something else than was asked for {what}",)
    assert caught.value.response is response


def test_an_open_stream_has_no_text_yet() -> None:
    check_stream(Response(200, {"content-type": "text/event-stream"}))


def test_a_whole_answer_is_no_stream() -> None:
    with pytest.raises(ProtocolError, match=r"\(text/html\): <html>"):
        check_stream(Response(200, {"content-type": "text/html"}, "<html>"))


def test_events_of_a_burst_are_read_together() -> None:
    batch = [("a", '{"x": 1}'), ("b", '{"y": [1, 2]}'), ("a", "{}")]

    assert read(batch) == [(("a", {"x": 1}), ("b", {"y": [1, 2]}), ("a", {}))]


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (r'"\ud83d"', "\ud83d"),
        (r'"\ud83d\ude00"', "\U0001f600"),
        ('"\ud83d"', "\ud83d"),
        ("Infinity", float("inf")),
        ("1e999", float("inf")),
        ("0.1", 0.1),
        ("9" * 40, int("9" * 40)),
        ('{"x": 1, "y": 2, "x": 3}', {"x": 3, "y": 2}),
        ("[" * 300 + "]" * 300, json.loads("[" * 300 + "]" * 300)),
    ],
    ids=[
        "half a pair of surrogates",
        "both halves",
        "half a pair as it is",
        "infinity",
        "too large for a float",
        "a fraction",
        "a large integer",
        "a key that comes twice",
        "deep nesting",
    ],
)
def test_a_value_is_read_as_json_reads_it(data: str, value: object) -> None:
    assert read([("a", f'{{"x": {data}}}')]) == [(("a", {"x": value}),)]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


ADDED = st.sampled_from(["", " ", "\\ud83d", "0", '"'])


@pytest.mark.slow
@given(VALUES, st.booleans(), st.integers(0, 40), ADDED)
def test_whatever_is_json_or_not_is_read_as_json_reads_it(
    value: object, ascii_only: bool, place: int, more: str
) -> None:
    data = json.dumps({"x": value}, ensure_ascii=ascii_only)
    data = data[:place] + more + data[place:]
    try:
        expected = json.loads(data)
    except ValueError:
        given, error = read_until_error([("a", data)])
        assert (given, type(error)) == ([], ProtocolError)
    else:
        assert repr(read([("a", data)])) == repr([(("a", expected),)])


@pytest.mark.parametrize(
    "event",
    [("done", "[DONE]"), ("done", ""), ("message", "[DONE]"), ("a", "null"), ("a", "[1]")],
)
def test_an_event_without_an_object_tells_nothing(event: tuple[str, str]) -> None:
    assert read([event, ("b", '{"y": 2}')]) == [(("b", {"y": 2}),)]


@pytest.mark.parametrize("batch", [[], [("done", "[DONE]")], [("a", "null")]])
def test_no_events_are_no_events(batch: Batch) -> None:
    assert read(batch) == []


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ("{", "An event of the stream is not JSON: b '{'"),
        ("", "An event of the stream is not JSON: b ''"),
        ("Internal Server Error", "An event of the stream is not JSON: b 'Internal Server Error'"),
        ("y" * 200, f"An event of the stream is not JSON: b '{'y' * 120}'"),
    ],
)
def test_an_event_that_is_not_json_is_quoted_after_what_came_before_it(
    data: str, what: str
) -> None:
    given, error = read_until_error([("a", '{"x": 1}'), ("b", data), ("c", "{}")])

    assert given == [(("a", {"x": 1}),)]
    assert (type(error), error.args) == (ProtocolError, (what,))


def test_an_error_event_comes_after_what_came_before_it_and_is_the_last() -> None:
    data = '{"error": {"message": "It broke."}}'

    assert read([("a", '{"x": 1}'), ("error", data), ("c", "{}")]) == [
        (("a", {"x": 1}),),
        (("error", {"error": {"message": "It broke."}}),),
    ]


def test_an_error_is_known_by_its_type_where_its_event_has_another_name() -> None:
    data = {"type": "error", "message": "It broke."}

    assert read([("message", json.dumps(data))]) == [(("error", data),)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("null", None),
        ('"It broke."', "It broke."),
        ("[1]", [1]),
        ("Internal Server Error", "Internal Server Error"),
        ("y" * 200, "y" * 120),
    ],
)
def test_an_error_event_without_an_object_is_an_error_too(data: str, said: object) -> None:
    assert read([("error", data)]) == [(("error", {"error": said}),)]


@pytest.mark.parametrize("data", ['{"x": 1}, {"x": 2}', '{"x": 1}], [{"x": 2}', "1, 2"])
def test_an_event_of_two_values_is_an_error(data: str) -> None:
    given, error = read_until_error([("a", data)])

    assert (given, type(error)) == ([], ProtocolError)


@pytest.mark.parametrize("others", [0, 1])
def test_values_that_run_over_into_another_event_are_errors(others: int) -> None:
    given, error = read_until_error([*[("a", "{}")] * others, ("b", '{"x": [1'), ("c", "2]}")])

    assert (len(given), type(error)) == (others, ProtocolError)


def test_an_event_that_nests_too_deep_is_an_error() -> None:
    given, error = read_until_error([("a", "{}"), ("b", "[" * 100_000 + "]" * 100_000)])

    assert (given, type(error)) == ([(("a", {}),)], ProtocolError)
