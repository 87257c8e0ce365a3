"""Runs and threads whose creation was not heard of, as data: looked for, and never made twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from langchain_foundry_agents._flow.effects import Abandoned, Pause, Read
from langchain_foundry_agents._flow.progress import Policy
from langchain_foundry_agents._flow.retry import Patience
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import (
    ActiveRunError,
    BadRequestError,
    ProtocolError,
    RateLimitError,
    Response,
    ServiceConnectionError,
    ServiceError,
)

from .player import (
    ANSWERED,
    API,
    CANCEL,
    DISCARD,
    FIND_RUN,
    FIND_THREAD,
    FIRST,
    KEY,
    LOOK,
    NEXT,
    OK,
    OPEN_FIRST,
    OPEN_NEXT,
    OPEN_WITHOUT,
    POLL,
    POST_FIRST,
    STREAM,
    Step,
    answered,
    asking_run,
    broken,
    call,
    heard,
    leave,
    limited,
    looked,
    message,
    page,
    play,
    read_whole,
    refused,
    run,
    run_event,
    sought,
)
from .tools import OUTPUTS, SUBMIT
from .turns import OPEN_TOLD, POST_THREAD, TOLD

OURS = run("in_progress", **KEY)
DONE = run("completed")
THREAD = {"id": "thread_1", "object": "thread", **KEY}
OTHERS = [{"id": f"thread_{n}", "object": "thread", "metadata": {}} for n in (7, 8)]
SECOND = Pause(0.25, 0.5)
BUSY = refused(400, "Thread thread_1 already has an active run run_1.")
GOES_ON: list[Step] = [*looked(DONE), *read_whole(DONE, message())]
"""A run that is looked at until it rests, and read."""


def refound(state: object = OURS) -> list[Step]:
    """The run is there at once, and is followed from then on."""
    return [
        (FIND_RUN, page(run("failed", id="run_0"), state)),
        (Read(), None),
        (LOOK, answered(state)),
    ]


@pytest.mark.parametrize("lost", [broken(), refused(504)], ids=["connection", "gateway"])
def test_a_run_that_was_lost_on_its_way_is_found_by_its_key(lost: object) -> None:
    outcome = play(run_turn(API, NEXT, STREAM), (OPEN_NEXT, lost), *refound(), *GOES_ON)

    assert outcome.run == DONE


def test_one_that_is_not_there_yet_is_looked_for_again() -> None:
    play(
        run_turn(API, NEXT, STREAM),
        (OPEN_NEXT, broken()),
        *sought(FIND_RUN, page(OURS)),
        *refound()[1:],
        *GOES_ON,
    )


def test_one_that_is_not_found_is_not_made_twice() -> None:
    with pytest.raises(ServiceConnectionError) as caught:
        play(run_turn(API, NEXT, STREAM), (OPEN_NEXT, broken()), *sought(FIND_RUN))

    assert caught.value.maybe_accepted
    assert not caught.value.is_retryable


@pytest.mark.parametrize("status", [408, 504])
def test_nor_is_one_that_a_gateway_gave_up(status: int) -> None:
    with pytest.raises(ServiceError) as caught:
        play(run_turn(API, NEXT, STREAM), (OPEN_NEXT, refused(status)), *sought(FIND_RUN))

    assert caught.value.maybe_accepted
    assert not caught.value.is_retryable


def test_nor_is_one_that_cannot_be_looked_for() -> None:
    line = broken()

    with pytest.raises(ServiceConnectionError) as caught:
        play(run_turn(API, NEXT, STREAM), (OPEN_NEXT, line), (FIND_RUN, refused(403)))

    assert caught.value is line


def test_what_the_service_failed_at_is_asked_for_again_once_it_is_not_found() -> None:
    outcome = play(
        run_turn(API, NEXT, STREAM),
        (OPEN_NEXT, refused(500)),
        (SECOND, None),
        (FIND_RUN, page()),
        (OPEN_NEXT, OK),
        *ANSWERED,
    )

    assert outcome.attempts == 1


def test_a_service_that_fails_for_good_kept_nothing_and_may_be_asked_later() -> None:
    impatient = Policy(patience=Patience(max_retries=0))

    with pytest.raises(ServiceError) as caught:
        play(run_turn(API, NEXT, impatient), (OPEN_NEXT, refused(500)), (FIND_RUN, page()))

    assert not caught.value.maybe_accepted
    assert caught.value.is_retryable


def test_a_second_try_that_the_first_one_is_in_the_way_of_gives_way_to_it() -> None:
    play(
        run_turn(API, NEXT, STREAM),
        (OPEN_NEXT, refused(500)),
        (SECOND, None),
        (FIND_RUN, page()),
        (OPEN_NEXT, BUSY),
        *refound(),
        *GOES_ON,
    )


def test_but_not_to_a_run_of_somebody_elses() -> None:
    raising = Policy(on_active_run="raise")

    with pytest.raises(ActiveRunError):
        play(
            run_turn(API, NEXT, raising),
            (OPEN_NEXT, refused(500)),
            (SECOND, None),
            (FIND_RUN, page()),
            (OPEN_NEXT, BUSY),
            (FIND_RUN, page(run("in_progress"))),
        )


def test_a_lost_first_turn_is_found_by_its_thread() -> None:
    second_page = replace(FIND_THREAD, query=(*FIND_THREAD.query, ("after", "thread_8")))

    play(
        run_turn(API, FIRST, STREAM),
        (OPEN_FIRST, broken()),
        (FIND_THREAD, page(*OTHERS, after="thread_8")),
        (second_page, page(THREAD)),
        *refound(),
        *GOES_ON,
    )


def test_no_more_than_two_pages_of_threads_are_read() -> None:
    second_page = replace(FIND_THREAD, query=(*FIND_THREAD.query, ("after", "thread_8")))
    look: list[Step] = [
        (FIND_THREAD, page(*OTHERS, after="thread_8")),
        (second_page, page(*OTHERS, after="thread_16")),
    ]

    with pytest.raises(ServiceConnectionError):
        play(
            run_turn(API, FIRST, STREAM),
            (OPEN_FIRST, broken()),
            *look,
            (SECOND, None),
            *look,
            (Pause(0.5, 1.0), None),
            *look,
        )


def test_a_thread_without_its_run_is_deleted() -> None:
    with pytest.raises(ServiceConnectionError) as caught:
        play(
            run_turn(API, FIRST, STREAM),
            (OPEN_FIRST, broken()),
            (FIND_THREAD, page(THREAD)),
            *sought(FIND_RUN),
            (DISCARD, OK),
        )

    assert caught.value.thread_id is None


def test_one_that_the_service_made_before_it_failed_is_not_mistaken_for_the_next() -> None:
    play(
        run_turn(API, FIRST, STREAM),
        (OPEN_FIRST, refused(500)),
        (SECOND, None),
        (FIND_THREAD, page({**THREAD, "id": "thread_0"})),
        (replace(FIND_RUN, path="/threads/thread_0/runs"), page()),
        (replace(DISCARD, path="/threads/thread_0"), OK),
        (OPEN_FIRST, OK),
        *ANSWERED,
    )


def test_a_thread_that_was_lost_on_its_way_is_found_and_used() -> None:
    play(
        run_turn(API, TOLD, STREAM),
        (POST_THREAD, broken()),
        *limited((FIND_THREAD, page(*OTHERS, THREAD))),
        (OPEN_TOLD, OK),
        *ANSWERED,
    )


def test_the_run_of_a_garbled_answer_is_cancelled() -> None:
    with pytest.raises(ProtocolError):
        play(
            run_turn(API, FIRST, POLL),
            (POST_FIRST, Response(200, {}, '{"id": "run_1", ')),
            (FIND_THREAD, page(THREAD)),
            (FIND_RUN, page(OURS)),
            (CANCEL, OK),
        )


def test_a_caller_that_leaves_before_the_run_is_named_leaves_none() -> None:
    flow = run_turn(API, NEXT, STREAM)
    next(flow)

    assert flow.throw(Abandoned()) == FIND_RUN
    assert flow.send(page(OURS)) == CANCEL
    with pytest.raises(Abandoned):
        flow.send(OK)


def test_a_run_that_failed_before_is_not_taken_for_the_lost_one() -> None:
    failed = run("failed", last_error={"code": "server_error"}, **KEY)

    with pytest.raises(ServiceConnectionError):
        play(
            run_turn(API, NEXT, STREAM),
            (OPEN_NEXT, OK),
            *heard(run_event("failed", last_error={"code": "server_error"})),
            (Read(), None),
            (SECOND, None),
            (OPEN_WITHOUT, broken()),
            *sought(FIND_RUN, page(failed)),
        )


def test_outputs_that_arrived_though_their_answer_was_lost_are_not_given_again() -> None:
    play(
        run_turn(API, OUTPUTS, STREAM),
        (SUBMIT, broken()),
        (SECOND, None),
        (LOOK, answered(run("in_progress"))),
        (Read(), None),
        (LOOK, answered(run("in_progress"))),
        *GOES_ON,
    )


def test_outputs_that_did_not_arrive_are_given_again() -> None:
    play(
        run_turn(API, OUTPUTS, STREAM),
        (SUBMIT, broken()),
        (SECOND, None),
        (LOOK, answered(asking_run(call("call_1")))),
        (SUBMIT, OK),
        *ANSWERED,
    )


def test_outputs_that_arrive_late_are_seen_when_the_second_ones_are_refused() -> None:
    play(
        run_turn(API, OUTPUTS, STREAM),
        (SUBMIT, broken()),
        (SECOND, None),
        (LOOK, answered(asking_run(call("call_1")))),
        (SUBMIT, refused(400, "Runs in status in_progress do not accept tool outputs.")),
        (LOOK, answered(run("in_progress"))),
        (Read(), None),
        (LOOK, answered(run("in_progress"))),
        *GOES_ON,
    )


def test_a_run_that_asks_for_other_outputs_by_then_has_had_these() -> None:
    other = asking_run(call("call_2"))

    outcome = play(
        run_turn(API, OUTPUTS, STREAM),
        (SUBMIT, refused(500)),
        (SECOND, None),
        (LOOK, answered(other)),
        (Read(), None),
        (LOOK, answered(other)),
        *read_whole(other),
    )

    assert outcome.run == other


def test_a_rate_limit_creates_nothing_and_is_not_looked_after() -> None:
    impatient = Policy(patience=Patience(max_retries=0))

    with pytest.raises(RateLimitError):
        play(run_turn(API, FIRST, impatient), (OPEN_FIRST, refused(429)))


def test_nor_does_a_refusal_of_a_thread() -> None:
    with pytest.raises(BadRequestError):
        play(run_turn(API, TOLD, STREAM), (POST_THREAD, refused(400)))


def test_leaving_asks_for_the_thread_of_a_lost_first_turn() -> None:
    assert leave(run_turn(API, FIRST, STREAM), [(OPEN_FIRST, OK)], Abandoned()) == [FIND_THREAD]
