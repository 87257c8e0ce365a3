"""What the brain hears of a thread and a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .brains import scripted, whole
from .room import OTHER_TOOL, Room

if TYPE_CHECKING:
    from .brains import ScriptedBrain


def spoken(brain: ScriptedBrain, turn: int = -1) -> list[tuple[str, str]]:
    return [(message.type, str(message.text)) for message in brain.heard[turn]]


def test_the_brain_hears_instructions_and_the_whole_thread() -> None:
    room, brain = scripted("Hello.", "Fine.")
    thread, agent = room.thread("Hi"), room.agent(instructions="Be kind.")
    room.run(f"/threads/{thread}/runs", {"assistant_id": agent})
    more = {
        "assistant_id": agent,
        "additional_instructions": "Be brief.",
        "additional_messages": [
            {"role": "assistant", "content": "By the way."},
            {"role": "user", "content": "How are you?"},
        ],
    }

    room.run(f"/threads/{thread}/runs", more)

    assert spoken(brain) == [
        ("system", "Be kind.\nBe brief."),
        ("human", "Hi"),
        ("ai", "Hello."),
        ("ai", "By the way."),
        ("human", "How are you?"),
    ]


def test_instructions_of_a_run_replace_the_agents() -> None:
    room, brain = scripted("Yes.")
    body = {"assistant_id": room.agent(instructions="Be kind."), "instructions": "Be rude."}

    run = room.run(f"/threads/{room.thread('Hi')}/runs", body)

    assert spoken(brain)[0] == ("system", "Be rude.")
    assert run["instructions"] == "Be rude."


def test_only_the_last_messages_are_heard_where_the_run_says_so() -> None:
    room, brain = scripted("Yes.")
    body = {
        "assistant_id": room.agent(),
        "truncation_strategy": {"type": "last_messages", "last_messages": 2},
    }

    room.run(f"/threads/{room.thread('a', 'b', 'c')}/runs", body)

    assert spoken(brain) == [("human", "b"), ("human", "c")]


def test_a_prompt_over_its_limit_loses_its_middle_and_keeps_the_newest() -> None:
    room, brain = scripted("Yes.")
    thread = room.thread("first", "long " * 255, "newest")

    run = room.run(f"/threads/{thread}/runs", _limited(room))

    assert spoken(brain) == [("human", "first"), ("human", "newest")]
    assert run["status"] == "completed"


def test_a_prompt_that_cannot_fit_ends_incomplete() -> None:
    room, brain = scripted()

    run = room.run(f"/threads/{room.thread('long ' * 300)}/runs", _limited(room))

    assert run["status"] == "incomplete"
    assert run["incomplete_details"] == {"reason": "max_prompt_tokens"}
    assert brain.heard == []


def _limited(room: Room) -> dict[str, Any]:
    return {"assistant_id": room.agent(), "max_prompt_tokens": 256}


def test_pictures_reach_the_brain_as_blocks() -> None:
    room, brain = scripted("A cat.")
    blocks = [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA==", "detail": "low"}},
        {"type": "image_file", "image_file": {"file_id": "assistant-1"}},
    ]
    thread = room.post("/threads", {"messages": [{"role": "user", "content": blocks}]})["id"]

    room.run(f"/threads/{thread}/runs", {"assistant_id": room.agent()})

    assert brain.heard[0][0].content == [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA==", "detail": "low"}},
        {"type": "image", "file_id": "assistant-1"},
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {}),
        ({"tool_choice": "required"}, {"tool_choice": "any"}),
        (
            {"tool_choice": {"type": "function", "function": {"name": "other"}}},
            {"tool_choice": "other"},
        ),
        ({"parallel_tool_calls": False}, {"parallel_tool_calls": False}),
        (
            {"response_format": {"type": "json_object"}},
            {"response_format": {"type": "json_object"}},
        ),
    ],
)
def test_the_brain_is_told_about_tools_and_format(body: Any, expected: Any) -> None:
    room, brain = scripted("Yes.")

    room.run("/threads/runs", {"assistant_id": room.agent(tools=[OTHER_TOOL]), **body})

    told = brain.options[0]
    assert told.pop("tools")[0]["function"]["name"] == "other"
    assert told == expected


def test_a_tool_is_forced_once() -> None:
    room, brain = scripted(whole("", "other"), "Done.")
    body = {"assistant_id": room.agent(tools=[OTHER_TOOL]), "tool_choice": "required"}
    run = room.run("/threads/runs", body)
    call = run["required_action"]["submit_tool_outputs"]["tool_calls"][0]
    outputs = {"tool_outputs": [{"tool_call_id": call["id"], "output": "x"}]}

    room.run(f"/threads/{run['thread_id']}/runs/{run['id']}/submit_tool_outputs", outputs)

    assert [told.get("tool_choice") for told in brain.options] == ["any", None]


def test_a_run_that_forbids_tools_binds_none() -> None:
    room, brain = scripted("Yes.")
    agent = room.agent(tools=[OTHER_TOOL])

    room.run("/threads/runs", {"assistant_id": agent, "tool_choice": "none"})

    assert brain.options == [{}]
