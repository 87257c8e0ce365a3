"""Calls of tools that the service runs itself → LangChain's blocks."""

from __future__ import annotations

from typing import Any

from langchain_foundry_agents._answers.calls import read_arguments
from langchain_foundry_agents._messages import JSON

_CALLERS_OWN = "function"
_RESULTS: dict[str, tuple[str, ...]] = {
    "code_interpreter": ("outputs",),
    "file_search": ("results",),
    "bing_grounding": ("response_metadata",),
    # Recorded: test_custom_bing_grounding_tool_streaming.
    "bing_custom_search": ("response_metadata",),
    "mcp_list_tools": ("tools",),
    # The service sends `memories` (sample_agent_memory_search in Azure/azure-sdk-assets, commit
    # 0d520241), although its TypeSpec says `results`.
    "memory_search": ("memories", "results"),
    "web_search": ("sources",),
}
_OTHER_RESULT = ("output",)
_WITHOUT_ARGUMENTS = {"memory_search"}
_ENVELOPE = {"id", "type", "index"}


def server_calls(details: JSON) -> list[JSON]:
    """The calls in a step's details that the service runs itself."""
    calls = details.get("tool_calls") or details.get("activities") or []
    return [call for call in calls if call.get("type") != _CALLERS_OWN]


def result_of(call: JSON) -> Any:
    """What a call gave; `None` as long as it gave nothing."""
    kind = str(call.get("type"))
    body, names = _body(call), _RESULTS.get(kind, _OTHER_RESULT)
    return next((body[name] for name in names if body.get(name) is not None), None)


def map_call(call: JSON) -> JSON:
    """A call as a `server_tool_call` block."""
    kind = str(call.get("type"))
    given = {
        name: value
        for name, value in _body(call).items()
        if name not in _RESULTS.get(kind, _OTHER_RESULT) and value is not None
    }
    block: JSON = {"type": "server_tool_call", "id": call["id"], "name": kind, "args": given}
    if kind == "code_interpreter":
        block["args"] = {"code": given.pop("input", "")}
    elif kind in _WITHOUT_ARGUMENTS:
        block["args"] = {}
    elif "arguments" in given:
        arguments = read_arguments(given.pop("arguments"))
        block["args"] = arguments if isinstance(arguments, dict) else {"arguments": arguments}
    return block if block["args"] is given or not given else {**block, "extras": given}


def map_result(call_id: str, output: Any, *, failed: bool) -> JSON:
    """A call's result as a `server_tool_result` block."""
    status = "error" if failed else "success"
    return {
        "type": "server_tool_result",
        "tool_call_id": call_id,
        "status": status,
        "output": output,
    }


def result_blocks(call_id: str, output: Any, *, failed: bool) -> list[JSON]:
    """A call's result, and the pictures that it drew."""
    outputs = output if isinstance(output, list) else []
    drawn = filter(None, map(_map_picture, outputs))
    return [map_result(call_id, output, failed=failed), *drawn]


def _map_picture(output: Any) -> JSON | None:
    """A picture that code drew, by its file or its URL."""
    match output:
        case {"image": {"file_id": str(file_id)}} if file_id:
            return {"type": "image", "file_id": file_id}
        case {"type": "image", "url": str(url)}:
            return {"type": "image", "url": url}
    return None


def _body(call: JSON) -> JSON:
    """What the service tells of a call: under the kind's name, under `function`, or flat."""
    # Microsoft's models say `openapi`, its recorded runs `function`: test_open_api_tool_streaming
    # in Azure/azure-sdk-assets (commit 3785bd7a).
    for key in (str(call.get("type")), _CALLERS_OWN):
        if isinstance(inner := call.get(key), dict):
            return inner
    return {name: value for name, value in call.items() if name not in _ENVELOPE}
