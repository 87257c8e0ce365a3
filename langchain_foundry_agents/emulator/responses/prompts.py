"""What was said before and what is asked now, as the messages that the brain reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolCall,
    ToolMessage,
)

from langchain_foundry_agents.emulator.events import compact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from langchain_foundry_agents.emulator.records import JsonObject
    from langchain_foundry_agents.emulator.responses.records import StoredResponse

_DENIED = "The call was denied by the user."
# Members of server items that say who made them, and how they stand; not what was done.
_OUTSIDE = frozenset(
    {
        *("type", "id", "agent_reference", "response_id", "created_by", "status", "call_id"),
        *("approval_request_id", "container_id", "output", "outputs", "results", "memories"),
        *("error", "usage", "search_id", "update_id", "superseded_by"),
    }
)


def prompt(response: StoredResponse) -> list[BaseMessage]:
    """What the brain reads: instructions, all items so far, and those of its own turn."""
    instructions = response.settings.get("instructions")
    system = [SystemMessage(instructions)] if instructions else []
    return [*system, *messages_of(response.items)]


def messages_of(items: Iterable[JsonObject]) -> list[BaseMessage]:
    """Items as messages; what an agent wrote and called in one go is one message."""
    reading = _Reading()
    for item in items:
        reading.take(item)
    return reading.messages


class _Reading:
    def __init__(self) -> None:
        self.messages: list[BaseMessage] = []
        self._names: dict[str, str] = {}
        self._asked: dict[str, JsonObject] = {}
        self._readers: dict[str, Callable[[JsonObject], None]] = {
            "message": self._message,
            "function_call": self._function_call,
            "function_call_output": self._function_output,
            "mcp_approval_request": self._approval_request,
            "mcp_approval_response": self._approval_response,
        }

    def take(self, item: JsonObject) -> None:
        kind = item["type"]
        if reader := self._readers.get(kind):
            reader(item)
        elif kind.endswith("_call_output"):
            self._result(item["call_id"], _text(item.get("output")))
        elif kind.endswith("_call"):
            self._server_call(item)

    def _message(self, item: JsonObject) -> None:
        role, content = item["role"], item["content"]
        parts = [{"type": "input_text", "text": content}] if isinstance(content, str) else content
        blocks = [block for part in parts if (block := _block(part))]
        text = "\n".join(block["text"] for block in blocks if block["type"] == "text")
        if role == "assistant":
            self.messages.append(AIMessage(text))
        elif role != "user":
            self.messages.append(SystemMessage(text))
        else:
            plain = all(block["type"] == "text" for block in blocks)
            self.messages.append(HumanMessage(text if plain else list[Any](blocks)))

    def _function_call(self, item: JsonObject) -> None:
        self._call(item["call_id"], item["name"], item["arguments"])

    def _function_output(self, item: JsonObject) -> None:
        output = item["output"]
        parts = output if isinstance(output, list) else []
        blocks = [block for part in parts if isinstance(part, dict) and (block := _shown(part))]
        plain = all(block["type"] == "text" for block in blocks)
        self._result(item["call_id"], _text(output) if plain else blocks)

    def _approval_request(self, item: JsonObject) -> None:
        self._asked[item["id"]] = item

    def _approval_response(self, item: JsonObject) -> None:
        asked = self._asked.get(item["approval_request_id"])
        # A call that is allowed follows, with what it gave.
        if asked and not item["approve"]:
            self._call(asked["id"], asked["name"], asked["arguments"])
            reason = item.get("reason")
            self._result(asked["id"], f"{_DENIED} {reason}" if reason else _DENIED)

    def _server_call(self, item: JsonObject) -> None:
        call_id = str(item.get("call_id", item["id"]))
        rest = {name: value for name, value in item.items() if name not in _OUTSIDE}
        kind = item["type"].removesuffix("_call")
        arguments = rest.pop("arguments", None) or compact(rest)
        self._call(call_id, rest.get("name") or kind, arguments)
        if "call_id" not in item:
            outputs = [item.get(name) for name in ("output", "outputs", "results", "memories")]
            self._result(call_id, "".join(_text(one) for one in outputs if one is not None))

    def _call(self, call_id: str, name: str, arguments: str) -> None:
        self._names[call_id] = name
        call = ToolCall(name=name, args=_arguments(arguments), id=call_id)
        last = self.messages[-1] if self.messages else None
        if isinstance(last, AIMessage):
            # Text in front of calls came from the same model call: it is one message.
            self.messages[-1] = AIMessage(str(last.text), tool_calls=[*last.tool_calls, call])
        else:
            self.messages.append(AIMessage("", tool_calls=[call]))

    def _result(self, call_id: str, content: str | list[Any]) -> None:
        name = self._names.get(call_id)
        self.messages.append(ToolMessage(content, tool_call_id=call_id, name=name))


def _shown(part: JsonObject) -> JsonObject | None:
    """A part of a tool's output; a picture's content, as that of files, is not for the brain."""
    kind, inside, data = str(part.get("image_url") or "").partition(";base64,")
    if inside:
        size = len(data) * 3 // 4
        return {"type": "image", "mime_type": kind.removeprefix("data:"), "bytes": size}
    return _block(part)


def _block(part: JsonObject) -> JsonObject | None:
    match part.get("type"):
        case "input_text" | "output_text":
            return {"type": "text", "text": part["text"]}
        case "refusal":
            return {"type": "text", "text": part["refusal"]}
        case "input_image" if "image_url" in part:
            return {"type": "image_url", "image_url": {"url": part["image_url"]}}
        case "input_image":
            return {"type": "image", "file_id": part.get("file_id")}
        case "input_file":
            kept = ("file_id", "filename", "file_url")
            return {"type": "file", **{name: part[name] for name in kept if name in part}}
    return None


def _arguments(text: str) -> dict[str, Any]:
    try:
        arguments = json.loads(text)
    except ValueError:
        return {}
    return arguments if isinstance(arguments, dict) else {}


def _text(output: Any) -> str:
    if isinstance(output, list) and all(isinstance(one, dict) for one in output):
        return "\n".join(one["text"] for one in output if "text" in one) or compact(output)
    return output if isinstance(output, str) else compact(output)
