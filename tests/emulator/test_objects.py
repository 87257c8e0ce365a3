"""Objects of the classic generation: what recordings say of them, beside `tests/parity`."""

from __future__ import annotations

import pytest

from .room import CLOCK_TOOL, Room, recorded_answers

RECORDED = recorded_answers()


@pytest.fixture
def room() -> Room:
    return Room()


def test_a_run_expires_after_half_an_hour_and_ten_hours_once_outputs_are_awaited(
    room: Room,
) -> None:
    agent, thread = room.agent(tools=[CLOCK_TOOL]), room.thread("Call fetch_datetime")

    made = room.post(f"/threads/{thread}/runs", {"assistant_id": agent})
    room.work()
    waiting = room.get(f"/threads/{thread}/runs/{made['id']}")

    assert made["expires_at"] - made["created_at"] == 1800
    assert waiting["status"] == "requires_action"
    assert waiting["expires_at"] - waiting["created_at"] == 36000


def test_a_step_is_listed_as_it_is_shown_and_its_usage_is_the_runs(room: Room) -> None:
    thread = room.thread("Hi")
    run = room.run(f"/threads/{thread}/runs", {"assistant_id": room.agent()})
    path = f"/threads/{thread}/runs/{run['id']}/steps"

    (step,) = room.get(path)["data"]

    assert step == room.get(f"{path}/{step['id']}")
    assert step["usage"] == run["usage"]


def test_a_function_without_description_shows_null(room: Room) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {}}}

    made = room.post("/assistants", {"model": "m", "tools": [tool]})

    assert made["tools"] == [
        {
            "type": "function",
            "function": {"name": "f", "description": None, "parameters": {}, "strict": False},
        }
    ]


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
