"""How much an agent's model reads, where it is known: for middleware that goes by fractions."""

from __future__ import annotations

import asyncio

import pytest
from langchain.agents.middleware import SummarizationMiddleware

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents._profile import windows_of
from langchain_foundry_agents.emulator import FoundryEmulator


@pytest.mark.parametrize(
    ("deployment", "most"),
    [
        ("gpt-4o", 128_000),
        ("gpt-4o-mini", 128_000),
        ("gpt-4o-2024-11-20", 128_000),
        ("gpt-4.1-nano", 1_047_576),
        ("gpt-5-mini", 272_000),
        ("gpt-5-chat", 128_000),
        ("o3-mini", 200_000),
        ("gpt-4", None),
        ("gpt-4omni", None),
        ("our-deployment", None),
        (None, None),
    ],
)
def test_a_deployment_that_is_named_after_its_model_is_known(
    deployment: str | None, most: int | None
) -> None:
    assert windows_of(deployment).get("max_input_tokens") == most


@pytest.mark.parametrize("generation", ["new", "classic"])
def test_what_code_makes_can_be_summarised_by_a_fraction(
    emulator: FoundryEmulator, generation: str
) -> None:
    made = ChatFoundryAgent.create(
        name="support",
        model="gpt-4o",
        generation=generation,  # type: ignore[arg-type]
        project_endpoint=emulator.project_endpoint,
    )

    middleware = SummarizationMiddleware(made, trigger=("fraction", 0.8))

    assert made.profile is not None
    assert (made.profile["max_input_tokens"], made.profile["tool_calling"]) == (128_000, True)
    assert middleware.model is made


@pytest.mark.parametrize("generation", ["new", "classic"])
def test_an_agent_that_is_there_is_read_for_it(emulator: FoundryEmulator, generation: str) -> None:
    field = "agent_name" if generation == "new" else "agent_id"
    name = emulator.create_agent(name="support", generation=generation, model="gpt-4.1")  # type: ignore[arg-type]
    model = ChatFoundryAgent(**{field: name}, project_endpoint=emulator.project_endpoint)

    profiles = [model.with_profile().profile, asyncio.run(model.awith_profile()).profile]

    assert "max_input_tokens" not in (model.profile or {})
    assert [(one or {})["max_input_tokens"] for one in profiles] == [1_047_576] * 2


def test_what_a_caller_says_stands_beside_what_is_true_of_every_agent() -> None:
    model = ChatFoundryAgent(
        agent_id="asst_1",
        project_endpoint="https://r.services.ai.azure.com/api/projects/p",
        model="gpt-4o",
        profile={"max_input_tokens": 64_000},
    )

    assert model.profile is not None
    assert model.profile["max_input_tokens"] == 64_000
    assert model.profile["max_output_tokens"] == 16_384
    assert model.profile["structured_output"] is True
