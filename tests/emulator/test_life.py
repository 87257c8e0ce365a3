"""A run's life: overrides, usage, tool outputs, cancelling, expiry."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage

from langchain_foundry_agents.emulator.events import Event, Feed

from .brains import InterruptedBrain, scripted, whole
from .room import CLOCK_TOOL, OTHER_TOOL, Room


def waiting_run(room: Room) -> Any:
    agent = room.agent(tools=[CLOCK_TOOL])
    body = {"assistant_id": agent}
    return room.run(f"/threads/{room.thread('fetch_datetime')}/runs", body)


def run_path(run: Any) -> str:
    return f"/threads/{run['thread_id']}/runs/{run['id']}"


def outputs(run: Any, *texts: str) -> Any:
    calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    pairs = zip(calls, texts, strict=True)
    return {"tool_outputs": [{"tool_call_id": one["id"], "output": text} for one, text in pairs]}


def test_overrides_are_echoed_by_the_run_and_leave_the_agent_alone() -> None:
    room = Room()
    agent = room.agent(temperature=0.5, tools=[CLOCK_TOOL])
    overrides = {
        "model": "other",
        "temperature": 0.25,
        "top_p": 0.5,
        "max_prompt_tokens": 1000,
        "max_completion_tokens": 300,
        "truncation_strategy": {"type": "last_messages", "last_messages": 3},
        "tool_choice": {"type": "function", "function": {"name": "other"}},
        "parallel_tool_calls": False,
        "metadata": {"who": "me"},
    }

    run = room.post("/threads/runs", {"assistant_id": agent, "tools": [OTHER_TOOL], **overrides})

    assert {key: run[key] for key in overrides} == overrides
    assert [tool["function"]["name"] for tool in run["tools"]] == ["other"]
    assert room.get(f"/assistants/{agent}")["temperature"] == 0.5


def test_usage_is_the_models_own_where_it_gives_one() -> None:
    usage = {
        "input_tokens": 90,
        "output_tokens": 9,
        "total_tokens": 99,
        "input_token_details": {"cache_read": 64},
    }
    room, _ = scripted(AIMessage("Yes.", usage_metadata=usage))

    run = room.run("/threads/runs", {"assistant_id": room.agent()})

    assert run["usage"] == {
        "prompt_tokens": 90,
        "completion_tokens": 9,
        "total_tokens": 99,
        "prompt_token_details": {"cached_tokens": 64},
    }


def test_a_runs_usage_is_the_sum_of_its_steps() -> None:
    room = Room()
    run = waiting_run(room)
    assert run["usage"] is None

    done = room.run(run_path(run) + "/submit_tool_outputs", outputs(run, "noon"))

    steps = room.get(run_path(run) + "/steps")["data"]
    assert [step["type"] for step in steps] == ["message_creation", "tool_calls"]
    assert all(step["usage"]["total_tokens"] > 0 for step in steps)
    assert done["usage"]["total_tokens"] == sum(step["usage"]["total_tokens"] for step in steps)


def test_outputs_reach_the_brain_with_their_calls() -> None:
    room, brain = scripted(whole("", "fetch_datetime", "fetch_datetime"), "Noon.")
    run = waiting_run(room)

    room.run(run_path(run) + "/submit_tool_outputs", outputs(run, "12:00", "12:01"))

    asked, first, second = brain.heard[1][1:]
    assert isinstance(asked, AIMessage)
    assert [call["id"] for call in asked.tool_calls] == [
        getattr(one, "tool_call_id", None) for one in (first, second)
    ]
    assert [first.text, second.text] == ["12:00", "12:01"]


def test_every_pending_call_is_to_be_answered_exactly_once() -> None:
    room, _ = scripted(whole("", "fetch_datetime", "fetch_datetime"))
    run = waiting_run(room)
    first, second = outputs(run, "a", "b")["tool_outputs"]
    unknown = {"tool_call_id": "call_x", "output": "c"}

    wrong: tuple[list[Any], ...] = (
        [],
        [first],
        [first, first],
        [first, second, second],
        [first, second, unknown],
        [first, unknown],
    )
    for given in wrong:
        answer = room.call("POST", run_path(run) + "/submit_tool_outputs", {"tool_outputs": given})
        assert answer.status == 400

    assert room.get(run_path(run))["status"] == "requires_action"


def test_a_run_that_waits_for_nothing_takes_no_outputs() -> None:
    room = Room()
    run = room.run("/threads/runs", {"assistant_id": room.agent()})

    answer = room.call("POST", run_path(run) + "/submit_tool_outputs", {"tool_outputs": []})

    assert answer.status == 400
    assert "'completed'" in answer.body["error"]["message"]


def test_cancelling_shows_before_cancelled() -> None:
    room = Room()
    run = room.post("/threads/runs", {"assistant_id": room.agent()})

    answer = room.call("POST", run_path(run) + "/cancel")
    room.work()

    assert (answer.status, answer.body["status"]) == (200, "cancelling")
    after = room.get(run_path(run))
    assert (after["status"], after["cancelled_at"]) == ("cancelled", int(room.time))


def test_a_run_that_waits_for_outputs_can_be_cancelled() -> None:
    room = Room()
    run = waiting_run(room)

    room.call("POST", run_path(run) + "/cancel")
    room.work()

    assert room.get(run_path(run))["status"] == "cancelled"
    step = room.get(run_path(run) + "/steps")["data"][0]
    assert (step["status"], step["cancelled_at"]) == ("cancelled", int(room.time))
    assert room.post(f"/threads/{run['thread_id']}/messages", {"role": "user", "content": "x"})[
        "id"
    ]


def test_a_run_that_is_over_cannot_be_cancelled() -> None:
    room = Room()
    run = room.run("/threads/runs", {"assistant_id": room.agent()})

    answer = room.call("POST", run_path(run) + "/cancel")

    assert answer.status == 400
    assert answer.body["error"] == {
        "message": "Cannot cancel run with status 'completed'.",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }


@pytest.mark.parametrize(("waited", "status"), [(1799, "queued"), (1800, "expired")])
def test_a_run_expires_after_its_time(waited: float, status: str) -> None:
    room = Room()
    run = room.post("/threads/runs", {"assistant_id": room.agent()})

    room.time += waited

    assert room.get(run_path(run))["status"] == status


@pytest.mark.parametrize(("waited", "status"), [(59, "requires_action"), (60, "expired")])
def test_a_run_that_waits_for_outputs_has_longer(waited: float, status: str) -> None:
    room = Room(run_expiry=10, action_expiry=60)
    run = waiting_run(room)

    room.time += waited

    assert room.get(run_path(run))["status"] == status
    step = room.get(run_path(run) + "/steps")["data"][0]
    assert step["status"] == {"requires_action": "in_progress", "expired": "expired"}[status]


def test_an_expired_run_is_left_by_the_brain_and_frees_its_thread() -> None:
    room = Room()
    run = room.post("/threads/runs", {"assistant_id": room.agent()})
    room.time += 1800

    room.work()

    assert room.get(run_path(run))["status"] == "expired"
    assert room.get(f"/threads/{run['thread_id']}/messages")["data"] == []
    again = room.call("POST", f"/threads/{run['thread_id']}/runs", {"assistant_id": room.agent()})
    assert again.status == 200


def test_what_the_brain_says_after_the_end_is_not_heard() -> None:
    brain = InterruptedBrain()
    room = Room(brain)
    answer = room.call("POST", "/threads/runs", {"assistant_id": room.agent(), "stream": True})

    def let_time_pass() -> None:
        room.time += 1800
        room.get("/threads")

    brain.interruption = let_time_pass
    room.work()

    assert answer.feed is not None
    assert [event.name for event in answer.feed.take()][-3:] == [
        "thread.run.step.expired",
        "thread.run.expired",
        "done",
    ]
    page = room.get(f"/threads/{answer.body['thread_id']}/messages")
    assert [one["content"][0]["text"]["value"] for one in page["data"]] == ["Before"]


def test_a_reader_that_left_gets_nothing_more() -> None:
    feed = Feed()
    feed.push(Event("one", {}))
    feed.leave()
    feed.push(Event("two", {}))

    assert feed.take() == []


def test_metadata_of_a_finished_run_can_be_changed() -> None:
    room = Room()
    run = room.run("/threads/runs", {"assistant_id": room.agent(), "metadata": {"a": "1"}})

    changed = room.post(run_path(run), {"metadata": {"b": "2"}})

    assert changed == {**run, "metadata": {"b": "2"}}


def test_a_thread_deleted_under_a_run_ends_the_stream() -> None:
    room = Room()
    answer = room.call("POST", "/threads/runs", {"assistant_id": room.agent(), "stream": True})

    room.call("DELETE", f"/threads/{answer.body['thread_id']}")
    room.work()

    assert answer.feed is not None
    assert [event.name for event in answer.feed.take()][-3:] == [
        "thread.run.cancelling",
        "thread.run.cancelled",
        "done",
    ]


def test_an_agent_can_be_updated_and_only_the_given_changes() -> None:
    room = Room()
    agent = room.agent(name="a", instructions="b")
    before = room.get(f"/assistants/{agent}")

    after = room.post(f"/assistants/{agent}", {"instructions": "c", "name": None})

    assert after == {**before, "instructions": "c"}
    assert [one["id"] for one in room.get("/assistants")["data"]] == [agent]


def test_a_thread_and_a_message_can_be_updated() -> None:
    room = Room()
    thread = room.thread("Hi")
    message = room.get(f"/threads/{thread}/messages")["data"][0]

    changed = room.post(f"/threads/{thread}", {"metadata": {"a": "1"}})
    marked = room.post(f"/threads/{thread}/messages/{message['id']}", {"metadata": {"b": "2"}})

    assert changed == room.get(f"/threads/{thread}")
    assert changed["metadata"] == {"a": "1"}
    assert marked == {**message, "metadata": {"b": "2"}}
    assert marked == room.get(f"/threads/{thread}/messages/{message['id']}")


def test_the_same_seed_gives_the_same_ids() -> None:
    first, second = (Room().post("/threads")["id"] for _ in range(2))

    assert first == second
    assert first.startswith("thread_")
    assert len(first) == len("thread_") + 24
