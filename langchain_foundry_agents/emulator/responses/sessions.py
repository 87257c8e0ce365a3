"""Endpoints of the sessions of hosted agents: each is a container that is kept for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.exchange import Answer, Call
from langchain_foundry_agents.emulator.responses import refusals
from langchain_foundry_agents.emulator.responses.ids import new_id
from langchain_foundry_agents.emulator.responses.pages import Listed, page
from langchain_foundry_agents.emulator.responses.records import Session
from langchain_foundry_agents.emulator.validation import one_of, read, shape, text

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject
    from langchain_foundry_agents.emulator.responses.records import AgentVersion
    from langchain_foundry_agents.emulator.state import State

_indicator = shape(
    {"type": one_of("version_ref"), "agent_version": text(least=1)}, ("type", "agent_version")
)
_BODY = {"version_indicator": _indicator, "agent_session_id": text(least=1)}


def new_session_id(state: State) -> str:
    """An id as sessions have it, without a prefix."""
    return state.ids.keep(new_id(state, "session", mixed=True).removeprefix("session_"))


def enter(state: State, identifier: str, agent: AgentVersion, user: str) -> Session:
    """The session with that id, used now; it is made if there is none, and begins anew if idle."""
    now = state.now()
    session = state.sessions.get(identifier)
    if session is None or session.agent_name != agent.name:
        state.ids.keep(identifier)
        session = Session(identifier, agent.name, agent.version, now, now, user)
        state.sessions[identifier] = session
    session.last_accessed_at, session.stopped = now, False
    return session


def create_session(state: State, call: Call) -> Answer:
    """POST /agents/{name}/endpoint/sessions, with 201."""
    given = read(call.body, _BODY, ("version_indicator",))
    version = given["version_indicator"]["agent_version"]
    agent = state.agent_version(call.ids["agent"], version)
    if agent.definition["kind"] != "hosted":
        message = f"Agent '{agent.name}' is not hosted: only hosted agents have sessions."
        raise refusals.invalid_payload(message)
    identifier = given.get("agent_session_id") or new_session_id(state)
    if identifier in state.sessions:
        raise refusals.conflict(f"Session '{identifier}' already exists.")
    session = enter(state, identifier, agent, call.user)
    return Answer(_session_json(state, session), status=201)


def list_sessions(state: State, call: Call) -> Answer:
    """GET /agents/{name}/endpoint/sessions."""
    name = state.named_agent(call.ids["agent"]).name
    chosen = [
        Listed(one.id, _session_json(state, one))
        for one in state.sessions.values()
        if (one.agent_name, one.owner) == (name, call.user)
    ]
    return Answer(page(chosen, call.query, state.ids))


def get_session(state: State, call: Call) -> Answer:
    """GET /agents/{name}/endpoint/sessions/{id}."""
    return Answer(_session_json(state, _session(state, call)))


def stop_session(state: State, call: Call) -> Answer:
    """POST /agents/{name}/endpoint/sessions/{id}:stop, with 204; it can be used again."""
    session = _session(state, call)
    session.stopped, session.stopped_at = True, state.now()
    return Answer({}, status=204, content=b"")


def delete_session(state: State, call: Call) -> Answer:
    """DELETE /agents/{name}/endpoint/sessions/{id}, with 204."""
    del state.sessions[_session(state, call).id]
    return Answer({}, status=204, content=b"")


def drop_sessions(state: State, versions: list[AgentVersion], *, force: bool) -> None:
    """Ends the sessions of versions that are to be deleted.

    Raises:
        Refusal: a 409 if any is active, and nothing is forced.
    """
    going = {(version.name, version.version) for version in versions}
    found = [one for one in state.sessions.values() if (one.agent_name, one.version) in going]
    if not force and any(one.status(state.now()) == "active" for one in found):
        name = found[0].agent_name
        raise refusals.conflict(f"Agent '{name}' has active sessions; 'force' deletes them too.")
    for one in found:
        del state.sessions[one.id]


def _session(state: State, call: Call) -> Session:
    found = state.sessions.get(call.ids["session"])
    if found is None or (found.agent_name, found.owner) != (call.ids["agent"], call.user):
        raise refusals.not_found("Session", call.ids["session"])
    return found


def _session_json(state: State, session: Session) -> JsonObject:
    stopped = {} if session.stopped_at is None else {"stopped_at": session.stopped_at}
    return {
        "agent_session_id": session.id,
        "version_indicator": {"type": "version_ref", "agent_version": session.version},
        "status": session.status(state.now()),
        "created_at": session.created_at,
        "last_accessed_at": session.last_accessed_at,
        "expires_at": session.expires_at,
        **stopped,
    }
