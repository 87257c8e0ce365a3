"""LangChain messages → what is new for the thread, this run's instructions, tool outputs."""

from langchain_foundry_agents._messages.history import Prompt, read_prompt
from langchain_foundry_agents._messages.ours import (
    INSTRUCTIONS_DIGEST,
    JSON,
    PROVIDER,
    SHARED,
    Storage,
    held_by,
)
from langchain_foundry_agents._messages.outputs import APPROVAL_REQUEST

__all__ = [
    "APPROVAL_REQUEST",
    "INSTRUCTIONS_DIGEST",
    "JSON",
    "PROVIDER",
    "SHARED",
    "Prompt",
    "Storage",
    "held_by",
    "read_prompt",
]
