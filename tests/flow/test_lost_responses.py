"""Responses whose stream broke off before it told anything, or that are not shown yet, as data."""

from __future__ import annotations

from itertools import accumulate, repeat
from operator import mul

import pytest

from langchain_foundry_agents._flow.effects import Pause, Read
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import ServiceConnectionError

from .player import (
    OK,
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
    ANSWERED,
    API,
    CHAIN,
    FIND_LOST,
    HELPER,
    IN_CONVERSATION,
    KEY,
    LOOK,
    NEXT,
    OPEN_NEXT,
    SOME_TEXT,
    heard_whole,
    opened,
    response,
)

NOT_YET = refused(404, "Response with id 'resp_1' not found.", "not_found")
DONE = response("completed")
CHAINED = opened(AGAIN, **HELPER, previous_response_id="resp_0")


def looks(times: int) -> list[Step]:
    """So many looks that find nothing, and the waits after them."""
    waits = accumulate(repeat(1.5, times - 1), mul, initial=0.05)
    return [step for wait in waits for step in ((LOOK, NOT_YET), (Pause(wait / 2, wait), None))]


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


def test_a_stream_that_told_nothing_is_asked_for_again_where_that_doubles_nothing() -> None:
    play(
        run_turn(CHAIN, AFTER, STREAM),
        (CHAINED, OK),
        (Read(), broken()),
        (CHAINED, OK),
        *ANSWERED,
    )


def test_but_not_for_ever() -> None:
    tries: list[Step] = [(CHAINED, OK), (Read(), broken())] * 3

    with pytest.raises(ServiceConnectionError, match="broke"):
        play(run_turn(CHAIN, AFTER, STREAM), *tries)


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
