"""Reasoning, approvals and what the agent did itself, against Microsoft's own server library."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import HumanMessage, ToolMessage
from sockets.ways import WAYS, ask

from langchain_foundry_agents import ChatFoundryAgent, ToolOutputError

from .conftest import Asked, MakeModel

STORED = [{}, {"background": True}, {"run_mode": "poll"}]


async def test_reasoning_stands_before_the_text(asked: Asked) -> None:
    answer = await asked("reason")

    assert answer.content == [
        {"type": "reasoning", "reasoning": "Six times seven.", "index": 0},
        {"type": "text", "text": "It is 42.", "index": 1},
    ]
    assert answer.text == "It is 42."


async def test_an_approval_is_asked_for_as_a_tool_call(asked: Asked) -> None:
    answer = await asked("approve")

    (call,) = answer.tool_calls
    assert call["name"] == "mcp_approval_request"
    assert call["args"] == {
        "name": "search",
        "server_label": "docs",
        "arguments": {"q": "tides"},
    }
    assert str(call["id"]).startswith("mcpr_")


@pytest.mark.parametrize(
    ("said", "told"), [("true", "Found 3 pages."), ("false", "Then not.")], ids=["yes", "no"]
)
@pytest.mark.parametrize("mode", STORED)
async def test_an_approval_is_answered_by_a_tool_message(
    make_model: MakeModel, mode: dict[str, object], said: str, told: str
) -> None:
    model = make_model(**mode)
    answer = await model.ainvoke("approve")
    call_id = str(answer.tool_calls[0]["id"])

    end = await model.ainvoke(
        [HumanMessage("approve"), answer, ToolMessage(said, tool_call_id=call_id)]
    )

    assert end.text == told


@pytest.mark.parametrize("mode", STORED)
@pytest.mark.parametrize("way", WAYS)
async def test_a_function_approves_within_the_turn(
    make_model: MakeModel, mode: dict[str, object], way: str
) -> None:
    model = make_model(**mode, mcp_approval=lambda call: call["name"] == "search")

    answer = await ask(way, model, "approve")

    call, result, text = answer.content_blocks
    assert (call["type"], call.get("args")) == ("server_tool_call", {"q": "tides"})
    assert (result["type"], result.get("output")) == ("server_tool_result", "3 pages")
    assert text.get("text") == "Found 3 pages."
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["total_tokens"] == 24


async def test_whoever_wants_no_questions_gets_an_error(asked: Asked) -> None:
    with pytest.raises(ToolOutputError, match="search of docs"):
        await asked("approve", mcp_approval="raise")


@pytest.mark.parametrize("mode", STORED)
async def test_what_a_function_does_not_approve_is_denied(
    make_model: MakeModel, mode: dict[str, object]
) -> None:
    async def no(call: dict[str, object]) -> bool:
        return False

    answer = await make_model(**mode, mcp_approval=no).ainvoke("approve")

    assert answer.text == "Then not."


async def test_an_approval_cannot_be_given_where_nothing_is_kept(make_model: MakeModel) -> None:
    model = make_model(conversation="none")
    answer = await model.ainvoke("approve")
    call_id = str(answer.tool_calls[0]["id"])

    with pytest.raises(ToolOutputError, match="keeps nothing"):
        await model.ainvoke(
            [HumanMessage("approve"), answer, ToolMessage("true", tool_call_id=call_id)]
        )


async def test_code_that_the_agent_ran_is_a_server_call(asked: Asked) -> None:
    answer = await asked("compute")

    call, result, text = answer.content_blocks
    assert (call["type"], call.get("name")) == ("server_tool_call", "code_interpreter")
    assert call.get("args") == {"code": "print(6 * 7)"}
    assert (result["type"], result.get("status")) == ("server_tool_result", "success")
    assert text.get("text") == "It prints 42."


async def test_searches_and_listings_are_server_calls(asked: Asked) -> None:
    answer = await asked("search")

    names = [block.get("name") for block in answer.content_blocks]
    assert names == ["web_search", None, "file_search", None, "mcp_list_tools", None, None]
    assert answer.text == "Nothing found."


async def test_an_image_comes_as_an_image_block(asked: Asked) -> None:
    answer = await asked("draw")

    image = answer.content_blocks[-1]
    assert image["type"] == "image"
    assert (image.get("base64"), image.get("mime_type")) == ("iVBORw0KGgo=", "image/png")


async def test_items_of_other_types_are_kept_as_they_are(asked: Asked) -> None:
    answer = await asked("compact")

    blocks: list[Any] = list(answer.content_blocks)
    compaction, structured, text = blocks
    assert compaction["value"]["encrypted_content"] == "c2VjcmV0"
    assert structured["value"]["output"] == {"tide": "high"}
    assert text["text"] == "Compacted."


async def test_consent_is_asked_for_with_its_link(asked: Asked) -> None:
    answer = await asked("consent")

    assert answer.response_metadata["oauth_consent_requests"] == [
        {"server_label": "docs", "consent_link": "https://example.com/consent"}
    ]


async def test_what_the_agent_did_is_not_told_again(model: ChatFoundryAgent) -> None:
    answer = await model.ainvoke("compute")

    end = await model.ainvoke([HumanMessage("compute"), answer, HumanMessage("recall")])

    assert end.text == "user: compute | assistant: It prints 42. | user: recall"
