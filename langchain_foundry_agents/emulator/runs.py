"""Endpoints of runs."""

from __future__ import annotations

from langchain_foundry_agents.emulator.bodies import (
    METADATA,
    read_run,
    read_thread_and_run,
    read_tool_outputs,
)
from langchain_foundry_agents.emulator.events import Feed
from langchain_foundry_agents.emulator.exchange import Answer, Call
from langchain_foundry_agents.emulator.lifecycle import RunLife
from langchain_foundry_agents.emulator.messages import add_message
from langchain_foundry_agents.emulator.pages import page
from langchain_foundry_agents.emulator.records import JsonObject, Run, Thread
from langchain_foundry_agents.emulator.refusals import invalid
from langchain_foundry_agents.emulator.state import State, find_run
from langchain_foundry_agents.emulator.threads import add_thread
from langchain_foundry_agents.emulator.validation import read
from langchain_foundry_agents.emulator.wire import run_json

_FROM_AGENT = ("model", "instructions", "tools", "temperature", "top_p", "response_format")


def create_run(state: State, call: Call) -> Answer:
    """POST /threads/{id}/runs; one at a time."""
    thread = state.thread(call.ids["thread"])
    fields = read_run(call.body)
    state.agent(fields["assistant_id"])
    if active := state.active_runs.get(thread.id):
        raise invalid(f"Thread {thread.id} already has an active run {active.id}.")
    for message in fields.pop("additional_messages", []):
        add_message(state, thread, message)
    return _started(state, thread, fields, with_thread=False)


def create_thread_and_run(state: State, call: Call) -> Answer:
    """POST /threads/runs."""
    fields = read_thread_and_run(call.body)
    state.agent(fields["assistant_id"])
    thread = add_thread(state, fields.pop("thread", {}))
    return _started(state, thread, fields, with_thread=True)


def list_runs(state: State, call: Call) -> Answer:
    """GET /threads/{id}/runs."""
    thread = state.thread(call.ids["thread"])
    return Answer(page(thread.runs, call.query, state.ids, run_json))


def get_run(state: State, call: Call) -> Answer:
    """GET /threads/{id}/runs/{id}."""
    return Answer(run_json(_life(state, call).run))


def update_run(state: State, call: Call) -> Answer:
    """POST /threads/{id}/runs/{id}: metadata only."""
    run = _life(state, call).run
    run.metadata = read(call.body, METADATA).get("metadata", run.metadata)
    return Answer(run_json(run))


def cancel_run(state: State, call: Call) -> Answer:
    """POST /threads/{id}/runs/{id}/cancel."""
    life = _life(state, call)
    if life.run.over or life.run.status == "cancelling":
        raise invalid(f"Cannot cancel run with status '{life.run.status}'.")
    life.request_cancel()
    return Answer(run_json(life.run), stop=life.run)


def submit_tool_outputs(state: State, call: Call) -> Answer:
    """POST /threads/{id}/runs/{id}/submit_tool_outputs: every pending call, exactly once."""
    life = _life(state, call)
    fields = read_tool_outputs(call.body)
    if life.run.status != "requires_action":
        raise invalid(f"Runs in status '{life.run.status}' do not accept tool outputs.")
    expected = [pending.id for pending in life.run.pending_calls]
    given = [output["tool_call_id"] for output in fields["tool_outputs"]]
    if sorted(given) != sorted(expected):
        message = f"Expected tool outputs for call ids {expected}, got {given}."
        raise invalid(message, param="tool_outputs", code="invalid_value")
    life.run.feed = Feed() if fields.get("stream") else None
    feed = life.run.feed
    life.submit({one["tool_call_id"]: one.get("output", "") for one in fields["tool_outputs"]})
    return Answer(run_json(life.run), feed=feed, start=life.run)


def _started(state: State, thread: Thread, fields: JsonObject, *, with_thread: bool) -> Answer:
    agent = state.agent(fields.pop("assistant_id"))
    feed = Feed() if fields.pop("stream", False) else None
    defaults = {name: getattr(agent, name) for name in _FROM_AGENT}
    created = state.clock()
    run = Run(
        id=state.ids.new("run"),
        created=created,
        deadline=created + state.run_expiry,
        agent_id=agent.id,
        thread=thread,
        feed=feed,
        **(defaults | fields),
    )
    RunLife(state, run).create(with_thread=with_thread)
    return Answer(run_json(run), feed=feed, start=run)


def _life(state: State, call: Call) -> RunLife:
    thread = state.thread(call.ids["thread"])
    return RunLife(state, find_run(thread, call.ids["run"]))
