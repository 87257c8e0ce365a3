"""Which messages of a history are answers of ours, and where the history goes on."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any, Literal

from langchain_core.messages import AIMessage, BaseMessage

from langchain_foundry_agents._record import Asked

JSON = dict[str, Any]
APPROVAL_REQUEST = "mcp_approval_request"
"""The name of the tool call that an approval of an MCP call is asked with."""
PROVIDER = "azure_ai_foundry"
"""`response_metadata["model_provider"]` of our answers."""
INSTRUCTIONS_DIGEST = "instructions_digest"
"""Metadata that tells which instructions the place of an answer holds."""
HISTORY_DIGEST = "history_digest"
"""Metadata that names the history which an answer ends: `_messages.past`."""
RUN_OPTIONS = "run_options"
"""Metadata that tells what a run that waits for outputs was asked with, in short."""

Storage = Literal["thread", "conversation", "response", "none"]
"""What keeps a history: a thread, a conversation, the chain of responses, or nothing."""

SHARED: frozenset[Storage] = frozenset({"thread", "conversation"})
"""Places that turns change. (Responses never change: any number of turns may follow one.)"""

_UNANSWERED = "unanswered"
_PLACES = {"thread": "thread_id", "conversation": "conversation_id", "response": "response_id"}
# Whoever can write a message of a history can write any id. They go into paths, bodies, logs and
# the thread record: what has not the form of the service's ids is no id. (Hosted agents' responses
# begin with `caresp_`.)
_FORMS = {
    name: re.compile(rf"{prefix}_[A-Za-z0-9_-]{{1,180}}")
    for name, prefix in {
        "thread_id": "(?:thread|conv)",
        "conversation_id": "conv",
        "response_id": "[a-z]{0,12}resp",
        "run_id": "(?:run|[a-z]{0,12}resp)",
    }.items()
}


def held_by(thread_id: str, *, new: bool) -> JSON:
    """Metadata of a caller's message that a thread, or a conversation, holds and did not answer."""
    place = {"thread_id": thread_id}
    if new:
        place |= {"conversation_id": thread_id}
    return {"model_provider": PROVIDER, **place, _UNANSWERED: True}


def place_of(message: BaseMessage, storage: Storage = "thread") -> str | None:
    """Where a history that ends in this answer goes on; `None` if it is not ours, or elsewhere."""
    return _place(message, storage) if is_ours(message) else None


def is_held(message: BaseMessage, place: str, storage: Storage) -> bool:
    """Whether a place holds a message: an answer of ours, or what `held_by` marked.

    Only an answer names a place. A caller's message, which may come from a browser, cannot: its
    mark counts where the caller or an answer named the same place.
    """
    known = is_ours(message) or message.response_metadata.get(_UNANSWERED) is True
    return known and _place(message, storage) == place


def asked_by(message: BaseMessage, storage: Storage) -> Asked | None:
    """The run that an answer of ours came from, and its place."""
    metadata = message.response_metadata
    place, run_id = place_of(message, storage), id_in(metadata, "run_id")
    known = place or (storage == "none" and is_ours(message))
    if not known or not run_id:
        return None
    agent_id, options = metadata.get("agent_id"), metadata.get(RUN_OPTIONS)
    return Asked(place, run_id, agent_id=agent_id, options=options)


def placed(asked: Asked | None, storage: Storage) -> Asked | None:
    """What was remembered of a call, if it was asked where such a history goes on."""
    if asked is None or storage == "none":
        return None
    in_thread = asked.run_id.startswith("run_")
    if storage == "response":
        return None if in_thread else asked._replace(thread_id=asked.run_id)
    return asked if asked.thread_id and in_thread == (storage == "thread") else None


def is_ours(message: BaseMessage) -> bool:
    """Whether a message is an answer of this package's model."""
    answer = isinstance(message, AIMessage)
    return answer and message.response_metadata.get("model_provider") == PROVIDER


def id_in(metadata: JSON, name: str) -> str | None:
    """An id that metadata brings, if it has the form of one."""
    value = metadata.get(name)
    return value if isinstance(value, str) and _FORMS[name].fullmatch(value) else None


def conversation_key(owner: str, messages: Sequence[BaseMessage]) -> str:
    """What tells a conversation from others: who asks the agent, and what the agent was told.

    It is the same after a trip through other forms of messages, so that no blanks count, and no
    words of the agent.
    """
    key = hashlib.sha256(owner.encode())
    for message in messages:
        if message.type != "system":
            words = "" if isinstance(message, AIMessage) else "".join(str(message.text).split())
            key.update(f"\n{message.type} {words}".encode(errors="replace"))
    return key.hexdigest()


def _place(message: BaseMessage, storage: Storage) -> str | None:
    metadata = message.response_metadata
    # A conversation's id stands under `thread_id`, too.
    elsewhere = storage == "thread" and ("response_id" in metadata or "conversation_id" in metadata)
    # A response that was not heard to its end is no place to go on in, as its conversation kept
    # nothing of it: its last chunk would have told how it ended.
    elsewhere = elsewhere or ("response_id" in metadata and "finish_reason" not in metadata)
    # Nor is what was not stored.
    if elsewhere or metadata.get("stored") is False or storage not in _PLACES:
        return None
    return id_in(metadata, _PLACES[storage])
