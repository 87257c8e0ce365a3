"""Calls of MCP servers: nothing is approved that was not approved, and headers stay secret."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from sockets.seen import run_statuses
from sockets.ways import WAYS, ask

from langchain_foundry_agents import InvalidFieldError, ToolOutputError
from langchain_foundry_agents.emulator import AskApproval, Reply, Steps

from .conftest import Scene, Script
from .test_client_tools import SUBMIT

QUESTION = HumanMessage("Look it up.")
SERVER = {"type": "mcp", "server_label": "github", "server_url": "https://mcp.example"}
OTHER = {"type": "mcp", "server_label": "jira", "server_url": "https://jira.example"}
FETCH = AskApproval("github", "fetch_docs", {"path": "README"}, "The docs.")
ISSUES = AskApproval("jira", "list_issues", {}, "No issues.")
HEADERS = {"mcp": [{"server_label": "github", "headers": {"X-Secret": "for-github"}}]}
READ = Reply("Read them.")


def script_of(script: Script, *turns: Any, **fields: Any) -> Scene:
    return script(*turns, tools=[SERVER, OTHER], **fields)


def told(asked: AIMessage, answer: Any, **more: Any) -> list[BaseMessage]:
    """The history in which each request for approval got the same answer."""
    given = [ToolMessage(answer, tool_call_id=str(call["id"]), **more) for call in asked.tool_calls]
    return [QUESTION, asked, *given]


def approved(scene: Scene) -> list[bool]:
    """What the service was told, call by call."""
    given = [one["tool_approvals"] for one in scene.bodies("/submit_tool_outputs")]
    return [approval["approve"] for one in given for approval in one]


@pytest.mark.parametrize("mode", ["stream", "poll"])
@pytest.mark.parametrize("way", WAYS)
async def test_an_approval_is_asked_as_a_tool_call_and_answered_with_a_tool_message(
    script: Script, way: str, mode: str
) -> None:
    scene = script_of(script, FETCH, READ, run_mode=mode)

    asked = await ask(way, scene.model, [QUESTION])
    answer = await ask(way, scene.model, told(asked, "true"))

    (call,) = asked.tool_calls
    assert (call["name"], call["args"]) == (
        "mcp_approval_request",
        {"server_label": "github", "name": "fetch_docs", "arguments": {"path": "README"}},
    )
    assert asked.response_metadata["finish_reason"] == "tool_calls"
    assert answer.text == "Read them."
    assert approved(scene) == [True]
    assert scene.routes.count(SUBMIT) == 1


@pytest.mark.parametrize("mode", ["stream", "poll"])
@pytest.mark.parametrize("version", ["v0", "v1"])
def test_after_an_approval_the_call_and_what_it_gave_are_in_the_answer(
    script: Script, version: str, mode: str
) -> None:
    scene = script_of(script, FETCH, READ, run_mode=mode, output_version=version)

    asked = scene.model.invoke([QUESTION])
    answer = scene.model.invoke(told(asked, "true"))

    found: list[Any] = list(answer.content_blocks)
    assert [block["type"] for block in found] == ["server_tool_call", "server_tool_result", "text"]
    assert found[0]["args"] == {"path": "README"}
    assert found[0]["extras"] == {"name": "fetch_docs", "server_label": "github"}
    assert (found[1]["tool_call_id"], found[1]["output"]) == (found[0]["id"], "The docs.")


@pytest.mark.parametrize(
    ("content", "approve"),
    [
        ("true", True),
        ("True", True),
        (" true\n", True),
        ('{"approve": true}', True),
        ('{"approve": true, "reason": "It is public."}', True),
        ([{"type": "text", "text": "true"}], True),
        ("false", False),
        ('{"approve": false, "reason": "It is not."}', False),
    ],
)
def test_an_answer_is_true_or_false_or_an_object_that_says_so(
    script: Script, content: Any, *, approve: bool
) -> None:
    scene = script_of(script, FETCH, READ)

    scene.model.invoke(told(scene.model.invoke([QUESTION]), content))

    assert approved(scene) == [approve]


def test_a_tool_message_of_a_failure_approves_nothing(script: Script) -> None:
    scene = script_of(script, FETCH, READ)

    scene.model.invoke(told(scene.model.invoke([QUESTION]), "true", status="error"))

    assert approved(scene) == [False]


@pytest.mark.parametrize(
    "content", ["yes", "ok", "", "1", "null", '"true"', '{"approve": "true"}', "{}", "[true]"]
)
def test_any_other_answer_denies(script: Script, content: str) -> None:
    scene = script_of(script, FETCH, READ)

    answer = scene.model.invoke(told(scene.model.invoke([QUESTION]), content))

    assert answer.text == "Read them."
    assert approved(scene) == [False]


def test_several_calls_are_approved_one_by_one_in_one_request(script: Script) -> None:
    scene = script_of(script, Steps(FETCH, ISSUES), READ)

    asked = scene.model.invoke([QUESTION])
    yes, no = told(asked, "true"), told(asked, "false")
    scene.model.invoke([*yes[:3], no[3]])

    assert len(asked.tool_calls) == 2
    assert approved(scene) == [True, False]
    assert scene.routes.count(SUBMIT) == 1


def test_a_question_in_place_of_an_approval_approves_nothing(script: Script) -> None:
    scene = script_of(script, FETCH, Reply("All right."))
    asked = scene.model.invoke([QUESTION])

    answer = scene.model.invoke([QUESTION, asked, HumanMessage("Never mind.")])

    assert answer.text == "All right."
    assert approved(scene) == []
    assert run_statuses(scene.emulator) == ["cancelled", "completed"]


@pytest.mark.parametrize("way", WAYS)
async def test_an_approval_for_another_run_is_refused_and_nothing_submitted(
    script: Script, way: str
) -> None:
    scene = script_of(script, FETCH, FETCH, READ)
    other = await ask(way, scene.model, [QUESTION])
    asked = await ask(way, scene.model, [QUESTION])

    with pytest.raises(ToolOutputError, match="answers no call"):
        await ask(way, scene.model, [QUESTION, asked, *told(other, "true")[2:]])

    assert SUBMIT not in scene.routes
    assert run_statuses(scene.emulator) == ["requires_action", "requires_action"]
    assert (await ask(way, scene.model, told(asked, "true"))).text == "Read them."


@pytest.mark.parametrize("mode", ["stream", "poll"])
@pytest.mark.parametrize("way", WAYS)
async def test_an_approval_can_be_an_error_that_names_the_call(
    script: Script, way: str, mode: str
) -> None:
    scene = script_of(script, FETCH, mcp_approval="raise", run_mode=mode)

    with pytest.raises(ToolOutputError, match=r"fetch_docs of github with .*README") as caught:
        await ask(way, scene.model, [QUESTION])

    assert caught.value.run_id
    assert approved(scene) == []
    assert run_statuses(scene.emulator)[0] in {"cancelling", "cancelled"}


@pytest.mark.parametrize("mode", ["stream", "poll"])
@pytest.mark.parametrize("way", WAYS)
async def test_a_function_can_approve_and_the_turn_goes_on(
    script: Script, way: str, mode: str
) -> None:
    asked: list[Any] = []

    def approve(call: dict[str, Any]) -> bool:
        asked.append((call["server_label"], call["name"], json.loads(call["arguments"])))
        return True

    scene = script_of(script, FETCH, READ, mcp_approval=approve, run_mode=mode)

    answer = await ask(way, scene.model, [QUESTION])

    assert (answer.text, answer.tool_calls) == ("Read them.", [])
    assert asked == [("github", "fetch_docs", {"path": "README"})]
    assert approved(scene) == [True]
    kinds = [block["type"] for block in answer.content_blocks]
    assert kinds[-3:] == ["server_tool_call", "server_tool_result", "text"]


@pytest.mark.parametrize("way", ["ainvoke", "astream"])
async def test_an_async_function_can_approve_in_async_code(script: Script, way: str) -> None:
    async def approve(call: dict[str, Any]) -> bool:
        return bool(call["name"] == "fetch_docs")

    scene = script_of(script, FETCH, READ, mcp_approval=approve)

    await ask(way, scene.model, [QUESTION])

    assert approved(scene) == [True]


@pytest.mark.parametrize("way", ["invoke", "stream"])
async def test_an_async_function_in_sync_code_is_an_error(script: Script, way: str) -> None:
    async def approve(_: dict[str, Any]) -> bool:
        return True

    scene = script_of(script, FETCH, READ, mcp_approval=approve)

    with pytest.raises(InvalidFieldError, match="ainvoke"):
        await ask(way, scene.model, [QUESTION])

    assert approved(scene) == []


@pytest.mark.parametrize("said", [False, None, 1, "true", "yes", [True], {"approve": True}])
@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
async def test_only_true_approves(script: Script, way: str, *, said: Any) -> None:
    scene = script_of(script, FETCH, READ, mcp_approval=lambda _: said)

    await ask(way, scene.model, [QUESTION])

    assert approved(scene) == [False]


@pytest.mark.parametrize("way", WAYS)
async def test_a_function_that_fails_approves_nothing_and_cancels_the_run(
    script: Script, way: str
) -> None:
    def approve(call: dict[str, Any]) -> bool:
        raise LookupError(call["name"])

    scene = script_of(script, FETCH, mcp_approval=approve)

    with pytest.raises(LookupError, match="fetch_docs"):
        await ask(way, scene.model, [QUESTION])

    assert approved(scene) == []
    assert run_statuses(scene.emulator)[0] in {"cancelling", "cancelled"}


@pytest.mark.parametrize("surfaced", [True, False])
@pytest.mark.parametrize("per_call", [True, False])
def test_the_headers_of_a_server_go_out_again_with_its_approval_only(
    script: Script, *, surfaced: bool, per_call: bool
) -> None:
    given: dict[str, Any] = {"tool_resources": HEADERS}
    policy: dict[str, Any] = {} if surfaced else {"mcp_approval": lambda _: True}
    scene = script_of(script, Steps(FETCH, ISSUES), READ, **policy, **({} if per_call else given))
    options = given if per_call else {}

    asked = scene.model.invoke([QUESTION], **options)
    if surfaced:
        scene.model.invoke(told(asked, "true"), **options)

    (body,) = scene.bodies("/submit_tool_outputs")
    assert [one.get("headers") for one in body["tool_approvals"]] == [
        {"X-Secret": "for-github"},
        None,
    ]
    assert scene.bodies("/threads/runs")[0]["tool_resources"] == HEADERS
