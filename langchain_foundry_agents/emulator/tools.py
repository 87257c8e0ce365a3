"""Tools, and what callers may say about them and about the form of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.validation import (
    Check,
    boolean,
    mapping,
    one_of,
    shape,
    text,
)

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
        return definition
    function = _function(definition.get("function"), f"{param}.function")
    shown = {
        "name": function["name"],
        "description": function.get("description"),
        "parameters": function.get("parameters", {}),
        "strict": function.get("strict", False),
    }
    return {"type": "function", "function": shown}


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
    if isinstance(servers := resources.get("mcp"), list):
        resources["mcp"] = [_redacted(server) for server in servers]
    return resources


def _redacted(server: Any) -> Any:
    if not isinstance(server, dict) or not isinstance(server.get("headers"), dict):
        return server
    return server | {"headers": dict.fromkeys(server["headers"], "REDACTED")}
