"""From a request to the response that the brain is to make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.events import Feed
from langchain_foundry_agents.emulator.refusals import missing
from langchain_foundry_agents.emulator.responses import refusals
from langchain_foundry_agents.emulator.responses.conversation_items import new_item
from langchain_foundry_agents.emulator.responses.definitions import (
    check_features,
    checked_definition,
)
from langchain_foundry_agents.emulator.responses.history import (
    check_calls,
    find_previous,
    resolved,
    unlocked,
)
from langchain_foundry_agents.emulator.responses.ids import new_id, partition_of
from langchain_foundry_agents.emulator.responses.records import StoredResponse
from langchain_foundry_agents.emulator.responses.requests import (
    agent_named,
    check_owned,
    read_input,
    read_parameters,
)
from langchain_foundry_agents.emulator.responses.sessions import enter, new_session_id
from langchain_foundry_agents.emulator.responses.structured_inputs import (
    checked_values,
    filled_definition,
    filled_item,
)

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.exchange import Call
    from langchain_foundry_agents.emulator.records import JsonObject
    from langchain_foundry_agents.emulator.responses.records import AgentVersion
    from langchain_foundry_agents.emulator.state import State

# Without an agent the request itself says what a definition would.
_SETTINGS = (
    "model",
    "tools",
    "instructions",
    "temperature",
    "top_p",
    "text",
    "reasoning",
    "parallel_tool_calls",
)
# Agents of these kinds are known to the service, and answered elsewhere.
_ELSEWHERE = ("external", "voice")


def asked_response(state: State, call: Call) -> StoredResponse:
    """The response that a request asks for.

    Raises:
        Refusal: whatever the service would not take.
    """
    agent = _agent(state, call)
    definition = agent.definition if agent else _own_definition(call.body)
    asked = read_parameters(call.body)
    conversation, history = None, list[Any]()
    if "conversation" in asked:
        conversation = unlocked(state, asked["conversation"], call.user)
        history = list(conversation.items)
    if "previous_response_id" in asked:
        history = find_previous(state, asked["previous_response_id"], call.user).items
    given = list(resolved(state, read_input(call.body.get("input")), call.user))
    if not history and not given:
        raise missing("input")
    check_calls(history, given)
    values = checked_values(definition, asked.get("structured_inputs", {}))
    partition = partition_of(asked.get("previous_response_id") or asked.get("conversation") or "")
    response = StoredResponse(
        id=_new_id(state, definition, partition),
        created_at=state.now(),
        settings=filled_definition(definition, values),
        agent=agent,
        owner=call.user,
        history=history,
        conversation=conversation,
        asked=asked,
        status="queued" if asked.get("background") else "in_progress",
    )
    owned = partition_of(response.id)
    response.input = [new_item(state, filled_item(item, values), owned) for item in given]
    _sign(state, response, call)
    if asked.get("stream"):
        response.feeds.append(Feed(marked=False))
        response.events = [] if response.background else None
    return response


def _agent(state: State, call: Call) -> AgentVersion | None:
    named = agent_named(call.body, call.agent_name)
    if named is None:
        if call.body.get("model") is None:
            raise missing("model")
        return None
    name, version = named
    agent = state.agent_version(name, version)
    kind = agent.definition["kind"]
    check_features(kind, call.headers)
    if kind in _ELSEWHERE:
        message = f"Agents of kind '{kind}' cannot be invoked."
        raise refusals.invalid_payload(message, "agent_reference")
    if not state.named_agent(name).enabled:
        raise refusals.invalid_payload(f"Agent '{name}' is disabled.", "agent_reference")
    check_owned(call.body, agent.definition.get("model"))
    return agent


def _own_definition(body: JsonObject) -> JsonObject:
    given = {name: body[name] for name in _SETTINGS if body.get(name) is not None}
    return checked_definition({"kind": "prompt", **given}, "body")


def _new_id(state: State, definition: JsonObject, partition: str | None) -> str:
    if definition["kind"] == "hosted":
        return new_id(state, "caresp", partition, mixed=True)
    return new_id(state, "resp", partition)


def _sign(state: State, response: StoredResponse, call: Call) -> None:
    """Who answers, as the response and its items show it."""
    agent = response.agent
    if agent is None:
        return
    reference = {"type": "agent_reference", "name": agent.name, "version": agent.version}
    response.agent_reference = response.item_reference = reference
    if not response.hosted:
        return
    if call.agent_name:
        # The container is not told which agent it is.
        response.agent_reference, response.item_reference = {"type": "agent_reference"}, None
    identifier = response.asked.get("agent_session_id") or _session(state, response)
    response.agent_session_id = enter(state, identifier, agent, call.user).id


def _session(state: State, response: StoredResponse) -> str:
    """The session of the conversation or chain, or a new one."""
    previous = response.asked.get("previous_response_id")
    for one in reversed(state.responses.values()):
        same = response.conversation is not None and one.conversation is response.conversation
        if one.agent_session_id and (same or one.id == previous):
            return one.agent_session_id
    return new_session_id(state)
