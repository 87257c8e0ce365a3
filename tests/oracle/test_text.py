"""Text, citations, refusals, usage and metadata, against Microsoft's own server library."""

from __future__ import annotations

import pytest
from sockets.ways import WAYS, ask

from langchain_foundry_agents import ChatFoundryAgent

from .conftest import Asked, MakeModel
from .cutting import CuttingProxy
from .service import OracleService


async def test_text_comes_whole(asked: Asked) -> None:
    answer = await asked("say Good morning to you")

    assert answer.content == "Good morning to you"


async def test_a_stream_gives_the_text_as_it_comes(model: ChatFoundryAgent) -> None:
    texts = [chunk.text async for chunk in model.astream("say Good morning")]

    assert "".join(texts) == "Good morning"
    assert texts[0] in {"Good", "Good morning"}


async def test_the_usage_is_the_service_s(asked: Asked) -> None:
    answer = await asked("say Good morning")

    assert answer.usage_metadata == {
        "input_tokens": 5,
        "output_tokens": 7,
        "total_tokens": 12,
        "input_token_details": {"cache_read": 2},
        "output_token_details": {"reasoning": 3},
    }
    assert answer.response_metadata["usage_source"] == "service"


async def test_metadata_names_the_response_and_no_thread(asked: Asked) -> None:
    answer = await asked("say Good morning")

    told = answer.response_metadata
    assert told["run_id"].startswith("caresp_")
    assert told["response_id"] == told["run_id"]
    assert told["message_ids"] == [answer.id]
    assert (told["agent_name"], told["status"], told["finish_reason"]) == (
        "helper",
        "completed",
        "stop",
    )
    assert {"thread_id", "conversation_id"} & told.keys() == set()
    assert len(told["agent_session_id"]) == 63


@pytest.mark.parametrize("mode", [{"conversation": "none"}, {}, {"background": True}])
@pytest.mark.parametrize("way", WAYS)
async def test_a_citation_that_only_an_event_told_is_kept(
    make_model: MakeModel, way: str, mode: dict[str, object]
) -> None:
    answer = await ask(way, make_model(**mode), "cite")

    assert answer.content == "High tide: [page]."
    assert answer.additional_kwargs["annotations"] == [
        {
            "type": "citation",
            "url": "https://example.com/tides",
            "title": "Tides",
            "start_index": 11,
            "end_index": 17,
        }
    ]


async def test_usage_is_estimated_where_the_service_tells_none(asked: Asked) -> None:
    answer = await asked("cite")

    assert answer.response_metadata["usage_source"] == "estimated"
    assert answer.usage_metadata is not None


async def test_a_refusal_is_a_block_of_its_own(asked: Asked) -> None:
    answer = await asked("refuse")

    assert answer.content == [{"type": "refusal", "refusal": "I will not.", "index": 0}]


async def test_a_stop_sequence_cuts_the_text(asked: Asked) -> None:
    answer = await asked("say Good morning to you", stop=[" to"])

    assert answer.content == "Good morning"
    assert answer.response_metadata["finish_reason"] == "stop"


async def test_many_questions_at_once_get_their_own_answers(model: ChatFoundryAgent) -> None:
    answers = await model.abatch([f"say Number {n}" for n in range(8)])

    assert [answer.text for answer in answers] == [f"Number {n}" for n in range(8)]


def test_a_turn_is_one_request_that_names_the_agent_and_nothing_of_its_definition(
    oracle: OracleService, make_model: MakeModel
) -> None:
    with CuttingProxy(oracle.port) as proxy:
        make_model(project_endpoint=proxy.url, agent_version="3").invoke("say Good morning")

    assert proxy.routes == ["POST /responses"]
    assert proxy.bodies == [
        {
            "input": [{"type": "message", "role": "user", "content": "say Good morning"}],
            "agent_reference": {"type": "agent_reference", "name": "helper", "version": "3"},
            "stream": True,
        }
    ]


def test_the_parameters_that_a_call_may_have_are_taken(
    oracle: OracleService, make_model: MakeModel
) -> None:
    with CuttingProxy(oracle.port) as proxy:
        answer = make_model(project_endpoint=proxy.url).invoke(
            "say Good morning",
            max_tokens=300,
            run_metadata={"key": "value"},
            structured_inputs={"place": "Oslo"},
            truncation_strategy={"type": "auto"},
            extra_body={"agent_session_id": "session-1"},
            user_identity="user-1",
        )

    (body,) = proxy.bodies
    assert (body["max_output_tokens"], body["metadata"]) == (300, {"key": "value"})
    assert (body["structured_inputs"], body["truncation"]) == ({"place": "Oslo"}, "auto")
    assert answer.response_metadata["agent_session_id"] == "session-1"
