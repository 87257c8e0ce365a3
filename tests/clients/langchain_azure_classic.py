"""langchain-azure-ai's classic agents (`agents.v1`): graphs whose node runs an agent."""

from __future__ import annotations

import asyncio
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .credentials import FixedCredential, FixedToken

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_foundry_agents.emulator import FoundryEmulator

PACKAGES = ("langchain-azure-ai",)
QUESTION: Any = {"messages": [("user", "What is 17 * 23?")]}
HELPER = {"name": "helper", "model": "gpt-4o", "instructions": "You are helpful."}
ANSWER = "17 * 23 = 391."


def get_weather(city: str) -> str:
    """Tells the weather of a city."""
    return f"Sunny in {city}."


class Desk:
    """A factory of agents, and a graph of it."""

    module = "langchain_azure_ai.agents.v1"

    def __init__(self, emulator: FoundryEmulator) -> None:
        self.emulator = emulator
        token = emulator.credential
        self.client: Any = import_module(self.module).AgentServiceFactory(
            project_endpoint=emulator.project_endpoint,
            credential=FixedCredential(token),
            client_kwargs={"authentication_policy": FixedToken(token)},
        )

    def close(self) -> None:
        """The factory makes its clients anew for each agent."""

    @cached_property
    def graph(self) -> Any:
        return self.client.create_prompt_agent(**HELPER)

    def with_tools(self) -> str:
        """What a graph says whose agent calls a function."""
        graph = self.client.create_prompt_agent(**HELPER, tools=[get_weather])
        asked = {"messages": [("user", "Please get weather in 'Oslo'.")]}
        return str(graph.invoke(asked)["messages"][-1].content)

    def streamed(self) -> str:
        chunks = self.graph.stream(QUESTION, stream_mode="messages")
        return "".join(_text(chunk) for chunk, _ in chunks)

    async def astreamed(self) -> str:
        chunks = self.graph.astream(QUESTION, stream_mode="messages")
        return "".join([_text(chunk) async for chunk, _ in chunks])

    def kept(self) -> list[Any]:
        """The agents of the service."""
        return list(self.emulator.service.state.agents)

    def deleted(self) -> list[Any]:
        """The agents that are left when the graph's was deleted."""
        self.client.delete_agent(self.graph)
        return self.kept()


def _text(message: Any) -> str:
    return str(message.text) if message.type in ("ai", "AIMessageChunk") else ""


def _last(state: Any) -> str:
    return str(state["messages"][-1].text)


OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "create_prompt_agent": lambda desk: bool(desk.graph.nodes) and len(desk.kept()) == 1,
    "invoke": lambda desk: _last(desk.graph.invoke(QUESTION)) == ANSWER,
    "ainvoke": lambda desk: _last(asyncio.run(desk.graph.ainvoke(QUESTION))) == ANSWER,
    "stream": lambda desk: ANSWER in desk.streamed(),
    "astream": lambda desk: ANSWER in asyncio.run(desk.astreamed()),
    "invoke, with a function": lambda desk: "Sunny in Oslo." in desk.with_tools(),
    "delete_agent": lambda desk: desk.deleted() == [],
}
