"""Headers of MCP servers reach the service, and nobody else."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from canned import CannedService, json_reply
from langchain_core.load import dumps
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.runnables import Runnable
from langchain_core.tracers import BaseTracer
from langchain_core.tracers.schemas import Run
from sockets.ways import WAYS, ask

from langchain_foundry_agents import BadRequestError, ChatFoundryAgent, InvalidFieldError
from langchain_foundry_agents.emulator import AskApproval, Reply

from .conftest import Script

CANARY = "canary-7c1f"
RESOURCES = {"mcp": [{"server_label": "github", "headers": {"X-Secret": CANARY}}]}
SERVER = {"type": "mcp", "server_label": "github", "server_url": "https://mcp.example"}
QUESTION = HumanMessage("Look it up.")
GIVEN = ("field", "bind", "call")


class Notebook(BaseTracer):
    """Writes down all that a tracer is told."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[Run] = []

    def _persist_run(self, run: Run) -> None:
        self.runs.append(run)

    def read(self) -> str:
        """All of it as text."""
        return "".join(json.dumps(run.model_dump(), default=repr) for run in self.runs)


def given(model: ChatFoundryAgent, how: str) -> tuple[Runnable[Any, Any], dict[str, Any]]:
    """A model with the headers in a field or bound, or options of a call with them."""
    if how == "field":
        return model.model_copy(update={"tool_resources": RESOURCES}), {}
    if how == "bind":
        return model.bind(tool_resources=RESOURCES), {}
    return model, {"tool_resources": RESOURCES}


@pytest.mark.parametrize("how", GIVEN)
@pytest.mark.parametrize("way", WAYS)
async def test_headers_reach_the_service_but_no_tracer_and_no_log(
    script: Script, caplog: pytest.LogCaptureFixture, way: str, how: str
) -> None:
    caplog.set_level(logging.DEBUG)
    approval = AskApproval("github", "fetch_docs", {}, "The docs.")
    scene = script(approval, Reply("Read."), tools=[SERVER])
    model, options = given(scene.model, how)
    notebook = Notebook()
    config: Any = {"callbacks": [notebook]}

    asked = await ask(way, model, [QUESTION], config=config, **options)
    yes = ToolMessage("true", tool_call_id=str(asked.tool_calls[0]["id"]))
    answer = await ask(way, model, [QUESTION, asked, yes], config=config, **options)

    sent = [scene.bodies("/threads/runs"), scene.bodies("/submit_tool_outputs")]
    assert all(CANARY in json.dumps(body) for body in sent)
    assert len(notebook.runs) == 2
    seen = [notebook.read(), caplog.text, repr(asked), repr(answer), dumps(answer)]
    assert [text for text in seen if CANARY in text] == []


@pytest.mark.parametrize("show", [repr, str])
def test_a_model_does_not_show_its_headers(script: Script, show: Any) -> None:
    model, _ = given(script().model, "field")

    assert CANARY not in show(model)


@pytest.mark.parametrize("how", GIVEN[:2])
def test_headers_are_not_dumped(script: Script, how: str) -> None:
    model, _ = given(script().model, how)

    assert CANARY not in dumps(model)


@pytest.mark.parametrize("show", [repr, str])
def test_what_is_bound_does_not_show_its_headers(script: Script, show: Any) -> None:
    model, _ = given(script().model, "bind")

    assert CANARY not in show(model)


@pytest.fixture
def refusing() -> Iterator[CannedService]:
    """A service that takes no request."""
    with CannedService(json_reply({"error": {"code": "bad", "message": "No."}}, 400)) as service:
        yield service


@pytest.mark.parametrize("how", GIVEN)
def test_headers_are_in_no_error(refusing: CannedService, how: str) -> None:
    model, options = given(ChatFoundryAgent(agent_id="asst_1", project_endpoint=refusing.url), how)

    with pytest.raises(BadRequestError) as caught:
        model.invoke("Hello", **options)

    assert CANARY in refusing.requests[0].body.decode()
    assert CANARY not in f"{caught.value!r} {caught.value} {vars(caught.value)}"


@pytest.mark.parametrize("field", ["tool_resources", "thread_tool_resources"])
@pytest.mark.parametrize("value", [CANARY, [CANARY], {1: CANARY}])
def test_a_wrong_value_is_not_quoted(script: Script, field: str, value: Any) -> None:
    scene = script()

    with pytest.raises(InvalidFieldError) as caught:
        scene.model.invoke("Hello", **{field: value})

    assert CANARY not in f"{caught.value!r} {caught.value}"
    assert scene.routes == []
