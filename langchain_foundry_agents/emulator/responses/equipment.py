"""What a response's brain works with: the definition's functions, form of answer, server tools."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.binding import Kit
from langchain_foundry_agents.emulator.brains.workbench import (
    McpTool,
    Sheet,
    Workbench,
    search,
    sheet_of,
    sheets,
)
from langchain_foundry_agents.emulator.mcp import server_tools
from langchain_foundry_agents.emulator.records import File

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_foundry_agents.emulator.records import JsonObject
    from langchain_foundry_agents.emulator.responses.records import StoredResponse
    from langchain_foundry_agents.emulator.state import State

_CHOICES = {"auto": None, "none": None, "required": "any"}


def kit_of_response(state: State, response: StoredResponse) -> Kit:
    """What a response's model call works with."""
    settings = response.settings
    choice = response.asked.get("tool_choice", settings.get("tool_choice", "auto"))
    tools: list[JsonObject] = [] if choice == "none" else settings.get("tools", [])
    answers = response.input and response.input[-1]["type"] == "function_call_output"
    return Kit(
        functions=[_function(tool) for tool in tools if tool["type"] == "function"],
        response_format=_response_format(settings),
        bench=_workbench(state, response, tools),
        # A forced tool is called once: forced again after its output, no turn would ever end.
        forced=None if answers else _forced(choice),
        parallel=settings.get("parallel_tool_calls", True),
    )


def _forced(choice: Any) -> str | None:
    if isinstance(choice, str):
        return _CHOICES.get(choice)
    name: str | None = choice.get("name") if isinstance(choice, dict) else None
    return name


def _function(tool: JsonObject) -> JsonObject:
    known = ("name", "description", "parameters", "strict")
    return {
        "type": "function",
        "function": {name: tool[name] for name in known if tool.get(name) is not None},
    }


def _response_format(settings: JsonObject) -> JsonObject | None:
    form = (settings.get("text") or {}).get("format") or {"type": "text"}
    if form["type"] == "text":
        return None
    if form["type"] != "json_schema":
        return {"type": form["type"]}
    named = {name: value for name, value in form.items() if name != "type"}
    return {"type": "json_schema", "json_schema": named}


def _workbench(state: State, response: StoredResponse, tools: list[JsonObject]) -> Workbench:
    kinds = {tool["type"] for tool in tools}
    brought = list(_brought(response.items))
    stores = [
        store
        for tool in tools
        if tool["type"] == "file_search"
        for store in tool.get("vector_store_ids", [])
    ]
    return Workbench(
        code=_code_files(state, tools, brought) if "code_interpreter" in kinds else None,
        search=search(state, tools, stores, _attached(brought)),
        mcp=tuple(
            McpTool(server["server_label"], name)
            for server in tools
            if server["type"] == "mcp"
            for name in server_tools(server)
        ),
    )


def _code_files(
    state: State, tools: list[JsonObject], brought: list[JsonObject]
) -> tuple[Sheet, ...]:
    """The files of the container that the definition describes or names, and of messages."""
    containers = [tool.get("container") for tool in tools]
    described = [
        file_id
        for container in containers
        if isinstance(container, dict)
        for file_id in container.get("file_ids", [])
    ]
    inside = [one for one in state.container_files.values() if one.container_id in containers]
    whole = [_whole(part) for part in brought if "file_data" in part]
    known = sheets(state, [*described, *_attached(brought)])
    return (*known, *map(sheet_of, inside), *map(sheet_of, whole))


def _brought(items: list[JsonObject]) -> Iterator[JsonObject]:
    """The parts of messages that are files."""
    for item in items:
        content = item.get("content") if item["type"] == "message" else None
        for part in content if isinstance(content, list) else ():
            if part["type"] == "input_file":
                yield part


def _attached(brought: list[JsonObject]) -> list[str]:
    return [part["file_id"] for part in brought if "file_id" in part]


def _whole(part: JsonObject) -> File:
    """A file whose content stands in the message: code finds it by its name."""
    name = part.get("filename") or "file"
    try:
        data = base64.b64decode(str(part["file_data"]).partition(";base64,")[2])
    except ValueError:
        data = b""
    return File(name, 0, name, "user_data", data)
