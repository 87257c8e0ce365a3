"""What vector stores can do in the new generation only: search, show their texts, take notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.brains.passages import chunks, passages
from langchain_foundry_agents.emulator.brains.workbench import search
from langchain_foundry_agents.emulator.exchange import Answer, Call
from langchain_foundry_agents.emulator.tools import search_settings
from langchain_foundry_agents.emulator.validation import (
    items,
    mapping,
    read,
    text,
)
from langchain_foundry_agents.emulator.vector_stores.files import file_of
from langchain_foundry_agents.emulator.vector_stores.wire import file_json

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.brains.passages import Passage
    from langchain_foundry_agents.emulator.records import JsonObject
    from langchain_foundry_agents.emulator.state import State

_MOST = 10


def _queries(value: Any, param: str) -> list[str]:
    wanted = [value] if isinstance(value, str) else value
    found: list[str] = items(text(least=1))(wanted, param)
    return found


def search_store(state: State, call: Call) -> Answer:
    """POST /openai/v1/vector_stores/{id}/search."""
    store = state.vector_store(call.ids["store"])
    given = read(call.body, {"query": _queries, **search_settings}, ("query",))
    queries = given.pop("query")
    tool = {"type": "file_search", "max_num_results": _MOST, **given}
    found = search(state, [tool], [store.id], [])
    results = passages(found, " ".join(queries)) if found else []
    return Answer(
        {
            "object": "vector_store.search_results.page",
            "search_query": queries,
            "data": [_result(one) for one in results],
            "has_more": False,
            "next_page": None,
        }
    )


def update_file(state: State, call: Call) -> Answer:
    """POST /openai/v1/vector_stores/{id}/files/{id}: its attributes, all anew."""
    store, one = file_of(state, call)
    one.attributes = read(call.body, {"attributes": mapping}, ("attributes",))["attributes"]
    return Answer(file_json(store, one, state.clock()))


def get_texts(state: State, call: Call) -> Answer:
    """GET /openai/v1/vector_stores/{id}/files/{id}/content: its chunks."""
    _, one = file_of(state, call)
    found = chunks(one.file.text, one.chunking.size, one.chunking.overlap)
    return Answer(
        {
            "object": "vector_store.file_content.page",
            "data": [{"type": "text", "text": chunk} for chunk in found],
            "has_more": False,
            "next_page": None,
        }
    )


def _result(passage: Passage) -> JsonObject:
    return {
        "file_id": passage.sheet.file_id,
        "filename": passage.sheet.name,
        "score": passage.score,
        "attributes": passage.sheet.attributes,
        "content": [{"type": "text", "text": passage.text}],
    }
