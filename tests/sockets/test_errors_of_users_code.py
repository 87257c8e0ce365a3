"""What the caller's own code raises comes out as it is, in sync and in async code."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import AskApproval, FoundryEmulator
from langchain_foundry_agents.errors import ServiceConnectionError
from langchain_foundry_agents.thread_records import LocalThreadRecord

from .ways import WAYS, ask

MCP = {"type": "mcp", "server_label": "docs", "server_url": "https://x.example/mcp"}
ERRORS = [
    TimeoutError("nobody answered"),
    ConnectionError("redis is gone"),
    KeyError("no such user"),
    ServiceConnectionError("another agent did not answer"),
]


def approving(emulator: FoundryEmulator, decide: Any) -> ChatFoundryAgent:
    name = emulator.create_agent(name="helper", tools=[MCP], generation="new")
    return ChatFoundryAgent(
        agent_name=name, project_endpoint=emulator.project_endpoint, mcp_approval=decide
    )


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
async def test_an_approval_function_that_raises(
    emulator: FoundryEmulator, way: str, error: Exception
) -> None:
    def decide(call: object) -> bool:
        raise error

    emulator.script(AskApproval("docs", "search", {}, "found"), "done")

    with pytest.raises(type(error)) as caught:
        await ask(way, approving(emulator, decide), "Go")

    assert caught.value is error


class Record(LocalThreadRecord):
    """A record whose methods raise, one of them, a few times."""

    def __init__(self, method: str, error: Exception, times: int = 1) -> None:
        super().__init__()
        self._method = method
        self._error = error
        self._times = times

    def _fail(self, method: str) -> None:
        if method == self._method and self._times:
            self._times -= 1
            raise self._error

    def claim(self, thread_id: str, after: str) -> bool:
        self._fail("claim")
        return super().claim(thread_id, after)

    def lock(self, thread_id: str) -> bool:
        self._fail("lock")
        return super().lock(thread_id)

    def advance(self, thread_id: str, turn: str) -> None:
        self._fail("advance")
        super().advance(thread_id, turn)

    def unlock(self, thread_id: str) -> None:
        self._fail("unlock")
        super().unlock(thread_id)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("method", ["claim", "lock"])
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
async def test_a_record_that_raises_before_anything_was_asked(
    model: ChatFoundryAgent, way: str, method: str, error: Exception
) -> None:
    first = await ask(way, model, "Hello")
    failing = model.model_copy(update={"thread_record": Record(method, error)})
    history = [HumanMessage("Hello"), first, HumanMessage("And now?")]

    with pytest.raises(type(error)) as caught:
        await ask(way, failing, history)

    assert caught.value is error


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("method", ["advance", "unlock"])
async def test_a_record_that_raises_after_the_answer_is_there_takes_nothing_away(
    model: ChatFoundryAgent, way: str, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    first = await ask(way, model, "Hello")
    record = Record(method, ConnectionError("redis is gone"), times=10)
    failing = model.model_copy(update={"thread_record": record})
    history = [HumanMessage("Hello"), first, HumanMessage("What is 1 + 1?")]

    answer = await ask(way, failing, history)

    assert answer.text.startswith("1 + 1 = 2.")
    assert f"The thread record's {method} failed" in caplog.text


@pytest.mark.parametrize("way", WAYS)
async def test_an_unlock_that_fails_once_is_tried_again(model: ChatFoundryAgent, way: str) -> None:
    first = await ask(way, model, "Hello")
    record = Record("unlock", ConnectionError("redis is gone"))
    failing = model.model_copy(update={"thread_record": record})

    await ask(way, failing, [HumanMessage("Hello"), first, HumanMessage("And now?")])

    assert record.lock(first.response_metadata["thread_id"]) is True


@pytest.mark.parametrize("way", WAYS)
async def test_a_tokenizer_that_raises(emulator: FoundryEmulator, way: str) -> None:
    error = KeyError("an unknown token")

    def tokenizer(text: str) -> int:
        raise error

    name = emulator.create_agent(name="helper")
    model = ChatFoundryAgent(
        agent_id=name, project_endpoint=emulator.project_endpoint, tokenizer=tokenizer
    )

    # A run that a stop sequence ends tells no usage: it is estimated.
    with pytest.raises(KeyError) as caught:
        await ask(way, model, "Count to 100", stop=["5"])

    assert caught.value is error


async def test_people_who_think_hold_no_thread_of_the_loops_executor(
    emulator: FoundryEmulator,
) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    asked, answered = threading.Event(), threading.Event()

    def decide(call: object) -> bool:
        asked.set()
        return answered.wait(30)

    emulator.script(AskApproval("docs", "search", {}, "found"), "done")
    turn = asyncio.create_task(approving(emulator, decide).ainvoke("Go"))
    await asyncio.to_thread(asked.wait, 30)
    await asyncio.to_thread(answered.set)

    assert (await turn).text == "done"
