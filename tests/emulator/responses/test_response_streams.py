"""Streams of responses: order, members and numbers of their events."""

from __future__ import annotations

import json
from typing import Any

import pytest

from langchain_foundry_agents.emulator import (
    AskApproval,
    AskConsent,
    CallTools,
    Cite,
    CutShort,
    Draw,
    Fail,
    FoundryEmulator,
    Refuse,
    Reply,
    RunCode,
    ShowEvent,
    ShowItem,
    Steps,
    Think,
)
from langchain_foundry_agents.emulator.brains.script import Part, server_use

from ..brains import BrokenBrain
from ..conftest import client
from ..room import Room, names, read_sse
from .scene import new_conversation, new_version
from .speaking import RESPONSES, SUPPORT, Events, of, respond, scripted, stream

START = ["created", "in_progress"]
TEXT = ["content_part.added", "output_text.delta", "output_text.done", "content_part.done"]
MESSAGE = ["output_item.added", *TEXT, "output_item.done"]
SITE = {"type": "url_citation", "url": "https://a.example", "title": "A"}


def order(events: Events) -> list[str]:
    return [name.removeprefix("response.") for name in names(events)]


def test_a_text_turn_has_its_events(room: Room) -> None:
    new_version(room)

    events = stream(room, "Hi")

    assert order(events) == [*START, *MESSAGE, "completed"]
    assert "".join(one["delta"] for one in of(events, "output_text.delta")) == 'You said: "Hi".'
    assert [data["sequence_number"] for _, data in events] == list(range(len(events)))
    assert all(data["type"] == name for name, data in events)


def test_a_stream_ends_with_what_a_whole_answer_would_be() -> None:
    turns = (Steps(Think("Hm."), RunCode("1"), "One."),) * 2
    room = scripted(*turns)

    whole = respond(room, "Hi")
    streamed = of(stream(room, "Hi"), "completed")[0]["response"]

    def without_ids(items: list[Any]) -> list[Any]:
        own = ("id", "response_id", "container_id")
        return [{key: item[key] for key in item if key not in own} for item in items]

    assert without_ids(streamed["output"]) == without_ids(whole["output"])
    shared = set(whole) & set(streamed) - {"id", "output", "reasoning", "tool_choice"}
    assert {key: streamed[key] for key in shared} == {key: whole[key] for key in shared}
    assert (streamed["tool_choice"], streamed["store"]) == (None, True)


def test_what_a_response_is_shows_in_its_first_and_last_event(room: Room) -> None:
    new_version(room)

    events = stream(room, "Hi")

    first, last = of(events, "created")[0]["response"], of(events, "completed")[0]["response"]
    for name, before, after in (
        ("status", "in_progress", "completed"),
        ("service_tier", "auto", "default"),
    ):
        assert (first[name], last[name]) == (before, after)
    for name in ("content_filters", "usage", "completed_at"):
        assert first[name] is None
        assert last[name]
    assert (first["output"], len(last["output"])) == ([], 1)
    assert "conversation" not in first


def test_deltas_are_padded_to_hide_their_length(room: Room) -> None:
    new_version(room)

    deltas = of(stream(room, "Hi"), "output_text.delta")

    assert {len(one["delta"] + one["obfuscation"]) % 16 for one in deltas} == {0}


PAIR = ["output_item.added", "output_item.done"] * 2
SEARCHES = ["in_progress", "searching", "completed"]
TURNS: dict[str, tuple[Part, list[str]]] = {
    "function call": (
        CallTools(("f", {"city": "Paris"})),
        [
            "output_item.added",
            "function_call_arguments.delta",
            "function_call_arguments.done",
            "output_item.done",
        ],
    ),
    "approval": (AskApproval("docs", "search"), PAIR[:2]),
    "reasoning": (
        Think("Hm."),
        [
            "output_item.added",
            "reasoning_summary_part.added",
            "reasoning_summary_text.delta",
            "reasoning_summary_text.done",
            "reasoning_summary_part.done",
            "output_item.done",
        ],
    ),
    "refusal": (
        Refuse("No."),
        [
            "output_item.added",
            "content_part.added",
            "refusal.delta",
            "refusal.done",
            "content_part.done",
            "output_item.done",
        ],
    ),
    "code": (
        RunCode("1"),
        [
            "output_item.added",
            "code_interpreter_call.in_progress",
            "code_interpreter_call_code.delta",
            "code_interpreter_call_code.done",
            "code_interpreter_call.interpreting",
            "code_interpreter_call.completed",
            "output_item.done",
        ],
    ),
    "file search": (
        Steps(*server_use("1", "file_search", {"query": "a"}, [])),
        [
            "output_item.added",
            *(f"file_search_call.{one}" for one in SEARCHES),
            "output_item.done",
        ],
    ),
    "web search": (
        Steps(*server_use("1", "web_search", {"query": "a"}, "")),
        ["output_item.added", *(f"web_search_call.{one}" for one in SEARCHES), "output_item.done"],
    ),
    "picture": (
        Draw(b"PNG"),
        [
            "output_item.added",
            "image_generation_call.in_progress",
            "image_generation_call.generating",
            "image_generation_call.completed",
            "output_item.done",
        ],
    ),
    "pair": (Steps(*server_use("1", "azure_ai_search", {"query": "a"}, "")), PAIR),
    "consent": (
        AskConsent("mail", "https://login.example"),
        ["output_item.added", "oauth_consent_requested", "output_item.done"],
    ),
    "unknown": (
        ShowItem({"type": "moon_call"}, {"type": "response.moon_call.rising", "angle": 1}),
        ["output_item.added", "moon_call.rising", "output_item.done"],
    ),
}


@pytest.mark.parametrize(("turn", "expected"), TURNS.values(), ids=TURNS)
def test_each_kind_of_item_has_its_events(turn: Part, expected: list[str]) -> None:
    events = stream(scripted(turn), "Hi")

    assert order(events) == [*START, *expected, "completed"]
    done = [one["item"] for one in of(events, "output_item.done")]
    assert done == of(events, "completed")[0]["response"]["output"]


def test_an_item_is_told_empty_and_then_grows() -> None:
    events = stream(scripted(CallTools(("f", {"city": "Paris"}))), "Hi")

    added = of(events, "output_item.added")[0]["item"]
    deltas = [one["delta"] for one in of(events, "function_call_arguments.delta")]
    assert (added["arguments"], added["status"]) == ("", "in_progress")
    assert len(deltas) > 1
    assert "".join(deltas) == '{"city":"Paris"}'
    assert "name" not in of(events, "function_call_arguments.done")[0]


def test_a_source_is_told_after_its_text() -> None:
    source = SITE | {"start_index": 0, "end_index": 3}

    events = stream(scripted(Cite("Yes, it is.", source)), "Hi")

    assert order(events)[4:8] == [
        "output_text.delta",
        "output_text.annotation.added",
        "output_text.delta",
        "output_text.done",
    ]
    (added,) = of(events, "output_text.annotation.added")
    assert (added["annotation_index"], added["annotation"]) == (0, source)
    assert [one["delta"] for one in of(events, "output_text.delta")] == ["Yes", ", it is."]


def test_an_allowed_call_grows_from_calling_to_completed() -> None:
    tool = {"type": "mcp", "server_label": "docs", "server_url": "u", "require_approval": "never"}
    room = scripted(Steps(AskApproval("docs", "search", {"q": 1}, "x"), "It is x."), tools=[tool])

    events = stream(room, "Hi")

    assert order(events) == [
        *START,
        *("output_item.added", "mcp_list_tools.in_progress", "mcp_list_tools.completed"),
        "output_item.done",
        *("output_item.added", "mcp_call.in_progress", "mcp_call_arguments.delta"),
        *("mcp_call_arguments.done", "mcp_call.completed", "output_item.done"),
        *MESSAGE,
        "completed",
    ]
    added, done = (
        of(events, name)[1]["item"] for name in ("output_item.added", "output_item.done")
    )
    assert (added["status"], done["status"], done["output"]) == ("calling", "completed", "x")


def test_a_response_can_fail_after_some_words() -> None:
    room = scripted(Steps("Well", Fail("server_error", "Sorry.")))

    events = stream(room, "Hi")

    assert order(events)[-2:] == ["output_text.delta", "failed"]
    failed = of(events, "failed")[0]["response"]
    assert failed["error"] == {"code": "server_error", "message": "Sorry."}
    assert failed["output"][0]["status"] == "incomplete"


def test_a_brain_that_breaks_fails_the_response() -> None:
    room = Room(BrokenBrain(error=ZeroDivisionError()))
    new_version(room)

    (failed,) = of(stream(room, "Hi"), "failed")

    assert failed["response"]["error"] == {
        "code": "server_error",
        "message": "Sorry, something went wrong.",
    }


def test_a_cut_answer_ends_incomplete() -> None:
    events = stream(scripted(CutShort("Once")), "Hi")

    assert order(events) == [*START, *MESSAGE, "incomplete"]


def test_the_most_tokens_end_a_stream() -> None:
    events = stream(scripted(Reply("word " * 100)), "Hi", max_output_tokens=16)

    assert order(events)[-2:] == ["output_item.done", "incomplete"]
    assert len(of(events, "output_text.delta")) == 16


def test_a_filtered_answer_has_a_second_message() -> None:
    events = stream(scripted(CutShort("Once", "content_filter")), "Hi")

    assert order(events) == [*START, *MESSAGE, *MESSAGE, "incomplete"]
    assert [one["item"]["status"] for one in of(events, "output_item.added")] == [
        "in_progress",
        "incomplete",
    ]


def test_a_script_can_tell_any_event() -> None:
    events = stream(scripted(Steps("One", ShowEvent({"type": "keepalive"}), " two.")), "Hi")

    place = next(place for place, (name, _) in enumerate(events) if name == "keepalive")
    assert events[place][1] == {"type": "keepalive", "sequence_number": place}
    assert of(events, "output_text.done")[0]["text"] == "One two."


def test_a_streamed_turn_is_kept_in_its_conversation(room: Room) -> None:
    new_version(room)
    conversation = new_conversation(room)

    events = stream(room, "One?", conversation=conversation)
    second = respond(room, "Two?", conversation=conversation)

    assert of(events, "created")[0]["response"]["conversation"] == {"id": conversation}
    assert 'the last was: "One?"' in second["output"][0]["content"][0]["text"]


def test_over_the_wire_there_is_no_end_marker() -> None:
    with FoundryEmulator() as emulator, client(emulator) as http:
        emulator.create_agent(name="support", generation="new")

        answer = http.post(
            RESPONSES, json={"input": "Hi", "stream": True, "agent_reference": SUPPORT}
        )

    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    events = read_sse(answer.text)
    assert events[-1][0] == "response.completed"
    assert answer.text.startswith("event: response.created\ndata: {")
    assert json.dumps(events[3][1], separators=(",", ":")) in answer.text
