"""Logs carry ids, statuses and timings, and never what anybody said."""

from __future__ import annotations

import base64
import logging
import re
from typing import Any

import pytest
from canned import CannedService, Reply, json_reply
from generations.conftest import Generation, Script
from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from sockets.ways import WAYS, ask

from langchain_foundry_agents import FoundryAgentError
from langchain_foundry_agents.emulator import CallTools, Steps
from langchain_foundry_agents.emulator import Reply as Says

from .agents import model_of

OURS = "langchain_foundry_agents"
SAID = "otter"
LINE = re.compile(
    r"(GET|POST|DELETE) /api/projects/[\w-]+(/[\w/:-]+) (\d{3}|unanswered) \d+ ms \[[0-9a-f-]{36}\]"
)
READER = {"type": "code_interpreter"}
TOOL = {"type": "function", "function": {"name": "look_up", "parameters": {}}}


def said_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Log lines of anybody in which a word of the conversation stands."""
    lines = [f"{one.getMessage()} {vars(one)}" for one in caplog.records]
    return [line for line in lines if SAID in line.lower()]


@pytest.mark.parametrize("mode", ["stream", "poll"])
@pytest.mark.parametrize("way", WAYS)
async def test_a_tool_turn_leaves_no_word_in_the_logs(
    script: Script, caplog: pytest.LogCaptureFixture, generation: Generation, way: str, mode: str
) -> None:
    turns = (
        Steps(f"Let me see, {SAID}.", CallTools(("look_up", {"word": SAID}), ("look_up", SAID))),
        Says(f"An {SAID} swims."),
    )
    scene = script(*turns, definition={"tools": [TOOL, READER]}, run_mode=mode)
    file: Any = {
        "type": "file",
        "base64": base64.b64encode(SAID.encode()).decode(),
        "mime_type": "text/plain",
        "filename": "notes.txt",
    }
    picture: Any = {"type": "image", "url": f"https://example.com/{SAID}.png"}
    asked = HumanMessage([{"type": "text", "text": f"What is an {SAID}?"}, file, picture])
    history: list[Any] = [SystemMessage(f"Love {SAID}s."), asked]
    with caplog.at_level(logging.DEBUG):
        calls = await ask(way, scene.model, history)
        wanted = [*calls.tool_calls, *calls.invalid_tool_calls]
        outputs = [ToolMessage(f"An {SAID}.", tool_call_id=str(call["id"])) for call in wanted]
        answer = await ask(way, scene.model, [*history, calls, *outputs])

    assert (answer.text, len(outputs)) == (f"An {SAID} swims.", 2)
    assert said_in(caplog) == []
    ours = [one.getMessage() for one in caplog.records if one.name == OURS]
    assert len(ours) == len(scene.emulator.requests)
    assert [line for line in ours if not LINE.fullmatch(line)] == []


@pytest.mark.parametrize(
    ("generation", "statuses"),
    [
        ("classic", "400, 200, 403, unanswered, 403, 200, 403"),
        # An empty conversation does no harm: it is created again.
        ("new", "400, 200, 500, unanswered, 500, 200"),
    ],
)
@pytest.mark.parametrize("way", WAYS)
async def test_a_failure_leaves_no_word_in_the_logs_nor_a_look_for_what_was_lost(
    caplog: pytest.LogCaptureFixture, way: str, generation: str, statuses: str
) -> None:
    caplog.set_level(logging.DEBUG)
    quoting, hidden = (
        json_reply({"error": {"code": "bad", "message": f"No word is {SAID}."}}, status)
        for status in (400, 403)
    )
    cut = Reply(body=SAID.encode() * 9, breaks_after=5)
    for reply in (quoting, cut, Reply(hangs_up=True), Reply(body=SAID.encode())):
        with (
            CannedService(reply, found={"GET /threads": hidden}) as service,
            pytest.raises(FoundryAgentError),
        ):
            await ask(way, model_of(service, generation), f"What is an {SAID}?")

    assert said_in(caplog) == []
    lines = [one.getMessage() for one in caplog.records if one.name == OURS]
    found = [LINE.fullmatch(line) for line in lines]
    assert ", ".join(match[3] for match in found if match) == statuses


async def test_a_line_names_the_request_that_an_error_names(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, OURS)
    with CannedService(Reply(404)) as service, pytest.raises(FoundryAgentError) as caught:
        await model_of(service).ainvoke("Hello")

    (line,) = caplog.messages
    assert line.startswith("POST /api/projects/canned/threads/runs 404 ")
    assert line.endswith(f" ms [{caught.value.client_request_id}]")
