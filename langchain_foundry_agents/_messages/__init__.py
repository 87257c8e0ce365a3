"""LangChain messages → what is new for the thread, this run's instructions, tool outputs."""

from langchain_foundry_agents._messages.history import Prompt, read_prompt
from langchain_foundry_agents._messages.ours import JSON, PROVIDER
from langchain_foundry_agents._messages.outputs import APPROVAL_REQUEST

__all__ = ["APPROVAL_REQUEST", "JSON", "PROVIDER", "Prompt", "read_prompt"]
