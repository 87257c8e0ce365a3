"""A stream that breaks off is no error: what it did not bring is asked for, and nothing twice."""

from __future__ import annotations

from typing import Any

import pytest
from folding import answer
from langchain_core.messages import AIMessageChunk

from langchain_foundry_agents._flow.effects import JSON, Effect, Emit, Heard, Pause, Read, Send
from langchain_foundry_agents._flow.progress import Outcome, Policy
from langchain_foundry_agents._flow.retry import Patience
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import (
    FoundryAgentError,
    ProtocolError,
    RateLimitError,
    Response,
    RunCancelledError,
    RunExpiredError,
    ServiceConnectionError,
    ServiceFailedError,
)

from . import responses
from .player import (
    ANSWER,
    ANSWERED,
    API,
    CANCEL,
    DISCARD,
    END,
    FIND_RUN,
    FIND_THREAD,
    FIRST,
    GROWING,
    LOOK,
    MOMENT,
    OK,
    OPEN_FIRST,
    OPEN_WITHOUT,
    SOME_TEXT,
    STREAM,
    V1,
    Step,
    answered,
    approval_call,
    asking_run,
    broken,
    call,
    growing,
    heard,
    looked,
    message,
    page,
    play,
    read_whole,
    refused,
    run,
    run_event,
    told,
)
from .streams import ASKED, CASES, DONE, TEXT, Case, Cut, cuts
from .tools import OUTPUTS, SUBMIT
from .world import World, brought

EVERY_CUT = [
    pytest.param(
        case,
        cut,
        id=f"{name}, {cut.number}, {cut.after}, {'breaks' if cut.breaks else 'ends'}",
    )
    for name, case in CASES.items()
    for cut in cuts(case)
]


def whole(case: Case, *stop: str) -> AIMessageChunk:
    """The answer of a turn whose streams are heard to their ends."""
    streams = [brought(one.events) for one in case.told]
    world = World(answer(*stop), streams, {CANCEL: [OK]})
    return world.perform(case.flow())


@pytest.mark.parametrize("name", CASES)
def test_these_turns_say_this(name: str) -> None:
    assert whole(CASES[name]).text == CASES[name].text


@pytest.mark.parametrize(("case", "cut"), EVERY_CUT)
def test_a_turn_that_is_cut_anywhere_gives_the_same_answer_and_asks_for_nothing_twice(
    case: Case, cut: Cut
) -> None:
    world = World(answer(), cut.of(case), case.told[cut.number].found)

    message = world.perform(case.flow())

    assert message == whole(case)
    assert world.posted == case.opened


UNNAMED = [(0, [FIND_THREAD] * 3), (1, [*[FIND_RUN] * 3, DISCARD])]
"""How many events come before the run is named (one names the thread), and what is asked then."""
NOT_THERE = {FIND_THREAD: [page()], FIND_RUN: [page()], DISCARD: [OK]}


@pytest.mark.parametrize(("after", "asked"), UNNAMED)
def test_a_stream_that_breaks_off_before_it_names_the_run_is_an_error(
    after: int, asked: list[Send]
) -> None:
    line = broken()
    world = World(answer(), [brought(TEXT.events[:after], line)], NOT_THERE)

    with pytest.raises(ServiceConnectionError) as caught:
        world.perform(CASES["text"].flow())

    assert caught.value is line
    assert world.asked == [OPEN_FIRST, *asked]


@pytest.mark.parametrize(("after", "asked"), UNNAMED)
def test_a_stream_that_ends_before_it_names_the_run_is_an_error(
    after: int, asked: list[Send]
) -> None:
    world = World(answer(), [brought(TEXT.events[:after])], NOT_THERE)

    with pytest.raises(ProtocolError, match=r"The stream ended before the run did\."):
        world.perform(CASES["text"].flow())

    assert world.asked == [OPEN_FIRST, *asked]


STOPPED_AFTER = 6
"""So many events of the text bring the stop sequence `lo`."""


@pytest.mark.parametrize("cut", cuts(CASES["text"]), ids=str)
def test_a_text_that_is_cut_stops_where_a_whole_one_does(cut: Cut) -> None:
    case = CASES["text"]
    world = World(answer("lo"), cut.of(case), TEXT.found)

    message = world.perform(case.flow())

    assert message.content == "Hel"
    assert message.response_metadata["finish_reason"] == "stop"
    # Who has enough hears no cut; a run that was looked up is over.
    enough = [OPEN_FIRST, CANCEL]
    assert world.asked == (
        enough if cut.after >= STOPPED_AFTER else [OPEN_FIRST, LOOK, LOOK, ANSWER]
    )


def test_a_stop_sequence_in_what_was_looked_up_cancels_a_run_that_waits_for_the_caller() -> None:
    case = CASES["calls"]
    world = World(answer("add"), Cut(0, 1, breaks=True).of(case), ASKED.found)

    message = world.perform(case.flow())

    assert (message.content, message.tool_calls) == ("Let me ", [])
    assert world.posted == [OPEN_FIRST, CANCEL]


OPENED: list[Step] = [(OPEN_FIRST, OK), *SOME_TEXT]
"""A turn of which some text was handed out."""


def broke(*looked_up: Step, then: tuple[Effect, ...] = (), **policy: Any) -> Outcome:
    """A turn whose line broke after some text, what looks found, and what tidied up.

    Raises:
        FoundryAgentError: It did not end in an answer.
    """
    steps = [*OPENED, (Read(), broken()), *looked_up, *((effect, OK) for effect in then)]
    return play(run_turn(API, FIRST, Policy(**policy)), *steps)


def test_a_run_that_is_found_at_its_end_is_read() -> None:
    outcome = broke(
        (Send("GET", "/threads/thread_1/runs/run_1", None, V1), answered(run("completed"))),
        (ANSWER, page(message("Hi you"))),
        (
            Emit(
                (
                    ("thread.run", run("completed")),
                    ("thread.message.completed", message("Hi you")),
                )
            ),
            Heard(something=True),
        ),
    )

    assert outcome == Outcome(run("completed"))


def test_a_run_that_is_found_at_work_is_waited_for_as_in_poll_mode() -> None:
    waits, working = growing(), (LOOK, answered(run("in_progress")))
    looks = [step for wait in waits for step in ((wait, None), working)]

    broke(working, *looks[:-1], (LOOK, answered(DONE)), *read_whole(DONE, message()))

    assert [round(wait.at_most, 3) for wait in waits] == GROWING


@pytest.mark.parametrize(
    "ended",
    [
        run("incomplete", incomplete_details={"reason": "max_completion_tokens"}),
        asking_run(call("call_1")),
        asking_run(approval_call("call_1"), approval=True),
    ],
    ids=["cut short", "asks for outputs", "asks for approval"],
)
def test_a_run_that_is_found_to_rest_is_the_answer(ended: JSON) -> None:
    outcome = broke((LOOK, answered(ended)), *read_whole(ended, message()))

    assert outcome == Outcome(ended)


@pytest.mark.parametrize(
    ("ended", "kind", "then"),
    [
        (run("failed", last_error={"code": "server_error"}), ServiceFailedError, ()),
        (run("failed", last_error={"code": "rate_limit_exceeded"}), RateLimitError, ()),
        (run("cancelled"), RunCancelledError, ()),
        (run("expired"), RunExpiredError, ()),
        (run("paused"), ProtocolError, (CANCEL,)),
    ],
    ids=lambda ended: ended["status"] if isinstance(ended, dict) else "",
)
def test_a_run_that_is_found_to_have_ended_badly_is_its_error_and_runs_no_second_time(
    ended: JSON, kind: type[FoundryAgentError], then: tuple[Effect, ...]
) -> None:
    with pytest.raises(kind) as caught:
        broke((LOOK, answered(ended)), then=then)

    assert type(caught.value) is kind
    assert (caught.value.thread_id, caught.value.run_id) == ("thread_1", "run_1")


def test_a_run_that_is_found_failed_for_a_passing_reason_runs_again_if_it_said_nothing() -> None:
    outcome = play(
        run_turn(API, FIRST, STREAM),
        (OPEN_FIRST, OK),
        *heard(run_event("in_progress")),
        END,
        (LOOK, answered(run("failed", last_error={"code": "server_error"}))),
        (Pause(0.25, 0.5), None),
        (OPEN_WITHOUT, OK),
        *ANSWERED,
    )

    assert outcome == Outcome(run("completed"), attempts=2)


def test_a_look_that_is_refused_for_a_while_is_repeated_as_late_as_the_service_asks() -> None:
    outcome = broke(
        (LOOK, refused(429, retry_after="10")),
        (Pause(10.0, 11.0), None),
        (LOOK, refused(503)),
        (Pause(0.5, 1.0), None),
        (LOOK, answered(DONE)),
        *read_whole(DONE, message()),
    )

    assert outcome == Outcome(DONE)


GONE: list[Step] = [(LOOK, refused(404, "No run found."))]
UNREACHED: list[Step] = [
    (LOOK, ServiceConnectionError("No connection.")),
    (Pause(0.25, 0.5), None),
    (LOOK, ServiceConnectionError("No connection.")),
    (Pause(0.5, 1.0), None),
    (LOOK, ServiceConnectionError("No connection.")),
]


@pytest.mark.parametrize("looks", [GONE, UNREACHED], ids=["gone", "unreached"])
def test_a_break_is_the_error_where_nothing_can_be_looked_up(looks: list[Step]) -> None:
    with pytest.raises(ServiceConnectionError, match=r"The connection broke\.") as caught:
        broke(*looks, then=(CANCEL,))

    # The question was posted: asking again would post it twice.
    assert not caught.value.is_retryable
    assert (caught.value.thread_id, caught.value.run_id) == ("thread_1", "run_1")


def test_an_early_end_is_the_error_where_nothing_can_be_looked_up() -> None:
    with pytest.raises(ProtocolError, match=r"The stream ended before the run did\.") as caught:
        play(run_turn(API, FIRST, STREAM), *OPENED, END, *GONE, (CANCEL, OK))

    assert (caught.value.thread_id, caught.value.run_id) == ("thread_1", "run_1")


@pytest.mark.parametrize("refusal", [refused(429), refused(500), refused(403)])
def test_a_break_is_the_error_where_the_look_is_refused_for_good(refusal: Response) -> None:
    with pytest.raises(ServiceConnectionError, match=r"The connection broke\."):
        broke((LOOK, refusal), then=(CANCEL,), patience=Patience(max_retries=0))


def test_a_line_that_breaks_after_the_runs_end_takes_nothing_back() -> None:
    outcome = play(
        run_turn(API, FIRST, STREAM),
        *OPENED,
        *heard(told(DONE), something=True),
        (Read(), broken()),
    )

    assert outcome == Outcome(DONE)


def test_a_run_that_is_found_before_it_took_the_outputs_is_looked_at_again() -> None:
    outcome = play(
        run_turn(API, OUTPUTS, STREAM),
        (SUBMIT, OK),
        END,
        (LOOK, answered(asking_run(call("call_1")))),
        *looked(DONE),
        *read_whole(DONE, message()),
    )

    assert outcome == Outcome(DONE)


def test_a_later_look_that_cannot_be_made_does_not_read_as_a_turn_to_repeat() -> None:
    unreached = ServiceConnectionError("No connection.", maybe_accepted=False)

    with pytest.raises(ServiceConnectionError) as caught:
        broke(
            (LOOK, answered(run("in_progress"))),
            (MOMENT, None),
            (LOOK, unreached),
            then=(CANCEL,),
            patience=Patience(max_retries=0),
        )

    assert caught.value.maybe_accepted
    assert not caught.value.is_retryable


@pytest.mark.parametrize("how", [broken(), None], ids=["breaks", "ends"])
def test_a_response_that_breaks_off_after_a_stop_sequence_is_the_answer(how: Any) -> None:
    play(
        run_turn(responses.ALONE, responses.FIRST, STREAM),
        (responses.opened(responses.HELLO, **responses.HELPER, store=False), OK),
        *heard(responses.WORKING, responses.delta("Hi"), something=True, enough=True),
        (Read(), how),
    )
