"""The new generation's surfaces: where each begins, and what it serves.

Agents are managed at `/agents`. Conversations, responses, files, vector stores and containers are
at the project's `/openai/v1` and, the same, at each agent's own endpoint.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator import files
from langchain_foundry_agents.emulator.project import MODEL_ROUTES, PROJECT_ROUTES
from langchain_foundry_agents.emulator.responses import (
    agents,
    containers,
    conversations,
    sessions,
    store_search,
)
from langchain_foundry_agents.emulator.responses.endpoints import RESPONSE_ROUTES
from langchain_foundry_agents.emulator.vector_stores.routes import VECTOR_STORE_ROUTES

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
    ("POST", "/agents/{agent}/endpoint/sessions", sessions.create_session),
    ("GET", "/agents/{agent}/endpoint/sessions", sessions.list_sessions),
    ("GET", "/agents/{agent}/endpoint/sessions/{session}", sessions.get_session),
    ("DELETE", "/agents/{agent}/endpoint/sessions/{session}", sessions.delete_session),
    ("POST", "/agents/{agent}/endpoint/sessions/{session}:stop", sessions.stop_session),
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
    ("POST", "/containers", containers.create_container),
    ("GET", "/containers", containers.list_containers),
    ("GET", "/containers/{container}", containers.get_container),
    ("DELETE", "/containers/{container}", containers.delete_container),
    ("POST", "/containers/{container}/files", containers.add_file),
    ("GET", "/containers/{container}/files", containers.list_files),
    ("GET", "/containers/{container}/files/{file}", containers.get_file),
    ("DELETE", "/containers/{container}/files/{file}", containers.delete_file),
    ("GET", "/containers/{container}/files/{file}/content", containers.get_content),
    *VECTOR_STORE_ROUTES,
    ("POST", "/vector_stores/{store}/search", store_search.search_store),
    ("POST", "/vector_stores/{store}/files/{file}", store_search.update_file),
    ("GET", "/vector_stores/{store}/files/{file}/content", store_search.get_texts),
    *RESPONSE_ROUTES,
    *MODEL_ROUTES,
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
    if path.startswith(("/deployments", "/connections")):
        return Surface(PROJECT_ROUTES, path)
    return None
