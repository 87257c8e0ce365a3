"""The service without a network: a request goes in, an answer comes out, at once.

Rule of the room: no sockets, no asyncio, no wall clock. What takes time (the brain) is asked for
by the answer and done by `runner`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from langchain_foundry_agents.emulator import (
    agents,
    files,
    messages,
    runs,
    steps,
    threads,
    vector_stores,
)
from langchain_foundry_agents.emulator.exchange import Answer, Call, Request, json_body
from langchain_foundry_agents.emulator.lifecycle import expire_due
from langchain_foundry_agents.emulator.refusals import (
    Refusal,
    invalid,
    no_such_resource,
    unauthorized,
)
from langchain_foundry_agents.emulator.state import State

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject

PROJECT_PATH = "/api/projects/emulator"
EMULATOR_TOKEN = "foundry-emulator"  # noqa: S105 - public by design
PREVIEW = "2025-05-15-preview"

Endpoint: TypeAlias = Callable[[State, Call], Answer]

# The literal `/threads/runs` stands before `/threads/{thread}`: the first match wins.
ROUTES: tuple[tuple[str, str, Endpoint], ...] = (
    ("POST", "/assistants", agents.create_agent),
    ("GET", "/assistants", agents.list_agents),
    ("GET", "/assistants/{agent}", agents.get_agent),
    ("POST", "/assistants/{agent}", agents.update_agent),
    ("DELETE", "/assistants/{agent}", agents.delete_agent),
    ("POST", "/threads", threads.create_thread),
    ("GET", "/threads", threads.list_threads),
    ("POST", "/threads/runs", runs.create_thread_and_run),
    ("GET", "/threads/{thread}", threads.get_thread),
    ("POST", "/threads/{thread}", threads.update_thread),
    ("DELETE", "/threads/{thread}", threads.delete_thread),
    ("POST", "/threads/{thread}/messages", messages.create_message),
    ("GET", "/threads/{thread}/messages", messages.list_messages),
    ("GET", "/threads/{thread}/messages/{message}", messages.get_message),
    ("POST", "/threads/{thread}/messages/{message}", messages.update_message),
    ("DELETE", "/threads/{thread}/messages/{message}", messages.delete_message),
    ("POST", "/threads/{thread}/runs", runs.create_run),
    ("GET", "/threads/{thread}/runs", runs.list_runs),
    ("GET", "/threads/{thread}/runs/{run}", runs.get_run),
    ("POST", "/threads/{thread}/runs/{run}", runs.update_run),
    ("POST", "/threads/{thread}/runs/{run}/cancel", runs.cancel_run),
    ("POST", "/threads/{thread}/runs/{run}/submit_tool_outputs", runs.submit_tool_outputs),
    ("GET", "/threads/{thread}/runs/{run}/steps", steps.list_steps),
    ("GET", "/threads/{thread}/runs/{run}/steps/{step}", steps.get_step),
    ("POST", "/files", files.upload_file),
    ("GET", "/files", files.list_files),
    ("GET", "/files/{file}", files.get_file),
    ("DELETE", "/files/{file}", files.delete_file),
    ("GET", "/files/{file}/content", files.get_content),
    ("POST", "/vector_stores", vector_stores.create_vector_store),
    ("GET", "/vector_stores", vector_stores.list_vector_stores),
    ("GET", "/vector_stores/{store}", vector_stores.get_vector_store),
    ("POST", "/vector_stores/{store}", vector_stores.update_vector_store),
    ("DELETE", "/vector_stores/{store}", vector_stores.delete_vector_store),
    ("POST", "/vector_stores/{store}/files", vector_stores.add_file),
    ("GET", "/vector_stores/{store}/files", vector_stores.list_files),
    ("GET", "/vector_stores/{store}/files/{file}", vector_stores.get_file),
    ("DELETE", "/vector_stores/{store}/files/{file}", vector_stores.remove_file),
)
FORMS: frozenset[Endpoint] = frozenset({files.upload_file})
PREVIEW_ONLY: frozenset[Endpoint] = frozenset({messages.delete_message})


class Service:
    """The agent service of one project.

    Args:
        state: what it remembers; brings the clock and the source of chance.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    def answer(self, request: Request) -> Answer:
        """Answers a request; refusals are answers too."""
        expire_due(self.state)
        try:
            _check_bearer(request.headers)
            endpoint, ids = _find_endpoint(request.method, request.path)
            _check_version(endpoint, request.query.get("api-version"))
            return endpoint(self.state, _call(endpoint, ids, request))
        except Refusal as refusal:
            return Answer(refusal.body, status=refusal.status)

    def create_agent(self, fields: JsonObject) -> str:
        """Makes an agent without a request.

        Args:
            fields: the body that `POST /assistants` takes.

        Returns:
            Its id.

        Raises:
            Refusal: fields that the service would refuse.
        """
        return str(agents.create_agent(self.state, Call({}, {}, fields)).body["id"])

    def create_vector_store(self, fields: JsonObject) -> str:
        """Makes a vector store without a request.

        Args:
            fields: the body that `POST /vector_stores` takes.

        Returns:
            Its id.

        Raises:
            Refusal: fields that the service would refuse.
        """
        call = Call({}, {}, fields)
        return str(vector_stores.create_vector_store(self.state, call).body["id"])


def _call(endpoint: Endpoint, ids: Mapping[str, str], request: Request) -> Call:
    if endpoint in FORMS:
        kind = request.headers.get("content-type", "")
        return Call(ids, request.query, {}, request.body, kind)
    return Call(ids, request.query, json_body(request.body))


def _check_bearer(headers: Mapping[str, str]) -> None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or token.strip() != EMULATOR_TOKEN:
        raise unauthorized()


def _check_version(endpoint: Endpoint, version: str | None) -> None:
    if not version:
        message = "Missing required query parameter: 'api-version'."
        raise invalid(message, param="api-version", code="missing_required_parameter")
    if endpoint in PREVIEW_ONLY and version != PREVIEW:
        raise no_such_resource()


def _find_endpoint(method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
    if path.startswith(PROJECT_PATH + "/"):
        parts = path.removeprefix(PROJECT_PATH).split("/")
        for route_method, pattern, endpoint in ROUTES:
            ids = _match(pattern.split("/"), parts) if method == route_method else None
            if ids is not None:
                return endpoint, ids
    raise no_such_resource()


def _match(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(parts):
        return None
    ids = {}
    for expected, part in zip(pattern, parts, strict=True):
        if expected.startswith("{") and part:
            ids[expected.strip("{}")] = part
        elif expected != part:
            return None
    return ids
