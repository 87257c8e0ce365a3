"""File search: what stands in the files is found, whichever way they came."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_foundry_agents.emulator.brains.passages import chunks, passages
from langchain_foundry_agents.emulator.brains.workbench import Search, Sheet
from langchain_foundry_agents.emulator.classic.steps import CONTENT
from langchain_foundry_agents.emulator.vector_stores.records import Chunking

from .room import Room

# A long text in which one sentence is of interest.
FILLER = "Lorem ipsum dolor sit amet consectetur adipiscing elit. " * 300
FACT = "The warranty of the Trailmaster tent lasts seven years."
MANUAL = f"{FILLER}\n{FACT}\n{FILLER}".encode()
QUESTION = "How many years does the warranty of the tent last?"
SEARCH: dict[str, Any] = {"type": "file_search"}


def searched(
    room: Room, store: str, question: str = QUESTION, tool: dict[str, Any] = SEARCH
) -> tuple[Any, str]:
    """What a run's file search tells with its content, and what the agent says."""
    resources = {"file_search": {"vector_store_ids": [store]}}
    agent = room.agent(tools=[tool], tool_resources=resources)
    thread = {"messages": [{"role": "user", "content": question}]}
    run = room.run("/threads/runs", {"assistant_id": agent, "thread": thread})
    below = f"/threads/{run['thread_id']}"
    steps = room.get(f"{below}/runs/{run['id']}/steps", order="asc", **{"include[]": CONTENT})
    (call,) = steps["data"][0]["step_details"]["tool_calls"]
    (message,) = room.get(f"{below}/messages", run_id=run["id"])["data"]
    return call["file_search"], message["content"][0]["text"]["value"]


def store_of(room: Room, *texts: bytes, **fields: Any) -> str:
    files = [room.state.add_file(text, "manual.md", "assistants").id for text in texts]
    return str(room.post("/vector_stores", {"file_ids": files, **fields})["id"])


def test_the_chunk_that_knows_is_found_in_a_long_file() -> None:
    room = Room()
    found, said = searched(room, store_of(room, MANUAL))

    first = found["results"][0]
    (content,) = first["content"]
    assert FACT in content["text"]
    assert len(content["text"]) < len(MANUAL) / 5
    assert (first["file_name"], 0 < first["score"] <= 1) == ("manual.md", True)
    assert said.startswith(f'manual.md says: "{FACT}"')


def test_files_of_a_batch_are_found_with_its_chunks() -> None:
    room = Room()
    store = room.post("/vector_stores", {})["id"]
    file = room.state.add_file(MANUAL, "manual.md", "assistants")
    sizes = {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 0}
    strategy = {"type": "static", "static": sizes}
    body = {"file_ids": [file.id], "chunking_strategy": strategy}
    room.post(f"/vector_stores/{store}/file_batches", body)

    found, said = searched(room, store)

    longest = max(len(one["content"][0]["text"]) for one in found["results"])
    assert (found["results"][0]["file_id"], longest <= 500, FACT in said) == (file.id, True, True)


def test_files_that_are_not_ready_are_not_found() -> None:
    room = Room()
    room.state.index_delay = 5
    store = store_of(room, MANUAL)

    early, _ = searched(room, store)
    room.time += 5
    late, _ = searched(room, store)

    assert (early["results"], bool(late["results"])) == ([], True)


def test_an_expired_store_is_not_searched_and_a_search_keeps_one_alive() -> None:
    room, day = Room(), 24 * 60 * 60
    store = store_of(room, MANUAL, expires_after={"anchor": "last_active_at", "days": 1})

    room.time += day - 1
    alive, _ = searched(room, store)
    room.time += day
    expired, _ = searched(room, store)

    assert (bool(alive["results"]), expired["results"]) == (True, [])
    assert room.get(f"/vector_stores/{store}")["status"] == "expired"


def test_as_many_results_come_as_the_tool_allows() -> None:
    room = Room()
    store = store_of(room, *[FACT.encode()] * 30)
    three = SEARCH | {"file_search": {"max_num_results": 3}}

    counts = [len(searched(room, store, tool=tool)[0]["results"]) for tool in (SEARCH, three)]

    assert counts == [20, 3]


def test_results_below_the_threshold_are_left_out() -> None:
    room = Room()
    store = store_of(room, b"The tent is green.", FACT.encode())
    ranking = {"ranker": "default_2024_08_21", "score_threshold": 0.5}
    tool = SEARCH | {"file_search": {"ranking_options": ranking}}

    both, _ = searched(room, store)
    best, _ = searched(room, store, tool=tool)

    assert [len(one["results"]) for one in (both, best)] == [2, 1]
    assert best["ranking_options"] == ranking
    assert best["results"][0]["score"] >= 0.5


@pytest.mark.parametrize(
    "settings",
    [
        {"max_num_results": 0},
        {"max_num_results": 51},
        {"ranking_options": {"ranker": "auto", "score_threshold": 1.1}},
    ],
)
def test_settings_out_of_range_are_refused(settings: Any) -> None:
    room = Room()
    classic = {"model": "m", "tools": [SEARCH | {"file_search": settings}]}
    definition = {"kind": "prompt", "model": "m", "tools": [SEARCH | settings]}

    answers = [
        room.call("POST", "/assistants", classic),
        room.call("POST", "/agents/a/versions", {"definition": definition}),
    ]

    assert [answer.status for answer in answers] == [400, 400]


def test_an_asset_attached_to_a_message_is_searched() -> None:
    room = Room()
    room.state.add_file(MANUAL, "azureml://manual.md", "assistants")
    source = {"uri": "azureml://manual.md", "type": "uri_asset"}
    message = {
        "role": "user",
        "content": QUESTION,
        "attachments": [{"data_source": source, "tools": [SEARCH]}],
    }
    body = {"assistant_id": room.agent(tools=[SEARCH]), "thread": {"messages": [message]}}

    run = room.run("/threads/runs", body)

    (answer,) = room.get(f"/threads/{run['thread_id']}/messages", run_id=run["id"])["data"]
    assert FACT in answer["content"][0]["text"]["value"]


def test_chunks_overlap_and_lose_nothing() -> None:
    text = "".join(f"{number:04d}" for number in range(10))

    assert chunks(text, 4, 2) == [text[0:16], text[8:24], text[16:32], text[24:40]]
    assert chunks(text, 10, 5) == [text]
    assert chunks(text, 9, 0) == [text[:36], text[36:]]
    assert chunks("", 9, 0) == [""]


def test_the_best_chunk_comes_first_and_of_equals_the_one_with_the_better_line() -> None:
    sheets = (
        Sheet("1", "a", 1, "nothing here"),
        Sheet("2", "b", 1, "one word: apple"),
        Sheet("3", "c", 1, "apple\npie"),
        Sheet("4", "d", 1, "apple\napple pie", chunking=Chunking(100, 0)),
    )

    found = passages(Search(sheets), "Is there apple pie?")

    assert [(one.sheet.file_id, one.line, one.score) for one in found] == [
        ("4", "apple pie", 1.0),
        ("3", "apple", 1.0),
        ("2", "one word: apple", 0.5),
    ]
    assert passages(Search(sheets), "What is it?") == []
