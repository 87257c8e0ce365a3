"""Turns of somebody else, which keep a thread or conversation busy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.classic.runs import create_run
from langchain_foundry_agents.emulator.exchange import Call, Request, json_body
from langchain_foundry_agents.emulator.records import Thread
from langchain_foundry_agents.emulator.refusals import Refusal
from langchain_foundry_agents.emulator.responses.ids import new_id, partition_of
from langchain_foundry_agents.emulator.responses.lifecycle import ResponseLife
from langchain_foundry_agents.emulator.responses.records import Conversation, StoredResponse
from langchain_foundry_agents.emulator.responses.requests import agent_named
from langchain_foundry_agents.emulator.responses.surfaces import find_surface
from langchain_foundry_agents.emulator.routing import below_project

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject, Run
    from langchain_foundry_agents.emulator.state import State

_RUN = re.compile(r"/threads/([^/]+)/runs")


def free_place(state: State, request: Request) -> Thread | Conversation | None:
    """The thread or conversation in which a request wants a turn, if none is going on there."""
    route = below_project(request.path)
    if request.method != "POST":
        return None
    if found := _RUN.fullmatch(route):
        thread = state.threads.get(found[1])
        return thread if thread and thread.id not in state.active_runs else None
    surface = find_surface(route)
    if surface is None or surface.path != "/responses":
        return None
    named = _body(request).get("conversation")
    identifier = named.get("id") if isinstance(named, dict) else named
    conversation = state.conversations.get(str(identifier))
    return conversation if conversation and not conversation.busy_with else None


def occupy(state: State, request: Request) -> Run | StoredResponse | None:
    """Begins a turn of somebody else in the place that a request names, with the same agent.

    Returns:
        What was begun; None where nothing could be.
    """
    place, body = free_place(state, request), _body(request)
    try:
        if isinstance(place, Thread):
            fields = {"assistant_id": body.get("assistant_id")}
            return create_run(state, Call({"thread": place.id}, {}, fields)).start
        if isinstance(place, Conversation):
            return _response(state, place, request, body)
    except Refusal:
        return None
    return None


def _response(
    state: State, conversation: Conversation, request: Request, body: JsonObject
) -> StoredResponse:
    surface = find_surface(below_project(request.path))
    named = agent_named(body, surface.agent_name if surface else None)
    agent = state.agent_version(*named) if named else None
    response = StoredResponse(
        id=new_id(state, "resp", partition_of(conversation.id)),
        created_at=state.now(),
        settings=agent.definition if agent else {},
        agent=agent,
        owner=conversation.owner,
        conversation=conversation,
        asked={"background": True},
        status="queued",
    )
    ResponseLife(state, response).create()
    return response


def _body(request: Request) -> JsonObject:
    try:
        return json_body(request.body)
    except Refusal:
        return {}
