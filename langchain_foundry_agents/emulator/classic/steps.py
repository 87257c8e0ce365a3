"""Endpoints of run steps."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.classic.wire import step_json
from langchain_foundry_agents.emulator.exchange import Answer, Call
from langchain_foundry_agents.emulator.pages import page
from langchain_foundry_agents.emulator.state import State, find_run, find_step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_foundry_agents.emulator.records import Run


CONTENT = "step_details.tool_calls[*].file_search.results[*].content"


def with_content(query: Mapping[str, str]) -> bool:
    """Whether `include[]` asks for the texts that file searches found."""
    return CONTENT in query.get("include[]", "").split(",")


def list_steps(state: State, call: Call) -> Answer:
    """GET /threads/{id}/runs/{id}/steps."""
    run = _run(state, call)
    show = partial(step_json, run, with_content=with_content(call.query))
    return Answer(page(run.steps, call.query, state.ids, show))


def get_step(state: State, call: Call) -> Answer:
    """GET /threads/{id}/runs/{id}/steps/{id}."""
    run = _run(state, call)
    step = find_step(run, call.ids["step"])
    return Answer(step_json(run, step, with_content=with_content(call.query)))


def _run(state: State, call: Call) -> Run:
    return find_run(state.thread(call.ids["thread"]), call.ids["run"])
