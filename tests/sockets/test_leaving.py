"""Who leaves a turn cancels its run on the service, and can use the thread at once."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import aclosing, suppress

import pytest

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import FoundryEmulator

from .brains import InterruptingBrain
from .seen import at_rest, routes, run_statuses
from .ways import WAYS, ask


@pytest.fixture
def slow_emulator() -> Iterator[FoundryEmulator]:
    """A service that takes its time between two words."""
    with FoundryEmulator(chunk_delay=0.02) as emulator:
        yield emulator


@pytest.fixture
def slow_model(slow_emulator: FoundryEmulator) -> ChatFoundryAgent:
    """A model of an agent on the slow service."""
    agent_id = slow_emulator.create_agent(name="helper")
    return ChatFoundryAgent(agent_id=agent_id, project_endpoint=slow_emulator.project_endpoint)


async def assert_left_in_order(emulator: FoundryEmulator, model: ChatFoundryAgent) -> None:
    """The run was cancelled, once and by the client, and the thread takes the next turn."""
    await at_rest(emulator)
    (thread,) = emulator.service.state.threads.values()
    (run,) = thread.runs
    assert routes(emulator).count(f"POST /threads/{thread.id}/runs/{run.id}/cancel") == 1

    answer = await model.ainvoke("What is 1 + 1?", thread_id=thread.id)
    assert answer.text.startswith("1 + 1 = 2.")
    assert run_statuses(emulator) == ["cancelled", "completed"]


async def test_breaking_out_of_a_stream(
    slow_emulator: FoundryEmulator, slow_model: ChatFoundryAgent
) -> None:
    for _ in slow_model.stream("Count to 1000"):
        break

    await assert_left_in_order(slow_emulator, slow_model)


async def test_breaking_out_of_an_async_stream(
    slow_emulator: FoundryEmulator, slow_model: ChatFoundryAgent
) -> None:
    async for _ in slow_model.astream("Count to 1000"):
        break

    await assert_left_in_order(slow_emulator, slow_model)


async def test_closing_an_async_stream(
    slow_emulator: FoundryEmulator, slow_model: ChatFoundryAgent
) -> None:
    async with aclosing(slow_model.astream("Count to 1000")) as chunks:  # type: ignore[type-var]
        await anext(chunks)

    await assert_left_in_order(slow_emulator, slow_model)


class FullError(Exception):
    """The consumer wants no more."""


def take_one(chunk: object) -> object:
    raise FullError


async def test_a_consumer_that_raises(
    slow_emulator: FoundryEmulator, slow_model: ChatFoundryAgent
) -> None:
    with pytest.raises(FullError):
        list(map(take_one, slow_model.stream("Count to 1000")))

    await assert_left_in_order(slow_emulator, slow_model)


async def test_an_async_consumer_that_raises(
    slow_emulator: FoundryEmulator, slow_model: ChatFoundryAgent
) -> None:
    with pytest.raises(FullError):
        [take_one(chunk) async for chunk in slow_model.astream("Count to 1000")]

    await assert_left_in_order(slow_emulator, slow_model)


async def test_cancelling_a_task_that_streams(
    slow_emulator: FoundryEmulator, slow_model: ChatFoundryAgent
) -> None:
    begun = asyncio.Event()

    async def listen() -> None:
        async for _ in slow_model.astream("Count to 1000"):
            begun.set()

    task = asyncio.create_task(listen())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await assert_left_in_order(slow_emulator, slow_model)


async def test_cancelling_a_task_that_waits_for_the_whole_answer(
    slow_emulator: FoundryEmulator, slow_model: ChatFoundryAgent
) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(slow_model.ainvoke("Count to 1000"), 0.3)

    await assert_left_in_order(slow_emulator, slow_model)


async def test_cancelling_a_task_that_polls(
    slow_emulator: FoundryEmulator, slow_model: ChatFoundryAgent
) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(slow_model.ainvoke("Count to 1000", run_mode="poll"), 0.3)

    await assert_left_in_order(slow_emulator, slow_model)


async def test_cancelling_a_task_that_looks_after_a_stream_that_fell_silent() -> None:
    with FoundryEmulator(queue_delay=30.0) as emulator:
        agent_id = emulator.create_agent(name="helper")
        model = ChatFoundryAgent(
            agent_id=agent_id, project_endpoint=emulator.project_endpoint, timeout=0.2
        )
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(model.ainvoke("Hello"), 0.6)
        (thread,) = emulator.service.state.threads.values()
        (run,) = thread.runs

    path = f"/threads/{thread.id}/runs/{run.id}"
    assert f"GET {path}" in routes(emulator)
    assert routes(emulator)[-1] == f"POST {path}/cancel"
    assert run_statuses(emulator) == ["cancelled"]


async def test_a_task_that_is_cancelled_twice_still_cancels_its_run(
    slow_emulator: FoundryEmulator, slow_model: ChatFoundryAgent
) -> None:
    chunks = slow_model.astream("Count to 1000")
    await anext(chunks)
    task = asyncio.ensure_future(anext(chunks))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

    await assert_left_in_order(slow_emulator, slow_model)


@pytest.fixture
def interrupts() -> Iterator[None]:
    """Ctrl-C interrupts even where the tests run in a shell's background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.timeout(10)
@pytest.mark.usefixtures("interrupts")
@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals to threads here")
def test_control_c_cancels_the_run() -> None:
    gate = threading.Event()
    with FoundryEmulator(InterruptingBrain(gate=gate)) as emulator:
        agent_id = emulator.create_agent(name="helper")
        model = ChatFoundryAgent(agent_id=agent_id, project_endpoint=emulator.project_endpoint)
        chunks = model.stream("Hello")

        def listen() -> None:
            for _ in chunks:
                gate.set()

        with pytest.raises(KeyboardInterrupt):
            listen()
        chunks.close()  # type: ignore[attr-defined]
        assert routes(emulator)[-1].endswith("/cancel")

    assert run_statuses(emulator) == ["cancelled"]


@pytest.mark.parametrize("way", WAYS)
async def test_a_thread_is_usable_while_the_service_still_cancels(way: str) -> None:
    with FoundryEmulator(queue_delay=0.1, chunk_delay=0.01) as emulator:
        agent_id = emulator.create_agent(name="helper")
        model = ChatFoundryAgent(agent_id=agent_id, project_endpoint=emulator.project_endpoint)
        left = await ask(way, model, "Count to 1000", stop=["2"])
        thread = left.response_metadata["thread_id"]

        again = await ask(way, model, "What is 1 + 1?", thread_id=thread)

    assert again.text.startswith("1 + 1 = 2.")
    assert run_statuses(emulator) == ["cancelled", "completed"]


END_OF_THE_LOOP = """
import asyncio
from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import FoundryEmulator

async def main(model):
    chunks = model.astream("Count to 100000")
    await anext(chunks)
    await chunks.aclose()

with FoundryEmulator(chunk_delay=0.01) as emulator:
    agent_id = emulator.create_agent(name="helper")
    model = ChatFoundryAgent(agent_id=agent_id, project_endpoint=emulator.project_endpoint)
    asyncio.run(main(model))
    print(emulator.requests[-1].route.rpartition("/")[2])
"""


@pytest.mark.slow
def test_closing_an_async_stream_as_the_last_thing_of_a_loop_cancels_its_run() -> None:
    command = [sys.executable, "-W", "error", "-c", END_OF_THE_LOOP]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)

    assert (ended.stdout, ended.stderr) == ("cancel\n", "")


@pytest.mark.parametrize("way", ["stream", "astream"])
async def test_a_cancel_that_fails_keeps_no_thread_from_being_deleted(
    way: str, slow_emulator: FoundryEmulator, slow_model: ChatFoundryAgent
) -> None:
    slow_emulator.inject("drop-before", on="/threads/*/runs/*/cancel", times=2)

    if way == "stream":
        for _ in slow_model.stream("Count to 1000", keep_thread=False):
            break
    else:
        async for _ in slow_model.astream("Count to 1000", keep_thread=False):
            break

    await at_rest(slow_emulator)
    assert slow_emulator.service.state.threads == {}


def test_leaving_after_the_run_has_ended_asks_for_nothing() -> None:
    with FoundryEmulator() as emulator:
        agent_id = emulator.create_agent(name="helper")
        model = ChatFoundryAgent(agent_id=agent_id, project_endpoint=emulator.project_endpoint)
        for chunk in model.stream("Count to 3"):
            if chunk.chunk_position == "last":
                break

    assert routes(emulator) == ["POST /threads/runs"]
    assert run_statuses(emulator) == ["completed"]
