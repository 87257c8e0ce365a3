"""A background response outlives its stream, which goes on after the last number that came."""

from __future__ import annotations

import pytest

from langchain_foundry_agents._flow.effects import Abandoned, Event, Open, Read, Send
from langchain_foundry_agents._flow.turn import run_turn

from .player import OK, STREAM, answered, heard, leave, limited, play, refused
from .responses import (
    AGAIN,
    BACKGROUND,
    CUT,
    DONE,
    END,
    IN_CONVERSATION,
    LOOK,
    NEXT,
    RESPONSES,
    delta,
    heard_whole,
    opened,
    response,
    told,
)

IN_BACKGROUND = {**IN_CONVERSATION, "background": True}
OPEN_BACKGROUND = opened(AGAIN, **IN_BACKGROUND)
QUEUED = told(response("queued", background=True), "queued")


def reopened(after: int) -> Open:
    query = (("stream", "true"), ("starting_after", str(after)))
    return Open(f"{RESPONSES}/resp_1", None, query, method="GET", repeatable=True)


def test_a_background_stream_goes_on_where_it_broke_off() -> None:
    play(
        run_turn(BACKGROUND, NEXT, STREAM),
        (OPEN_BACKGROUND, OK),
        *heard(QUEUED, delta("Hi", 7), something=True),
        (Read(), CUT),
        (reopened(7), OK),
        *heard(delta(" you", 8), DONE, something=True),
        END,
    )


def test_a_request_for_the_rest_that_is_one_too_many_is_made_again() -> None:
    play(
        run_turn(BACKGROUND, NEXT, STREAM),
        (OPEN_BACKGROUND, OK),
        *heard(QUEUED, delta("Hi", 7), something=True),
        (Read(), CUT),
        *limited((reopened(7), OK)),
        *heard(DONE, something=True),
        END,
    )


@pytest.mark.parametrize(
    ("event", "last"),
    [
        (("keepalive", {"sequence_number": 8}), 7),
        (("message", {"type": "keepalive", "sequence_number": 8}), 7),
        (delta(" you", 8), 8),
    ],
    ids=["by its name", "by its type", "no keep-alive"],
)
def test_a_keep_alive_has_the_number_of_what_is_still_to_come(event: Event, last: int) -> None:
    play(
        run_turn(BACKGROUND, NEXT, STREAM),
        (OPEN_BACKGROUND, OK),
        *heard(QUEUED, delta("Hi", 7), event, something=True),
        (Read(), CUT),
        (reopened(last), OK),
        *heard(DONE, something=True),
        END,
    )


def test_a_stream_that_broke_off_after_its_first_event_goes_on_after_that() -> None:
    first = (QUEUED[0], {**QUEUED[1], "sequence_number": 0})

    play(
        run_turn(BACKGROUND, NEXT, STREAM),
        (OPEN_BACKGROUND, OK),
        *heard(first),
        (Read(), CUT),
        (reopened(0), OK),
        *heard(DONE, something=True),
        END,
    )


def test_a_background_stream_that_cannot_be_opened_again_is_looked_up() -> None:
    play(
        run_turn(BACKGROUND, NEXT, STREAM),
        (OPEN_BACKGROUND, OK),
        *heard(QUEUED, delta("Hi", 7), something=True),
        (Read(), CUT),
        (reopened(7), refused(400, "No stream.")),
        (LOOK, answered(response("completed"))),
        *heard_whole(response("completed")),
    )


def test_a_background_stream_whose_events_have_no_numbers_is_looked_up() -> None:
    play(
        run_turn(BACKGROUND, NEXT, STREAM),
        (OPEN_BACKGROUND, OK),
        *heard(QUEUED),
        (Read(), CUT),
        (LOOK, answered(response("completed"))),
        *heard_whole(response("completed")),
    )


def test_leaving_a_background_response_cancels_it() -> None:
    script = [(OPEN_BACKGROUND, OK), *heard(QUEUED), (Read(), None)]

    assert leave(run_turn(BACKGROUND, NEXT, STREAM), script, Abandoned()) == [
        Send("POST", f"{RESPONSES}/resp_1/cancel", repeatable=True)
    ]
