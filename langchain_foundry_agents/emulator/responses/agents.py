"""Endpoints of agents and their versions (`/agents`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.exchange import Answer, Call
from langchain_foundry_agents.emulator.responses import refusals
from langchain_foundry_agents.emulator.responses.definitions import (
    check_features,
    checked_definition,
)
from langchain_foundry_agents.emulator.responses.pages import Listed, page
from langchain_foundry_agents.emulator.responses.records import AgentVersion, NamedAgent
from langchain_foundry_agents.emulator.responses.sessions import drop_sessions
from langchain_foundry_agents.emulator.validation import (
    items,
    mapping,
    metadata,
    number,
    one_of,
    read,
    shape,
    text,
)

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject
    from langchain_foundry_agents.emulator.state import State

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_VERSION = {"definition": checked_definition, "metadata": metadata, "description": text()}
_rule = shape(
    {"agent_version": text(least=1), "traffic_percentage": number(0, 100)}, ("agent_version",)
)
_selector = shape({"version_selection_rules": items(_rule)})
_DETAILS = {"agent_endpoint": shape({"version_selector": _selector}), "agent_card": mapping}
_ENTRA = {"type": "Entra", "isolation_key_source": {"kind": "Entra"}}
_flag = one_of("true", "false", "True", "False")


def create_agent(state: State, call: Call) -> Answer:
    """POST /agents: a new agent with its first version."""
    name = _checked_name(read(call.body, {"name": text()}, ("name",))["name"])
    if name in state.named_agents:
        raise refusals.conflict(f"Agent '{name}' already exists.")
    _add_version(state, name, call)
    return Answer(agent_json(state.named_agent(name)))


def update_agent(state: State, call: Call) -> Answer:
    """POST /agents/{name}: a new version if anything changed."""
    agent = state.named_agent(call.ids["agent"])
    given, latest = _read_version(call), agent.latest
    same = {
        "definition": latest.definition,
        "metadata": latest.metadata,
        "description": latest.description,
    }
    if given != same:
        _add_version(state, agent.name, call)
    return Answer(agent_json(agent))


def create_version(state: State, call: Call) -> Answer:
    """POST /agents/{name}/versions: always a new version; makes the agent if there is none."""
    name = _checked_name(call.ids["agent"])
    version = _add_version(state, name, call)
    return Answer(version_json(state.named_agent(name), version))


def list_agents(state: State, call: Call) -> Answer:
    """GET /agents, of one kind or of all; cursors are ids of latest versions."""
    kind = call.query.get("kind")
    agents = sorted(
        state.named_agents.values(), key=lambda one: state.ids.place(one.latest.id) or 0
    )
    chosen = [
        Listed(agent.latest.id, agent_json(agent))
        for agent in agents
        if kind in (None, agent.latest.definition["kind"])
    ]
    return Answer(page(chosen, call.query, state.ids))


def get_agent(state: State, call: Call) -> Answer:
    """GET /agents/{name}."""
    return Answer(agent_json(state.named_agent(call.ids["agent"])))


def patch_agent(state: State, call: Call) -> Answer:
    """PATCH /agents/{name}: merges into its endpoint and its card."""
    agent = state.named_agent(call.ids["agent"])
    read(call.body, _DETAILS)
    endpoint = merged(agent.endpoint, call.body.get("agent_endpoint", {})) or {}
    if endpoint:
        endpoint.setdefault("authorization_schemes", [_ENTRA])
    _check_rules(state, agent, endpoint)
    agent.endpoint = endpoint
    agent.card = merged(agent.card, call.body.get("agent_card", {})) or {}
    return Answer(agent_json(agent))


def enable_agent(state: State, call: Call) -> Answer:
    """POST /agents/{name}:enable."""
    state.named_agent(call.ids["agent"]).enabled = True
    return Answer({}, status=204, content=b"")


def disable_agent(state: State, call: Call) -> Answer:
    """POST /agents/{name}:disable."""
    state.named_agent(call.ids["agent"]).enabled = False
    return Answer({}, status=204, content=b"")


def delete_agent(state: State, call: Call) -> Answer:
    """DELETE /agents/{name}, with all its versions."""
    force = _forced(call)
    agent = state.named_agent(call.ids["agent"])
    drop_sessions(state, agent.versions, force=force)
    del state.named_agents[agent.name]
    return Answer({"object": "agent.deleted", "name": agent.name, "deleted": True})


def list_versions(state: State, call: Call) -> Answer:
    """GET /agents/{name}/versions."""
    agent = state.named_agent(call.ids["agent"])
    chosen = [Listed(version.id, version_json(agent, version)) for version in agent.versions]
    return Answer(page(chosen, call.query, state.ids))


def get_version(state: State, call: Call) -> Answer:
    """GET /agents/{name}/versions/{version}."""
    agent = state.named_agent(call.ids["agent"])
    return Answer(version_json(agent, state.agent_version(agent.name, call.ids["version"])))


def delete_version(state: State, call: Call) -> Answer:
    """DELETE /agents/{name}/versions/{version}; the last one takes the agent with it."""
    force = _forced(call)
    agent = state.named_agent(call.ids["agent"])
    gone = state.agent_version(agent.name, call.ids["version"])
    drop_sessions(state, [gone], force=force)
    agent.versions.remove(gone)
    if not agent.versions:
        del state.named_agents[agent.name]
    body = {"object": "agent.version.deleted", "name": gone.name, "version": gone.version}
    return Answer({**body, "deleted": True})


def version_json(agent: NamedAgent, version: AgentVersion) -> JsonObject:
    """A version as it shows."""
    return {
        "metadata": version.metadata,
        "object": "agent.version",
        "id": version.id,
        "name": version.name,
        "version": version.version,
        "description": version.description,
        "created_at": version.created_at,
        "definition": version.definition,
        "status": "active",
        **agent.identity,
        "agent_guid": agent.guid,
    }


def agent_json(agent: NamedAgent) -> JsonObject:
    """An agent as it shows."""
    state = "enabled" if agent.enabled else "disabled"
    return {
        "object": "agent",
        "id": agent.id,
        "name": agent.name,
        "state": state,
        "configuration_state": state,
        "versions": {"latest": version_json(agent, agent.latest)},
        **({"agent_endpoint": agent.endpoint} if agent.endpoint else {}),
        **agent.identity,
        **({"agent_card": agent.card} if agent.card else {}),
    }


def merged(known: JsonObject, patch: JsonObject | None) -> JsonObject | None:
    """A JSON merge patch (RFC 7396), applied: null takes away, objects merge, the rest replaces."""
    if patch is None:
        return None
    result = dict(known)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            inner = result.get(name)
            result[name] = merged(inner if isinstance(inner, dict) else {}, value)
        else:
            result[name] = value
    return result


def _add_version(state: State, name: str, call: Call) -> AgentVersion:
    given = _read_version(call)
    number = state.version_numbers.get(name, 0) + 1
    version = AgentVersion(name, str(number), state.now(), **given)
    state.version_numbers[name] = number
    state.ids.keep(version.id)
    if name in state.named_agents:
        state.named_agents[name].versions.append(version)
    else:
        state.named_agents[name] = _new_agent(state, version)
    return version


def _new_agent(state: State, version: AgentVersion) -> NamedAgent:
    guid, principal, client = (state.ids.guid() for _ in range(3))
    blueprint = {"type": "ManagedAgentIdentityBlueprint"}
    identity: JsonObject = {
        "instance_identity": {"principal_id": principal, "client_id": principal},
        "blueprint": {"principal_id": client, "client_id": client},
        "blueprint_reference": {**blueprint, "blueprint_id": f"{version.name}-{guid[:5]}"},
    }
    return NamedAgent(version.name, [version], guid, identity)


def _read_version(call: Call) -> JsonObject:
    given = read(call.body, _VERSION, ("definition",))
    check_features(given["definition"]["kind"], call.headers)
    return {"metadata": {}, "description": ""} | given


def _checked_name(name: Any) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        message = (
            f"Invalid agent name '{name}': it has to start and end with a letter or digit, may "
            "have hyphens in between, and at most 63 characters."
        )
        raise refusals.invalid_payload(message, "agent_name")
    return name


def _forced(call: Call) -> bool:
    given: str = _flag(call.query.get("force", "false"), "force")
    return given.lower() == "true"


def _check_rules(state: State, agent: NamedAgent, endpoint: JsonObject) -> None:
    rules = endpoint.get("version_selector", {}).get("version_selection_rules", [])
    for rule in rules:
        state.agent_version(agent.name, rule["agent_version"])
