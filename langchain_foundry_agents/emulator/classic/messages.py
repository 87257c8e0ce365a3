"""Endpoints of messages."""

from __future__ import annotations

from langchain_foundry_agents.emulator.classic.bodies import METADATA, read_message
from langchain_foundry_agents.emulator.classic.references import check_references
from langchain_foundry_agents.emulator.classic.wire import deleted_json, message_json
from langchain_foundry_agents.emulator.exchange import Answer, Call
from langchain_foundry_agents.emulator.pages import page
from langchain_foundry_agents.emulator.records import JsonObject, Message, Thread
from langchain_foundry_agents.emulator.refusals import invalid
from langchain_foundry_agents.emulator.state import State, find_message
from langchain_foundry_agents.emulator.validation import read


def add_message(state: State, thread: Thread, fields: JsonObject) -> Message:
    """Adds a message from checked fields to a thread."""
    message = Message(
        id=state.ids.new("msg"), created_at=state.now(), thread_id=thread.id, **fields
    )
    thread.messages.append(message)
    return message


def create_message(state: State, call: Call) -> Answer:
    """POST /threads/{id}/messages; not while a run is active."""
    thread = state.thread(call.ids["thread"])
    fields = read_message(call.body)
    check_references(state, fields)
    if run := state.active_runs.get(thread.id):
        raise invalid(f"Can't add messages to {thread.id} while a run {run.id} is active.")
    return Answer(message_json(add_message(state, thread, fields)))


def list_messages(state: State, call: Call) -> Answer:
    """GET /threads/{id}/messages, all or one run's."""
    thread = state.thread(call.ids["thread"])
    run_id = call.query.get("run_id")
    chosen = [message for message in thread.messages if run_id in (None, message.run_id)]
    return Answer(page(chosen, call.query, state.ids, message_json))


def get_message(state: State, call: Call) -> Answer:
    """GET /threads/{id}/messages/{id}."""
    return Answer(message_json(_message(state, call)))


def update_message(state: State, call: Call) -> Answer:
    """POST /threads/{id}/messages/{id}: metadata only."""
    message = _message(state, call)
    message.metadata = read(call.body, METADATA).get("metadata", message.metadata)
    return Answer(message_json(message))


def delete_message(state: State, call: Call) -> Answer:
    """DELETE /threads/{id}/messages/{id}."""
    message = _message(state, call)
    state.thread(message.thread_id).messages.remove(message)
    return Answer(deleted_json("thread.message", message.id))


def _message(state: State, call: Call) -> Message:
    return find_message(state.thread(call.ids["thread"]), call.ids["message"])
