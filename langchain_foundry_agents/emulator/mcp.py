"""MCP servers without a network: which tools they have, who must approve, what a call gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject, Run

_PARAMETERS = {
    "type": "object",
    "properties": {"query": {"type": "string", "description": "What to look for."}},
    "required": ["query"],
}


def server_tools(server: JsonObject) -> list[str]:
    """The names of a server's tools: those that are allowed, or the one that every server has."""
    return server.get("allowed_tools") or [f"search_{server['server_label']}"]


def listings(run: Run) -> list[JsonObject]:
    """What the run's MCP servers say that they offer."""
    return [
        {
            "server_label": server["server_label"],
            "tools": {name: _described(server, name) for name in server_tools(server)},
        }
        for server in run.tools
        if server["type"] == "mcp"
    ]


def needs_approval(run: Run, label: str, name: str) -> bool:
    """Whether the caller is to be asked before a tool is called: yes, if nothing else was said."""
    for server in run.resources.get("mcp", []):
        if server.get("server_label") == label:
            return _asks(server.get("require_approval", "always"), name)
    return True


def mcp_output(call: JsonObject) -> str:
    """What a call gives where the brain says nothing about it."""
    return f"{call['name']} of {call['server_label']} got {call['arguments']}."


def _asks(rule: Any, name: str) -> bool:
    if not isinstance(rule, dict):
        return bool(rule != "never")
    exempt = (rule.get("never") or {}).get("tool_names", [])
    asked = (rule.get("always") or {}).get("tool_names")
    return name not in exempt and (asked is None or name in asked or bool(exempt))


def _described(server: JsonObject, name: str) -> JsonObject:
    return {"description": f"{name} of {server['server_label']}.", "parameters": _PARAMETERS}
