"""Endpoints of responses, below `…/openai/v1` and below an agent's own endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.exchange import Answer, Call
from langchain_foundry_agents.emulator.refusals import invalid
from langchain_foundry_agents.emulator.responses.asking import asked_response
from langchain_foundry_agents.emulator.responses.bodies import response_json
from langchain_foundry_agents.emulator.responses.history import find_response
from langchain_foundry_agents.emulator.responses.lifecycle import ResponseLife, follow
from langchain_foundry_agents.emulator.responses.pages import Listed, page
from langchain_foundry_agents.emulator.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from langchain_foundry_agents.emulator.responses.records import StoredResponse

_OVER = {
    "completed": "Cannot cancel a completed response.",
    "failed": "Cannot cancel a failed response.",
    "incomplete": "Cannot cancel a response in terminal state.",
}


def create_response(state: State, call: Call) -> Answer:
    """POST /responses: the brain makes it, in front of the caller or in the background."""
    response = asked_response(state, call)
    feed = response.feeds[0] if response.feeds else None
    ResponseLife(state, response).create()
    return Answer(
        response_json(response), feed=feed, begin=response, headers=_hosted_headers(response)
    )


def get_response(state: State, call: Call) -> Answer:
    """GET /responses/{id}; its events from anywhere on, if it keeps them."""
    response = _found(state, call)
    if call.query.get("stream", "").lower() != "true":
        return Answer(response_json(response), headers=_hosted_headers(response))
    if response.events is None:
        lacks = "stream=true" if response.background else "background=true"
        message = f"This response cannot be streamed because it was not created with {lacks}."
        raise invalid(message, param="stream")
    return Answer({}, feed=follow(response, _starting_after(call.query)))


def list_responses(state: State, call: Call) -> Answer:
    """GET /responses, of an agent, of a version of it, or of a conversation."""
    chosen = [
        Listed(one.id, response_json(one))
        for one in state.responses.values()
        if one.owner == call.user and _fits(one, call.query)
    ]
    return Answer(page(chosen, call.query, state.ids))


def delete_response(state: State, call: Call) -> Answer:
    """DELETE /responses/{id}; one that is still being made is dropped."""
    response = _found(state, call)
    ResponseLife(state, response).cancel()
    del state.responses[response.id]
    return Answer({"id": response.id, "object": "response", "deleted": True}, give_up=response)


def cancel_response(state: State, call: Call) -> Answer:
    """POST /responses/{id}/cancel: only what goes on in the background can be cancelled."""
    response = _found(state, call)
    if not response.background:
        raise invalid("Cannot cancel a synchronous response.", param="response_id")
    if problem := _OVER.get(response.status):
        raise invalid(problem, param="response_id")
    ResponseLife(state, response).cancel()
    return Answer(response_json(response), give_up=response)


def list_input_items(state: State, call: Call) -> Answer:
    """GET /responses/{id}/input_items."""
    response = _found(state, call)
    chosen = [Listed(item["id"], item) for item in response.input]
    return Answer(page(chosen, call.query, state.ids))


RESPONSE_ROUTES: tuple[tuple[str, str, Callable[[State, Call], Answer]], ...] = (
    ("POST", "/responses", create_response),
    ("GET", "/responses", list_responses),
    ("GET", "/responses/{response}", get_response),
    ("DELETE", "/responses/{response}", delete_response),
    ("POST", "/responses/{response}/cancel", cancel_response),
    ("GET", "/responses/{response}/input_items", list_input_items),
)


def _found(state: State, call: Call) -> StoredResponse:
    return find_response(state, call.ids["response"], call.user)


def _fits(response: StoredResponse, query: Mapping[str, str]) -> bool:
    agent, conversation = response.agent, response.conversation
    has = {
        "agent_name": agent.name if agent else None,
        "agent_id": agent.id if agent else None,
        "conversation_id": conversation.id if conversation else None,
    }
    return all(query.get(name) in (None, value) for name, value in has.items())


def _starting_after(query: Mapping[str, str]) -> int:
    text = query.get("starting_after", "-1")
    if not text.removeprefix("-").isdecimal():
        raise invalid("starting_after must be an integer", param="starting_after")
    # The first event has the number 0: what is below means all of them.
    return max(-1, int(text))


def _hosted_headers(response: StoredResponse) -> dict[str, str]:
    if not response.hosted or response.agent is None:
        return {}
    return {
        "x-agent-response-id": response.id,
        "x-agent-session-id": response.agent_session_id or "",
        "x-agent-version-resolved": response.agent.version,
    }
