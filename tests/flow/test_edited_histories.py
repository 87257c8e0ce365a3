"""Histories whose past is not what their thread holds, as data."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from langchain_foundry_agents._flow.effects import Advance, Claim, Hold
from langchain_foundry_agents._flow.progress import Policy
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import ThreadDivergedError

from .player import AGAIN, ANSWERED, API, HELLO, NEXT, OK, OPEN_NEXT, STREAM, play
from .tools import GIVEN, LATE, answering, opened

WHAT = "a message before the end of its last answer was changed"
EDITED = replace(NEXT, after="run_0", alone=True, edited=WHAT)
ADVANCE = Advance("thread_1", "run_1")


def test_an_edited_history_goes_on_in_a_new_thread_and_leaves_the_old_one_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "langchain_foundry_agents")

    outcome = play(
        run_turn(API, EDITED, STREAM),
        (opened(HELLO, AGAIN, thread_id=None), OK),
        *ANSWERED,
        (ADVANCE, None),
    )

    assert outcome.forked_from == "thread_1"
    assert caplog.messages == [
        f"a history is not what thread_1 holds, {WHAT}: it goes on in a new thread"
    ]


@pytest.mark.parametrize(
    "policy",
    [Policy(edited_history="raise"), Policy(on_divergence="raise")],
    ids=["edited_history", "on_divergence"],
)
def test_it_is_an_error_before_any_request_where_that_is_wanted(policy: Policy) -> None:
    with pytest.raises(ThreadDivergedError) as caught:
        play(run_turn(API, EDITED, policy))

    assert caught.value.args == (
        f"The history was edited: {WHAT}. Its thread still holds what was there before.",
    )
    assert caught.value.thread_id == "thread_1"


def test_it_is_added_to_the_thread_where_that_is_wanted() -> None:
    play(
        run_turn(API, EDITED, Policy(on_divergence="append")),
        (Claim("thread_1", "run_0"), True),
        (Hold("thread_1"), True),
        (OPEN_NEXT, OK),
        *ANSWERED,
        (ADVANCE, None),
    )


def test_outputs_of_an_edited_history_do_not_go_to_the_run_that_waits() -> None:
    outcome = play(
        run_turn(API, replace(answering(GIVEN), edited=WHAT), STREAM),
        (opened(HELLO, *LATE, thread_id=None), OK),
        *ANSWERED,
    )

    assert outcome.forked_from == "thread_1"
