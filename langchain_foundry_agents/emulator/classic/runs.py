"""Endpoints of runs."""

from __future__ import annotations

from langchain_foundry_agents.emulator.classic.bodies import (
    METADATA,
    read_run,
    read_thread_and_run,
    read_tool_outputs,
)
from langchain_foundry_agents.emulator.classic.lifecycle import RunLife
from langchain_foundry_agents.emulator.classic.messages import add_message
from langchain_foundry_agents.emulator.classic.references import (
    check_references,
    resources,
    with_ids,
)
from langchain_foundry_agents.emulator.classic.steps import with_content
from langchain_foundry_agents.emulator.classic.threads import add_thread
from langchain_foundry_agents.emulator.classic.wire import run_json
from langchain_foundry_agents.emulator.events import Feed
from langchain_foundry_agents.emulator.exchange import Answer, Call
from langchain_foundry_agents.emulator.pages import page
from langchain_foundry_agents.emulator.records import JsonObject, Run, Thread
from langchain_foundry_agents.emulator.refusals import invalid
from langchain_foundry_agents.emulator.state import State, find_run
from langchain_foundry_agents.emulator.validation import read

_FROM_AGENT = ("model", "instructions", "tools", "temperature", "top_p", "response_format")


def create_run(state: State, call: Call) -> Answer:
    """POST /threads/{id}/runs; one at a time."""
    thread = state.thread(call.ids["thread"])
    fields = read_run(call.body)
    state.agent(fields["assistant_id"])
    check_references(state, fields)
    if active := state.active_runs.get(thread.id):
        raise invalid(f"Thread {thread.id} already has an active run {active.id}.")
    for message in fields.pop("additional_messages", []):
        add_message(state, thread, message)
    shown = with_content(call.query)
    return _started(state, thread, fields, with_thread=False, with_content=shown)


def create_thread_and_run(state: State, call: Call) -> Answer:
    """POST /threads/runs."""
    fields = read_thread_and_run(call.body)
    state.agent(fields["assistant_id"])
    check_references(state, fields)
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
    run = life.run
    fields = read_tool_outputs(call.body)
    if run.status != "requires_action":
        raise invalid(f"Runs in status '{run.status}' do not accept tool outputs.")
    wanted, other = "tool_outputs", "tool_approvals"
    if run.pending_approvals:
        wanted, other = other, wanted
    if other in fields:
        message = f"The run waits for '{wanted}', not for '{other}'."
        raise invalid(message, param=other, code="invalid_value")
    given = {one["tool_call_id"]: one for one in _all_answered(run, fields[wanted], wanted)}
    run.feed = feed = Feed() if fields.get("stream") else None
    if run.pending_approvals:
        life.decide({call_id: one["approve"] for call_id, one in given.items()})
    else:
        life.submit({call_id: one.get("output", "") for call_id, one in given.items()})
    return Answer(run_json(run), feed=feed, start=run)


def _all_answered(run: Run, given: list[JsonObject], param: str) -> list[JsonObject]:
    expected = [call.id for call in run.pending_calls]
    expected += [call.id for call in run.pending_approvals]
    found = [one["tool_call_id"] for one in given]
    if sorted(found) != sorted(expected):
        what = param.replace("_", " ")
        message = f"Expected {what} for call ids {expected}, got {found}."
        raise invalid(message, param=param, code="invalid_value")
    return given


def _started(
    state: State,
    thread: Thread,
    fields: JsonObject,
    *,
    with_thread: bool,
    with_content: bool = False,
) -> Answer:
    agent = state.agent(fields.pop("assistant_id"))
    feed = Feed() if fields.pop("stream", False) else None
    fields = with_ids(state, fields)
    defaults = {name: getattr(agent, name) for name in _FROM_AGENT}
    created = state.clock()
    run = Run(
        id=state.ids.new("run"),
        created=created,
        deadline=created + state.run_expiry,
        agent_id=agent.id,
        thread=thread,
        feed=feed,
        resources=resources(agent, thread, fields),
        with_content=with_content,
        **(defaults | fields),
    )
    RunLife(state, run).create(with_thread=with_thread)
    return Answer(run_json(run), feed=feed, start=run)


def _life(state: State, call: Call) -> RunLife:
    thread = state.thread(call.ids["thread"])
    return RunLife(state, find_run(thread, call.ids["run"]))
