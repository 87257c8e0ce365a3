"""LangChain messages → thread messages. Content comes in any dialect that LangChain reads.

The pieces without an underscore serve the new generation's items too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    InvalidToolCall,
    SystemMessage,
    ToolCall,
    ToolMessage,
)

from langchain_foundry_agents._messages.files import FILE_BLOCKS, check_picture, map_file
from langchain_foundry_agents._messages.ours import JSON
from langchain_foundry_agents._messages.results import output_text
from langchain_foundry_agents.errors import BadRequestError

CHAT_ROLES = {"user": "user", "human": "user", "assistant": "assistant", "ai": "assistant"}
"""Roles of chat messages, and what the service calls them."""

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
            raise empty(message)
        if message.name:
            mapped["metadata"] = {"name": message.name[:_LONGEST_NAME]}
        yield mapped


def map_content(
    message: BaseMessage, map_blocks: Callable[[list[JSON]], list[JSON]]
) -> str | list[JSON]:
    """The content of a user's message: its parts, or the text if it is but one.

    Args:
        message: The message.
        map_blocks: Maps blocks of LangChain's standard form; all dialects arrive in it.
    """
    if isinstance(message.content, str):
        return message.content if message.content.strip() else ""
    parts = map_blocks([dict(block) for block in message.content_blocks])
    parts = [part for part in parts if part.get("text") != ""]
    if len(parts) == 1 and "text" in parts[0]:
        return str(parts[0]["text"])
    return parts


def map_block(block: JSON, holder: str) -> JSON:
    """A text or an image, as a thread has it.

    Args:
        block: A content block of LangChain's standard form.
        holder: What is to hold it, for the error.

    Raises:
        BadRequestError: It is neither.
    """
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
        f"A message has a block of the type {kind!r}, which a {holder} cannot take in this form.",
        remedy="Send text, image and file blocks. An image needs url, file_id, or base64 with "
        "mime_type.",
    )


def answer_text(answer: AIMessage, calls: Iterable[ToolCall | InvalidToolCall]) -> str:
    """An earlier answer as text, with calls that it made: no run knows of them."""
    told = (f"[called {_name_of(call)} with {arguments_text(call)}]" for call in calls)
    return "\n".join(part for part in (answer.text.strip(), *told) if part)


def arguments_text(
    call: ToolCall | InvalidToolCall, separators: tuple[str, str] | None = None
) -> str:
    """The arguments of a call as JSON; those of an invalid one as they came."""
    arguments = call["args"]
    if isinstance(arguments, dict):
        return json.dumps(arguments, ensure_ascii=False, separators=separators)
    return arguments or ""


def result_text(message: ToolMessage | FunctionMessage, output: str | None = None) -> str:
    """What a tool gave, told as text."""
    which = message.name or getattr(message, "tool_call_id", "")
    return f"[result of {which}]\n{output_text(message) if output is None else output}"


def empty(message: BaseMessage) -> BadRequestError:
    """The error for a message without content."""
    return BadRequestError(
        f"A {type(message).__name__} has no content.", remedy="Leave it out, or fill it."
    )


def unknown_kind(message: BaseMessage, holder: str) -> BadRequestError:
    """The error for a message whose role does not exist in what is to hold it."""
    what = f"role {message.role!r}" if isinstance(message, ChatMessage) else type(message).__name__
    return BadRequestError(
        f"A {holder} cannot hold a message of the kind {what}.",
        remedy="Use human, AI, system and tool messages.",
    )


def _map_message(message: BaseMessage) -> JSON:
    """A thread message; a thread has the roles `user` and `assistant`, and no others."""
    match message:
        case AIMessage():
            return {"role": "assistant", "content": answer_text(message, message.tool_calls)}
        case HumanMessage():
            return {"role": "user", "content": map_content(message, _map_blocks)}
        case ToolMessage() | FunctionMessage():
            return {"role": "user", "content": result_text(message)}
        case ChatMessage(role=role) if role in CHAT_ROLES:
            return {"role": CHAT_ROLES[role], "content": map_content(message, _map_blocks)}
    raise unknown_kind(message, "thread")


def _name_of(call: ToolCall | InvalidToolCall) -> str:
    return "a tool" if call["name"] is None else call["name"]


def _map_blocks(blocks: list[JSON]) -> list[JSON]:
    return [map_block(block, "thread") for block in blocks if block["type"] not in FILE_BLOCKS]


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
