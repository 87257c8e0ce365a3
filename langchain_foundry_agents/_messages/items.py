"""LangChain messages → input items of a response.

Three types of items may be replayed, and no others: `message`, `function_call` and
`function_call_output`. A call without its output, or an output without its call, is refused, so
each of them is told as text.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    InvalidToolCall,
    ToolCall,
    ToolMessage,
)

from langchain_foundry_agents._messages.content import (
    CHAT_ROLES,
    answer_text,
    arguments_text,
    empty,
    is_system,
    map_block,
    map_content,
    result_text,
    unknown_kind,
)
from langchain_foundry_agents._messages.files import FILE_BLOCKS, map_file
from langchain_foundry_agents._messages.ours import APPROVAL_REQUEST, JSON
from langchain_foundry_agents._messages.results import (
    is_media,
    marked,
    output_text,
    placeholder,
    result_blocks,
)
from langchain_foundry_agents.errors import BadRequestError

_COMPACT = (",", ":")
_HOLDER = "conversation"
_LONGEST_CALL_ID = 64


def input_items(messages: Sequence[BaseMessage]) -> Iterator[JSON]:
    """The messages as items, in order; system messages are none of the conversation's.

    Raises:
        BadRequestError: A message has no content, or one that a conversation cannot take.
    """
    for span in _spans(message for message in messages if not is_system(message)):
        yield from _map_span(span)


def output_parts(message: ToolMessage) -> str | list[JSON]:
    """What a tool gave: text, or a list where there are pictures and files.

    `function_call_output.output` is a text, or a list of `input_text`, `input_image` and
    `input_file` (OpenAI's specification of the Responses API, `FunctionCallOutputItemParam`).
    """
    blocks = result_blocks(message)
    if not any(map(is_media, blocks)):
        return output_text(message)
    parts = [part for block in blocks for part in _result_part(block)]
    if marked(message, "") or parts[0]["type"] == "input_text":
        first = parts.pop(0) if parts[0]["type"] == "input_text" else {"text": ""}
        parts.insert(0, {"type": "input_text", "text": marked(message, first["text"])})
    return parts


def call_id_of(call_id: str) -> str:
    """A call's id, short enough for the service, which takes 64 characters.

    Other models' ids may be longer (Azure/azure-sdk-for-python#46307). The call and its output
    are shortened alike.
    """
    if len(call_id) <= _LONGEST_CALL_ID:
        return call_id
    return f"call_{hashlib.sha256(call_id.encode()).hexdigest()[:48]}"


def _result_part(block: JSON) -> Iterator[JSON]:
    if block["type"] == "text":
        if block["text"].strip():
            yield {"type": "input_text", "text": block["text"]}
        return
    if is_media(block):
        # A call waits for its output: what is no picture that models see must not end the turn.
        with suppress(BadRequestError):
            yield from _map_blocks([block])
            return
        block = placeholder(block)
    yield {"type": "input_text", "text": json.dumps(block, ensure_ascii=False, default=str)}


def _spans(messages: Iterable[BaseMessage]) -> Iterator[list[BaseMessage]]:
    """The messages, cut before each answer: ids of calls may repeat from span to span."""
    span: list[BaseMessage] = []
    for message in messages:
        if span and isinstance(message, AIMessage):
            yield span
            span = []
        span.append(message)
    yield span


def _map_span(span: list[BaseMessage]) -> Iterator[JSON]:
    outputs = {message.tool_call_id for message in span if isinstance(message, ToolMessage)}
    waiting: dict[str, JSON] = {}
    for message in span:
        match message:
            case AIMessage():
                waiting, others = _pair(message, outputs)
                yield from _map_answer(answer_text(message, others))
                yield from waiting.values()
            case ToolMessage(tool_call_id=call_id) if waiting.pop(call_id, None):
                yield {
                    "type": "function_call_output",
                    "call_id": call_id_of(call_id),
                    "output": output_parts(message),
                }
            case ChatMessage(role=role) if CHAT_ROLES.get(role) == "assistant":
                yield from _map_answer(message.text.strip())
            case _:
                yield _map_user(message)


def _pair(
    answer: AIMessage, outputs: set[str]
) -> tuple[dict[str, JSON], list[ToolCall | InvalidToolCall]]:
    """The calls that have an output, as items by their ids, and the others."""
    items: dict[str, JSON] = {}
    others: list[ToolCall | InvalidToolCall] = []
    calls: list[ToolCall | InvalidToolCall] = [*answer.tool_calls, *answer.invalid_tool_calls]
    for call in calls:
        call_id, name = call["id"], call["name"]
        # A request for an approval is no function of the agent's.
        function = name and name != APPROVAL_REQUEST
        if function and call_id and call_id in outputs and call_id not in items:
            items[call_id] = {
                "type": "function_call",
                "call_id": call_id_of(call_id),
                "name": name,
                "arguments": arguments_text(call, _COMPACT),
            }
        else:
            others.append(call)
    return items, others


def _map_answer(text: str) -> Iterator[JSON]:
    """An earlier answer; one that was empty, or held only what cannot be replayed, is none."""
    if text:
        yield _message("assistant", [{"type": "output_text", "text": text, "annotations": []}])


def _map_user(message: BaseMessage) -> JSON:
    match message:
        case ToolMessage() if isinstance(parts := output_parts(message), list):
            # A call that is not in the history is told, and what it gave is shown.
            told = {"type": "input_text", "text": result_text(message, "")}
            content: str | list[JSON] = [told, *parts]
        case ToolMessage() | FunctionMessage():
            content = result_text(message)
        case HumanMessage():
            content = map_content(message, _map_blocks)
        case ChatMessage(role=role) if role in CHAT_ROLES:
            content = map_content(message, _map_blocks)
        case _:
            raise unknown_kind(message, _HOLDER)
    if not content:
        raise empty(message)
    return _message("user", content)


def _message(role: str, content: str | list[JSON]) -> JSON:
    return {"type": "message", "role": role, "content": content}


def _map_blocks(blocks: list[JSON]) -> list[JSON]:
    return [
        _map_file(block) if block["type"] in FILE_BLOCKS else _map_part(block) for block in blocks
    ]


def _map_part(block: JSON) -> JSON:
    """A text or an image."""
    part = map_block(block, _HOLDER)
    if "text" in part:
        return {"type": "input_text", "text": part["text"]}
    image = part.get("image_url") or part["image_file"]
    mapped = {
        "type": "input_image",
        "image_url": image.get("url"),
        "file_id": image.get("file_id"),
        "detail": image.get("detail") or (block.get("extras") or {}).get("detail"),
    }
    return {key: value for key, value in mapped.items() if value is not None}


def _map_file(block: JSON) -> JSON:
    """A file by its id, by its address, or with its content."""
    has_content = any(isinstance(block.get(key), str) for key in ("file_id", "base64", "text"))
    if isinstance(block.get("url"), str) and not has_content:
        return {"type": "input_file", "file_url": block["url"]}
    match map_file(block):
        case {"file": (name, content, media_type)}:
            data = f"data:{media_type};base64,{base64.b64encode(content).decode()}"
            return {"type": "input_file", "filename": name, "file_data": data}
        case by_id:
            return {"type": "input_file", **by_id}
