"""Outputs whose request is lost: the agent hears them once, and the turn goes on."""

from __future__ import annotations

import pytest
from langchain_core.messages import HumanMessage
from sockets.places import LOSSES
from sockets.seen import run_statuses
from sockets.ways import ask

from langchain_foundry_agents.emulator import CallTools, Reply

from .conftest import Script
from .tools import PARIS, answers, get_weather

QUESTION = HumanMessage("Weather?")
SUBMIT = "POST /threads/*/runs/*/submit_tool_outputs"


@pytest.mark.parametrize("mode", ["stream", "poll"])
@pytest.mark.parametrize("way", ["invoke", "astream"])
@pytest.mark.parametrize("fault", ["drop-before", *LOSSES])
async def test_outputs_whose_request_is_lost_are_heard_once(
    script: Script, fault: str, way: str, mode: str
) -> None:
    scene = script(CallTools(PARIS), Reply("Sunny."), run_mode=mode, max_retry_wait=0.05)
    model = scene.model.bind_tools([get_weather])
    asked = await ask(way, model, [QUESTION])

    with scene.emulator.inject(fault, on=SUBMIT, **LOSSES.get(fault, {})) as lost:
        answer = await ask(way, model, [QUESTION, asked, *answers(asked, "sunny")])

    assert lost.met == 1
    assert answer.text == "Sunny."
    assert answer.response_metadata["run_id"] == asked.response_metadata["run_id"]
    assert [one.type for one in scene.brain.heard[-1]].count("tool") == 1
    assert len(scene.brain.heard) == 2
    assert run_statuses(scene.emulator) == ["completed"]
