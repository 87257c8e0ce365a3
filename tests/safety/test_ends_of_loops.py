"""Streams left unread when their loop ends: runs are cancelled, threads free, nobody complains.

Each in a process of its own, as interpreters complain at their end.
"""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

BEGINNING = """
import asyncio, gc, sys, time
from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import FoundryEmulator

kept, threads = [], []

async def begin(model):
    first = await model.ainvoke("Hello")
    threads.append(first.response_metadata["thread_id"])
    chunks = model.astream("Count to 100000", thread_id=threads[-1])
    await anext(chunks)
    return chunks

def run_and_just_close(work):
    loop = asyncio.new_event_loop()
    loop.run_until_complete(work)
    loop.close()
"""
MAINS = {
    "kept": """
async def main(model):
    kept.extend([await begin(model) for _ in range(3)])
""",
    "dropped": """
async def main(model):
    for _ in range(3):
        await begin(model)
""",
    "wrapped": """
async def main(model):
    async def wrap():
        async for chunk in model.astream("Count to 100000"):
            yield chunk
    for _ in range(3):
        kept.append(wrap())
        await anext(kept[-1])
""",
    "events": """
async def main(model):
    for _ in range(3):
        kept.append(model.astream_events("Count to 100000", version="v2"))
        async for event in kept[-1]:
            if event["event"] == "on_chat_model_stream":
                break
""",
}
ENDING = """
with FoundryEmulator(chunk_delay=0.01) as emulator:
    new = sys.argv[1] == "new"
    name = emulator.create_agent(name="helper", generation=sys.argv[1])
    model = ChatFoundryAgent(
        project_endpoint=emulator.project_endpoint, **{"agent_name" if new else "agent_id": name}
    )
    run(main(model))
    kept.clear()
    gc.collect()
    state = emulator.service.state
    made = [run for thread in state.threads.values() for run in thread.runs]
    left = [one for one in (*made, *state.responses.values()) if one.status != "completed"]
    # The service needs a moment to cancel, or to see that a connection is closed.
    until = time.monotonic() + 5
    while not all(one.over for one in left) and time.monotonic() < until:
        time.sleep(0.01)
    print(*(one.status for one in left))
    for thread_id in threads:
        model.invoke("Hello", thread_id=thread_id, run_timeout=10)
    print(sum(one.route.endswith("/cancel") for one in emulator.requests))
"""
ORDERLY, CLOSED_AT_ONCE = "asyncio.run", "run_and_just_close"
SLOW = re.compile("^Executing .*\n", re.MULTILINE)
"""What asyncio's debug mode says on a slow machine."""


def left(main: str, run: str, generation: str) -> tuple[list[str], int]:
    """How what was left has ended, and how many requests to cancel were made of it."""
    script = f"{BEGINNING}{main}run = {run}\n{ENDING}"
    command = [sys.executable, "-W", "error", "-X", "dev", "-c", script, generation]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert SLOW.sub("", ended.stderr) == ""
    statuses, cancels = ended.stdout.splitlines()
    return statuses.split(), int(cancels)


@pytest.mark.slow
@pytest.mark.parametrize("way", MAINS)
def test_what_is_left_unread_is_cancelled_with_its_loop(way: str) -> None:
    assert left(MAINS[way], ORDERLY, "classic") == (["cancelled"] * 3, 3)


@pytest.mark.slow
@pytest.mark.parametrize("run", [ORDERLY, CLOSED_AT_ONCE])
def test_a_response_that_is_left_unread_ends_with_its_connection(run: str) -> None:
    assert left(MAINS["kept"], run, "new") == (["cancelled"] * 3, 0)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["kept", "wrapped"])
def test_what_is_collected_when_no_loop_is_left_is_cancelled_all_the_same(way: str) -> None:
    assert left(MAINS[way], CLOSED_AT_ONCE, "classic") == (["cancelled"] * 3, 3)
