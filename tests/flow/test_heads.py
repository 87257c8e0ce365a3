"""Turns in the same thread, as data: no two after the same answer, one at a time."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from langchain_foundry_agents._flow.actions import Pending
from langchain_foundry_agents._flow.effects import (
    Abandoned,
    Advance,
    Claim,
    GiveBack,
    Hold,
    LetGo,
    OutOfTime,
    Pause,
    Read,
    Send,
)
from langchain_foundry_agents._flow.heads import turn_key
from langchain_foundry_agents._flow.progress import Ask, Policy
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import (
    ActiveRunError,
    RunTimeoutError,
    ThreadDivergedError,
)

from . import responses
from .player import (
    AGAIN,
    ANSWERED,
    API,
    BUSY,
    CANCEL,
    FIRST,
    HELLO,
    KEY,
    NEXT,
    OK,
    OPEN_FIRST,
    OPEN_NEXT,
    STREAM,
    V1,
    Step,
    answered,
    asking_run,
    call,
    heard,
    leave,
    looked,
    message,
    play,
    read_whole,
    refused,
    run,
    run_event,
    told,
)

AFTER_ZERO = replace(NEXT, after="run_0", alone=True)
CLAIM, HOLD = Claim("thread_1", "run_0"), Hold("thread_1")
MINE: list[Step] = [(CLAIM, True), (HOLD, True)]
ADVANCE = Advance("thread_1", "run_1")
MOMENT = Pause(0.025, 0.05)


def test_a_turn_claims_what_it_goes_on_after_and_says_what_the_thread_ends_in_then() -> None:
    play(run_turn(API, AFTER_ZERO, STREAM), *MINE, (OPEN_NEXT, OK), *ANSWERED, (ADVANCE, None))


def test_a_new_thread_is_told_of_too() -> None:
    ask = replace(FIRST, alone=True)

    play(run_turn(API, ask, STREAM), (OPEN_FIRST, OK), *ANSWERED, (ADVANCE, None))


def test_a_turn_that_ends_in_calls_is_another_than_the_answer_of_its_run() -> None:
    calls = told(asking_run(call("call_2"), call("call_1")))

    play(
        run_turn(API, AFTER_ZERO, STREAM),
        *MINE,
        (OPEN_NEXT, OK),
        *heard(run_event("in_progress")),
        *heard(calls),
        ANSWERED[-1],
        (Advance("thread_1", "run_1 call_1"), None),
    )


@pytest.mark.parametrize(("calls", "key"), [([], "run_1"), (["call_2", "call_1"], "run_1 call_1")])
def test_the_name_of_a_turn(calls: list[str], key: str) -> None:
    assert turn_key("run_1", calls) == key


_BOTH = {"messages": [HELLO, AGAIN], **KEY}
BRANCH = replace(OPEN_FIRST, body={**OPEN_FIRST.body, "thread": _BOTH})  # type: ignore[dict-item]


def test_a_branch_goes_on_in_a_new_thread_with_the_whole_history() -> None:
    outcome = play(
        run_turn(API, AFTER_ZERO, STREAM),
        (CLAIM, False),
        (BRANCH, OK),
        *ANSWERED,
        (ADVANCE, None),
    )

    assert outcome.forked_from == "thread_1"


def test_what_a_branch_loses_is_told_once_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "langchain_foundry_agents")
    ask = replace(AFTER_ZERO, losses=lambda: ("server steps", "pictures"))

    play(run_turn(API, ask, STREAM), (CLAIM, False), (BRANCH, OK), *ANSWERED, (ADVANCE, None))

    assert caplog.record_tuples == [
        (
            "langchain_foundry_agents",
            logging.INFO,
            "a history branches off thread_1: it goes on in a new thread",
        ),
        (
            "langchain_foundry_agents",
            logging.WARNING,
            "what takes the place of thread_1 lacks: server steps, pictures",
        ),
    ]


def test_a_branch_is_an_error_where_that_is_wanted() -> None:
    with pytest.raises(ThreadDivergedError) as caught:
        play(run_turn(API, AFTER_ZERO, Policy(on_divergence="raise")), (CLAIM, False))

    assert caught.value.args == (
        "The thread went on after the answer that this history ends in: the history is a branch.",
    )


def test_a_branch_is_added_to_the_thread_where_that_is_wanted() -> None:
    play(
        run_turn(API, AFTER_ZERO, Policy(on_divergence="append")),
        (CLAIM, False),
        (HOLD, True),
        (OPEN_NEXT, OK),
        *ANSWERED,
        (ADVANCE, None),
    )


def test_outputs_that_were_given_already_are_a_branch() -> None:
    pending = Pending(
        frozenset({"call_1"}), ({"tool_call_id": "call_1", "output": "3"},), run_id="run_0"
    )
    ask = replace(AFTER_ZERO, after="run_0 call_1", pending=pending)

    play(
        run_turn(API, ask, STREAM),
        (Claim("thread_1", "run_0 call_1"), False),
        (BRANCH, OK),
        *ANSWERED,
        (ADVANCE, None),
    )


NEWEST = Send("GET", "/threads/thread_1/runs", None, (*V1, ("order", "desc"), ("limit", "1")))
CHECKS = Policy(check_thread=True)


@pytest.mark.parametrize("after", ["run_0", "run_0 call_1"], ids=["an answer", "calls"])
@pytest.mark.parametrize("newest", [[{"id": "run_0"}], []], ids=["the same", "none"])
def test_on_request_the_service_is_asked_for_the_threads_latest_run(
    newest: list[dict[str, str]], after: str
) -> None:
    play(
        run_turn(API, replace(AFTER_ZERO, after=after), CHECKS),
        (Claim("thread_1", after), True),
        (NEWEST, answered({"data": newest})),
        (HOLD, True),
        (OPEN_NEXT, OK),
        *ANSWERED,
        (ADVANCE, None),
    )


def test_a_thread_that_went_on_elsewhere_is_left_for_a_new_one() -> None:
    outcome = play(
        run_turn(API, AFTER_ZERO, CHECKS),
        (CLAIM, True),
        (NEWEST, answered({"data": [{"id": "run_9"}]})),
        (BRANCH, OK),
        *ANSWERED,
        (ADVANCE, None),
    )

    assert outcome.forked_from == "thread_1"


def test_a_thread_that_is_gone_by_then_is_left_for_a_new_one() -> None:
    outcome = play(
        run_turn(API, AFTER_ZERO, CHECKS),
        (CLAIM, True),
        (NEWEST, refused(404)),
        (BRANCH, OK),
        *ANSWERED,
        (ADVANCE, None),
    )

    assert outcome.forked_from == "thread_1"


def test_it_is_an_error_that_says_so_where_that_is_wanted() -> None:
    with pytest.raises(ThreadDivergedError, match=r"^The thread of the history is over\."):
        play(
            run_turn(API, AFTER_ZERO, replace(CHECKS, on_divergence="raise")),
            (CLAIM, True),
            (NEWEST, refused(404)),
        )


def test_a_turn_that_this_process_did_not_make_is_looked_at_before_it_is_gone_on_after() -> None:
    play(
        run_turn(API, AFTER_ZERO, STREAM),
        (CLAIM, None),
        (NEWEST, answered({"data": [{"id": "run_0"}]})),
        (HOLD, True),
        (OPEN_NEXT, OK),
        *ANSWERED,
        (ADVANCE, None),
    )


ASKS = replace(AFTER_ZERO, question="5eed")


def asked_by_another(status: str, key: str = "key_9-5eed") -> dict[str, object]:
    return {**run(status), "metadata": {"langchain_foundry_agents_turn": key}}


@pytest.mark.parametrize("status", ["in_progress", "completed"])
def test_a_run_that_a_process_asked_for_and_did_not_hear_is_taken_up(
    caplog: pytest.LogCaptureFixture, status: str
) -> None:
    caplog.set_level(logging.INFO, "langchain_foundry_agents")

    outcome = play(
        run_turn(API, ASKS, STREAM),
        (CLAIM, None),
        (NEWEST, answered({"data": [asked_by_another(status)]})),
        (HOLD, True),
        *looked(run("completed")),
        *read_whole(run("completed"), message()),
        (ADVANCE, None),
    )

    assert (outcome.forked_from, outcome.run["id"]) == (None, "run_1")
    assert caplog.messages == ["run run_1 of thread_1 is taken up"]


def test_whoever_leaves_it_then_gives_nothing_back_as_the_thread_has_the_question() -> None:
    script: list[Step] = [
        (CLAIM, None),
        (NEWEST, answered({"data": [asked_by_another("in_progress")]})),
        (HOLD, True),
        (MOMENT, None),
    ]

    assert leave(run_turn(API, ASKS, STREAM), script, Abandoned()) == [CANCEL]


@pytest.mark.parametrize(
    "newest",
    [
        asked_by_another("completed", "key_9-0ther"),
        asked_by_another("completed", "key_9"),
        asked_by_another("failed"),
        asked_by_another("cancelled"),
        run("completed"),
        {**run("completed"), "metadata": None},
    ],
    ids=["asks another", "asks nobody knows what", "failed", "cancelled", "unmarked", "null"],
)
def test_any_other_run_makes_the_history_a_branch(newest: dict[str, object]) -> None:
    outcome = play(
        run_turn(API, ASKS, STREAM),
        (CLAIM, None),
        (NEWEST, answered({"data": [newest]})),
        (BRANCH, OK),
        *ANSWERED,
        (ADVANCE, None),
    )

    assert outcome.forked_from == "thread_1"


def test_where_a_turn_does_not_know_what_it_asks_no_run_is_taken_up() -> None:
    play(
        run_turn(API, AFTER_ZERO, STREAM),
        (CLAIM, None),
        (NEWEST, answered({"data": [asked_by_another("completed", "key_9-None")]})),
        (BRANCH, OK),
        *ANSWERED,
        (ADVANCE, None),
    )


def test_what_a_conversation_kept_nothing_of_does_not_count() -> None:
    left = {**responses.response("cancelled"), "id": "resp_8"}
    head = {**responses.response("completed"), "id": "resp_0"}

    play(
        run_turn(responses.API, replace(responses.NEXT, after="resp_0", alone=True), STREAM),
        (Claim("conv_1", "resp_0"), None),
        (responses.FIND_NEWEST, answered({"data": [left, head]})),
        (Hold("conv_1"), True),
        (responses.OPEN_NEXT, OK),
        *responses.ANSWERED,
        (Advance("conv_1", "resp_1"), None),
    )


def test_a_response_that_was_heard_to_its_end_is_gone_on_after() -> None:
    play(
        run_turn(responses.API, replace(responses.NEXT, alone=True), STREAM),
        (Hold("conv_1"), True),
        (responses.OPEN_NEXT, OK),
        *responses.ANSWERED,
        (Advance("conv_1", "resp_1"), None),
    )


def test_so_is_a_run_that_was_cancelled_at_a_stop_sequence() -> None:
    play(
        run_turn(API, replace(NEXT, alone=True), STREAM),
        (HOLD, True),
        (OPEN_NEXT, OK),
        *heard(BUSY, something=True, enough=True),
        (CANCEL, answered(run("cancelled"))),
        (ADVANCE, None),
    )


def test_a_turn_that_its_conversation_may_lack_is_not_gone_on_after() -> None:
    ask = replace(responses.NEXT, alone=True)

    play(
        run_turn(responses.API, ask, STREAM),
        (Hold("conv_1"), True),
        (responses.OPEN_NEXT, OK),
        *heard(responses.WORKING, responses.delta("Hi"), something=True, enough=True),
        (Read(), None),
        (responses.LOOK, refused(403)),
        (Advance("conv_1", "resp_1", closed=True), None),
    )


# Who had to wait looks again.


def test_a_turn_that_waited_goes_on_if_the_thread_still_ends_there() -> None:
    outcome = play(
        run_turn(API, AFTER_ZERO, STREAM),
        (CLAIM, True),
        (HOLD, False),
        (Pause(0.025, 0.05), None),
        (HOLD, True),
        (GiveBack("thread_1", "run_0"), None),
        (CLAIM, True),
        (OPEN_NEXT, OK),
        *ANSWERED,
        (ADVANCE, None),
    )

    assert outcome.forked_from is None


def test_a_turn_that_waited_while_the_thread_went_on_is_a_branch_and_lets_the_thread_go() -> None:
    outcome = play(
        run_turn(API, AFTER_ZERO, STREAM),
        (CLAIM, True),
        (HOLD, False),
        (Pause(0.025, 0.05), None),
        (HOLD, True),
        (GiveBack("thread_1", "run_0"), None),
        (CLAIM, False),
        (LetGo(), None),
        (BRANCH, OK),
        *ANSWERED,
        (ADVANCE, None),
    )

    assert outcome.forked_from == "thread_1"


def test_a_turn_that_waits_too_long_says_what_for() -> None:
    with pytest.raises(RunTimeoutError) as caught:
        play(
            run_turn(API, NAMED, STREAM),
            (HOLD, False),
            (Pause(0.025, 0.05), OutOfTime()),
        )

    assert caught.value.args == (
        (
            "The turn waited longer than run_timeout allows for another turn of this process, "
            "which works on the same thread."
        ),
    )
    assert "keeps its thread" in str(caught.value)


# One at a time.

NAMED = Ask((AGAIN,), tuple, "thread_1", alone=True)


def test_a_thread_is_waited_for_while_another_turn_of_this_process_has_it() -> None:
    play(
        run_turn(API, NAMED, STREAM),
        (HOLD, False),
        (MOMENT, None),
        (HOLD, True),
        (OPEN_NEXT, OK),
        *ANSWERED,
        (ADVANCE, None),
    )


def test_or_that_is_an_error_or_the_other_is_cancelled() -> None:
    with pytest.raises(
        ActiveRunError, match=r"^Another turn of this process works on the thread\."
    ):
        play(run_turn(API, NAMED, Policy(on_active_run="raise")), (HOLD, False))

    play(
        run_turn(API, NAMED, Policy(on_active_run="cancel")),
        (OPEN_NEXT, OK),
        *ANSWERED,
        (ADVANCE, None),
    )
