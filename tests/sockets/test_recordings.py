"""Recorded answers of the real service, replayed over a real socket, all four ways."""

from __future__ import annotations

import json
from typing import Any

import pytest
from canned import STREAM_TYPE, CannedService, Reply, stream_reply
from conftest import RECORDINGS
from langchain_core.messages import message_chunk_to_message

from langchain_foundry_agents import ChatFoundryAgent

from .ways import WAYS, added, ask

ANSWERS = (
    "test_create_stream.run-stream.sse",
    "test_bing_grounding_tool_streaming.1-run-stream.sse",
    "test_code_interpreter_tool_streaming.1-run-stream.sse",
    "test_file_search_tool_streaming.1-run-stream.sse",
)


def replay(name: str, **more: Any) -> Reply:
    return stream_reply((RECORDINGS / name).read_bytes(), **more)


def model_of(service: CannedService) -> ChatFoundryAgent:
    return ChatFoundryAgent(agent_id="asst_1", project_endpoint=service.url)


def recorded(name: str, event: str) -> list[Any]:
    """The data of all events of a name, read without the code under test."""
    frames = (RECORDINGS / name).read_text().split("\n\n")
    head = f"event: {event}\ndata: "
    return [json.loads(frame.removeprefix(head)) for frame in frames if frame.startswith(head)]


@pytest.mark.parametrize("way", WAYS)
async def test_the_plain_recording_is_this_answer(way: str) -> None:
    with CannedService(replay("test_create_stream.run-stream.sse")) as service:
        answer = await ask(way, model_of(service), "Hello, tell me a joke")

    assert answer.content == (
        "Of course! Here's a joke for you:\n\n"
        "Why don’t skeletons fight each other?\n\n"
        "Because they don’t have the guts! 😄"
    )
    assert answer.id == "msg_LJpjzinOhi3QbKWxrNlvXXS7"
    assert answer.usage_metadata == {
        "input_tokens": 66,
        "output_tokens": 30,
        "total_tokens": 96,
        "input_token_details": {"cache_read": 0},
    }
    assert answer.response_metadata == {
        "model_provider": "azure_ai_foundry",
        "thread_id": "thread_7ISSfUbj0zxL9ZaHrp4zC8ma",
        "run_id": "run_YzrfmWISvOtaM0dCxyDqZzRj",
        "agent_id": "asst_bcVAUsaklngwUFYlgCHt6YXZ",
        "message_ids": ["msg_LJpjzinOhi3QbKWxrNlvXXS7"],
        "model_name": "gpt-4o",
        "status": "completed",
        "finish_reason": "stop",
        "usage_source": "service",
        "history_digest": answer.response_metadata["history_digest"],
    }


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ANSWERS)
async def test_an_answer_holds_what_the_recording_holds(name: str, way: str) -> None:
    messages = recorded(name, "thread.message.completed")
    (run,) = recorded(name, "thread.run.completed")
    texts = [part["text"]["value"] for message in messages for part in message["content"]]

    with CannedService(replay(name)) as service:
        answer = await ask(way, model_of(service), "Go on")

    blocks = [block for block in answer.content_blocks if block["type"] == "text"]
    assert [block["text"] for block in blocks] == texts
    metadata = answer.response_metadata
    assert metadata["message_ids"] == [message["id"] for message in messages]
    assert (metadata["thread_id"], metadata["run_id"]) == (run["thread_id"], run["id"])
    assert (metadata["agent_id"], metadata["model_name"]) == (run["assistant_id"], run["model"])
    assert (metadata["status"], metadata["finish_reason"]) == ("completed", "stop")
    usage = run["usage"]
    assert answer.usage_metadata == {
        "input_tokens": usage["prompt_tokens"],
        "output_tokens": usage["completion_tokens"],
        "total_tokens": usage["total_tokens"],
        "input_token_details": {"cache_read": usage["prompt_token_details"]["cached_tokens"]},
    }


@pytest.mark.parametrize("name", ANSWERS)
def test_the_chunks_of_a_stream_add_up_to_the_whole_answer(name: str) -> None:
    with CannedService(replay(name), replay(name)) as service:
        whole = model_of(service).invoke("Go on")
        streamed = added(model_of(service).stream("Go on"))

    assert message_chunk_to_message(streamed) == whole


@pytest.mark.parametrize("name", ANSWERS)
def test_how_the_network_cuts_a_stream_makes_no_difference(name: str) -> None:
    raw = (RECORDINGS / name).read_bytes()
    pieces = tuple(raw[start : start + 1000] for start in range(0, len(raw), 1000))

    with CannedService(replay(name), Reply(headers=STREAM_TYPE, pieces=pieces)) as service:
        in_one_piece = model_of(service).invoke("Go on")
        in_many = model_of(service).invoke("Go on")

    assert in_many == in_one_piece
