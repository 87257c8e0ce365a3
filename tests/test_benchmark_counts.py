"""What the benchmarks count is what the README promises: requests, connections, chunks, bytes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from langchain_core.messages import HumanMessage

from benchmarks.canned import Agent
from benchmarks.clients import methods, ours
from benchmarks.measuring import counts, service
from benchmarks.turns import history_of
from langchain_foundry_agents import ChatFoundryAgent

GENERATIONS = pytest.mark.parametrize("is_new", [False, True], ids=["classic", "new"])
WHOLE = "".join(Agent("20", "events").words)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with service() as url:
        yield url


@GENERATIONS
@pytest.mark.parametrize("name", ["invoke", "ainvoke", "stream", "astream"])
async def test_every_turn_is_one_request_whatever_the_method(
    url: str, name: str, *, is_new: bool
) -> None:
    model = ours(url, Agent("20", "events", is_new))
    answer = model.invoke("Hello")
    history = [HumanMessage("Hello"), answer, HumanMessage("And then?")]
    counts(url)

    await methods(model, "Hello")[name]()
    first = counts(url)["requests"]
    await methods(model, history)[name]()

    assert (first, counts(url)["requests"]) == (1, 1)


@GENERATIONS
def test_of_a_long_history_only_the_new_message_travels(url: str, *, is_new: bool) -> None:
    model = ours(url, Agent("20", "events", is_new))
    answer = model.invoke("Hello")
    counts(url)

    model.invoke(history_of(answer, 2))
    short = counts(url)
    model.invoke(history_of(answer, 2000))

    assert counts(url) == short == {"requests": 1, "bytes": short["bytes"], "connections": 0}


@GENERATIONS
def test_deltas_that_arrive_together_are_one_chunk(url: str, *, is_new: bool) -> None:
    chunks = list(ours(url, Agent("20", "blocks", is_new)).stream("Hello"))

    assert [chunk.text for chunk in chunks] == [WHOLE, ""]


@GENERATIONS
def test_deltas_that_arrive_one_by_one_are_chunks_of_their_own(url: str, *, is_new: bool) -> None:
    agent = Agent("20", "events", is_new)

    assert [chunk.text for chunk in ours(url, agent).stream("Hello")] == [*agent.words, ""]


def test_many_threads_share_a_pool(url: str) -> None:
    model = ours(url, Agent("20", "run"))
    counts(url)

    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(model.invoke, ["Hello"] * 64))
        first = counts(url)
        answers += pool.map(model.invoke, ["Hello"] * 64)
    second = counts(url)

    assert [answer.text for answer in answers] == [WHOLE] * 128
    assert (first["requests"], second["requests"]) == (64, 64)
    assert first["connections"] + second["connections"] <= 64


def test_a_turn_is_one_line_in_the_log(
    model: ChatFoundryAgent, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="langchain_foundry_agents"):
        model.invoke("Count to 50")

    assert [line.split()[:2] for line in caplog.messages] == [
        ["POST", "/api/projects/emulator/threads/runs"]
    ]
