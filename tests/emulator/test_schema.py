"""Every endpoint of the official client, and every kind of answer, has the form of its models."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from langchain_foundry_agents.emulator import CallTools, Fail, ScriptedBrain
from langchain_foundry_agents.emulator.classic.routes import ROUTES

from .endpoints import NOTES, ROWS, WAITING, Scene
from .room import BEARER, CLOCK_TOOL, FORM, RECORDINGS, UPLOAD, Room, filled
from .schema import ABSENT, ADDED, NULLS, SCHEMA, Model, problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_core.language_models import BaseChatModel


def test_every_endpoint_of_the_client_is_asked() -> None:
    assert len(ROWS) == 41
    assert ROWS.keys() == SCHEMA["endpoints"].keys()


def test_every_field_of_every_body_is_sent() -> None:
    bodies = {name: row.body for name, row in ROWS.items()}
    sent = {name: sorted(one) if isinstance(one, dict) else [] for name, one in bodies.items()}

    assert sent == {name: sorted(one["body"]) for name, one in SCHEMA["endpoints"].items()}


def test_the_routes_are_those_of_the_client_and_one_of_its_preview() -> None:
    def plain(path: str) -> str:
        return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))

    ours = {(method, plain(path)) for method, path, _ in ROUTES}
    theirs = {(one["method"], plain(one["path"])) for one in SCHEMA["endpoints"].values()}

    assert ours - theirs == {("DELETE", "/threads/{}/messages/{}")}
    assert theirs - ours == set()


@pytest.mark.parametrize("name", ROWS)
def test_the_answer_is_what_the_model_demands(name: str) -> None:
    row, endpoint = ROWS[name], SCHEMA["endpoints"][name]
    scene = Scene(waiting=name in WAITING)
    query = dict([row.query.split("=", 1)]) if row.query else {}

    answer = scene.room.call(
        endpoint["method"],
        filled(endpoint["path"], scene.ids),
        filled(row.body, scene.ids),
        headers=UPLOAD if row.body is FORM else BEARER,
        query=filled(query, scene.ids),
    )

    assert answer.status == 200, answer.body
    assert query.keys() <= set(endpoint["query"])
    if row.model == "bytes":
        assert answer.content == NOTES
    else:
        assert problems(row.model, answer.body) == RECORDED_OTHERWISE.get(row.model, [])


# Where recordings say something else than the model, they are right. These are of
# test_create_vector_store_batch_azure in Azure/azure-sdk-assets, commit b188b06c.
RECORDED_OTHERWISE = {
    "VectorStoreFileBatch": [
        "body.object: 'vector_store.file_batch' is not 'vector_store.files_batch'"
    ]
}


def finished(
    question: str, brain: BaseChatModel | None = None, **agent: Any
) -> tuple[Any, Any, Any]:
    """A run that has gone as far as it can by itself, its steps and its messages."""
    room = Room(brain)
    thread = {"messages": [{"role": "user", "content": question}]}
    body = {"assistant_id": room.agent(**agent), "thread": thread}
    run = room.run("/threads/runs", body)
    below = f"/threads/{run['thread_id']}"
    steps = room.get(f"{below}/runs/{run['id']}/steps")
    return run, steps, room.get(f"{below}/messages")


CODE = [{"type": "code_interpreter"}]


@pytest.mark.parametrize(
    ("status", "question", "brain", "tools"),
    [
        ("completed", "What is 17 * 23?", None, CODE),
        ("completed", "Draw 1, 2, 3", None, CODE),
        ("requires_action", "Hi", ScriptedBrain([CallTools(("fetch_datetime", {}))]), [CLOCK_TOOL]),
        ("failed", "Hi", ScriptedBrain([Fail("rate_limit_exceeded")]), []),
    ],
)
def test_runs_of_every_end_have_the_form_of_the_models(
    status: str, question: str, brain: BaseChatModel | None, tools: Any
) -> None:
    run, steps, messages = finished(question, brain, tools=tools)

    assert run["status"] == status
    assert problems("ThreadRun", run) == []
    assert problems("Page[RunStep]", steps) == []
    assert problems("Page[ThreadMessage]", messages) == []


@pytest.mark.parametrize("path", ["/threads/thread_x", "/assistants/asst_x", "/files/assistant-x"])
def test_refusals_have_the_form_of_the_model(path: str) -> None:
    assert problems("AgentV1Error", Room().call("GET", path).body) == []


# What the recordings hold beside the models: tools of the preview, and their calls.
PREVIEWS = {"browser_automation", "connected_agent", "deep_research", "mcp"}
OF_KIND = re.compile(r"no (?:ToolDefinition|RunStepToolCall) is of kind '(\w+)'")


def recorded_answers() -> Iterator[tuple[str, Any]]:
    """The models and bodies of the answers that the recorded service gave to the client."""
    for path in sorted(RECORDINGS.glob("test_*.json")):
        for exchange in json.loads(path.read_text())["exchanges"]:
            asked, body = exchange["request"], exchange["response"].get("body")
            route = asked["path"].partition("?")[0].removeprefix("/api/projects/00000")
            for name, endpoint in SCHEMA["endpoints"].items():
                pattern = re.sub(r"{\w+}", "[^/]+", endpoint["path"])
                fits = asked["method"] == endpoint["method"] and re.fullmatch(pattern, route)
                if fits and isinstance(body, dict):
                    yield ROWS[name].model, body


def test_the_recorded_service_passes_too() -> None:
    answers = list(recorded_answers())

    assert len(answers) > 30
    found = [one for model, body in answers for one in problems(model, body)]
    kinds = [kind[1] if (kind := OF_KIND.search(one)) else one for one in found]
    assert set(kinds) == PREVIEWS


GOOD: dict[str, Any] = {
    "id": "vs_1",
    "object": "vector_store",
    "created_at": 1,
    "name": "a",
    "usage_bytes": 0,
    "file_counts": {"in_progress": 0, "completed": 0, "failed": 0, "cancelled": 0, "total": 0},
    "status": "completed",
    "last_active_at": 1,
    "metadata": {},
}


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({}, None),
        ({"name": None}, None),
        ({"expires_after": None}, None),
        ({"id": 1}, "body.id: 1 is no str"),
        ({"usage_bytes": "0"}, "body.usage_bytes: '0' is no int"),
        ({"usage_bytes": True}, "body.usage_bytes: True is no int"),
        ({"usage_bytes": None}, "body.usage_bytes: null"),
        ({"status": "ready"}, "body.status: 'ready' is no VectorStoreStatus"),
        ({"object": "store"}, "body.object: 'store' is not 'vector_store'"),
        ({"metadata": {"k": 1}}, "body.metadata.k: 1 is no str"),
        ({"metadata": []}, "body.metadata: list is no object"),
        ({"file_counts": []}, "body.file_counts: list is no VectorStoreFileCount"),
        (
            {"file_counts": GOOD["file_counts"] | {"total": 0.5}},
            "body.file_counts.total: 0.5 is no int",
        ),
        (
            {"expires_after": {"anchor": "created_at", "days": 1}},
            "'created_at' is no VectorStoreExp",
        ),
        (
            {"expires_after": {"days": 1}},
            "body.expires_after: VectorStoreExpirationPolicy.anchor is missing",
        ),
        ({"size": 1}, "body: VectorStore has no size"),
    ],
)
def test_wrong_answers_are_seen(changed: Any, problem: str | None) -> None:
    found = problems("VectorStore", GOOD | changed)

    assert len(found) == (problem is not None)
    assert problem is None or problem in found[0]


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_member_is_seen(name: str) -> None:
    lacking = {key: value for key, value in GOOD.items() if key != name}

    assert problems("VectorStore", lacking) == [f"body: VectorStore.{name} is missing"]


@pytest.mark.parametrize(
    ("kind", "value", "problem"),
    [
        ("ToolDefinition", {"type": "hammer"}, "body: no ToolDefinition is of kind 'hammer'"),
        ("List[ToolDefinition]", {}, "body: dict is no list"),
        ("Page[AgentThread]", {"data": []}, "body: no list"),
        (
            "Page[AgentThread]",
            {"object": "list", "data": [], "first_id": "a", "last_id": None, "has_more": False},
            "body: first_id and last_id are not those of the data",
        ),
        ("AgentsToolChoiceOption", "often", "body: 'often' is no AgentsToolChoiceOptionMode"),
        (
            "RunStepDetails",
            {"type": "tool_calls"},
            "body: RunStepToolCallDetails.tool_calls is missing",
        ),
    ],
)
def test_wrong_kinds_are_seen(kind: str, value: Any, problem: str) -> None:
    assert problems(kind, value) == [problem]


def test_what_the_wire_has_otherwise_concerns_members_that_there_are() -> None:
    known = {f"{name}.{member}" for name in SCHEMA["models"] for member in Model(name).members}
    nulls, absent, added = (
        {f"{name}.{member}" for name, members in table.items() for member in members.split()}
        for table in (NULLS, ABSENT, ADDED)
    )

    assert (nulls | absent) - known == set()
    assert added & known == set()
