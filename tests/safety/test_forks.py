"""Forked children: what their parent works on is not theirs to end, and they end themselves.

Each in processes of their own: a fork of the tests' own process would take the tests along.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

BEGINNING = """
import atexit, faulthandler, os, sys, threading
from contextlib import ExitStack
from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import FoundryEmulator
from langchain_foundry_agents.thread_records import LOCAL

def wait_for(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

stack = ExitStack()
emulator = stack.enter_context(FoundryEmulator())
model = ChatFoundryAgent(
    agent_id=emulator.create_agent(name="helper"), project_endpoint=emulator.project_endpoint
)
"""
CHILD_IN_A_STREAM = """
chunks = model.stream("Count to 100")
next(chunks)
child = os.fork()
if child == 0:
    chunks.close()
    os._exit(0)
wait_for(child)
text = "".join(chunk.text for chunk in chunks)
print("99" in text, sum(one.route.endswith("/cancel") for one in emulator.requests))
"""
CHILD_WITH_A_LOCKED_THREAD = """
LOCAL.lock("thread_1")
child = os.fork()
if child == 0:
    os._exit(0 if LOCAL.lock("thread_1") else 1)
print(wait_for(child), LOCAL.lock("thread_1"))
"""
CHILD_OF_A_LOCKED_POOL = """
from langchain_foundry_agents._transport.pools import process_client
model.invoke("Hello")
pool = process_client()._transport._pool
holds, lets_go = threading.Event(), threading.Event()

def hold():
    with pool._optional_thread_lock:
        holds.set()
        lets_go.wait()

threading.Thread(target=hold).start()
holds.wait()
child = os.fork()
if child == 0:
    faulthandler.dump_traceback_later(20, exit=True)
    atexit._run_exitfuncs()
    os._exit(0)
print(wait_for(child))
lets_go.set()
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
@pytest.mark.parametrize(
    ("script", "told"),
    [
        (CHILD_IN_A_STREAM, "True 0\n"),
        (CHILD_WITH_A_LOCKED_THREAD, "0 False\n"),
        (CHILD_OF_A_LOCKED_POOL, "0\n"),
    ],
    ids=["in a stream", "with a locked thread", "of a locked pool"],
)
def test_a_child(script: str, told: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", BEGINNING + script + "stack.close()"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.stdout, ended.stderr) == (told, "")
