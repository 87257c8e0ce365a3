"""Streams that are open when the interpreter exits: their runs are cancelled, and nobody complains.

The service outlives the interpreter, which is a process of its own.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from langchain_foundry_agents.emulator import FoundryEmulator

BEGINNING = """
import asyncio, sys
from langchain_core.messages import HumanMessage
from langchain_foundry_agents import ChatFoundryAgent

model = ChatFoundryAgent(agent_id=sys.argv[1], project_endpoint=sys.argv[2])
"""
SCRIPTS = {
    "a stream": """
chunks = model.stream("Count to 100000")
next(chunks)
""",
    "an async stream whose loop rests": """
chunks = model._turn([HumanMessage("Count to 100000")], None, {}).achunks()
loop = asyncio.new_event_loop()
loop.run_until_complete(anext(chunks))
loop.close()
""",
}


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_stream_that_is_open_at_the_exit_cancels_its_run(script: str) -> None:
    with FoundryEmulator(chunk_delay=0.01) as emulator:
        agent_id = emulator.create_agent(name="helper")
        ended = subprocess.run(
            [
                sys.executable,
                *("-W", "error", "-c", BEGINNING + SCRIPTS[script]),
                *(agent_id, emulator.project_endpoint),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        cancels = [one.route for one in emulator.requests if one.route.endswith("/cancel")]

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert len(cancels) == 1
