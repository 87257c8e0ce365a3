"""Recorded responses, replayed over a real socket, all four ways: this answer, and the same."""

from __future__ import annotations

from typing import Any

import pytest
from canned import STREAM_TYPE, CannedService, Reply, json_reply, stream_reply
from langchain_core.messages import message_chunk_to_message
from recorded_responses import WHOLE

from langchain_foundry_agents import ChatFoundryAgent

from .recorded import (
    FORMS,
    STREAMS,
    Told,
    halves,
    last_response,
    one_event,
    told,
)
from .ways import WAYS, added, ask

APPROVAL = (
    'mcp_approval_request({"server_label": "api-specs", '
    '"name": "fetch_azure_rest_api_docs", "arguments": {}})'
)
ANSWERS: dict[str, Told] = {
    "agentserver-2.3.0-sse-text": Told(
        "hello hi",
        "caresp_26112ed2bcb4244d00hR4Xq7AUJzTsKPq4ue69YaV8vTle58hJ",
        messages=("msg_26112ed2bcb4244d00ETyw1d0HQZEpeQZgJSZHChFWlAmK35j1",),
        agent="a:1",
        usage=(3, 0, 2, 1),
        model="",
    ),
    "sample_agent_bing_grounding.1": Told(
        "Today’s date is **February 26, 2026**.\n\n**Seattle weather (c…",
        "resp_01d29b91894e0b7d00699fc3edc0f4819086c29ae2472d5930",
        messages=("msg_01d29b91894e0b7d00699fc3fab21c8190960ad1a8ea45e539",),
        agent="MyAgent:410",
        usage=(5493, 0, 93, 0),
        blocks="bing_grounding, success, text",
        cited=("177-189 7-Day Forecast 47.62N 122.36W - National Weather Service",),
    ),
    "sample_agent_file_search_in_stream.1": Told(
        "The Contoso Galaxy Innovations line includes cutting-edge pr…",
        "resp_cc4dd94a60f900880069cc4688c6908190a208fb12f04c7d7b",
        messages=("msg_cc4dd94a60f900880069cc468bc6148190beffd309eac7ace7",),
        agent="StreamingFileSearchAgent:28",
        usage=(1460, 0, 339, 0),
        conversation="conv_cc4dd94a60f9008800IoMH7z6Pgcz1At5bxSEbMS1EJLbZ1cQh",
        blocks="file_search, success, text",
        cited=("227-227 product_info.md", "1402-1402 product_info.md"),
    ),
    "sample_agent_web_search.1": Told(
        "Latest **London Underground** service updates (live line sta…",
        "resp_0a1020b06f5ad10200699fc904deb08190a7f6f6c56bc1aaa1",
        messages=(
            "msg_0a1020b06f5ad10200699fc91275448190b27d4ff8a05f8f56",
            "msg_0a1020b06f5ad10200699fc914d23481909db501bc87376eaf",
        ),
        agent="MyAgent:423",
        usage=(4307, 0, 49, 49),
        blocks="web_search, success, text, text",
        cited=(
            "156-236 Tube, Overground, Elizabeth line, DLR & Tram status updates - Transport ...",
        ),
        finish="content_filter",
    ),
    "test_prompt_agent_with_responses_streaming.3": Told(
        "The capital of France is **Paris**.",
        "resp_aa55cfcaf41110c60069a7db5173b48190b8ba360f10bcc9da",
        messages=("msg_aa55cfcaf41110c60069a7db5549ac81908329ab059ef7d73b",),
        agent="PromptTestAgentStreaming:1",
        usage=(27, 0, 13, 0),
        conversation="conv_aa55cfcaf41110c6002mLtHhVGAkDxi67qaB7ywdWgZqlB7FbA",
    ),
    "test_sync_function_tool_streaming_events.3": Told(
        "",
        "resp_ff45f384bcf40fad0069a7d98b45a481909896637b48c05e44",
        agent="WeatherAgent:28",
        usage=(79, 0, 18, 0),
        conversation="conv_ff45f384bcf40fad00qKUF38uQ6Ocz3ihOSHJ5apIDIHbFDgkj",
        blocks="tool_call",
        calls=('call_GbwoDfC9GZFnVwlCYtnaTh89 get_weather({"location": "Seattle"})',),
        finish="tool_calls",
    ),
    "test_sync_function_tool_streaming_events.4": Told(
        "Seattle weather: **72°F and sunny**.",
        "resp_ff45f384bcf40fad0069a7d997301881909818c1f6d0fd76ca",
        messages=("msg_ff45f384bcf40fad0069a7d9a182ec8190873942e5e04bc4f3",),
        agent="WeatherAgent:28",
        usage=(126, 0, 14, 0),
        conversation="conv_ff45f384bcf40fad00qKUF38uQ6Ocz3ihOSHJ5apIDIHbFDgkj",
    ),
    "test_sync_mcp_streaming_events.1": Told(
        "",
        "resp_c20eecf190a472ce0069a7c8157aa08190a07849b07c4f2a3b",
        agent="MyAgent:153",
        usage=(383, 0, 21, 0),
        conversation="conv_c20eecf190a472ce00qdAA8FIYPFKtGk48Se7CQ2ID1Nj2Vgma",
        blocks="mcp_list_tools, success, tool_call",
        calls=(f"mcpr_c20eecf190a472ce0069a7c81b393481908b70eaf7511948a9 {APPROVAL}",),
        finish="tool_calls",
    ),
    "test_sync_mcp_streaming_events.2": Told(
        "The **azure-rest-api-specs Readme (documentation overview)**…",
        "resp_c20eecf190a472ce0069a7c81d2f648190bb2740def9eac5ab",
        messages=("msg_c20eecf190a472ce0069a7c824697081909579ddc64a7d2193",),
        agent="MyAgent:153",
        usage=(18471, 0, 646, 0),
        conversation="conv_c20eecf190a472ce00qdAA8FIYPFKtGk48Se7CQ2ID1Nj2Vgma",
        blocks="mcp, success, text",
    ),
    "agentserver-2.3.0-nonstream.0": Told(
        "hello hi",
        "caresp_186db4f1f66a5e1b00bXEHznQ9Li4hVGOoTXq0zWodtMNzUC8y",
        messages=("msg_186db4f1f66a5e1b00jxVxJV8Ia18q2PYfAMU3PRPp4dad1W8e",),
        agent="a",
        usage=(3, 0, 2, 1),
        model="",
    ),
    "sample_agent_code_interpreter_with_files.3": Told(
        "I created a bar chart for **Operating Profit** for companies…",
        "resp_9c4de43d94fbfcb100699fc46a8cc48190b0ae61115cf77a81",
        messages=("msg_9c4de43d94fbfcb100699fc4b810d0819092654e63bf83d771",),
        agent="MyAgent:412",
        usage=(2492, 0, 438, 380),
        conversation="conv_9c4de43d94fbfcb100zbh78OgI3AFtDRcNaLSBdQQNPHDABUeV",
        blocks="code_interpreter, success, " * 3 + "text",
        cited=(
            "0-0 cfile_699fc498ac7081908a09fc933354d563.png",
            "177-240 transportation_operating_profit_bar_chart.png",
        ),
    ),
    "sample_agent_endpoint.4": Told(
        "Echo: What is the size of France in square miles?",
        "caresp_ddb17521395e998200jLLuSO75vnztgQm6fHVfMeJRtItpmZ6n",
        messages=("msg_ddb17521395e998200L1dAtmKuANDfhmmQCyQ4WYPkpOdMES9k",),
        model="",
    ),
    "sample_agent_mcp.2": Told(
        "",
        "resp_4086d3d3a4b9742500699fc7015bcc8190b9b34a67e2b02eb6",
        agent="MyAgent:417",
        usage=(395, 0, 21, 0),
        conversation="conv_4086d3d3a4b9742500KQQMkYbhDPWYcAxWLC0TbyHnHX50iBKW",
        blocks="mcp_list_tools, success, tool_call",
        calls=(f"mcpr_4086d3d3a4b9742500699fc707d1a881908bdb277c63210bf2 {APPROVAL}",),
        finish="tool_calls",
    ),
    "sample_agent_mcp.3": Told(
        "The **Azure REST API specifications README/documentation** (…",
        "resp_4086d3d3a4b9742500699fc70abf3481908653de219dd63770",
        messages=("msg_4086d3d3a4b9742500699fc711e0a88190b0b713d3efdb7270",),
        agent="MyAgent:417",
        usage=(18483, 0, 665, 0),
        blocks="mcp, success, text",
    ),
    "sample_agent_user_identity_isolation.1": Told(
        "1 + 1 = 2",
        "resp_088caef9691829f6006a455ca5d8248196855e86c47f0c4711",
        messages=("msg_088caef9691829f6006a455ca69520819685a3bdf46553425e",),
        agent="DelegatedUserAgent:1",
        usage=(45, 0, 8, 0),
    ),
    "sample_agent_user_identity_isolation.2": Told(
        "2 + 2 = 4",
        "resp_069dadf38c213c5e006a455ca79d6c8197999abb3441edb60f",
        messages=("msg_069dadf38c213c5e006a455ca86bb4819786efbec36d5ec95c",),
        agent="DelegatedUserAgent:1",
        usage=(45, 0, 8, 0),
    ),
    "sample_agent_user_identity_isolation.3": Told(
        "2 + 10 = 12",
        "resp_088caef9691829f6006a455ca935148196978eafceb92a4362",
        messages=("msg_088caef9691829f6006a455caa187c81968e657a90f6c08204",),
        agent="DelegatedUserAgent:1",
        usage=(64, 0, 8, 0),
    ),
    "sample_agent_user_identity_isolation.4": Told(
        "4 + 10 = 14",
        "resp_069dadf38c213c5e006a455caad724819785de41d5c7de11ba",
        messages=("msg_069dadf38c213c5e006a455cac538c819787596d326ac8904f",),
        agent="DelegatedUserAgent:1",
        usage=(64, 0, 8, 0),
    ),
    "test_agent_function_tool.1": Told(
        "",
        "resp_0c5a11fbc24099c80069a7dfa17148819689984439705ed542",
        agent="function-tool-agent:4",
        usage=(88, 0, 18, 0),
        blocks="tool_call",
        calls=('call_dRy9LxpKojP7z5IKIO59bfOn get_weather({"location": "Seattle"})',),
        finish="tool_calls",
    ),
    "test_agent_function_tool.2": Told(
        "Seattle weather: **72°F**, **Sunny**, **45% humidity**.",
        "resp_0c5a11fbc24099c80069a7dfa9b2fc8196932f46ea0cdc5c20",
        messages=("msg_0c5a11fbc24099c80069a7dfaefde48196b225d3a63287fb9c",),
        agent="function-tool-agent:4",
        usage=(147, 0, 20, 0),
    ),
    "test_agent_function_tool_multi_turn_with_multiple_calls.1": Told(
        "",
        "resp_0944cad669f5e2b00069a7e49a97388194b86d1d4bf83d2f1b",
        agent="weather-assistant-multi-turn:1",
        usage=(107, 0, 19, 0),
        blocks="tool_call",
        calls=('call_hVLmsgrhDPZq6WMkpH5HsvG9 get_weather({"city": "New York"})',),
        finish="tool_calls",
    ),
    "test_agent_function_tool_multi_turn_with_multiple_calls.2": Told(
        "In New York, it’s **68°F** and **cloudy**, with **65% humidi…",
        "resp_0944cad669f5e2b00069a7e4a18f4c8194b28c6495ee6eb4c5",
        messages=("msg_0944cad669f5e2b00069a7e4a5372c819486838c628ef9b6a0",),
        agent="weather-assistant-multi-turn:1",
        usage=(156, 0, 26, 0),
    ),
    "test_agent_function_tool_multi_turn_with_multiple_calls.3": Told(
        "",
        "resp_0944cad669f5e2b00069a7e4a86e008194bab9a22b67989c57",
        agent="weather-assistant-multi-turn:1",
        usage=(198, 0, 21, 0),
        blocks="tool_call",
        calls=('call_5WBfoYoRTFNOFJwX4vw5Sxwb get_temperature_forecast({"city": "New York"})',),
        finish="tool_calls",
    ),
    "test_agent_function_tool_multi_turn_with_multiple_calls.4": Told(
        "Here’s the **3-day temperature forecast for New York**:\n\n- *…",
        "resp_0944cad669f5e2b00069a7e4b0b57c8194bde0142c97d29233",
        messages=("msg_0944cad669f5e2b00069a7e4b52abc8194b40d2ea452fe9d83",),
        agent="weather-assistant-multi-turn:1",
        usage=(283, 0, 44, 0),
    ),
    "test_agent_function_tool_multi_turn_with_multiple_calls.5": Told(
        "",
        "resp_0944cad669f5e2b00069a7e4b9ac7081948524bebf8b084b4a",
        agent="weather-assistant-multi-turn:1",
        usage=(342, 0, 82, 0),
        blocks="tool_call, tool_call, tool_call, tool_call",
        calls=(
            'call_YZZGfu9TRBejv0SSwZyaCCDs get_weather({"city": "Seattle"})',
            'call_0pUsiORNZqUeOGk8HzXdK3Ad get_weather({"city": "New York"})',
            'call_mN5IWqHcYRLMRPCq1QERW8mG get_temperature_forecast({"city": "Seattle"})',
            'call_2LGF2SIEmXnCMwDVrty0bEgb get_temperature_forecast({"city": "New York"})',
        ),
        finish="tool_calls",
    ),
    "test_agent_responses_crud.2": Told(
        "There are **5,280 feet** in **1 mile**.",
        "resp_ef7525fba2009b650069a7dc5326a48190a07f1e88c84a310d",
        messages=("msg_ef7525fba2009b650069a7dc56d4e0819091c4bf9a53571a12",),
        agent="MyAgent:199",
        usage=(26, 0, 18, 0),
        conversation="conv_ef7525fba2009b6500tIDmOqJKnTOKrmmAcz5SGLROIVsVDBCt",
    ),
    "test_agent_responses_crud.4": Told(
        "A mile is **1,609.344 meters** (exact).",
        "resp_ef7525fba2009b650069a7dc5986c48190a0d695580e9ccbe7",
        messages=("msg_ef7525fba2009b650069a7dc5d54008190b9f0d97fc44e329a",),
        agent="MyAgent:199",
        usage=(55, 0, 18, 0),
        conversation="conv_ef7525fba2009b6500tIDmOqJKnTOKrmmAcz5SGLROIVsVDBCt",
    ),
}


def model_of(service: CannedService, **fields: Any) -> ChatFoundryAgent:
    """A model of an agent whose name is asked for; the answers tell the recorded one."""
    where = {"agent_name": "asked", "project_endpoint": service.url, "conversation": "response"}
    return ChatFoundryAgent(**{**where, **fields})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ANSWERS)
async def test_a_recorded_answer_is_this_one(name: str, way: str) -> None:
    mode = "stream" if name in STREAMS else "poll"
    reply = stream_reply(STREAMS[name]) if name in STREAMS else json_reply(WHOLE[name])
    with CannedService(reply) as service:
        answer = await ask(way, model_of(service, run_mode=mode), "Go on")

    assert told(answer) == ANSWERS[name]
    assert service.routes == ["POST /openai/v1/responses"]


@pytest.mark.parametrize("name", WHOLE)
async def test_a_whole_response_is_the_same_polled_and_as_a_stream_of_its_end(name: str) -> None:
    with CannedService(json_reply(WHOLE[name]), *[one_event(WHOLE[name])] * 4) as service:
        polled = await ask("invoke", model_of(service, run_mode="poll"), "Go on")
        streamed = [await ask(way, model_of(service), "Go on") for way in WAYS]

    assert [message_chunk_to_message(answer) for answer in streamed] == [polled] * 4


@pytest.mark.parametrize("name", STREAMS)
async def test_the_chunks_of_a_stream_add_up_to_the_whole_answer(name: str) -> None:
    stream = stream_reply(STREAMS[name])
    ended = json_reply(last_response(STREAMS[name]))
    with CannedService(*[stream] * 4, ended) as service:
        whole, *others = [await ask(way, model_of(service), "Go on") for way in WAYS]
        polled = model_of(service, run_mode="poll").invoke("Go on")

    assert [message_chunk_to_message(answer) for answer in others] == [whole] * 3
    assert polled == whole


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("form", FORMS)
def test_another_form_of_the_same_stream_is_the_same_answer(form: str, name: str) -> None:
    raw = STREAMS[name]
    pieces = FORMS[form](raw)
    assert pieces != (raw,)

    with CannedService(stream_reply(raw), Reply(headers=STREAM_TYPE, pieces=pieces)) as service:
        as_recorded = model_of(service).invoke("Go on")
        in_another_form = added(model_of(service).stream("Go on"))

    assert message_chunk_to_message(in_another_form) == as_recorded


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("background", [False, True], ids=["looked-up", "resumed"])
async def test_a_stream_that_breaks_off_is_the_same_answer_in_the_end(
    *, background: bool, name: str, way: str
) -> None:
    raw = STREAMS[name]
    first, rest = halves(raw)
    more = stream_reply(rest) if background else json_reply(last_response(raw))
    with CannedService(stream_reply(raw), stream_reply(first), more) as service:
        whole = model_of(service).invoke("Go on")
        answer = await ask(way, model_of(service, background=background), "Go on")

    assert message_chunk_to_message(answer) == whole
    assert len(service.requests) == 3
