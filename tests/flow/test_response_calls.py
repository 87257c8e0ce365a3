"""Calls and approvals of the new generation, as data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from langchain_foundry_agents._flow.actions import Pending
from langchain_foundry_agents._flow.effects import (
    JSON,
    Decide,
    Effect,
    Flow,
    Pause,
)
from langchain_foundry_agents._flow.items import run_of
from langchain_foundry_agents._flow.progress import Ask, Outcome, Policy
from langchain_foundry_agents._flow.responses_api import ResponsesApi
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import (
    BadRequestError,
)

from .player import OK, POLL, STREAM, answered, broken, heard, page, play, refused
from .responses import (
    AFTER,
    AGAIN,
    ALONE,
    ANSWERED,
    API,
    BACKGROUND,
    CHAIN,
    DONE,
    END,
    FIND_LOST,
    FIRST,
    HELPER,
    IN_CONVERSATION,
    KEY,
    LOOK,
    NEXT,
    OPEN_NEXT,
    RESPONSES,
    WORKING,
    approval,
    approval_request,
    function_call,
    heard_whole,
    opened,
    output,
    posted,
    response,
    told,
)

PENDING = Pending(frozenset({"call_1"}), ({"tool_call_id": "call_1", "output": "391"},))


def test_a_response_that_ends_in_calls_waits_for_the_caller() -> None:
    ends = told(response("completed", function_call("call_1", "add", '{"a": 1}')))

    outcome = play(run_turn(API, NEXT, STREAM), (OPEN_NEXT, OK), *heard(WORKING), *heard(ends), END)

    assert outcome.run["status"] == "requires_action"
    assert outcome.run["required_action"] == {
        "type": "submit_tool_outputs",
        "submit_tool_outputs": {
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "add", "arguments": '{"a": 1}'},
                }
            ]
        },
    }


def test_a_call_that_only_its_stream_brought_waits_too() -> None:
    done = "response.output_item.done", {"item": function_call()}

    outcome = play(
        run_turn(API, NEXT, STREAM), (OPEN_NEXT, OK), *heard(WORKING, done), *heard(DONE), END
    )

    assert outcome.run["status"] == "requires_action"


def test_calls_are_told_once_whether_the_stream_the_response_or_both_brought_them() -> None:
    first, second, third = map(function_call, ("call_1", "call_2", "call_3"))
    done = [("response.output_item.done", {"item": call}) for call in (first, second)]
    ends = told(response("completed", second, third))

    outcome = play(
        run_turn(API, NEXT, STREAM), (OPEN_NEXT, OK), *heard(WORKING, *done), *heard(ends), END
    )

    calls = outcome.run["required_action"]["submit_tool_outputs"]["tool_calls"]
    assert [call["id"] for call in calls] == ["call_2", "call_3", "call_1"]


def test_events_without_a_name_of_their_own_are_known_by_their_type() -> None:
    kind = "response.output_item.done"
    done = ("message", {"type": kind, "item": function_call()})

    outcome = play(
        run_turn(API, NEXT, STREAM), (OPEN_NEXT, OK), *heard(WORKING, done), *heard(DONE), END
    )

    assert outcome.run["status"] == "requires_action"


def test_a_polled_response_that_ends_in_calls_waits_too() -> None:
    ends = response("completed", function_call())

    outcome = play(
        run_turn(BACKGROUND, NEXT, POLL),
        (posted(AGAIN, **IN_CONVERSATION), answered(ends)),
        *heard_whole(run_of(ends)),
    )

    assert outcome.run == run_of(ends)
    assert outcome.run["status"] == "requires_action"


def test_a_call_that_a_hosted_agent_answered_itself_waits_for_nobody() -> None:
    called = response("completed", function_call("call_1"), output("call_1", "391"))
    approved = response("completed", approval_request(), approval("mcpr_1", approve=True))

    assert (run_of(called), run_of(approved)) == (called, approved)


def test_outputs_go_first_into_the_next_response() -> None:
    ask = replace(NEXT, pending=PENDING)
    asking = opened(output("call_1", "391"), AGAIN, **IN_CONVERSATION)

    play(run_turn(API, ask, STREAM), (asking, OK), *ANSWERED)


def test_calls_that_are_given_up_are_answered_all_the_same() -> None:
    calls = frozenset({"call_1", "mcpr_1"})
    ask = replace(NEXT, pending=Pending(calls, approval_ids=frozenset({"mcpr_1"})))
    given_up = "Error: the call was not carried out, as the user went on without it."
    asking = opened(
        output("call_1", given_up), approval("mcpr_1", approve=False), AGAIN, **IN_CONVERSATION
    )

    play(run_turn(API, ask, STREAM), (asking, OK), *ANSWERED)


def played(flow: Flow[Outcome], *results: object) -> Effect:
    """What a flow asks for after these results."""
    effect = next(flow)
    for result in results:
        effect = flow.send(result)
    return effect


ASKS = response("completed", approval_request(), usage={"input_tokens": 5})
ASKED = (OK, *(result for _, result in heard(told(ASKS))), None)
GIVES = Policy(mcp_approval=lambda call: call["name"] == "fetch")


def test_an_approval_that_a_function_gives_is_a_response_of_the_same_turn() -> None:
    flow = run_turn(API, NEXT, GIVES)

    decide = played(flow, *ASKED)
    assert isinstance(decide, Decide)
    assert decide.decide(decide.about) is True
    assert flow.send(True) == opened(approval("mcpr_1", approve=True), **IN_CONVERSATION)
    outcome = to_the_end(flow, OK, *(result for _, result in ANSWERED))
    assert [run["usage"] for run in outcome.earlier] == [{"input_tokens": 5}]
    assert outcome.run["status"] == "completed"


def to_the_end(flow: Flow[Outcome], *results: object) -> Outcome:
    for result in results[:-1]:
        flow.send(result)
    with pytest.raises(StopIteration) as end:
        flow.send(results[-1])
    outcome: Outcome = end.value.value
    return outcome


def test_an_approval_in_a_chain_follows_the_response_that_asked() -> None:
    flow = run_turn(CHAIN, AFTER, GIVES)
    played(flow, *ASKED)

    effect = flow.send(True)

    assert effect == opened(
        approval("mcpr_1", approve=True), **HELPER, **KEY, previous_response_id="resp_1"
    )


@pytest.mark.parametrize(
    ("api", "ask", "chained"),
    [
        (API, NEXT, IN_CONVERSATION),
        (CHAIN, AFTER, {**HELPER, **KEY, "previous_response_id": "resp_1"}),
    ],
    ids=["conversation", "chain"],
)
def test_a_response_that_failed_after_an_approval_is_asked_for_again_with_the_approval_alone(
    api: ResponsesApi, ask: Ask, chained: JSON
) -> None:
    flow = run_turn(api, replace(ask, instructions="Be brief."), GIVES)
    failed = told(response("failed", error={"code": "server_error"}) | {"id": "resp_2"})
    played(flow, *ASKED, True, OK, *(result for _, result in heard(failed)))
    pause = flow.send(None)

    assert isinstance(pause, Pause)
    assert flow.send(None) == opened(approval("mcpr_1", approve=True), **chained)


def test_an_approval_cannot_be_given_where_nothing_is_kept() -> None:
    flow = run_turn(ALONE, FIRST, GIVES)
    played(flow, *ASKED)

    with pytest.raises(BadRequestError) as caught:
        flow.send(True)

    assert str(caught.value) == (
        "Approvals cannot be answered where the service keeps no response. [run resp_1] "
        "Use conversation='auto' or conversation='response'."
    )


def test_an_approval_that_the_service_refuses_is_its_error() -> None:
    flow = run_turn(API, NEXT, GIVES)
    played(flow, *ASKED, True)

    with pytest.raises(BadRequestError, match="Bad item"):
        flow.send(refused(400, "Bad item."))


def test_a_lost_answer_to_an_approval_is_not_taken_for_the_response_that_asked() -> None:
    flow = run_turn(API, NEXT, GIVES)
    played(flow, *ASKED, True)
    goes_on = response("completed") | KEY | {"id": "resp_2"}

    assert flow.throw(broken()) == FIND_LOST
    assert flow.send(page(ASKS | KEY, goes_on)) == END[0]
    assert flow.send(None) == replace(LOOK, path=f"{RESPONSES}/resp_2")
    flow.close()
