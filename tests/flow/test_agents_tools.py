"""Bound tools: they are added to the agent's own, which one request asks for."""

from __future__ import annotations

import pytest

from langchain_foundry_agents._flow.effects import JSON, Open, Pause
from langchain_foundry_agents._flow.progress import Outcome
from langchain_foundry_agents._flow.threads_api import ThreadsApi, merge_tools
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import NotFoundError

from .player import (
    AGENT,
    ANSWERED,
    END,
    FIRST,
    HELLO,
    KEY,
    NEXT,
    OK,
    STREAM,
    V1,
    answered,
    heard,
    play,
    refused,
    run,
    run_event,
)


def function(name: str, **more: str) -> JSON:
    return {"type": "function", "function": {"name": name, **more}}


def named(kind: str, name: str, **more: str) -> JSON:
    return {"type": kind, kind: {"name": name, **more}}


def mcp(label: str, **more: str) -> JSON:
    return {"type": "mcp", "server_label": label, **more}


def azure_function(name: str, queue: str = "in") -> JSON:
    about = {"function": {"name": name}, "input_binding": {"queue": queue}}
    return {"type": "azure_function", "azure_function": about}


CODE, ADD = {"type": "code_interpreter"}, function("add")
SEARCH = {"type": "file_search", "file_search": {"max_num_results": 3}}
WITH_ADD = ThreadsApi("asst_1", "key_1", run_options={"tools": [ADD]})


def open_with(*tools: JSON) -> Open:
    thread = {"messages": [HELLO], **KEY}
    body = {"assistant_id": "asst_1", **KEY, "tools": [*tools], "thread": thread, "stream": True}
    return Open("/threads/runs", body, V1)


@pytest.mark.parametrize(
    ("agents", "sent"),
    [([], [ADD]), (None, [ADD]), ([CODE], [CODE, ADD]), ([function("add", strict="yes")], [ADD])],
    ids=["none", "null", "another", "the same name"],
)
def test_bound_tools_go_with_those_of_the_agent_which_is_asked_once_in_five_minutes(
    agents: list[JSON] | None, sent: list[JSON]
) -> None:
    outcome = play(
        run_turn(WITH_ADD, FIRST, STREAM),
        (AGENT, answered({"id": "asst_1", "tools": agents})),
        (open_with(*sent), OK),
        *ANSWERED,
    )

    assert outcome == Outcome(run("completed"))


def test_the_agent_is_not_asked_where_bound_tools_are_to_be_the_only_ones() -> None:
    api = ThreadsApi("asst_1", "key_1", run_options={"tools": [ADD]}, include_agent_tools=False)

    play(run_turn(api, FIRST, STREAM), (open_with(ADD), OK), *ANSWERED)


def test_the_agent_is_asked_again_for_a_run_that_runs_again_and_the_answer_may_be_remembered() -> (
    None
):
    agent = answered({"id": "asst_1", "tools": [CODE]})
    body = {"assistant_id": "asst_1", **KEY, "tools": [CODE, ADD], "stream": True}

    play(
        run_turn(WITH_ADD, FIRST, STREAM),
        (AGENT, agent),
        (open_with(CODE, ADD), OK),
        *heard(run_event("failed", last_error={"code": "server_error"})),
        END,
        (Pause(0.25, 0.5), None),
        (AGENT, agent),
        (Open("/threads/thread_1/runs", body, V1), OK),
        *ANSWERED,
    )


def test_an_agent_that_is_gone_is_no_divergence() -> None:
    with pytest.raises(NotFoundError, match="No assistant found with id 'asst_1'"):
        play(
            run_turn(WITH_ADD, NEXT, STREAM),
            (AGENT, refused(404, "No assistant found with id 'asst_1'.")),
        )


@pytest.mark.parametrize(
    ("agents", "runs", "merged"),
    [
        ([CODE, SEARCH], [ADD], [CODE, SEARCH, ADD]),
        ([CODE], [CODE], [CODE]),
        ([SEARCH, CODE], [{"type": "file_search"}], [CODE, {"type": "file_search"}]),
        (
            [function("add", description="old"), function("sub")],
            [function("add", description="new")],
            [function("sub"), function("add", description="new")],
        ),
        (
            [named("openapi", "weather"), named("openapi", "maps")],
            [named("openapi", "maps", description="new")],
            [named("openapi", "weather"), named("openapi", "maps", description="new")],
        ),
        (
            [named("connected_agent", "add")],
            [function("add")],
            [named("connected_agent", "add"), function("add")],
        ),
        (
            [mcp("docs"), mcp("github")],
            [mcp("docs", server_url="new")],
            [mcp("github"), mcp("docs", server_url="new")],
        ),
        (
            [azure_function("a"), azure_function("b")],
            [azure_function("a", queue="new")],
            [azure_function("b"), azure_function("a", queue="new")],
        ),
    ],
)
def test_of_two_tools_with_the_same_name_the_runs_is_taken(
    agents: list[JSON], runs: list[JSON], merged: list[JSON]
) -> None:
    assert merge_tools(agents, runs) == merged
