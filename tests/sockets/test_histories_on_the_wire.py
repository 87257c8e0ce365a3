"""What of a history goes to a new agent: only what its place does not hold yet."""

from __future__ import annotations

from typing import Any

import pytest
from canned import CannedService, Reply, json_reply
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from langchain_foundry_agents import NotFoundError, ThreadDivergedError

from .new_agents import (
    ADD,
    GONE,
    answer,
    assistant,
    bodies,
    call,
    called,
    created,
    developer,
    gave,
    inputs,
    model_of,
    output,
    says,
    user,
)
from .recorded import JSON, routes
from .ways import WAYS, ask

BRIEF, KIND = SystemMessage("Be brief."), SystemMessage("Be kind.")
ONE, TWO, THREE = HumanMessage("One?"), HumanMessage("Two?"), HumanMessage("Three?")
CREATE, RESPOND = "POST /openai/v1/conversations", "POST /openai/v1/responses"

# What keeps the history: the conversation's creation, and the ids that answers have then.
KEPT: list[Any] = [
    pytest.param("auto", [created("conv_1")], "conv_1", id="conversation"),
    pytest.param("response", [], None, id="response"),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("storage", "first", "place"), KEPT)
async def test_system_messages_are_sent_once_and_again_when_they_change(
    storage: str, first: list[Reply], place: str | None, way: str
) -> None:
    replies = [says(text, f"resp_{text}", place) for text in "ABCD"]
    with CannedService(*first, *replies) as service:
        model = model_of(service, conversation=storage)
        history: list[BaseMessage] = []
        for system, question in ((BRIEF, ONE), (BRIEF, TWO), (KIND, THREE), (KIND, ONE)):
            history.append(question)
            history.append(await ask(way, model, [system, *history]))

    assert inputs(service) == [
        [developer("Be brief."), user("One?")],
        [user("Two?")],
        [developer("Be kind."), user("Three?")],
        [user("One?")],
    ]


@pytest.mark.parametrize("way", WAYS)
async def test_where_nothing_is_kept_system_messages_are_sent_each_time(way: str) -> None:
    with CannedService(says("A", "resp_1"), says("B", "resp_2")) as service:
        model = model_of(service, conversation="none")
        first = await ask(way, model, [BRIEF, ONE])
        await ask(way, model, [BRIEF, ONE, first, TWO])

    told = developer("Be brief.")
    assert inputs(service) == [
        [told, user("One?")],
        [told, user("One?"), assistant("A"), user("Two?")],
    ]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("storage", "first", "place", "again"),
    [
        ("auto", [created("conv_1")], "conv_1", [created("conv_2")]),
        ("response", [], None, []),
    ],
)
async def test_a_history_whose_place_is_gone_is_told_whole_with_its_instructions(
    storage: str, first: list[Reply], place: str | None, again: list[Reply], way: str
) -> None:
    forked = says("B", "resp_2", "conv_2" if place else None)
    with CannedService(*first, says("A", "resp_1", place), GONE, *again, forked) as service:
        model = model_of(service, conversation=storage)
        said = await ask(way, model, [BRIEF, ONE])
        fork = await ask(way, model, [BRIEF, ONE, said, TWO])

    told = [developer("Be brief."), user("One?"), assistant("A"), user("Two?")]
    assert inputs(service)[1:] == [[user("Two?")], told]
    assert fork.response_metadata["forked_from"] == (place or "resp_1")
    assert fork.response_metadata.get("thread_id") == ("conv_2" if place else None)
    assert "previous_response_id" not in bodies(service)[-1]
    assert bodies(service)[-1].get("conversation") == ("conv_2" if place else None)
    one_turn = [CREATE, RESPOND] if place else [RESPOND]
    assert routes(service) == [*one_turn, RESPOND, *one_turn]


def test_a_chain_that_a_hosted_agent_cannot_read_is_told_whole() -> None:
    inner = {"code": "invalid_parameters", "message": "Malformed identifier."}
    said = {**inner, "param": "previous_response_id", "type": "invalid_request_error"}
    refused = json_reply({"error": said}, 400)
    with CannedService(says("A", "resp_1"), refused, says("B", "caresp_2")) as service:
        model = model_of(service, conversation="response")
        fork = model.invoke([ONE, model.invoke([ONE]), TWO])

    assert inputs(service)[2] == [user("One?"), assistant("A"), user("Two?")]
    assert fork.response_metadata["forked_from"] == "resp_1"


@pytest.mark.parametrize("way", WAYS)
async def test_outputs_whose_conversation_is_gone_are_told_with_their_calls_in_a_fork(
    way: str,
) -> None:
    asks = says("", "resp_1", "conv_1", ADD)
    forked = says("3", "resp_2", "conv_2")
    with CannedService(created("conv_1"), asks, GONE, created("conv_2"), forked) as service:
        model = model_of(service)
        first = await ask(way, model, [BRIEF, ONE])
        said = await ask(way, model, [BRIEF, ONE, first, output("3")])

    told = [developer("Be brief."), user("One?"), called(), gave("3")]
    assert inputs(service)[1:] == [[gave("3")], told]
    assert (said.text, said.response_metadata["forked_from"]) == ("3", "conv_1")


@pytest.mark.parametrize("way", WAYS)
async def test_a_branch_of_a_conversation_is_told_whole_in_a_new_one(way: str) -> None:
    first = [created("conv_1"), says("A", "resp_1", "conv_1"), says("B", "resp_2", "conv_1")]
    with CannedService(*first, created("conv_2"), says("C", "resp_3", "conv_2")) as service:
        model = model_of(service)
        said = await ask(way, model, [BRIEF, ONE])
        await ask(way, model, [BRIEF, ONE, said, TWO])
        branch = await ask(way, model, [BRIEF, ONE, said, THREE])

    told = [developer("Be brief."), user("One?"), assistant("A"), user("Three?")]
    assert inputs(service)[2] == told
    assert branch.response_metadata["forked_from"] == "conv_1"
    assert routes(service)[2:] == [RESPOND, CREATE, RESPOND]


@pytest.mark.parametrize("way", WAYS)
async def test_a_chain_of_responses_branches_off_any_earlier_one_in_one_request(way: str) -> None:
    with CannedService(says("A", "resp_1"), says("B", "resp_2"), says("C", "resp_3")) as service:
        model = model_of(service, conversation="response")
        said = await ask(way, model, [BRIEF, ONE])
        await ask(way, model, [BRIEF, ONE, said, TWO])
        branch = await ask(way, model, [BRIEF, ONE, said, THREE])

    assert routes(service) == [RESPOND] * 3
    assert [body.get("previous_response_id") for body in bodies(service)] == [
        None,
        "resp_1",
        "resp_1",
    ]
    assert inputs(service)[2] == [user("Three?")]
    assert "forked_from" not in branch.response_metadata


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("how", ["model", "call"])
async def test_a_named_conversation_gets_only_what_follows_the_last_answer(
    how: str, way: str
) -> None:
    with CannedService(says("A", "resp_1", "conv_named")) as service:
        named = {"thread_id": "conv_named"}
        model = model_of(service, **(named if how == "model" else {}))
        history = [BRIEF, ONE, AIMessage("Another's."), TWO]
        said = await ask(way, model, history, **(named if how == "call" else {}))

    assert routes(service) == [RESPOND]
    assert bodies(service)[0]["conversation"] == "conv_named"
    assert inputs(service) == [[developer("Be brief."), user("Two?")]]
    assert said.response_metadata["thread_id"] == "conv_named"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("storage", "place"), [("auto", "conv_none"), ("response", "resp_none")])
async def test_a_named_place_that_does_not_exist_is_an_error_after_one_request(
    storage: str, place: str, way: str
) -> None:
    with CannedService(GONE) as service:
        model = model_of(service, conversation=storage)
        with pytest.raises(NotFoundError):
            await ask(way, model, [ONE], thread_id=place)

    assert routes(service) == [RESPOND]


@pytest.mark.parametrize("way", WAYS)
async def test_a_gone_conversation_is_an_error_where_that_is_wanted(way: str) -> None:
    history = [ONE, answer("A", conversation_id="conv_gone", response_id="resp_gone"), TWO]
    with CannedService(GONE) as service:
        model = model_of(service, on_divergence="raise")
        with pytest.raises(ThreadDivergedError, match="on_divergence='fork'"):
            await ask(way, model, history)

    assert routes(service) == [RESPOND]


CLASSIC = {"thread_id": "thread_1", "run_id": "run_1", "agent_id": "asst_1"}
CHAINED = {"run_id": "resp_0", "response_id": "resp_0"}
THEIRS = {"model_provider": "openai", "conversation_id": "conv_0", "response_id": "resp_0"}
OTHERS: list[Any] = [
    pytest.param([ONE, answer("A", **CLASSIC), TWO], id="a-classic-agent"),
    pytest.param([ONE, answer("A", **CHAINED), TWO], id="a-chain-of-responses"),
    pytest.param([ONE, AIMessage("A"), TWO], id="another-model"),
    pytest.param([ONE, AIMessage("A", response_metadata=THEIRS), TWO], id="another-conversation"),
    pytest.param([ONE, AIMessage([{"type": "text", "text": "A"}]), TWO], id="blocks"),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("history", OTHERS)
async def test_a_history_of_another_place_is_told_whole_in_a_new_conversation(
    history: list[BaseMessage], way: str
) -> None:
    with CannedService(created("conv_1"), says("B", "resp_1", "conv_1")) as service:
        said = await ask(way, model_of(service), [BRIEF, *history])

    assert routes(service) == [CREATE, RESPOND]
    told = [developer("Be brief."), user("One?"), assistant("A"), user("Two?")]
    assert inputs(service) == [told]
    assert "forked_from" not in said.response_metadata


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("metadata", [CLASSIC, CHAINED, {"model_provider": "openai"}])
async def test_calls_that_were_answered_elsewhere_are_told_as_items(
    metadata: dict[str, str], way: str
) -> None:
    with CannedService(created("conv_1"), says("B", "resp_1", "conv_1")) as service:
        asked = [ONE, call("Let me see.", **metadata), output("3")]
        await ask(way, model_of(service), [*asked, AIMessage("It is 3."), TWO])

    told: list[JSON] = [user("One?"), assistant("Let me see."), called(), gave("3")]
    assert inputs(service) == [[*told, assistant("It is 3."), user("Two?")]]


GIVEN_UP = "Error: the call was not carried out, as the user went on without it."


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("storage", "first", "place"), KEPT)
@pytest.mark.parametrize(
    ("follows", "told"),
    [
        ([TWO], [gave(GIVEN_UP), user("Two?")]),
        ([output("3"), TWO], [gave("3"), user("Two?")]),
    ],
    ids=["no-output", "output"],
)
async def test_a_question_behind_a_call_goes_out_with_what_the_call_gave(
    follows: list[BaseMessage],
    told: list[JSON],
    storage: str,
    first: list[Reply],
    place: str | None,
    way: str,
) -> None:
    with CannedService(
        *first, says("", "resp_1", place, ADD), says("B", "resp_2", place)
    ) as service:
        model = model_of(service, conversation=storage)
        asks = await ask(way, model, [ONE])
        await ask(way, model, [ONE, asks, *follows])

    assert inputs(service)[1] == told
    assert routes(service)[len(first) :] == [RESPOND, RESPOND]


@pytest.mark.parametrize("way", WAYS)
async def test_where_nothing_is_kept_a_call_travels_with_its_output(way: str) -> None:
    with CannedService(says("", "resp_1", None, ADD), says("3", "resp_2")) as service:
        model = model_of(service, conversation="none")
        asks = await ask(way, model, [BRIEF, ONE])
        await ask(way, model, [BRIEF, ONE, asks, output("3")])

    told = [developer("Be brief."), user("One?"), called(), gave("3")]
    assert inputs(service) == [told[:2], told]
    assert [body["store"] for body in bodies(service)] == [False, False]


@pytest.mark.parametrize("way", WAYS)
async def test_what_keeps_a_history_may_change_from_call_to_call(way: str) -> None:
    replies = [
        says("A", "resp_1"),
        created("conv_1"),
        says("B", "resp_2", "conv_1"),
        says("C", "resp_3"),
        says("D", "resp_4", "conv_1"),
    ]
    history: list[BaseMessage] = []
    with CannedService(*replies) as service:
        model = model_of(service)
        for storage in ("response", "auto", "response", "auto"):
            history.append(ONE)
            history.append(await ask(way, model, history, conversation=storage))

    told = [user("One?"), assistant("A"), user("One?")]
    assert inputs(service) == [
        [user("One?")],
        told,
        [user("One?")],
        [user("One?"), assistant("C"), user("One?")],
    ]
    assert [
        body.get("conversation", body.get("previous_response_id")) for body in bodies(service)
    ] == [None, "conv_1", "resp_2", "conv_1"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("storage", ["auto", "response", "none"])
async def test_a_long_history_travels_in_the_input_of_one_request(storage: str, way: str) -> None:
    kinds = (HumanMessage, AIMessage)
    history = [kinds[(149 - place) % 2](f"line {place}") for place in range(150)]
    first = [created("conv_1")] if storage == "auto" else []
    with CannedService(*first, says("B", "resp_1", "conv_1" if first else None)) as service:
        await ask(way, model_of(service, conversation=storage), history)

    assert routes(service) == [CREATE, RESPOND][-1 - len(first) :]
    (items,) = inputs(service)
    assert items == [
        assistant(f"line {place}") if place % 2 == 0 else user(f"line {place}")
        for place in range(150)
    ]


@pytest.mark.parametrize("way", WAYS)
async def test_without_continue_thread_each_turn_has_a_conversation_of_its_own(way: str) -> None:
    first = [created("conv_1"), says("A", "resp_1", "conv_1")]
    with CannedService(*first, created("conv_2"), says("B", "resp_2", "conv_2")) as service:
        model = model_of(service, continue_thread=False)
        said = await ask(way, model, [ONE])
        await ask(way, model, [ONE, said, TWO])

    assert routes(service) == [CREATE, RESPOND, CREATE, RESPOND]
    assert inputs(service)[1] == [user("One?"), assistant("A"), user("Two?")]
