"""Turns that follow each other, against Microsoft's own server library."""

from __future__ import annotations

from langchain_core.messages import AnyMessage, HumanMessage, SystemMessage

from langchain_foundry_agents import ChatFoundryAgent

from .conftest import Asked, MakeModel
from .cutting import CuttingProxy
from .service import OracleService


async def test_a_turn_knows_the_turns_before_it(asked: Asked) -> None:
    history: list[AnyMessage] = [HumanMessage("say One")]
    history += [await asked(history), HumanMessage("say Two")]
    history += [await asked(history), HumanMessage("recall")]

    answer = await asked(history)

    assert answer.text == (
        "user: say One | assistant: One | user: say Two | assistant: Two | user: recall"
    )


def test_a_chain_sends_what_is_new_after_the_response_before(
    oracle: OracleService, make_model: MakeModel
) -> None:
    with CuttingProxy(oracle.port) as proxy:
        model = make_model(project_endpoint=proxy.url)
        first = model.invoke("say One")
        model.invoke([HumanMessage("say One"), first, HumanMessage("recall")])

    assert proxy.bodies[1] == {
        "input": [{"type": "message", "role": "user", "content": "recall"}],
        "agent_reference": {"type": "agent_reference", "name": "helper"},
        "previous_response_id": first.response_metadata["response_id"],
        "stream": True,
    }


async def test_any_earlier_answer_can_be_gone_on_from(model: ChatFoundryAgent) -> None:
    first = await model.ainvoke("say One")
    trunk: list[AnyMessage] = [HumanMessage("say One"), first]
    left = await model.ainvoke([*trunk, HumanMessage("say Left")])
    right = await model.ainvoke([*trunk, HumanMessage("say Right")])

    ends = [
        await model.ainvoke([*trunk, HumanMessage("…"), side, HumanMessage("recall")])
        for side in (left, right)
    ]

    assert [end.text for end in ends] == [
        f"user: say One | assistant: One | user: say {side} | assistant: {side} | user: recall"
        for side in ("Left", "Right")
    ]


async def test_a_hosted_agent_s_response_can_be_named_in_a_call(model: ChatFoundryAgent) -> None:
    first = await model.ainvoke("say One")

    answer = await model.ainvoke("recall", thread_id=first.response_metadata["response_id"])

    assert answer.text == "user: say One | assistant: One | user: recall"


async def test_an_answer_that_was_cut_short_can_be_gone_on_from(asked: Asked) -> None:
    question = "end max_output_tokens Half a"
    first = await asked(question)

    answer = await asked([HumanMessage(question), first, HumanMessage("recall")])

    assert answer.text == f"user: {question} | assistant: Half a | user: recall"


async def test_a_system_message_is_told_once(asked: Asked) -> None:
    history: list[AnyMessage] = [SystemMessage("Be brief."), HumanMessage("say One")]
    history += [await asked(history), HumanMessage("recall")]

    answer = await asked(history)

    assert answer.text == ("developer: Be brief. | user: say One | assistant: One | user: recall")


def test_where_nothing_is_kept_the_history_travels_with_each_call(
    oracle: OracleService, make_model: MakeModel
) -> None:
    with CuttingProxy(oracle.port) as proxy:
        model = make_model(project_endpoint=proxy.url, conversation="none")
        first = model.invoke("say One")
        model.invoke([HumanMessage("say One"), first, HumanMessage("recall")])

    assert proxy.bodies[1] == {
        "input": [
            {"type": "message", "role": "user", "content": "say One"},
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "One", "annotations": []}],
            },
            {"type": "message", "role": "user", "content": "recall"},
        ],
        "agent_reference": {"type": "agent_reference", "name": "helper"},
        "store": False,
        "stream": True,
    }
    assert "error" in oracle.response(first.response_metadata["response_id"])


async def test_a_chain_begins_anew_after_an_answer_that_was_not_kept(
    make_model: MakeModel,
) -> None:
    first = await make_model(conversation="none").ainvoke("say One")

    answer = await make_model().ainvoke([HumanMessage("say One"), first, HumanMessage("recall")])

    assert answer.text == "user: say One | assistant: One | user: recall"
