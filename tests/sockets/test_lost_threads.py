"""First turns whose request is lost: one thread has the question once, or none is left behind."""

from __future__ import annotations

import pytest
from conftest import MakeModel
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from langchain_foundry_agents import ServiceConnectionError
from langchain_foundry_agents.emulator import FoundryEmulator

from .places import LOSSES, is_at_rest, said_everywhere
from .seen import run_statuses
from .ways import WAYS, ask

HISTORIES: dict[str, list[BaseMessage]] = {
    "POST /threads/runs": [HumanMessage("Hello")],
    "POST /threads": [SystemMessage("Be brief."), HumanMessage("Hello")],
    "POST /threads/*/runs": [SystemMessage("Be brief."), HumanMessage("Hello")],
}
"""What makes a first turn ask for its thread and its run so."""


@pytest.mark.parametrize("mode", ["stream", "poll"])
@pytest.mark.parametrize("way", ["invoke", "astream"])
@pytest.mark.parametrize("fault", LOSSES)
@pytest.mark.parametrize(("lost", "history"), HISTORIES.items(), ids=HISTORIES)
async def test_what_was_created_is_found_and_nothing_is_created_twice(
    emulator: FoundryEmulator,
    make_model: MakeModel,
    lost: str,
    history: list[BaseMessage],
    fault: str,
    way: str,
    mode: str,
) -> None:
    model = make_model(run_mode=mode, max_retry_wait=0.05)

    with emulator.inject(fault, on=lost, **LOSSES[fault]) as injected:
        answer = await ask(way, model, history)

    assert injected.met == 1
    assert answer.text == 'You said: "Hello".'
    assert said_everywhere(emulator) == [[("user", "Hello"), ("assistant", answer.text)]]
    assert run_statuses(emulator) == ["completed"]


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("lost", "history"), HISTORIES.items(), ids=HISTORIES)
async def test_what_never_arrived_is_an_error_and_leaves_no_thread(
    emulator: FoundryEmulator,
    make_model: MakeModel,
    lost: str,
    history: list[BaseMessage],
    way: str,
) -> None:
    with emulator.inject("drop-before", on=lost), pytest.raises(ServiceConnectionError) as caught:
        await ask(way, make_model(), history)

    assert caught.value.maybe_accepted
    assert await is_at_rest(emulator)
    assert said_everywhere(emulator) == []
