"""The caller's functions in both generations: asked for in one message, answered in one turn."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

import pytest
from langchain.agents import create_agent
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    ToolMessage,
    convert_to_openai_messages,
)
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import ToolNode, tools_condition
from sockets.ways import WAYS, ask
from tools.tools import PARIS, UTC, answers, get_time, get_weather

from langchain_foundry_agents import InvalidFieldError, ToolOutputError
from langchain_foundry_agents.emulator import CallTools, Reply, Steps

from .conftest import TWO_WAYS, Scene, Script
from .seen import forget, place_of, places, texts

MODES = ("stream", "poll")
TOOLS = [get_weather, get_time]
QUESTION = HumanMessage("Weather and time?")


def script_of(script: Script, *turns: Any, **fields: Any) -> Scene:
    """A scene of an agent whose definition has the tools."""
    return script(*turns, definition={"tools": TOOLS}, **fields)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", WAYS)
async def test_parallel_calls_are_one_message_and_their_outputs_reach_the_agent_in_order(
    script: Script, way: str, mode: str
) -> None:
    scene = script_of(script, CallTools(PARIS, UTC), Reply("Sunny, noon."), run_mode=mode)
    model = scene.model.bind_tools(TOOLS)

    asked = await ask(way, model, [QUESTION])
    answer = await ask(way, model, [QUESTION, asked, *answers(asked, "sunny", "noon")])

    assert [(call["name"], call["args"]) for call in asked.tool_calls] == [
        ("get_weather", {"city": "Paris"}),
        ("get_time", {"zone": "UTC"}),
    ]
    metadata = asked.response_metadata
    assert (metadata["status"], metadata["finish_reason"]) == ("requires_action", "tool_calls")
    assert asked.content == ""
    assert answer.text == "Sunny, noon."
    assert place_of(answer) == place_of(asked)
    assert scene.outputs == ["sunny", "noon"]


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_tool_turn_is_two_requests(script: Script, way: str) -> None:
    scene = script_of(script, Reply("Hi."), CallTools(PARIS), Reply("Sunny."))
    model = scene.model.bind_tools(TOOLS)
    history: list[BaseMessage] = [HumanMessage("Hello")]
    history += [await ask(way, model, history), QUESTION]
    before = len(scene.emulator.requests)

    asked = await ask(way, model, history)
    await ask(way, model, [*history, asked, *answers(asked, "sunny")])

    assert len(scene.emulator.requests) - before == 2


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_text_before_the_calls_is_in_the_same_message(script: Script, way: str) -> None:
    scene = script_of(script, Steps("Let me see.", CallTools(PARIS)), Reply("Sunny."))
    model = scene.model.bind_tools(TOOLS)

    asked = await ask(way, model, [QUESTION])
    answer = await ask(way, model, [QUESTION, asked, *answers(asked, "sunny")])

    assert (asked.text, len(asked.tool_calls)) == ("Let me see.", 1)
    assert answer.text == "Sunny."


def test_calls_are_streamed_as_chunks_that_add_up(script: Script) -> None:
    scene = script_of(script, CallTools(PARIS, UTC))

    chunks: list[Any] = list(scene.model.bind_tools(TOOLS).stream("Both?"))

    assert all(isinstance(chunk, AIMessageChunk) for chunk in chunks)
    pieces = [piece for chunk in chunks for piece in chunk.tool_call_chunks]
    assert [(piece["index"], piece["name"], piece["args"]) for piece in pieces] == [
        (0, "get_weather", '{"city":"Paris"}'),
        (1, "get_time", '{"zone":"UTC"}'),
    ]


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_missing_output_is_an_error_before_any_request(script: Script, way: str) -> None:
    scene = script_of(script, CallTools(PARIS, UTC), Reply("Sunny, noon."))
    model = scene.model.bind_tools(TOOLS)
    asked = await ask(way, model, [QUESTION])
    outputs = answers(asked, "sunny", "noon")
    before = len(scene.emulator.requests)

    with pytest.raises(ToolOutputError, match=str(outputs[1].tool_call_id)) as caught:
        await ask(way, model, [QUESTION, asked, outputs[0]])

    assert len(scene.emulator.requests) == before
    assert caught.value.thread_id == place_of(asked)
    assert caught.value.run_id == asked.response_metadata["run_id"]
    assert (await ask(way, model, [QUESTION, asked, *outputs])).text == "Sunny, noon."


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_an_output_that_answers_no_call_is_an_error_before_any_request(
    script: Script, way: str
) -> None:
    scene = script_of(script, Reply("Never."))

    with pytest.raises(ToolOutputError, match="call_9 answers no call"):
        await ask(way, scene.model, [QUESTION, ToolMessage("sunny", tool_call_id="call_9")])

    assert scene.emulator.requests == []


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_calls_that_the_user_gives_up_do_not_block_the_place(
    script: Script, way: str
) -> None:
    scene = script_of(script, CallTools(PARIS, UTC), Reply("As you like."))
    model = scene.model.bind_tools(TOOLS)
    asked = await ask(way, model, [QUESTION])

    answer = await ask(way, model, [QUESTION, asked, HumanMessage("Never mind.")])

    assert answer.text == "As you like."
    assert place_of(answer) == place_of(asked)
    assert [text for role, text in texts(scene.emulator, place_of(asked)) if role == "user"] == [
        "Weather and time?",
        "Never mind.",
    ]


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_named_place_whose_calls_nobody_answers_takes_another_question(
    script: Script, way: str
) -> None:
    scene = script_of(script, CallTools(PARIS), Reply("Hi."))
    asked = await ask(way, scene.model, [QUESTION])

    answer = await ask(way, scene.model, "Hello", thread_id=place_of(asked))

    assert answer.text == "Hi."


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_question_may_follow_the_outputs(script: Script, way: str) -> None:
    scene = script_of(script, CallTools(PARIS), Reply("Sunny."), Reply("Sunny."))
    model = scene.model.bind_tools(TOOLS)
    asked = await ask(way, model, [QUESTION])

    history = [QUESTION, asked, *answers(asked, "sunny"), HumanMessage("In short?")]
    answer = await ask(way, model, history)

    assert answer.text == "Sunny."
    assert place_of(answer) == place_of(asked)


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_arguments_that_are_no_object_make_an_invalid_call_which_the_agent_hears_of(
    script: Script, way: str
) -> None:
    scene = script_of(script, CallTools(("get_weather", '{"city": "Par'), UTC), Reply("Noon."))
    model = scene.model.bind_tools(TOOLS)

    asked = await ask(way, model, [QUESTION])
    answer = await ask(way, model, [QUESTION, asked, *answers(asked, "noon")])

    (broken,) = asked.invalid_tool_calls
    assert (broken["name"], str(broken["args"])[1:]) == ("get_weather", '{"city": "Par')
    assert [call["name"] for call in asked.tool_calls] == ["get_time"]
    assert answer.text == "Noon."
    assert sorted(output.partition(".")[0] for output in scene.outputs) == [
        "Error: the call is invalid",
        "noon",
    ]


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_tool_that_failed_says_so_to_the_agent(script: Script, way: str) -> None:
    scene = script_of(script, CallTools(PARIS), Reply("Sorry."))
    asked = await ask(way, scene.model.bind_tools(TOOLS), [QUESTION])
    (output,) = answers(asked, "no such city")
    output.status = "error"

    await ask(way, scene.model.bind_tools(TOOLS), [QUESTION, asked, output])

    assert scene.outputs == ["Error: no such city"]


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_history_without_metadata_goes_on_by_what_the_process_remembers(
    script: Script, way: str
) -> None:
    scene = script_of(script, CallTools(PARIS), Reply("Sunny."))
    asked = await ask(way, scene.model.bind_tools(TOOLS), [QUESTION])
    history = convert_to_openai_messages([QUESTION, asked, *answers(asked, "sunny")])

    answer = await ask(way, scene.model.bind_tools(TOOLS), history)

    assert answer.text == "Sunny."
    assert place_of(answer) == place_of(asked)
    assert scene.outputs == ["sunny"]


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_outputs_whose_place_was_deleted_are_told_in_a_fork(script: Script, way: str) -> None:
    scene = script_of(script, CallTools(PARIS), Reply("It was sunny."))
    asked = await ask(way, scene.model.bind_tools(TOOLS), [QUESTION])
    forget(scene.emulator, place_of(asked))

    answer = await ask(way, scene.model, [QUESTION, asked, *answers(asked, "sunny")])

    assert answer.text == "It was sunny."
    assert answer.response_metadata["forked_from"] == place_of(asked)
    assert places(scene.emulator) == [place_of(answer)]


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_calls_of_another_model_are_told_with_their_outputs(script: Script, way: str) -> None:
    scene = script_of(script, Reply("Then it is sunny."))
    call = {"name": "get_weather", "args": {"city": "Paris"}, "id": "other_1", "type": "tool_call"}
    others = AIMessage("", tool_calls=[call])

    history = [QUESTION, others, ToolMessage("sunny", tool_call_id="other_1")]
    answer = await ask(way, scene.model.bind_tools(TOOLS), history)

    assert answer.text == "Then it is sunny."
    heard: Any = scene.brain
    said = " ".join(str(message) for message in heard.heard[-1])
    assert "get_weather" in said
    assert "sunny" in said


def test_a_choice_that_is_not_bound_is_refused_before_any_request(script: Script) -> None:
    scene = script_of(script, Reply("Never."))

    with pytest.raises(InvalidFieldError, match="get_weather, get_time"):
        scene.model.bind_tools(TOOLS, tool_choice="get_wether")
    assert scene.emulator.requests == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("asynchronous", [False, True])
async def test_langchain_s_agent_with_a_checkpointer_doubles_nothing_in_three_turns(
    script: Script, mode: str, *, asynchronous: bool
) -> None:
    turns = CallTools(PARIS, UTC), Reply("Sunny, noon."), CallTools(PARIS), CallTools(UTC)
    scene = script_of(script, *turns, Reply("As before."), Reply("Welcome."), run_mode=mode)
    agent: Any = create_agent(scene.model, TOOLS, checkpointer=InMemorySaver())
    config = {"configurable": {"thread_id": "a checkpoint"}}

    state: Any = {}
    for question in ("Both?", "One by one?", "Thanks."):
        asked = {"messages": [HumanMessage(question)]}
        state = await agent.ainvoke(asked, config) if asynchronous else agent.invoke(asked, config)

    assert [message.text for message in state["messages"] if message.text] == [
        *("Both?", "sunny in Paris", "noon in UTC", "Sunny, noon."),
        *("One by one?", "sunny in Paris", "noon in UTC", "As before."),
        *("Thanks.", "Welcome."),
    ]
    (place,) = places(scene.emulator)
    assert texts(scene.emulator, place) == [
        *(("user", "Both?"), ("assistant", "Sunny, noon.")),
        *(("user", "One by one?"), ("assistant", "As before.")),
        *(("user", "Thanks."), ("assistant", "Welcome.")),
    ]


class Messages(TypedDict):
    """The state of a graph."""

    messages: Annotated[list[BaseMessage], add_messages]


def test_the_prebuilt_tool_node_answers_calls_of_a_graph(script: Script) -> None:
    scene = script_of(script, CallTools(PARIS, UTC), Reply("Sunny, noon."))
    bound = scene.model.bind_tools(TOOLS)

    def call_model(state: Messages) -> dict[str, Any]:
        return {"messages": [bound.invoke(state["messages"])]}

    graph = StateGraph(Messages)
    graph.add_node("agent", call_model)
    graph.add_node("tools", ToolNode(TOOLS))
    graph.add_edge(START, "agent")
    graph.add_conditional_edges("agent", tools_condition)
    graph.add_edge("tools", "agent")
    state = graph.compile().invoke({"messages": [QUESTION]})

    assert state["messages"][-1].text == "Sunny, noon."
    assert scene.outputs == ["sunny in Paris", "noon in UTC"]
