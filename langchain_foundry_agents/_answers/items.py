"""Output items of a response → LangChain's blocks, for all that is no message and no reasoning."""

from __future__ import annotations

from typing import Any

from langchain_foundry_agents._answers import steps
from langchain_foundry_agents._messages import JSON

_SERVICES_OWN = {"agent_reference", "response_id", "partition_key"}
_ENVELOPE = {*_SERVICES_OWN, "id", "type", "call_id", "created_by", "error", "status", "usage"}
_CALL, _OUTPUT = "_call", "_output"


def map_item(item: JSON) -> list[JSON]:
    """The blocks of an item: a call, its result, both, or the item as it is."""
    kind = str(item["type"])
    if not isinstance(item.get("call_id") or item.get("id"), str):
        return [map_unknown(item)]
    if item.get("call_id"):
        return [map_output(item) if kind.endswith(_OUTPUT) else map_call(item)]
    if kind == "image_generation_call":
        return [*_map_both({**item, "result": None}), *_picture(item)]
    if kind == "mcp_list_tools" or kind.endswith(_CALL):
        return _map_both(item)
    return [map_unknown(item)]


def map_function(item: JSON) -> JSON:
    """A call of a function that the agent runs itself, as a `server_tool_call` block."""
    return {**map_call({**item, "name": None}), "name": item["name"]}


def map_call(item: JSON) -> JSON:
    """A call as a `server_tool_call` block."""
    return steps.map_call(_as_step(item))


def map_output(item: JSON) -> JSON:
    """What another item's call gave, as a `server_tool_result` block."""
    given = {name: value for name, value in item.items() if name not in _ENVELOPE}
    output = given.get("output", given or None)
    return steps.map_result(item["call_id"], output, failed=item.get("status") == "failed")


def map_unknown(item: JSON) -> JSON:
    """An item as it is, in a `non_standard` block."""
    value = {name: value for name, value in item.items() if name not in _SERVICES_OWN}
    return {"type": "non_standard", "value": value}


def _map_both(item: JSON) -> list[JSON]:
    """A call that tells its own result; it has none while it is not over."""
    call, output, error = map_call(item), steps.result_of(_as_step(item)), item.get("error")
    failed = bool(error) or item.get("status") == "failed"
    over = failed or output is not None or item.get("status", "completed") == "completed"
    told = error if output is None else output
    return [call, *(steps.result_blocks(item["id"], told, failed=failed) if over else [])]


def _picture(item: JSON) -> list[JSON]:
    if not item.get("result"):
        return []
    mime_type = f"image/{item.get('output_format') or 'png'}"
    return [{"type": "image", "base64": item["result"], "mime_type": mime_type}]


def _as_step(item: JSON) -> JSON:
    """An item in the form that a run step has its calls in."""
    kind = str(item["type"]).removesuffix(_CALL)
    given: dict[str, Any] = {name: item[name] for name in item if name not in _ENVELOPE}
    if kind == "code_interpreter":
        given["input"] = given.pop("code", None) or ""
    elif kind == "web_search":
        given |= given.pop("action", None) or {}
    if given.get("arguments") == "":
        given["arguments"] = "{}"
    return {"id": item.get("call_id") or item["id"], "type": kind, kind: given}
