"""A new agent's conversation, read as what was said in it: its items, and their responses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from langchain_foundry_agents._flow.creation import unmarked
from langchain_foundry_agents._flow.effects import JSON, Flow, Query, Send
from langchain_foundry_agents._flow.entries import Answered, Entry, Given, Said, understood
from langchain_foundry_agents._flow.items import run_of
from langchain_foundry_agents._flow.lists import list_all
from langchain_foundry_agents._flow.progress import Outcome
from langchain_foundry_agents._flow.retry import Patience
from langchain_foundry_agents.errors import FoundryAgentError

_CALLERS_OWN = {"function_call_output", "mcp_approval_response"}


def read_conversation(
    base: str, conversation_id: str, query: Query, patience: Patience
) -> Flow[list[Entry]]:
    """What was said in a conversation; how its responses ended where the service lists them."""
    path = f"{base}/conversations/{conversation_id}/items"
    try:
        items = yield from list_all(Send("GET", path, None, query), patience)
    except FoundryAgentError as error:
        raise error.about(thread_id=conversation_id, run_id=None)  # noqa: B904
    listing = (*query, ("conversation_id", conversation_id))
    try:
        listed = yield from list_all(Send("GET", f"{base}/responses", None, listing), patience)
    except FoundryAgentError:
        listed = []
    responses = {str(response.get("id")): response for response in listed}
    return understood(_conversation_entries(items, conversation_id, responses))


def _conversation_entries(
    items: list[JSON], conversation_id: str, responses: dict[str, JSON]
) -> Iterator[Entry]:
    after: str | None = None
    for author, group in groupby(items, _author):
        wrote = list(group)
        if author is not None:
            yield _answered(wrote, author, conversation_id, responses, after)
            after = None
            continue
        for item in wrote:
            if item.get("type") == "function_call_output":
                after = min(filter(None, [after, item["call_id"]]))
                yield Given(item["call_id"], _output(item.get("output")))
            elif item.get("type") == "mcp_approval_response":
                after = min(filter(None, [after, item["approval_request_id"]]))
                said = "true" if item.get("approve") is True else "false"
                yield Given(item["approval_request_id"], said)
            else:
                yield Said(item)


def _author(item: JSON) -> str | None:
    """The response that an item comes from; empty if it is not told, `None` for the caller's."""
    if author := _created_by(item).get("response_id") or item.get("response_id"):
        return str(author)
    message = item.get("type", "message") == "message" and item.get("role") != "assistant"
    return None if message or item.get("type") in _CALLERS_OWN else ""


def _created_by(item: JSON) -> JSON:
    by = item.get("created_by")
    return by if isinstance(by, dict) else {}


def _answered(
    items: list[JSON],
    author: str,
    conversation_id: str,
    responses: dict[str, JSON],
    after: str | None,
) -> Answered:
    agents = (_created_by(item).get("agent") for item in items)
    response = {
        "object": "response",
        "id": author or None,
        "status": "completed",
        "agent_reference": next(filter(None, agents), None),
        **responses.get(author, {}),
        "conversation": {"id": conversation_id},
        "output": items,
    }
    kind = f"response.{response['status']}"
    event = (kind, {"type": kind, "response": response})
    return Answered((event,), Outcome(unmarked(run_of(response))), after)


def _output(output: object) -> str | list[JSON]:
    """An output of the caller's: its text, or its parts where it has others."""
    if not isinstance(output, list):
        return str(output)
    parts = [part for part in output if isinstance(part, dict)]
    texts = [part["text"] for part in parts if isinstance(part.get("text"), str)]
    return "\n".join(texts) if len(texts) == len(parts) else parts
