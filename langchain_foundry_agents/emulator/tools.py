"""Tools, and what callers may say about them and about the form of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.validation import (
    Check,
    boolean,
    items,
    mapping,
    number,
    one_of,
    shape,
    text,
    whole,
    wrong_value,
)
from langchain_foundry_agents.emulator.vector_stores.indexing import configuration, data_source

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject

STABLE_TOOLS = (
    "function",
    "code_interpreter",
    "file_search",
    "bing_grounding",
    "azure_ai_search",
    "openapi",
    "connected_agent",
    "azure_function",
)
PREVIEW_TOOLS = (
    "mcp",
    "bing_custom_search",
    "deep_research",
    "browser_automation",
    "computer_use_preview",
    "sharepoint_grounding",
    "fabric_dataagent",
)
MAX_TOOLS = 128

_tool_type = one_of(*STABLE_TOOLS, *PREVIEW_TOOLS)
_function = shape(
    {
        "name": text(least=1, most=64),
        "description": text(),
        "parameters": mapping,
        "strict": boolean,
    },
    ("name",),
)
_json_schema = shape(
    {
        "name": text(least=1, most=64),
        "description": text(),
        "schema": mapping,
        "strict": boolean,
    },
    ("name", "schema"),
)
_server = shape(
    {
        "server_label": text(least=1),
        "server_url": text(least=1),
        "allowed_tools": items(text(least=1)),
    },
    ("server_label", "server_url"),
)
_attachment = shape(
    {
        "file_id": text(least=1),
        "data_source": data_source,
        "tools": items(shape({"type": one_of("code_interpreter", "file_search")}, ("type",))),
    }
)
search_settings: dict[str, Check] = {
    "max_num_results": whole(least=1, most=50),
    "ranking_options": shape({"ranker": text(least=1), "score_threshold": number(0, 1)}),
}
search_options = shape(search_settings)
_searched = shape({"file_search": search_options})
_store = shape({"name": text(), "configuration": configuration}, ("configuration",))
_files = {"file_ids": items(text(), most=20), "data_sources": items(data_source)}
_stores = {"vector_store_ids": items(text(), most=1), "vector_stores": items(_store, most=1)}
_resources: dict[str, Check] = {"code_interpreter": shape(_files), "file_search": shape(_stores)}
_choice = shape({"type": _tool_type, "function": shape({"name": text()}, ("name",))}, ("type",))
_FORMATS: dict[str, Check] = {
    "text": shape({"type": text()}),
    "json_object": shape({"type": text()}),
    "json_schema": shape({"type": text(), "json_schema": _json_schema}, ("json_schema",)),
}


def tool(value: Any, param: str) -> JsonObject:
    """A tool definition; functions get the members that the service adds."""
    definition = mapping(value, param)
    kind = _tool_type(definition.get("type"), f"{param}.type")
    if kind != "function":
        return dict(_SHOWN[kind](definition, param)) if kind in _SHOWN else definition
    function = _function(definition.get("function"), f"{param}.function")
    shown = {
        "name": function["name"],
        "description": function.get("description"),
        "parameters": function.get("parameters", {}),
        "strict": function.get("strict", False),
    }
    return {"type": "function", "function": shown}


def _mcp(definition: JsonObject, param: str) -> JsonObject:
    """A server of MCP tools; the service adds that all of them are allowed."""
    given: JsonObject = _server(definition, param)
    return {**definition, "allowed_tools": given.get("allowed_tools")}


def _bing(definition: JsonObject, param: str) -> JsonObject:
    """Bing's settings, of which the service drops the empty ones."""
    settings = dict(mapping(definition.get("bing_grounding", {}), f"{param}.bing_grounding"))
    found = settings.get("search_configurations")
    if isinstance(found, list):
        settings["search_configurations"] = [
            {name: item for name, item in one.items() if item != ""}
            if isinstance(one, dict)
            else one
            for one in found
        ]
    return definition | ({"bing_grounding": settings} if settings else {})


def _search(definition: JsonObject, param: str) -> JsonObject:
    """A search of files, whose settings are kept as they are."""
    _searched(definition, param)
    return definition


_SHOWN: dict[str, Check] = {"mcp": _mcp, "bing_grounding": _bing, "file_search": _search}


def attachment(value: Any, param: str) -> JsonObject:
    """A file that a message brings, and the tools that may use it."""
    given: JsonObject = _attachment(value, param)
    if "file_id" not in given and "data_source" not in given:
        raise wrong_value(param, "it names no file.")
    return given


def tool_choice(value: Any, param: str) -> str | JsonObject:
    """`none`, `auto`, `required`, or one tool."""
    if isinstance(value, str):
        return str(one_of("none", "auto", "required")(value, param))
    return dict(_choice(value, param))


def response_format(value: Any, param: str) -> str | JsonObject:
    """`auto`, or a typed object; JSON schemas get the `strict` that the service adds."""
    if isinstance(value, str):
        return str(one_of("auto")(value, param))
    kind = one_of(*_FORMATS)(mapping(value, param).get("type"), f"{param}.type")
    chosen: JsonObject = _FORMATS[kind](value, param)
    if kind == "json_schema":
        given = chosen["json_schema"]
        order = [name for name in ("name", "description", "schema") if name in given]
        schema = {name: given[name] for name in order} | {"strict": given.get("strict", False)}
        return {"type": kind, "json_schema": schema}
    return chosen


def tool_resources(value: Any, param: str) -> JsonObject:
    """Resources of tools; header values of MCP servers are never shown again."""
    resources = dict(mapping(value, param))
    for kind, check in _resources.items():
        if resources.get(kind) is not None:
            check(resources[kind], f"{param}.{kind}")
    if isinstance(servers := resources.get("mcp"), list):
        resources["mcp"] = [_redacted(server) for server in servers]
    return resources


def _redacted(server: Any) -> Any:
    if not isinstance(server, dict) or not isinstance(server.get("headers"), dict):
        return server
    return server | {"headers": dict.fromkeys(server["headers"], "REDACTED")}
