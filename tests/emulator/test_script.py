"""Scripted agents say and do what the script has, turn by turn."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolCall
from langchain_core.tracers.context import register_configure_hook
from langchain_core.tracers.run_collector import RunCollectorCallbackHandler

from langchain_foundry_agents.emulator import (
    CallTools,
    CutShort,
    Fail,
    FoundryEmulator,
    Reply,
    RunCode,
    ScriptedBrain,
    Steps,
)
from langchain_foundry_agents.emulator.brains.failures import BrainFailure
from langchain_foundry_agents.emulator.brains.script import Part

from .conftest import client
from .room import Room

WEATHER = ("get_weather", {"city": "Paris"})


def room_of(*turns: Part) -> Room:
    return Room(ScriptedBrain(turns))


def ask(room: Room) -> Any:
    return room.run(f"/threads/{room.thread('Hi')}/runs", {"assistant_id": room.agent()})


def path(run: Any) -> str:
    return f"/threads/{run['thread_id']}/runs/{run['id']}"


def said(room: Room, run: Any) -> list[str]:
    query = {"order": "asc", "run_id": run["id"]}
    messages = room.get(f"/threads/{run['thread_id']}/messages", **query)["data"]
    return [one["text"]["value"] for message in messages for one in message["content"]]


def asked_for(run: Any) -> list[tuple[str, str]]:
    calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    return [(call["function"]["name"], call["function"]["arguments"]) for call in calls]


def test_turns_are_given_in_their_order() -> None:
    room = room_of(Reply("One."), "Two.", AIMessage("Three."))

    assert [said(room, ask(room)) for _ in range(3)] == [["One."], ["Two."], ["Three."]]


def test_several_functions_are_called_at_once_and_then_answered() -> None:
    room = room_of(CallTools(WEATHER, ("get_time", {})), Reply("It is sunny."))

    run = ask(room)

    assert asked_for(run) == [("get_weather", '{"city":"Paris"}'), ("get_time", "{}")]
    calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    outputs = [{"tool_call_id": call["id"], "output": "x"} for call in calls]
    done = room.run(f"{path(run)}/submit_tool_outputs", {"tool_outputs": outputs})
    assert (done["status"], said(room, done)) == ("completed", ["It is sunny."])


def test_calls_may_be_langchains_own() -> None:
    call = ToolCall(name="get_time", args={"zone": "UTC"}, id="1")

    assert asked_for(ask(room_of(CallTools(call)))) == [("get_time", '{"zone":"UTC"}')]


@pytest.mark.parametrize("arguments", ['{"city": "Par', "no json", "[1, 2]", '{"a": 1,}'])
def test_arguments_that_are_no_json_go_out_as_they_are(arguments: str) -> None:
    run = ask(room_of(CallTools(("get_weather", arguments), WEATHER)))

    first, second = asked_for(run)
    assert first[1].replace(" ", "") == arguments.replace(" ", "")
    assert second == ("get_weather", '{"city":"Paris"}')


def test_text_is_streamed_word_by_word() -> None:
    room = room_of(Reply("It is  sunny. "))
    events = room.stream("/threads/runs", {"assistant_id": room.agent()})

    deltas = [data["delta"]["content"][0] for name, data in events if name.endswith("sage.delta")]
    assert [one["text"]["value"] for one in deltas] == ["It", " is", "  sunny.", " "]


def test_a_failure_is_the_runs_last_error() -> None:
    run = ask(room_of(Fail("rate_limit_exceeded", "Try again in 20 seconds.")))

    assert run["status"] == "failed"
    expected = {"code": "rate_limit_exceeded", "message": "Try again in 20 seconds."}
    assert run["last_error"] == expected


@pytest.mark.parametrize("turn", [Reply(""), Steps(), CallTools()])
def test_a_turn_without_a_word_is_an_empty_message(turn: Part) -> None:
    room = room_of(turn)

    run = ask(room)

    assert (run["status"], said(room, run)) == ("completed", [""])


def test_steps_before_a_failure_are_shown() -> None:
    room = room_of(Steps(RunCode("1 / 0", "Error"), Fail()))
    run = ask(room)

    (step,) = room.get(f"{path(run)}/steps")["data"]
    assert (step["type"], step["status"]) == ("tool_calls", "failed")
    assert step["step_details"]["tool_calls"][0]["code_interpreter"]["input"] == "1 / 0"


def test_a_failure_can_come_in_the_middle() -> None:
    room = room_of(Steps("Some words", Fail()))
    events = room.stream("/threads/runs", {"assistant_id": room.agent()})

    names = [name for name, _ in events]
    assert names[-4:] == [
        "thread.message.incomplete",
        "thread.run.step.failed",
        "thread.run.failed",
        "done",
    ]


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("max_completion_tokens", "max_tokens"),
        ("max_prompt_tokens", "max_tokens"),
        ("content_filter", "content_filter"),
    ],
)
def test_a_run_can_be_cut_short(reason: str, shown: str) -> None:
    room = room_of(CutShort("Once upon", reason))
    events = room.stream("/threads/runs", {"assistant_id": room.agent()})

    run, message = (
        next(data for found, data in events if found == name)
        for name in ("thread.run.incomplete", "thread.message.incomplete")
    )
    assert run["incomplete_details"] == {"reason": reason}
    assert message["incomplete_details"] == {"reason": shown}
    assert message["content"][0]["text"]["value"] == "Once upon"
    assert run["usage"]["completion_tokens"] > 0


def test_a_model_that_stopped_at_its_limit_makes_the_run_incomplete() -> None:
    answer = AIMessage("Once", response_metadata={"finish_reason": "length"})

    assert ask(room_of(answer))["incomplete_details"] == {"reason": "max_completion_tokens"}


def test_when_the_script_is_over_the_run_says_so() -> None:
    room = room_of(Reply("One."))
    ask(room)

    error = ask(room)["last_error"]

    assert error["code"] == "script_over"
    assert "1 turns" in error["message"]


def test_it_remembers_what_it_heard() -> None:
    brain = ScriptedBrain([Reply("One."), Reply("Two.")])
    room = Room(brain)

    ask(room)

    assert [[str(one.text) for one in heard] for heard in brain.heard] == [["Hi"]]
    assert brain.turns_left == 1


def test_it_is_a_chat_model_of_its_own() -> None:
    brain = ScriptedBrain([Steps("Wait. ", RunCode("1"), CallTools(WEATHER)), Fail("a", "b")])

    answer = brain.bind_tools([]).invoke([HumanMessage("Hi")])

    assert answer.text == "Wait. "
    assert answer.tool_calls[0]["args"] == {"city": "Paris"}
    with pytest.raises(BrainFailure, match="b"):
        brain.invoke("Hi")


def test_it_is_given_to_an_emulator() -> None:
    with FoundryEmulator(model=ScriptedBrain([Reply("It is sunny.")])) as emulator:
        agent = emulator.create_agent()
        with client(emulator) as http:
            answer = http.post("/threads/runs", json={"assistant_id": agent, "stream": True})

    assert "It" in answer.text
    assert "thread.run.completed" in answer.text


def test_the_brain_is_in_no_trace_of_the_application() -> None:
    # Some tracers are there for every call of a process, also for those of the emulator's brain.
    seen = RunCollectorCallbackHandler()
    register_configure_hook(ContextVar("seen", default=seen), inheritable=True)
    room = room_of("Hi.")

    run = ask(room)

    assert (said(room, run), seen.traced_runs) == (["Hi."], [])
