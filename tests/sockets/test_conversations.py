"""Recorded conversations, led again by our client: it asks what the recorded client asked.

What is different is listed, with its reason. The outputs of tools are those of the recording.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from canned import CannedService, Reply
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from langchain_foundry_agents import ChatFoundryAgent

from .recorded import JSON, asked, exchanges, replies, routes
from .ways import WAYS, ask

DIFFERENCES = {
    "type": "a message says that it is one: older services refused those that did not",
    "string": "a question is a message, also where it is the only item",
    "id": "an agent is named, and by nothing else",
    "turn key": "metadata by which what was lost is found again",
    "background": "what does not stream is made in the background, and polled",
}

Says = str | tuple[str, ...]
"""A question, or what each of the calls gave that the agent made."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A recorded conversation: who was asked and how, what was said, and what differs."""

    recording: str
    says: list[Says]
    agent: str = "MyAgent"
    differs: frozenset[str] = frozenset()
    fields: JSON = field(default_factory=dict)
    then: JSON = field(default_factory=dict)
    """Options of every call but the first."""
    ends: tuple[str, ...] = ("/responses", "/conversations")
    """The requests that our client makes, too."""


POLLED = frozenset({"string", "background", "turn key"})
IN_CONVERSATION = frozenset({"string", "turn key"})
CHAINED: JSON = {"conversation": "response"}
NEW_YORK = '{"temperature": 68, "condition": "Cloudy", "humidity": 65}'
FORECAST = (
    '{"city": "New York", "forecast": [{"day": "Tomorrow", "temp": 70}, '
    '{"day": "Day 2", "temp": 72}, {"day": "Day 3", "temp": 69}]}'
)
SEATTLE = (
    r'{"location": "Seattle", "temperature": "72\u00b0F", "condition": "Sunny", "humidity": "45%"}'
)
CONTOSO = (
    "Tell me about Contoso products and their features in detail. Please search through the "
    "available documentation."
)
BAR_CHART = (
    "Could you please create bar chart in TRANSPORTATION sector for the operating profit from "
    "the uploaded csv file and provide file to me?"
)
TALKS = [
    Talk(
        "test_prompt_agent_with_responses_streaming.json",
        ["What is the capital of France?"],
        "PromptTestAgentStreaming",
        IN_CONVERSATION | {"id"},
    ),
    Talk(
        "test_agent_function_tool.json",
        ["What's the weather in Seattle?", (SEATTLE,)],
        "function-tool-agent",
        POLLED,
        CHAINED,
    ),
    Talk(
        "test_agent_function_tool_multi_turn_with_multiple_calls.json",
        [
            "What's the weather in New York?",
            (NEW_YORK,),
            "What about the forecast for the next few days?",
            (FORECAST,),
            "How does that compare to Seattle's weather?",
        ],
        "weather-assistant-multi-turn",
        POLLED,
        CHAINED,
    ),
    Talk(
        "test_sync_function_tool_with_content_recording_streaming_events.json",
        [
            "What's the weather in Seattle?",
            (r'{"temperature": "72\u00b0F", "condition": "sunny"}',),
        ],
        "WeatherAgent",
        IN_CONVERSATION,
    ),
    Talk(
        "test_sync_mcp_streaming_with_content_recording_events.json",
        ["Please summarize the Azure REST API specifications Readme", ("true",)],
        differs=IN_CONVERSATION,
    ),
    # An approval that names only the response before it, which stands in a conversation.
    Talk(
        "sample_agent_mcp.json",
        ["Please summarize the Azure REST API specifications Readme", ("true",)],
        differs=POLLED,
        then=CHAINED,
    ),
    # The stream of the second answer was left out: the first stands in for it.
    Talk(
        "sample_agent_file_search_in_stream.json",
        [CONTOSO, "Tell me about Smart Eyewear and its features."],
        "StreamingFileSearchAgent",
        frozenset({"type", "turn key"}),
    ),
    Talk(
        "sample_agent_code_interpreter_with_files.json",
        [BAR_CHART],
        differs=POLLED,
    ),
    Talk(
        "sample_agent_bing_grounding.json",
        ["What is today's date and whether in Seattle?"],
        differs=IN_CONVERSATION,
        fields={**CHAINED, "tool_choice": "required"},
    ),
    # It made a conversation and did not use it.
    Talk(
        "sample_agent_web_search.json",
        ["Show me the latest London Underground service updates"],
        differs=IN_CONVERSATION,
        fields={**CHAINED, "tool_choice": "required"},
        ends=("/responses",),
    ),
    Talk(
        "sample_agent_endpoint.json",
        ["What is the size of France in square miles?"],
        "MySessionHostedAgent",
        POLLED,
        {
            **CHAINED,
            "agent_endpoint": True,
            "extra_body": {
                "agent_session_id": "36e89b782c7bd90e00NiRghjN9dWj6mnQ7u9VL7cRt55vmdTxr"
            },
        },
    ),
]


def theirs(body: JSON) -> tuple[JSON, set[str]]:
    """A recorded request as ours should be, and where it had to be changed for that."""
    said, named = body["input"], body.get("agent_reference", {})
    differs = {"id"} & {*body, *named}
    if isinstance(said, str):
        said = [{"type": "message", "role": "user", "content": said}]
        differs.add("string")
    typed = [{"type": "message", **item} for item in said]
    differs |= {"type"} if typed != said else set()
    expected = {**body, "input": typed}
    if named:
        expected["agent_reference"] = {"type": "agent_reference", "name": named["name"]}
    return expected, differs


def ours(body: JSON) -> tuple[JSON, set[str]]:
    """Our request without what is only ours, and what that was."""
    differs = set()
    if "metadata" in body:
        assert list(body["metadata"]) == ["langchain_foundry_agents_turn"]
        assert re.fullmatch("[0-9a-f]{32}", body["metadata"]["langchain_foundry_agents_turn"])
        differs.add("turn key")
    if "background" in body:
        assert body["background"] is True
        differs.add("background")
    return {k: v for k, v in body.items() if k not in {"metadata", "background"}}, differs


def model_of(service: CannedService, agent: str = "MyAgent", **fields: Any) -> ChatFoundryAgent:
    return ChatFoundryAgent(agent_name=agent, project_endpoint=service.url, **fields)


def answered(answer: BaseMessage, outputs: tuple[str, ...]) -> list[BaseMessage]:
    """What each of an answer's calls gave."""
    assert isinstance(answer, AIMessage)
    pairs = zip(answer.tool_calls, outputs, strict=True)
    return [ToolMessage(output, tool_call_id=call["id"]) for call, output in pairs]


async def lead(way: str, model: ChatFoundryAgent, talk: Talk) -> list[BaseMessage]:
    """Say all of it, turn by turn; the history."""
    history: list[BaseMessage] = []
    for says in talk.says:
        then = talk.then if history else {}
        history += [HumanMessage(says)] if isinstance(says, str) else answered(history[-1], says)
        history.append(await ask(way, model, history, **then))
    return history


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("talk", TALKS, ids=lambda talk: talk.recording)
async def test_a_recorded_conversation_is_asked_for_alike(talk: Talk, way: str) -> None:
    recorded = exchanges(talk.recording, *talk.ends)
    mode = "stream" if recorded[-1].body.get("stream") else "poll"
    with CannedService(*replies(recorded)) as service:
        model = model_of(service, talk.agent, run_mode=mode, **talk.fields)
        await lead(way, model, talk)

    assert routes(service) == [one.route for one in recorded]
    differs: set[str] = set()
    for (route, body), one in zip(asked(service), recorded, strict=True):
        if route == "POST /openai/v1/conversations":
            assert body == one.body == {}
            continue
        (expected, there), (sent, here) = theirs(one.body), ours(body)
        assert sent == expected
        differs |= there | here
    assert differs == talk.differs
    assert differs <= DIFFERENCES.keys()


@pytest.mark.parametrize("way", WAYS)
async def test_four_calls_are_answered_in_one_request_in_the_order_of_the_calls(way: str) -> None:
    calls, answer = exchanges(
        "test_agent_function_tool_multi_turn_with_multiple_calls.json", "/responses"
    )[:0:-1][:2]
    with CannedService(calls.reply, answer.reply) as service:
        model = model_of(service, run_mode="poll", **CHAINED)
        question = HumanMessage("How does that compare to Seattle's weather?")
        first = await ask(way, model, [question])
        outputs = answered(first, ("59", "68", "[60]", "[70]"))
        await ask(way, model, [question, first, *reversed(outputs)])

    (_, body) = asked(service)[1]
    assert body["previous_response_id"] == "resp_0944cad669f5e2b00069a7e4b9ac7081948524bebf8b084b4a"
    assert {item["type"] for item in body["input"]} == {"function_call_output"}
    assert [(item["call_id"], item["output"]) for item in body["input"]] == [
        ("call_YZZGfu9TRBejv0SSwZyaCCDs", "59"),
        ("call_0pUsiORNZqUeOGk8HzXdK3Ad", "68"),
        ("call_mN5IWqHcYRLMRPCq1QERW8mG", "[60]"),
        ("call_2LGF2SIEmXnCMwDVrty0bEgb", "[70]"),
    ]


@pytest.mark.parametrize("way", WAYS)
async def test_two_users_of_one_model_are_told_apart_as_in_the_recording(way: str) -> None:
    recorded = exchanges("sample_agent_user_identity_isolation.json", "/responses")
    users = [one.headers["x-ms-user-identity"] for one in recorded[:2]]
    says = ["1 + 1 = ?", "2 + 2 = ?", "then + 10", "then + 10"]
    histories: list[list[BaseMessage]] = [[], []]
    with CannedService(*replies(recorded)) as service:
        model = model_of(service, "DelegatedUserAgent", run_mode="poll", **CHAINED)
        for place, question in enumerate(says):
            history = histories[place % 2]
            history.append(HumanMessage(question))
            history.append(await ask(way, model, history, user_identity=users[place % 2]))

    assert [one.headers["x-ms-user-identity"] for one in service.requests] == [
        "9babe257-7e6b-4eb9-ba49-7b8b52d2c535",
        "d027dbc7-3682-4aab-a673-89047df3062a",
        "9babe257-7e6b-4eb9-ba49-7b8b52d2c535",
        "d027dbc7-3682-4aab-a673-89047df3062a",
    ]
    for (_, sent), one in zip(asked(service), recorded, strict=True):
        assert ours(sent)[0] == theirs(one.body)[0]
    assert [[message.text for message in history] for history in histories] == [
        ["1 + 1 = ?", "1 + 1 = 2", "then + 10", "2 + 10 = 12"],
        ["2 + 2 = ?", "2 + 2 = 4", "then + 10", "4 + 10 = 14"],
    ]


@pytest.mark.parametrize("way", WAYS)
async def test_what_the_recording_put_into_the_conversation_is_the_input_of_a_response(
    way: str,
) -> None:
    recorded = exchanges("test_agent_responses_crud.json", "/responses", "/conversations", "/items")
    created, first, added, second = recorded[:4]
    talk = Talk("", ["How many feet in a mile?", "And how many meters?"])
    with CannedService(created.reply, first.reply, second.reply) as service:
        history = await lead(way, model_of(service, run_mode="poll"), talk)

    (_, creating), (_, asking), (_, again) = asked(service)
    assert creating == {}
    assert ours(asking)[0] == {**first.body, "input": created.body["items"]}
    assert ours(again)[0] == {**second.body, "input": added.body["items"]}
    assert [message.text for message in history] == [
        "How many feet in a mile?",
        "There are **5,280 feet** in **1 mile**.",
        "And how many meters?",
        "A mile is **1,609.344 meters** (exact).",
    ]


@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
async def test_the_file_that_an_answer_cites_is_fetched_where_the_recording_fetched_it(
    way: str,
) -> None:
    name = "sample_agent_code_interpreter_with_files.json"
    *turn, fetching = exchanges(name, "/conversations", "/responses", "/content")
    with CannedService(*replies(turn), Reply(headers={}, body=b"\x89PNG")) as service:
        model = model_of(service, run_mode="poll")
        answer = await ask(way, model, BAR_CHART)
        blocks: list[Any] = answer.content_blocks
        cited = blocks[-1]["annotations"][-1]["extras"]
        ids = {"file_id": cited["file_id"], "container_id": cited["container_id"]}
        file = model.download(**ids) if way == "invoke" else await model.adownload(**ids)

    assert file == b"\x89PNG"
    assert routes(service)[-1] == fetching.route


@pytest.mark.parametrize("way", WAYS)
async def test_the_conversation_holds_the_items_that_the_answers_told(way: str) -> None:
    talk = next(talk for talk in TALKS if "mcp_streaming" in talk.recording)
    *recorded, listed = exchanges(talk.recording, *talk.ends, "/items")
    with CannedService(*replies(recorded)) as service:
        history = await lead(way, model_of(service, talk.agent), talk)

    answers = [message for message in history if isinstance(message, AIMessage)]
    blocks: list[Any] = [block for answer in answers for block in answer.content_blocks]
    told = [id_ for answer in answers for id_ in answer.response_metadata["message_ids"]]
    told += [block["id"] for block in blocks if block["type"] in {"server_tool_call", "tool_call"}]
    of_agent = [item for item in listed.answer["data"] if "agent" in item.get("created_by", {})]
    assert sorted(told) == sorted(item["id"] for item in of_agent)
