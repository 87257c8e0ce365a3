"""A classic agent → the definition of a new one, and what of it has no counterpart."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from langchain_foundry_agents._flow.definitions import function_form, prompt_definition
from langchain_foundry_agents._flow.effects import JSON

Notes = list[str]
"""Sentences on what has no counterpart."""

Translation = Callable[[JSON, Any, Notes], JSON | None]
"""A classic tool and its resources → the new tool, if there is one."""

_DEFAULT = 1
"""What classic agents show as `temperature` and `top_p` where nothing was set."""
_RANKERS = {"auto", "default-2024-11-15"}
_CONNECTIONS = {"connection_id", "index_connection_id", "id"}


def translate_agent(assistant: JSON) -> tuple[JSON, Notes]:
    """A classic agent as the definition of a new agent.

    Args:
        assistant: The classic agent, as the service shows it.

    Returns:
        The definition, and sentences on what has no counterpart or has to be looked at.
    """
    notes: Notes = []
    resources = assistant.get("tool_resources") or {}
    tools = [_translate_tool(tool, resources, notes) for tool in assistant.get("tools") or []]
    sampling = {
        name: value
        for name in ("temperature", "top_p")
        if (value := assistant.get(name)) != _DEFAULT
    }
    response_format = assistant.get("response_format")
    says = isinstance(response_format, dict) and response_format.get("type") != "text"
    fields = {
        "model": assistant.get("model"),
        "instructions": assistant.get("instructions"),
        "tools": [tool for tool in tools if tool],
        "response_format": response_format if says else None,
        **sampling,
    }
    return prompt_definition(fields), notes


def _translate_tool(tool: JSON, resources: JSON, notes: Notes) -> JSON | None:
    kind = str(tool.get("type"))
    if kind in _TRANSLATIONS:
        return _TRANSLATIONS[kind](tool, resources.get(kind) or {}, notes)
    settings = tool.get(kind)
    name = settings.get("name") if isinstance(settings, dict) else None
    told = f"{kind} ({name})" if name else kind
    notes.append(f"The tool {told} has no counterpart: it is left out.")
    return None


def _function(tool: JSON, _resources: Any, _notes: Notes) -> JSON:
    return function_form(tool)


def _same(tool: JSON, _resources: Any, _notes: Notes) -> JSON:
    return tool


def _code_interpreter(_tool: JSON, resources: Any, notes: Notes) -> JSON:
    if resources.get("data_sources"):
        notes.append("code_interpreter: data sources have no counterpart, upload their files.")
    file_ids = resources.get("file_ids")
    container = {"container": {"type": "auto", "file_ids": file_ids}} if file_ids else {}
    return {"type": "code_interpreter", **container}


def _file_search(tool: JSON, resources: Any, notes: Notes) -> JSON | None:
    stores = resources.get("vector_store_ids")
    if not stores:
        notes.append(
            "The tool file_search has no vector store, and a new agent's needs one: it is left out."
        )
        return None
    settings = dict(tool.get("file_search") or {})
    ranking = dict(settings.pop("ranking_options", None) or {})
    if ranking.get("ranker", "auto") not in _RANKERS:
        notes.append(f"file_search: the ranker {ranking.pop('ranker')!r} has no counterpart.")
    ranked = {"ranking_options": ranking} if ranking else {}
    return {"type": "file_search", "vector_store_ids": stores, **settings, **ranked}


def _azure_ai_search(tool: JSON, resources: Any, _notes: Notes) -> JSON:
    kind = tool["type"]
    return {"type": kind, kind: {"indexes": [*map(_connected, resources.get("indexes") or [])]}}


def _bing(kind: str, tool: JSON, _resources: Any, _notes: Notes) -> JSON:
    """A search with Bing as its new kind."""
    settings = tool.get(tool["type"]) or {}
    searches = [*map(_connected, settings.get("search_configurations") or [])]
    return {"type": kind, kind: {"search_configurations": searches}}


def _connections(kind: str, tool: JSON, _resources: Any, _notes: Notes) -> JSON:
    """A tool that has nothing but connections as its new kind."""
    given = (tool.get(tool["type"]) or {}).get("connections") or []
    return {"type": kind, kind: {"project_connections": [*map(_connected, given)]}}


def _browser_automation(tool: JSON, _resources: Any, _notes: Notes) -> JSON:
    kind = tool["type"]
    connection = (tool.get(kind) or {}).get("connection") or {}
    return {"type": kind, kind: {"connection": _connected(connection)}}


def _computer_use(tool: JSON, _resources: Any, _notes: Notes) -> JSON:
    kind = tool["type"]
    return {"type": kind, **(tool.get(kind) or {})}


def _openapi(tool: JSON, _resources: Any, _notes: Notes) -> JSON:
    # `functions` is what the service read out of `spec`.
    api = {name: one for name, one in (tool.get("openapi") or {}).items() if name != "functions"}
    auth = api.get("auth") or {}
    if auth.get("type") == "connection":
        scheme = _connected(auth.get("security_scheme") or {})
        api["auth"] = {"type": "project_connection", "security_scheme": scheme}
    return {"type": "openapi", "openapi": api}


def _mcp(tool: JSON, resources: Any, notes: Notes) -> JSON:
    label = tool.get("server_label")
    server: JSON = next((one for one in resources if one.get("server_label") == label), {})
    if server.get("headers"):
        notes.append(
            f"mcp ({label}): headers are not copied, as they may be secret. Keep them in a "
            "connection of the project, and name it as project_connection_id."
        )
    said = {**tool, "require_approval": server.get("require_approval")}
    return {name: value for name, value in said.items() if value not in (None, [])}


def _connected(settings: JSON) -> JSON:
    """Settings with their connection under its new name."""
    return {
        "project_connection_id" if name in _CONNECTIONS else name: value
        for name, value in settings.items()
        if value not in (None, "")
    }


_TRANSLATIONS: dict[str, Translation] = {
    "azure_ai_search": _azure_ai_search,
    "azure_function": _same,
    "bing_custom_search": partial(_bing, "bing_custom_search_preview"),
    "bing_grounding": partial(_bing, "bing_grounding"),
    "browser_automation": _browser_automation,
    "code_interpreter": _code_interpreter,
    "computer_use_preview": _computer_use,
    "fabric_dataagent": partial(_connections, "fabric_dataagent_preview"),
    "file_search": _file_search,
    "function": _function,
    "mcp": _mcp,
    "openapi": _openapi,
    "sharepoint_grounding": partial(_connections, "sharepoint_grounding_preview"),
}
