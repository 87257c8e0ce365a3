"""What the first async call of a process imports and reads in the event loop: nothing.

While a module is imported, or a file read, the loop stands still with all its other requests, and
LangGraph's dev server raises `BlockingError`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Literal

import pytest

from langchain_foundry_agents.emulator import FoundryEmulator

pytestmark = pytest.mark.slow  # a new interpreter takes its second
CHILD = """
import asyncio, json, sys, threading
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import HumanMessage
from langchain_foundry_agents import ChatFoundryAgent

async def main(model):
    # What LangChain itself loads with the first call of any model.
    await FakeListChatModel(responses=["Hi"]).ainvoke(question)
    question[0].content_blocks
    loops.append(threading.get_ident())
    await model.ainvoke(question)
    loops.clear()

def heard(event, args):
    new = event == "open" or event == "import" and args[0] not in sys.modules
    if new and event in ("import", "open") and threading.get_ident() in loops:
        seen.append(f"{event} {args[0]}")

loops, seen = [], []
fields, content = json.loads(sys.argv[1])
question, model = [HumanMessage(content)], ChatFoundryAgent(**fields)
sys.addaudithook(heard)
asyncio.run(main(model))
print(json.dumps(seen))
"""
FILE = {"type": "file", "base64": "YWJj", "mime_type": "text/plain"}


@pytest.mark.parametrize("content", ["Hi", [{"type": "text", "text": "How large?"}, FILE]])
@pytest.mark.parametrize("generation", ["classic", "new"])
def test_the_first_call_imports_and_reads_nothing_in_the_loop(
    generation: Literal["classic", "new"], content: object
) -> None:
    new = generation == "new"
    reader = {"type": "code_interpreter", **({"container": {"type": "auto"}} if new else {})}
    with FoundryEmulator() as emulator:
        agent = emulator.create_agent(name="reader", generation=generation, tools=[reader])
        fields = {
            "agent_name" if new else "agent_id": agent,
            "project_endpoint": emulator.project_endpoint,
        }
        command = [sys.executable, "-c", CHILD, json.dumps([fields, content])]
        done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == []
