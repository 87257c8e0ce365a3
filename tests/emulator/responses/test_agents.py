"""Agents of the new generation: versions, lists, endpoints, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.tools import tool

from langchain_foundry_agents.emulator import FoundryEmulator

from .scene import error_of, new_version

if TYPE_CHECKING:
    from ..room import Room

ENDPOINT = "/agents/support/endpoint/protocols/openai/conversations"
PROMPT = {"kind": "prompt", "model": "gpt-4.1"}


def numbers(room: Room, path: str, **query: str) -> list[str]:
    return [version["version"] for version in room.get(path, **query)["data"]]


def names(room: Room, **query: str) -> list[str]:
    return [agent["name"] for agent in room.get("/agents", **query)["data"]]


def test_the_first_version_makes_the_agent(room: Room) -> None:
    made = new_version(room, instructions="Be brief.", top_p=0.5)

    assert made["definition"] == {
        "kind": "prompt",
        "model": "gpt-4.1",
        "instructions": "Be brief.",
        "top_p": 0.5,
    }
    assert (made["object"], made["id"], made["version"]) == ("agent.version", "support:1", "1")
    assert (made["description"], made["metadata"]) == ("", {})
    assert room.get("/agents/support")["versions"]["latest"] == made
    assert room.get("/agents/support/versions/1") == made


def test_every_post_of_a_version_makes_one(room: Room) -> None:
    new_version(room)
    new_version(room)

    assert numbers(room, "/agents/support/versions") == ["2", "1"]


def test_a_post_of_the_agent_makes_a_version_only_if_something_changed(room: Room) -> None:
    created = room.post("/agents", {"name": "support", "definition": PROMPT})

    same = room.post("/agents/support", {"definition": PROMPT})
    changed = room.post("/agents/support", {"definition": PROMPT, "description": "new"})

    assert created["versions"]["latest"]["version"] == "1"
    assert same["versions"]["latest"]["version"] == "1"
    assert changed["versions"]["latest"]["version"] == "2"


def test_an_agent_is_made_once(room: Room) -> None:
    new_version(room)

    answer = room.call("POST", "/agents", {"name": "support", "definition": PROMPT})

    assert error_of(answer) == (409, "conflict", None)


def test_a_number_is_never_given_twice(room: Room) -> None:
    new_version(room)
    new_version(room)
    room.call("DELETE", "/agents/support/versions/2")

    assert new_version(room)["version"] == "3"


def test_the_last_version_takes_the_agent_with_it(room: Room) -> None:
    new_version(room)

    gone = room.call("DELETE", "/agents/support/versions/1", query={"force": "true"})

    expected = {"object": "agent.version.deleted", "name": "support", "version": "1"}
    assert gone.body == {**expected, "deleted": True}
    assert room.call("GET", "/agents/support").status == 404


def test_a_deleted_agent_is_gone(room: Room) -> None:
    new_version(room)

    gone = room.call("DELETE", "/agents/support")

    assert gone.body == {"object": "agent.deleted", "name": "support", "deleted": True}
    assert room.call("GET", "/agents/support/versions").status == 404


@pytest.mark.parametrize(
    ("query", "expected", "more"),
    [
        ({}, ["c", "b", "a"], False),
        ({"limit": "2"}, ["c", "b"], True),
        ({"after": "b:1"}, ["a"], False),
        ({"before": "b:1"}, ["c"], False),
        ({"order": "asc", "after": "a:1", "limit": "1"}, ["b"], True),
        ({"kind": "hosted"}, [], False),
    ],
)
def test_agents_are_listed_newest_first_by_the_ids_of_their_versions(
    room: Room, query: dict[str, str], expected: list[str], more: bool
) -> None:
    for name in "abc":
        new_version(room, name)

    assert names(room, **query) == expected
    assert room.get("/agents", **query)["has_more"] is more


def test_an_empty_page_has_no_cursors(room: Room) -> None:
    new_version(room)

    full, empty = room.get("/agents"), room.get("/agents", after="support:1")

    assert (full["first_id"], full["last_id"]) == ("support:1", "support:1")
    assert empty == {"data": [], "has_more": False, "object": "list"}


def test_an_endpoint_is_merged(room: Room) -> None:
    new_version(room)
    rules = {"version_selection_rules": [fixed("1", 100)]}
    path = "/agents/support"

    room.call("PATCH", path, {"agent_endpoint": {"version_selector": rules, "protocols": ["a2a"]}})
    patched = room.call("PATCH", path, {"agent_endpoint": {"protocols": ["responses"]}}).body

    assert patched["agent_endpoint"] == {
        "version_selector": rules,
        "protocols": ["responses"],
        "authorization_schemes": [{"type": "Entra", "isolation_key_source": {"kind": "Entra"}}],
    }
    assert "agent_endpoint" not in room.call("PATCH", path, {"agent_endpoint": None}).body


@pytest.mark.parametrize(
    ("rules", "expected"),
    [([], "3"), ([("1", 100)], "1"), ([("1", 20), ("2", 80)], "2")],
)
def test_the_endpoint_says_which_version_answers(
    room: Room, rules: list[tuple[str, int]], expected: str
) -> None:
    for _ in range(3):
        new_version(room)
    selector = {"version_selection_rules": [fixed(*rule) for rule in rules]}
    room.call("PATCH", "/agents/support", {"agent_endpoint": {"version_selector": selector}})

    assert room.state.agent_version("support").version == expected
    assert room.state.agent_version("support", "2").version == "2"


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("x", (400, "invalid_type", "agent_endpoint")),
        ({"version_selector": 1}, (400, "invalid_type", "agent_endpoint.version_selector")),
        (
            {"version_selector": {"version_selection_rules": [{"agent_version": "9"}]}},
            (404, "not_found", None),
        ),
    ],
)
def test_an_endpoint_that_leads_nowhere_is_refused(
    room: Room, endpoint: Any, expected: tuple[int, str, str | None]
) -> None:
    new_version(room)

    answer = room.call("PATCH", "/agents/support", {"agent_endpoint": endpoint})

    assert error_of(answer) == expected
    assert "agent_endpoint" not in room.get("/agents/support")


def fixed(version: str, percentage: int) -> dict[str, Any]:
    return {"type": "FixedRatio", "agent_version": version, "traffic_percentage": percentage}


def test_an_agent_is_disabled_and_enabled(room: Room) -> None:
    new_version(room)

    answer = room.call("POST", "/agents/support:disable")

    assert (answer.status, answer.content) == (204, b"")
    assert room.get("/agents/support")["state"] == "disabled"
    assert room.call("GET", ENDPOINT).status == 403
    room.call("POST", "/agents/support:enable")
    assert room.get("/agents/support")["state"] == "enabled"
    assert room.call("GET", ENDPOINT).status == 200


@pytest.mark.parametrize("name", ["a", "A1", "a-b", "a" * 63])
def test_good_names(room: Room, name: str) -> None:
    assert new_version(room, name)["name"] == name


@pytest.mark.parametrize("name", ["-a", "a-", "a_b", "a.b", "a" * 64, "ä", "a b"])
def test_bad_names_are_refused(room: Room, name: str) -> None:
    answer = room.call("POST", f"/agents/{name}/versions", {"definition": PROMPT})

    assert error_of(answer) == (400, "invalid_payload", "agent_name")


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "missing_required_parameter", "definition"),
        ({"definition": "x"}, "invalid_type", "definition"),
        ({"definition": {"model": "m"}}, "invalid_value", "definition.kind"),
        ({"definition": {"kind": "prompt"}}, "missing_required_parameter", "definition.model"),
        ({"definition": PROMPT, "metadata": {"k": 1}}, "invalid_type", "metadata.k"),
        (
            {"definition": PROMPT | {"tools": [{"name": "f"}]}},
            "invalid_type",
            "definition.tools[0].type",
        ),
        (
            {"definition": PROMPT | {"tools": [{"type": "function", "function": {"name": "f"}}]}},
            "missing_required_parameter",
            "definition.tools[0].name",
        ),
        ({"definition": PROMPT | {"temperature": 3}}, "invalid_value", "definition.temperature"),
    ],
)
def test_a_version_that_is_none_is_refused(room: Room, body: Any, code: str, param: str) -> None:
    answer = room.call("POST", "/agents/support/versions", body)

    assert error_of(answer) == (400, code, param)
    assert room.state.named_agents == {}


def test_a_kind_in_preview_wants_its_header(room: Room) -> None:
    body = {"definition": {"kind": "workflow", "workflow": "…"}}
    path = "/agents/flow/versions"

    refused = room.call("POST", path, body)
    feature = {"foundry-features": "Skills=V1Preview,WorkflowAgents=V1Preview", "api-key": TOKEN}
    made = room.call("POST", path, body, headers=feature)

    assert error_of(refused) == (403, "preview_feature_required", "Foundry-Features")
    assert made.status == 200


TOKEN = "foundry-emulator"


@tool
def get_weather(city: str) -> str:
    """Tells the weather."""
    return f"Sunny in {city}"


def test_an_agent_is_made_from_langchain_tools() -> None:
    emulator = FoundryEmulator()
    answer = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}}

    name = emulator.create_agent(
        name="weather",
        instructions="Be brief.",
        tools=[get_weather, {"type": "web_search"}],
        response_format=answer,
        temperature=0.5,
        metadata={"k": "v"},
        generation="new",
    )

    version = emulator.service.state.agent_version(name)
    assert (name, version.version, version.metadata) == ("weather", "1", {"k": "v"})
    assert version.definition == {
        "kind": "prompt",
        "model": "gpt-4o",
        "instructions": "Be brief.",
        "tools": [
            {
                "type": "function",
                "name": "get_weather",
                "description": "Tells the weather.",
                "parameters": {
                    "properties": {"city": {"type": "string"}},
                    "required": ["city"],
                    "type": "object",
                },
                "strict": False,
            },
            {"type": "web_search"},
        ],
        "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}}},
        "temperature": 0.5,
    }


def test_making_an_agent_again_makes_a_version() -> None:
    emulator = FoundryEmulator()

    for _ in range(2):
        emulator.create_agent(name="support", generation="new")

    assert emulator.service.state.agent_version("support").version == "2"


def test_an_agent_of_the_new_generation_needs_a_name() -> None:
    with pytest.raises(ValueError, match="give one"):
        FoundryEmulator().create_agent(generation="new")
