"""Approvals and consents inside LangChain's own loop: nothing is approved that nobody approved."""

from __future__ import annotations

from typing import Any

import pytest
from langchain.agents import create_agent
from langchain.agents.middleware import HumanInTheLoopMiddleware
from langchain_core.messages import BaseMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command
from tools.tools import PARIS, get_weather

from langchain_foundry_agents.emulator import AskApproval, AskConsent, CallTools, Reply, Steps
from langchain_foundry_agents.middleware import FoundryApprovalMiddleware, mcp_approval_request

from .conftest import Scene, Script

GITHUB = {"type": "mcp", "server_label": "github", "server_url": "https://mcp.example"}
FETCH = AskApproval("github", "fetch_docs", {"path": "README"}, "The docs.")
TURNS = (FETCH, Reply("Done."), Reply("Next."))
CONFIG: RunnableConfig = {"configurable": {"thread_id": "1"}}
APPROVE, REJECT = {"type": "approve"}, {"type": "reject", "message": "Not today."}
EDIT = {
    "type": "edit",
    "edited_action": {
        "name": "mcp_approval_request",
        "args": {"server_label": "github", "name": "fetch_docs", "arguments": {"path": "LICENSE"}},
    },
}
OURS = FoundryApprovalMiddleware
THEIRS = HumanInTheLoopMiddleware(interrupt_on={"mcp_approval_request": True})


@tool
def lookup(key: str) -> str:
    """Look it up."""
    return key


def scene_of(script: Script, *turns: Any) -> Scene:
    return script(*turns, definition={"tools": [GITHUB, lookup, get_weather]})


def agent_of(scene: Scene, middleware: Any, *tools: Any) -> Any:
    return create_agent(
        scene.model, tools=[*tools], middleware=[middleware], checkpointer=InMemorySaver()
    )


def ask(agent: Any, question: str) -> Any:
    return agent.invoke({"messages": [("human", question)]}, CONFIG)


def decide(agent: Any, *decisions: dict[str, Any]) -> Any:
    return agent.invoke(Command(resume={"decisions": [*decisions]}), CONFIG)


def denials(scene: Scene) -> list[dict[str, Any]]:
    """What the service was told, request by request, without the ids."""
    found = []
    for request in scene.emulator.requests:
        body: Any = request.body if isinstance(request.body, dict) else {}
        items = [one for one in body.get("input") or [] if isinstance(one, dict)]
        answers = [one for one in items if one.get("type") == "mcp_approval_response"]
        answers += body.get("tool_approvals") or []
        found += [{key: one[key] for key in ("approve", "reason") if key in one} for one in answers]
    return found


LOOPS = [
    pytest.param(OURS(), (), id="our middleware, no tool"),
    pytest.param(OURS(), (lookup,), id="our middleware, a tool"),
    pytest.param(THEIRS, (mcp_approval_request,), id="LangChain's middleware, our tool"),
]


@pytest.mark.parametrize(("middleware", "tools"), LOOPS)
def test_a_person_approves(script: Script, middleware: Any, tools: Any) -> None:
    scene = scene_of(script, *TURNS)
    agent = agent_of(scene, middleware, *tools)

    (asked,) = ask(agent, "Look it up.")["__interrupt__"]
    answer = decide(agent, APPROVE)

    (action,) = asked.value["action_requests"]
    assert (action["name"], action["args"]["name"]) == ("mcp_approval_request", "fetch_docs")
    assert answer["messages"][-1].text == "Done."
    assert denials(scene) == [{"approve": True}]


@pytest.mark.parametrize("decision", [REJECT, EDIT], ids=["reject", "edit"])
@pytest.mark.parametrize(("middleware", "tools"), LOOPS)
def test_a_person_denies_and_the_conversation_goes_on(
    script: Script, middleware: Any, tools: Any, decision: dict[str, Any]
) -> None:
    scene = scene_of(script, *TURNS)
    agent = agent_of(scene, middleware, *tools)
    ask(agent, "Look it up.")

    answer = decide(agent, decision)
    later = ask(agent, "And now?")

    (denial,) = denials(scene)
    assert denial["approve"] is False
    if scene.model.is_new:
        assert {"reject": "Not today.", "edit": "LICENSE"}[decision["type"]] in denial["reason"]
    assert [one["messages"][-1].text for one in (answer, later)] == ["Done.", "Next."]


@pytest.mark.parametrize(
    "resumed",
    [
        True,
        {"approve": True},
        {"decisions": []},
        {"decisions": [{"type": "respond"}]},
        {"decisions": 1},
    ],
)
def test_what_is_no_decision_approves_nothing_and_is_asked_for_again(
    script: Script, resumed: Any
) -> None:
    scene = scene_of(script, *TURNS)
    agent = agent_of(scene, OURS())
    ask(agent, "Look it up.")

    (again,) = agent.invoke(Command(resume=resumed), CONFIG)["__interrupt__"]

    (action,) = again.value["action_requests"]
    assert "The answer was not understood" in action["description"]
    assert denials(scene) == []
    assert decide(agent, APPROVE)["messages"][-1].text == "Done."


def test_without_a_person_tool_nodes_error_denies(script: Script) -> None:
    scene = scene_of(script, *TURNS)
    agent = create_agent(scene.model, tools=[lookup], checkpointer=InMemorySaver())

    answers = [ask(agent, question)["messages"][-1].text for question in ("Look.", "And now?")]

    assert answers == ["Done.", "Next."]
    assert denials(scene) == [{"approve": False}]


async def test_each_of_several_requests_has_its_own_decision(script: Script) -> None:
    other = AskApproval("github", "list_issues", {}, "None.")
    scene = scene_of(script, Steps(FETCH, other), Reply("Done."))
    agent = agent_of(scene, OURS())
    await agent.ainvoke({"messages": [("human", "Go.")]}, CONFIG)

    answer = await agent.ainvoke(Command(resume={"decisions": [REJECT, APPROVE]}), CONFIG)

    assert answer["messages"][-1].text == "Done."
    assert [one["approve"] for one in denials(scene)] == [False, True]


def test_functions_run_beside_as_ever(script: Script) -> None:
    scene = scene_of(script, CallTools(PARIS), Reply("Sunny."))
    agent = agent_of(scene, OURS(), get_weather)

    answer = ask(agent, "The weather?")

    assert answer["messages"][-1].text == "Sunny."


def test_the_tool_that_approves_is_not_sent_to_the_agent(script: Script) -> None:
    scene = scene_of(script, Reply("Hello."))

    scene.model.bind_tools([lookup, mcp_approval_request]).invoke("Hi")

    assert "mcp_approval_request" not in str([one.body for one in scene.emulator.requests])


CONSENT = AskConsent("github", "https://login.example/1")


def consents(script: Script) -> tuple[Scene, Any, Any]:
    scene = scene_of(script, CONSENT, Reply("Done."), Reply("Next."))
    if not scene.model.is_new:
        pytest.skip("classic agents ask for no consents")
    agent = agent_of(scene, OURS())
    return scene, agent, ask(agent, "My issues?")["__interrupt__"][0]


def texts(messages: list[BaseMessage]) -> list[str]:
    return [str(one.text) for one in messages if one.type == "human"]


def test_after_a_consent_the_question_is_asked_again(script: Script) -> None:
    _, agent, asked = consents(script)

    answer = decide(agent, APPROVE)

    (action,) = asked.value["action_requests"]
    assert action["args"] == {
        "server_label": "github",
        "consent_link": "https://login.example/1",
    }
    assert answer["messages"][-1].text == "Done."
    assert texts(answer["messages"]) == ["My issues?", "My issues?"]


def test_a_consent_that_is_rejected_ends_the_turn(script: Script) -> None:
    _, agent, _ = consents(script)

    answer = decide(agent, REJECT)

    assert texts(answer["messages"]) == ["My issues?"]
    assert ask(agent, "Never mind.")["messages"][-1].text == "Done."
