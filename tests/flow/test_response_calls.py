"""Calls, approvals, busy conversations and branches of the new generation, as data."""

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
    Send,
)
from langchain_foundry_agents._flow.items import run_of
from langchain_foundry_agents._flow.progress import Ask, Outcome, Policy
from langchain_foundry_agents._flow.responses_api import ResponsesApi
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import (
    ActiveRunError,
    BadRequestError,
    NotFoundError,
    ThreadDivergedError,
)

from .player import OK, STREAM, answered, heard, play, refused
from .responses import (
    AFTER,
    AGAIN,
    ALONE,
    ANSWERED,
    API,
    CHAIN,
    CREATE,
    DONE,
    END,
    FIND_NEWEST,
    FIRST,
    HELLO,
    HELPER,
    IN_CONVERSATION,
    LOOK,
    NEXT,
    OPEN_NEXT,
    RESPONSES,
    WORKING,
    approval,
    approval_request,
    function_call,
    opened,
    output,
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


def test_a_call_that_a_hosted_agent_answered_itself_waits_for_nobody() -> None:
    ends = response("completed", function_call("call_1"), output("call_1", "391"))

    assert run_of(ends) == ends


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
        approval("mcpr_1", approve=True), **HELPER, previous_response_id="resp_1"
    )


@pytest.mark.parametrize(
    ("api", "ask", "chained"),
    [(API, NEXT, IN_CONVERSATION), (CHAIN, AFTER, {**HELPER, "previous_response_id": "resp_1"})],
    ids=["conversation", "chain"],
)
def test_a_response_that_failed_after_an_approval_is_asked_for_again_with_the_approval_alone(
    api: ResponsesApi, ask: Ask, chained: JSON
) -> None:
    flow = run_turn(api, ask, GIVES)
    failed = told(response("failed", error={"code": "server_error"}) | {"id": "resp_2"})
    played(flow, *ASKED, True, OK, *(result for _, result in heard(failed)))
    pause = flow.send(None)

    assert isinstance(pause, Pause)
    assert flow.send(None) == opened(approval("mcpr_1", approve=True), **chained)


def test_an_approval_cannot_be_given_where_nothing_is_kept() -> None:
    flow = run_turn(ALONE, FIRST, GIVES)
    played(flow, *ASKED)

    with pytest.raises(BadRequestError, match="keeps no response"):
        flow.send(True)


LOCKED = refused(400, "Another process is operating on it.", "conversation_locked")
DIVERGED = refused(400, "No tool output found for function call call_9.")


def test_a_busy_conversation_is_waited_for() -> None:
    other = response("in_progress") | {"id": "resp_9"}

    play(
        run_turn(API, NEXT, STREAM),
        (OPEN_NEXT, LOCKED),
        (FIND_NEWEST, answered({"data": [other]})),
        (Pause(0.025, 0.05), None),
        (Pause(0.025, 0.05), None),
        (replace(LOOK, path=f"{RESPONSES}/resp_9"), answered(other | {"status": "completed"})),
        (OPEN_NEXT, OK),
        *ANSWERED,
    )


def test_a_busy_conversation_is_tried_again_where_responses_are_not_listed() -> None:
    play(
        run_turn(API, NEXT, STREAM),
        (OPEN_NEXT, LOCKED),
        (FIND_NEWEST, refused(404)),
        (Pause(0.025, 0.05), None),
        (OPEN_NEXT, LOCKED),
        (FIND_NEWEST, refused(404)),
        (Pause(0.05 * 1.5 / 2, 0.05 * 1.5), None),
        (OPEN_NEXT, OK),
        *ANSWERED,
    )


def test_a_busy_conversation_is_an_error_where_that_is_wanted() -> None:
    with pytest.raises(ActiveRunError):
        play(run_turn(API, NEXT, Policy(on_active_run="raise")), (OPEN_NEXT, LOCKED))


def test_a_background_response_that_is_in_the_way_can_be_cancelled() -> None:
    other = response("in_progress", background=True) | {"id": "resp_9"}
    cancel = Send("POST", f"{RESPONSES}/resp_9/cancel", repeatable=True)

    play(
        run_turn(API, NEXT, Policy(on_active_run="cancel")),
        (OPEN_NEXT, LOCKED),
        (FIND_NEWEST, answered({"data": [other]})),
        (Pause(0.025, 0.05), None),
        (cancel, answered(other | {"status": "cancelled"})),
        (OPEN_NEXT, OK),
        *ANSWERED,
    )


def test_a_conversation_that_waits_for_other_outputs_is_left_for_a_new_one() -> None:
    outcome = play(
        run_turn(API, NEXT, STREAM),
        (OPEN_NEXT, DIVERGED),
        (CREATE, answered({"id": "conv_2"})),
        (opened(HELLO, AGAIN, **{**IN_CONVERSATION, "conversation": "conv_2"}), OK),
        *ANSWERED,
    )

    assert outcome.forked_from == "conv_1"


def test_one_that_may_not_be_left_is_an_error() -> None:
    with pytest.raises(ThreadDivergedError, match="No tool output found"):
        play(run_turn(API, NEXT, Policy(on_divergence="raise")), (OPEN_NEXT, DIVERGED))


NAMED = replace(NEXT, from_history=False)


def test_calls_of_a_named_conversation_that_nobody_answers_are_given_up() -> None:
    waits = response("completed", function_call("call_9"), approval_request("mcpr_9"))
    given_up = "Error: the call was not carried out, as the user went on without it."

    play(
        run_turn(API, NAMED, STREAM),
        (OPEN_NEXT, DIVERGED),
        (FIND_NEWEST, answered({"data": [waits]})),
        (
            opened(
                output("call_9", given_up),
                approval("mcpr_9", approve=False),
                AGAIN,
                **IN_CONVERSATION,
            ),
            OK,
        ),
        *ANSWERED,
    )


def test_a_named_conversation_whose_calls_are_not_told_is_an_error() -> None:
    with pytest.raises(ThreadDivergedError, match="No tool output found"):
        play(
            run_turn(API, NAMED, STREAM),
            (OPEN_NEXT, DIVERGED),
            (FIND_NEWEST, answered({"data": [response("completed")]})),
        )


def test_a_response_that_is_gone_is_replaced_by_the_whole_history() -> None:
    outcome = play(
        run_turn(CHAIN, AFTER, STREAM),
        (
            opened(AGAIN, **HELPER, previous_response_id="resp_0"),
            refused(400, "Not found.", "previous_response_not_found"),
        ),
        (opened(HELLO, AGAIN, **HELPER), OK),
        *ANSWERED,
    )

    assert outcome.forked_from == "resp_0"


MALFORMED = answered(
    {"error": {"message": "Malformed identifier.", "param": "previous_response_id"}}, 400
)


def test_so_is_one_whose_id_is_none_to_this_agent() -> None:
    outcome = play(
        run_turn(CHAIN, AFTER, STREAM),
        (opened(AGAIN, **HELPER, previous_response_id="resp_0"), MALFORMED),
        (opened(HELLO, AGAIN, **HELPER), OK),
        *ANSWERED,
    )

    assert outcome.forked_from == "resp_0"


def test_an_unknown_agent_is_no_reason_to_fork() -> None:
    with pytest.raises(NotFoundError):
        play(run_turn(API, NEXT, STREAM), (OPEN_NEXT, refused(404, "Agent 'helper' not found.")))
