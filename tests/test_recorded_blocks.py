"""Recorded streams as content blocks: these, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from folding import JSON, answer, brief, folded, last_run, recorded

RECORDINGS = Path(__file__).parent / "recordings"


def told(call_id: str, name: str, args: JSON, **more: Any) -> JSON:
    return {"type": "server_tool_call", "id": call_id, "name": name, "args": args, **more}


def result(call_id: str, output: Any, status: str = "success", **more: Any) -> JSON:
    block = {"type": "server_tool_result", "tool_call_id": call_id, "status": status}
    return {**block, "output": output, **more}


BING = "call_VnTnijP43J54nM8qj8s63Mjd"
CODE = "call_pYXuIgTtWJTxXaGAKeQkSGa3"
SEARCH = "call_8Epd2cmo7hF1GskX1a3jgZAo"
LIST = "activity_C0JbnZCpELA0KrVEn37wlf6V"
MCP = "call_7xWS61tAxJO9euluKVIX5aJH"
FETCH_DOCS = {
    "description": "Fetch entire documentation file from GitHub repository: Azur…",
    "parameters": {"type": "object"},
}
APPROVAL = {
    "type": "tool_call",
    "id": MCP,
    "name": "mcp_approval_request",
    "args": {"server_label": "github", "name": "fetch_azure_rest_api_docs", "arguments": {}},
}

RECORDED: dict[str, list[JSON]] = {
    "bing_grounding_tool_streaming.1-run-stream": [
        told(
            BING,
            "bing_grounding",
            {"requesturl": "https://api.bing.microsoft.com/v7.0/search?q=Euler's Identit…"},
            index=0,
        ),
        result(BING, "{'market': 'en-US', 'num_docs_retrieved': 5, 'num_docs_actua…", index=1),
        {
            "type": "text",
            "text": "Euler's Identity on Wikipedia is described as an equation in…",
            "index": 2,
            "annotations": [
                {
                    "type": "citation",
                    "url": "https://en.wikipedia.org/wiki/Euler%27s_identity",
                    "title": "Euler's identity - Wikipedia",
                    "start_index": 634,
                    "end_index": 646,
                    "extras": {"marker": "【3:0†source】"},
                }
            ],
        },
    ],
    "code_interpreter_tool_streaming.1-run-stream": [
        {
            "type": "text",
            "text": "To determine the features offered by the Smart Eyewear, I'll…",
            "index": 0,
        },
        told(
            CODE,
            "code_interpreter",
            {"code": "# Let's check the file type and content to better understand…"},
            index=1,
        ),
        result(CODE, [], index=2),
        {
            "type": "text",
            "text": "The uploaded document appears to detail information about a …",
            "index": 3,
        },
    ],
    "file_search_tool_streaming.1-run-stream": [
        told(
            SEARCH,
            "file_search",
            {"ranking_options": {"ranker": "default_2024_08_21", "score_threshold": 0.0}},
            index=0,
        ),
        result(
            SEARCH,
            [
                {
                    "file_id": "assistant-6xP3kL6Brf1dohgzr3ZZ4n",
                    "file_name": "azureai://accounts/westus-projxkmb/projects/projectxkmb/data…",
                    "score": 0.03333333507180214,
                    "attributes": {},
                }
            ],
            index=1,
        ),
        {
            "type": "text",
            "text": "Smart Eyewear offers several features, including:\n\n- Augment…",
            "index": 2,
            "annotations": [
                {
                    "type": "citation",
                    "start_index": 231,
                    "end_index": 243,
                    "extras": {
                        "marker": "【4:0†source】",
                        "file_id": "assistant-6xP3kL6Brf1dohgzr3ZZ4n",
                    },
                }
            ],
        },
    ],
    "mcp_tool_streaming.1-run-stream": [
        told(LIST, "mcp_list_tools", {"server_label": "github"}, index=0),
        result(LIST, {"fetch_azure_rest_api_docs": FETCH_DOCS}, index=1),
        APPROVAL,
    ],
    "mcp_tool_streaming.2-submit-stream": [
        told(
            MCP,
            "mcp",
            {},
            extras={"name": "fetch_azure_rest_api_docs", "server_label": "github"},
            index=0,
        ),
        result(MCP, "# Azure/azure-rest-api-specs/documentation Documentation\nBel…", index=1),
        {
            "type": "text",
            "text": "The Azure REST API specifications Readme provides an overvie…",
            "index": 2,
        },
    ],
}


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_answer_is_these_blocks(name: str) -> None:
    events = recorded(RECORDINGS / f"test_{name}.sse")

    message = folded([events], answer(), last_run(events))

    assert brief(message.content_blocks) == RECORDED[name]


@pytest.mark.parametrize(
    ("name", "marker"),
    [
        ("bing_grounding_tool_streaming.1-run-stream", "【3:0†source】"),
        ("file_search_tool_streaming.1-run-stream", "【4:0†source】"),
    ],
)
def test_a_recorded_citation_stands_where_it_says(name: str, marker: str) -> None:
    events = recorded(RECORDINGS / f"test_{name}.sse")
    block: Any = folded([events], answer(), last_run(events)).content_blocks[-1]
    (cited,) = block["annotations"]

    assert block["text"][cited["start_index"] : cited["end_index"]] == marker
