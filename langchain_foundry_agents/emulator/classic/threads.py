"""Endpoints of threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.classic.bodies import THREAD, THREAD_UPDATE
from langchain_foundry_agents.emulator.classic.lifecycle import RunLife
from langchain_foundry_agents.emulator.classic.messages import add_message
from langchain_foundry_agents.emulator.classic.references import check_references, with_ids
from langchain_foundry_agents.emulator.classic.wire import deleted_json, thread_json
from langchain_foundry_agents.emulator.exchange import Answer, Call
from langchain_foundry_agents.emulator.pages import page
from langchain_foundry_agents.emulator.records import JsonObject, Thread
from langchain_foundry_agents.emulator.validation import read

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.state import State


def add_thread(state: State, fields: JsonObject) -> Thread:
    """Makes a thread from checked fields, with the messages that it starts with."""
    fields = with_ids(state, fields)
    thread = Thread(
        id=state.ids.new("thread"),
        created_at=state.now(),
        metadata=fields.get("metadata", {}),
        tool_resources=fields.get("tool_resources", {}),
    )
    state.threads[thread.id] = thread
    for message in fields.get("messages", []):
        add_message(state, thread, message)
    return thread


def create_thread(state: State, call: Call) -> Answer:
    """POST /threads."""
    fields = read(call.body, THREAD)
    check_references(state, fields)
    return Answer(thread_json(add_thread(state, fields)))


def list_threads(state: State, call: Call) -> Answer:
    """GET /threads."""
    return Answer(page(list(state.threads.values()), call.query, state.ids, thread_json))


def get_thread(state: State, call: Call) -> Answer:
    """GET /threads/{id}."""
    return Answer(thread_json(state.thread(call.ids["thread"])))


def update_thread(state: State, call: Call) -> Answer:
    """POST /threads/{id}."""
    thread = state.thread(call.ids["thread"])
    for name, value in with_ids(state, read(call.body, THREAD_UPDATE)).items():
        setattr(thread, name, value)
    return Answer(thread_json(thread))


def delete_thread(state: State, call: Call) -> Answer:
    """DELETE /threads/{id}; a run that is active on it ends."""
    thread = state.thread(call.ids["thread"])
    del state.threads[thread.id]
    run = state.active_runs.pop(thread.id, None)
    if run:
        RunLife(state, run).request_cancel()
    return Answer(deleted_json("thread", thread.id), stop=run)
