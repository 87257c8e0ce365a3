"""Our content → LangChain's standard blocks, which `message.content_blocks` gives.

Our blocks are standard ones already. Two things stand elsewhere in a message: the citations of the
leading text, in `additional_kwargs["annotations"]`, and the calls.
"""

from __future__ import annotations

from typing import Any, cast

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages import content as types
from langchain_core.messages.block_translators import register_translator

from langchain_foundry_agents._messages import JSON, PROVIDER


def register() -> None:
    """Make LangChain read our messages by this room."""
    register_translator(PROVIDER, _translate, _translate_chunk)


def _translate(message: AIMessage) -> list[types.ContentBlock]:
    return cast("list[types.ContentBlock]", [*_content(message), *_calls(message)])


def _translate_chunk(chunk: AIMessageChunk) -> list[types.ContentBlock]:
    blocks = _content(chunk)
    if blocks and "index" not in blocks[0]:
        # All chunks of the leading text are the same block.
        blocks[0]["index"] = 0
    if chunk.tool_call_chunks and chunk.chunk_position != "last":
        blocks += [{**call} for call in chunk.tool_call_chunks]
    else:
        blocks += _calls(chunk)
    return cast("list[types.ContentBlock]", blocks)


def _content(message: AIMessage) -> list[JSON]:
    content: list[Any] = message.content if isinstance(message.content, list) else [message.content]
    leading = "".join(item for item in content if isinstance(item, str))
    blocks = [dict(item) for item in content if isinstance(item, dict)]
    annotations = message.additional_kwargs.get("annotations")
    if leading or annotations:
        cited = {"annotations": annotations} if annotations else {}
        blocks.insert(0, {"type": "text", "text": leading, **cited})
    return blocks


def _calls(message: AIMessage) -> list[JSON]:
    """The calls that the content does not hold already, as it does under `output_version="v1"`."""
    content = message.content if isinstance(message.content, list) else []
    there = {item.get("id") for item in content if isinstance(item, dict)}
    valid: list[JSON] = [
        {"type": "tool_call", "id": call["id"], "name": call["name"], "args": call["args"]}
        for call in message.tool_calls
    ]
    invalid: list[JSON] = [{**call} for call in message.invalid_tool_calls]
    return [call for call in [*valid, *invalid] if call["id"] not in there]
