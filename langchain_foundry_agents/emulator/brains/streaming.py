"""A whole answer cut into chunks, as a model would have streamed it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.tool import tool_call_chunk

from langchain_foundry_agents.emulator.hearing import blocks_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_foundry_agents.emulator.records import JsonObject

_CALLS = ("tool_call", "invalid_tool_call", "tool_call_chunk")


def streamed(answer: AIMessage) -> Iterator[AIMessageChunk]:
    """Text word by word, other blocks and calls whole; what is said about the answer at the end."""
    for block in blocks_of(answer):
        if block["type"] not in _CALLS:
            yield from _pieces(block, alone=isinstance(answer.content, str))
    if isinstance(answer, AIMessageChunk) and answer.tool_call_chunks:
        yield AIMessageChunk(content="", tool_call_chunks=answer.tool_call_chunks)
    else:
        yield from _calls(answer)
    if answer.response_metadata or answer.usage_metadata:
        yield AIMessageChunk(
            content="",
            response_metadata=answer.response_metadata,
            usage_metadata=answer.usage_metadata,
        )


def _calls(answer: AIMessage) -> Iterator[AIMessageChunk]:
    calls = [(one["name"], _text(one["args"]), one["id"]) for one in answer.tool_calls]
    calls += [
        (one["name"] or "", one["args"] or "", one["id"]) for one in answer.invalid_tool_calls
    ]
    for index, (name, arguments, call_id) in enumerate(calls):
        chunk = tool_call_chunk(name=name, args=arguments, id=call_id, index=index)
        yield AIMessageChunk(content="", tool_call_chunks=[chunk])


def _pieces(block: JsonObject, *, alone: bool) -> Iterator[AIMessageChunk]:
    if block["type"] != "text" or block.get("annotations"):
        yield AIMessageChunk(content=[block])
        return
    for word in re.findall(r"\s*\S+|\s+$", block["text"]):
        yield AIMessageChunk(content=word if alone else [{"type": "text", "text": word}])


def _text(arguments: JsonObject) -> str:
    return json.dumps(arguments, ensure_ascii=False)
