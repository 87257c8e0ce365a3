"""LangChain messages → what is new for the thread, this run's instructions, tool outputs."""

from langchain_foundry_agents._messages import (
    content,
    files,
    history,
    items,
)
from langchain_foundry_agents._messages.ours import (
    APPROVAL_REQUEST,
    HISTORY_DIGEST,
    INSTRUCTIONS_DIGEST,
    JSON,
    PROVIDER,
    RUN_OPTIONS,
    SHARED,
    Storage,
    conversation_key,
    held_by,
)

__all__ = [
    "APPROVAL_REQUEST",
    "HISTORY_DIGEST",
    "INSTRUCTIONS_DIGEST",
    "JSON",
    "PROVIDER",
    "RUN_OPTIONS",
    "SHARED",
    "Storage",
    "content",
    "conversation_key",
    "files",
    "held_by",
    "history",
    "items",
]
