"""A stream of 200 events, cut after every event and at 200 bytes by chance: its whole answer comes.

What the stream did not bring the service is asked for. It drops the response of a new agent that
does not work in the background, once its caller is gone: that is told as an error.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from langchain_foundry_agents import ChatFoundryAgent, FoundryAgentError, RunCancelledError
from langchain_foundry_agents.emulator import Fault, FoundryEmulator

from .places import is_at_rest, said_everywhere
from .ways import added, listed

WORDS = {"classic": 188, "new": 192}
"""How long an answer has to be for a stream of 200 events."""
BYTES = {"classic": range(1_500, 41_900), "new": range(1_500, 62_500)}
"""From where the run is named to the stream's end."""
NAMED_BY = {"classic": 2, "new": 1}
"""The event that names the run."""
AT_ONCE = 4
QUESTION = "Go on"


class TalkingBrain(BaseChatModel):
    """Says its words one by one, whatever it is asked; quick, as it makes one message of them."""

    words: list[str]

    @property
    def _llm_type(self) -> str:
        return "talking"

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        raise NotImplementedError

    async def _astream(self, *_: Any, **__: Any) -> AsyncIterator[ChatGenerationChunk]:
        blocks = [{"type": "text", "text": word} for word in self.words]
        yield ChatGenerationChunk(message=AIMessageChunk(content=list[Any](blocks)))


def cuts(generation: str, where: str) -> list[Fault]:
    """A cut after each event from the one that names the run, or at 200 bytes after it."""
    if where == "events":
        return [Fault("cut-stream", event=event) for event in range(NAMED_BY[generation], 201)]
    places = random.Random(9).sample(BYTES[generation], 200)
    return [Fault("cut-stream", at=place) for place in places]


async def outcomes(way: str, model: ChatFoundryAgent, turns: int) -> list[str | type[Exception]]:
    """What so many first turns come to, some at a time: the answer's text, or its error's class."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def outcome() -> str | type[Exception]:
        async with gate:
            try:
                if way == "astream":
                    return added(await listed(model.astream(QUESTION))).text
                return (await asyncio.to_thread(lambda: added(model.stream(QUESTION)))).text
            except FoundryAgentError as error:
                return type(error)

    return await asyncio.gather(*(outcome() for _ in range(turns)))


EVERYWHERE = [
    (generation, False, where, way)
    for generation in ("classic", "new")
    for where in ("events", "bytes")
    for way in ("stream", "astream")
]
IN_THE_BACKGROUND = [("new", True, "events", "astream"), ("new", True, "bytes", "stream")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("generation", "background", "where", "way"), [*EVERYWHERE, *IN_THE_BACKGROUND]
)
async def test_a_stream_that_is_cut_anywhere_gives_its_whole_answer(
    generation: Any, background: bool, where: str, way: str
) -> None:
    words = [f"wörd{number} " for number in range(WORDS[generation])]
    text, faults = "".join(words), cuts(generation, where)
    with FoundryEmulator(TalkingBrain(words=words), seed=9, faults=faults) as emulator:
        agent = emulator.create_agent(name="helper", generation=generation)
        named = {"agent_id": agent} if generation == "classic" else {"agent_name": agent}
        url = emulator.project_endpoint
        model = ChatFoundryAgent(project_endpoint=url, background=background, **named)
        found = await outcomes(way, model, len(faults))
        assert await is_at_rest(emulator)
        met = [request.fault for request in emulator.requests if request.fault]
        said = said_everywhere(emulator)

    assert met == ["cut-stream"] * len(faults)
    dropped = found.count(RunCancelledError) if (generation, background) == ("new", False) else 0
    assert found.count(text) == len(faults) - dropped
    assert said.count([("user", QUESTION), ("assistant", text)]) == found.count(text)
    assert said.count([]) == dropped
    assert len(said) == len(faults)
