"""MCP tools: listed, approved or denied, in the recorded order."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_foundry_agents.emulator import AskApproval, Reply, ScriptedBrain, Steps
from langchain_foundry_agents.emulator.brains.script import Part

from .room import CLOCK_TOOL, Room, names, recorded_stream, shape

FIRST = recorded_stream("mcp_tool_streaming.1-run-stream-whole")
SECOND = recorded_stream("mcp_tool_streaming.2-submit-stream")
SERVER = {"type": "mcp", "server_label": "github", "server_url": "https://mcp.example"}
ASK = AskApproval("github", "fetch_docs", {}, "The docs.")
Events = list[tuple[str, Any]]


def server(**rule: Any) -> Any:
    return {"mcp": [{"server_label": "github", "headers": {"Secret": "123456"}, **rule}]}


def asked(*turns: Part, **rule: Any) -> tuple[Room, Events]:
    room = Room(ScriptedBrain(turns))
    agent = room.agent(tools=[SERVER], instructions="Help.")
    body = {"assistant_id": agent, "tool_resources": server(**rule)}
    return room, room.stream(f"/threads/{room.thread('Look it up')}/runs", body)


def path(run: Any) -> str:
    return f"/threads/{run['thread_id']}/runs/{run['id']}"


def decisions(run: Any, *, approve: bool) -> Any:
    calls = run["required_action"]["submit_tool_approval"]["tool_calls"]
    headers = {"Secret": "123456"}
    return {
        "tool_approvals": [
            {"tool_call_id": call["id"], "approve": approve, "headers": headers} for call in calls
        ]
    }


def of(events: Events, name: str) -> list[Any]:
    return [data for found, data in events if found == name]


def once(events: list[str]) -> list[str]:
    """The recorded order, in which the tool step was created twice."""
    second = [place for place, name in enumerate(events) if name == "thread.run.step.created"][2:]
    return [name for place, name in enumerate(events) if place not in second]


def test_an_agent_with_an_mcp_server_is_shown_as_recorded() -> None:
    room = Room()

    made = room.get(f"/assistants/{room.agent(tools=[SERVER])}")

    assert made["tools"] == [{**SERVER, "allowed_tools": None}]


@pytest.mark.parametrize("missing", ["server_label", "server_url"])
def test_a_server_needs_label_and_url(missing: str) -> None:
    tool = {name: value for name, value in SERVER.items() if name != missing}

    answer = Room().call("POST", "/assistants", {"model": "m", "tools": [tool]})

    assert (answer.status, answer.body["error"]["param"]) == (400, f"tools[0].{missing}")


def test_a_run_that_asks_for_approval_has_the_recorded_order_and_members() -> None:
    _, events = asked(ASK)

    assert names(events) == once(names(FIRST))
    for name in ("thread.run.step.delta", "thread.run.step.completed"):
        expected, found = (of(stream, name)[0] for stream in (FIRST, events))
        assert [key for key, _ in shape(found)] == [key for key, _ in shape(expected)]
    expected, found = (of(stream, "thread.run.requires_action")[0] for stream in (FIRST, events))
    assert shape(found["required_action"]) == shape(expected["required_action"])
    call = found["required_action"]["submit_tool_approval"]["tool_calls"][0]
    assert (call["name"], call["arguments"], call["server_label"]) == ("fetch_docs", "{}", "github")
    delta = of(events, "thread.run.step.delta")[0]["delta"]["step_details"]["tool_calls"][0]
    assert delta == {"index": 0, **call, "output": None}


def test_the_stream_after_approval_has_the_recorded_order_and_members() -> None:
    room, events = asked(ASK, Reply("Read them."))
    run = of(events, "thread.run.requires_action")[0]

    later = room.stream(f"{path(run)}/submit_tool_outputs", decisions(run, approve=True))

    assert names(later) == names(SECOND)
    for name in ("thread.run.step.completed", "thread.run.step.delta"):
        expected, found = (of(stream, name)[0] for stream in (SECOND, later))
        assert shape(found) == shape(expected)
    completed = of(later, "thread.run.step.completed")[0]["step_details"]["tool_calls"][0]
    delta = of(later, "thread.run.step.delta")[0]["delta"]["step_details"]["tool_calls"]
    assert completed["output"] is None
    assert delta == [{"index": 0, "type": "mcp", "output": "The docs."}]
    steps = room.get(f"{path(run)}/steps", order="asc")["data"]
    assert [step["type"] for step in steps] == ["activities", "tool_calls", "message_creation"]
    assert steps[1]["step_details"]["tool_calls"][0]["output"] == "The docs."


def test_the_brain_hears_what_an_approved_call_gave() -> None:
    room, events = asked(ASK, Reply("Read them."))
    run = of(events, "thread.run.requires_action")[0]

    done = room.run(f"{path(run)}/submit_tool_outputs", decisions(run, approve=True))

    assert done["status"] == "completed"
    assert isinstance(room.brain, ScriptedBrain)
    assert [one.text for one in room.brain.heard[1]][-1] == "The docs."


def test_a_denied_call_says_so() -> None:
    room, events = asked(ASK, Reply("All right."))
    run = of(events, "thread.run.requires_action")[0]

    room.run(f"{path(run)}/submit_tool_outputs", decisions(run, approve=False))

    step = room.get(f"{path(run)}/steps", order="asc")["data"][1]
    assert "denied" in step["step_details"]["tool_calls"][0]["output"]
    assert "The docs." not in str(room.get(f"{path(run)}/steps"))


def test_several_calls_are_decided_one_by_one() -> None:
    other = AskApproval("github", "other", {"a": 1}, "Other.")
    room, events = asked(Steps(ASK, other), Reply("Both."))
    run = of(events, "thread.run.requires_action")[0]
    body = decisions(run, approve=True)
    body["tool_approvals"][0]["approve"] = False

    room.run(f"{path(run)}/submit_tool_outputs", body)

    step = room.get(f"{path(run)}/steps", order="asc")["data"][1]
    first, second = (call["output"] for call in step["step_details"]["tool_calls"])
    assert ("denied" in first, second) == (True, "Other.")


def test_what_follows_a_call_that_waits_is_not_said() -> None:
    _, events = asked(Steps(ASK, "I have read them."))

    assert of(events, "thread.message.created") == []


def test_a_call_that_needs_no_approval_is_made_at_once() -> None:
    room, events = asked(Steps(ASK, "Read them."), require_approval="never")

    run = of(events, "thread.run.completed")[0]
    deltas = [
        data["delta"]["step_details"]["tool_calls"][0]
        for data in of(events, "thread.run.step.delta")
    ]
    assert [delta["output"] for delta in deltas] == [None, "The docs."]
    step = room.get(f"{path(run)}/steps", order="asc")["data"][1]
    assert step["step_details"]["tool_calls"][0]["output"] == "The docs."


@pytest.mark.parametrize(
    ("rule", "asks"),
    [
        ("always", True),
        ("never", False),
        ({"never": {"tool_names": ["fetch_docs"]}}, False),
        ({"never": {"tool_names": ["other"]}}, True),
        ({"always": {"tool_names": ["fetch_docs"]}}, True),
        ({"always": {"tool_names": ["other"]}}, False),
    ],
)
def test_approval_can_be_asked_for_by_tool(rule: Any, asks: bool) -> None:
    _, events = asked(Steps(ASK, "Done."), require_approval=rule)

    assert bool(of(events, "thread.run.requires_action")) == asks


def test_approvals_are_all_given_exactly_once() -> None:
    room, events = asked(ASK)
    run = of(events, "thread.run.requires_action")[0]
    one = decisions(run, approve=True)["tool_approvals"][0]
    unknown = one | {"tool_call_id": "call_x"}
    wrong: tuple[Any, ...] = (
        {"tool_approvals": []},
        {"tool_approvals": [one, one]},
        {"tool_approvals": [unknown]},
        {"tool_approvals": [one, unknown]},
        {"tool_approvals": [{"tool_call_id": one["tool_call_id"]}]},
        {"tool_approvals": [one | {"approve": "yes"}]},
        {"tool_outputs": [{"tool_call_id": one["tool_call_id"], "output": "yes"}]},
        {"tool_approvals": [one], "tool_outputs": []},
    )

    for body in wrong:
        answer = room.call("POST", f"{path(run)}/submit_tool_outputs", body)
        assert answer.status == 400, body

    assert room.get(path(run))["status"] == "requires_action"


def test_approvals_for_functions_are_refused() -> None:
    room = Room()
    agent = room.agent(tools=[CLOCK_TOOL])
    run = room.run(f"/threads/{room.thread('fetch_datetime')}/runs", {"assistant_id": agent})
    call = run["required_action"]["submit_tool_outputs"]["tool_calls"][0]

    body = {"tool_approvals": [{"tool_call_id": call["id"], "approve": True}]}
    answer = room.call("POST", f"{path(run)}/submit_tool_outputs", body)

    assert (answer.status, answer.body["error"]["param"]) == (400, "tool_approvals")


def test_header_values_are_never_shown_nor_kept() -> None:
    room, events = asked(ASK, Reply("Read them."))
    run = of(events, "thread.run.requires_action")[0]

    room.run(f"{path(run)}/submit_tool_outputs", decisions(run, approve=True))

    shown = room.get(path(run))
    assert shown["tool_resources"]["mcp"][0]["headers"] == {"Secret": "REDACTED"}
    assert "123456" not in str((events, shown, room.get(f"{path(run)}/steps"), room.state.threads))


def test_rules_of_the_agent_hold_where_the_run_has_none() -> None:
    room = Room(ScriptedBrain([Steps(ASK, "Read them.")]))
    rule = {"mcp": [{"server_label": "github", "require_approval": "never"}]}
    agent = room.agent(tools=[SERVER], tool_resources=rule)

    run = room.run("/threads/runs", {"assistant_id": agent})

    assert (run["status"], run["tool_resources"]) == ("completed", {})
