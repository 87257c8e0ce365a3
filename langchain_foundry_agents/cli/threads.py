"""`foundry-agents threads`: what the service keeps of conversations, listed and deleted."""

from __future__ import annotations

import argparse
import json
import sys
import time
from itertools import islice
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.cli.printing import dim, note, say
from langchain_foundry_agents.cli.sources import CannotStartError
from langchain_foundry_agents.errors import InvalidAgentError, NotFoundError

if TYPE_CHECKING:
    from langchain_foundry_agents.chat_models import ChatFoundryAgent

JSON = dict[str, Any]

_UNITS = {"d": 86_400, "h": 3_600, "m": 60}
_AGE_WIDTH = 5
_ANY_AGENT = {"classic": {"agent_id": "asst_any"}, "new": {"agent_name": "any"}}
"""A model has an agent, and a list of all threads needs none."""


def list_threads(args: argparse.Namespace) -> None:
    """Print the threads that fit, newest first."""
    model, now = _model(args), time.time()
    threads = model.list_threads(all_agents=args.generation is not None)
    fitting = (thread for thread in threads if fits(thread, args, now))
    shown = 0
    for thread in islice(fitting, args.limit):
        say(json.dumps(thread) if args.json else line(thread, now))
        shown += 1
    if not args.json:
        cut = " (--limit)" if shown == args.limit else ""
        note(dim(f"{_counted(shown, model)}{cut}", sys.stderr))


def prune_threads(args: argparse.Namespace) -> None:
    """Delete the threads that fit, and say which; with `--dry-run` only say which."""
    if args.older_than is None and not args.metadata:
        args.refuse("say what to delete: --older-than, --metadata, or both")
    model, now = _model(args), time.time()
    # The whole list first: its pages are found by ids, which must be there.
    threads = list(model.list_threads(all_agents=args.generation is not None))
    chosen = [thread for thread in threads if fits(thread, args, now)]
    if args.dry_run:
        for thread in chosen:
            say(line(thread, now))
        note(f"{_counted(len(chosen), model, of=len(threads))} would be deleted.")
        return
    deleted = gone = 0
    try:
        for thread in chosen:
            try:
                model.delete_thread(thread["id"])
            except NotFoundError:
                gone += 1
            else:
                deleted += 1
                say(line(thread, now))
    finally:
        told = f"{_counted(deleted, model, of=len(threads))} deleted"
        told += f", {gone} gone already" if gone else ""
        left = len(chosen) - deleted - gone
        note(told + (f", {left} still to delete." if left else "."))


def fits(thread: JSON, args: argparse.Namespace, now: float) -> bool:
    """Whether a thread is as old, and has the metadata, that a command asks for."""
    born, pairs = _told(thread)
    # What does not tell its age is not old.
    old = args.older_than is None or (born is not None and now - born >= args.older_than)
    return old and all(pairs.get(key) == value for key, value in args.metadata)


def line(thread: JSON, now: float) -> str:
    """A thread for a reader: its id, its age and its metadata."""
    born, pairs = _told(thread)
    age = "?" if born is None else _age(now - born)
    told = "  ".join(f"{_quoted(key)}={_quoted(value)}" for key, value in pairs.items())
    return f"{_quoted(thread['id'])}{age.rjust(_AGE_WIDTH)}  {told}".rstrip()


def _told(thread: JSON) -> tuple[float | None, JSON]:
    """When a thread began, and its metadata, as far as the service says it."""
    born, pairs = thread.get("created_at"), thread.get("metadata")
    return born if isinstance(born, int | float) else None, pairs if isinstance(pairs, dict) else {}


def _age(seconds: float) -> str:
    """An age in the largest unit that it fills, as `--older-than` takes it."""
    for unit, length in _UNITS.items():
        if seconds >= length:
            return f"{int(seconds // length)}{unit}"
    return f"{max(int(seconds), 0)}s"


def _quoted(text: object) -> str:
    """A text that cannot end its line, nor write on the terminal what it likes."""
    shown = str(text)
    return shown if shown.isprintable() and " " not in shown else repr(shown)


def _counted(count: int, model: ChatFoundryAgent, *, of: int | None = None) -> str:
    """So many threads (of so many), as this generation calls them."""
    noun = "conversation" if model.is_new else "thread"
    plural = "" if (count if of is None else of) == 1 else "s"
    return f"{count}{'' if of is None else f' of {of}'} {noun}{plural}"


def _model(args: argparse.Namespace) -> ChatFoundryAgent:
    """A model of the agent that is named; of any, where all threads are meant."""
    from langchain_foundry_agents.chat_models import ChatFoundryAgent

    named = {"agent_id": args.agent_id, "agent_name": args.agent_name}
    given = {name: value for name, value in named.items() if value}
    given |= _ANY_AGENT.get(args.generation, {})
    where = {"project_endpoint": args.endpoint} if args.endpoint else {}
    try:
        return ChatFoundryAgent(**given, **where)
    except InvalidAgentError as error:
        if given:
            raise
        raise CannotStartError(
            f"{error.args[0]} Say --generation new or classic for all of the project, or name an "
            "agent: --agent-name or --agent-id."
        ) from error
