"""Vector stores on the OpenAI surfaces: those of the classic generation, and what is new there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .scene import error_of, new_version

if TYPE_CHECKING:
    from ..room import Room

PATH = "/openai/v1/vector_stores"


@pytest.fixture
def store(room: Room) -> str:
    files = [
        room.state.add_file(text, name, "assistants").id
        for text, name in ((b"Foxes live in dens.", "foxes.md"), (b"Cats sleep.", "cats.md"))
    ]
    return str(room.post(PATH, {"name": "zoo", "description": "Beasts.", "file_ids": files})["id"])


def test_both_generations_have_the_same_stores(room: Room, store: str) -> None:
    new_version(room)

    shown = room.get(f"{PATH}/{store}")

    assert (shown["name"], shown["description"]) == ("zoo", "Beasts.")
    assert room.get(f"/vector_stores/{store}") == shown
    own = f"/agents/support/endpoint/protocols/openai/vector_stores/{store}"
    assert room.get(own) == shown


def test_a_store_is_searched_without_an_agent(room: Room, store: str) -> None:
    page = room.post(f"{PATH}/{store}/search", {"query": "Where do foxes live?"})

    (found,) = page["data"]
    assert (found["filename"], found["score"]) == ("foxes.md", 1.0)
    assert found["content"] == [{"type": "text", "text": "Foxes live in dens."}]
    assert (page["search_query"], page["has_more"]) == (["Where do foxes live?"], False)


def test_a_search_can_be_narrowed(room: Room, store: str) -> None:
    both = {"query": ["foxes live", "cats"]}
    ranking = {"ranker": "auto", "score_threshold": 0.5}

    counts = [
        len(room.post(f"{PATH}/{store}/search", both | more)["data"])
        for more in ({}, {"max_num_results": 1}, {"ranking_options": ranking})
    ]

    assert counts == [2, 1, 1]


def test_attributes_are_noted_and_found(room: Room, store: str) -> None:
    listed = room.get(f"{PATH}/{store}/files", order="asc")["data"]
    path = f"{PATH}/{store}/files/{listed[0]['id']}"

    noted = room.post(path, {"attributes": {"kind": "wild", "legs": 4}})

    assert noted["attributes"] == {"kind": "wild", "legs": 4}
    assert room.get(path) == noted
    (found,) = room.post(f"{PATH}/{store}/search", {"query": "foxes"})["data"]
    assert found["attributes"] == {"kind": "wild", "legs": 4}


def test_the_texts_of_a_file_are_its_chunks(room: Room, store: str) -> None:
    file = room.state.add_file(b"word " * 150, "long.md", "assistants").id
    sizes = {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 0}
    strategy = {"type": "static", "static": sizes}
    room.post(f"{PATH}/{store}/files", {"file_id": file, "chunking_strategy": strategy})

    data = room.get(f"{PATH}/{store}/files/{file}/content")["data"]

    assert [one["text"].count("word") for one in data] == [100, 50]


def test_refusals_have_the_form_of_the_surface(room: Room) -> None:
    answer = room.call("GET", f"{PATH}/vs_x")

    assert error_of(answer)[0] == 404
    assert "request_id" in answer.body["error"]["additionalInfo"]
