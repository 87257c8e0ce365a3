"""The models of clients: every mixture of the policies that decide what a turn does."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any, NamedTuple

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.errors import (
    ActiveRunError,
    FoundryAgentError,
    ThreadDivergedError,
)

from .service import NAME_WITH_TOOLS, PLAIN, PLAIN_NAME, WITH_TOOLS

_STORAGES = ("thread",) * 3 + ("conversation",) * 2 + ("response", "none")
_PLAIN_KINDS: tuple[str, ...] = ("plain", "plain", "plain", "stop")
_TOOL_KINDS: tuple[str, ...] = ("plain", "plain", "tool", "tool", "tools", "approve", "stop")


class Model(NamedTuple):
    """A model, and what clients need to know of it."""

    chat: ChatFoundryAgent
    storage: str
    """`thread`, `conversation`, `response` or `none`."""
    kinds: tuple[str, ...]
    """Kinds of questions that it can be asked."""
    on_divergence: str
    raises: tuple[type[FoundryAgentError], ...]
    """Errors that its policies ask for."""
    keep_thread: bool
    decides: bool


def approve(call: Any) -> bool:
    """Approves every call."""
    return bool(call)


def choose_model(chance: Random) -> Model:
    """Any model."""
    return _make(
        chance.choice(_STORAGES),
        stream=chance.random() < 0.7,
        background=chance.random() < 0.4,
        tools=chance.random() < 0.5,
        on_active_run=chance.choice(("wait", "wait", "wait", "cancel", "raise")),
        on_divergence=chance.choice(("fork", "fork", "fork", "fork", "append", "raise")),
        keep_thread=chance.random() < 0.85,
        decides=chance.random() < 0.3,
        check_thread=chance.random() < 0.1,
        max_retries=chance.choice((0, 1, 2, 2, 2)),
    )


@cache
def _make(
    storage: str,
    *,
    stream: bool,
    background: bool,
    tools: bool,
    on_active_run: Any,
    on_divergence: Any,
    keep_thread: bool,
    decides: bool,
    check_thread: bool,
    max_retries: int,
) -> Model:
    more: dict[str, Any] = {}
    if storage == "thread":
        more["agent_id"] = WITH_TOOLS if tools else PLAIN
    else:
        more["agent_name"] = NAME_WITH_TOOLS if tools else PLAIN_NAME
        more["conversation"] = "auto" if storage == "conversation" else storage
        more["background"] = background and storage != "none"
    chat = ChatFoundryAgent(
        project_endpoint="http://127.0.0.1:1/api/projects/emulator",
        run_mode="stream" if stream or storage == "none" else "poll",
        on_active_run=on_active_run,
        on_divergence=on_divergence,
        keep_thread=keep_thread,
        check_thread=check_thread,
        max_retries=max_retries,
        mcp_approval=approve if decides else "surface",
        **more,
    )
    kinds = _TOOL_KINDS if tools else _PLAIN_KINDS
    if storage == "none":
        # The service keeps no request for an approval then.
        kinds = tuple(kind for kind in kinds if kind != "approve")
    asked = {ThreadDivergedError: on_divergence, ActiveRunError: on_active_run}
    raises = tuple(error for error, policy in asked.items() if policy == "raise")
    return Model(chat, storage, kinds, on_divergence, raises, keep_thread, decides)
