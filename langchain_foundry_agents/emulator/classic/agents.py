"""Endpoints of agents (`/assistants`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.classic.bodies import AGENT, read_agent
from langchain_foundry_agents.emulator.classic.references import with_ids
from langchain_foundry_agents.emulator.classic.wire import agent_json, deleted_json
from langchain_foundry_agents.emulator.exchange import Answer, Call
from langchain_foundry_agents.emulator.pages import page
from langchain_foundry_agents.emulator.records import Agent
from langchain_foundry_agents.emulator.validation import read

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.state import State


def create_agent(state: State, call: Call) -> Answer:
    """POST /assistants."""
    fields = with_ids(state, read_agent(call.body))
    agent = Agent(id=state.ids.new("asst"), created_at=state.now(), **fields)
    state.agents[agent.id] = agent
    return Answer(agent_json(agent))


def list_agents(state: State, call: Call) -> Answer:
    """GET /assistants."""
    return Answer(page(list(state.agents.values()), call.query, state.ids, agent_json))


def get_agent(state: State, call: Call) -> Answer:
    """GET /assistants/{id}."""
    return Answer(agent_json(state.agent(call.ids["agent"])))


def update_agent(state: State, call: Call) -> Answer:
    """POST /assistants/{id}."""
    agent = state.agent(call.ids["agent"])
    for name, value in with_ids(state, read(call.body, AGENT)).items():
        setattr(agent, name, value)
    return Answer(agent_json(agent))


def delete_agent(state: State, call: Call) -> Answer:
    """DELETE /assistants/{id}."""
    agent = state.agent(call.ids["agent"])
    del state.agents[agent.id]
    return Answer(deleted_json("assistant", agent.id))
