"""The new generation's surfaces: where each begins, and what it serves.

Agents are managed at `/agents`. Conversations, responses and files are at the project's
`/openai/v1` and, the same, at each agent's own endpoint.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator import files
from langchain_foundry_agents.emulator.responses import agents, conversations
from langchain_foundry_agents.emulator.responses.endpoints import RESPONSE_ROUTES

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.routing import Route

AGENT_ROUTES: tuple[Route, ...] = (
    ("POST", "/agents", agents.create_agent),
    ("GET", "/agents", agents.list_agents),
    # The ones with a colon stand first: the first match wins.
    ("POST", "/agents/{agent}:enable", agents.enable_agent),
    ("POST", "/agents/{agent}:disable", agents.disable_agent),
    ("POST", "/agents/{agent}", agents.update_agent),
    ("GET", "/agents/{agent}", agents.get_agent),
    ("PATCH", "/agents/{agent}", agents.patch_agent),
    ("DELETE", "/agents/{agent}", agents.delete_agent),
    ("POST", "/agents/{agent}/versions", agents.create_version),
    ("GET", "/agents/{agent}/versions", agents.list_versions),
    ("GET", "/agents/{agent}/versions/{version}", agents.get_version),
    ("DELETE", "/agents/{agent}/versions/{version}", agents.delete_version),
)
OPENAI_ROUTES: tuple[Route, ...] = (
    ("POST", "/conversations", conversations.create_conversation),
    ("GET", "/conversations", conversations.list_conversations),
    ("GET", "/conversations/{conversation}", conversations.get_conversation),
    ("POST", "/conversations/{conversation}", conversations.update_conversation),
    ("DELETE", "/conversations/{conversation}", conversations.delete_conversation),
    ("POST", "/conversations/{conversation}/items", conversations.create_items),
    ("GET", "/conversations/{conversation}/items", conversations.list_items),
    ("GET", "/conversations/{conversation}/items/{item}", conversations.get_item),
    ("DELETE", "/conversations/{conversation}/items/{item}", conversations.delete_item),
    ("POST", "/files", files.upload_project_file),
    ("GET", "/files", files.list_project_files),
    ("GET", "/files/{file}", files.get_file),
    ("DELETE", "/files/{file}", files.delete_file),
    ("GET", "/files/{file}/content", files.get_content),
    ("GET", "/containers/{container}/files/{file}", files.get_container_file),
    ("GET", "/containers/{container}/files/{file}/content", files.get_container_content),
    *RESPONSE_ROUTES,
)
_AGENT_ENDPOINT = re.compile(r"/agents/([^/]+)/endpoint/protocols/openai(/.*)")


@dataclass(frozen=True, slots=True)
class Surface:
    """Where a request has arrived.

    Args:
        routes: what is served there.
        path: the rest of the path.
        versioned: whether it demands an `api-version`.
        agent_name: the agent whose own endpoint it is.
    """

    routes: tuple[Route, ...]
    path: str
    versioned: bool = True
    agent_name: str | None = None


def find_surface(path: str) -> Surface | None:
    """The surface of the new generation that a path lies on; None for the classic one.

    Args:
        path: below the project.
    """
    if path.startswith("/openai/v1/"):
        return Surface(OPENAI_ROUTES, path.removeprefix("/openai/v1"), versioned=False)
    if found := _AGENT_ENDPOINT.fullmatch(path):
        return Surface(OPENAI_ROUTES, found.group(2), agent_name=found.group(1))
    if path == "/agents" or path.startswith("/agents/"):
        return Surface(AGENT_ROUTES, path)
    return None
