"""Event loops come and go, beside threads: nothing is left open and nobody complains."""

from __future__ import annotations

import asyncio
import gc
import logging
import subprocess
import sys
import threading
import weakref
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from generations.conftest import Scene, Script
from langchain_core.messages import AIMessageChunk, HumanMessage, ToolMessage

from langchain_foundry_agents import ChatFoundryAgent, InvalidFieldError
from langchain_foundry_agents.emulator import CallTools, Reply

from .open_sockets import connections_to, needs_proc

pytestmark = needs_proc
LONG = "Count to 100000"


@pytest.fixture
def scene(script: Script, caplog: pytest.LogCaptureFixture) -> Iterator[Scene]:
    """An agent that takes its time; in the end nobody has complained, and nothing is open."""
    made = script(service={"chunk_delay": 0.005})
    yield made
    # Warnings of what nobody closed are errors, told when it is collected.
    gc.collect()
    complaints = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert complaints == []


def open_to(scene: Scene) -> int:
    return connections_to(scene.model.project_endpoint)


def texts(chunks: list[AIMessageChunk]) -> str:
    return "".join(chunk.text for chunk in chunks)


async def streamed(model: ChatFoundryAgent, question: str) -> str:
    return texts([chunk async for chunk in model.astream(question)])


def test_one_loop_after_the_other_closes_its_connections(scene: Scene) -> None:
    answers: list[str] = []
    for question in ("What is 1 + 1?", "What is 1 + 2?"):
        answers.append(asyncio.run(scene.model.ainvoke(question)).text)
        assert open_to(scene) == 0
        answers.append(asyncio.run(streamed(scene.model, question)))
        assert open_to(scene) == 0

    assert [answer.partition(".")[0] for answer in answers] == ["1 + 1 = 2"] * 2 + ["1 + 2 = 3"] * 2


def test_a_history_goes_on_in_another_loop(scene: Scene) -> None:
    first = asyncio.run(scene.model.ainvoke("I am Ann."))
    told: list[Any] = [("user", "I am Ann."), first, ("user", "Who am I?")]

    again = asyncio.run(scene.model.ainvoke(told))

    assert again.response_metadata["thread_id"] == first.response_metadata["thread_id"]
    assert open_to(scene) == 0


def test_a_loop_in_a_thread_beside_sync_calls(scene: Scene) -> None:
    async def ask_all() -> list[str]:
        return [one.text for one in await asyncio.gather(*map(scene.model.ainvoke, "abcd"))]

    with ThreadPoolExecutor() as threads:
        beside = threads.submit(asyncio.run, ask_all())
        here = [scene.model.invoke(word).text for word in "abcd"]
        there = beside.result()

    assert here == there == [f'You said: "{word}".' for word in "abcd"]
    # The process's pool keeps one for the next sync call.
    assert open_to(scene) <= 1


def test_many_threads_each_with_a_loop_of_its_own(scene: Scene) -> None:
    def ask(number: int) -> str:
        if number % 2:
            return texts(list(scene.model.stream(f"What is {number} + 1?")))
        return asyncio.run(streamed(scene.model, f"What is {number} + 1?"))

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(ask, range(32)))

    told = [answer.partition(".")[0] for answer in answers]
    assert told == [f"{number} + 1 = {number + 1}" for number in range(32)]
    # Only the pool that sync threads share keeps any.
    assert open_to(scene) <= 16


async def test_sync_calls_in_a_running_loop(scene: Scene) -> None:
    # As in a notebook. It blocks the loop, but works.
    answer = scene.model.invoke("What is 1 + 1?")

    assert answer.text == (await scene.model.ainvoke("What is 1 + 1?")).text


CLOSED_AT_ONCE = """
import asyncio, gc, weakref
from langchain_foundry_agents._transport.pools import loop_client

loops = weakref.WeakSet()
for _ in range(3):
    loop = asyncio.new_event_loop()
    loop.run_until_complete(loop_client())
    loop.close()
    loops.add(loop)
    del loop
gc.collect()
print(len(loops))
"""

kept: list[Any] = []
"""What outlives its loop."""


async def close(model: ChatFoundryAgent) -> None:
    chunks = model.astream(LONG)
    assert isinstance(chunks, AsyncGenerator)
    await anext(chunks)
    await chunks.aclose()


async def never_begin(model: ChatFoundryAgent) -> None:
    kept.append(model.astream(LONG))


async def leave_a_task(model: ChatFoundryAgent) -> None:
    begun = asyncio.Event()

    async def read() -> None:
        async for _ in model.astream(LONG):
            begun.set()

    kept.append(asyncio.create_task(read()))
    await begun.wait()


async def leave_events(model: ChatFoundryAgent) -> None:
    events = model.astream_events(LONG, version="v2")
    kept.append(events)
    async for event in events:
        if event["event"] == "on_chat_model_stream":
            break


async def run_out_of_time(model: ChatFoundryAgent) -> None:
    with pytest.raises(Exception, match="longer than run_timeout"):
        await model.ainvoke(LONG, run_timeout=0.2)


Work = Callable[[ChatFoundryAgent], Coroutine[Any, Any, None]]
WORKS: list[Work] = [close, never_begin, leave_a_task, leave_events, run_out_of_time]


@pytest.mark.parametrize("work", WORKS)
def test_what_a_loop_leaves_behind_is_closed_with_it(scene: Scene, work: Work) -> None:
    asyncio.run(work(scene.model))

    assert open_to(scene) == 0
    kept.clear()
    gc.collect()
    assert asyncio.run(scene.model.ainvoke("What is 1 + 1?")).text.startswith("1 + 1 = 2.")
    assert open_to(scene) == 0


def test_a_loop_that_is_over_is_not_kept_in_memory(scene: Scene) -> None:
    async def ask() -> None:
        await scene.model.ainvoke("a")
        begun.add(asyncio.get_running_loop())

    begun = weakref.WeakSet[asyncio.AbstractEventLoop]()
    for _ in range(3):
        asyncio.run(ask())
    gc.collect()

    assert len(begun) == 0


@pytest.mark.slow
def test_a_loop_that_is_closed_without_its_shutdown_is_not_kept_for_ever() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", CLOSED_AT_ONCE], capture_output=True, text=True, check=True
    )

    assert ended.stdout == "1\n"


def test_a_tool_turn_may_have_a_loop_for_each_half(script: Script) -> None:
    definition = {"type": "function", "function": {"name": "look_up", "parameters": {}}}
    scene = script(
        CallTools(("look_up", {})), Reply("An otter."), definition={"tools": [definition]}
    )
    asked = asyncio.run(scene.model.ainvoke("What?"))
    output = ToolMessage("otter", tool_call_id=str(asked.tool_calls[0]["id"]))

    answer = asyncio.run(scene.model.ainvoke([HumanMessage("What?"), asked, output]))

    assert answer.text == "An otter."
    assert open_to(scene) == 0


def test_a_given_client_is_left_open_and_a_closed_one_is_told(scene: Scene) -> None:
    client = httpx.AsyncClient()
    model = scene.model.model_copy(update={"http_async_client": client, "max_retries": 0})

    async def ask_twice() -> None:
        await model.ainvoke("a")
        await model.ainvoke("b")
        assert not client.is_closed
        assert open_to(scene) == 1
        await client.aclose()
        with pytest.raises(InvalidFieldError, match="The given HTTP client is closed"):
            await model.ainvoke("c")

    asyncio.run(ask_twice())


CLIENT_OF_ANOTHER_LOOP = """
import asyncio, httpx
from langchain_foundry_agents import ChatFoundryAgent, ServiceConnectionError
from langchain_foundry_agents.emulator import FoundryEmulator

with FoundryEmulator() as emulator:
    model = ChatFoundryAgent(
        agent_id=emulator.create_agent(name="helper"),
        project_endpoint=emulator.project_endpoint,
        http_async_client=httpx.AsyncClient(),
        max_retries=0,
    )
    asyncio.run(model.ainvoke("a"))
    print(asyncio.run(model.ainvoke("b")).text)
    emulator.inject("permission-denied", on="GET /threads")
    try:
        asyncio.run(model.ainvoke("c"))
    except ServiceConnectionError as error:
        print(error.args[0], error.advice, error.maybe_accepted)
"""


@pytest.mark.slow
def test_a_given_client_of_a_loop_that_is_over_is_told_where_its_run_is_not_found() -> None:
    # In a process of its own: nobody can close the connection of a loop that is over.
    command = [sys.executable, "-c", CLIENT_OF_ANOTHER_LOOP]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)

    # Its bytes may have gone out all the same.
    assert ended.stdout == (
        'You said: "b".\n'
        "The given http_async_client belongs to another event loop. Make one for each loop, or "
        "leave it out: then each loop has a pool of its own. True\n"
    )


def test_a_closed_client_is_told(scene: Scene) -> None:
    with httpx.Client() as client:
        model = scene.model.model_copy(update={"http_client": client})
        model.invoke("a")

    with pytest.raises(InvalidFieldError, match="Close http_client and http_async_client after"):
        model.invoke("b")


def test_a_pool_of_the_process_serves_all_threads(scene: Scene) -> None:
    together = threading.Barrier(4)

    def ask(_: int) -> str:
        together.wait(5)
        return str(scene.model.invoke("What is 1 + 1?").text)

    with ThreadPoolExecutor(4) as threads:
        for _ in range(3):
            assert len(set(threads.map(ask, range(4)))) == 1

    assert open_to(scene) <= 4
