"""Objects have the members of recorded traffic, in the same order and nesting."""

from __future__ import annotations

import pytest

from .room import CLOCK_TOOL, Room, recorded_answers, shape

RECORDED = recorded_answers()


@pytest.fixture
def room() -> Room:
    return Room()


def test_an_agent_looks_like_a_recorded_one(room: Room) -> None:
    made = room.post(
        "/assistants",
        {"model": "gpt-4o", "name": "a", "instructions": "b", "tools": [CLOCK_TOOL]},
    )

    assert shape(made) == shape(RECORDED["POST /assistants"])
    assert made["tools"][0]["function"]["strict"] is False


def test_a_function_without_description_shows_null(room: Room) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {}}}

    made = room.post("/assistants", {"model": "m", "tools": [tool]})

    assert made["tools"] == [
        {
            "type": "function",
            "function": {"name": "f", "description": None, "parameters": {}, "strict": False},
        }
    ]


@pytest.mark.parametrize("kind", ["assistants", "threads"])
def test_deletions_look_like_recorded_ones(room: Room, kind: str) -> None:
    identifier = room.agent() if kind == "assistants" else room.thread()
    expected = RECORDED[f"DELETE /{kind}/{{id}}"]

    deleted = room.call("DELETE", f"/{kind}/{identifier}")

    assert (deleted.status, deleted.body) == (200, {**expected, "id": identifier})


def test_a_thread_looks_like_a_recorded_one(room: Room) -> None:
    assert shape(room.post("/threads")) == shape(RECORDED["POST /threads"])


def test_a_user_message_looks_like_a_recorded_one(room: Room) -> None:
    body = {"role": "user", "content": "Hello, can you tell me a joke?"}

    made = room.post(f"/threads/{room.thread()}/messages", body)

    expected = RECORDED["POST /threads/{t}/messages"]
    assert shape(made) == shape(expected)
    assert made["content"] == expected["content"]


def test_a_message_with_a_picture_file_looks_like_a_recorded_one(room: Room) -> None:
    expected = RECORDED["POST /threads/{t}/messages (image_file)"]
    text = expected["content"][0]["text"]["value"]
    file_id = expected["content"][1]["image_file"]["file_id"]
    blocks = [
        {"type": "text", "text": text},
        {"type": "image_file", "image_file": {"file_id": file_id}},
    ]

    made = room.post(f"/threads/{room.thread()}/messages", {"role": "user", "content": blocks})

    assert made["content"] == expected["content"]


def test_a_new_run_looks_like_a_recorded_one(room: Room) -> None:
    agent = room.agent(instructions="Help.")

    made = room.post(f"/threads/{room.thread('Hi')}/runs", {"assistant_id": agent})

    assert shape(made) == shape(RECORDED["POST /threads/{t}/runs"])
    assert made["status"] == "queued"
    assert made["expires_at"] - made["created_at"] == 1800


def test_a_run_that_waits_submits_and_completes_looks_like_the_recorded_one(room: Room) -> None:
    agent = room.agent(instructions="Help.", tools=[CLOCK_TOOL])
    thread = room.thread("Call fetch_datetime")

    waiting = room.run(f"/threads/{thread}/runs", {"assistant_id": agent})

    path = f"/threads/{thread}/runs/{waiting['id']}"
    expected = RECORDED["GET /threads/{t}/runs/{r} requires_action"]
    assert shape(waiting) == shape(expected)
    assert waiting["expires_at"] - waiting["created_at"] == 36000
    call_id = waiting["required_action"]["submit_tool_outputs"]["tool_calls"][0]["id"]
    outputs = {"tool_outputs": [{"tool_call_id": call_id, "output": "noon"}]}
    queued = room.post(f"{path}/submit_tool_outputs", outputs)
    assert shape(queued) == shape(RECORDED["POST /threads/{t}/runs/{r}/submit_tool_outputs"])
    assert queued["status"] == "queued"
    room.work()
    completed = room.get(path)
    assert shape(completed) == shape(RECORDED["GET /threads/{t}/runs/{r} completed"])
    assert (completed["status"], completed["expires_at"]) == ("completed", None)


def test_answers_and_steps_of_a_run_are_listed_like_recorded_ones(room: Room) -> None:
    thread = room.thread("Hi")
    run = room.run(f"/threads/{thread}/runs", {"assistant_id": room.agent()})

    messages = room.get(f"/threads/{thread}/messages", run_id=run["id"])
    steps = room.get(f"/threads/{thread}/runs/{run['id']}/steps")

    assert shape(messages) == shape(RECORDED["GET /threads/{t}/messages?run_id="])
    assert shape(steps) == shape(RECORDED["GET /threads/{t}/runs/{r}/steps"])
    step = steps["data"][0]
    assert step == room.get(f"/threads/{thread}/runs/{run['id']}/steps/{step['id']}")
    assert step["usage"] == run["usage"]


def test_a_json_schema_format_is_echoed_like_the_recorded_one(room: Room) -> None:
    expected = RECORDED["POST /threads/{t}/runs (json_schema) response_format field"]
    sent = {
        "type": "json_schema",
        "json_schema": {
            name: expected["json_schema"][name] for name in ("schema", "name", "description")
        },
    }
    body = {"assistant_id": room.agent(), "response_format": sent}

    run = room.post(f"/threads/{room.thread('Hi')}/runs", body)

    assert list(run["response_format"]["json_schema"].items()) == list(
        expected["json_schema"].items()
    )


def test_headers_of_mcp_servers_are_not_shown_again(room: Room) -> None:
    server = {"server_label": "docs", "headers": {"Secret": "123"}, "require_approval": "never"}
    body = {"assistant_id": room.agent(), "tool_resources": {"mcp": [server]}}

    run = room.post(f"/threads/{room.thread('Hi')}/runs", body)

    assert run["tool_resources"]["mcp"][0]["headers"] == {"Secret": "REDACTED"}
