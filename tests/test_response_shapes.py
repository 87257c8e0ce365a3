"""Whatever a service makes of a response, the fold gives an answer or a `ProtocolError`."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from folding import (
    Event,
    folded,
    message_item,
    new_answer,
    output_text,
    reasoning_item,
    streamed,
)

from langchain_foundry_agents._flow.progress import Outcome
from langchain_foundry_agents.errors import ProtocolError

CITED = {"type": "url_citation", "url": "https://a.example", "start_index": 0, "end_index": 1}
CALL = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "a", "arguments": "{}"}
PICTURE = {"type": "image", "url": "https://a.example/b.png"}
EVENTS = streamed(
    reasoning_item("Hm."),
    message_item(output_text("Wet【1†a】", CITED), {"type": "refusal", "refusal": "No."}),
    CALL,
    {"type": "function_call_output", "id": "fco_1", "call_id": "call_1", "output": "3"},
    {"type": "code_interpreter_call", "id": "ci_1", "code": "1", "outputs": [PICTURE]},
    {"type": "web_search_call", "id": "ws_1", "action": {"type": "search", "sources": []}},
    {"type": "image_generation_call", "id": "ig_1", "result": "aGk="},
    {"type": "oauth_consent_request", "id": "o_1", "consent_link": "https://a.example"},
    {"type": "hologram", "id": "h_1"},
    usage={"input_tokens": 1, "input_tokens_details": {"cached_tokens": 1}},
    incomplete_details={"reason": "content_filter"},
)
JUNK: list[Any] = [
    None,
    5,
    -1,
    True,
    "x",
    [],
    ["x"],
    [None],
    {},
    {"a": 1},
    {"type": []},
    {"id": {}},
]


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value within a value."""
    within = enumerate(value) if isinstance(value, list) else ()
    for key, one in value.items() if isinstance(value, dict) else within:
        yield (*way, key)
        yield from places(one, (*way, key))


def spoilt(data: Any, way: tuple[Any, ...], junk: Any) -> Any:
    """A copy with junk in one place."""
    made = copy.deepcopy(data)
    holder = made
    for key in way[:-1]:
        holder = holder[key]
    holder[way[-1]] = junk
    return made


def try_to_fold(events: list[Event]) -> None:
    try:
        message = folded(
            [[one] for one in events], new_answer(), Outcome(events[-1][1]["response"])
        )
        assert isinstance(message.content_blocks, list)
    except ProtocolError:
        return


@pytest.mark.parametrize("name", sorted({name for name, _ in EVENTS}))
def test_junk_anywhere_in_an_event_is_a_protocol_error_or_passed_over(name: str) -> None:
    at, data = next((at, data) for at, (found, data) in enumerate(EVENTS) if found == name)

    for way in places(data):
        for junk in JUNK:
            broken = name, spoilt(data, way, junk)
            try_to_fold([*EVENTS[:at], broken, *EVENTS[at + 1 :]])
