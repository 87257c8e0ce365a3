"""Every answer of the OpenAI surfaces is what the models of openai's client demand, strictly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

import pytest
from openai.types import FileDeleted, FileObject, Model, VectorStore, VectorStoreDeleted
from openai.types.container_create_response import ContainerCreateResponse
from openai.types.containers import FileCreateResponse
from openai.types.conversations import (
    Conversation,
    ConversationDeletedResource,
    ConversationItem,
    ConversationItemList,
)
from openai.types.responses import Response, ResponseItem, ResponseStreamEvent
from openai.types.vector_store_search_response import VectorStoreSearchResponse
from openai.types.vector_stores import (
    FileContentResponse,
    VectorStoreFile,
    VectorStoreFileBatch,
    VectorStoreFileDeleted,
)
from pydantic import BaseModel, TypeAdapter, ValidationError

from langchain_foundry_agents.emulator import (
    AskApproval,
    CallTools,
    Cite,
    CutShort,
    Fail,
    Refuse,
    RunCode,
    ScriptedBrain,
    Steps,
    Think,
)
from langchain_foundry_agents.emulator.responses.surfaces import OPENAI_ROUTES

from ..room import BEARER, FORM, UPLOAD, Room, filled
from .scene import new_version, user
from .speaking import SUPPORT, WEATHER, ask

# The recorded service leaves the one out, and has null for the other in streams, whatever the
# client's models say.
ABSENT = ("usage", "input_tokens_details", "cache_write_tokens")
# Classic batches are recorded so (test_create_vector_store_batch_azure in Azure/azure-sdk-assets).
RECORDED_OTHERWISE = {VectorStoreFileBatch: [("object",)]}
NULL = ("response", "tool_choice")


class Page(BaseModel, extra="forbid"):
    """A list of the service; an empty one has no ids of its ends."""

    object: str
    data: list[Any]
    has_more: bool
    first_id: str | None = None
    last_id: str | None = None
    next_page: str | None = None
    search_query: list[str] | None = None


class Models(BaseModel, extra="forbid"):
    """All models, which the client lists without pages."""

    object: str
    data: list[Model]


class Gone(BaseModel, extra="forbid"):
    """What is said of a deletion that the client has no model for."""

    id: str
    object: str
    deleted: bool


@dataclass(frozen=True)
class Row:
    """The model of an answer, or of what is in its page; and what is sent."""

    model: Any
    body: Any = None
    paged: bool = False


EVENTS: dict[str, Any] = {
    kind: model
    for model in get_args(get_args(ResponseStreamEvent)[0])
    for kind in get_args(model.model_fields["type"].annotation)
}


def problems(model: Any, body: Any) -> list[Any]:
    """Where a body is not what a model demands."""
    try:
        adapter(model).validate_python(body, strict=True)
    except ValidationError as invalid:
        found = [(error["loc"], error["input"]) for error in invalid.errors()]
        nulls = {place for place, value in found if place[:2] == NULL and value is None}
        return [place for place, _ in found if place[-3:] != ABSENT and place not in nulls]
    return []


@cache
def adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


MESSAGE = user("Where does the fox live?")
ITEM: Any = ConversationItem
STORE = {"name": "docs", "file_ids": ["{file}"]}
ROWS: dict[str, Row] = {
    "GET /models": Row(Models),
    "GET /models/{name}": Row(Model),
    "POST /conversations": Row(Conversation, {"items": [MESSAGE], "metadata": {"k": "v"}}),
    "GET /conversations": Row(Conversation, paged=True),
    "GET /conversations/{conversation}": Row(Conversation),
    "POST /conversations/{conversation}": Row(Conversation, {"metadata": {}}),
    "DELETE /conversations/{conversation}": Row(ConversationDeletedResource),
    "POST /conversations/{conversation}/items": Row(ConversationItemList, {"items": [MESSAGE]}),
    "GET /conversations/{conversation}/items": Row(ITEM, paged=True),
    "GET /conversations/{conversation}/items/{item}": Row(ITEM),
    "DELETE /conversations/{conversation}/items/{item}": Row(Conversation),
    "POST /files": Row(FileObject, FORM),
    "GET /files": Row(FileObject, paged=True),
    "GET /files/{file}": Row(FileObject),
    "DELETE /files/{file}": Row(FileDeleted),
    "GET /files/{file}/content": Row(bytes),
    "POST /containers": Row(ContainerCreateResponse, {"name": "work", "file_ids": ["{file}"]}),
    "GET /containers": Row(ContainerCreateResponse, paged=True),
    "GET /containers/{container}": Row(ContainerCreateResponse),
    "DELETE /containers/{container}": Row(Gone),
    "POST /containers/{container}/files": Row(FileCreateResponse, FORM),
    "GET /containers/{container}/files": Row(FileCreateResponse, paged=True),
    "GET /containers/{container}/files/{inner}": Row(FileCreateResponse),
    "DELETE /containers/{container}/files/{inner}": Row(Gone),
    "GET /containers/{container}/files/{inner}/content": Row(bytes),
    "POST /vector_stores": Row(VectorStore, STORE),
    "GET /vector_stores": Row(VectorStore, paged=True),
    "GET /vector_stores/{store}": Row(VectorStore),
    "POST /vector_stores/{store}": Row(VectorStore, {"name": "new"}),
    "DELETE /vector_stores/{store}": Row(VectorStoreDeleted),
    "POST /vector_stores/{store}/files": Row(
        VectorStoreFile, {"file_id": "{file}", "attributes": {"legs": 4.0}}
    ),
    "GET /vector_stores/{store}/files": Row(VectorStoreFile, paged=True),
    "GET /vector_stores/{store}/files/{file}": Row(VectorStoreFile),
    "DELETE /vector_stores/{store}/files/{file}": Row(VectorStoreFileDeleted),
    "POST /vector_stores/{store}/file_batches": Row(VectorStoreFileBatch, {"file_ids": ["{file}"]}),
    "GET /vector_stores/{store}/file_batches/{batch}": Row(VectorStoreFileBatch),
    "POST /vector_stores/{store}/file_batches/{batch}/cancel": Row(VectorStoreFileBatch),
    "GET /vector_stores/{store}/file_batches/{batch}/files": Row(VectorStoreFile, paged=True),
    "POST /vector_stores/{store}/search": Row(
        VectorStoreSearchResponse, {"query": "fox"}, paged=True
    ),
    "POST /vector_stores/{store}/files/{file}": Row(VectorStoreFile, {"attributes": {"k": "v"}}),
    "GET /vector_stores/{store}/files/{file}/content": Row(FileContentResponse, paged=True),
    "POST /responses": Row(
        Response, {"input": [MESSAGE], "agent_reference": SUPPORT, "background": True}
    ),
    "GET /responses": Row(Response, paged=True),
    "GET /responses/{response}": Row(Response),
    "DELETE /responses/{response}": Row(Gone),
    "POST /responses/{response}/cancel": Row(Response),
    "GET /responses/{response}/input_items": Row(ResponseItem, paged=True),
}


class Scene:
    """One of everything, by the names that the rows have."""

    def __init__(self) -> None:
        self.room = room = Room()
        new_version(room)
        file = room.state.add_file(b"The fox lives in Norway.", "notes.txt", "assistants").id
        store = self._made("/vector_stores", {"name": "docs"})
        batch = self._made(f"/vector_stores/{store}/file_batches", {"file_ids": [file]})
        conversation = self._made("/conversations", {})
        (item,) = room.post(f"/openai/v1/conversations/{conversation}/items", {"items": [MESSAGE]})[
            "data"
        ]
        container = self._made("/containers", {"name": "work"})
        inner = self._made(f"/containers/{container}/files", {"file_id": file})
        running = {"input": "Hi", "agent_reference": SUPPORT, "background": True}
        self.ids = {
            "file": file,
            "store": store,
            "batch": batch,
            "conversation": conversation,
            "item": item["id"],
            "container": container,
            "inner": inner,
            "response": self._made("/responses", running),
        }

    def _made(self, path: str, body: Any) -> str:
        return str(self.room.post(f"/openai/v1{path}", body)["id"])


def test_every_route_of_the_openai_surfaces_is_asked() -> None:
    routes = [f"{method} {path}" for method, path, _ in OPENAI_ROUTES]

    assert sorted(row.replace("{inner}", "{file}") for row in ROWS) == sorted(routes)


@pytest.mark.parametrize("name", ROWS)
def test_the_answer_is_what_the_model_demands(name: str) -> None:
    row, scene = ROWS[name], Scene()
    method, _, path = name.partition(" ")
    answer = scene.room.call(
        method,
        "/openai/v1" + filled(path, scene.ids),
        filled(row.body, scene.ids),
        headers=UPLOAD if row.body is FORM else BEARER,
    )

    assert answer.status == 200, answer.body
    if row.model is bytes:
        assert answer.content == b"The fox lives in Norway."
    elif row.paged:
        assert problems(Page, answer.body) == []
        assert answer.body["data"]
        assert problems(list[row.model], answer.body["data"]) == []  # type: ignore[name-defined]
    else:
        assert problems(row.model, answer.body) == RECORDED_OTHERWISE.get(row.model, [])


MCP = {"type": "mcp", "server_label": "docs", "server_url": "https://a.example"}
TOOLS: list[Any] = [
    {"type": "code_interpreter", "container": {"type": "auto"}},
    {"type": "file_search", "vector_store_ids": ["vs_x"]},
    WEATHER,
]
SITE = {"type": "citation", "url": "https://a.example", "title": "A"}


@pytest.mark.parametrize(
    ("status", "brain", "tools"),
    [
        ("completed", None, []),
        ("completed", ScriptedBrain([Steps(Think("Hm."), Cite("Yes.", SITE))]), []),
        ("completed", ScriptedBrain([CallTools(("get_weather", {"city": "Oslo"}))]), TOOLS),
        ("completed", ScriptedBrain([Steps(RunCode("print(1)", "1"), "One.")]), TOOLS),
        ("completed", ScriptedBrain([AskApproval("docs", "search", {"q": "a"})]), [MCP]),
        ("completed", ScriptedBrain([Refuse("No.")]), []),
        ("failed", ScriptedBrain([Fail("rate_limit_exceeded")]), []),
        ("incomplete", ScriptedBrain([CutShort("On and on", "length")]), []),
    ],
    ids=["text", "thought", "function", "code", "approval", "refusal", "failed", "cut"],
)
def test_responses_and_their_events_have_the_form_of_the_models(
    status: str, brain: Any, tools: Any
) -> None:
    room = Room(brain)
    new_version(room, tools=tools)

    answer = ask(room, "Hi", stream=True, background=True)
    room.work()

    assert answer.feed is not None
    events = [(event.name, event.data or {}) for event in answer.feed.take()]
    assert {name for name, _ in events} <= EVENTS.keys()
    assert [one for name, data in events for one in problems(EVENTS[name], data)] == []
    response = room.get(f"/openai/v1/responses/{events[0][1]['response']['id']}")
    assert response["status"] == status
    assert problems(Response, response) == []


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"name": None}, ("name",)),
        ({"status": "ready"}, ("status",)),
        ({"usage_bytes": "0"}, ("usage_bytes",)),
        ({"file_counts": {}}, ("file_counts", "cancelled")),
    ],
)
def test_wrong_answers_are_seen(changed: Any, place: tuple[str, ...]) -> None:
    store = Room().post("/openai/v1/vector_stores", {"name": "docs"})

    assert place in problems(VectorStore, store | changed)
    assert problems(VectorStore, store) == []
