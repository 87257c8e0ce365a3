"""What tests of tools share: an agent that says what its script has, and its service."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import FoundryEmulator, ScriptedBrain
from langchain_foundry_agents.emulator.brains.script import Part


@dataclass(frozen=True, slots=True)
class Scene:
    """A scripted agent on a service of its own, and a model of it."""

    emulator: FoundryEmulator
    brain: ScriptedBrain
    model: ChatFoundryAgent

    def add(self, *turns: Part) -> None:
        """Write on: turns that name what is on the service already."""
        self.brain._turns.extend(turns)

    @property
    def routes(self) -> list[str]:
        """What was asked, in order, with `*` for every id."""
        return [
            f"{request.method} {'/'.join(map(_without_id, request.route.split('/')))}"
            for request in self.emulator.requests
        ]

    def bodies(self, end: str) -> list[Any]:
        """The bodies of the requests whose path ends so, in order."""
        return [one.body for one in self.emulator.requests if one.route.endswith(end)]

    @property
    def outputs(self) -> list[str]:
        """What the tools gave, as the agent heard it last."""
        return [str(one.text) for one in self.brain.heard[-1] if one.type == "tool"]


Script = Callable[..., Scene]


@pytest.fixture
def script() -> Iterator[Script]:
    """Makes a scene of turns; `tools` are the agent's, `service` the emulator's settings."""
    with ExitStack() as scenes:

        def make(
            *turns: Part,
            tools: Sequence[Any] = (),
            service: dict[str, Any] | None = None,
            **fields: Any,
        ) -> Scene:
            brain = ScriptedBrain(turns)
            emulator = scenes.enter_context(FoundryEmulator(brain, **service or {}))
            given = {
                "agent_id": emulator.create_agent(tools=tools),
                "project_endpoint": emulator.project_endpoint,
                **fields,
            }
            return Scene(emulator, brain, ChatFoundryAgent(**given))

        yield make


def _without_id(part: str) -> str:
    return "*" if part.startswith(("asst_", "thread_", "run_", "assistant-")) else part
