"""Conversations as they are read again, as data: what was said, in order."""

from __future__ import annotations

import pytest

from langchain_foundry_agents._flow.effects import JSON, Send
from langchain_foundry_agents._flow.entries import Answered, Entry, Given, Said
from langchain_foundry_agents._flow.kept_conversations import read_conversation
from langchain_foundry_agents._flow.retry import Patience
from langchain_foundry_agents.errors import NotFoundError, Response

from .player import V1, limited, page, play, refused

PAGE = (("order", "asc"), ("limit", "100"))
ITEMS = Send("GET", "/openai/v1/conversations/conv_1/items", None, PAGE)
RESPONSES = Send("GET", "/openai/v1/responses", None, (("conversation_id", "conv_1"), *PAGE))


def conversation(items: list[JSON], *responses: JSON) -> list[Entry]:
    """What is read of a conversation with these items and responses."""
    flow = read_conversation("/openai/v1", "conv_1", (), Patience())
    return play(flow, (ITEMS, page(*items)), (RESPONSES, page(*responses)))


def test_a_conversation_at_an_agents_own_endpoint_is_asked_for_with_its_version() -> None:
    play(
        read_conversation("/own", "conv_1", V1, Patience()),
        (Send("GET", "/own/conversations/conv_1/items", None, (*V1, *PAGE)), page()),
        (Send("GET", "/own/responses", None, (*V1, *RESPONSES.query)), page()),
    )


def test_a_request_that_is_one_too_many_is_made_again() -> None:
    flow = read_conversation("/openai/v1", "conv_1", (), Patience())

    play(flow, *limited((ITEMS, page()), (RESPONSES, page())))


def spoken(text: str = "Hello", role: str = "user") -> JSON:
    return {"type": "message", "id": f"msg {text}", "role": role, "content": text}


def by(response_id: str, item: JSON) -> JSON:
    agent = {"name": "helper", "version": "1"}
    return {**item, "created_by": {"response_id": response_id, "agent": agent}}


def test_items_of_a_response_are_one_answer() -> None:
    thought = by("resp_1", {"type": "reasoning", "id": "rs_1"})
    said = by("resp_1", spoken("Hi", "assistant"))
    listed = {"id": "resp_1", "object": "response", "status": "incomplete", "model": "m"}

    question, answer = conversation([spoken(), thought, said], listed)

    assert question == Said(spoken())
    assert isinstance(answer, Answered)
    ((kind, event),) = answer.events
    assert kind == event["type"] == "response.incomplete"
    assert event["response"] == answer.outcome.run
    assert event["response"] == {
        **listed,
        "agent_reference": {"name": "helper", "version": "1"},
        "conversation": {"id": "conv_1"},
        "output": [thought, said],
    }


def test_two_answers_in_a_row_stay_two() -> None:
    first, second = by("resp_1", spoken("a", "assistant")), by("resp_2", spoken("b", "assistant"))

    entries = conversation([first, second])

    told = [(one.outcome.run["id"], one.after) for one in entries if isinstance(one, Answered)]
    assert told == [("resp_1", None), ("resp_2", None)]


def test_items_may_name_their_response_themselves() -> None:
    item = {**spoken("Hi", "assistant"), "response_id": "resp_1", "created_by": "nobody known"}

    (answer,) = conversation([item])

    assert isinstance(answer, Answered)
    assert answer.outcome.run["id"] == "resp_1"


def test_an_answer_that_was_told_names_no_response() -> None:
    (answer,) = conversation([spoken("Hi", "assistant")])

    assert isinstance(answer, Answered)
    assert answer.outcome.run == {
        "object": "response",
        "id": None,
        "status": "completed",
        "agent_reference": None,
        "conversation": {"id": "conv_1"},
        "output": [spoken("Hi", "assistant")],
    }


def test_an_item_without_a_type_is_a_message_and_a_call_is_no_callers_own() -> None:
    question = {"role": "user", "content": "Hello"}
    called = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f"}

    said, answer = conversation([question, called])

    assert said == Said(question)
    assert isinstance(answer, Answered)
    assert answer.outcome.run["output"] == [called]


def test_calls_and_their_outputs_stand_between_two_answers() -> None:
    called = by("resp_1", {"type": "function_call", "id": "fc_1", "call_id": "call_2", "name": "f"})
    other = by("resp_1", {"type": "function_call", "id": "fc_2", "call_id": "call_1", "name": "f"})
    outputs: list[JSON] = [
        {"type": "function_call_output", "call_id": "call_2", "output": "two"},
        {
            "type": "function_call_output",
            "call_id": "call_1",
            "output": [{"text": "o"}, {"text": "ne"}, "x"],
        },
        {
            "type": "function_call_output",
            "call_id": "call_3",
            "output": [{"text": "o"}, {"image_url": "data:"}],
        },
    ]
    said, more = (by(id_, spoken("Done", "assistant")) for id_ in ("resp_2", "resp_3"))

    asking, *given, answer, last = conversation([called, other, *outputs, said, more])

    assert isinstance(asking, Answered)
    assert asking.outcome.run["status"] == "requires_action"
    assert given == [
        Given("call_2", "two"),
        Given("call_1", "o\nne"),
        Given("call_3", [{"text": "o"}, {"image_url": "data:"}]),
    ]
    assert isinstance(answer, Answered)
    assert isinstance(last, Answered)
    assert (answer.after, last.after) == ("call_1", None)


@pytest.mark.parametrize(("approve", "said"), [(True, "true"), (False, "false"), (None, "false")])
def test_an_approval_is_given_as_true_or_false(approve: object, said: str) -> None:
    item = {
        "type": "mcp_approval_response",
        "approval_request_id": "mcpr_1",
        "approve": approve,
    }

    given, answer = conversation([item, by("resp_1", spoken("Done", "assistant"))])

    assert given == Given("mcpr_1", said)
    assert isinstance(answer, Answered)
    assert answer.after == "mcpr_1"


def test_where_responses_are_not_listed_the_items_do() -> None:
    said = by("resp_1", spoken("Hi", "assistant"))

    (answer,) = play(
        read_conversation("/openai/v1", "conv_1", (), Patience()),
        (ITEMS, page(said)),
        (RESPONSES, refused(404)),
    )

    assert isinstance(answer, Answered)
    assert answer.outcome.run["status"] == "completed"


def test_a_conversation_that_is_gone_is_named() -> None:
    gone: Response = refused(404)

    with pytest.raises(NotFoundError) as raised:
        play(read_conversation("/openai/v1", "conv_1", (), Patience()), (ITEMS, gone))

    assert raised.value.thread_id == "conv_1"
