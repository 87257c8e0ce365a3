"""Definitions of agents: what each kind demands, and how LangChain's tools are said in one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from langchain_core.utils.function_calling import convert_to_openai_tool

from langchain_foundry_agents.emulator.refusals import Refusal
from langchain_foundry_agents.emulator.tools import MAX_TOOLS, search_options
from langchain_foundry_agents.emulator.validation import (
    Check,
    items,
    mapping,
    number,
    one_of,
    shape,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from langchain_core.tools import BaseTool

    from langchain_foundry_agents.emulator.records import JsonObject

KINDS = ("prompt", "hosted", "workflow", "external", "voice")
_PREVIEWS = {
    "workflow": ("Workflow agents", "WorkflowAgents=V1Preview"),
    "external": ("External agents", "ExternalAgents=V1Preview"),
    "voice": ("Voice agents", "VoiceAgents=V1Preview"),
}
_kind = one_of(*KINDS)
_TOOLS: dict[str, Check] = {
    "function": shape({"name": text(least=1, most=64), "parameters": mapping}, ("name",)),
    "file_search": search_options,
}


def checked_definition(value: Any, param: str) -> JsonObject:
    """A definition of a known kind; members unknown here stay."""
    definition = mapping(value, param)
    kind = _kind(definition.get("kind"), f"{param}.kind")
    if kind == "prompt":
        _prompt(definition, param)
    return {"kind": kind, **definition}


def check_features(kind: str, headers: Mapping[str, str]) -> None:
    """Kinds in preview want their opt-in header."""
    if kind not in _PREVIEWS:
        return
    what, feature = _PREVIEWS[kind]
    if feature in headers.get("foundry-features", ""):
        return
    message = (
        f"{what} is in preview. This operation requires the following opt-in preview feature(s): "
        f"{feature}. Include the 'Foundry-Features: {feature}' header in your request."
    )
    error = {
        "code": "preview_feature_required",
        "message": message,
        "param": "Foundry-Features",
        "type": "invalid_request_error",
    }
    raise Refusal(403, {"error": error})


def prompt_definition(
    model: str,
    instructions: str | None,
    tools: Sequence[Mapping[str, Any] | BaseTool | Callable[..., Any]],
    response_format: JsonObject | Literal["auto"] | None,
) -> JsonObject:
    """The definition of a prompt agent, from what a LangChain user has at hand."""
    definition: JsonObject = {"kind": "prompt", "model": model}
    if instructions is not None:
        definition["instructions"] = instructions
    if tools:
        definition["tools"] = [flat_tool(tool) for tool in tools]
    if response_format is not None and response_format != "auto":
        definition["text"] = {"format": flat_format(response_format)}
    return definition


def flat_tool(tool: Mapping[str, Any] | BaseTool | Callable[..., Any]) -> JsonObject:
    """A tool in the form of Responses, where a function's members stand beside its type."""
    known = dict(tool) if isinstance(tool, Mapping) else convert_to_openai_tool(tool)
    function = known.get("function")
    if not isinstance(function, dict):
        return known
    added = {"parameters": function.get("parameters", {}), "strict": function.get("strict", False)}
    return {"type": "function", **function, **added}


def flat_format(response_format: JsonObject) -> JsonObject:
    """A response format as Responses has it: a schema's members stand beside its type."""
    schema = response_format.get("json_schema")
    if not isinstance(schema, dict):
        return response_format
    return {"type": "json_schema", **schema}


def _tool(value: Any, param: str) -> JsonObject:
    tool = mapping(value, param)
    kind = text(least=1)(tool.get("type"), f"{param}.type")
    if kind in _TOOLS:
        _TOOLS[kind](tool, param)
    return tool


_prompt: Check = shape(
    {
        "model": text(least=1),
        "instructions": text(),
        "tools": items(_tool, most=MAX_TOOLS),
        "temperature": number(0, 2),
        "top_p": number(0, 1),
        "text": mapping,
        "structured_inputs": mapping,
    },
    ("model",),
)
