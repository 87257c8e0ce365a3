"""LangChain messages → what is new for the thread, this run's instructions, tool outputs."""

from typing import TYPE_CHECKING

from langchain_foundry_agents._later import modules_of
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

if TYPE_CHECKING:
    from langchain_foundry_agents._messages import (  # noqa: F401 - told to type checkers
        content,
        files,
        history,
        items,
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
    "conversation_key",
    "held_by",
]
__getattr__ = modules_of(__name__)
