"""An `error` event is the failure of its run; what is in its thread all the same is not doubled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from langchain_foundry_agents._flow.effects import JSON, Open, Pause, Read, Send
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import (
    ActiveRunError,
    RateLimitError,
    Response,
    ServiceFailedError,
    ThreadDivergedError,
)

from . import player
from .player import OK, STREAM, Step, answered, heard, page, play, refused, wire
from .responses import (
    AFTER,
    AGAIN,
    ANSWERED,
    API,
    BACKGROUND,
    CHAIN,
    END,
    FIND_LOST,
    FIND_NEWEST,
    HELPER,
    KEY,
    LOOK,
    NEXT,
    OPEN_NEXT,
    RESPONSES,
    SECOND,
    WORKING,
    approval,
    approval_request,
    delta,
    function_call,
    heard_whole,
    opened,
    output,
    response,
    told,
)

SORRY = {"error": {"code": "server_error", "message": "Sorry."}}
BROKEN_OFF: Step = (Read(), wire(("error", SORRY)))
BROKE: list[Step] = [(OPEN_NEXT, OK), *heard(WORKING), BROKEN_OFF, (SECOND, None)]
GIVEN_UP = "Error: the call was not carried out, as the user went on without it."
UNANSWERED = "No tool output found for function call call_1."
DONE = response("completed")


@pytest.mark.parametrize(
    "shown",
    [refused(404), answered(response("failed")), answered(response("in_progress"))],
    ids=["not there", "failed", "dropped with its stream"],
)
def test_a_response_that_an_error_event_ended_is_asked_for_again(shown: Response) -> None:
    outcome = play(run_turn(API, NEXT, STREAM), *BROKE, (LOOK, shown), (OPEN_NEXT, OK), *ANSWERED)

    assert outcome.attempts == 2


def test_one_that_gave_its_answer_all_the_same_is_taken_up() -> None:
    outcome = play(
        run_turn(API, NEXT, STREAM),
        *BROKE,
        (LOOK, answered(DONE)),
        END,
        (LOOK, answered(DONE)),
        *heard_whole(DONE),
    )

    assert outcome.run == DONE


def test_one_that_cannot_be_looked_at_is_not_asked_for_again() -> None:
    with pytest.raises(ServiceFailedError, match="Sorry"):
        play(run_turn(API, NEXT, STREAM), *BROKE, (LOOK, refused(403)))


def test_one_that_was_never_named_is_looked_for() -> None:
    play(
        run_turn(API, NEXT, STREAM),
        (OPEN_NEXT, OK),
        BROKEN_OFF,
        (SECOND, None),
        (FIND_LOST, page()),
        (OPEN_NEXT, OK),
        *ANSWERED,
    )


def test_one_in_the_background_is_cancelled_first() -> None:
    asking = opened(AGAIN, **HELPER, **KEY, conversation="conv_1", background=True)
    asking = replace(asking, body={**(asking.body or {})})
    working = response("in_progress", background=True)
    cancel = Send("POST", f"{LOOK.path}/cancel", None, repeatable=True)

    play(
        run_turn(BACKGROUND, NEXT, STREAM),
        (asking, OK),
        *heard(told(working, "created")),
        BROKEN_OFF,
        (SECOND, None),
        (LOOK, answered(working)),
        (cancel, answered(response("cancelled"))),
        (asking, OK),
        *ANSWERED,
    )


def test_a_classic_run_is_cancelled_and_runs_again_without_its_message() -> None:
    busy = player.run("in_progress")

    outcome = play(
        run_turn(player.API, player.NEXT, STREAM),
        (player.OPEN_NEXT, OK),
        *heard(player.BUSY),
        BROKEN_OFF,
        (SECOND, None),
        (player.LOOK, answered(busy)),
        (player.CANCEL, answered(player.run("cancelled"))),
        (player.OPEN_WITHOUT, OK),
        *player.ANSWERED,
    )

    assert outcome.attempts == 2


def test_a_classic_run_that_was_never_named_may_have_left_its_message() -> None:
    with pytest.raises(ServiceFailedError) as caught:
        play(
            run_turn(player.API, player.NEXT, STREAM),
            (player.OPEN_NEXT, OK),
            BROKEN_OFF,
            (SECOND, None),
            (player.FIND_RUN, page()),
            *player.sought(player.FIND_RUN),
        )

    assert caught.value.maybe_accepted
    assert not caught.value.is_retryable


def test_after_text_was_handed_out_nothing_is_asked_again() -> None:
    with pytest.raises(ServiceFailedError) as caught:
        play(
            run_turn(API, NEXT, STREAM),
            (OPEN_NEXT, OK),
            *heard(WORKING, delta("Hi"), something=True),
            BROKEN_OFF,
        )

    assert caught.value.is_retryable


def test_a_response_that_ended_well_is_not_undone_by_an_error_event() -> None:
    outcome = play(
        run_turn(API, NEXT, STREAM), (OPEN_NEXT, OK), *heard(told(DONE), something=True), BROKEN_OFF
    )

    assert outcome.run == DONE


def test_a_place_that_the_caller_names_is_told_that_its_calls_are_given_up() -> None:
    """The failure is told by the response, and not by a refusal (there, see busy conversations)."""
    waits = response("completed", function_call("call_1"))
    failed = response("failed", error={"code": None, "message": UNANSWERED})
    body = {**HELPER, **KEY, "conversation": "conv_1"}

    play(
        run_turn(API, replace(NEXT, from_history=False), STREAM),
        (OPEN_NEXT, OK),
        *heard(told(failed)),
        END,
        (FIND_NEWEST, page(waits)),
        (opened(output("call_1", GIVEN_UP), AGAIN, **body), OK),
        *ANSWERED,
    )


def test_it_is_told_so_once() -> None:
    waits = response("completed", function_call("call_1"))
    failed = response("failed", error={"code": None, "message": UNANSWERED})
    body = {**HELPER, **KEY, "conversation": "conv_1"}

    with pytest.raises(ThreadDivergedError):
        play(
            run_turn(API, replace(NEXT, from_history=False), STREAM),
            (OPEN_NEXT, OK),
            *heard(told(failed)),
            END,
            (FIND_NEWEST, page(waits)),
            (opened(output("call_1", GIVEN_UP), AGAIN, **body), OK),
            *heard(told(failed)),
            END,
        )


def _chained(*items: JSON) -> Open:
    return opened(*items, AGAIN, **HELPER, **KEY, previous_response_id="resp_0")


FOLLOWED = Send("GET", f"{RESPONSES}/resp_0")
UNAPPROVED = refused(400, "The following MCP approval requests do not have an approval: mcpr_1")


def test_a_response_that_the_caller_names_has_its_approvals_denied() -> None:
    """Sentence: microsoft-foundry/foundry-agent-webapp#15."""
    play(
        run_turn(CHAIN, replace(AFTER, from_history=False), STREAM),
        (_chained(), UNAPPROVED),
        (FOLLOWED, answered(response("completed", approval_request("mcpr_1")))),
        (_chained(approval("mcpr_1", approve=False)), OK),
        *ANSWERED,
    )


def test_what_is_not_shown_is_not_answered() -> None:
    with pytest.raises(ThreadDivergedError, match="mcpr_1"):
        play(
            run_turn(CHAIN, replace(AFTER, from_history=False), STREAM),
            (_chained(), UNAPPROVED),
            (FOLLOWED, refused(404)),
        )


LOCKED = response("failed", error={"code": "conversation_locked", "message": "Busy."})


def test_a_response_that_failed_as_its_conversation_is_busy_is_asked_for_again() -> None:
    play(
        run_turn(API, NEXT, STREAM),
        (OPEN_NEXT, OK),
        *heard(told(LOCKED)),
        END,
        (FIND_NEWEST, page()),
        (Pause(0.025, 0.05), None),
        (OPEN_NEXT, OK),
        *ANSWERED,
    )


def test_unless_the_policy_is_to_raise() -> None:
    with pytest.raises(ActiveRunError):
        play(
            run_turn(API, NEXT, replace(STREAM, on_active_run="raise")),
            (OPEN_NEXT, OK),
            *heard(told(LOCKED)),
            END,
        )


def test_a_hint_of_years_is_an_error_at_once() -> None:
    limit = {"code": "rate_limit_exceeded", "message": "Try again in 400 days."}

    with pytest.raises(RateLimitError) as caught:
        play(run_turn(API, NEXT, STREAM), (OPEN_NEXT, OK), (Read(), wire(("error", limit))))

    assert caught.value.retry_after == 400 * 86400.0
