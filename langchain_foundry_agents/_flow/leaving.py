"""How a turn is left that gives no answer: nothing of it runs on, and no thread stays unused.

The error that made the turn leave is the one to tell: what fails here is not.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from langchain_foundry_agents._flow.creation import search
from langchain_foundry_agents._flow.effects import Abandoned, Flow, OutOfTime, Send
from langchain_foundry_agents._flow.heads import give_back
from langchain_foundry_agents._flow.progress import Api, Progress
from langchain_foundry_agents.errors import FoundryAgentError, Response, ServiceConnectionError

Done = TypeVar("Done")


def leave(api: Api, progress: Progress) -> Flow[None]:
    """Cancel the run if it holds its thread; delete a thread that never got a run, or is not kept.

    A run that may be there, and was not heard of, is looked for first.
    """
    gone: list[Abandoned] = []
    if progress.unheard and not progress.run_id and api.goes_on:
        progress.run = (yield from _tidied(lambda: search(lambda: api.find(progress)), gone)) or {}
    tidy = [api.cancel(progress)] if progress.run_id else []
    used = progress.run_id or progress.earlier
    if progress.created_thread and not (used and progress.policy.keep_thread):
        tidy.append(api.discard(progress))
    for effect in filter(None, tidy):
        response = yield from _tidied(partial(_ask, effect), gone)
        if effect.method == "DELETE" and response and response.status_code < 300:
            # An error names no thread that is gone.
            progress.thread_id, progress.created_thread = None, False
    yield from give_back(api, progress)
    if gone:
        raise gone[0]


def _ask(effect: Send) -> Flow[Response]:
    """Ask; once more if that is lost. To cancel and to delete twice is the same as once."""
    try:
        response: Response = yield effect
        if response.status_code < 500:
            return response
    except ServiceConnectionError:
        pass
    again: Response = yield effect
    return again


def _tidied(act: Callable[[], Flow[Done]], gone: list[Abandoned]) -> Flow[Done | None]:
    """What comes of it, if anything does.

    Neither the end of the turn's time nor a caller who leaves, each once, cuts it off.
    """
    for _ in range(3):
        try:
            return (yield from act())
        except OutOfTime:
            continue
        except Abandoned as left:
            gone.append(left)
        except FoundryAgentError:
            return None
    return None
