"""LangChain messages → what is new for the thread, and this run's instructions.

The history is the interface, the thread is the storage: what the thread holds already is found by
the ids in our own answers and not sent again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from langchain_foundry_agents.errors import BadRequestError

PROVIDER = "azure_ai_foundry"
"""`response_metadata["model_provider"]` of our answers."""

JSON = dict[str, Any]
_CHAT_ROLES = {"user": "user", "human": "user", "assistant": "assistant", "ai": "assistant"}
_SYSTEM_ROLES = {"system", "developer"}
_LONGEST_NAME = 512
_TAKEN = "text and image blocks"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A history, read for a turn."""

    messages: Sequence[BaseMessage]
    begin: int
    """Where what the thread does not hold yet begins."""
    thread_id: str | None
    """The thread that the history's last answer of ours names."""

    @property
    def system(self) -> str:
        """The system messages, in order."""
        texts = (message.text for message in self.messages if _is_system(message))
        return "\n\n".join(text for text in texts if text)

    def new(self) -> tuple[JSON, ...]:
        """What the thread does not hold yet, as thread messages."""
        return tuple(_thread_messages(self.messages[self.begin :]))

    def whole(self) -> tuple[JSON, ...]:
        """The whole history, as thread messages."""
        return tuple(_thread_messages(self.messages))

    def text(self) -> str:
        """All text of the history, for estimates."""
        return "\n".join(message.text for message in self.messages)


def read_prompt(messages: Sequence[BaseMessage], *, explicit: bool, go_on: bool) -> Prompt:
    """Find what is new in a history.

    Args:
        messages: The history.
        explicit: The caller names a thread: what follows the last answer, whoever gave it, is new.
        go_on: Otherwise go on in the thread that the history's last answer of ours names.

    Raises:
        BadRequestError: There is no message.
    """
    if not messages:
        raise BadRequestError("There are no messages.", remedy="Ask something.")
    if explicit:
        last = _last(messages, lambda message: isinstance(message, AIMessage))
        return Prompt(messages, last + 1, None)
    last = _last(messages, lambda message: _thread_of(message) is not None) if go_on else -1
    return Prompt(messages, last + 1, _thread_of(messages[last]) if last >= 0 else None)


def _last(messages: Sequence[BaseMessage], found: Callable[[BaseMessage], bool]) -> int:
    return next((i for i in reversed(range(len(messages))) if found(messages[i])), -1)


def _thread_of(message: BaseMessage) -> str | None:
    """The thread of an answer of ours."""
    metadata = message.response_metadata
    thread_id = metadata.get("thread_id")
    ours = isinstance(message, AIMessage) and metadata.get("model_provider") == PROVIDER
    return thread_id if ours and isinstance(thread_id, str) else None


def _is_system(message: BaseMessage) -> bool:
    if isinstance(message, ChatMessage):
        return message.role in _SYSTEM_ROLES
    return isinstance(message, SystemMessage)


def _thread_messages(messages: Sequence[BaseMessage]) -> Iterator[JSON]:
    for message in messages:
        if _is_system(message):
            continue
        mapped = _map_message(message)
        # An answer that was empty, or held only what a thread cannot, has nothing to replay.
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
    failed = isinstance(message, ToolMessage) and message.status == "error"
    which = message.name or getattr(message, "tool_call_id", "")
    return f"[{'error' if failed else 'result'} of {which}]\n{message.text}"


def _map_content(message: BaseMessage) -> str | list[JSON]:
    if isinstance(message.content, str):
        return message.content if message.content.strip() else ""
    blocks = [_map_block(dict(block)) for block in message.content_blocks]
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
        f"A message has a content block of the type {kind!r}, which a thread cannot take in this "
        f"form.",
        remedy=f"Send {_TAKEN}; an image needs url, base64 with mime_type, or file_id.",
    )


def _map_image(url: str, block: JSON) -> JSON:
    image = {"url": url}
    if detail := (block.get("extras") or {}).get("detail"):
        image["detail"] = detail
    return {"type": "image_url", "image_url": image}
