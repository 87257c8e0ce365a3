"""litellm's `azure_ai/agents/<id>`, and its `responses` on the new generation's surface."""

from __future__ import annotations

import asyncio
import os
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .seats import everything

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_foundry_agents.emulator import FoundryEmulator

# Else its import asks the network for prices.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")

PACKAGES = ("litellm",)
QUESTION = "What is 17 * 23?"
ANSWER = "17 * 23 = 391."


class Desk:
    """The library, and agents for it."""

    def __init__(self, emulator: FoundryEmulator) -> None:
        self.emulator = emulator
        self.client: Any = import_module("litellm")

    def close(self) -> None:
        """It keeps its clients to itself."""

    @cached_property
    def classic(self) -> dict[str, Any]:
        """How a classic agent is asked."""
        return {
            "model": f"azure_ai/agents/{self.emulator.create_agent()}",
            "api_base": self.emulator.project_endpoint,
            "api_key": self.emulator.credential,
            "messages": [{"role": "user", "content": QUESTION}],
        }

    @cached_property
    def new(self) -> dict[str, Any]:
        """How an agent of the new generation is asked; litellm cannot leave the model out."""
        name = self.emulator.create_agent(name="helper", generation="new", model="gpt-4.1")
        return {
            "model": "openai/gpt-4.1",
            "api_base": f"{self.emulator.project_endpoint}/openai/v1",
            "api_key": self.emulator.credential,
            "input": QUESTION,
            "extra_body": {"agent_reference": {"type": "agent_reference", "name": name}},
        }


async def _joined(chunks: Any) -> str:
    return "".join([one.choices[0].delta.content or "" async for one in await chunks])


def _said(answer: Any) -> Any:
    return answer.choices[0].message.content


OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "completion": lambda desk: _said(desk.client.completion(**desk.classic)) == ANSWER,
    "acompletion": lambda desk: (
        _said(asyncio.run(desk.client.acompletion(**desk.classic))) == ANSWER
    ),
    "acompletion(stream=True)": lambda desk: (
        asyncio.run(_joined(desk.client.acompletion(stream=True, **desk.classic))) == ANSWER
    ),
    "responses": lambda desk: desk.client.responses(**desk.new).output[0].content[0].text == ANSWER,
    "responses(stream=True)": lambda desk: (
        everything(desk.client.responses(stream=True, **desk.new))[-1].type == "response.completed"
    ),
    "aresponses": lambda desk: (
        asyncio.run(desk.client.aresponses(**desk.new)).output[0].content[0].text == ANSWER
    ),
}
