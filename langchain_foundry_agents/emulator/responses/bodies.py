"""Responses as JSON: whole, in a stream, and as agents in containers show them."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject, Usage
    from langchain_foundry_agents.emulator.responses.records import StoredResponse

# Members that whole bodies show only where the request had them.
_ASKED = ("max_output_tokens", "structured_inputs")


def response_json(response: StoredResponse) -> JsonObject:
    """A response as POST and GET answer it."""
    if response.hosted:
        return hosted_json(response)
    settings, asked = response.settings, response.asked
    previous = asked.get("previous_response_id")
    return {
        "metadata": asked.get("metadata", {}),
        "top_logprobs": 0,
        **_sampling(settings),
        "service_tier": "default",
        **({"previous_response_id": previous} if previous else {}),
        **{name: asked[name] for name in _ASKED if name in asked},
        "model": settings.get("model", ""),
        "reasoning": {"effort": "none", **settings.get("reasoning", {})},
        "background": response.background,
        "text": text_json(settings),
        "tools": settings.get("tools", []),
        "tool_choice": _tool_choice(response, "auto"),
        "truncation": asked.get("truncation", "disabled"),
        "id": response.id,
        "object": "response",
        "status": response.status,
        "created_at": response.created_at,
        "completed_at": response.completed_at,
        "error": response.error,
        "incomplete_details": _incomplete(response),
        "output": deepcopy(response.output),
        "instructions": settings.get("instructions"),
        "usage": usage_json(response.usage),
        "parallel_tool_calls": settings.get("parallel_tool_calls", True),
        **_conversation(response),
        "agent_reference": response.agent_reference,
        **({"content_filters": response.filters} if response.filters else {}),
    }


def streamed_json(response: StoredResponse) -> JsonObject:
    """A response as events show it: what is absent elsewhere is null here."""
    if response.hosted:
        return hosted_json(response, streamed=True)
    settings, asked = response.settings, response.asked
    return {
        "id": response.id,
        "object": "response",
        "created_at": response.created_at,
        "status": response.status,
        "background": response.background,
        "completed_at": response.completed_at,
        "content_filters": response.filters or None,
        **_conversation(response),
        "error": response.error,
        "frequency_penalty": 0.0,
        "incomplete_details": _incomplete(response),
        "instructions": settings.get("instructions"),
        "max_output_tokens": asked.get("max_output_tokens"),
        "max_tool_calls": None,
        "model": settings.get("model", ""),
        "output": deepcopy(response.output),
        "parallel_tool_calls": settings.get("parallel_tool_calls", True),
        "presence_penalty": 0.0,
        "previous_response_id": asked.get("previous_response_id"),
        "prompt_cache_key": None,
        "prompt_cache_retention": None,
        "reasoning": {"effort": "none", "summary": None, **settings.get("reasoning", {})},
        "safety_identifier": None,
        "service_tier": "default" if response.over else "auto",
        "store": response.stored,
        **{name: asked[name] for name in ("structured_inputs",) if name in asked},
        "temperature": _sampling(settings)["temperature"],
        "text": text_json(settings),
        "tool_choice": _tool_choice(response, None),
        "tools": settings.get("tools", []),
        "top_logprobs": 0,
        "top_p": _sampling(settings)["top_p"],
        "truncation": asked.get("truncation", "disabled"),
        "usage": usage_json(response.usage),
        "user": None,
        "metadata": asked.get("metadata", {}),
        "agent_reference": response.agent_reference,
    }


def hosted_json(response: StoredResponse, *, streamed: bool = False) -> JsonObject:
    """A response of an agent in a container: few members, no model."""
    nothing = {"error": None, "incomplete_details": None, "instructions": None}
    return {
        "id": response.id,
        "object": "response",
        "output": deepcopy(response.output),
        "created_at": response.created_at,
        **(nothing | {"parallel_tool_calls": False} if streamed else {}),
        **({"error": response.error} if response.error else {}),
        **({"incomplete_details": _incomplete(response)} if response.incomplete_reason else {}),
        "status": response.status,
        **({"completed_at": response.completed_at} if response.completed_at else {}),
        **({"usage": usage_json(response.usage)} if streamed and response.usage else {}),
        **({"background": True} if response.background else {}),
        **_conversation(response),
        "response_id": response.id,
        "agent_reference": response.agent_reference,
        "model": "",
        "agent_session_id": response.agent_session_id,
    }


def text_json(settings: JsonObject) -> JsonObject:
    """The form of the answer; JSON schemas get the `strict` that the service adds."""
    given: JsonObject = settings.get("text") or {}
    form = given.get("format") or {"type": "text"}
    if form["type"] == "json_schema":
        form = {**form, "strict": form.get("strict", True)}
    return {"format": form, "verbosity": given.get("verbosity", "medium")}


def usage_json(usage: Usage | None) -> JsonObject | None:
    """Token counts."""
    if usage is None:
        return None
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }


def _sampling(settings: JsonObject) -> JsonObject:
    given = {"temperature": settings.get("temperature"), "top_p": settings.get("top_p")}
    return {name: 1.0 if value is None else value for name, value in given.items()}


def _tool_choice(response: StoredResponse, unset: str | None) -> Any:
    return response.asked.get("tool_choice", response.settings.get("tool_choice", unset))


def _conversation(response: StoredResponse) -> JsonObject:
    return {"conversation": {"id": response.conversation.id}} if response.conversation else {}


def _incomplete(response: StoredResponse) -> JsonObject | None:
    return {"reason": response.incomplete_reason} if response.incomplete_reason else None
