"""What the service itself does in both generations: approvals of MCP calls, code, pictures."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from sockets.ways import WAYS, ask
from tools.reading import blocks

from langchain_foundry_agents import FoundryAgentError
from langchain_foundry_agents.emulator import AskApproval, Reply, RunCode, Steps

from .conftest import TWO_WAYS, Scene, Script
from .seen import place_of

MODES = ("stream", "poll")
QUESTION = HumanMessage("Look it up.")
GITHUB = {"type": "mcp", "server_label": "github", "server_url": "https://mcp.example"}
JIRA = {"type": "mcp", "server_label": "jira", "server_url": "https://jira.example"}
FETCH = AskApproval("github", "fetch_docs", {"path": "README"}, "The docs.")
ISSUES = AskApproval("jira", "list_issues", {}, "No issues.")
READ = Reply("Read them.")


def script_of(script: Script, *turns: Any, **fields: Any) -> Scene:
    """A scene of an agent whose definition has the servers."""
    return script(*turns, definition={"tools": [GITHUB, JIRA]}, **fields)


def told(asked: AIMessage, *given: str) -> list[BaseMessage]:
    """The history in which the requests for approval got these answers."""
    calls = zip(asked.tool_calls, given, strict=True)
    answers = [ToolMessage(said, tool_call_id=str(call["id"])) for call, said in calls]
    return [QUESTION, asked, *answers]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", WAYS)
async def test_an_approval_is_asked_as_a_tool_call_and_given_by_a_tool_message(
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
    assert place_of(answer) == place_of(asked)
    used, gave = (one for one in blocks(answer) if one["type"].startswith("server_tool"))
    assert (used["args"], gave["output"]) == ({"path": "README"}, "The docs.")


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_call_that_is_denied_is_not_made(script: Script, way: str) -> None:
    scene = script_of(script, FETCH, Reply("As you like."))
    asked = await ask(way, scene.model, [QUESTION])

    answer = await ask(way, scene.model, told(asked, "false"))

    assert answer.text == "As you like."
    assert "The docs." not in str(answer.content)


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_several_calls_are_approved_one_by_one(script: Script, way: str) -> None:
    scene = script_of(script, Steps(FETCH, ISSUES), READ)
    asked = await ask(way, scene.model, [QUESTION])

    answer = await ask(way, scene.model, told(asked, "true", "false"))

    assert len(asked.tool_calls) == 2
    outputs = [one["output"] for one in blocks(answer) if one["type"] == "server_tool_result"]
    assert "The docs." in outputs
    assert "No issues." not in outputs


@pytest.mark.parametrize("content", ["yes", "", "1", '{"approve": "true"}'])
def test_an_answer_that_is_neither_yes_nor_no_denies(script: Script, content: str) -> None:
    scene = script_of(script, FETCH, READ)

    answer = scene.model.invoke(told(scene.model.invoke([QUESTION]), content))

    assert answer.text == "Read them."
    outputs = [one["output"] for one in blocks(answer) if one["type"] == "server_tool_result"]
    assert "The docs." not in outputs


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_function_may_approve_so_that_one_turn_gives_the_answer(
    script: Script, way: str, mode: str
) -> None:
    heard: list[Any] = []

    def approve(call: dict[str, Any]) -> bool:
        heard.append((call["server_label"], call["name"]))
        return True

    scene = script_of(script, FETCH, READ, mcp_approval=approve, run_mode=mode)

    answer = await ask(way, scene.model, [QUESTION])

    assert answer.text == "Read them."
    assert answer.tool_calls == []
    assert heard == [("github", "fetch_docs")]


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_who_wants_no_approvals_gets_an_error(script: Script, way: str) -> None:
    scene = script_of(script, FETCH, READ, mcp_approval="raise")

    with pytest.raises(FoundryAgentError, match="fetch_docs"):
        await ask(way, scene.model, [QUESTION])


PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", TWO_WAYS)
async def test_code_that_ran_is_two_blocks_between_the_texts(
    script: Script, way: str, mode: str
) -> None:
    turn = Steps("Let me see.", RunCode("print(6 * 7)", "42"), Reply("It is 42."))
    tools = [{"type": "code_interpreter"}]
    scene = script(turn, definition={"tools": tools}, run_mode=mode)

    answer = await ask(way, scene.model, "How much?")

    found = blocks(answer)
    kinds = [block["type"] for block in found]
    assert kinds == ["text", "server_tool_call", "server_tool_result", "text"]
    assert (found[1]["name"], found[1]["args"]["code"]) == ("code_interpreter", "print(6 * 7)")
    assert found[2]["tool_call_id"] == found[1]["id"]
    assert answer.text.endswith("It is 42.")


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_file_that_code_made_can_be_downloaded(script: Script, way: str) -> None:
    turn = Steps(RunCode("draw()", "", PNG), Reply("Here it is."))
    scene = script(turn, definition={"tools": [{"type": "code_interpreter"}]})

    answer = await ask(way, scene.model, "Draw.")

    ids = file_of(answer)
    assert scene.model.download(**ids) == PNG
    assert await scene.model.adownload(**ids) == PNG


def file_of(answer: AIMessage) -> dict[str, str]:
    """What names the file: a block of the picture, or a citation of the text."""
    for block in blocks(answer):
        if block["type"] == "image":
            return {"file_id": block["file_id"]}
        for note in block.get("annotations", []):
            extras = note.get("extras", {})
            return {name: extras[name] for name in ("file_id", "container_id") if name in extras}
    raise AssertionError(answer.content)
