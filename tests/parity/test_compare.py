"""Two answers beside each other."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_foundry_agents._parity.compare import differences, loosened


def found(ours: Any, theirs: Any) -> list[tuple[str, Any, Any]]:
    return [tuple(one) for one in differences(ours, theirs)]


@pytest.mark.parametrize(
    "value", [None, 1, "a", [], {}, {"a": [1, {"b": None}]}, ["<text>"]], ids=repr
)
def test_the_same_is_the_same(value: Any) -> None:
    assert found(value, value) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "difference"),
    [
        ({"a": 1}, {}, ("a", 1, "<missing>")),
        ({}, {"a": None}, ("a", "<missing>", None)),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, ("a.b", 1, 2)),
        ({"a": [{"b": 1}]}, {"a": [{"b": "1"}]}, ("a[0].b", 1, "1")),
        ({"a": {}}, {"a": []}, ("a", {}, [])),
        ({"a": {}}, {"a": None}, ("a", {}, None)),
        ({"a": 1}, {"a": True}, ("a", 1, True)),
        ({"a": [1]}, {"a": [1, 2]}, ("a[]", "1 item", "2 items")),
    ],
)
def test_a_difference_is_told_with_its_place(
    ours: Any, theirs: Any, difference: tuple[str, Any, Any]
) -> None:
    assert found(ours, theirs) == [difference]


def test_numbers_are_the_same_by_value() -> None:
    assert found({"top_p": 1.0}, {"top_p": 1}) == []


def test_an_expectation_may_leave_things_open() -> None:
    expected = {"a": "<anything>", "b": ["<each>", {"c": "<text>"}], "…": None}

    assert found(expected, {"a": [1], "b": [{"c": "<text>"}] * 3, "d": 1}) == []
    assert found(expected, {"a": 1, "b": [{"c": None}]}) == [("b[0].c", "<text>", None)]


def test_what_is_left_open_is_no_difference_of_two_services() -> None:
    expected = {"data": [{"id": "<id a>"}], "has_more": "<anything>"}

    assert loosened({"data": [], "has_more": True}, expected) == {
        "data": [],
        "has_more": "<anything>",
    }
