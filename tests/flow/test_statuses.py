"""The table of run statuses: it is total, and every row has its outcome in both modes."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_foundry_agents._flow.progress import Outcome
from langchain_foundry_agents._flow.statuses import STATUSES, Meaning, holds_thread, meaning
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import (
    ContentFilterError,
    ProtocolError,
    RunCancelledError,
    RunExpiredError,
    RunFailedError,
    RunIncompleteError,
)

from .player import (
    API,
    CANCEL,
    END,
    FIRST,
    LOOK,
    OK,
    OPEN_FIRST,
    POLL,
    POST_FIRST,
    STREAM,
    Step,
    answered,
    asking_run,
    call,
    heard,
    looked,
    message,
    play,
    read_whole,
    run,
    run_event,
    text_event,
    told,
)

# RunStatus of azure-ai-agents 1.2.0b6. The service has `incomplete` beside them.
RUN_STATUS = [
    "queued",
    "in_progress",
    "requires_action",
    "cancelling",
    "cancelled",
    "failed",
    "completed",
    "expired",
]
WORKING = ["queued", "in_progress", "cancelling"]
GIVES = ["completed", "incomplete"]
ASKS = ["requires_action"]
RAISES: dict[str, tuple[type[Exception], bool]] = {
    # The error, and whether the run is cancelled.
    "failed": (RunFailedError, False),
    "cancelled": (RunCancelledError, False),
    "expired": (RunExpiredError, False),
    "paused": (ProtocolError, True),
}


def test_the_table_has_every_status_of_the_service() -> None:
    assert set(STATUSES) == {*RUN_STATUS, "incomplete"}


def test_every_row_has_its_outcome_in_this_file() -> None:
    assert set(STATUSES) == {*WORKING, *GIVES, *ASKS, *RAISES} - {"paused"}


def test_every_meaning_stands_for_a_status_but_unknown() -> None:
    assert set(STATUSES.values()) == set(Meaning) - {Meaning.UNKNOWN}


@pytest.mark.parametrize("status", ["paused", "", None])
def test_a_status_that_the_table_lacks_is_unknown(status: str | None) -> None:
    assert meaning(status) is Meaning.UNKNOWN


def test_these_runs_hold_their_thread() -> None:
    held = {status for status in [*STATUSES, "paused"] if holds_thread(status)}

    assert held == {"queued", "in_progress", "cancelling", "requires_action", "paused"}


def listened(status: str, **fields: Any) -> list[Step]:
    """A stream of some text, to the run's end."""
    events = text_event("Hi"), run_event(status, **fields)
    return [(OPEN_FIRST, OK), *heard(*events, something=True), END]


def cancelled(cancels: bool) -> list[Step]:
    return [(CANCEL, OK)] if cancels else []


@pytest.mark.parametrize("status", GIVES)
def test_a_stream_to_this_status_is_an_answer(status: str) -> None:
    outcome = play(run_turn(API, FIRST, STREAM), *listened(status))

    assert outcome == Outcome(run(status))


@pytest.mark.parametrize("status", GIVES)
def test_polling_to_this_status_is_an_answer(status: str) -> None:
    outcome = play(
        run_turn(API, FIRST, POLL),
        (POST_FIRST, answered(run(status))),
        *read_whole(run(status), message("Hi")),
    )

    assert outcome == Outcome(run(status))


def test_a_stream_to_a_run_that_asks_for_outputs_is_an_answer_and_the_run_waits() -> None:
    asking = asking_run(call("call_1"))

    outcome = play(run_turn(API, FIRST, STREAM), (OPEN_FIRST, OK), *heard(told(asking)), END)

    assert outcome == Outcome(asking)


def test_polling_to_a_run_that_asks_for_outputs_is_an_answer_and_the_run_waits() -> None:
    asking = asking_run(call("call_1"))

    outcome = play(
        run_turn(API, FIRST, POLL),
        (POST_FIRST, answered(asking)),
        *read_whole(asking),
    )

    assert outcome == Outcome(asking)


@pytest.mark.parametrize("status", RAISES)
def test_a_stream_to_this_status_is_an_error(status: str) -> None:
    kind, cancels = RAISES[status]

    with pytest.raises(kind) as caught:
        play(run_turn(API, FIRST, STREAM), *listened(status), *cancelled(cancels))

    assert type(caught.value) is kind


@pytest.mark.parametrize("status", RAISES)
def test_polling_to_this_status_is_an_error(status: str) -> None:
    kind, cancels = RAISES[status]

    with pytest.raises(kind) as caught:
        play(run_turn(API, FIRST, POLL), (POST_FIRST, answered(run(status))), *cancelled(cancels))

    assert type(caught.value) is kind


@pytest.mark.parametrize("status", WORKING)
def test_a_run_whose_stream_ends_with_this_status_is_looked_at_until_it_ends(status: str) -> None:
    outcome = play(
        run_turn(API, FIRST, STREAM),
        *listened(status),
        (LOOK, answered(run(status))),
        *looked(run("completed")),
        *read_whole(run("completed"), message("Hi")),
    )

    assert outcome == Outcome(run("completed"))


@pytest.mark.parametrize("status", WORKING)
def test_polling_goes_on_with_this_status(status: str) -> None:
    with pytest.raises(RunExpiredError):
        play(
            run_turn(API, FIRST, POLL),
            (POST_FIRST, answered(run(status))),
            *looked(run("expired")),
        )


@pytest.mark.parametrize(
    ("reason", "kind", "what"),
    [
        (
            "max_completion_tokens",
            RunIncompleteError,
            "The run ended before it wrote anything: max_completion_tokens.",
        ),
        (
            "max_prompt_tokens",
            RunIncompleteError,
            "The run ended before it wrote anything: max_prompt_tokens.",
        ),
        ("content_filter", ContentFilterError, "A content filter stopped the run."),
    ],
)
def test_an_incomplete_run_that_wrote_nothing_is_an_error(
    reason: str, kind: type[RunFailedError], what: str
) -> None:
    ended = run_event("incomplete", incomplete_details={"reason": reason})

    with pytest.raises(kind) as caught:
        play(run_turn(API, FIRST, STREAM), (OPEN_FIRST, OK), *heard(ended), END)

    assert caught.value.args == (what,)
    assert (caught.value.code, caught.value.run_id) == (reason, "run_1")


def test_a_polled_incomplete_run_that_wrote_nothing_is_an_error() -> None:
    ended = run("incomplete", incomplete_details={"reason": "content_filter"})

    with pytest.raises(ContentFilterError):
        play(
            run_turn(API, FIRST, POLL),
            (POST_FIRST, answered(ended)),
            *read_whole(ended),
        )


def test_an_incomplete_run_without_a_reason_says_so() -> None:
    with pytest.raises(RunIncompleteError, match="no reason given"):
        play(
            run_turn(API, FIRST, STREAM),
            (OPEN_FIRST, OK),
            *heard(run_event("incomplete")),
            END,
        )
