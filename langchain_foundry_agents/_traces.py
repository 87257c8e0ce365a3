"""What a tracer's run tells of the turn behind it: the ids of agent, thread and run.

LangChain gives `_stream` no callbacks where `stream` is what was called. So a stream brings its
own, and its run's id, along: that is all a tracer's run is found by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from langchain_core.callbacks import (
    AsyncCallbackManager,
    AsyncCallbackManagerForLLMRun,
    CallbackManager,
    CallbackManagerForLLMRun,
)
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import ensure_config
from langchain_core.utils.uuid import uuid7

from langchain_foundry_agents._answers import Answer
from langchain_foundry_agents.errors import FoundryAgentError

_NAMES = ("agent_id", "agent_name", "agent_version", "thread_id", "run_id")

RunManager = CallbackManagerForLLMRun | AsyncCallbackManagerForLLMRun | None


class Trace:
    """The run of one call, in each of its tracers."""

    def __init__(self, handlers: Iterable[object], run_id: UUID) -> None:
        self._handlers = handlers
        self._run_id = str(run_id)

    def tell(self, found: Mapping[str, Any]) -> None:
        """Add the ids among what is found to the metadata.

        A name that has another value there, such as LangGraph's `thread_id`, keeps it: ours stands
        beside it then, as `foundry_thread_id`.
        """
        ids = {name: found[name] for name in _NAMES if found.get(name)}
        for handler in self._handlers if ids else ():
            run = getattr(handler, "run_map", {}).get(self._run_id)
            if run is None:
                continue
            metadata = run.extra.setdefault("metadata", {})
            for name, id_ in ids.items():
                if metadata.setdefault(name, id_) != id_:
                    metadata[f"foundry_{name}"] = id_


@contextmanager
def traced(run_manager: RunManager, answer: Answer) -> Iterator[None]:
    """Tell the tracers of a call, at its end, which thread and run it was."""
    failed: dict[str, Any] = {}
    try:
        yield
    except FoundryAgentError as error:
        failed = {"thread_id": error.thread_id, "run_id": error.run_id}
        raise
    finally:
        if run_manager:
            known = {name: id_ for name, id_ in failed.items() if id_}
            Trace(run_manager.handlers, run_manager.run_id).tell({**answer.ids, **known})


def traced_stream(
    config: RunnableConfig | None, manager: type[CallbackManager | AsyncCallbackManager]
) -> tuple[RunnableConfig, Trace]:
    """The configuration of a stream whose tracers are known, and its trace."""
    whole = ensure_config(config)
    callbacks = manager.configure(whole.get("callbacks"))
    run_id = whole.get("run_id") or uuid7()
    return {**whole, "callbacks": callbacks, "run_id": run_id}, Trace(callbacks.handlers, run_id)
