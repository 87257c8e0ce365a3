"""What answers: an agent on Azure, one on an emulator, or a model behind the emulator."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from langchain_foundry_agents.chat_models import ChatFoundryAgent
    from langchain_foundry_agents.emulator import FoundryEmulator

_HELPFUL = "You are helpful."


class CannotStartError(Exception):
    """Why a command cannot begin its work, in words for its user."""


@contextmanager
def open_model(args: argparse.Namespace) -> Iterator[ChatFoundryAgent]:
    """The model to ask; with `--emulator` also its service, for as long as it is needed."""
    own = {"instructions": args.instructions, "run_mode": "poll" if args.poll else "stream"}
    with open_agent(args, args.instructions) as fields:
        from langchain_foundry_agents.chat_models import ChatFoundryAgent

        # The definition owns the instructions of a new agent.
        own |= {"instructions": None} if args.emulator and "agent_name" in fields else {}
        yield ChatFoundryAgent(**own, **fields)


@contextmanager
def open_agent(args: argparse.Namespace, told: str | None = None) -> Iterator[dict[str, Any]]:
    """The fields that name the agent, and with `--emulator` its service behind them.

    Args:
        args: The command's arguments.
        told: Instructions of the emulator's agent.
    """
    named = {
        "agent_id": args.agent_id,
        "agent_name": args.agent_name,
        "agent_version": args.agent_version,
        "project_endpoint": args.endpoint,
    }
    given = {name: value for name, value in named.items() if value}
    if args.emulator and given:
        flag = "--agent-name" if args.agent_name else "--agent-id"
        args.refuse(f"--emulator has its own agent: leave {flag} and --endpoint out")
    if args.generation and not args.emulator:
        args.refuse("--generation is for --emulator: elsewhere the agent says it")
    if not args.emulator:
        yield given
        return
    with new_emulator() as emulator:
        yield {"project_endpoint": emulator.project_endpoint} | _new_agent(
            emulator, told or _HELPFUL, new=args.generation == "new"
        )


def _new_agent(emulator: FoundryEmulator, told: str, *, new: bool) -> dict[str, str]:
    """An agent on the emulator: the field that names it."""
    if new:
        made = emulator.create_agent(name="helper", instructions=told, generation="new")
        return {"agent_name": made}
    return {"agent_id": emulator.create_agent(name="helper", instructions=told)}


def new_emulator(brain: BaseChatModel | None = None, **options: Any) -> FoundryEmulator:
    """An emulator that is not started yet.

    Raises:
        CannotStartError: The emulator's extra is not installed.
    """
    try:
        from langchain_foundry_agents.emulator import FoundryEmulator
    except ImportError as error:
        raise CannotStartError(error) from error
    return FoundryEmulator(brain, **options)


def named_model(name: str) -> BaseChatModel:
    """A chat model by langchain's name for it, such as `openai:gpt-4o-mini`.

    Raises:
        CannotStartError: langchain, the provider's package or its key is missing.
    """
    try:
        models = importlib.import_module("langchain.chat_models")
    except ImportError as error:
        raise CannotStartError(
            "--model needs langchain and the package of the model's provider, for example: "
            "pip install langchain langchain-openai"
        ) from error
    try:
        return cast("BaseChatModel", models.init_chat_model(name))
    except Exception as error:  # every provider has classes of its own
        raise CannotStartError(f"The model {name!r} cannot be used: {error}") from error
