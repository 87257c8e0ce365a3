"""A shared record whose methods take a while: a cancelled turn leaves no lock or claim in it."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.thread_records import LocalThreadRecord


class SlowRecord:
    """As on a network: one of its methods waits until it is let go on."""

    def __init__(self, slow: str) -> None:
        self.inner = LocalThreadRecord()
        self.slow = slow
        self.reached, self.goes_on = threading.Event(), threading.Event()

    def _do(self, method: str, *given: str) -> Any:
        if method == self.slow:
            self.reached.set()
            assert self.goes_on.wait(30)
        return getattr(self.inner, method)(*given)

    def claim(self, thread_id: str, after: str) -> bool:
        return bool(self._do("claim", thread_id, after))

    def advance(self, thread_id: str, turn: str) -> None:
        self._do("advance", thread_id, turn)

    def lock(self, thread_id: str) -> bool:
        return bool(self._do("lock", thread_id))

    def unlock(self, thread_id: str) -> None:
        self._do("unlock", thread_id)


async def cancelled(turn: asyncio.Task[Any], record: SlowRecord, times: int) -> None:
    """Cancel a turn while the record's method is under way, and let that go on."""
    await asyncio.to_thread(record.reached.wait, 30)
    for _ in range(times):
        turn.cancel()
        await asyncio.sleep(0)
    record.goes_on.set()
    with suppress(asyncio.CancelledError):
        await turn


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("method", ["claim", "lock", "advance", "unlock"])
async def test_the_next_turn_goes_on_where_a_cancelled_one_would_have(
    model: ChatFoundryAgent, method: str, times: int
) -> None:
    record = SlowRecord("none")
    sharing = model.model_copy(update={"thread_record": record})
    history = [HumanMessage("Hello"), await sharing.ainvoke("Hello"), HumanMessage("And now?")]
    thread_id = history[1].response_metadata["thread_id"]
    record.slow = method

    await cancelled(asyncio.create_task(sharing.ainvoke(history)), record, times)
    again = await sharing.ainvoke("What is 1 + 1?", thread_id=thread_id, run_timeout=30)

    assert again.text.startswith("1 + 1 = 2.")
    assert record.inner.lock(thread_id) is True


async def test_a_claim_that_is_cancelled_is_given_back(model: ChatFoundryAgent) -> None:
    record = SlowRecord("none")
    sharing = model.model_copy(update={"thread_record": record})
    history = [HumanMessage("Hello"), await sharing.ainvoke("Hello"), HumanMessage("And now?")]
    record.slow = "claim"

    await cancelled(asyncio.create_task(sharing.ainvoke(history)), record, 1)
    again = await sharing.ainvoke(history)

    assert "forked_from" not in again.response_metadata


async def test_a_record_needs_no_thread_of_the_loops_executor(model: ChatFoundryAgent) -> None:
    executor, ends = ThreadPoolExecutor(1), threading.Event()
    asyncio.get_running_loop().set_default_executor(executor)
    executor.submit(ends.wait, 30)
    record = SlowRecord("none")

    answer = await model.model_copy(update={"thread_record": record}).ainvoke("Hello")
    ends.set()

    assert answer.text
