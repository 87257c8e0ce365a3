"""What a line is told of a turn that works, as data."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_foundry_agents._flow.effects import (
    NOTHING,
    Abandoned,
    Decide,
    Effect,
    Emit,
    Event,
    Flow,
    Heard,
    Open,
    Pause,
    Read,
    Send,
)
from langchain_foundry_agents._flow.watch import watch
from langchain_foundry_agents.errors import Response, ServiceConnectionError

from .player import V1, answered, broken, play, run_event, text_event

OPEN = Open("/threads/runs", {}, V1)
LOOK = Send("GET", "/threads/thread_1/runs/run_1", None, V1)
SAID = Heard(something=True)


class Line:
    """A line that keeps what it showed; `None` is nothing."""

    def __init__(self) -> None:
        self.shown: list[str | None] = []

    def say(self, step: str) -> None:
        self.shown.append(step)

    def clear(self) -> None:
        if self.shown and self.shown[-1] is not None:
            self.shown.append(None)


def told(*steps: tuple[Effect, Any], whole: bool = True) -> list[str | None]:
    """What a line shows while a flow yields these effects, with these results."""

    def flow() -> Flow[str]:
        for effect, result in steps:
            assert (yield effect) == result
        return "done"

    line = Line()
    assert play(watch(flow(), line, whole=whole), *steps) == "done"
    assert line.shown[-1:] in ([None], [])
    return line.shown[:-1]


def step(kind: str, *, by: str = "delta") -> Event:
    """A step that calls a tool of this kind."""
    details = {"step_details": {"tool_calls": [{"type": kind}]}}
    return f"thread.run.step.{by}", {"delta": details} if by == "delta" else details


def item(kind: str, event: str = "added") -> Event:
    name = f"response.output_item.{event}"
    return name, {"type": name, "item": {"type": kind}}


def response(status: str) -> Event:
    return f"response.{status}", {"type": f"response.{status}", "response": {"status": status}}


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        (run_event("queued"), "queued"),
        (run_event("in_progress"), "working"),
        (step("code_interpreter"), "running code"),
        (step("bing_grounding", by="created"), "searching the web"),
        (step("sharepoint_grounding"), "using sharepoint grounding"),
        (
            ("thread.run.step.created", {"step_details": {"activities": [{"type": "mcp"}]}}),
            "asking a server",
        ),
        (text_event("Hi"), "writing"),
        (response("queued"), "queued"),
        (response("in_progress"), "working"),
        (item("web_search_call"), "searching the web"),
        (item("memory_search_call_preview"), "using memory search call"),
        (item("reasoning"), "thinking"),
        (item("message"), "writing"),
        (("response.reasoning_text.delta", {"delta": "Hm"}), "thinking"),
        (("response.output_text.delta", {"delta": "Hi"}), "writing"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_each_event_has_its_words(event: Event, shown: str) -> None:
    assert told((Emit((event,)), NOTHING)) == [shown]


@pytest.mark.parametrize(
    "event",
    [
        run_event("requires_action"),
        ("thread.created", {"object": "thread", "id": "thread_1"}),
        ("thread.run.step.created", {"step_details": {"tool_calls": []}}),
        ("thread.run.step.delta", {"delta": {}}),
        ("thread.run.step.delta", {"delta": {"step_details": {"tool_calls": ["x"]}}}),
        ("thread.run.step.delta", {"delta": {"step_details": {"tool_calls": {"x": 1}}}}),
        ("response.code_interpreter_call_code.delta", {"delta": "1 +"}),
        item("function_call_output"),
        item("mcp_approval_request"),
        item("mcp_approval_response"),
        item("web_search_call", "done"),
        ("response.content_part.done", {"part": {}}),
    ],
    ids=lambda value: value[0],
)
def test_what_says_nothing_of_a_step_changes_nothing(event: Event) -> None:
    assert told((Emit((event,)), NOTHING)) == []


def test_of_events_that_come_together_the_last_one_counts() -> None:
    events = (run_event("queued"), run_event("in_progress"), step("file_search"))

    assert told((Emit((*events, run_event("requires_action"))), NOTHING)) == ["searching files"]


def test_requests_and_waits_are_told() -> None:
    uploading = Send("POST", "/files", {}, V1, file=("a.csv", b"1", "text/csv"))

    assert told(
        (uploading, Response(200)),
        (OPEN, Response(200)),
        (Pause(0.25, 0.5), None),
        (Pause(0.25, 0.5, is_retry=True), None),
        (Read(), None),
    ) == ["uploading a.csv", "asking", "waiting to try again"]


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        ({"object": "thread.run", "status": "in_progress"}, ["working"]),
        ({"object": "response", "status": "queued"}, ["queued"]),
        ({"object": "thread.run", "status": "completed"}, []),
        ({"object": "file", "status": "queued"}, []),
        (["status"], []),
        ({"object": "thread"}, []),
    ],
    ids=str,
)
def test_a_look_at_the_run_tells_its_state(found: object, shown: list[str]) -> None:
    assert told((LOOK, answered(found))) == shown


def test_a_look_that_brought_no_json_tells_nothing() -> None:
    assert told((LOOK, Response(200, {}, '<b "status">'))) == []


BY_TYPE = ("message", {"type": "response.output_text.delta", "delta": "Hi"})
"""An event that has no name of its own."""


@pytest.mark.parametrize("text", [text_event("Hi"), BY_TYPE], ids=["by its name", "by its type"])
def test_in_a_stream_the_first_words_end_the_line(text: Event) -> None:
    written = Emit((text,))

    assert told(
        (OPEN, Response(200)), (written, SAID), (Emit((step("mcp"),)), SAID), whole=False
    ) == ["asking"]


def test_a_message_that_is_begun_has_no_words_yet() -> None:
    begun = Emit((item("message"),))

    assert told((begun, NOTHING), (LOOK, answered({})), whole=False) == ["writing"]


def test_the_line_is_gone_while_somebody_is_asked() -> None:
    def decide(about: Any) -> bool:
        return True

    assert told((OPEN, Response(200)), (Decide(decide, {}), True), (OPEN, Response(200))) == [
        "asking",
        None,
        "asking",
    ]


def test_an_error_reaches_the_flow_and_may_be_mended_there() -> None:
    def flow() -> Flow[str]:
        try:
            yield OPEN
        except ServiceConnectionError:
            yield Pause(0.25, 0.5, is_retry=True)
        return "mended"

    line = Line()
    steps = ((OPEN, broken()), (Pause(0.25, 0.5, is_retry=True), None))

    assert play(watch(flow(), line, whole=True), *steps) == "mended"
    assert line.shown == ["asking", "waiting to try again", None]


@pytest.mark.parametrize("left", [Abandoned, GeneratorExit])
def test_the_line_is_gone_when_the_turn_is_left(left: type[BaseException]) -> None:
    tidied = []

    def flow() -> Flow[str]:
        try:
            yield OPEN
        finally:
            tidied.append(True)
        return "never"

    line = Line()
    watched = watch(flow(), line, whole=True)
    next(watched)

    with pytest.raises(left):
        watched.throw(left())
    assert tidied == [True]
    assert line.shown == ["asking", None]
