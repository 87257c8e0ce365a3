"""Endpoints of conversations and their items.

Each conversation belongs to the user who made it; to others it is not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.exchange import Answer, Call
from langchain_foundry_agents.emulator.responses import refusals
from langchain_foundry_agents.emulator.responses.conversation_items import (
    MAX_ITEMS,
    checked_item,
    item_json,
    new_item,
    signed,
)
from langchain_foundry_agents.emulator.responses.ids import new_id, partition_of
from langchain_foundry_agents.emulator.responses.pages import Listed, page
from langchain_foundry_agents.emulator.responses.records import Conversation
from langchain_foundry_agents.emulator.validation import items as items_of
from langchain_foundry_agents.emulator.validation import metadata, read

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject
    from langchain_foundry_agents.emulator.state import State

_ITEMS = {"items": items_of(checked_item, most=MAX_ITEMS)}
_METADATA = {"metadata": metadata}


def add_items(
    state: State,
    conversation: Conversation,
    items: list[JsonObject],
    *,
    response: JsonObject | None = None,
) -> None:
    """Appends items, and gives them what they lack: ids, statuses, content in parts.

    Args:
        state: has the source of chance.
        conversation: where they go.
        items: oldest first; ids that they bring are kept.
        response: the response whose output they are, if they are an agent's.
    """
    partition = partition_of(conversation.id)
    for item in items:
        kept = new_item(state, item, partition)
        # Items stand in the order in which they came here, not in which their ids were made.
        state.ids.keep(kept["id"])
        conversation.items.append(signed(kept, response) if response else kept)


def create_conversation(state: State, call: Call) -> Answer:
    """POST /conversations."""
    given = read(call.body, _ITEMS | _METADATA)
    conversation = Conversation(
        new_id(state, "conv", mixed=True), state.now(), given.get("metadata", {}), owner=call.user
    )
    state.conversations[conversation.id] = conversation
    add_items(state, conversation, given.get("items", []))
    return Answer(conversation_json(conversation))


def list_conversations(state: State, call: Call) -> Answer:
    """GET /conversations, of one agent or of all."""
    asked = {name: call.query[name] for name in ("agent_name", "agent_id") if name in call.query}
    chosen = [
        Listed(one.id, conversation_json(one))
        for one in state.conversations.values()
        if one.owner == call.user and _was_answered_by(one, asked)
    ]
    return Answer(page(chosen, call.query, state.ids))


def get_conversation(state: State, call: Call) -> Answer:
    """GET /conversations/{id}."""
    return Answer(conversation_json(_conversation(state, call)))


def update_conversation(state: State, call: Call) -> Answer:
    """POST /conversations/{id}: its metadata, all anew."""
    conversation = _conversation(state, call)
    conversation.metadata = read(call.body, _METADATA, ("metadata",))["metadata"]
    return Answer(conversation_json(conversation))


def delete_conversation(state: State, call: Call) -> Answer:
    """DELETE /conversations/{id}."""
    identifier = _conversation(state, call).id
    del state.conversations[identifier]
    return Answer({"object": "conversation.deleted", "deleted": True, "id": identifier})


def create_items(state: State, call: Call) -> Answer:
    """POST /conversations/{id}/items."""
    conversation = _unlocked(state, call)
    given: list[JsonObject] = read(call.body, _ITEMS, ("items",))["items"]
    before = len(conversation.items)
    add_items(state, conversation, given)
    data = conversation.items[before:]
    ends = {"first_id": data[0]["id"], "last_id": data[-1]["id"]} if data else {}
    return Answer({"object": "list", "data": data, "has_more": False, **ends})


def list_items(state: State, call: Call) -> Answer:
    """GET /conversations/{id}/items, of one type or of all."""
    conversation = _conversation(state, call)
    kind = call.query.get("item_type")
    chosen = [
        Listed(item["id"], item_json(conversation, item))
        for item in conversation.items
        if kind in (None, item["type"])
    ]
    return Answer(page(chosen, call.query, state.ids))


def get_item(state: State, call: Call) -> Answer:
    """GET /conversations/{id}/items/{item}."""
    conversation = _conversation(state, call)
    return Answer(item_json(conversation, _item(conversation, call)))


def delete_item(state: State, call: Call) -> Answer:
    """DELETE /conversations/{id}/items/{item}; answers with the conversation."""
    conversation = _unlocked(state, call)
    conversation.items.remove(_item(conversation, call))
    conversation.sizes.clear()
    return Answer(conversation_json(conversation))


def conversation_json(conversation: Conversation) -> JsonObject:
    """A conversation as it shows."""
    return {
        "id": conversation.id,
        "object": "conversation",
        "metadata": conversation.metadata,
        "created_at": conversation.created_at,
    }


def _conversation(state: State, call: Call) -> Conversation:
    return state.conversation(call.ids["conversation"], call.user)


def _unlocked(state: State, call: Call) -> Conversation:
    conversation = _conversation(state, call)
    if conversation.busy_with:
        raise refusals.conversation_locked()
    return conversation


def _item(conversation: Conversation, call: Call) -> JsonObject:
    identifier = call.ids["item"]
    for item in conversation.items:
        if item["id"] == identifier:
            return item
    raise refusals.not_found("Item", identifier)


def _was_answered_by(conversation: Conversation, asked: JsonObject) -> bool:
    agents = [item["created_by"].get("agent", {}) for item in conversation.items if _signed(item)]
    names = {agent.get("name") for agent in agents}
    ids = {f"{agent.get('name')}:{agent.get('version')}" for agent in agents}
    return asked.get("agent_name", None) in {None, *names} and asked.get("agent_id") in {None, *ids}


def _signed(item: JsonObject) -> bool:
    return "created_by" in item
