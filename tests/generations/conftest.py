"""What tests of both generations share: an agent of each, on a service of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from conftest import MakeModel
from langchain_core.language_models import BaseChatModel

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import EmulatorBrain, FoundryEmulator, ScriptedBrain
from langchain_foundry_agents.emulator.brains.script import Part

Generation = Literal["classic", "new"]

TWO_WAYS = ("invoke", "astream")
"""Sync and whole, async and streamed. Most tests leave it at these: the four share one flow."""


@dataclass(frozen=True, slots=True)
class Scene:
    """An agent on a service of its own, and a model of it."""

    emulator: FoundryEmulator
    brain: BaseChatModel
    model: ChatFoundryAgent

    @property
    def outputs(self) -> list[str]:
        """What the tools gave, as the agent heard it last."""
        heard: Any = self.brain
        return [str(one.text) for one in heard.heard[-1] if one.type == "tool"]


Script = Callable[..., Scene]
Pair = Callable[..., tuple[Scene, Scene]]


@pytest.fixture(params=["classic", "new"])
def generation(request: pytest.FixtureRequest) -> Generation:
    """Each generation of agents in turn."""
    chosen: Generation = request.param
    return chosen


@pytest.fixture
def agent(emulator: FoundryEmulator, generation: Generation) -> dict[str, str]:
    """The field that names an agent of the generation."""
    return make_agent(emulator, generation, instructions="You are helpful.")


@pytest.fixture
def make_model(emulator: FoundryEmulator, agent: dict[str, str]) -> MakeModel:
    """Makes a model of the agent; fields as keywords."""

    def make(**fields: Any) -> ChatFoundryAgent:
        return ChatFoundryAgent(
            **{**agent, "project_endpoint": emulator.project_endpoint, **fields}
        )

    return make


@pytest.fixture
def script(generation: Generation) -> Iterator[Script]:
    """Makes a scene of an agent that says these turns, or without turns what it likes."""
    with ExitStack() as scenes:
        yield lambda *turns, **more: scenes.enter_context(open_scene(generation, *turns, **more))


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Makes the same scene twice: of a classic agent, and of a new one."""
    with ExitStack() as scenes:

        def make(*turns: Part, **more: Any) -> tuple[Scene, Scene]:
            classic, new = (open_scene(one, *turns, **more) for one in ("classic", "new"))
            return scenes.enter_context(classic), scenes.enter_context(new)

        yield make


@contextmanager
def open_scene(
    generation: Generation,
    *turns: Part,
    brain: BaseChatModel | None = None,
    definition: dict[str, Any] | None = None,
    service: dict[str, Any] | None = None,
    **fields: Any,
) -> Iterator[Scene]:
    """A scene; `definition` is the agent's, `service` the emulator's settings."""
    speaks = brain or (ScriptedBrain(turns) if turns else EmulatorBrain())
    with FoundryEmulator(speaks, **service or {}) as emulator:
        named = make_agent(emulator, generation, **definition or {})
        where = {"project_endpoint": emulator.project_endpoint}
        yield Scene(emulator, speaks, ChatFoundryAgent(**named, **where, **fields))


def make_agent(emulator: FoundryEmulator, generation: Generation, **more: Any) -> dict[str, str]:
    """Makes an agent, and names it as a model's field does."""
    name = emulator.create_agent(name="helper", generation=generation, **more)
    return {"agent_name" if generation == "new" else "agent_id": name}
