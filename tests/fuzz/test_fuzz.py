"""What fuzzing begins with is read as it should be, and so is any JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .seeds import seeds
from .targets import TARGETS, body, sse, turn

BODIES = [json.loads(one) for one in seeds("body")]
NAMES = sorted({name for one in BODIES for name in one} | {"code", "message", "error", "usage"})
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), inner, max_size=6)
    ),
)


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_what_fuzzing_begins_with_is_read(target: str) -> None:
    for seed in seeds(target):
        TARGETS[target](seed)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_any_json_as_a_body_is_a_value_or_our_error(value: object) -> None:
    body(json.dumps(value).encode())


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_our_error(data: bytes) -> None:
    sse(data)
    body(data)
    turn(data)
