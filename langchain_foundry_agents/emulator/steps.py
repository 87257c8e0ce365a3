"""Endpoints of run steps."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.exchange import Answer, Call
from langchain_foundry_agents.emulator.pages import page
from langchain_foundry_agents.emulator.state import State, find_run, find_step
from langchain_foundry_agents.emulator.wire import step_json

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import Run


def list_steps(state: State, call: Call) -> Answer:
    """GET /threads/{id}/runs/{id}/steps."""
    run = _run(state, call)
    return Answer(page(run.steps, call.query, state.ids, partial(step_json, run)))


def get_step(state: State, call: Call) -> Answer:
    """GET /threads/{id}/runs/{id}/steps/{id}."""
    run = _run(state, call)
    return Answer(step_json(run, find_step(run, call.ids["step"])))


def _run(state: State, call: Call) -> Run:
    return find_run(state.thread(call.ids["thread"]), call.ids["run"])
