"""Recorded runs with tools, over a real socket: all of it is there, in all forms alike."""

from __future__ import annotations

import json
from typing import Any

import pytest
from canned import CannedService, stream_reply
from conftest import RECORDINGS
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from sockets.ways import WAYS, added, ask

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import CallTools, Cite, Reply, RunCode, Steps
from langchain_foundry_agents.emulator.brains.script import Part

from .conftest import Script
from .reading import blocks, finished, whole
from .tools import PARIS

BING = "test_bing_grounding_tool_streaming.1-run-stream.sse"
CODE = "test_code_interpreter_tool_streaming.1-run-stream.sse"
FILES = "test_file_search_tool_streaming.1-run-stream.sse"
MCP = "test_mcp_tool_streaming.1-run-stream.sse"
MCP_WHOLE = "test_mcp_tool_streaming.1-run-stream-whole.sse"
MCP_AFTER = "test_mcp_tool_streaming.2-submit-stream.sse"
pytestmark = pytest.mark.filterwarnings("ignore:.*stream_v3. is in beta")
RECORDED = (BING, CODE, FILES, MCP, MCP_WHOLE)
KINDS = {
    BING: ["server_tool_call", "server_tool_result", "text"],
    CODE: ["text", "server_tool_call", "server_tool_result", "text"],
    FILES: ["server_tool_call", "server_tool_result", "text"],
    MCP: ["server_tool_call", "server_tool_result", "tool_call"],
    MCP_WHOLE: ["server_tool_call", "server_tool_result", "tool_call"],
}


def recorded(name: str, *events: str) -> list[Any]:
    """The data of all events of these names, read without the code under test."""
    frames = [frame.split("\n", 1) for frame in (RECORDINGS / name).read_text().split("\n\n")]
    heads = {f"event: {event}" for event in events}
    return [json.loads(frame[1].removeprefix("data: ")) for frame in frames if frame[0] in heads]


def replay(*names: str) -> CannedService:
    return CannedService(*(stream_reply((RECORDINGS / name).read_bytes()) for name in names))


def model_of(service: CannedService, **fields: Any) -> ChatFoundryAgent:
    return ChatFoundryAgent(**{"agent_id": "asst_1", **fields}, project_endpoint=service.url)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", RECORDED)
async def test_ids_and_usage_are_those_of_the_recording(name: str, way: str) -> None:
    (run,) = recorded(name, "thread.run.completed", "thread.run.requires_action")
    messages = recorded(name, "thread.message.completed")

    with replay(name) as service:
        answer = await ask(way, model_of(service), "Go on")

    metadata = answer.response_metadata
    assert metadata["message_ids"] == [message["id"] for message in messages]
    assert (metadata["thread_id"], metadata["run_id"]) == (run["thread_id"], run["id"])
    assert (metadata["agent_id"], metadata["model_name"]) == (run["assistant_id"], run["model"])
    assert metadata["status"] == run["status"]
    assert metadata["usage_source"] == ("service" if run["usage"] else "estimated")
    if run["usage"]:
        used = answer.usage_metadata
        assert used
        assert used["input_tokens"] == run["usage"]["prompt_tokens"]
        assert used["output_tokens"] == run["usage"]["completion_tokens"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", RECORDED)
async def test_the_blocks_are_the_steps_and_texts_of_the_recording(name: str, way: str) -> None:
    texts = [
        part["text"]["value"]
        for message in recorded(name, "thread.message.completed")
        for part in message["content"]
    ]

    with replay(name) as service:
        answer = await ask(way, model_of(service), "Go on")

    kinds = [block["type"] for block in blocks(answer)]
    assert [
        kind for kind, before in zip(kinds, [None, *kinds], strict=False) if kind != before
    ] == (KINDS[name])
    assert [block["text"] for block in blocks(answer) if block["type"] == "text"] == texts
    told = json.dumps(blocks(answer))
    for step in recorded(name, "thread.run.step.completed"):
        details = step["step_details"]
        for call in details.get("tool_calls") or details.get("activities") or []:
            assert call["id"] in told


@pytest.mark.parametrize("way", WAYS)
async def test_the_code_that_ran_and_what_it_printed_is_told(way: str) -> None:
    steps = recorded(CODE, "thread.run.step.completed")
    calls = [call for step in steps for call in step["step_details"].get("tool_calls") or []]

    with replay(CODE) as service:
        answer = await ask(way, model_of(service), "Go on")

    found = blocks(answer)
    ran = [block for block in found if block["type"] == "server_tool_call"]
    gave = [block for block in found if block["type"] == "server_tool_result"]
    assert [(block["id"], block["name"], block["args"]) for block in ran] == [
        (call["id"], "code_interpreter", {"code": call["code_interpreter"]["input"]})
        for call in calls
    ]
    assert [(block["tool_call_id"], block["output"]) for block in gave] == [
        (call["id"], call["code_interpreter"]["outputs"]) for call in calls
    ]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", [BING, FILES])
async def test_every_citation_marks_its_place_in_the_text(name: str, way: str) -> None:
    wanted = [
        annotation["text"]
        for message in recorded(name, "thread.message.completed")
        for part in message["content"]
        for annotation in part["text"]["annotations"]
    ]

    with replay(name) as service:
        answer = await ask(way, model_of(service), "Go on")

    texts = [block for block in blocks(answer) if block["type"] == "text"]
    cited = [(text["text"], note) for text in texts for note in text.get("annotations", [])]
    marked = [text[note["start_index"] : note["end_index"]] for text, note in cited]
    assert marked == wanted != []
    assert [note["extras"]["marker"] for _, note in cited] == wanted


@pytest.mark.parametrize("way", WAYS)
async def test_a_recorded_approval_is_asked_sent_and_its_call_told(way: str) -> None:
    (run,) = recorded(MCP_WHOLE, "thread.run.requires_action")
    (call,) = run["required_action"]["submit_tool_approval"]["tool_calls"]
    (late,) = recorded(MCP_AFTER, "thread.run.step.delta")
    (output,) = [one["output"] for one in late["delta"]["step_details"]["tool_calls"]]

    with replay(MCP_WHOLE, MCP_AFTER) as service:
        model = model_of(service, agent_id=run["assistant_id"])
        asked = await ask(way, model, [HumanMessage("Go on")])
        yes = ToolMessage("true", tool_call_id=call["id"])
        answer = await ask(way, model, [HumanMessage("Go on"), asked, yes])

    (request,) = asked.tool_calls
    assert (request["id"], request["args"]["name"]) == (call["id"], call["name"])
    assert service.requests[1].json()["tool_approvals"] == [
        {"tool_call_id": call["id"], "approve": True}
    ]
    first, second, last = blocks(answer)
    assert (first["type"], first["id"], first["name"]) == ("server_tool_call", call["id"], "mcp")
    assert (second["tool_call_id"], second["output"]) == (call["id"], output)
    (message,) = recorded(MCP_AFTER, "thread.message.completed")
    assert last["text"] == message["content"][0]["text"]["value"]


@pytest.mark.parametrize("name", RECORDED)
async def test_all_forms_of_a_recorded_answer_agree_block_by_block(name: str) -> None:
    with replay(*[name] * 5) as service:
        model, v1 = model_of(service), model_of(service, output_version="v1")
        answer = model.invoke("Go on")
        summed = added(model.stream("Go on"))
        content: Any = v1.invoke("Go on").content
        events = list(model.stream_events("Go on", version="v3"))
        async_events = [one async for one in await model.astream_events("Go on", version="v3")]

    expected = blocks(answer)
    assert whole(summed) == whole(answer)
    assert [{**block, "index": 0} for block in content] == [{**one, "index": 0} for one in expected]
    assert finished(events) == expected
    assert finished(async_events) == expected


CITED = {
    "type": "url_citation",
    "text": "【3:0†source】",
    "url_citation": {"url": "https://a.example"},
}
PICTURE = b"\x89PNG\r\n\x1a\n"
TURN = Steps(
    "Let me compute.", RunCode("17 * 23", "391"), "It is 391.", Cite("See【3:0†source】.", CITED)
)
TURNS: dict[str, Part] = {
    "text": Reply("Hello."),
    "text, code, text, citation": TURN,
    "code first": Steps(RunCode("1 + 1", "2"), Cite("Two【3:0†source】.", CITED)),
    "pictures": Steps("Look:", RunCode("plot()", "", PICTURE), "There."),
    "text and calls": Steps("Let me see.", CallTools(PARIS)),
    "code and calls": Steps(RunCode("1 + 1", "2"), CallTools(PARIS, ("get_time", "{broken"))),
}


def comparable(message: AIMessage) -> Any:
    """An answer without what differs from run to run: ids of runs, calls and files."""
    ids = {"id", "tool_call_id", "file_id", "extras", "output"}
    return [
        {name: value for name, value in block.items() if name not in ids}
        for block in blocks(message)
    ]


@pytest.mark.parametrize("style", ["keep", "strip", "markdown"])
@pytest.mark.parametrize("turn", TURNS)
async def test_all_forms_of_an_answer_agree_block_by_block(
    script: Script, turn: str, style: str
) -> None:
    scene = script(*[TURNS[turn]] * 6, tools=[{"type": "code_interpreter"}], citations=style)
    polling = scene.model.model_copy(update={"run_mode": "poll"})
    v1 = scene.model.model_copy(update={"output_version": "v1"})

    expected = comparable(scene.model.invoke("Go on"))
    content: Any = v1.invoke("Go on")
    events = list(scene.model.stream_events("Go on", version="v3"))
    async_events = [one async for one in await scene.model.astream_events("Go on", version="v3")]

    assert comparable(added(scene.model.stream("Go on"))) == expected
    assert comparable(polling.invoke("Go on")) == expected
    assert comparable(content.model_copy(update={"response_metadata": {}})) == expected
    for found in (finished(events), finished(async_events)):
        assert comparable(AIMessage(content=found)) == expected  # type: ignore[arg-type]
