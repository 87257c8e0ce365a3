"""Streams have the recorded order of events and the recorded payloads."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.exceptions import ModelRateLimitError

from .brains import BrokenBrain, ScriptedBrain, whole
from .room import CLOCK_TOOL, DATA, Room, names, read_sse, recorded, shape

PLAIN = read_sse((DATA / "plain-run.sse").read_text())
TOOL_RUN = recorded("tool-run.json")


def tool_run(room: Room) -> tuple[str, list[tuple[str, Any]]]:
    agent = room.agent(tools=[CLOCK_TOOL])
    thread = room.thread("Use fetch_datetime, please")
    events = room.stream(f"/threads/{thread}/runs", {"assistant_id": agent})
    return thread, events


def submit(room: Room, run: Any, output: str = "noon") -> list[tuple[str, Any]]:
    calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    outputs = [{"tool_call_id": call["id"], "output": output} for call in calls]
    path = f"/threads/{run['thread_id']}/runs/{run['id']}/submit_tool_outputs"
    return room.stream(path, {"tool_outputs": outputs})


def test_a_plain_run_has_the_recorded_order() -> None:
    room = Room()

    events = room.stream(f"/threads/{room.thread('Hi')}/runs", {"assistant_id": room.agent()})

    assert names(events) == names(PLAIN)


def test_every_payload_of_a_plain_run_has_the_recorded_members() -> None:
    room = Room()
    agent = room.agent(instructions="Help.")

    events = room.stream(f"/threads/{room.thread('Hi')}/runs", {"assistant_id": agent})

    # The recorded events by name, the first of each; the first delta differs from later ones.
    expected = {name: shape(data) for name, data in reversed(PLAIN)}
    found = {name: shape(data) for name, data in reversed(events)}
    assert found == expected


def test_only_the_first_delta_of_a_message_has_annotations() -> None:
    room = Room()

    events = room.stream(f"/threads/{room.thread('Hi')}/runs", {"assistant_id": room.agent()})

    deltas = [data["delta"]["content"] for name, data in events if name == "thread.message.delta"]
    assert deltas == [
        [{"index": 0, "type": "text", "text": {"value": "You", "annotations": []}}],
        [{"index": 0, "type": "text", "text": {"value": " said:"}}],
        [{"index": 0, "type": "text", "text": {"value": ' "Hi".'}}],
    ]


def test_a_run_with_its_thread_begins_with_the_thread() -> None:
    room = Room()

    events = room.stream("/threads/runs", {"assistant_id": room.agent()})

    assert names(events) == ["thread.created", *names(PLAIN)]
    assert list(events[0][1]) == ["id", "object", "created_at", "metadata", "tool_resources"]


def test_a_tool_run_has_the_recorded_order() -> None:
    assert names(tool_run(Room())[1]) == TOOL_RUN["run stream"]


def test_the_submit_stream_has_the_recorded_order() -> None:
    room = Room()
    _, events = tool_run(room)

    assert names(submit(room, events[-2][1])) == TOOL_RUN["submit stream"]


def test_function_calls_come_in_the_recorded_pieces() -> None:
    _, events = tool_run(Room())

    first, later = (data for name, data in events if name == "thread.run.step.delta")
    assert shape(first) == shape(TOOL_RUN["first delta"])
    assert shape(later) == shape(TOOL_RUN["later delta"])
    assert later["delta"]["step_details"]["tool_calls"][0]["function"] == {"arguments": "{}"}


def test_the_submit_stream_first_completes_the_recorded_step() -> None:
    room = Room()
    _, events = tool_run(room)

    step = submit(room, events[-2][1])[0][1]

    assert shape(step) == shape(TOOL_RUN["completed step"])
    call = step["step_details"]["tool_calls"][0]["function"]
    assert call == {"name": "fetch_datetime", "arguments": "{}", "output": "noon"}


def test_times_of_a_tool_run_move_as_recorded() -> None:
    room = Room(run_expiry=600)
    _, events = tool_run(room)
    room.time += 2
    events += submit(room, events[-2][1])

    expected = TOOL_RUN["times of the run"]
    found = {
        name: {key: data[key] and data[key] - data["created_at"] for key in expected[name]}
        for name, data in events
        if name in expected
    }
    assert found == {
        name: {key: value and value - times["created_at"] for key, value in times.items()}
        for name, times in expected.items()
    }


def test_streams_show_fixed_tool_resources_and_answers_the_runs_own() -> None:
    room = Room()

    events = room.stream(f"/threads/{room.thread('Hi')}/runs", {"assistant_id": room.agent()})

    run = events[-2][1]
    assert run["tool_resources"] == {"code_interpreter": {"file_ids": []}}
    assert room.get(f"/threads/{run['thread_id']}/runs/{run['id']}")["tool_resources"] == {}


def test_a_failed_run_has_the_recorded_order_and_no_usage() -> None:
    room = Room(BrokenBrain(error=ValueError("secret detail")))

    events = room.stream("/threads/runs", {"assistant_id": room.agent()})

    assert names(events) == [
        "thread.created",
        "thread.run.created",
        "thread.run.queued",
        "thread.run.in_progress",
        "thread.run.failed",
        "done",
    ]
    run = events[-2][1]
    assert run["last_error"] == {
        "code": "server_error",
        "message": "Sorry, something went wrong.",
    }
    assert run["usage"]["total_tokens"] == 0
    assert (run["failed_at"], run["completed_at"]) == (int(room.time), None)


def test_a_throttled_brain_fails_the_run_with_its_own_words() -> None:
    text = "Rate limit is exceeded. Try again in 22 seconds."
    room = Room(BrokenBrain(error=ModelRateLimitError(text)))

    run = room.run("/threads/runs", {"assistant_id": room.agent()})

    assert run["last_error"] == {"code": "rate_limit_exceeded", "message": text}


def test_a_brain_that_fails_in_mid_message_leaves_it_incomplete() -> None:
    room = Room(BrokenBrain(words="Half an ans", error=ValueError("x")))

    events = room.stream(f"/threads/{room.thread('Hi')}/runs", {"assistant_id": room.agent()})

    assert names(events)[-5:] == [
        "thread.message.delta",
        "thread.message.incomplete",
        "thread.run.step.failed",
        "thread.run.failed",
        "done",
    ]
    message = dict(events)["thread.message.incomplete"]
    assert message["incomplete_details"] == {"reason": "run_failed"}
    assert message["content"][0]["text"]["value"] == "Half an ans"
    step = dict(events)["thread.run.step.failed"]
    assert step["last_error"] == events[-2][1]["last_error"]
    assert step["failed_at"] == int(room.time)


def test_a_run_that_writes_too_much_ends_incomplete_with_the_text_so_far() -> None:
    room = Room()
    body = {"assistant_id": room.agent(), "max_completion_tokens": 256}

    events = room.stream(f"/threads/{room.thread('count to 900')}/runs", body)

    assert names(events)[-5:] == [
        "thread.message.delta",
        "thread.message.incomplete",
        "thread.run.step.completed",
        "thread.run.incomplete",
        "done",
    ]
    run, message = events[-2][1], dict(events)["thread.message.incomplete"]
    assert run["incomplete_details"] == {"reason": "max_completion_tokens"}
    assert message["incomplete_details"] == {"reason": "max_tokens"}
    assert run["usage"]["completion_tokens"] == 256
    text = message["content"][0]["text"]["value"]
    assert text.startswith("1, 2, 3,")
    assert text == "".join(
        data["delta"]["content"][0]["text"]["value"]
        for name, data in events
        if name == "thread.message.delta"
    )


def test_text_in_front_of_tool_calls_is_a_message_of_its_own() -> None:
    brain = ScriptedBrain(answers=[whole("Let me look.", "fetch_datetime"), whole("It is noon.")])
    room = Room(brain)

    thread, events = tool_run(room)
    events += submit(room, events[-2][1])

    assert names(events).count("thread.message.completed") == 2
    listed = room.get(f"/threads/{thread}/messages", order="asc")["data"]
    assert [one["content"][0]["text"]["value"] for one in listed] == [
        "Use fetch_datetime, please",
        "Let me look.",
        "It is noon.",
    ]
    # In the second call the model sees what it wrote in the first, as one message.
    assert [one.type for one in brain.heard[1]] == ["human", "ai", "tool"]
    assert brain.heard[1][1].text == "Let me look."


def test_several_calls_of_one_answer_are_one_step_with_indexes() -> None:
    room = Room(ScriptedBrain(answers=[whole("", "fetch_datetime", "fetch_datetime")]))

    _, events = tool_run(room)

    deltas = [data for name, data in events if name == "thread.run.step.delta"]
    calls = [delta["delta"]["step_details"]["tool_calls"][0] for delta in deltas]
    assert [call["index"] for call in calls] == [0, 0, 1, 1]
    assert names(events) == TOOL_RUN["run stream"]


def test_frames_are_compact_utf8_with_line_feeds_only() -> None:
    room = Room()
    answer = room.call(
        "POST",
        f"/threads/{room.thread('Grüße 😄')}/runs",
        {"assistant_id": room.agent(), "stream": True},
    )
    room.work()

    assert answer.feed is not None
    raw = b"".join(event.frame() for event in answer.feed.take())

    assert b"\r" not in raw
    assert "Grüße 😄".encode() in raw
    assert raw.endswith(b"event: done\ndata: [DONE]\n\n")
    assert all(frame.startswith(b"event: ") for frame in raw.strip().split(b"\n\n"))


@pytest.mark.parametrize("member", ["status", "incomplete_details", "completed_at"])
def test_messages_show_their_status_in_streams_only(member: str) -> None:
    room = Room()
    thread = room.thread("Hi")

    events = room.stream(f"/threads/{thread}/runs", {"assistant_id": room.agent()})

    assert member in dict(events)["thread.message.completed"]
    assert member not in room.get(f"/threads/{thread}/messages")["data"][0]
