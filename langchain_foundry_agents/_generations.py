"""What each generation of agents takes, and the API that a call goes to.

The definition of a new agent owns most of what a classic agent's run could override: the service
refuses it in a response. What it would refuse is refused here, before any request. `tool_choice` it
takes: azure-ai-projects 2.10 sends it beside an agent (`sample_agent_web_search` and eleven more).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import SecretStr

from langchain_foundry_agents import _flow
from langchain_foundry_agents._ask import digest
from langchain_foundry_agents._flow.progress import Ask
from langchain_foundry_agents._flow.responses_api import ResponsesApi
from langchain_foundry_agents._flow.threads_api import ThreadsApi
from langchain_foundry_agents._messages import INSTRUCTIONS_DIGEST, Storage
from langchain_foundry_agents._options import JSON, CallOptions
from langchain_foundry_agents._reference import AgentReference
from langchain_foundry_agents._secrets import hidden, in_tools, revealed
from langchain_foundry_agents._warnings import warn_caller
from langchain_foundry_agents.errors import InvalidFieldError

_RUN_ID = re.compile(r"run_[A-Za-z0-9_-]+")
_RESPONSE_ID = re.compile(r"[a-z]*resp_[A-Za-z0-9_-]+")

_IN_THE_DEFINITION = (
    "model",
    "instructions",
    "temperature",
    "top_p",
    "parallel_tool_calls",
    "tool_resources",
    "thread_tool_resources",
    "include_agent_tools",
)
_CLASSIC_ONLY = (*_IN_THE_DEFINITION, "max_prompt_tokens")
_NEW_ONLY = ("conversation", "background", "structured_inputs", "user_identity", "extra_body")
_SAYS_NOTHING = {"parallel_tool_calls": True}
"""Values that ask for what the service does anyway."""

_OWNED_KEYS = {
    "model",
    "tools",
    "instructions",
    "temperature",
    "top_p",
    "text",
    "reasoning",
    "parallel_tool_calls",
}
_OUR_KEYS = {
    "agent_reference",
    "background",
    "conversation",
    "input",
    "previous_response_id",
    "store",
    "stream",
}
_PLACES: dict[Storage, tuple[str, str]] = {
    "thread": ("thread_", "a thread"),
    "conversation": ("conv_", "a conversation"),
    "response": ("resp_", "a response"),
}


def storage_of(reference: AgentReference, options: CallOptions) -> Storage:
    """What keeps the history of a call."""
    if not reference.is_new:
        return "thread"
    return "conversation" if options.conversation == "auto" else options.conversation


def check_options(reference: AgentReference, options: CallOptions) -> None:
    """Refuse what the agent's generation does not take.

    Raises:
        InvalidFieldError: A field belongs to the other generation, or to the agent's definition.
    """
    _check_place(storage_of(reference, options), options.thread_id)
    if not reference.is_new:
        if given := next(_given(options, _NEW_ONLY), None):
            raise InvalidFieldError(
                f"{given} is for new agents (agent_name); this one is a classic agent.",
                remedy="Leave it out, or move to a new agent: foundry-agents migrate asst_….",
            )
        return
    for name in _unsupported(options):
        _refuse(reference, name, warn=options.on_unsupported == "warn")
    if ours := _OUR_KEYS & (options.extra_body or {}).keys():
        raise InvalidFieldError(f"extra_body: {min(ours)!r} is set by this package.")
    if options.conversation == "none" and (options.run_mode == "poll" or options.background):
        raise InvalidFieldError(
            "A background response has to be stored, and conversation='none' stores nothing.",
            remedy="Use conversation='auto' or 'response', or run_mode='stream'.",
        )


def check_run_id(reference: AgentReference, run_id: str) -> None:
    """Refuse what is no id of a run, or of a response.

    Raises:
        InvalidFieldError: It has another form.
    """
    what, form = ("response", _RESPONSE_ID) if reference.is_new else ("run", _RUN_ID)
    if not form.fullmatch(run_id):
        raise InvalidFieldError(
            f"{run_id!r} is not the id of a {what}.",
            remedy="Use the run_id of an error, or of an answer's metadata.",
        )


def make_api(
    reference: AgentReference,
    options: CallOptions,
    keywords: Mapping[str, Any],
    question: str | None = None,
) -> ThreadsApi | ResponsesApi:
    """The API of the agent's generation, with the parameters of a call.

    Args:
        reference: The agent.
        options: The call's.
        keywords: The call's own.
        question: Tells what the call asks from all else.
    """
    tools = in_tools(list(keywords.get("tools") or ()), revealed)
    # What a process asked that died is found by the end of its key.
    key = uuid.uuid4().hex
    key = key[: -len(question)] + question if question else key
    if reference.agent_name is None:
        return _flow.threads_api.ThreadsApi(
            str(reference.agent_id),
            key,
            reference.api_version,
            options.run_fields() | ({"tools": tools} if tools else {}),
            options.thread_fields(),
            options.include_agent_tools,
        )
    storage = options.conversation
    form = options.response_format
    return _flow.responses_api.ResponsesApi(
        reference.agent_name,
        key,
        reference.agent_version,
        own_endpoint=reference.agent_endpoint,
        storage="conversation" if storage == "auto" else storage,
        options=_response_fields(options),
        conversation_options={"metadata": options.thread_metadata}
        if options.thread_metadata
        else {},
        background=options.background or options.run_mode == "poll",
        tools=tuple(tools),
        response_format=form if isinstance(form, dict) and form.get("type") != "text" else None,
    )


def headers_of(options: CallOptions) -> dict[str, str | SecretStr]:
    """Headers of a call, with their names in lower case."""
    extra = {name.lower(): hidden(text) for name, text in options.extra_headers.items()}
    user = {"x-ms-user-identity": options.user_identity} if options.user_identity else {}
    return extra | user


def told_metadata(reference: AgentReference, options: CallOptions, ask: Ask) -> JSON:
    """What an answer remembers of where it is kept, and of the instructions that are kept there."""
    if not reference.is_new:
        return {}
    told: JSON = {"stored": False} if options.conversation == "none" else {}
    if ask.instructions is not None:
        told[INSTRUCTIONS_DIGEST] = digest(ask.instructions)
    return told


def _response_fields(options: CallOptions) -> JSON:
    fields = {
        "max_output_tokens": options.max_tokens,
        "metadata": options.run_metadata,
        "structured_inputs": options.structured_inputs,
        "tool_choice": _flow.definitions.choice_form(options.tool_choice),
        "truncation": (options.truncation_strategy or {}).get("type"),
    }
    extra = {
        name: value for name, value in (options.extra_body or {}).items() if name not in _OWNED_KEYS
    }
    return {name: value for name, value in fields.items() if value is not None} | extra


def _given(options: CallOptions, names: tuple[str, ...]) -> Iterator[str]:
    """Those fields that are set to say something."""
    for name in names:
        value = getattr(options, name)
        default = CallOptions.model_fields[name].default
        if value != default and value != _SAYS_NOTHING.get(name, default):
            yield name


def _unsupported(options: CallOptions) -> Iterator[str]:
    yield from _given(options, _CLASSIC_ONLY)
    if (options.truncation_strategy or {}).get("type", "auto") != "auto":
        yield "truncation_strategy"
    yield from sorted(_OWNED_KEYS & (options.extra_body or {}).keys())


def _refuse(reference: AgentReference, name: str, *, warn: bool) -> None:
    where = "has no counterpart in a response"
    remedy = "Leave it out"
    if name in _IN_THE_DEFINITION or name in _OWNED_KEYS:
        where = "belongs to the agent's definition, and the service refuses it in a call"
        remedy = (
            f"Set it there, in the portal or by ChatFoundryAgent.create(name="
            f"{reference.agent_name!r}, …), which makes a new version"
        )
    what = f"{name} {where}: {reference.agent_name!r} is a new agent."
    if warn:
        warn_caller(f"{what} It is left out.")
        return
    raise InvalidFieldError(what, remedy=f"{remedy}; on_unsupported='warn' goes on without it.")


def _check_place(storage: Storage, place: str | None) -> None:
    if place is None:
        return
    if storage == "none":
        raise InvalidFieldError(
            "thread_id names a place to go on in, and conversation='none' keeps none.",
            remedy="Pass the history, or use conversation='auto'.",
        )
    prefix, what = _PLACES[storage]
    # Hosted agents' responses begin with `caresp_`.
    fits = place.startswith(prefix) or (storage == "response" and prefix in place)
    if not fits:
        raise InvalidFieldError(
            f"{place!r} is not the id of {what}: those begin with {prefix!r}.",
            remedy="Use response_metadata['thread_id'] of an answer"
            + (", or its 'response_id'." if storage == "response" else "."),
        )
