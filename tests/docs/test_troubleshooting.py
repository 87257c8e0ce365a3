"""Each heading of the page is a message that comes, and its remedy helps."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from canned import CannedService, json_reply, plain_turn, stream_reply
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from pages import DOCS, titled
from pydantic import BaseModel
from safety.tls import certify, secure_service

from langchain_foundry_agents import ChatFoundryAgent, FoundryAgentError
from langchain_foundry_agents.emulator import FoundryEmulator

PAGE = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^### (.*)$", PAGE, re.MULTILINE)
AZURE = "https://contoso.services.ai.azure.com/api/projects/demo"
QUESTION = "What is 17 * 23?"
Ask = Callable[[FoundryEmulator], Any]


def model(**fields: Any) -> ChatFoundryAgent:
    return ChatFoundryAgent(**{"max_retries": 0, **fields})


def asking(question: str = QUESTION, **fields: Any) -> Ask:
    """A question to the agent of the environment; fields of the model."""
    return lambda service: model(**fields).invoke(question)


def of_azure(**fields: Any) -> Ask:
    """A model that is made, and not asked."""
    return lambda service: ChatFoundryAgent(
        **{"agent_name": "support", "project_endpoint": AZURE, **fields}
    )


def with_fault(name: str, ask: Ask, **parameters: Any) -> Ask:
    """A question that meets a fault."""

    def met(service: FoundryEmulator) -> Any:
        with service.inject(name, **parameters):
            return ask(service)

    return met


def in_a_busy_thread(**fields: Any) -> Ask:
    """A question in a thread of a classic agent on which another run works."""

    def ask(service: FoundryEmulator) -> Any:
        llm = model(agent_id=service.create_agent(), **fields)
        thread_id = llm.invoke("Hello").response_metadata["thread_id"]
        with service.inject("active-run", seconds=0.3):
            return llm.invoke(QUESTION, thread_id=thread_id)

    return ask


def beside_an_open_stream(**fields: Any) -> Ask:
    """A question in a thread in which a stream of this process is open."""

    def ask(service: FoundryEmulator) -> Any:
        llm = model(agent_id=service.create_agent(), **fields)
        thread_id = llm.invoke("Hello").response_metadata["thread_id"]
        chunks = llm.stream(QUESTION, thread_id=thread_id, run_timeout=30)
        next(chunks)
        try:
            return llm.invoke(QUESTION, thread_id=thread_id)
        finally:
            chunks.close()  # type: ignore[attr-defined]

    return ask


def double(number: int) -> int:
    """Twice the number."""
    return 2 * number


class Sum(BaseModel):
    """A form."""

    value: int


def calculator(**more: Any) -> ChatFoundryAgent:
    return ChatFoundryAgent.create(name="calculator", model="gpt-4o", tools=[double], **more)


def called(service: FoundryEmulator) -> list[HumanMessage | AIMessage]:
    question = HumanMessage("Please call double with 3.")
    return [question, calculator().invoke([question])]


def output(history: list[HumanMessage | AIMessage]) -> ToolMessage:
    (call,) = (call for one in history if isinstance(one, AIMessage) for call in one.tool_calls)
    return ToolMessage("6", tool_call_id=call["id"])


def no_one_listens(service: FoundryEmulator) -> Any:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return model(project_endpoint=f"http://127.0.0.1:{port}/api/projects/demo").invoke(QUESTION)


def refused(code: str, message: str) -> Ask:
    """A question that a service refuses, by the words of Azure OpenAI's public reports."""

    def ask(service: FoundryEmulator) -> Any:
        error = {"error": {"code": code, "message": message}}
        fields = {"agent_id": "asst_1", "credential": "token"}
        with CannedService(json_reply(error, 400)) as canned:
            return model(project_endpoint=canned.url, **fields).invoke(QUESTION)

    return ask


LIMITED = {"retry_after": 0.01, "by": "retry-after-ms"}
# What brings the message about, and what the page says to do.
CASES: dict[str, tuple[Ask, Ask]] = {
    "No project endpoint is given.": (
        lambda service: ChatFoundryAgent(project_endpoint=""),
        of_azure(),
    ),
    "The project endpoint is the address of an Azure OpenAI resource …": (
        of_azure(project_endpoint="https://contoso.openai.azure.com"),
        of_azure(),
    ),
    "The project endpoint is plain http to …": (
        of_azure(project_endpoint=AZURE.replace("https", "http")),
        of_azure(),
    ),
    "No agent is given.": (
        of_azure(agent_name=None),
        of_azure(agent_id="asst_1", agent_name=None),
    ),
    "… is not the id of a classic agent: those begin with 'asst_'.": (
        of_azure(agent_id="support", agent_name=None),
        of_azure(agent_name="support"),
    ),
    "There is no field or keyword …": (asking(max_token=300), asking(max_tokens=300)),
    "… belongs to the agent's definition, and the service refuses it in a call …": (
        asking(temperature=0.1),
        lambda service: ChatFoundryAgent.create(name="cool", model="gpt-4o", temperature=0.1),
    ),
    "… is not the id of a thread: those begin with 'thread_' …": (
        asking(thread_id="ana"),
        lambda service: model().invoke(
            QUESTION, thread_id=model().invoke("Hello").response_metadata["thread_id"]
        ),
    ),
    "The service refused the request: Unauthorized. Access token is missing, invalid, "
    "audience is incorrect …": (
        asking(credential="of-another-resource"),
        lambda service: model(credential=service.credential).invoke(QUESTION),
    ),
    "The service refused the request: The principal … lacks the required data action …": (
        with_fault("permission-denied", asking()),
        asking(),
    ),
    "The service refused the request: Agent … not found. …": (
        asking(agent_name="Support-of-others"),
        asking(agent_name="support"),
    ),
    "The service refused the request: Conversation … not found. …": (
        asking(thread_id="conv_" + "0" * 50),
        asking(),
    ),
    # https://github.com/Gitlawb/openclaude/issues/273
    "… The response was filtered due to the prompt triggering the content management policy. …": (
        refused(
            "content_filter",
            "The response was filtered due to the prompt triggering the content management policy. "
            "Please modify your prompt and retry.",
        ),
        asking(),
    ),
    # https://github.com/microsoft/agent-framework/issues/2428
    "… Your input exceeds the context window of this model. …": (
        refused(
            "context_length_exceeded",
            "Your input exceeds the context window of this model. Please adjust your input.",
        ),
        asking(),
    ),
    "The service refused the request: Too many requests. …": (
        with_fault("rate-limit", asking(), retry_after=300),
        with_fault("rate-limit", asking(max_retries=1), **LIMITED),
    ),
    "The service answered HTTP 502 with a body that is no error message …": (
        with_fault("html-page", asking()),
        asking(),
    ),
    "The connection to … failed …": (no_one_listens, asking()),
    "The turn took longer than run_timeout allows.": (
        with_fault("stuck-queue", asking(run_timeout=0.2)),
        with_fault("stuck-queue", asking(run_timeout=30), seconds=0.3),
    ),
    "The turn waited longer than run_timeout allows for another turn of this process, which works "
    "on the same thread.": (beside_an_open_stream(run_timeout=0.3), in_a_busy_thread()),
    "The run ended before it wrote anything: …": (
        with_fault("incomplete-run", asking(), pieces=0),
        asking(max_tokens=1000),
    ),
    "The service refused the request: Thread … already has an active run …": (
        in_a_busy_thread(on_active_run="raise"),
        in_a_busy_thread(),
    ),
    "The agent … lacks tools that are bound: …": (
        lambda service: model().bind_tools([double]).invoke(QUESTION),
        lambda service: calculator().bind_tools([double]).invoke(QUESTION),
    ),
    "The agent … does not answer in the form that is wanted …": (
        lambda service: model().with_structured_output(Sum, strict=True).invoke(QUESTION),
        lambda service: calculator(response_format=Sum).with_structured_output(Sum).invoke("42"),
    ),
    "The output for … answers no call of the history. …": (
        lambda service: calculator().invoke([HumanMessage("Go on."), output(called(service))]),
        lambda service: calculator().invoke([*(told := called(service)), output(told)]),
    ),
}
OF_TLS = "The certificate of … was not accepted: unable to get local issuer certificate."


def test_the_page_has_just_these_messages() -> None:
    assert sorted(HEADINGS) == sorted([*CASES, OF_TLS])


@pytest.mark.parametrize("heading", CASES)
def test_the_message_comes_and_the_remedy_helps(
    heading: str, reader: FoundryEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails, helps = CASES[heading]
    for name in ("AZURE_AI_PROJECT_ENDPOINT", "AZURE_AI_AGENT_NAME"):
        if heading.startswith("No "):
            monkeypatch.delenv(name)

    with pytest.raises(FoundryAgentError, match=pattern(heading)):
        fails(reader)
    assert helps(reader)


def test_a_companys_certificate_is_taken_as_the_recipe_says(
    tmp_path: Path,
) -> None:
    authority = certify("Contoso")
    recipe: dict[str, Any] = {}
    exec(titled("recipes/network.md", "authority.py"), recipe)
    server = certify("localhost", authority).write(tmp_path / "server.pem")
    trusted = authority.write(tmp_path / "contoso.pem")

    with secure_service(server, stream_reply(plain_turn("Fine."))) as service:
        fields = {"agent_id": "asst_1", "project_endpoint": service.url, "credential": "token"}
        with pytest.raises(FoundryAgentError, match=pattern(OF_TLS)):
            model(**fields).invoke(QUESTION)
        trusting = recipe["trusting"](str(trusted), **fields)

        assert trusting.invoke(QUESTION).text == "Fine."
        trusting.http_client.close()


def pattern(heading: str) -> str:
    return "^" + ".*".join(map(re.escape, heading.rstrip(" …").split("…")))
