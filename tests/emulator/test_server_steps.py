"""Server steps, citations and pictures of a brain look as the service has them."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk

from langchain_foundry_agents.emulator import (
    CallTools,
    Cite,
    Refuse,
    Reply,
    RunCode,
    ScriptedBrain,
    Steps,
)
from langchain_foundry_agents.emulator.brains.script import Part, server_use

from .room import CLOCK_TOOL, Room, names, recorded_stream, shape

BING = recorded_stream("bing_grounding_tool_streaming.1-run-stream")
CODE = recorded_stream("code_interpreter_tool_streaming.1-run-stream")
SEARCH = recorded_stream("file_search_tool_streaming.1-run-stream")
PNG = b"\x89PNG\r\n\x1a\n"
Events = list[tuple[str, Any]]


def steps_of(*blocks: Any) -> Steps:
    return Steps(*blocks)


def played(*turns: Part, **agent: Any) -> tuple[Room, Events]:
    room = Room(ScriptedBrain(turns))
    body = {"assistant_id": room.agent(**agent)}
    return room, room.stream(f"/threads/{room.thread('Hi')}/runs", body)


def of(events: Events, name: str) -> list[Any]:
    return [data for found, data in events if found == name]


def told(events: Events) -> list[Part]:
    """What a brain would say to bring a recorded run about."""
    said: list[Part] = []
    for name, data in events:
        if name == "thread.message.completed":
            text = data["content"][0]["text"]
            said.append(Cite(text["value"], *text["annotations"]))
        elif name == "thread.run.step.completed" and data["type"] == "tool_calls":
            for call in data["step_details"]["tool_calls"]:
                inner = dict(call[call["type"]])
                said += server_use(call["id"], call["type"], inner, None)
    return said


def without_ids(call: Any) -> Any:
    return {key: value for key, value in call.items() if key != "id"}


@pytest.mark.parametrize("recording", [BING, CODE, SEARCH], ids=["bing", "code", "search"])
def test_a_run_with_server_tools_has_the_recorded_order_and_members(recording: Events) -> None:
    _, events = played(Steps(*told(recording)))

    assert names(events) == names(recording)
    for name in {name for name, _ in recording} - {"done"}:
        ignored = ("tools", "instructions")
        expected = [
            {key: value for key, value in data.items() if key not in ignored}
            for data in of(recording, name)
        ]
        found = [
            {key: value for key, value in data.items() if key not in ignored}
            for data in of(events, name)
        ]
        assert shape(found[0]) == shape(expected[0])
        assert shape(found[-1]) == shape(expected[-1])


@pytest.mark.parametrize("recording", [BING, SEARCH], ids=["bing", "search"])
def test_deltas_of_a_step_are_the_recorded_ones(recording: Events) -> None:
    _, events = played(Steps(*told(recording)))

    def deltas(events: Events) -> list[Any]:
        found = of(events, "thread.run.step.delta")
        return [without_ids(one["delta"]["step_details"]["tool_calls"][0]) for one in found]

    assert deltas(events) == deltas(recording)


@pytest.mark.parametrize("recording", [BING, CODE, SEARCH], ids=["bing", "code", "search"])
def test_completed_steps_and_messages_say_what_was_recorded(recording: Events) -> None:
    _, events = played(Steps(*told(recording)))

    def calls(events: Events) -> list[Any]:
        steps = [data["step_details"] for data in of(events, "thread.run.step.completed")]
        return [without_ids(one) for step in steps for one in step.get("tool_calls", [])]

    def texts(events: Events) -> list[Any]:
        return [data["content"] for data in of(events, "thread.message.completed")]

    assert calls(events) == calls(recording)
    assert texts(events) == texts(recording)


@pytest.mark.parametrize("recording", [BING, SEARCH], ids=["bing", "search"])
def test_a_marker_is_one_delta_with_its_annotation(recording: Events) -> None:
    _, events = played(Steps(*told(recording)))

    def marked(events: Events) -> list[Any]:
        parts = [data["delta"]["content"][0] for data in of(events, "thread.message.delta")]
        return [part for part in parts if part["text"].get("annotations")]

    assert marked(events) == marked(recording)


def test_code_is_streamed_in_pieces_and_its_outputs_are_indexed() -> None:
    _, events = played(Steps(RunCode("a = 1\nprint(a)", "1\n", PNG), "Done."))

    calls = [
        data["delta"]["step_details"]["tool_calls"][0]["code_interpreter"]
        for data in of(events, "thread.run.step.delta")
    ]
    assert calls[0] == {"input": "", "outputs": []}
    assert "".join(call.get("input", "") for call in calls) == "a = 1\nprint(a)"
    logs, drawn = (call["outputs"][0] for call in calls if call.get("outputs"))
    assert logs == {"index": 0, "type": "logs", "logs": "1\n"}
    assert list(drawn) == ["index", "type", "image"]
    step = of(events, "thread.run.step.completed")[0]["step_details"]["tool_calls"][0]
    assert [one["type"] for one in step["code_interpreter"]["outputs"]] == ["logs", "image"]


def test_pictures_of_code_become_files_that_the_message_shows() -> None:
    room, events = played(Steps(RunCode("draw()", "", PNG), "Here it is."))

    picture, text = of(events, "thread.message.completed")[0]["content"]
    file_id = picture["image_file"]["file_id"]
    assert picture == {"type": "image_file", "image_file": {"file_id": file_id}}
    assert text["text"]["value"] == "Here it is."
    deltas = [data["delta"]["content"][0] for data in of(events, "thread.message.delta")]
    assert deltas[0] == {"index": 0, **picture}
    assert (deltas[1]["index"], deltas[1]["text"]["annotations"]) == (1, [])
    assert room.get(f"/files/{file_id}")["purpose"] == "assistants_output"
    assert room.call("GET", f"/files/{file_id}/content").content == PNG
    step = of(events, "thread.run.step.completed")[0]["step_details"]["tool_calls"][0]
    assert step["code_interpreter"]["outputs"][0]["image"]["file_id"] == file_id


def test_texts_around_server_steps_are_messages_of_their_own() -> None:
    room, events = played(Steps("First.", RunCode("1"), "Second.", RunCode("2"), "Third."))

    run = of(events, "thread.run.completed")[0]
    steps = room.get(f"/threads/{run['thread_id']}/runs/{run['id']}/steps", order="asc")["data"]
    kinds = ["message_creation", "tool_calls"] * 2 + ["message_creation"]
    assert [step["type"] for step in steps] == kinds
    messages = room.get(f"/threads/{run['thread_id']}/messages", order="asc")["data"][1:]
    texts = [message["content"][0]["text"]["value"] for message in messages]
    assert texts == ["First.", "Second.", "Third."]
    assert run["usage"]["total_tokens"] == sum(step["usage"]["total_tokens"] for step in steps)


def test_calls_without_a_result_between_them_share_a_step() -> None:
    first, first_result = server_use("1", "azure_ai_search", {"input": "a"}, "found a")
    second, second_result = server_use("2", "azure_ai_search", {"input": "b"}, "found b")
    _, events = played(Steps(first, second, second_result, first_result, "Both."))

    step = of(events, "thread.run.step.completed")[0]["step_details"]
    assert [call["azure_ai_search"] for call in step["tool_calls"]] == [
        {"input": "a", "output": "found a"},
        {"input": "b", "output": "found b"},
    ]


def test_a_connected_agents_answer_comes_in_one_late_delta() -> None:
    child = {"output": "42", "agent_id": "asst_1", "thread_id": "thread_1", "run_id": "run_1"}
    use = server_use("1", "connected_agent", {"q": 1}, child, {"name": "helper"})
    _, events = played(Steps(*use, "42."))

    first, late = (
        data["delta"]["step_details"]["tool_calls"][0]["connected_agent"]
        for data in of(events, "thread.run.step.delta")
    )
    assert first == {"name": "helper", "arguments": '{"q":1}', "output": None}
    assert late == child


def test_listings_of_mcp_tools_are_activities() -> None:
    tools = {"look": {"description": "Looks.", "parameters": {"type": "object"}}}
    use = server_use("1", "mcp_list_tools", {"server_label": "docs"}, tools)
    _, events = played(Steps(*use, "Fine."))

    step = of(events, "thread.run.step.completed")[0]
    activity = step["step_details"]["activities"][0]
    assert step["type"] == step["step_details"]["type"] == "activities"
    assert list(activity) == ["id", "type", "server_label", "tools"]
    assert (activity["server_label"], activity["tools"]) == ("docs", tools)
    assert step["usage"]["total_tokens"] == 0


def test_kinds_that_nobody_knows_are_shown_as_they_are() -> None:
    _, events = played(Steps(*server_use("1", "moon_phase", {"when": "now"}, "full"), "Full."))

    call = of(events, "thread.run.step.completed")[0]["step_details"]["tool_calls"][0]
    assert without_ids(call) == {
        "type": "moon_phase",
        "moon_phase": {"when": "now", "output": "full"},
    }


def test_streamed_pieces_of_a_call_are_put_together() -> None:
    def chunk(**block: Any) -> AIMessageChunk:
        return AIMessageChunk(content=[{"type": "server_tool_call_chunk", "index": 0, **block}])

    result = server_use("1", "code_interpreter", {}, "2\n")[1]
    _, events = played(
        Steps(
            chunk(name="code_interpreter", id="1", args='{"code": "pri'),
            chunk(args='nt(2)"}'),
            result,
            "Two.",
        )
    )

    call = of(events, "thread.run.step.completed")[0]["step_details"]["tool_calls"][0]
    assert call["code_interpreter"]["input"] == "print(2)"


def test_langchain_citations_get_markers_where_their_text_ends() -> None:
    source = {"type": "citation", "url": "https://a.example", "title": "A", "end_index": 3}
    file = {"type": "citation", "extras": {"file_id": "assistant-1"}}
    _, events = played(Cite("Yes, it is.", {**source, "start_index": 0}, file))

    text = of(events, "thread.message.completed")[0]["content"][0]["text"]
    assert text == {
        "value": "Yes【3:0†source】, it is.【4:1†source】",
        "annotations": [
            {
                "type": "url_citation",
                "text": "【3:0†source】",
                "start_index": 3,
                "end_index": 15,
                "url_citation": {"url": "https://a.example", "title": "A"},
            },
            {
                "type": "file_citation",
                "text": "【4:1†source】",
                "start_index": 23,
                "end_index": 35,
                "file_citation": {"file_id": "assistant-1"},
            },
        ],
    }


def test_offsets_count_from_the_messages_start_in_code_points() -> None:
    marker = "【4:0†source】"
    source = {
        "type": "file_citation",
        "text": marker,
        "file_citation": {"file_id": "assistant-1", "quote": "q"},
    }
    _, events = played(Steps("😀 first, ", Cite(f"then{marker}, again{marker}.", source, source)))

    text = of(events, "thread.message.completed")[0]["content"][0]["text"]
    places = [(one["start_index"], one["end_index"]) for one in text["annotations"]]
    assert [text["value"][start:end] for start, end in places] == [marker, marker]
    assert [one["file_citation"] for one in text["annotations"]] == [{"file_id": "assistant-1"}] * 2


def test_links_to_files_are_annotated_in_place() -> None:
    path = "sandbox:/mnt/data/a.csv"
    source = {"type": "file_path", "text": path, "file_path": {"file_id": "assistant-1"}}
    _, events = played(Cite(f"[Get it]({path}).", source))

    text = of(events, "thread.message.completed")[0]["content"][0]["text"]
    assert text["value"] == f"[Get it]({path})."
    assert text["annotations"][0]["start_index"] == 9


def test_a_refusal_is_a_block_of_its_own() -> None:
    _, events = played(Refuse("I cannot."))

    content = of(events, "thread.message.completed")[0]["content"]
    assert content == [{"type": "refusal", "refusal": "I cannot."}]


def test_functions_can_be_called_after_server_steps() -> None:
    turns = (Steps("Wait.", RunCode("1", "1"), CallTools(("fetch_datetime", {}))), Reply("Noon."))
    room, events = played(*turns, tools=[CLOCK_TOOL])
    run = of(events, "thread.run.requires_action")[0]
    calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    path = f"/threads/{run['thread_id']}/runs/{run['id']}"
    outputs = [{"tool_call_id": calls[0]["id"], "output": "12:00"}]

    done = room.run(f"{path}/submit_tool_outputs", {"tool_outputs": outputs})

    steps = room.get(f"{path}/steps", order="asc")["data"]
    kinds = ["message_creation", "tool_calls", "tool_calls", "message_creation"]
    assert (done["status"], [step["type"] for step in steps]) == ("completed", kinds)
    assert done["usage"]["total_tokens"] == sum(step["usage"]["total_tokens"] for step in steps)
    assert isinstance(room.brain, ScriptedBrain)
    heard = [(one.type, str(one.text)) for one in room.brain.heard[1]]
    code, time = ("tool", '[{"type":"logs","logs":"1"}]'), ("tool", "12:00")
    assert heard == [("human", "Hi"), ("ai", "Wait."), code, ("ai", ""), time]


def test_events_show_what_was_true_when_they_happened() -> None:
    _, events = played(Steps("One. ", "Two."))

    assert of(events, "thread.message.created")[0]["content"] == []


def test_a_brain_that_does_not_stream_brings_server_steps_too() -> None:
    whole = AIMessage([*server_use("1", "code_interpreter", {"code": "1"}, "1"), "One."])
    _, events = played(whole)

    assert [data["type"] for data in of(events, "thread.run.step.completed")] == [
        "tool_calls",
        "message_creation",
    ]
