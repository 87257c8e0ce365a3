"""Tools as LangChain knows them → the service's definitions, and the choice among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool

from langchain_foundry_agents._messages import APPROVAL_REQUEST
from langchain_foundry_agents.errors import InvalidFieldError

JSON = dict[str, Any]
if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

    Tool: TypeAlias = Mapping[str, Any] | type | Callable[..., Any] | BaseTool
else:
    # Who makes a BaseTool loads it; others can do without. (It is a Runnable.)
    Tool = Mapping[str, Any] | type | Callable[..., Any] | Runnable
ToolChoice = str | bool | Mapping[str, Any] | None

_MODES = {"auto": "auto", "none": "none", "required": "required", "any": "required"}


def map_tools(tools: Sequence[Tool], *, strict: bool | None = None) -> list[JSON]:
    """Definitions of tools: the service's own as they are, all others as functions.

    One that is named `mcp_approval_request` is none of the agent's: LangChain's loops run it to
    answer what the agent asks.
    """
    mapped = (_map_tool(tool, strict) for tool in tools)
    return [tool for tool in mapped if _function_name(tool) != APPROVAL_REQUEST]


def map_choice(
    choice: ToolChoice, tools: Sequence[JSON], *, name_the_only: bool = True
) -> str | JSON | None:
    """A choice in any of LangChain's forms, in the service's.

    Args:
        choice: `"auto"`, `"none"`, `"any"`, `"required"`, a bool, a tool's name, or the service's
            own form.
        tools: The bound tools.
        name_the_only: Name the only tool where any may be chosen: runs of classic agents take a
            name, and "required" is not in their enum.

    Raises:
        InvalidFieldError: It names a tool that is not bound.
    """
    if choice is None or choice is False:
        return None
    if isinstance(choice, Mapping):
        return dict(choice)
    mode = "required" if choice is True else _MODES.get(choice)
    if mode == "required" and name_the_only and len(tools) == 1:
        return _named(tools[0])
    if mode:
        return mode
    for tool in tools:
        if choice in (tool["type"], _function_name(tool)):
            return _named(tool)
    names = [_function_name(tool) or tool["type"] for tool in tools]
    raise InvalidFieldError(
        f"tool_choice: there is no tool {choice!r} among those bound.",
        remedy=f"Choose one of {', '.join(names) or 'none'}, or 'auto', 'any', 'none'.",
    )


def _map_tool(tool: Tool, strict: bool | None) -> JSON:
    if isinstance(tool, Mapping) and "type" in tool and not _is_schema(tool):
        return dict(tool)
    return convert_to_openai_tool(tool, strict=strict)


def _is_schema(tool: Mapping[str, Any]) -> bool:
    return tool["type"] == "object" or "properties" in tool or "name" in tool


def _named(tool: JSON) -> JSON:
    name = _function_name(tool)
    return {"type": tool["type"], **({"function": {"name": name}} if name else {})}


def _function_name(tool: JSON) -> str | None:
    """The name of a function, in chat completions' form or in a definition's flat one."""
    if tool["type"] != "function":
        return None
    return str(tool.get("function", tool).get("name"))
