"""A chunk of text that is made in the quick way is what the constructors make."""

from __future__ import annotations

import pickle

from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk

from langchain_foundry_agents._answers.chunks import text_chunk

TOLD = {"model_provider": "azure_ai", "thread_id": "thread_1"}


def constructed() -> ChatGenerationChunk:
    message = AIMessageChunk(content="Hel", id="msg_1", response_metadata={**TOLD})
    return ChatGenerationChunk(message=message)


def quick() -> ChatGenerationChunk:
    return text_chunk("Hel", "msg_1", {**TOLD})


def test_it_is_the_same_in_all_that_pydantic_keeps() -> None:
    assert quick().__getstate__() == constructed().__getstate__()
    assert quick().message.__getstate__() == constructed().message.__getstate__()
    assert type(quick().text) is type(constructed().text)
    assert quick().model_dump() == constructed().model_dump()
    assert pickle.dumps(quick()) == pickle.dumps(constructed())


def test_two_share_nothing_that_can_change() -> None:
    one, other = quick().message, quick().message
    one.additional_kwargs["seen"] = one.response_metadata["seen"] = True
    for calls in ("tool_calls", "invalid_tool_calls", "tool_call_chunks"):
        getattr(one, calls).append({"name": "add", "args": {}, "id": "call_1"})
    one.seen = True  # type: ignore[attr-defined]

    assert other == constructed().message
    assert other.model_fields_set == constructed().message.model_fields_set
