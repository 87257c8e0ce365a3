"""Answers to approval requests: a plain yes or no, in whatever form a ToolMessage has it."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from langchain_foundry_agents._messages.history import Prompt, read_prompt
from langchain_foundry_agents._messages.outputs import Calls
from langchain_foundry_agents._record import Record
from langchain_foundry_agents.errors import ToolOutputError

JSON = dict[str, Any]
US = {"model_provider": "azure_ai_foundry", "thread_id": "thread_1", "run_id": "run_1"}


def request(call_id: str, **args: Any) -> JSON:
    asked = {"server_label": "docs", "name": "fetch", "arguments": {}}
    return {"name": "mcp_approval_request", "args": asked | args, "id": call_id}


def read(*answers: ToolMessage, requests: tuple[JSON, ...] = (request("call_1"),)) -> Prompt:
    asking = AIMessage("", tool_calls=[*requests], response_metadata=US)
    history = [HumanMessage("one"), asking, *answers]
    return read_prompt(history, thread_id=None, go_on=True, record=Record())


def calls(*answers: ToolMessage, **more: Any) -> Calls:
    found = read(*answers, **more).calls
    assert found is not None
    return found


def said(content: Any, call_id: str = "call_1", **more: Any) -> ToolMessage:
    return ToolMessage(content, tool_call_id=call_id, **more)


@pytest.mark.parametrize(
    ("content", "approves"),
    [
        ("true", True),
        ("True", True),
        (" TRUE\n", True),
        ('{"approve": true}', True),
        ('{"approve": true, "reason": "It is mine."}', True),
        ([{"type": "text", "text": "true"}], True),
        (True, True),
        ("false", False),
        ("False", False),
        ('{"approve": false, "reason": "No."}', False),
        (False, False),
    ],
)
def test_an_approval_is_given_or_refused(content: Any, approves: bool) -> None:
    found = calls(said(content))

    assert [one[:3] for one in found.approvals] == [("call_1", "docs", approves)]
    assert found.outputs == ()


@pytest.mark.parametrize("content", ["true", '{"approve": true}'])
def test_the_answer_of_a_tool_that_failed_approves_nothing(content: str) -> None:
    (denial,) = calls(said(content, status="error")).approvals

    assert not denial.approve


@pytest.mark.parametrize(
    "content",
    [
        "",
        "yes",
        "1",
        "null",
        '"true"',
        "[true]",
        "{}",
        '{"approve": "true"}',
        '{"approve": 1}',
        '{"approve": null}',
        '{"approved": true}',
        "true true",
        "{",
    ],
)
def test_an_answer_that_is_neither_yes_nor_no_denies_and_is_the_reason(content: str) -> None:
    assert calls(said(content)).approvals == (("call_1", "docs", False, content or None),)


def test_an_answer_that_nests_too_deep_denies_with_its_beginning() -> None:
    assert calls(said("[" * 100_000)).approvals == (("call_1", "docs", False, "[" * 1_000),)


@pytest.mark.parametrize(
    ("content", "more", "reason"),
    [
        ('{"approve": false, "reason": "Not today."}', {}, "Not today."),
        ('{"approve": false, "reason": 7}', {}, None),
        ('{"approve": true, "reason": "Why not."}', {}, None),
        ("false", {}, None),
        ("Not today.", {"status": "error"}, "Not today."),
        ("", {"status": "error"}, None),
        # ToolNode's words where no tool answers: they are about the caller, not about the call.
        (
            "Error: mcp_approval_request is not a valid tool, try one of [lookup].",
            {"status": "error"},
            None,
        ),
    ],
)
def test_whoever_denies_may_say_why(content: str, more: JSON, reason: str | None) -> None:
    (answer,) = calls(said(content, **more)).approvals

    assert answer.reason == reason


def test_every_request_has_its_own_answer() -> None:
    both = request("call_1"), request("call_2", server_label="maps")

    found = calls(said("false", "call_2"), said("true"), requests=both)

    assert found.approvals == (
        ("call_1", "docs", True, None),
        ("call_2", "maps", False, None),
    )


def test_a_request_without_an_answer_is_refused() -> None:
    both = request("call_1"), request("call_2")

    with pytest.raises(ToolOutputError, match="There is no output for call_2"):
        read(said("true"), requests=both)


def test_a_request_that_is_not_answered_is_given_up_before_a_question() -> None:
    asking = AIMessage("", tool_calls=[request("call_1")], response_metadata=US)
    history = [HumanMessage("one"), asking, HumanMessage("two")]

    prompt = read_prompt(history, thread_id=None, go_on=True, record=Record())

    assert prompt.calls is not None
    assert prompt.calls.approvals == ()
    assert prompt.new() == ({"role": "user", "content": "two"},)


def test_in_a_new_thread_a_request_and_its_answer_are_text() -> None:
    assert read(said("true")).late() == (
        {
            "role": "assistant",
            "content": '[called mcp_approval_request with {"server_label": "docs", '
            '"name": "fetch", "arguments": {}}]',
        },
        {"role": "user", "content": "[result of call_1]\ntrue"},
    )
