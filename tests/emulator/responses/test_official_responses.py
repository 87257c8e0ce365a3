"""Microsoft's and OpenAI's own clients drive responses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from openai import BadRequestError, NotFoundError, OpenAI

from langchain_foundry_agents.emulator import (
    AskApproval,
    CallTools,
    FoundryEmulator,
    Reply,
    ScriptedBrain,
    Steps,
    Think,
)
from langchain_foundry_agents.emulator.brains.script import Part

from .speaking import SUPPORT, WEATHER

AGENT: dict[str, Any] = {"extra_body": {"agent_reference": SUPPORT}}


class Peer:
    """An emulator with a script, and openai clients for it."""

    def __init__(self, emulator: FoundryEmulator) -> None:
        self.emulator = emulator
        self.project = self._client("/openai/v1")
        self.own = self._client("/agents/support/endpoint/protocols/openai", {"api-version": "v1"})

    def _client(self, path: str, query: dict[str, object] | None = None) -> OpenAI:
        return OpenAI(
            base_url=self.emulator.project_endpoint + path,
            api_key=self.emulator.credential,
            default_query=query,
            max_retries=0,
        )


@pytest.fixture
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    turns: list[Part] = request.param
    with FoundryEmulator(ScriptedBrain(turns)) as emulator:
        emulator.create_agent(name="support", tools=[WEATHER], generation="new")
        peer = Peer(emulator)
        with peer.project, peer.own:
            yield peer


def script(*turns: Part) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("peer", [list(turns)], indirect=True, ids=["script"])


@script("One.", "Two.")
def test_a_conversation(peer: Peer) -> None:
    conversation = peer.project.conversations.create()

    whole = peer.project.responses.create(input="1?", conversation=conversation.id, **AGENT)
    events = list(
        peer.project.responses.create(
            input="2?", conversation=conversation.id, stream=True, **AGENT
        )
    )

    assert (whole.output_text, whole.status) == ("One.", "completed")
    last = events[-1]
    assert last.type == "response.completed"
    assert last.response.output_text == "Two."
    assert last.response.usage is not None
    kept = peer.project.conversations.items.list(conversation.id, order="asc")
    assert [item.type for item in kept] == ["message"] * 4


@script(CallTools(("get_weather", {"city": "Paris"})), "Sunny.")
def test_functions_on_the_agents_own_endpoint(peer: Peer) -> None:
    asked = peer.own.responses.create(input="Weather?")
    call = asked.output[0]
    assert call.type == "function_call"

    answered = peer.own.responses.create(
        previous_response_id=asked.id,
        input=[{"type": "function_call_output", "call_id": call.call_id, "output": "sun"}],
    )

    assert (call.name, call.arguments) == ("get_weather", '{"city":"Paris"}')
    assert answered.output_text == "Sunny."


@script(AskApproval("docs", "search", {"q": 1}, "x"), "It is x.")
def test_approvals(peer: Peer) -> None:
    asked = peer.project.responses.create(input="What?", **AGENT)
    request = asked.output[0]
    assert request.type == "mcp_approval_request"

    answered = peer.project.responses.create(
        previous_response_id=asked.id,
        input=[
            {
                "type": "mcp_approval_response",
                "approval_request_id": request.id,
                "approve": True,
            }
        ],
        **AGENT,
    )

    assert answered.output[0].type == "mcp_call"
    assert (answered.output[0].output, answered.output_text) == ("x", "It is x.")


@script(Steps(Think("Hm."), Reply("One.")), "Two.")
def test_the_background(peer: Peer) -> None:
    responses = peer.project.responses
    begun = responses.create(input="1?", background=True, **AGENT)
    response = begun
    while response.status in ("queued", "in_progress"):
        response = responses.retrieve(begun.id)
    events = list(responses.create(input="2?", background=True, stream=True, **AGENT))
    assert events[0].type == "response.created"

    resumed = list(responses.retrieve(events[0].response.id, stream=True, starting_after=3))

    assert (begun.status, response.output_text) == ("queued", "One.")
    assert resumed == events[4:]
    with pytest.raises(BadRequestError, match="Cannot cancel a completed response"):
        responses.cancel(begun.id)
    assert [one.type for one in responses.input_items.list(begun.id)] == ["message"]
    responses.delete(begun.id)
    with pytest.raises(NotFoundError, match="not found"):
        responses.retrieve(begun.id)


@script()
def test_what_the_definition_owns_is_refused(peer: Peer) -> None:
    with pytest.raises(BadRequestError) as refused:
        peer.own.responses.create(input="Hi", temperature=0)

    assert (refused.value.code, refused.value.param) == ("invalid_payload", "temperature")
