"""Where a program runs: with ChatOpenAI, with a classic agent, or with a new one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import FoundryEmulator

from .brain import FollowingBrain
from .openai_server import chat_completions

JSON = dict[str, Any]
Kind = Literal["openai", "classic", "new"]
BROKEN = "broken"


class World:
    """Models that a program asks, and what their brain reads."""

    def __init__(
        self, kind: Kind, brain: FollowingBrain, address: str, service: FoundryEmulator | None
    ) -> None:
        self.kind = kind
        self._brain, self._address, self._service = brain, address, service
        self._agents = 0

    def model(self, *tools: Any, broken: bool = False, **fields: Any) -> BaseChatModel:
        """A model. Tools are what a new agent's definition has; programs bind them as ever.

        Args:
            *tools: Functions that the program binds, or schemas that it has answers as.
            broken: It fails.
            **fields: More fields of an agent's model: how a difference is left out.
        """
        if self._service is None:
            model = BROKEN if broken else "gpt-4o"
            openai: BaseChatModel = ChatOpenAI(
                model=model,
                base_url=self._address,
                api_key="none",
                max_retries=0,
                use_responses_api=False,
                profile={"max_input_tokens": 128_000},
            )
            return openai
        self._agents += 1
        name = f"agent-{self._agents}"
        new = self.kind == "new"
        made = self._service.create_agent(
            name=name, generation="new" if new else "classic", tools=list(tools)
        )
        named = {"agent_name" if new else "agent_id": name + "-gone" * broken if new else made}
        if broken and not new:
            named = {"agent_id": "asst_gone"}
        return ChatFoundryAgent(
            **{**named, **fields},
            project_endpoint=self._address,
            max_retries=0,
            profile={"max_input_tokens": 128_000},
        )

    @property
    def read(self) -> list[JSON]:
        """What the brain read, call by call."""
        return self._brain.read


@contextmanager
def world_of(kind: Kind) -> Iterator[World]:
    """A world of its own."""
    brain = FollowingBrain()
    if kind == "openai":
        with chat_completions(brain) as address:
            yield World(kind, brain, address, None)
        return
    with FoundryEmulator(brain) as service:
        yield World(kind, brain, service.project_endpoint, service)


def plain(value: Any) -> Any:
    """What a program returned, without what only names it: ids, metadata, usage."""
    match value:
        case BaseMessage():
            calls = [[call["name"], call["args"]] for call in getattr(value, "tool_calls", [])]
            return [value.type, str(value.text), *calls]
        case BaseModel():
            return value.model_dump()
        case dict():
            return {key: plain(one) for key, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
    return value
