"""LangChain messages → thread messages. Content comes in any dialect that LangChain reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from langchain_foundry_agents._messages.files import FILE_BLOCKS, check_picture, map_file
from langchain_foundry_agents._messages.ours import JSON
from langchain_foundry_agents._messages.outputs import output_text
from langchain_foundry_agents.errors import BadRequestError

_CHAT_ROLES = {"user": "user", "human": "user", "assistant": "assistant", "ai": "assistant"}
_SYSTEM_ROLES = {"system", "developer"}
_LONGEST_NAME = 512
_ONLY_FILES = "See the attached file."


def is_system(message: BaseMessage) -> bool:
    """Whether a message is an instruction, and no part of the conversation."""
    if isinstance(message, ChatMessage):
        return message.role in _SYSTEM_ROLES
    return isinstance(message, SystemMessage)


def thread_messages(messages: Sequence[BaseMessage]) -> Iterator[JSON]:
    """The messages that a thread can hold, in its own form.

    Raises:
        BadRequestError: A message has no content, or one that a thread cannot take.
    """
    for message in messages:
        if is_system(message):
            continue
        mapped = _map_message(message)
        if attachments := _map_files(message):
            mapped["attachments"] = attachments
        # An answer that was empty, or held only what a thread cannot, has nothing to replay.
        if not mapped["content"] and attachments:
            mapped["content"] = _ONLY_FILES
        if not mapped["content"]:
            if isinstance(message, AIMessage):
                continue
            raise BadRequestError(
                f"A {type(message).__name__} has no content.", remedy="Leave it out, or fill it."
            )
        if message.name:
            mapped["metadata"] = {"name": message.name[:_LONGEST_NAME]}
        yield mapped


def _map_message(message: BaseMessage) -> JSON:
    """A thread message; a thread has the roles `user` and `assistant`, and no others."""
    match message:
        case AIMessage():
            return {"role": "assistant", "content": _map_answer(message)}
        case HumanMessage():
            return {"role": "user", "content": _map_content(message)}
        case ToolMessage() | FunctionMessage():
            return {"role": "user", "content": _map_tool_result(message)}
        case ChatMessage(role=role) if role in _CHAT_ROLES:
            return {"role": _CHAT_ROLES[role], "content": _map_content(message)}
    what = f"role {message.role!r}" if isinstance(message, ChatMessage) else type(message).__name__
    raise BadRequestError(
        f"A thread cannot hold a message of the kind {what}.",
        remedy="Use human, AI, system and tool messages.",
    )


def _map_answer(message: AIMessage) -> str:
    """An earlier answer as text, its tool calls included: a new thread knows no run of theirs."""
    calls = (
        f"[called {call['name']} with {json.dumps(call['args'], ensure_ascii=False)}]"
        for call in message.tool_calls
    )
    return "\n".join(part for part in (message.text.strip(), *calls) if part)


def _map_tool_result(message: ToolMessage | FunctionMessage) -> str:
    which = message.name or getattr(message, "tool_call_id", "")
    return f"[result of {which}]\n{output_text(message)}"


def _map_content(message: BaseMessage) -> str | list[JSON]:
    if isinstance(message.content, str):
        return message.content if message.content.strip() else ""
    given = [dict(block) for block in message.content_blocks]
    blocks = [_map_block(block) for block in given if block["type"] not in FILE_BLOCKS]
    blocks = [block for block in blocks if block.get("text") != ""]
    if len(blocks) == 1 and blocks[0]["type"] == "text":
        return str(blocks[0]["text"])
    return blocks


def _map_block(block: JSON) -> JSON:
    """A content block, from LangChain's standard form: all dialects arrive in it."""
    match block:
        case {"type": "text", "text": str(text)}:
            return {"type": "text", "text": text if text.strip() else ""}
        case {"type": "image", "url": str(url)}:
            return _map_image(url, block)
        case {"type": "image", "base64": str(data), "mime_type": str(mime)}:
            check_picture(mime, data)
            return _map_image(f"data:{mime};base64,{data}", block)
        case {"type": "image", "file_id": str(file_id)}:
            return {"type": "image_file", "image_file": {"file_id": file_id}}
        case {"type": "non_standard", "value": {"type": "image_file", "image_file": dict(image)}}:
            return {"type": "image_file", "image_file": image}
        case {"type": "non_standard", "value": {"type": "image_url", "image_url": str(url)}}:
            return _map_image(url, block)
    kind = block.get("type")
    if kind == "non_standard":
        kind = (block.get("value") or {}).get("type", kind)
    raise BadRequestError(
        f"A message has a block of the type {kind!r}, which a thread cannot take in this form.",
        remedy="Send text, image and file blocks. An image needs url, file_id, or base64 with "
        "mime_type.",
    )


def _map_files(message: BaseMessage) -> list[JSON]:
    """The files that a message of the user's brings."""
    if isinstance(message.content, str) or isinstance(message, AIMessage | ToolMessage):
        return []
    given = [dict(block) for block in message.content_blocks]
    return [map_file(block) for block in given if block["type"] in FILE_BLOCKS]


def _map_image(url: str, block: JSON) -> JSON:
    image = {"url": url}
    if detail := (block.get("extras") or {}).get("detail"):
        image["detail"] = detail
    return {"type": "image_url", "image_url": image}
