"""What official samples ask a project for at their start: deployments, connections, models.

There is nothing behind them. Any name is one of a deployment, as any model can be named in an
agent, and one of a connection. Forms: azure-ai-projects 2.10 (`ModelDeployment`, `Connection`) and
openai 3.57 (`Model`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.exchange import Answer, Call

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject
    from langchain_foundry_agents.emulator.routing import Route
    from langchain_foundry_agents.emulator.state import State

_USUAL = ("gpt-4o", "gpt-4o-mini", "gpt-4.1", "text-embedding-3-large")
_DEFAULTS = {"emulator-openai": "AzureOpenAI", "emulator-search": "CognitiveSearch"}


def list_deployments(state: State, call: Call) -> Answer:
    """GET /deployments, by `modelName` or `modelPublisher`, or all."""
    shown = [_deployment(name) for name in _models(state)]
    asked = {
        name: call.query[name] for name in ("modelName", "modelPublisher") if name in call.query
    }
    return Answer({"value": [one for one in shown if asked.items() <= one.items()]})


def get_deployment(state: State, call: Call) -> Answer:  # noqa: ARG001 - as all endpoints
    """GET /deployments/{name}."""
    return Answer(_deployment(call.ids["name"]))


def list_connections(state: State, call: Call) -> Answer:  # noqa: ARG001 - as all endpoints
    """GET /connections, by `connectionType` and `defaultConnection`, or all."""
    kind = call.query.get("connectionType")
    found = [name for name, one in _DEFAULTS.items() if kind in (None, one)]
    return Answer({"value": [_connection(name) for name in found]})


def get_connection(state: State, call: Call) -> Answer:  # noqa: ARG001 - as all endpoints
    """GET /connections/{name}."""
    return Answer(_connection(call.ids["name"]))


def get_secret_connection(state: State, call: Call) -> Answer:  # noqa: ARG001 - as all endpoints
    """POST /connections/{name}/getConnectionWithCredentials; the key opens nothing."""
    credentials = {"type": "ApiKey", "key": "not-a-key"}
    return Answer(_connection(call.ids["name"]) | {"credentials": credentials})


def list_models(state: State, call: Call) -> Answer:  # noqa: ARG001 - as all endpoints
    """GET /openai/v1/models."""
    return Answer({"object": "list", "data": [_model(name) for name in _models(state)]})


def get_model(state: State, call: Call) -> Answer:  # noqa: ARG001 - as all endpoints
    """GET /openai/v1/models/{name}."""
    return Answer(_model(call.ids["name"]))


PROJECT_ROUTES: tuple[Route, ...] = (
    ("GET", "/deployments", list_deployments),
    ("GET", "/deployments/{name}", get_deployment),
    ("GET", "/connections", list_connections),
    ("GET", "/connections/{name}", get_connection),
    ("POST", "/connections/{name}/getConnectionWithCredentials", get_secret_connection),
)
MODEL_ROUTES: tuple[Route, ...] = (
    ("GET", "/models", list_models),
    ("GET", "/models/{name}", get_model),
)


def _models(state: State) -> list[str]:
    """The models that agents name, and some that are usual."""
    named = [agent.model for agent in state.agents.values()]
    named += [agent.latest.definition.get("model", "") for agent in state.named_agents.values()]
    return [*dict.fromkeys((*_USUAL, *filter(None, named)))]


def _deployment(name: str) -> JsonObject:
    return {
        "name": name,
        "type": "ModelDeployment",
        "modelName": name,
        "modelVersion": "1",
        "modelPublisher": "OpenAI",
        "capabilities": {"chat_completion": "true"},
        "sku": {"name": "GlobalStandard", "capacity": 1},
    }


def _connection(name: str) -> JsonObject:
    return {
        "name": name,
        "id": f"/emulator/connections/{name}",
        "type": _DEFAULTS.get(name, "CustomKeys"),
        "target": "https://localhost",
        "isDefault": name in _DEFAULTS,
        "credentials": {"type": "ApiKey"},
        "metadata": {},
    }


def _model(name: str) -> JsonObject:
    return {"id": name, "object": "model", "created": 0, "owned_by": "emulator"}
