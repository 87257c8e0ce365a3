"""The project's agents: listed, and a classic one found by its name."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_foundry_agents import (
    ChatFoundryAgent,
    InvalidAgentError,
    InvalidFieldError,
    NotFoundError,
)
from langchain_foundry_agents.emulator import FoundryEmulator

TWINS = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])


async def listed(emulator: FoundryEmulator, *, asynchronous: bool, **how: Any) -> list[str]:
    """Names of the agents, as they are listed."""
    where = {"project_endpoint": emulator.project_endpoint, **how}
    if asynchronous:
        return [agent["name"] async for agent in ChatFoundryAgent.alist_agents(**where)]
    return [agent["name"] for agent in ChatFoundryAgent.list_agents(**where)]


async def found(emulator: FoundryEmulator, name: str, *, asynchronous: bool) -> ChatFoundryAgent:
    where = {"project_endpoint": emulator.project_endpoint}
    if asynchronous:
        return await ChatFoundryAgent.afrom_name(name, **where)
    return ChatFoundryAgent.from_name(name, **where)


@TWINS
@pytest.mark.parametrize("generation", ["classic", "new"])
async def test_agents_of_a_generation_are_listed_newest_first_page_by_page(
    emulator: FoundryEmulator, generation: Any, *, asynchronous: bool
) -> None:
    names = [f"agent-{number}" for number in range(101)]
    for name in names:
        emulator.create_agent(name=name, generation=generation)
    emulator.create_agent(name="other", generation="new" if generation == "classic" else "classic")

    assert await listed(emulator, generation=generation, asynchronous=asynchronous) == names[::-1]
    assert len(emulator.requests) == 2


async def test_new_agents_are_what_is_listed_by_default(emulator: FoundryEmulator) -> None:
    emulator.create_agent(name="old")
    emulator.create_agent(name="fresh", generation="new")

    assert await listed(emulator, asynchronous=False) == ["fresh"]


@TWINS
async def test_bad_fields_are_refused_before_any_request(
    emulator: FoundryEmulator, *, asynchronous: bool
) -> None:
    with pytest.raises(InvalidFieldError, match="no generation 'next'"):
        await listed(emulator, generation="next", asynchronous=asynchronous)
    with pytest.raises(InvalidFieldError, match="agent_id names an agent that is there"):
        await listed(emulator, agent_id="asst_1", asynchronous=asynchronous)

    assert emulator.requests == []


@TWINS
async def test_a_classic_agent_is_found_by_its_name(
    emulator: FoundryEmulator, *, asynchronous: bool
) -> None:
    emulator.create_agent(name="sales")
    agent_id = emulator.create_agent(name="support")

    model = await found(emulator, "support", asynchronous=asynchronous)

    assert model.agent_id == agent_id
    assert model.invoke("What is 17 * 23?").text == "17 * 23 = 391."


@TWINS
async def test_a_name_that_several_agents_have_is_told_with_their_ids(
    emulator: FoundryEmulator, *, asynchronous: bool
) -> None:
    ids = [emulator.create_agent(name="support") for _ in range(2)]

    with pytest.raises(InvalidAgentError) as raised:
        await found(emulator, "support", asynchronous=asynchronous)

    assert all(agent_id in str(raised.value) for agent_id in ids)


@TWINS
async def test_a_name_that_no_agent_has_is_told_with_the_nearest(
    emulator: FoundryEmulator, *, asynchronous: bool
) -> None:
    emulator.create_agent(name="support")

    with pytest.raises(NotFoundError, match="Did you mean 'support'"):
        await found(emulator, "suport", asynchronous=asynchronous)
