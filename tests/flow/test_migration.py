"""A classic agent as a new one: each tool's counterpart, and what has none."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_foundry_agents._flow.effects import JSON
from langchain_foundry_agents._flow.migration import translate_agent

PARAMETERS = {"type": "object", "properties": {"a": {"type": "integer"}}}
SPEC = {"openapi": "3.1.0", "paths": {}}
BING = {"search_configurations": [{"connection_id": "/c/1", "market": "de-DE", "freshness": ""}]}
NEW_BING = {"search_configurations": [{"project_connection_id": "/c/1", "market": "de-DE"}]}
QUEUE = {"type": "storage_queue", "storage_queue": {"queue_name": "q"}}
AZURE_FUNCTION = {
    "function": {"name": "f", "parameters": {"properties": {"connection_id": {"type": "string"}}}},
    "input_binding": QUEUE,
    "output_binding": QUEUE,
}
NO_STORE = "The tool file_search has no vector store, and a new agent's needs one: it is left out."
NO_HEADERS = (
    "mcp (docs): headers are not copied, as they may be secret. Keep them in a connection of the "
    "project, and name it as project_connection_id."
)


def classic(*tools: JSON, **more: Any) -> JSON:
    """A classic agent, as the service shows it."""
    unset = {"tool_resources": {}, "temperature": 1.0, "top_p": 1.0, "response_format": "auto"}
    shown = {"id": "asst_1", "object": "assistant", "name": "helper", "model": "gpt-4o"}
    return {**shown, "instructions": "Be brief.", **unset, "tools": [*tools], **more}


def test_model_and_instructions_come_along_and_defaults_do_not() -> None:
    definition = {"kind": "prompt", "model": "gpt-4o", "instructions": "Be brief."}

    assert translate_agent(classic()) == (definition, [])


@pytest.mark.parametrize(
    ("response_format", "text"),
    [
        ("auto", None),
        ({"type": "text"}, None),
        ({"type": "json_object"}, {"format": {"type": "json_object"}}),
        (
            {"type": "json_schema", "json_schema": {"name": "C", "schema": {}, "strict": True}},
            {"format": {"type": "json_schema", "name": "C", "schema": {}, "strict": True}},
        ),
    ],
    ids=["auto", "text", "any JSON", "a schema"],
)
def test_sampling_and_the_form_of_answers_come_along(
    response_format: Any, text: JSON | None
) -> None:
    told = {"temperature": 0.2, "top_p": 0, "response_format": response_format}
    definition, _ = translate_agent(classic(**told))

    assert (definition["temperature"], definition["top_p"]) == (0.2, 0)
    assert definition.get("text") == text


@pytest.mark.parametrize(
    ("tool", "resources", "new"),
    [
        (
            {"type": "function", "function": {"name": "add", "parameters": PARAMETERS}},
            {},
            {"type": "function", "name": "add", "parameters": PARAMETERS, "strict": False},
        ),
        ({"type": "code_interpreter"}, {}, {"type": "code_interpreter"}),
        (
            {"type": "code_interpreter"},
            {"code_interpreter": {"file_ids": ["assistant-1"]}},
            {
                "type": "code_interpreter",
                "container": {"type": "auto", "file_ids": ["assistant-1"]},
            },
        ),
        (
            {"type": "file_search"},
            {"file_search": {"vector_store_ids": ["vs_1"]}},
            {"type": "file_search", "vector_store_ids": ["vs_1"]},
        ),
        (
            {
                "type": "file_search",
                "file_search": {"max_num_results": 3, "ranking_options": {"score_threshold": 0.5}},
            },
            {"file_search": {"vector_store_ids": ["vs_1"]}},
            {
                "type": "file_search",
                "vector_store_ids": ["vs_1"],
                "max_num_results": 3,
                "ranking_options": {"score_threshold": 0.5},
            },
        ),
        (
            {"type": "azure_ai_search"},
            {
                "azure_ai_search": {
                    "indexes": [{"index_connection_id": "/c/1", "index_name": "i", "top_k": 5}]
                }
            },
            {
                "type": "azure_ai_search",
                "azure_ai_search": {
                    "indexes": [{"project_connection_id": "/c/1", "index_name": "i", "top_k": 5}]
                },
            },
        ),
        (
            {"type": "bing_grounding", "bing_grounding": BING},
            {},
            {"type": "bing_grounding", "bing_grounding": NEW_BING},
        ),
        (
            {"type": "bing_custom_search", "bing_custom_search": BING},
            {},
            {"type": "bing_custom_search_preview", "bing_custom_search_preview": NEW_BING},
        ),
        (
            {
                "type": "sharepoint_grounding",
                "sharepoint_grounding": {"connections": [{"connection_id": "/c/1"}]},
            },
            {},
            {
                "type": "sharepoint_grounding_preview",
                "sharepoint_grounding_preview": {
                    "project_connections": [{"project_connection_id": "/c/1"}]
                },
            },
        ),
        (
            {"type": "fabric_dataagent", "fabric_dataagent": {}},
            {},
            {
                "type": "fabric_dataagent_preview",
                "fabric_dataagent_preview": {"project_connections": []},
            },
        ),
        (
            {"type": "browser_automation", "browser_automation": {"connection": {"id": "/c/1"}}},
            {},
            {
                "type": "browser_automation",
                "browser_automation": {"connection": {"project_connection_id": "/c/1"}},
            },
        ),
        (
            {
                "type": "computer_use_preview",
                "computer_use_preview": {"display_width": 800, "environment": "browser"},
            },
            {},
            {"type": "computer_use_preview", "display_width": 800, "environment": "browser"},
        ),
        (
            {"type": "azure_function", "azure_function": AZURE_FUNCTION},
            {},
            {"type": "azure_function", "azure_function": AZURE_FUNCTION},
        ),
        (
            {
                "type": "openapi",
                "openapi": {
                    "name": "weather",
                    "spec": SPEC,
                    "auth": {"type": "connection", "security_scheme": {"connection_id": "/c/1"}},
                    "functions": [{"name": "read"}],
                },
            },
            {},
            {
                "type": "openapi",
                "openapi": {
                    "name": "weather",
                    "spec": SPEC,
                    "auth": {
                        "type": "project_connection",
                        "security_scheme": {"project_connection_id": "/c/1"},
                    },
                },
            },
        ),
        (
            {"type": "openapi", "openapi": {"name": "w", "auth": {"type": "anonymous"}}},
            {},
            {"type": "openapi", "openapi": {"name": "w", "auth": {"type": "anonymous"}}},
        ),
        (
            {"type": "mcp", "server_label": "docs", "server_url": "u", "allowed_tools": []},
            {"mcp": [{"server_label": "docs", "require_approval": "never"}]},
            {
                "type": "mcp",
                "server_label": "docs",
                "server_url": "u",
                "require_approval": "never",
            },
        ),
        (
            {"type": "mcp", "server_label": "docs", "server_url": "u", "allowed_tools": ["a"]},
            {"mcp": [{"server_label": "other", "require_approval": "never"}]},
            {"type": "mcp", "server_label": "docs", "server_url": "u", "allowed_tools": ["a"]},
        ),
    ],
    ids=lambda value: value.get("type", "") if isinstance(value, dict) else "",
)
def test_each_tool_becomes_its_counterpart(tool: JSON, resources: JSON, new: JSON) -> None:
    definition, notes = translate_agent(classic(tool, tool_resources=resources))

    assert (definition["tools"], notes) == ([new], [])


@pytest.mark.parametrize(
    ("tool", "resources", "left", "note"),
    [
        (
            {"type": "connected_agent", "connected_agent": {"id": "asst_2", "name": "poet"}},
            {},
            None,
            "The tool connected_agent (poet) has no counterpart: it is left out.",
        ),
        (
            {"type": "deep_research", "deep_research": {"deep_research_model": "o3"}},
            {},
            None,
            "The tool deep_research has no counterpart: it is left out.",
        ),
        ({}, {}, None, "The tool None has no counterpart: it is left out."),
        (
            {"type": "file_search"},
            {},
            None,
            NO_STORE,
        ),
        (
            {
                "type": "file_search",
                "file_search": {"ranking_options": {"ranker": "default_2024_08_21"}},
            },
            {"file_search": {"vector_store_ids": ["vs_1"]}},
            {"type": "file_search", "vector_store_ids": ["vs_1"]},
            "file_search: the ranker 'default_2024_08_21' has no counterpart.",
        ),
        (
            {"type": "code_interpreter"},
            {"code_interpreter": {"data_sources": [{"uri": "azureml://a"}]}},
            {"type": "code_interpreter"},
            "code_interpreter: data sources have no counterpart, upload their files.",
        ),
        (
            {"type": "mcp", "server_label": "docs", "server_url": "u"},
            {"mcp": [{"server_label": "docs", "headers": {"authorization": "REDACTED"}}]},
            {"type": "mcp", "server_label": "docs", "server_url": "u"},
            NO_HEADERS,
        ),
    ],
    ids=["agent", "research", "unknown", "no store", "ranker", "data source", "headers"],
)
def test_what_has_no_counterpart_is_told(
    tool: JSON, resources: JSON, left: JSON | None, note: str
) -> None:
    definition, notes = translate_agent(classic(tool, tool_resources=resources))

    assert (definition.get("tools"), notes) == (left and [left], [note])
