"""A turn that answers the calls of the one before: its outputs go to the run that waits."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from langchain_foundry_agents._flow.actions import Pending
from langchain_foundry_agents._flow.effects import Open, Renew
from langchain_foundry_agents._flow.progress import Outcome, Policy
from langchain_foundry_agents._flow.retry import Patience
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import (
    BadRequestError,
    FoundryAgentError,
    NotFoundError,
    ProtocolError,
    ServiceConnectionError,
    ThreadDivergedError,
)

from .player import (
    AGAIN,
    ANSWERED,
    API,
    CANCEL,
    END,
    HELLO,
    LOOK,
    OK,
    POLL,
    STREAM,
    V1,
    Step,
    answered,
    asking_run,
    call,
    heard,
    looked,
    message,
    play,
    read_whole,
    refused,
    run,
    told,
)
from .tools import (
    GIVEN,
    LATE,
    LOOKED_FOR,
    NEWEST,
    OUTPUTS,
    OUTPUTS_AND_MORE,
    SUBMIT,
    SUBMIT_PATH,
    SUBMIT_POLLED,
    UNANSWERED,
    WAITING,
    WHOLE,
    answering,
    opened,
)

REFUSED = refused(400, "Runs in status 'completed' do not accept tool outputs.")
NO_THREAD = refused(404, "No thread found with id 'thread_1'.")
OVER = [
    pytest.param([(SUBMIT, REFUSED), (LOOK, answered(run("completed")))], id="answered"),
    pytest.param([(SUBMIT, REFUSED), (LOOK, answered(run("expired")))], id="expired"),
    pytest.param([(SUBMIT, REFUSED), (LOOK, answered(run("queued")))], id="answered by another"),
    pytest.param([(SUBMIT, refused(404)), (LOOK, refused(404))], id="gone"),
]


def test_outputs_are_one_request_and_its_answer_is_streamed() -> None:
    outcome = play(
        run_turn(API, OUTPUTS, STREAM),
        (
            Open(
                "/threads/thread_1/runs/run_1/submit_tool_outputs",
                {"tool_outputs": [{"tool_call_id": "call_1", "output": "42"}], "stream": True},
                (("api-version", "v1"),),
            ),
            OK,
        ),
        *ANSWERED,
    )

    assert outcome == Outcome(run("completed"))


def test_outputs_of_several_calls_are_one_request() -> None:
    both = (
        {"tool_call_id": "call_1", "output": "42"},
        {"tool_call_id": "call_2", "output": "43"},
    )
    pending = Pending(frozenset({"call_1", "call_2"}), outputs=both, run_id="run_1")

    play(
        run_turn(API, answering(pending), STREAM),
        (Open(SUBMIT_PATH, {"tool_outputs": [*both], "stream": True}, V1), OK),
        *ANSWERED,
    )


def test_polled_outputs_are_followed_by_looks_and_the_answer() -> None:
    outcome = play(
        run_turn(API, OUTPUTS, POLL),
        (SUBMIT_POLLED, answered(run("queued"))),
        *looked(run("completed")),
        *read_whole(run("completed"), message()),
    )

    assert outcome == Outcome(run("completed"))


def test_a_run_that_asks_for_more_outputs_waits_again() -> None:
    asking = asking_run(call("call_2"))

    outcome = play(run_turn(API, OUTPUTS, STREAM), (SUBMIT, OK), *heard(told(asking)), END)

    assert outcome == Outcome(asking)


def test_outputs_whose_stream_brings_nothing_are_not_sent_again_and_their_answer_is_read() -> None:
    outcome = play(
        run_turn(API, OUTPUTS, STREAM),
        (SUBMIT, OK),
        END,
        (LOOK, answered(run("queued"))),
        *looked(run("completed")),
        *read_whole(run("completed"), message()),
    )

    assert outcome == Outcome(run("completed"))


def test_outputs_whose_stream_brings_nothing_and_whose_run_is_gone_are_an_error() -> None:
    with pytest.raises(ProtocolError, match="The stream ended before the run did") as caught:
        play(
            run_turn(API, OUTPUTS, STREAM),
            (SUBMIT, OK),
            END,
            (LOOK, refused(404)),
            (CANCEL, refused(404)),
        )

    assert (caught.value.thread_id, caught.value.run_id) == ("thread_1", "run_1")


@pytest.mark.parametrize("over", OVER)
def test_outputs_for_a_run_that_is_over_fork_with_the_whole_history(over: list[Step]) -> None:
    outcome = play(
        run_turn(API, OUTPUTS, STREAM),
        *over,
        (opened(*WHOLE, thread_id=None), OK),
        *ANSWERED,
    )

    assert outcome == Outcome(run("completed"), forked_from="thread_1")


@pytest.mark.parametrize("over", OVER)
def test_outputs_for_a_run_that_is_over_are_an_error_where_that_is_wanted(over: list[Step]) -> None:
    with pytest.raises(ThreadDivergedError) as caught:
        play(run_turn(API, OUTPUTS, Policy(on_divergence="raise")), *over)

    assert caught.value.args == ("The run that asked for the tool outputs of the history is over.",)
    assert caught.value.thread_id == "thread_1"


@pytest.mark.parametrize("over", OVER)
def test_outputs_for_a_run_that_is_over_are_added_as_text_where_that_is_wanted(
    over: list[Step],
) -> None:
    outcome = play(
        run_turn(API, OUTPUTS, Policy(on_divergence="append")),
        *over,
        (opened(*LATE), OK),
        *ANSWERED,
    )

    assert outcome == Outcome(run("completed"))


@pytest.mark.parametrize("policy", ["fork", "raise", "append"])
def test_outputs_for_a_run_that_is_over_stay_in_a_thread_that_the_caller_names(policy: str) -> None:
    outcome = play(
        run_turn(API, answering(GIVEN, AGAIN, explicit=True), Policy(on_divergence=policy)),
        (SUBMIT_POLLED, REFUSED),
        (LOOK, answered(run("completed"))),
        (opened(*LATE, AGAIN), OK),
        *ANSWERED,
    )

    assert outcome == Outcome(run("completed"))


def test_a_thread_that_is_gone_cannot_be_added_to() -> None:
    with pytest.raises(ThreadDivergedError, match=r"^The thread of the history is over\."):
        play(
            run_turn(API, OUTPUTS, Policy(on_divergence="append")),
            (SUBMIT, NO_THREAD),
            (LOOK, NO_THREAD),
            (opened(*LATE), NO_THREAD),
        )


def test_a_thread_named_by_the_caller_that_is_gone_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="No thread found"):
        play(
            run_turn(API, answering(GIVEN, explicit=True), STREAM),
            (SUBMIT, NO_THREAD),
            (LOOK, NO_THREAD),
            (opened(*LATE), NO_THREAD),
        )


@pytest.mark.parametrize(("policy", "submit"), [(STREAM, SUBMIT), (POLL, SUBMIT_POLLED)])
def test_a_run_that_still_waits_after_bad_outputs_is_not_cancelled(
    policy: Policy, submit: Open
) -> None:
    with pytest.raises(BadRequestError, match="The output is too long") as caught:
        play(
            run_turn(API, OUTPUTS, policy),
            (submit, refused(400, "The output is too long.")),
            (LOOK, answered(asking_run(call("call_1")))),
        )

    assert caught.value.thread_id == "thread_1"


@pytest.mark.parametrize(
    "refusals",
    [
        [(SUBMIT, refused(401)), (Renew(), None), (SUBMIT, refused(401))],
        [(SUBMIT, refused(403))],
        [(SUBMIT, refused(429))],
        [(SUBMIT, ServiceConnectionError("The connection failed."))],
    ],
    ids=["401", "403", "429", "no connection"],
)
def test_a_run_that_surely_did_not_get_its_outputs_is_not_cancelled(refusals: list[Step]) -> None:
    with pytest.raises(FoundryAgentError) as caught:
        play(run_turn(API, OUTPUTS, Policy(patience=Patience(max_retries=0))), *refusals)

    assert caught.value.thread_id == "thread_1"


CANCELS: list[list[Step]] = [
    [(CANCEL, answered(run("cancelled")))],
    [
        (CANCEL, answered(run("cancelling"))),
        *looked(run("cancelled")),
    ],
    [(CANCEL, refused(400, "Cannot cancel run with status 'expired'."))],
]


@pytest.mark.parametrize("cancels", CANCELS, ids=["at once", "after a while", "over already"])
def test_a_run_whose_calls_nobody_answers_is_cancelled_and_the_turn_goes_on(
    cancels: list[Step],
) -> None:
    outcome = play(run_turn(API, UNANSWERED, STREAM), *cancels, (opened(AGAIN), OK), *ANSWERED)

    assert outcome == Outcome(run("completed"))


def test_a_thread_that_is_gone_with_its_unanswered_run_is_left_for_a_new_one() -> None:
    outcome = play(
        run_turn(API, answering(WAITING, AGAIN), STREAM),
        (CANCEL, NO_THREAD),
        (opened(AGAIN), NO_THREAD),
        (opened(*WHOLE, AGAIN, thread_id=None), OK),
        *ANSWERED,
    )

    assert outcome == Outcome(run("completed"), forked_from="thread_1")


def test_outputs_with_a_question_after_them_are_taken_unheard_before_it_is_asked() -> None:
    outcome = play(
        run_turn(API, OUTPUTS_AND_MORE, STREAM),
        (SUBMIT_POLLED, answered(run("queued"))),
        *looked(run("completed")),
        (opened(AGAIN), OK),
        *ANSWERED,
    )

    assert outcome == Outcome(run("completed"))


@pytest.mark.parametrize("cancels", CANCELS[:2], ids=["at once", "after a while"])
def test_a_run_that_asks_for_more_before_the_question_is_cancelled(cancels: list[Step]) -> None:
    play(
        run_turn(API, OUTPUTS_AND_MORE, STREAM),
        (SUBMIT_POLLED, answered(run("in_progress"))),
        *looked(asking_run(call("call_2"))),
        *cancels,
        (opened(AGAIN), OK),
        *ANSWERED,
    )


def test_a_question_after_outputs_for_a_run_that_is_over_forks_with_all_of_it() -> None:
    outcome = play(
        run_turn(API, OUTPUTS_AND_MORE, STREAM),
        (SUBMIT_POLLED, REFUSED),
        (LOOK, answered(run("completed"))),
        (opened(HELLO, *LATE, AGAIN, thread_id=None), OK),
        *ANSWERED,
    )

    assert outcome == Outcome(run("completed"), forked_from="thread_1")


# A run that waits, and that the turn does not want.

UNWANTED = replace(GIVEN, gives_up=True)
GIVEN_UP: list[Step] = [
    (CANCEL, answered(run("cancelling"))),
    *looked(run("cancelled")),
    (opened(*LATE), OK),
]


def test_a_run_with_another_agent_or_other_options_is_given_up_and_its_calls_are_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "langchain_foundry_agents")

    outcome = play(run_turn(API, answering(UNWANTED), STREAM), *GIVEN_UP, *ANSWERED)

    assert outcome.forked_from is None
    assert caplog.messages == [
        "run run_1 is given up: the turn wants another agent or other options"
    ]


def test_a_run_that_is_found_to_be_another_agents_is_given_up() -> None:
    theirs = {**asking_run(call("call_1")), "assistant_id": "asst_2"}

    play(
        run_turn(API, answering(LOOKED_FOR, explicit=True), STREAM),
        (NEWEST, answered({"data": [theirs]})),
        *GIVEN_UP,
        *ANSWERED,
    )


def test_what_follows_the_outputs_is_told_with_them() -> None:
    play(
        run_turn(API, answering(UNWANTED, AGAIN), STREAM),
        *GIVEN_UP[:-1],
        (opened(*LATE, AGAIN), OK),
        *ANSWERED,
    )
