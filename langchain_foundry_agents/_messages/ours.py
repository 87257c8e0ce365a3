"""Which messages of a history are answers of ours, and where the history goes on."""

from __future__ import annotations

from typing import Any, Literal

from langchain_core.messages import AIMessage, BaseMessage

from langchain_foundry_agents._record import Asked

JSON = dict[str, Any]
PROVIDER = "azure_ai_foundry"
"""`response_metadata["model_provider"]` of our answers."""
INSTRUCTIONS_DIGEST = "instructions_digest"
"""Metadata that tells which instructions the place of an answer holds."""

Storage = Literal["thread", "conversation", "response", "none"]
"""What keeps a history: a thread, a conversation, the chain of responses, or nothing."""

SHARED: frozenset[Storage] = frozenset({"thread", "conversation"})
"""Places that turns change. (Responses never change: any number of turns may follow one.)"""

_UNANSWERED = "unanswered"
_PLACES = {"thread": "thread_id", "conversation": "conversation_id", "response": "response_id"}


def held_by(thread_id: str, *, new: bool) -> JSON:
    """Metadata of a caller's message that a thread, or a conversation, holds and did not answer."""
    place = {"thread_id": thread_id}
    if new:
        place |= {"conversation_id": thread_id}
    return {"model_provider": PROVIDER, **place, _UNANSWERED: True}


def place_of(message: BaseMessage, storage: Storage = "thread") -> str | None:
    """Where a history that ends in this message goes on; `None` if it is not ours, or elsewhere."""
    metadata = message.response_metadata
    place = metadata.get(_PLACES.get(storage, ""))
    # A conversation's id stands under `thread_id`, too.
    elsewhere = storage == "thread" and ("response_id" in metadata or "conversation_id" in metadata)
    # What was not stored is no place to go on in.
    elsewhere = elsewhere or metadata.get("stored") is False
    return place if is_ours(message) and isinstance(place, str) and not elsewhere else None


def asked_by(message: BaseMessage, storage: Storage) -> Asked | None:
    """The run that an answer of ours came from, and its place."""
    place, run_id = place_of(message, storage), message.response_metadata.get("run_id")
    known = place or (storage == "none" and is_ours(message))
    return Asked(place, run_id) if known and isinstance(run_id, str) else None


def placed(asked: Asked | None, storage: Storage) -> Asked | None:
    """What was remembered of a call, if it was asked where such a history goes on."""
    if asked is None or storage == "none":
        return None
    in_thread = asked.run_id.startswith("run_")
    if storage == "response":
        return None if in_thread else Asked(asked.run_id, asked.run_id)
    return asked if asked.thread_id and in_thread == (storage == "thread") else None


def is_ours(message: BaseMessage) -> bool:
    """Whether a message is an answer of this package's model, or in a thread as `held_by` says."""
    told = message.response_metadata
    answer = isinstance(message, AIMessage) or told.get(_UNANSWERED) is True
    return answer and told.get("model_provider") == PROVIDER
