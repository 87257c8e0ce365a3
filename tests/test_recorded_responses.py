"""Recorded responses through the fold: these answers, the same streamed and whole."""

from __future__ import annotations

from typing import Any

import pytest
from recorded_responses import STREAMS, WHOLE, Told, message_of, summary, whole

from langchain_foundry_agents.citations import CitationStyle


@pytest.mark.parametrize("style", ["keep", "strip", "markdown"])
@pytest.mark.parametrize("name", STREAMS)
def test_a_recorded_answer_is_the_same_streamed_and_whole(name: str, style: CitationStyle) -> None:
    events = STREAMS[name]
    together = message_of(events, style=style)

    one_by_one = message_of(*([one] for one in events), style=style)
    at_once = message_of([whole(events[-1][1]["response"])], style=style)

    assert one_by_one == together == at_once
    assert one_by_one.content_blocks == together.content_blocks == at_once.content_blocks


STREAMED: dict[str, Told] = {
    "agentserver-2.3.0-sse-text": Told(
        blocks=["hello hi"],
        run_id="caresp_26112ed2bcb4244d00hR4Xq7AUJzTsKPq4ue69YaV8vTle58hJ",
        thread_id=None,
        message_ids=["msg_26112ed2bcb4244d00ETyw1d0HQZEpeQZgJSZHChFWlAmK35j1"],
        tokens=(3, 2),
    ),
    "sample_agent_bing_grounding.1-stream-bing_grounding-url_citation": Told(
        blocks=[
            'bing_grounding({"query": "Seattle weather today"})',
            "  call_05b380451422493192385d15c0de07af",
            "  success: ",
            "Today’s date is **February 26, 2026**.\n\n**Seattle weather (c…",
        ],
        run_id="resp_01d29b91894e0b7d00699fc3edc0f4819086c29ae2472d5930",
        thread_id=None,
        message_ids=["msg_01d29b91894e0b7d00699fc3fab21c8190960ad1a8ea45e539"],
        tokens=(5493, 93),
    ),
    "sample_agent_file_search_in_stream.1-stream-file_search-file_citation": Told(
        blocks=[
            'file_search({"queries": ["Contoso products and their features", "feature…)',
            "  fs_cc4dd94a60f900880069cc4689ff0c8190a4cf78a06422735b",
            "  success: None",
            "The Contoso Galaxy Innovations line includes cutting-edge pr…",
        ],
        run_id="resp_cc4dd94a60f900880069cc4688c6908190a208fb12f04c7d7b",
        thread_id="conv_cc4dd94a60f9008800IoMH7z6Pgcz1At5bxSEbMS1EJLbZ1cQh",
        message_ids=["msg_cc4dd94a60f900880069cc468bc6148190beffd309eac7ace7"],
        tokens=(1460, 339),
    ),
    "sample_agent_web_search.1-stream-web_search-url_citation-incomplete": Told(
        blocks=[
            'web_search({"type": "search", "queries": ["TfL Tube service status live…)',
            "  ws_0a1020b06f5ad10200699fc908a738819083338fc1556dd022",
            "  success: None",
            "Latest **London Underground** service updates (live line sta…",
            "I'm sorry, but I cannot assist with that request.",
        ],
        run_id="resp_0a1020b06f5ad10200699fc904deb08190a7f6f6c56bc1aaa1",
        thread_id=None,
        message_ids=[
            "msg_0a1020b06f5ad10200699fc91275448190b27d4ff8a05f8f56",
            "msg_0a1020b06f5ad10200699fc914d23481909db501bc87376eaf",
        ],
        tokens=(4307, 49),
    ),
    "test_prompt_agent_with_responses_streaming.3-stream": Told(
        blocks=["The capital of France is **Paris**."],
        run_id="resp_aa55cfcaf41110c60069a7db5173b48190b8ba360f10bcc9da",
        thread_id="conv_aa55cfcaf41110c6002mLtHhVGAkDxi67qaB7ywdWgZqlB7FbA",
        message_ids=["msg_aa55cfcaf41110c60069a7db5549ac81908329ab059ef7d73b"],
        tokens=(27, 13),
    ),
    "test_sync_function_tool_streaming_events.3-function-call": Told(
        blocks=['get_weather({"location": "Seattle"})', "  call_GbwoDfC9GZFnVwlCYtnaTh89"],
        run_id="resp_ff45f384bcf40fad0069a7d98b45a481909896637b48c05e44",
        thread_id="conv_ff45f384bcf40fad00qKUF38uQ6Ocz3ihOSHJ5apIDIHbFDgkj",
        message_ids=[],
        tokens=(79, 18),
    ),
    "test_sync_function_tool_streaming_events.4-function-call-output": Told(
        blocks=["Seattle weather: **72°F and sunny**."],
        run_id="resp_ff45f384bcf40fad0069a7d997301881909818c1f6d0fd76ca",
        thread_id="conv_ff45f384bcf40fad00qKUF38uQ6Ocz3ihOSHJ5apIDIHbFDgkj",
        message_ids=["msg_ff45f384bcf40fad0069a7d9a182ec8190873942e5e04bc4f3"],
        tokens=(126, 14),
    ),
    "test_sync_mcp_streaming_events.1-stream-mcp_list_tools-approval_request": Told(
        blocks=[
            'mcp_list_tools({"server_label": "api-specs"})',
            "  mcpl_c20eecf190a472ce0069a7c816a62c819093f852adc9a65c67",
            "  success: [{'name': 'fetch_azure_rest_api_docs', 'description': 'Fetch…",
            'mcp_approval_request({"server_label": "api-specs", "name": "fetch_azure_rest_api_…)',
            "  mcpr_c20eecf190a472ce0069a7c81b393481908b70eaf7511948a9",
        ],
        run_id="resp_c20eecf190a472ce0069a7c8157aa08190a07849b07c4f2a3b",
        thread_id="conv_c20eecf190a472ce00qdAA8FIYPFKtGk48Se7CQ2ID1Nj2Vgma",
        message_ids=[],
        tokens=(383, 21),
    ),
    "test_sync_mcp_streaming_events.2-stream-mcp_call-answer": Told(
        blocks=[
            "mcp({})",
            "  mcp_c20eecf190a472ce0069a7c82011808190bd10d1f671703cf5",
            "  success: # Azure/azure-rest-api-specs/documentation Documentation\nBel…",
            "The **azure-rest-api-specs Readme (documentation overview)**…",
        ],
        run_id="resp_c20eecf190a472ce0069a7c81d2f648190bb2740def9eac5ab",
        thread_id="conv_c20eecf190a472ce00qdAA8FIYPFKtGk48Se7CQ2ID1Nj2Vgma",
        message_ids=["msg_c20eecf190a472ce0069a7c824697081909579ddc64a7d2193"],
        tokens=(18471, 646),
    ),
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_recorded_stream_is_this_answer(name: str) -> None:
    assert summary(message_of(STREAMS[name])) == STREAMED[name]


@pytest.mark.parametrize(
    ("name", "cited"),
    [
        (
            "sample_agent_bing_grounding.1-stream-bing_grounding-url_citation",
            [("7-Day Forecast 47.62N 122.36W - National Weather Service", "【6:1†source】")],
        ),
        (
            "sample_agent_web_search.1-stream-web_search-url_citation-incomplete",
            [
                (
                    "Tube, Overground, Elizabeth line, DLR & Tram status updates - Transport ...",
                    "([tfl.gov.uk](https://tfl.gov.uk/tfl/livetravelnews/realtime/tube/default.html))",
                )
            ],
        ),
        (
            "sample_agent_file_search_in_stream.1-stream-file_search-file_citation",
            [("product_info.md", ""), ("product_info.md", "")],
        ),
        (
            "sample_agent_code_interpreter_with_files.3",
            [
                ("cfile_699fc498ac7081908a09fc933354d563.png", ""),
                (
                    "transportation_operating_profit_bar_chart.png",
                    "sandbox:/mnt/data/transportation_operating_profit_bar_chart.png",
                ),
            ],
        ),
    ],
)
def test_a_recorded_citation_stands_where_it_says(name: str, cited: list[tuple[str, str]]) -> None:
    message = message_of(STREAMS.get(name) or [whole(WHOLE[name])])

    blocks: list[Any] = message.content_blocks
    assert [
        (note["title"], block["text"][note["start_index"] : note["end_index"]])
        for block in blocks
        for note in block.get("annotations", [])
    ] == cited


def test_a_recorded_marker_becomes_a_footnote() -> None:
    events = STREAMS["sample_agent_bing_grounding.1-stream-bing_grounding-url_citation"]

    assert message_of(events, style="markdown").text.endswith(
        "(observed at Boeing Field / KBFI).[^1]\n\n"
        "[^1]: [7-Day Forecast 47.62N 122.36W - National Weather Service]"
        "(https://forecast.weather.gov/zipcity.php?inputstring=Seattle%2CWA)"
    )
    assert message_of(events, style="strip").text.endswith("(observed at Boeing Field / KBFI).")
