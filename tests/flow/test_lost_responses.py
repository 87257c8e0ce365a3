"""Responses whose request was lost, whose stream told nothing, or that are shown late, as data."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate, repeat
from operator import mul

import pytest

from langchain_foundry_agents._flow.effects import Pause, Read, Send
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import BadRequestError, ServiceConnectionError, ServiceError

from .player import (
    OK,
    POLL,
    STREAM,
    Step,
    answered,
    broken,
    play,
    refused,
    sought,
)
from .responses import (
    AFTER,
    AGAIN,
    ALONE,
    ANSWERED,
    API,
    CHAIN,
    CREATE,
    CREATED,
    CUT,
    END,
    FIND_LOST,
    FIRST,
    HELLO,
    HELPER,
    IN_CONVERSATION,
    KEY,
    LOOK,
    NEXT,
    OPEN_FIRST,
    OPEN_NEXT,
    RESPONSES,
    SECOND,
    SOME_TEXT,
    UNSENT,
    heard_whole,
    opened,
    posted,
    response,
)

NOT_YET = refused(404, "Response with id 'resp_1' not found.", "not_found")
DONE = response("completed")
CHAIN_BEHIND = replace(CHAIN, background=True)
ASK_BEHIND = posted(HELLO, **HELPER, **KEY)
FIND_BEHIND = Send("GET", RESPONSES, None, (("agent_name", "helper"), ("limit", "100")))
CHAINED = opened(AGAIN, **HELPER, **KEY, previous_response_id="resp_0")


def looks(times: int) -> list[Step]:
    """So many looks that find nothing, and the waits after them."""
    waits = accumulate(repeat(1.5, times - 1), mul, initial=0.05)
    return [step for wait in waits for step in ((LOOK, NOT_YET), (Pause(wait / 2, wait), None))]


def test_a_lost_answer_is_looked_for_and_taken_up() -> None:
    lost = response("completed", **KEY)
    not_ours = response("completed", metadata=None) | {"id": "resp_8"}
    failed = response("failed", **KEY) | {"id": "resp_9"}

    outcome = play(
        run_turn(API, NEXT, STREAM),
        (OPEN_NEXT, CUT),
        (FIND_LOST, answered({"data": [not_ours, failed, lost]})),
        END,
        (LOOK, answered(lost)),
        *heard_whole(lost),
    )

    # The turn's key is not for the caller.
    assert outcome.run == {**lost, "metadata": {}}


def test_a_lost_answer_that_is_not_found_is_not_asked_for_twice() -> None:
    with pytest.raises(ServiceConnectionError) as caught:
        play(
            run_turn(API, NEXT, STREAM),
            (OPEN_NEXT, CUT),
            *sought(FIND_LOST),
        )

    assert caught.value.maybe_accepted


def test_a_request_that_the_service_failed_at_is_repeated_after_looking() -> None:
    play(
        run_turn(API, NEXT, STREAM),
        (OPEN_NEXT, refused(500)),
        (SECOND, None),
        (FIND_LOST, answered({"data": []})),
        (OPEN_NEXT, OK),
        *ANSWERED,
    )


def test_a_service_that_fails_again_and_again_is_an_error() -> None:
    nothing = answered({"data": []})

    with pytest.raises(ServiceError):
        play(
            run_turn(API, NEXT, STREAM),
            (OPEN_NEXT, refused(500)),
            (SECOND, None),
            (FIND_LOST, nothing),
            (OPEN_NEXT, refused(503)),
            (Pause(0.5, 1.0), None),
            (FIND_LOST, nothing),
            (OPEN_NEXT, refused(500)),
            (FIND_LOST, nothing),
        )


def test_it_is_not_repeated_where_too_much_is_tried_again_already() -> None:
    with pytest.raises(ServiceError):
        play(
            run_turn(API, NEXT, STREAM),
            (OPEN_NEXT, refused(500)),
            (SECOND, False),
            (FIND_LOST, answered({"data": []})),
        )


def test_a_repetition_that_is_refused_is_the_error_where_nothing_can_be_looked_for() -> None:
    with pytest.raises(BadRequestError, match="Bad item"):
        play(
            run_turn(API, NEXT, STREAM),
            (OPEN_NEXT, refused(500)),
            (SECOND, None),
            (FIND_LOST, answered({"data": []})),
            (OPEN_NEXT, refused(400, "Bad item.")),
            (FIND_LOST, refused(403)),
        )


def test_a_request_that_never_went_out_is_repeated_without_looking() -> None:
    play(
        run_turn(API, NEXT, STREAM), (OPEN_NEXT, UNSENT), (SECOND, None), (OPEN_NEXT, OK), *ANSWERED
    )


def test_without_a_connection_at_all_nothing_is_looked_for() -> None:
    waits = [SECOND, Pause(0.5, 1.0)]
    tries = [step for wait in waits for step in ((OPEN_NEXT, UNSENT), (wait, None))]

    with pytest.raises(ServiceConnectionError):
        play(run_turn(API, NEXT, STREAM), *tries, (OPEN_NEXT, UNSENT))


def test_in_a_chain_a_lost_response_is_looked_for_among_the_agents() -> None:
    """Design decision 25: it may have acted, and be paid for, though no conversation holds it."""
    lost = {**DONE, **KEY}

    play(
        run_turn(CHAIN, AFTER, STREAM),
        (CHAINED, CUT),
        (FIND_BEHIND, answered({"data": [{**DONE, "id": "resp_9"}, lost]})),
        END,
        (LOOK, answered(lost)),
        *heard_whole(lost),
    )


def test_in_a_chain_one_that_is_not_found_is_not_asked_for_twice() -> None:
    with pytest.raises(ServiceConnectionError) as caught:
        play(run_turn(CHAIN, AFTER, STREAM), (CHAINED, CUT), *sought(FIND_BEHIND))

    assert caught.value.maybe_accepted


def test_in_a_chain_one_that_the_service_failed_at_is_repeated_after_looking() -> None:
    play(
        run_turn(CHAIN, AFTER, STREAM),
        (CHAINED, refused(500)),
        (SECOND, None),
        (FIND_BEHIND, answered({"data": []})),
        (CHAINED, OK),
        *ANSWERED,
    )


NOTHING_KEPT = opened(HELLO, **HELPER, store=False)


def test_where_nothing_is_kept_a_lost_request_is_not_repeated() -> None:
    with pytest.raises(ServiceConnectionError) as caught:
        play(run_turn(ALONE, FIRST, STREAM), (NOTHING_KEPT, CUT))

    assert caught.value.maybe_accepted


def test_nor_is_a_stream_that_told_nothing() -> None:
    with pytest.raises(ServiceConnectionError, match="broke") as caught:
        play(run_turn(ALONE, FIRST, STREAM), (NOTHING_KEPT, OK), (Read(), broken()))

    assert caught.value.maybe_accepted


@pytest.mark.parametrize(("status", "retryable"), [(500, True), (503, True), (504, False)])
def test_nor_one_that_the_service_failed_at_which_the_caller_may_ask_again(
    status: int, retryable: bool
) -> None:
    """After 504 the service itself may still be at work."""
    with pytest.raises(ServiceError) as caught:
        play(run_turn(ALONE, FIRST, STREAM), (NOTHING_KEPT, refused(status)))

    assert caught.value.is_retryable is retryable
    assert caught.value.maybe_accepted is not retryable


def test_but_one_that_the_service_did_not_take_is() -> None:
    play(
        run_turn(ALONE, FIRST, STREAM),
        (NOTHING_KEPT, UNSENT),
        (SECOND, None),
        (NOTHING_KEPT, refused(424, code="session_not_ready")),
        (Pause(0.5, 1.0), None),
        (NOTHING_KEPT, OK),
        *ANSWERED,
    )


@pytest.mark.parametrize("failure", [refused(500), CUT], ids=["500", "lost"])
def test_an_empty_conversation_is_created_again(failure: object) -> None:
    play(
        run_turn(API, FIRST, STREAM),
        (CREATE, failure),
        (SECOND, None),
        (CREATE, CREATED),
        (OPEN_FIRST, OK),
        *ANSWERED,
    )


def test_one_that_goes_on_in_the_background_is_looked_for_among_the_agents() -> None:
    play(
        run_turn(CHAIN_BEHIND, FIRST, POLL),
        (ASK_BEHIND, CUT),
        (FIND_BEHIND, answered({"data": [{**DONE, "id": "resp_9"}, {**DONE, **KEY}]})),
        *heard_whole({**DONE, **KEY}),
    )


def test_and_is_asked_for_again_where_it_is_not_there() -> None:
    play(
        run_turn(CHAIN_BEHIND, FIRST, POLL),
        (ASK_BEHIND, refused(500)),
        (SECOND, None),
        (FIND_BEHIND, answered({"data": []})),
        (ASK_BEHIND, answered(DONE)),
        *heard_whole(DONE),
    )


def test_a_response_that_is_shown_only_once_it_is_over_is_looked_for_again() -> None:
    play(
        run_turn(API, NEXT, STREAM),
        (OPEN_NEXT, OK),
        *SOME_TEXT,
        (Read(), broken()),
        *looks(3),
        (LOOK, answered(DONE)),
        *heard_whole(DONE),
    )


def test_after_some_seconds_it_is_given_up() -> None:
    with pytest.raises(ServiceConnectionError, match="broke"):
        play(
            run_turn(API, NEXT, STREAM),
            (OPEN_NEXT, OK),
            *SOME_TEXT,
            (Read(), broken()),
            *looks(10),
            (LOOK, NOT_YET),
        )


def test_a_stream_of_a_chain_that_told_nothing_is_looked_for_too() -> None:
    lost = {**DONE, **KEY}

    play(
        run_turn(CHAIN, AFTER, STREAM),
        (CHAINED, OK),
        (Read(), broken()),
        (FIND_BEHIND, answered({"data": [lost]})),
        *heard_whole(lost),
    )


def test_in_a_conversation_it_is_looked_for_by_its_key() -> None:
    lost = {**DONE, **KEY}

    play(
        run_turn(API, NEXT, STREAM),
        (OPEN_NEXT, OK),
        (Read(), broken()),
        (FIND_LOST, answered({"data": [lost]})),
        *heard_whole(lost),
    )


def test_one_that_is_not_found_is_not_asked_for_twice() -> None:
    with pytest.raises(ServiceConnectionError) as caught:
        play(
            run_turn(API, NEXT, STREAM),
            (opened(AGAIN, **IN_CONVERSATION), OK),
            (Read(), broken()),
            *sought(FIND_LOST),
        )

    assert caught.value.maybe_accepted
