"""The agent: whether the identity may read it, whether it is there, whether it answers."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import closing, suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, cast

from langchain_foundry_agents._doctor.case import JSON, Case
from langchain_foundry_agents._flow.definitions import look_at, version_in
from langchain_foundry_agents.chat_models import ChatFoundryAgent
from langchain_foundry_agents.errors import FoundryAgentError, InvalidAgentError, NotFoundError

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk

_QUESTION = "Answer with one word: hello."
_LONGEST = 120.0
_MANY = ("limit", "100")
_SHOWN = 5


def check_role(case: Case) -> str:
    """The identity may list the project's agents."""
    found = _listed(case, "/assistants" if _is_classic(case) else "/agents")
    return f"the project's agents can be read ({len(found)}{'+' if len(found) == 100 else ''})"


def check_agent(case: Case) -> str:
    """The agent that is named is there."""
    name = ""
    try:
        model = _model(case)
        name = model.agent_name or ""
        agent = _read(case, model)
    except (InvalidAgentError, NotFoundError) as error:
        with suppress(FoundryAgentError):
            error.advice = _advice(case, name)
        raise
    case.model = model
    if not model.is_new:
        return f"{agent.get('name') or model.agent_id}, classic, model {agent.get('model')}"
    definition = agent.get("definition") or {}
    kind, deployment = definition.get("kind"), definition.get("model")
    told = f"{agent.get('name')}, new, version {agent.get('version')}, kind {kind}"
    return f"{told}, model {deployment}" if deployment else told


def check_run(case: Case) -> str:
    """The agent answers; what it cost is deleted again, but for its tokens."""
    if case.model is None:
        raise InvalidAgentError("No agent is given.")
    own = {"keep_thread": False, "max_retries": 0, "run_timeout": _LONGEST}
    model = case.model.model_copy(update=own)
    stream = cast("Generator[AIMessageChunk]", model.stream(_QUESTION))
    began = time.perf_counter()
    first, last = None, dict[str, Any]()
    with closing(stream):
        for chunk in stream:
            if first is None and chunk.text:
                first = time.perf_counter() - began
            last |= chunk.response_metadata
    whole = f"whole answer after {time.perf_counter() - began:.2f} s"
    if last.get("finish_reason") == "tool_calls" and last.get("thread_id"):
        model.delete_thread(last["thread_id"])
        return f"it asks for tools, {whole}"
    return f"first word after {first:.2f} s, {whole}" if first is not None else f"no word, {whole}"


def _model(case: Case) -> ChatFoundryAgent:
    return ChatFoundryAgent(**{**case.fields, "project_endpoint": case.url})


def _is_classic(case: Case) -> bool:
    """Whether the agent is a classic one; one that is not rightly named is none yet."""
    try:
        return not _model(case).is_new
    except FoundryAgentError:
        return False


def _read(case: Case, model: ChatFoundryAgent) -> JSON:
    if model.agent_name is None:
        return case.read(f"/assistants/{model.agent_id}")
    return version_in(case.read(look_at(model.agent_name, model.agent_version).path))


def _listed(case: Case, path: str) -> list[JSON]:
    return [one for one in case.read(path, _MANY).get("data") or [] if isinstance(one, dict)]


def _advice(case: Case, name: str) -> str:
    """What to name in place of a new agent of that name, or of one that is not rightly named."""
    new = [str(one.get("name")) for one in _listed(case, "/agents")]
    classic = {str(one.get("id")): str(one.get("name")) for one in _listed(case, "/assistants")}
    for identifier, called in classic.items():
        if called == name:
            return f"A classic agent has this name: give it as --agent-id {identifier}."
    if near := get_close_matches(name, new, n=1):
        return f"Did you mean --agent-name {near[0]}?"
    known = [f"--agent-name {one}" for one in new] + [f"--agent-id {one}" for one in classic]
    if not known:
        return "The project has no agents yet: make one in the Foundry portal."
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"The project has {', '.join(known[:_SHOWN])}{more}."
