"""Approvals of MCP calls: given to the caller, refused, or decided by a function."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_foundry_agents._flow.actions import Pending, approval, asks_approval, required_calls
from langchain_foundry_agents._flow.effects import JSON, Decide, Open, Read, Send
from langchain_foundry_agents._flow.progress import Outcome, Policy
from langchain_foundry_agents._flow.threads_api import ThreadsApi
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import ProtocolError, ToolOutputError

from .player import (
    ANSWERED,
    API,
    CANCEL,
    END,
    FIRST,
    HELLO,
    KEY,
    LOOK,
    OK,
    OPEN_FIRST,
    POST_FIRST,
    SOME_TEXT,
    STREAM,
    V1,
    Step,
    answered,
    approval_call,
    asking_run,
    broken,
    call,
    heard,
    message,
    play,
    read_whole,
    run,
    told,
)
from .tools import SUBMIT_PATH, answering
from .turns import APPROVAL, ASKS_ME, FETCH, decide

ASKED: list[Step] = [(OPEN_FIRST, OK), *heard(told(APPROVAL)), END]
GITHUB = {"server_label": "github", "headers": {"x-key": "k1"}, "require_approval": "always"}


def approving(*approvals: JSON) -> Open:
    return Open(SUBMIT_PATH, {"tool_approvals": [*approvals], "stream": True}, V1)


def test_an_approval_is_asked_of_the_caller_who_answers_in_the_next_turn() -> None:
    assert play(run_turn(API, FIRST, STREAM), *ASKED) == Outcome(APPROVAL)


def test_an_approval_that_is_not_wanted_is_an_error_and_the_run_is_cancelled() -> None:
    both = asking_run(FETCH, approval_call("call_2", "delete"), approval=True)

    with pytest.raises(ToolOutputError) as caught:
        play(
            run_turn(API, FIRST, Policy(mcp_approval="raise")),
            (OPEN_FIRST, OK),
            *heard(told(both)),
            END,
            (CANCEL, OK),
        )

    assert str(caught.value) == (
        'The agent asks for approval: fetch of docs with {"page": 1}; '
        'delete of docs with {"page": 1}. '
        "[thread thread_1, run run_1] "
        "Use mcp_approval='surface' to answer it as a tool call, or give a function."
    )


def test_a_function_that_approves_lets_the_same_turn_go_on() -> None:
    outcome = play(
        run_turn(API, FIRST, ASKS_ME),
        *ASKED,
        (Decide(decide, FETCH), True),
        (
            Open(
                "/threads/thread_1/runs/run_1/submit_tool_outputs",
                {"tool_approvals": [{"tool_call_id": "call_1", "approve": True}], "stream": True},
                (("api-version", "v1"),),
            ),
            OK,
        ),
        *ANSWERED,
    )

    assert outcome == Outcome(run("completed"))


@pytest.mark.parametrize(
    "said", [False, None, 1, "true", "yes", [True], {"approve": True}], ids=str
)
def test_only_a_plain_true_approves(said: object) -> None:
    play(
        run_turn(API, FIRST, ASKS_ME),
        *ASKED,
        (Decide(decide, FETCH), said),
        (approving({"tool_call_id": "call_1", "approve": False}), OK),
        *ANSWERED,
    )


def test_every_call_is_decided_by_itself_and_all_go_in_one_request() -> None:
    other = approval_call("call_2", "delete")

    play(
        run_turn(API, FIRST, ASKS_ME),
        (OPEN_FIRST, OK),
        *heard(told(asking_run(FETCH, other, approval=True))),
        END,
        (Decide(decide, FETCH), True),
        (Decide(decide, other), False),
        (
            approving(
                {"tool_call_id": "call_1", "approve": True},
                {"tool_call_id": "call_2", "approve": False},
            ),
            OK,
        ),
        *ANSWERED,
    )


def test_a_run_may_ask_again_and_the_function_with_it() -> None:
    again = approval_call("call_2", "delete")

    play(
        run_turn(API, FIRST, ASKS_ME),
        *ASKED,
        (Decide(decide, FETCH), True),
        (approving({"tool_call_id": "call_1", "approve": True}), OK),
        *heard(told(asking_run(again, approval=True))),
        END,
        (Decide(decide, again), False),
        (approving({"tool_call_id": "call_2", "approve": False}), OK),
        *ANSWERED,
    )


def test_a_polled_run_asks_the_function_too() -> None:
    body = {"tool_approvals": [{"tool_call_id": "call_1", "approve": True}], "stream": False}

    outcome = play(
        run_turn(API, FIRST, Policy(stream=False, mcp_approval=decide)),
        (POST_FIRST, answered(APPROVAL)),
        *read_whole(APPROVAL),
        (Decide(decide, FETCH), True),
        (Send("POST", SUBMIT_PATH, body, V1), answered(run("completed"))),
        *read_whole(run("completed")),
    )

    assert outcome == Outcome(run("completed"))


@pytest.mark.parametrize("policy", [Policy(mcp_approval="raise"), ASKS_ME], ids=["raise", "ask"])
def test_outputs_of_functions_are_the_callers_whatever_is_done_with_approvals(
    policy: Policy,
) -> None:
    asking = asking_run(call("call_1"))

    outcome = play(run_turn(API, FIRST, policy), (OPEN_FIRST, OK), *heard(told(asking)), END)

    assert outcome == Outcome(asking)


@pytest.mark.parametrize(
    ("server", "headers"),
    [
        (GITHUB | {"server_label": "docs"}, {"headers": {"x-key": "k1"}}),
        (GITHUB, {}),
        ({"server_label": "docs"}, {}),
        ({"server_label": "docs", "headers": {}}, {}),
    ],
    ids=["its own", "another server's", "none", "empty"],
)
def test_an_approval_brings_the_headers_of_its_own_server_again(
    server: JSON, headers: JSON
) -> None:
    resources = {"mcp": [{"server_label": "maps", "headers": {"x-key": "k2"}}, server]}
    api = ThreadsApi("asst_1", "key_1", run_options={"tool_resources": resources})
    given = Pending(
        frozenset({"call_1"}),
        approvals=(approval("call_1", "docs", approve=True),),
        run_id="run_1",
    )

    play(
        run_turn(api, answering(given), STREAM),
        (approving({"tool_call_id": "call_1", "approve": True, **headers}), OK),
        *ANSWERED,
    )


def test_headers_go_with_what_a_function_approves_too() -> None:
    resources = {"mcp": [{"server_label": "docs", "headers": {"x-key": "k1"}}]}
    api = ThreadsApi("asst_1", "key_1", run_options={"tool_resources": resources})
    body = {"assistant_id": "asst_1", **KEY, "tool_resources": resources, "stream": True}
    approved = {"tool_call_id": "call_1", "approve": True, "headers": {"x-key": "k1"}}

    play(
        run_turn(api, FIRST, ASKS_ME),
        (Open("/threads/runs", {**body, "thread": {"messages": [HELLO], **KEY}}, V1), OK),
        *ASKED[1:],
        (Decide(decide, FETCH), True),
        (approving(approved), OK),
        *ANSWERED,
    )


def test_a_stream_that_brings_nothing_after_an_approval_asks_no_second_time() -> None:
    outcome = play(
        run_turn(API, FIRST, ASKS_ME),
        *ASKED,
        (Decide(decide, FETCH), True),
        (approving({"tool_call_id": "call_1", "approve": True}), OK),
        END,
        (LOOK, answered(run("completed"))),
        *read_whole(run("completed"), message()),
    )

    assert outcome == Outcome(run("completed"))


def test_a_run_whose_stream_broke_off_and_that_is_found_to_ask_is_answered_in_the_same_turn() -> (
    None
):
    outcome = play(
        run_turn(API, FIRST, ASKS_ME),
        (OPEN_FIRST, OK),
        *SOME_TEXT,
        (Read(), broken()),
        (LOOK, answered(APPROVAL)),
        *read_whole(APPROVAL),
        (Decide(decide, FETCH), True),
        (approving({"tool_call_id": "call_1", "approve": True}), OK),
        *ANSWERED,
    )

    assert outcome == Outcome(run("completed"))


@pytest.mark.parametrize(
    "action",
    [
        None,
        {},
        {"type": "submit_voices"},
        {"type": "submit_tool_outputs"},
        {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": []}},
        {"type": "submit_tool_outputs", "submit_tool_outputs": "x"},
        {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": 5}},
        ["x"],
        "x",
    ],
    ids=str,
)
def test_a_run_that_waits_for_something_unknown_is_an_error_and_is_cancelled(action: Any) -> None:
    waiting = run("requires_action", required_action=action)

    with pytest.raises(ProtocolError):
        play(
            run_turn(API, FIRST, STREAM),
            (OPEN_FIRST, OK),
            *heard(told(waiting)),
            END,
            (CANCEL, OK),
        )


def test_what_is_not_known_is_named_whatever_calls_it_brings() -> None:
    action = {"type": "submit_voices", "submit_voices": {"tool_calls": [call("call_1")]}}

    with pytest.raises(ProtocolError) as caught:
        required_calls(run("requires_action", required_action=action))

    assert caught.value.args == ("The run waits for something that is not known: submit_voices.",)


@pytest.mark.parametrize(
    "broken",
    [
        {"type": "function", "function": {"name": "add"}},
        {"id": "call_1", "type": "function"},
        {"id": "call_1", "type": "function", "function": {}},
        {"id": "call_1", "type": "dance"},
        "x",
    ],
    ids=str,
)
def test_a_run_that_waits_for_a_broken_call_is_an_error_and_is_cancelled(broken: Any) -> None:
    with pytest.raises(ProtocolError):
        play(
            run_turn(API, FIRST, STREAM),
            (OPEN_FIRST, OK),
            *heard(told(asking_run(broken))),
            END,
            (CANCEL, OK),
        )


def test_the_calls_of_both_kinds_are_read() -> None:
    outputs = asking_run(call("call_1"), call("call_2"))

    assert required_calls(outputs) == [call("call_1"), call("call_2")]
    assert required_calls(APPROVAL) == [FETCH]
    assert (asks_approval(outputs), asks_approval(APPROVAL)) == (False, True)
    assert not asks_approval(run("completed"))
