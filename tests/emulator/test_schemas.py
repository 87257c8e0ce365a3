"""Bodies that the service refuses by its schemas, in its words."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_foundry_agents.emulator.schemas.check import check_body

from .responses.scene import error_of, new_version, user
from .responses.speaking import RESPONSES, ask
from .room import Room

MCP = {"type": "mcp", "server_label": "a", "server_url": "https://a.example"}
FUNCTION = {"type": "function", "function": {"name": "f", "parameters": {}}}
ANSWER = {"type": "message", "role": "assistant"}


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        # microsoft-foundry/foundry-samples#270.
        (
            "/assistants",
            {"model": "m", "tools": [FUNCTION, MCP | {"require_approval": "never"}]},
            "Unknown parameter: 'tools[1].require_approval'.",
        ),
        # microsoft/Agents#229.
        (
            "/assistants",
            {"model": "m", "tools": [{"type": "fabric_dataagent"}]},
            "Missing required parameter: 'tools[0].fabric_dataagent'.",
        ),
        # The others are of the same kinds.
        ("/assistants", {"model": "m", "instruction": "x"}, "Unknown parameter: 'instruction'."),
        (
            "/threads",
            {"messages": [{"role": "user", "content": "x", "colour": 1}]},
            "Unknown parameter: 'messages[0].colour'.",
        ),
        (
            "/threads/runs",
            {"assistant_id": "asst_1", "thread": {"message": []}},
            "Unknown parameter: 'thread.message'.",
        ),
        (
            "/vector_stores",
            {"chunking_strategy": {"type": "static", "static": {"size": 1}}},
            "Missing required parameter: 'chunking_strategy.static.max_chunk_size_tokens'.",
        ),
    ],
)
def test_a_member_that_is_unknown_or_missing_is_named(
    room: Room, path: str, body: Any, message: str
) -> None:
    answer = room.call("POST", path, body)

    assert (answer.status, answer.body["error"]["message"]) == (400, message)


def test_a_misspelt_parameter_of_a_response_is_refused(room: Room) -> None:
    new_version(room)

    assert error_of(ask(room, "Hi", strem=True)) == (400, "unknown_parameter", "strem")


def test_a_misspelt_member_of_a_definition_is_refused(room: Room) -> None:
    tool = {"type": "file_search", "vector_store_ids": [], "ranking_options": {"rank": 1}}
    body = {"definition": {"kind": "prompt", "model": "m", "tools": [tool]}}

    refused = room.call("POST", "/agents/a/versions", body)

    param = "definition.tools[0].ranking_options.rank"
    assert error_of(refused) == (400, "unknown_parameter", param)


@pytest.mark.parametrize(
    ("item", "place", "finding"),
    [
        # microsoft/agent-framework#4626.
        (
            ANSWER | {"content": "x", "status": None},
            "/input/1/status",
            'type: Value is "null" but should be "string"',
        ),
        # microsoft/agent-framework#3003.
        (
            ANSWER | {"content": [{"type": "output_text", "text": "x"}]},
            "/input/1/content/0",
            'required: Required properties ["annotations"] are not present',
        ),
    ],
)
def test_an_item_that_the_schema_does_not_allow_is_found(
    room: Room, item: Any, place: str, finding: str
) -> None:
    new_version(room)

    answer = room.call("POST", RESPONSES, {"input": [user("Hi"), item], **reference("support")})

    (detail,) = answer.body["error"]["details"]
    assert (answer.status, detail["param"], detail["message"]) == (400, place, finding)


def test_a_conversation_id_of_another_form_is_malformed(room: Room) -> None:
    """Source: microsoft-foundry/new-foundry-portal#102."""
    new_version(room)

    answer = ask(room, "Hi", conversation="conv_c8e602556f95489dJutf5cqOk1Uqu")

    message = answer.body["error"]["message"]
    assert answer.status == 400
    assert message == (
        "Invalid conversation id 'conv_c8e602556f95489dJutf5cqOk1Uqu', Malformed identifier."
    )


@pytest.mark.parametrize(
    "tool",
    [
        # As the service shows it (recorded-json-responses), so as callers send it back.
        FUNCTION | {"function": {"name": "f", "parameters": {}, "strict": False}},
        {"type": "function", "function": {"name": "f"}},
        {"type": "a_kind_of_next_year", "whatever": 1},
    ],
)
def test_the_leniencies_hold(tool: Any) -> None:
    check_body("classic", "agent", {"model": "m", "tools": [tool]})


def reference(name: str) -> dict[str, Any]:
    return {"agent_reference": {"type": "agent_reference", "name": name}}
