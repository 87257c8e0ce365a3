"""Conversations that are busy, wait for others' outputs, or are gone, as data."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from langchain_foundry_agents._flow.effects import (
    Pause,
    Send,
)
from langchain_foundry_agents._flow.progress import Ask, Policy
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import (
    ActiveRunError,
    BadRequestError,
    NotFoundError,
    Response,
    ThreadDivergedError,
)

from .player import OK, STREAM, answered, play, refused
from .responses import (
    AFTER,
    AGAIN,
    ANSWERED,
    API,
    CHAIN,
    CREATE,
    FIND_NEWEST,
    HELLO,
    HELPER,
    IN_CONVERSATION,
    KEY,
    LOOK,
    NEXT,
    OPEN_NEXT,
    RESPONSES,
    approval,
    approval_request,
    function_call,
    opened,
    output,
    response,
)

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


def test_calls_of_a_named_conversation_that_nobody_answers_are_given_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "langchain_foundry_agents")
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

    assert caplog.messages == ["giving up 2 calls of resp_1"]


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
            opened(AGAIN, **HELPER, **KEY, previous_response_id="resp_0"),
            refused(400, "Not found.", "previous_response_not_found"),
        ),
        (opened(HELLO, AGAIN, **HELPER, **KEY), OK),
        *ANSWERED,
    )

    assert outcome.forked_from == "resp_0"


MALFORMED = answered(
    {"error": {"message": "Malformed identifier.", "param": "previous_response_id"}}, 400
)


def test_so_is_one_whose_id_is_none_to_this_agent() -> None:
    outcome = play(
        run_turn(CHAIN, AFTER, STREAM),
        (opened(AGAIN, **HELPER, **KEY, previous_response_id="resp_0"), MALFORMED),
        (opened(HELLO, AGAIN, **HELPER, **KEY), OK),
        *ANSWERED,
    )

    assert outcome.forked_from == "resp_0"


def test_one_that_may_not_be_left_is_an_error_with_what_the_service_said() -> None:
    with pytest.raises(
        ThreadDivergedError, match=r"^The thread of the history is over\."
    ) as caught:
        play(
            run_turn(CHAIN, AFTER, Policy(on_divergence="raise")),
            (opened(AGAIN, **HELPER, **KEY, previous_response_id="resp_0"), MALFORMED),
        )

    assert caught.value.response == MALFORMED
    assert isinstance(caught.value.__cause__, NotFoundError)
    assert caught.value.__cause__.args == (
        "The agent does not know the response that the history ends in.",
    )
    assert caught.value.__cause__.response == MALFORMED


@pytest.mark.parametrize(
    ("ask", "refusal"),
    [(AFTER, refused(400, "Bad item.")), (replace(AFTER, from_history=False), MALFORMED)],
    ids=["another refusal", "named by the caller"],
)
def test_anything_else_is_no_reason_to_leave_a_response(ask: Ask, refusal: Response) -> None:
    asking = opened(AGAIN, **HELPER, **KEY, previous_response_id="resp_0")

    with pytest.raises(BadRequestError) as caught:
        play(run_turn(CHAIN, ask, STREAM), (asking, refusal))

    assert caught.value.response == refusal


def test_an_unknown_agent_is_no_reason_to_fork() -> None:
    with pytest.raises(NotFoundError):
        play(run_turn(API, NEXT, STREAM), (OPEN_NEXT, refused(404, "Agent 'helper' not found.")))
