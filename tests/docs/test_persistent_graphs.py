"""What `docs/recipes/langgraph.md` promises of a graph whose checkpoints outlive its process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from langchain_foundry_agents.emulator import FoundryEmulator

pytest.importorskip("langgraph.checkpoint.sqlite", reason="is in the group `recipes`")

WORKER = """
import json, sys
from langchain_foundry_agents import ChatFoundryAgent
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, MessagesState, StateGraph

task, path, fields, *questions = sys.argv[1:]
llm = ChatFoundryAgent(**json.loads(fields))
config = {"configurable": {"thread_id": "ana"}}

def answer(state):
    whole = None
    for chunk in llm.stream(state["messages"]):
        whole = chunk if whole is None else whole + chunk
        if task == "die" and len(state["messages"]) > 1:
            print("It answers.", flush=True)
            sys.stdin.read()
    return {"messages": [whole]}

builder = StateGraph(MessagesState)
builder.add_node("answer", answer)
builder.add_edge(START, "answer")
with SqliteSaver.from_conn_string(path) as saver:
    graph = builder.compile(checkpointer=saver)
    if task == "back":
        past = graph.get_state_history(config)
        config = next(one.config for one in past if len(one.values.get("messages", ())) == 2)
    if task == "resume":
        graph.invoke(None, config)
    for question in questions:
        graph.invoke({"messages": [("human", question)]}, config, durability="sync")
    print(json.dumps([one.response_metadata.get("forked_from")
                      for one in graph.get_state(config).values["messages"]]
                     if task != "back" else []))
"""


class Scene(NamedTuple):
    """An emulator, an agent, and a file of checkpoints."""

    emulator: FoundryEmulator
    fields: dict[str, str]
    path: Path

    def command(self, task: str, *questions: str) -> list[str]:
        fields = json.dumps(self.fields)
        return [sys.executable, "-c", WORKER, task, str(self.path), fields, *questions]

    def work(self, task: str, *questions: str) -> list[Any]:
        """What a process of its own does."""
        done = subprocess.run(
            self.command(task, *questions), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        told: list[Any] = json.loads(done.stdout)
        return told


@pytest.fixture(params=["classic", "new"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    with FoundryEmulator(seed=1) as emulator:
        agent = emulator.create_agent(name="support", generation=request.param)
        which = "agent_id" if request.param == "classic" else "agent_name"
        fields = {which: agent, "project_endpoint": emulator.project_endpoint}
        yield Scene(emulator, fields, tmp_path / "checkpoints.db")


def heard(brain: Any) -> list[list[str]]:
    """What the agent read in each of its turns."""
    return [[message.text for message in turn] for turn in brain.heard]


@pytest.mark.slow
def test_a_branch_from_an_older_checkpoint_after_a_restart_reads_nothing_of_the_other(
    scene: Scene,
) -> None:
    brain = scene.emulator.script("A1", "A2", "A3", "A4")
    scene.work("talk", "I am Ana.", "I live in Rome.", "I like tea.")

    scene.work("back", "Where do I live?")

    assert heard(brain)[-1] == ["I am Ana.", "A1", "Where do I live?"]


@pytest.mark.slow
def test_workers_one_after_another_go_on_in_one_conversation(scene: Scene) -> None:
    brain = scene.emulator.script("A1", "A2", "A3")

    scene.work("talk", "I am Ana.")
    scene.work("talk", "I live in Rome.")
    forks = scene.work("talk", "I like tea.")

    assert forks == [None] * 6
    assert heard(brain)[-1] == ["I am Ana.", "A1", "I live in Rome.", "A2", "I like tea."]


@pytest.mark.slow
def test_a_node_whose_process_was_killed_does_not_ask_its_conversation_twice(scene: Scene) -> None:
    brain = scene.emulator.script("Hi.", "One pizza.", "One pizza.")
    scene.work("talk", "I am Ana.")
    dies = scene.command("die", "Order one pizza.")
    with subprocess.Popen(
        dies, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "It answers.\n"
        process.kill()

    scene.work("resume")

    assert heard(brain)[-1] == ["I am Ana.", "Hi.", "Order one pizza."]
    if "agent_id" in scene.fields:
        # Its run went on, and gave the answer.
        assert len(brain.heard) == 2
