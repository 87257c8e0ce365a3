"""Agents of Azure AI Foundry Agent Service as LangChain chat models."""

from typing import TYPE_CHECKING, Any

# Imported from here, and not from deeper down, core takes a tenth less time on CPython 3.11.
import langchain_core.language_models.chat_models  # noqa: F401

from langchain_foundry_agents._version import __version__
from langchain_foundry_agents.chat_models import ChatFoundryAgent
from langchain_foundry_agents.errors import (
    ActiveRunError,
    AuthenticationError,
    BadRequestError,
    ContentFilterError,
    ContextLengthError,
    FoundryAgentError,
    InvalidAgentError,
    InvalidEndpointError,
    InvalidFieldError,
    InvalidPromptError,
    MissingToolsError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    RunCancelledError,
    RunExpiredError,
    RunFailedError,
    RunIncompleteError,
    RunTimeoutError,
    ServiceConnectionError,
    ServiceError,
    ServiceFailedError,
    ThreadDivergedError,
    ToolOutputError,
)

if TYPE_CHECKING:
    from langchain_foundry_agents.chat_history import FoundryChatMessageHistory
    from langchain_foundry_agents.display import show

__all__ = [
    "ActiveRunError",
    "AuthenticationError",
    "BadRequestError",
    "ChatFoundryAgent",
    "ContentFilterError",
    "ContextLengthError",
    "FoundryAgentError",
    "FoundryChatMessageHistory",
    "InvalidAgentError",
    "InvalidEndpointError",
    "InvalidFieldError",
    "InvalidPromptError",
    "MissingToolsError",
    "NotFoundError",
    "PermissionDeniedError",
    "ProtocolError",
    "RateLimitError",
    "RunCancelledError",
    "RunExpiredError",
    "RunFailedError",
    "RunIncompleteError",
    "RunTimeoutError",
    "ServiceConnectionError",
    "ServiceError",
    "ServiceFailedError",
    "ThreadDivergedError",
    "ToolOutputError",
    "__version__",
    "show",
]

# What not every program needs is imported on first use.
_LATER = {"FoundryChatMessageHistory": "chat_history", "show": "display"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
