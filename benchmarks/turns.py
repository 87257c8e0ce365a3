"""One turn: its requests, an instant answer, a run of 300 ms, the first chunk, a long history."""

from __future__ import annotations

import time
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage

from benchmarks.canned import GENERATIONS, RUN_SECONDS, Agent
from benchmarks.clients import methods, ours, peers
from benchmarks.figures import Figure, Section
from benchmarks.floors import Bare, floor_of
from benchmarks.measuring import counts, sync, taken_by
from langchain_foundry_agents._messages import HISTORY_DIGEST
from langchain_foundry_agents._messages.past import Past

_MORE = 0.0007
"""What an instant turn may take beside the two floors, in seconds."""


async def requests(bare: Bare) -> Section:
    """How many requests a turn is."""
    section = Section("Requests a turn", "Counted by the service, after one turn to warm up.")
    rows: list[tuple[object, ...]] = []
    for generation, is_new in GENERATIONS.items():
        agent = Agent("20", "events", is_new)
        model = ours(bare.url, agent)
        answer = model.invoke("Hello")
        for turn, said in ("first", "Hello"), ("later", ["Hello", answer, "And then?"]):
            for name, way in methods(model, said).items():
                counts(bare.url)
                await way()
                rows.append(
                    (f"ours, {generation}, {turn} turn, {name}", counts(bare.url)["requests"])
                )
    worst = max(int(str(count)) for _, count in rows)
    section.figures.append(Figure("requests a turn, the worst of 16", worst, 1, ""))
    for name, way in peers(bare.url, Agent("20", "events")).items():
        await way()
        counts(bare.url)
        await way()
        rows.append((name, counts(bare.url)["requests"]))
    section.add_table(("who, turn, method", "requests"), rows)
    return section


async def instant(bare: Bare, rounds: int) -> Section:
    """`invoke` of an answer that is all there at once."""
    section = Section("An instant turn, `invoke`", "One delta; best of all rounds.")
    for generation, is_new in GENERATIONS.items():
        agent = Agent("1", "events", is_new)
        model = ours(bare.url, agent)
        others = {} if is_new else peers(bare.url, agent)
        ways = {
            "bare httpx": sync(bare.read, agent),
            "LangChain's floor": sync(floor_of(model, whole=True).invoke, "Hello"),
            "ours": sync(model.invoke, "Hello"),
            **others,
        }
        taken = await taken_by(ways, rounds)
        allowed = taken["bare httpx"].best + taken["LangChain's floor"].best + _MORE
        value, goal = taken["ours"].best * 1e3, allowed * 1e3
        what = f"{generation}: beside httpx + LangChain + {_MORE * 1e3} ms"
        section.figures.append(Figure(what, value, goal, "ms"))
        if "litellm" in taken:
            ratio = taken["ours"].best / taken["litellm"].best
            section.figures.append(Figure("of litellm's", ratio, 0.5))
        section.add_times(taken, "bare httpx")
    return section


async def long_run(bare: Bare, rounds: int) -> Section:
    """`invoke` of a run that takes 300 ms."""
    section = Section("A run of 300 ms, `invoke`", "Classic and new, streamed and polled.")
    for generation, is_new in GENERATIONS.items():
        agent = Agent("20", "run", is_new)
        ways = {
            mode: sync(ours(bare.url, agent, run_mode=mode).invoke, "Hello")
            for mode in ("stream", "poll")
        }
        others = {} if is_new else peers(bare.url, agent)
        taken = await taken_by({**ways, **others}, rounds)
        for mode, goal in ("stream", 1.02), ("poll", 1.5):
            ratio = taken[mode].best / RUN_SECONDS
            section.figures.append(Figure(f"{generation}, {mode}: of the run", ratio, goal))
        section.add_times(taken, "stream")
    return section


async def first_chunk(bare: Bare, rounds: int) -> Section:
    """The time to the first chunk of a stream."""
    section = Section("Time to the first chunk", "A stream of 20 deltas, left after the first.")
    for generation, is_new in GENERATIONS.items():
        agent = Agent("20", "events", is_new)
        model = ours(bare.url, agent)
        took: list[float] = []

        def first(model: Any = model, took: list[float] = took) -> None:
            began = time.perf_counter()
            chunks = model.stream("Hello")
            next(chunks)
            took.append(time.perf_counter() - began)
            for _ in chunks:
                pass

        ways = {"bare httpx": sync(bare.read, agent, first=True), "ours": sync(first)}
        taken = await taken_by(ways, rounds)
        more = (min(took) - taken["bare httpx"].best) * 1e3
        section.figures.append(Figure(f"{generation}: more than bare httpx", more, 1, "ms"))
    return section


async def long_history(bare: Bare, rounds: int) -> Section:
    """A turn that goes on after 2,000 messages, beside one after 2."""
    section = Section(
        "A history of 2,000 messages, its next turn",
        "Its past is compared with what the thread holds, by a digest of every message.",
    )
    rows: list[tuple[object, ...]] = []
    for generation, is_new in GENERATIONS.items():
        model = ours(bare.url, Agent("1", "events", is_new))
        answer = model.invoke("Hello")
        ways, sent = {}, {}
        for size in 2, 2000:
            said = history_of(answer, size)
            ways[f"{size} messages"] = sync(model.invoke, said)
            counts(bare.url)
            model.invoke(said)
            sent[size] = counts(bare.url)
            rows.append(
                (f"{generation}, {size} messages", sent[size]["requests"], sent[size]["bytes"])
            )
        taken = await taken_by(ways, rounds)
        more = (taken["2000 messages"].best - taken["2 messages"].best) * 1e3
        section.figures.append(Figure(f"{generation}: more than a short one", more, 3, "ms"))
        bytes_more = sent[2000]["bytes"] - sent[2]["bytes"]
        section.figures.append(Figure(f"{generation}: more bytes", bytes_more, 0, "bytes"))
    section.add_table(("history", "requests", "bytes sent"), rows)
    ours_of_old = {"model_provider": "azure_ai_foundry", "thread_id": "thread_1"}
    past = history_of(AIMessage("Hi", response_metadata=ours_of_old), 2000)
    digest = await taken_by({"digest": sync(_compare, past)}, 10 * rounds)
    section.figures.append(Figure("the digest alone", digest["digest"].best * 1e3, 2, "ms"))
    return section


def _compare(history: list[BaseMessage]) -> None:
    """What a turn computes of a history: whether its past is the thread's, and its own mark."""
    past = Past(history)
    if past.difference(len(history) - 1, "", "thread"):
        raise AssertionError("The benchmark's history was edited.")
    past.seal().mark(["Hi"], AIMessageChunk(content=""))


def history_of(answer: AIMessage, size: int) -> list[BaseMessage]:
    """A history whose last answer says that it ends just these messages."""
    pair: list[BaseMessage] = [HumanMessage("Hello"), answer]
    past = pair * (size // 2)
    last = AIMessageChunk(content="")
    mark = Past(past[:-1]).seal().mark([answer.text], last)
    metadata = {**answer.response_metadata, HISTORY_DIGEST: mark}
    past[-1] = answer.model_copy(update={"response_metadata": metadata})
    return [*past, HumanMessage("And then?")]
