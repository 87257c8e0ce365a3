"""What a tracer's run tells of the turn behind it: the ids of agent, thread and run.

They stand in its metadata, by which LangSmith finds threads. Where `stream` is what was called,
LangChain gives its model no callbacks: there they stand in the message that the run gave.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun

from langchain_foundry_agents._answers.fold import Answer
from langchain_foundry_agents.errors import FoundryAgentError

_NAMES = ("agent_id", "agent_name", "agent_version", "thread_id", "run_id")

RunManager = CallbackManagerForLLMRun | AsyncCallbackManagerForLLMRun | None


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
            known = {**answer.ids, **{name: id_ for name, id_ in failed.items() if id_}}
            ids = {name: known[name] for name in _NAMES if known.get(name)}
            _tell(run_manager, ids, answer.model_name)


def _tell(
    run_manager: CallbackManagerForLLMRun | AsyncCallbackManagerForLLMRun,
    ids: dict[str, Any],
    model_name: str | None,
) -> None:
    """Add ids to the metadata, and the deployment that answered: by it tracers find a price.

    Before the answer only the agent was known.

    A name that has another value there, such as LangGraph's `thread_id`, keeps it: ours stands
    beside it then, as `foundry_thread_id`.
    """
    for handler in run_manager.handlers:
        run = getattr(handler, "run_map", {}).get(str(run_manager.run_id))
        if run is None:
            continue
        metadata = run.extra.setdefault("metadata", {})
        if model_name:
            metadata["ls_model_name"] = model_name
        for name, id_ in ids.items():
            if metadata.setdefault(name, id_) != id_:
                metadata[f"foundry_{name}"] = id_
