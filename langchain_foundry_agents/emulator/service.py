"""The service without a network: a request goes in, an answer comes out, at once.

Rule of the room: no sockets, no asyncio, no wall clock. What takes time (the brain) is asked for
by the answer and done by `runner`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator import files
from langchain_foundry_agents.emulator.body_schemas import check_members
from langchain_foundry_agents.emulator.classic import agents
from langchain_foundry_agents.emulator.classic.lifecycle import expire_due
from langchain_foundry_agents.emulator.classic.routes import PREVIEW_ONLY, ROUTES
from langchain_foundry_agents.emulator.exchange import Answer, Call, Request, json_body
from langchain_foundry_agents.emulator.keeping import GENEROUS, Limits, sweep
from langchain_foundry_agents.emulator.refusals import (
    Refusal,
    invalid,
    no_such_resource,
    unauthorized,
)
from langchain_foundry_agents.emulator.responses import agents as named_agents
from langchain_foundry_agents.emulator.responses import containers
from langchain_foundry_agents.emulator.responses.refusals import (
    disabled,
    enveloped,
    invalid_payload,
    missing_version,
    no_such_path,
)
from langchain_foundry_agents.emulator.responses.surfaces import Surface, find_surface
from langchain_foundry_agents.emulator.routing import Endpoint, below_project, find_endpoint
from langchain_foundry_agents.emulator.state import State
from langchain_foundry_agents.emulator.vector_stores import stores

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_foundry_agents.emulator.records import JsonObject

PROJECT_PATH = "/api/projects/emulator"
EMULATOR_TOKEN = "foundry-emulator"  # noqa: S105 - public by design
PREVIEW = "2025-05-15-preview"

FORMS: frozenset[Endpoint] = frozenset(
    {files.upload_file, files.upload_project_file, containers.add_file}
)


class Service:
    """The agent service of one project.

    Args:
        state: what it remembers; brings the clock and the source of chance.
        limits: how much that may be.
        token: the bearer token that is demanded; None for any.
    """

    def __init__(self, state: State, limits: Limits = GENEROUS, token: str | None = None) -> None:
        self.state = state
        self._limits = limits
        self._token = token

    def answer(self, request: Request) -> Answer:
        """Answers a request; refusals are answers too."""
        expire_due(self.state)
        answer = self._answer(request)
        sweep(self.state, self._limits)
        return answer

    def _answer(self, request: Request) -> Answer:
        path = below_project(request.path)
        surface = find_surface(path) if request.path != path else None
        try:
            check_token(request.headers, keys=surface is not None, token=self._token)
            if surface:
                return self._answer_on(surface, request)
            endpoint, ids = _find_classic(request, path)
            _check_version(endpoint, request.query.get("api-version"))
            return self._perform(endpoint, _call(endpoint, ids, request))
        except Refusal as refusal:
            return Answer(refusal.body, status=refusal.status)

    def _answer_on(self, surface: Surface, request: Request) -> Answer:
        try:
            if surface.versioned and not request.query.get("api-version"):
                raise missing_version()
            name = surface.agent_name
            if name and not self.state.named_agent(name).enabled:
                raise disabled(name)
            found = find_endpoint(surface.routes, request.method, surface.path)
            if found is None:
                raise no_such_path()
            endpoint, ids = found
            return self._perform(endpoint, _call_on(surface, endpoint, ids, request))
        except Refusal as refusal:
            request_id = self.state.ids.guid().replace("-", "")
            headers = {"X-Request-ID": request_id}
            return Answer(enveloped(refusal, request_id), status=refusal.status, headers=headers)

    def create_agent(self, fields: JsonObject) -> str:
        """Makes an agent without a request.

        Args:
            fields: the body that `POST /assistants` takes.

        Returns:
            Its id.

        Raises:
            Refusal: fields that the service would refuse.
        """
        return str(self._made(agents.create_agent, {}, fields)["id"])

    def create_named_agent(self, name: str, fields: JsonObject) -> str:
        """Makes a version of an agent of the new generation, and the agent if there is none.

        Args:
            name: the agent's name.
            fields: the body that `POST /agents/{name}/versions` takes.

        Returns:
            The name.

        Raises:
            Refusal: fields that the service would refuse.
        """
        self._made(named_agents.create_version, {"agent": name}, fields)
        return name

    def create_vector_store(self, fields: JsonObject) -> str:
        """Makes a vector store without a request.

        Args:
            fields: the body that `POST /vector_stores` takes.

        Returns:
            Its id.

        Raises:
            Refusal: fields that the service would refuse.
        """
        return str(self._made(stores.create_vector_store, {}, fields)["id"])

    def _made(self, endpoint: Endpoint, ids: Mapping[str, str], fields: JsonObject) -> JsonObject:
        return self._perform(endpoint, Call(ids, {}, fields)).body

    def _perform(self, endpoint: Endpoint, call: Call) -> Answer:
        check_members(endpoint, call.body)
        return endpoint(self.state, call)


def check_token(
    headers: Mapping[str, str], *, keys: bool, token: str | None = EMULATOR_TOKEN
) -> None:
    """Refuses a request without a token.

    Args:
        headers: the request's.
        keys: whether the token may come as `api-key`, too.
        token: the only one that is taken; None for any.

    Raises:
        Refusal: it has none.
    """
    scheme, _, given = headers.get("authorization", "").partition(" ")
    tokens = [given.strip()] if scheme.lower() == "bearer" else []
    tokens += [headers["api-key"]] if keys and "api-key" in headers else []
    if not any(one and token in (None, one) for one in tokens):
        raise unauthorized()


def _call(endpoint: Endpoint, ids: Mapping[str, str], request: Request) -> Call:
    if endpoint in FORMS:
        kind = request.headers.get("content-type", "")
        return Call(ids, request.query, {}, request.body, kind)
    return Call(ids, request.query, json_body(request.body))


def _call_on(
    surface: Surface, endpoint: Endpoint, ids: Mapping[str, str], request: Request
) -> Call:
    try:
        call = _call(endpoint, ids, request)
    except Refusal as refusal:
        raise invalid_payload(refusal.body["error"]["message"]) from None
    user = request.headers.get("x-ms-user-identity", "")
    return replace(call, user=user, agent_name=surface.agent_name, headers=request.headers)


def _check_version(endpoint: Endpoint, version: str | None) -> None:
    if not version:
        message = "Missing required query parameter: 'api-version'."
        raise invalid(message, param="api-version", code="missing_required_parameter")
    if endpoint in PREVIEW_ONLY and version != PREVIEW:
        raise no_such_resource()


def _find_classic(request: Request, path: str) -> tuple[Endpoint, dict[str, str]]:
    found = find_endpoint(ROUTES, request.method, path) if request.path != path else None
    if found is None:
        raise no_such_resource()
    return found
