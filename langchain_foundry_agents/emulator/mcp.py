"""MCP servers without a network: which tools they have, who must approve, what a call gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_foundry_agents.emulator.records import JsonObject, Run

_PARAMETERS = {
    "type": "object",
    "properties": {"query": {"type": "string", "description": "What to look for."}},
    "required": ["query"],
}


def server_tools(server: JsonObject) -> list[str]:
    """The names of a server's tools: those that are allowed, or the one that every server has."""
    allowed = server.get("allowed_tools")
    if isinstance(allowed, dict):
        allowed = allowed.get("tool_names")
    return allowed or [f"search_{server['server_label']}"]


def listings(tools: Sequence[JsonObject]) -> list[JsonObject]:
    """What the MCP servers among the tools say that they offer."""
    return [
        {
            "server_label": server["server_label"],
            "tools": {name: _described(server, name) for name in server_tools(server)},
        }
        for server in tools
        if server["type"] == "mcp"
    ]


def needs_approval(run: Run, label: str, name: str) -> bool:
    """Whether the caller is to be asked before a tool is called: yes, if nothing else was said."""
    for server in run.resources.get("mcp", []):
        if server.get("server_label") == label:
            return asks(server.get("require_approval", "always"), name)
    return True


def mcp_output(call: JsonObject) -> str:
    """What a call gives where the brain says nothing about it."""
    return f"{call['name']} of {call['server_label']} got {call['arguments']}."


def asks(rule: Any, name: str) -> bool:
    """Whether a rule, `never`, `always` or names of tools, asks before this tool is called."""
    if not isinstance(rule, dict):
        return bool(rule != "never")
    exempt = (rule.get("never") or {}).get("tool_names", [])
    asked = (rule.get("always") or {}).get("tool_names")
    return name not in exempt and (asked is None or name in asked or bool(exempt))


def _described(server: JsonObject, name: str) -> JsonObject:
    return {"description": f"{name} of {server['server_label']}.", "parameters": _PARAMETERS}
