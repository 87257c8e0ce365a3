"""What an answer of the new generation tells of itself: ids, how it ended, what it used."""

from __future__ import annotations

import pytest
from folding import (
    JSON,
    REPLY,
    contents,
    ended,
    event,
    folded,
    message_item,
    new_answer,
    replied,
    response,
    streamed,
)
from inline_snapshot import snapshot
from langchain_core.messages import AIMessageChunk

from langchain_foundry_agents._answers.fold import Answer
from langchain_foundry_agents._flow.progress import Outcome

ONE, TWO = message_item("One."), message_item("Two.", item_id="msg_2")
SEARCH: JSON = {"type": "file_search_call", "id": "fs_1", "status": "completed", "queries": ["a"]}
ADD: JSON = {
    "type": "function_call",
    "id": "fc_1",
    "call_id": "call_1",
    "name": "add",
    "arguments": '{"a": 1}',
}
APPROVAL: JSON = {"type": "mcp_approval_request", "id": "mcpr_1", "name": "fetch"}


def test_a_whole_message() -> None:
    usage = {
        "input_tokens": 10,
        "input_tokens_details": {"cached_tokens": 8},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 3},
        "total_tokens": 15,
    }

    assert replied(ONE, TWO, fields={"usage": usage}) == snapshot(
        AIMessageChunk(
            content="One.\n\nTwo.",
            id="msg_1",
            response_metadata={
                "model_provider": "azure_ai_foundry",
                "agent_name": "support",
                "thread_id": "conv_1",
                "conversation_id": "conv_1",
                "run_id": "resp_1",
                "response_id": "resp_1",
                "agent_version": "3",
                "message_ids": ["msg_1", "msg_2"],
                "model_name": "gpt-4.1",
                "status": "completed",
                "finish_reason": "stop",
                "usage_source": "service",
            },
            usage_metadata={
                "input_tokens": 10,
                "output_tokens": 5,
                "total_tokens": 15,
                "input_token_details": {"cache_read": 8},
                "output_token_details": {"reasoning": 3},
            },
            chunk_position="last",
        )
    )


@pytest.mark.parametrize(
    ("fields", "there", "absent"),
    [
        ({"conversation": None}, {"run_id": "resp_1"}, {"thread_id", "conversation_id"}),
        ({"agent_reference": None}, {"agent_name": "support"}, {"agent_version"}),
        ({"agent_reference": {"type": "agent_reference"}}, {"agent_name": "support"}, set()),
        (
            {"agent_reference": {"name": "billing", "version": "4"}},
            {"agent_name": "billing", "agent_version": "4"},
            set(),
        ),
        ({"agent_session_id": "s_1"}, {"agent_session_id": "s_1"}, set()),
        ({}, {}, {"agent_session_id", "content_filters", "incomplete_details", "agent_id"}),
        ({"content_filters": [{"blocked": True}]}, {"content_filters": [{"blocked": True}]}, set()),
        ({"content_filters": None}, {}, {"content_filters"}),
        (
            {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
            {
                "status": "incomplete",
                "finish_reason": "length",
                "incomplete_details": {"reason": "max_output_tokens"},
            },
            set(),
        ),
    ],
)
def test_the_metadata_tells_what_the_response_tells(
    fields: JSON, there: JSON, absent: set[str]
) -> None:
    metadata = replied(ONE, fields=fields).response_metadata

    assert {name: metadata[name] for name in there} == there
    assert not absent & metadata.keys()


# https://platform.openai.com/docs/api-reference/responses/object; `content_filters` and
# `agent_session_id` are recorded.
MEMBERS: JSON = {
    "metadata": {"ticket": "42"},
    "service_tier": "priority",
    "created_at": 1762219267,
    "completed_at": 1762219269,
    "moderation": {"result": "fine"},
    "previous_response_id": "resp_0",
    "safety_identifier": "user-1",
    "prompt_cache_key": "key-1",
    "reasoning": {"effort": "medium"},
    "of_a_later_version": [{"a": 1}],
    "also_of_one": False,
    "and_this": 0,
}


def test_members_that_stand_nowhere_else_are_in_the_metadata_by_their_own_names() -> None:
    metadata = replied(ONE, fields=MEMBERS).response_metadata

    assert {name: metadata.get(name) for name in MEMBERS} == MEMBERS


def test_members_stand_on_the_last_chunk_alone_so_that_a_sum_does_not_add_them() -> None:
    fold = new_answer()
    chunks = [*fold.add(streamed(ONE, **MEMBERS)), *fold.finish(ended(ONE, **MEMBERS))]

    told = [MEMBERS.keys() & chunk.message.response_metadata.keys() for chunk in chunks]
    assert told == [set(), MEMBERS.keys()]


@pytest.mark.parametrize(
    "fields",
    [
        {"instructions": "Be kind.", "tools": [{"type": "mcp", "headers": {"x": "y"}}]},
        {"prompt": {"id": "pmpt_1"}, "text": {"format": {"type": "text"}}},
        {"temperature": 0.5, "tool_choice": "auto", "frequency_penalty": 0.0},
        {"background": True, "store": True},
        {"user": None, "metadata": {}, "tool_usage": [], "truncation": ""},
        # Names of ours: LangChain would join the two texts.
        {"run_id": "r", "response_id": "caresp_1", "agent_name": "x", "history_digest": "x"},
        {"message_ids": ["x"], "model_provider": "x", "forked_from": "x", "run_options": {"a": 1}},
    ],
)
def test_what_is_a_setting_or_says_nothing_or_is_named_as_ours_stays_out(
    fields: JSON,
) -> None:
    assert replied(ONE, fields=fields) == replied(ONE)


def test_the_request_that_brought_the_answer_is_named() -> None:
    message = folded([streamed(ONE)], new_answer(), Outcome(ended(ONE).run, request_id="req-1"))

    assert message.response_metadata["request_id"] == "req-1"
    assert "request_id" not in replied(ONE).response_metadata


def test_the_ids_stand_on_the_first_chunk_that_has_content() -> None:
    fold = new_answer()
    chunks = [*(chunk for one in streamed(ONE) for chunk in fold.add([one])), *fold.finish(ended())]

    first, *between, last = [chunk.message.response_metadata for chunk in chunks]
    assert first == {
        "model_provider": "azure_ai_foundry",
        "agent_name": "support",
        "agent_version": "3",
        "thread_id": "conv_1",
        "conversation_id": "conv_1",
        "run_id": "resp_1",
        "response_id": "resp_1",
    }
    assert all(metadata == {"model_provider": "azure_ai_foundry"} for metadata in between)
    assert not (first.keys() & last.keys()) - {"model_provider"}


@pytest.mark.parametrize("kind", ["created", "queued", "in_progress", "failed"])
def test_a_response_is_known_from_each_event_that_shows_it(kind: str) -> None:
    fold = new_answer()

    assert fold.add([event(kind, response=response())]) == []
    assert fold.ids == {
        "agent_name": "support",
        "agent_version": "3",
        "thread_id": "conv_1",
        "conversation_id": "conv_1",
        "run_id": "resp_1",
        "response_id": "resp_1",
    }


def told_by(fold: Answer, ending: Outcome) -> list[set[str]]:
    """Which of its ids each chunk of an answer tells."""
    chunks = [*fold.add(streamed(ONE)), *fold.finish(ending)]
    return [{"thread_id", "run_id"} & chunk.message.response_metadata.keys() for chunk in chunks]


def test_what_only_the_end_can_tell_stands_on_the_last_chunk() -> None:
    deleted = Outcome(ended().run, deleted_thread_id="conv_1")

    assert told_by(new_answer(), ended()) == [{"thread_id", "run_id"}, set()]
    assert told_by(new_answer(several=True), ended()) == [{"thread_id"}, {"run_id"}]
    assert told_by(new_answer(keep_thread=False), ended()) == [{"run_id"}, {"thread_id"}]
    assert told_by(new_answer(keep_thread=False), deleted) == [{"run_id"}, set()]


def test_an_answer_without_messages_is_named_by_its_response() -> None:
    assert replied(SEARCH, ONE).id == "resp_1"
    assert replied(ADD).id == "resp_1"


def test_an_answer_that_follows_a_call_has_another_name_than_the_one_that_asked() -> None:
    assert replied(ADD, after="call_0").id == "resp_1-call_0"


# A turn that answers approvals itself makes several responses.

BEFORE = streamed(ONE, APPROVAL)
NEXT = {"id": "resp_2", "conversation": {"id": "conv_1"}}
AFTER = streamed(SEARCH, TWO, **NEXT)


def test_the_responses_of_a_turn_are_one_answer() -> None:
    assert contents(*BEFORE, *AFTER) == [
        "One.",
        {
            "type": "server_tool_call",
            "id": "fs_1",
            "name": "file_search",
            "args": {"queries": ["a"]},
            "index": 1,
        },
        {
            "type": "server_tool_result",
            "tool_call_id": "fs_1",
            "status": "success",
            "output": None,
            "index": 2,
        },
        {"type": "text", "text": "Two.", "index": 3},
    ]


def test_the_last_response_of_a_turn_is_named() -> None:
    fold, ending = new_answer(several=True), ended(SEARCH, TWO, **NEXT)

    message = folded([[one] for one in (*BEFORE, *AFTER)], fold, ending)

    metadata = message.response_metadata
    assert (metadata["run_id"], metadata["response_id"]) == ("resp_2", "resp_2")
    assert (metadata["thread_id"], metadata["message_ids"]) == ("conv_1", ["msg_1", "msg_2"])


@pytest.mark.parametrize(
    ("earlier", "last", "total"),
    [
        ({"input_tokens": 1, "output_tokens": 2}, {"input_tokens": 3, "output_tokens": 4}, 10),
        ({"input_tokens": 1, "output_tokens": 2}, None, 3),
        (None, {"input_tokens": 3, "output_tokens": 4}, 7),
    ],
)
def test_the_usage_is_that_of_all_responses_of_the_turn(
    earlier: JSON | None, last: JSON | None, total: int
) -> None:
    ending = Outcome(response(usage=last), earlier=(response(usage=earlier),))

    message = folded([AFTER], new_answer(), ending)

    assert message.usage_metadata is not None
    assert message.usage_metadata["total_tokens"] == total
    assert message.response_metadata["usage_source"] == "service"


def test_usage_is_estimated_where_the_service_gives_none() -> None:
    message = folded([AFTER], new_answer(), Outcome({**REPLY, "usage": None}))

    assert message.response_metadata["usage_source"] == "estimated"
