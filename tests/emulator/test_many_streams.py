"""Many streams at once: none is refused, none is lost, and none is left when the service stops."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from langchain_foundry_agents import ChatFoundryAgent, FoundryAgentError
from langchain_foundry_agents.emulator import FoundryEmulator

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
_BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "emulator_streams.py"
_STREAMS = 200


def model_on(emulator: FoundryEmulator, generation: str) -> ChatFoundryAgent:
    endpoint = emulator.project_endpoint
    if generation == "new":
        name = emulator.create_agent(name="helper", generation="new")
        return ChatFoundryAgent(agent_name=name, project_endpoint=endpoint, max_retries=0)
    agent_id = emulator.create_agent()
    return ChatFoundryAgent(agent_id=agent_id, project_endpoint=endpoint, max_retries=0)


@pytest.mark.parametrize("generation", ["classic", "new"])
async def test_two_hundred_streams_come_to_their_end_at_once(generation: str) -> None:
    begun, all_begun = 0, asyncio.Event()

    async def hear(model: ChatFoundryAgent, number: int) -> str:
        nonlocal begun
        text = ""
        async for chunk in model.astream(f'Please repeat "{number}" and count to 5'):
            if chunk.text and not text:
                # Nobody reads on before everybody has begun.
                begun += 1
                if begun == _STREAMS:
                    all_begun.set()
                await all_begun.wait()
            text += chunk.text
        return text

    with FoundryEmulator() as emulator:
        model = model_on(emulator, generation)
        answers = await asyncio.gather(*(hear(model, number) for number in range(_STREAMS)))

        alone = [model.invoke(f'Please repeat "{number}" and count to 5').text for number in (7, 8)]
        assert [answers[7], answers[8]] == alone
        assert all(answers)
        assert {request.status for request in emulator.requests} == {200}


async def test_streams_end_when_the_service_stops() -> None:
    emulator = FoundryEmulator(chunk_delay=0.01).start()
    model = model_on(emulator, "classic")
    streams = [model.astream("Please count to 10000") for _ in range(20)]
    for stream in streams:
        await anext(stream)

    await asyncio.to_thread(emulator.stop)

    for stream in streams:
        with pytest.raises(FoundryAgentError):
            async for _ in stream:
                pass
    runs = [run for thread in emulator.service.state.threads.values() for run in thread.runs]
    assert [run.status for run in runs] == ["cancelled"] * 20
    assert emulator.service.state.active_runs == {}


def test_the_benchmark_tells_when_the_first_byte_came() -> None:
    command = [sys.executable, str(_BENCHMARK), "--streams", "5", "--pause", "0"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)

    told = [line.split() for line in result.stdout.splitlines()]
    assert [" ".join(words) for words in told if words[1:4] == ["streams", "at", "once,"]] == [
        "5 streams at once, classic",
        "5 streams at once, new",
    ]
    assert sum(words[:2] == ["first", "byte"] for words in told) == 2
