"""Requests for responses that the service would refuse."""

from __future__ import annotations

from typing import Any

import pytest

from ..room import BEARER, Room
from .scene import error_of, new_conversation, new_version, user
from .speaking import OWN_ENDPOINT, RESPONSES, SUPPORT, ask, respond, text_of

INVALID = "invalid_payload"


@pytest.fixture
def support(room: Room) -> Room:
    new_version(room, instructions="Be brief.")
    return room


@pytest.mark.parametrize(
    "owned",
    [
        {"model": "gpt-5"},
        {"tools": []},
        {"instructions": "Be rude."},
        {"temperature": 0},
        {"top_p": 1},
        {"text": {"format": {"type": "text"}}},
        {"reasoning": {"effort": "low"}},
        {"parallel_tool_calls": False},
    ],
    ids=lambda owned: next(iter(owned)),
)
@pytest.mark.parametrize("path", [RESPONSES, OWN_ENDPOINT], ids=["project", "own endpoint"])
def test_what_the_definition_owns_is_not_allowed(support: Room, path: str, owned: Any) -> None:
    refused = ask(support, "Hi", path=path, **owned)

    (name,) = owned
    assert error_of(refused) == (400, INVALID, name)
    assert refused.body["error"]["message"] == "Not allowed when agent is specified."
    assert refused.body["error"]["details"] == []


def test_several_offenders_are_details(support: Room) -> None:
    refused = ask(support, "Hi", temperature=1, top_p=1)

    error = refused.body["error"]
    assert (error["message"], error["param"]) == ("Invalid payload", None)
    assert error["details"][1] == {
        "code": "ValidationError",
        "message": "Not allowed when agent is specified.",
        "param": "top_p",
        "type": "error",
    }


def test_the_definitions_own_model_may_be_said(support: Room) -> None:
    assert text_of(respond(support, "Hi", model="gpt-4.1")) == 'You said: "Hi".'


def test_the_old_key_is_refused(support: Room) -> None:
    refused = ask(support, "Hi", agent=SUPPORT)

    assert error_of(refused) == (400, INVALID, "agent")
    message = "The 'agent' property is deprecated. Use 'agent_reference' instead."
    assert refused.body["error"]["message"] == message


def test_an_agent_or_a_model_is_needed(room: Room) -> None:
    refused = room.call("POST", RESPONSES, {"input": "Hi"})

    assert error_of(refused) == (400, "missing_required_parameter", "model")
    assert refused.body["error"]["message"] == "Missing required parameter: 'model'."


@pytest.mark.parametrize(
    ("reference", "status", "param"),
    [
        ({"type": "agent_reference", "name": "nobody"}, 404, None),
        ({**SUPPORT, "version": "9"}, 404, None),
        ({"type": "agent", "name": "support"}, 400, "agent_reference.type"),
        ({"type": "agent_reference"}, 400, "agent_reference.name"),
        ("support", 400, "agent_reference"),
    ],
    ids=["no such agent", "no such version", "wrong type", "no name", "no object"],
)
def test_an_agent_must_be_there_and_well_named(
    support: Room, reference: Any, status: int, param: str | None
) -> None:
    refused = ask(support, "Hi", agent_reference=reference)

    assert (refused.status, refused.body["error"].get("param")) == (status, param)


def test_an_agents_own_endpoint_chooses_the_version(support: Room) -> None:
    pinned = SUPPORT | {"version": "1"}

    assert error_of(ask(support, "Hi", path=OWN_ENDPOINT, agent_reference=pinned))[1] == INVALID
    assert respond(support, "Hi", path=OWN_ENDPOINT, agent_reference=SUPPORT)["status"]


def test_a_disabled_agent_does_not_answer(support: Room) -> None:
    support.post("/agents/support:disable")

    assert error_of(ask(support, "Hi")) == (400, INVALID, "agent_reference")


@pytest.mark.parametrize("kind", ["external", "voice"])
def test_agents_that_are_answered_elsewhere_are_refused(room: Room, kind: str) -> None:
    feature = f"{kind.capitalize()}Agents=V1Preview"
    headers = {**BEARER, "foundry-features": feature}
    definition = {"kind": kind} | ({"otel_agent_id": "1"} if kind == "external" else {})
    room.call("POST", "/agents/support/versions", {"definition": definition}, headers=headers)

    assert error_of(ask(room, "Hi")) == (403, "preview_feature_required", "Foundry-Features")
    assert error_of(ask(room, "Hi", headers=headers)) == (400, INVALID, "agent_reference")


def test_only_one_history_can_be_gone_on_with(support: Room) -> None:
    conversation = new_conversation(support)

    refused = ask(support, "Hi", conversation=conversation, previous_response_id="resp_1")

    assert error_of(refused) == (400, "mutually_exclusive_parameters", None)


def test_what_is_gone_on_with_must_be_there(support: Room) -> None:
    previous = ask(support, "Hi", previous_response_id="resp_1")
    message = "Previous response with id 'resp_1' not found."

    gone = f"conv_{'0' * 50}"
    assert error_of(ask(support, "Hi", conversation=gone)) == (404, "not_found", None)
    assert error_of(previous) == (400, "previous_response_not_found", "previous_response_id")
    assert previous.body["error"]["message"] == message


def test_a_response_that_is_not_over_cannot_be_gone_on_with(support: Room) -> None:
    running = ask(support, "Hi", background=True).body

    refused = ask(support, "And?", previous_response_id=running["id"])

    assert error_of(refused) == (400, None, "previous_response_id")


def test_the_background_needs_the_store(support: Room) -> None:
    refused = ask(support, "Hi", background=True, store=False)

    assert error_of(refused) == (400, "unsupported_parameter", "background")


def test_something_must_be_asked(support: Room) -> None:
    empty = new_conversation(support)

    assert error_of(ask(support)) == (400, "missing_required_parameter", "input")
    assert error_of(ask(support, [], conversation=empty))[2] == "input"


@pytest.mark.parametrize(
    "item",
    [
        {"type": "mcp_list_tools", "server_label": "docs", "tools": []},
        {"type": "web_search_call", "status": "completed"},
        {"type": "reasoning", "summary": []},
        {"type": "message", "role": "nobody", "content": "Hi"},
        {"type": "message", "role": "user"},
        {"type": "message", "role": "user", "content": [{"type": "text", "text": "Hi"}]},
        {"type": "function_call_output", "call_id": "call_1"},
        "Hi",
    ],
)
def test_items_have_the_expected_shapes(support: Room, item: Any) -> None:
    refused = ask(support, [user("Hi"), item])

    assert error_of(refused) == (400, INVALID, "/")
    message = "The provided data does not match the expected schema"
    assert refused.body["error"]["message"] == message


@pytest.mark.parametrize(
    "given",
    [
        {"max_output_tokens": 15},
        {"truncation": "middle"},
        {"stream": "yes"},
        {"store": 1},
        {"conversation": 1},
        {"tool_choice": "sometimes"},
        {"metadata": {"k": 1}},
        {"include": "all"},
        {"structured_inputs": []},
    ],
    ids=lambda given: next(iter(given)),
)
def test_parameters_have_their_types_and_ranges(support: Room, given: Any) -> None:
    refused = ask(support, "Hi", **given)

    (name,) = given
    assert refused.status == 400
    assert refused.body["error"]["param"].startswith(name)


def test_a_refused_request_leaves_nothing(support: Room) -> None:
    conversation = new_conversation(support)
    ask(support, "Hi", conversation=conversation, temperature=1)

    assert support.get(RESPONSES)["data"] == []
    assert respond(support, "Hi", conversation=conversation)["status"] == "completed"


def test_unknown_responses_are_not_found(support: Room) -> None:
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/cancel"),
        ("GET", "/input_items"),
    ):
        refused = support.call(method, f"{RESPONSES}/resp_1{path}")
        assert error_of(refused) == (404, "not_found", None)
        assert refused.body["error"]["message"].startswith("Response 'resp_1' not found.")
