"""Which messages of a history are answers of ours."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessage, BaseMessage

from langchain_foundry_agents._record import Asked

JSON = dict[str, Any]
PROVIDER = "azure_ai_foundry"
"""`response_metadata["model_provider"]` of our answers."""


def thread_of(message: BaseMessage) -> str | None:
    """The thread that an answer of ours stands in."""
    metadata = message.response_metadata
    thread_id = metadata.get("thread_id")
    ours = isinstance(message, AIMessage) and metadata.get("model_provider") == PROVIDER
    return thread_id if ours and isinstance(thread_id, str) else None


def asked_by(message: BaseMessage) -> Asked | None:
    """The run that an answer of ours came from."""
    thread_id, run_id = thread_of(message), message.response_metadata.get("run_id")
    return Asked(thread_id, run_id) if thread_id and isinstance(run_id, str) else None
