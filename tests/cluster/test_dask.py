"""500 prompts over the processes of a Dask cluster: each is answered once, whatever is refused."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from langchain_foundry_agents import ChatFoundryAgent, NotFoundError
from langchain_foundry_agents.emulator import FoundryEmulator

distributed = pytest.importorskip("distributed", reason="`make cluster` has it")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

PROMPTS = [f"What is {number} + {number}?" for number in range(500)]
ANSWERS = [f"{number} + {number} = {number + number}." for number in range(500)]
RECIPE = Path(__file__).parents[2] / "docs" / "recipes" / "large-batches.md"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    fields = {"n_workers": 3, "threads_per_worker": 4, "dashboard_address": None}
    with distributed.LocalCluster(**fields) as local, distributed.Client(local) as client:
        yield client


@pytest.fixture
def emulator() -> Iterator[FoundryEmulator]:
    with FoundryEmulator() as emulator:
        yield emulator


@pytest.fixture
def llm(emulator: FoundryEmulator) -> ChatFoundryAgent:
    return ChatFoundryAgent(
        agent_id=emulator.create_agent(),
        project_endpoint=emulator.project_endpoint,
        credential=token,
        max_retries=20,
    )


def token() -> str:
    """What a worker gets for itself: a literal secret would not be pickled."""
    return "foundry-emulator"


def ask(llm: ChatFoundryAgent, prompt: str) -> tuple[str, str, int]:
    """The answer, its thread, and the process that asked."""
    answer = llm.invoke(prompt)
    return answer.text, answer.response_metadata["thread_id"], os.getpid()


def ask_in_a_thread_that_is_gone(llm: ChatFoundryAgent) -> str:
    return llm.invoke("Hello", thread_id="thread_gone").text


def asked_of(emulator: FoundryEmulator) -> Counter[str]:
    """The prompts of the requests that were taken."""
    return Counter(
        request.body["thread"]["messages"][0]["content"]
        for request in emulator.requests
        if request.route == "/threads/runs" and request.status == 200
    )


def test_every_prompt_is_answered_once(
    cluster: Any, emulator: FoundryEmulator, llm: ChatFoundryAgent
) -> None:
    refused = emulator.inject("rate-limit", chance=0.1, retry_after=0)

    found = cluster.gather(cluster.map(ask, [llm] * 500, PROMPTS, pure=False))
    answers, threads, processes = zip(*found, strict=True)

    assert list(answers) == ANSWERS
    assert asked_of(emulator) == Counter(PROMPTS)
    assert len(set(threads)) == 500
    assert len(set(processes)) == 3
    assert os.getpid() not in processes
    assert Counter(request.status for request in emulator.requests)[429] == refused.met > 0


def test_an_error_comes_back_from_a_worker_whole(cluster: Any, llm: ChatFoundryAgent) -> None:
    future = cluster.submit(ask_in_a_thread_that_is_gone, llm)

    with pytest.raises(NotFoundError) as caught:
        future.result()

    assert caught.value.thread_id == "thread_gone"
    assert caught.value.status_code == 404


def test_the_recipe_asks_what_has_no_result_yet(
    cluster: Any, emulator: FoundryEmulator, llm: ChatFoundryAgent, tmp_path: Path
) -> None:
    (code,) = re.findall(r"```python.*?\n(.*?)```", RECIPE.read_text(encoding="utf-8"), re.DOTALL)
    recipe: dict[str, Any] = {}
    exec(code, recipe)
    results = tmp_path / "results.jsonl"
    prompts = list(zip(map(str, range(500)), PROMPTS, strict=True))

    recipe["run_batch"](cluster, llm, iter(prompts[:200]), results, at_once=12)
    emulator.inject("rate-limit", chance=0.1, retry_after=0)
    recipe["run_batch"](cluster, llm, iter(prompts), results, at_once=12)

    lines = [json.loads(line) for line in results.read_text().splitlines()]
    assert {line["key"]: line["text"] for line in lines} == {
        str(number): answer for number, answer in enumerate(ANSWERS)
    }
    assert len(lines) == 500
    assert asked_of(emulator) == Counter(PROMPTS)
