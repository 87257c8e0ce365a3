"""Whoever leaves a turn, and when: a run that is known is cancelled, and nothing stays behind."""

from __future__ import annotations

import pytest

from langchain_foundry_agents._flow.effects import (
    NOTHING,
    Abandoned,
    Effect,
    Open,
    OutOfTime,
    Pause,
    Read,
)
from langchain_foundry_agents._flow.progress import Outcome, Policy
from langchain_foundry_agents._flow.turn import begin_turn, leave_turn, run_turn
from langchain_foundry_agents.errors import (
    FoundryAgentError,
    ProtocolError,
    Response,
    RunTimeoutError,
    ServiceConnectionError,
    ServiceError,
)

from .player import (
    API,
    BUSY,
    CANCEL,
    DISCARD,
    END,
    FIND_RUN,
    FIND_THREAD,
    FIRST,
    KEY,
    LOOK,
    MOMENT,
    NEXT,
    OK,
    OPEN_FIRST,
    OPEN_NEXT,
    POLL,
    POST_FIRST,
    SOME_TEXT,
    STREAM,
    Step,
    Turn,
    answered,
    asking_run,
    broken,
    call,
    heard,
    leave,
    page,
    places,
    play,
    refused,
    run,
    run_event,
    text_event,
    told,
    wire,
)
from .tools import OUTPUTS, SUBMIT
from .turns import OPEN_APPROVED, OPEN_TOLD, POST_THREAD, TOLD, TURNS

NO_JSON = [("thread.message.delta", "{")]


@pytest.mark.parametrize("name", TURNS)
def test_every_effect_of_these_turns_can_be_left(name: str) -> None:
    turn = TURNS[name]

    play(turn.flow(), *turn.script)

    assert len(turn.left) == len(turn.script)


@pytest.mark.parametrize(("turn", "place"), places(TURNS))
def test_a_caller_that_is_gone_leaves_no_run(turn: Turn, place: int) -> None:
    assert leave(turn.flow(), turn.script[: place + 1], Abandoned()) == turn.left[place]


@pytest.mark.parametrize(("turn", "place"), places(TURNS))
def test_a_turn_out_of_time_leaves_no_run_and_says_which_it_was(turn: Turn, place: int) -> None:
    with pytest.raises(RunTimeoutError) as caught:
        play(turn.flow(), *turn.spoilt(place, OutOfTime()))

    assert caught.value.__suppress_context__
    assert CANCEL not in turn.left[place] or caught.value.run_id == "run_1"


@pytest.mark.parametrize(("turn", "place"), places(TURNS, survived=(CANCEL, SUBMIT, OPEN_APPROVED)))
def test_an_error_leaves_no_run(turn: Turn, place: int) -> None:
    with pytest.raises(FoundryAgentError, match=r"not JSON|broke|stream ended"):
        play(turn.flow(), *turn.spoilt(place, spoiling(turn.script[place][0])))


def spoiling(effect: Effect) -> object:
    """A result that ends any turn, once is enough."""
    match effect:
        case Read():
            return NO_JSON
        case Open():
            return broken()
        case _:
            return ProtocolError("It broke.")


def test_a_timeout_names_thread_and_run() -> None:
    with pytest.raises(RunTimeoutError) as caught:
        play(
            run_turn(API, FIRST, STREAM),
            (OPEN_FIRST, OK),
            *SOME_TEXT,
            (Read(), OutOfTime()),
            (CANCEL, OK),
        )

    assert str(caught.value) == (
        "The turn took longer than run_timeout allows. [thread thread_1, run run_1] "
        "Raise run_timeout (seconds), or ask for less in one turn."
    )


@pytest.mark.parametrize(
    "failure",
    [refused(500), ServiceConnectionError("The connection failed.")],
    ids=["refused", "broken"],
)
def test_a_cancel_that_fails_does_not_hide_the_first_error(failure: object) -> None:
    with pytest.raises(ServiceError, match="It broke"):
        play(
            run_turn(API, FIRST, STREAM),
            (OPEN_FIRST, OK),
            *SOME_TEXT,
            (Read(), wire(("error", {"message": "It broke."}))),
            (CANCEL, failure),
            (CANCEL, failure),
        )


@pytest.mark.parametrize(
    "lost",
    [refused(502), ServiceConnectionError("The connection failed.")],
    ids=["refused", "broken"],
)
def test_a_cancel_that_is_lost_once_is_asked_for_once_more(lost: object) -> None:
    flow = run_turn(API, FIRST, STREAM)
    next(flow)
    flow.send(OK)
    flow.send(wire(BUSY))
    flow.send(NOTHING)

    assert flow.throw(Abandoned()) == CANCEL
    again = flow.throw(lost) if isinstance(lost, BaseException) else flow.send(lost)
    assert again == CANCEL
    with pytest.raises(Abandoned):
        flow.send(OK)


@pytest.mark.parametrize("left", [Abandoned, OutOfTime])
def test_a_run_that_was_surely_not_asked_for_is_not_looked_for(
    left: type[Abandoned | OutOfTime],
) -> None:
    flow = run_turn(API, FIRST, STREAM)
    assert next(flow) == OPEN_FIRST

    with pytest.raises((Abandoned, RunTimeoutError)):
        flow.throw(left(begun=False))


def test_a_run_that_an_earlier_try_may_have_set_going_is_looked_for() -> None:
    flow = run_turn(API, FIRST, STREAM)
    next(flow)
    flow.throw(ServiceConnectionError("The connection failed.", maybe_accepted=False))
    assert flow.send(None) == OPEN_FIRST
    flow.throw(ServiceConnectionError("It broke.", maybe_accepted=True))

    assert flow.throw(Abandoned(begun=False)) == FIND_THREAD


def test_a_turn_that_was_interrupted_while_it_worked_is_left_by_another_flow() -> None:
    progress = begin_turn(FIRST, STREAM)
    flow = run_turn(API, FIRST, STREAM, progress)
    next(flow)
    flow.send(OK)
    flow.send(wire(BUSY))
    with pytest.raises(KeyboardInterrupt):
        flow.throw(KeyboardInterrupt())

    play(leave_turn(API, progress), (CANCEL, OK))


@pytest.mark.parametrize("last", [OK, OutOfTime()], ids=["done", "cut off"])
def test_a_cancel_that_the_turns_end_cuts_off_is_tried_twice_more(last: object) -> None:
    with pytest.raises(ServiceError, match="It broke"):
        play(
            run_turn(API, FIRST, STREAM),
            (OPEN_FIRST, OK),
            *SOME_TEXT,
            (Read(), wire(("error", {"message": "It broke."}))),
            (CANCEL, OutOfTime()),
            (CANCEL, OutOfTime()),
            (CANCEL, last),
        )


def test_a_thread_that_was_created_for_a_run_that_is_refused_is_deleted() -> None:
    with pytest.raises(FoundryAgentError, match="The model is unknown"):
        play(
            run_turn(API, TOLD, STREAM),
            (POST_THREAD, answered({"id": "thread_1"})),
            (OPEN_TOLD, refused(400, "The model is unknown.")),
            (DISCARD, answered({"deleted": True})),
        )


@pytest.mark.parametrize("status", [300, 403, 404])
def test_a_thread_that_cannot_be_deleted_is_named(status: int) -> None:
    with pytest.raises(FoundryAgentError, match="The model is unknown") as caught:
        play(
            run_turn(API, TOLD, STREAM),
            (POST_THREAD, answered({"id": "thread_1"})),
            (OPEN_TOLD, refused(400, "The model is unknown.")),
            (DISCARD, refused(status)),
        )

    assert caught.value.thread_id == "thread_1"


def test_a_thread_that_was_deleted_before_the_next_try_is_not_deleted_again() -> None:
    with pytest.raises(FoundryAgentError, match="The model is unknown"):
        play(
            run_turn(API, FIRST, STREAM),
            (OPEN_FIRST, refused(500)),
            (Pause(0.25, 0.5), None),
            (FIND_THREAD, page({"id": "thread_1", **KEY})),
            (FIND_RUN, page()),
            (DISCARD, OK),
            (OPEN_FIRST, refused(400, "The model is unknown.")),
            (FIND_THREAD, page()),
        )


def test_a_caller_that_leaves_twice_leaves_no_run_either() -> None:
    flow = run_turn(API, NEXT, STREAM)
    next(flow)

    assert flow.throw(Abandoned()) == FIND_RUN
    assert flow.throw(Abandoned()) == FIND_RUN
    assert flow.send(page(run("in_progress", **KEY))) == CANCEL
    with pytest.raises(Abandoned):
        flow.send(OK)


def test_a_thread_that_was_there_before_is_not_deleted() -> None:
    with pytest.raises(FoundryAgentError, match="The model is unknown"):
        play(run_turn(API, NEXT, STREAM), (OPEN_NEXT, refused(400, "The model is unknown.")))


def test_enough_cancels_the_run_and_the_answer_is_given() -> None:
    outcome = play(
        run_turn(API, FIRST, STREAM),
        (OPEN_FIRST, OK),
        *heard(BUSY, text_event("Hi"), something=True, enough=True),
        (CANCEL, answered(run("cancelling"))),
    )

    assert outcome == Outcome(run("cancelling"))


def test_enough_of_a_run_that_is_over_cancels_nothing() -> None:
    outcome = play(
        run_turn(API, FIRST, STREAM),
        (OPEN_FIRST, OK),
        *heard(text_event("Hi"), run_event("completed"), something=True, enough=True),
    )

    assert outcome == Outcome(run("completed"))


def test_enough_of_a_run_that_ends_in_the_same_moment_is_an_answer() -> None:
    outcome = play(
        run_turn(API, FIRST, STREAM),
        (OPEN_FIRST, OK),
        *heard(BUSY, text_event("Hi"), something=True, enough=True),
        (CANCEL, refused(400, "Cannot cancel run with status 'completed'.")),
    )

    assert outcome == Outcome(run("in_progress"))


def test_a_caller_that_leaves_during_the_cancel_leaves_no_run() -> None:
    error = ("error", {"message": "It broke."})
    script = [(OPEN_FIRST, OK), *SOME_TEXT, (Read(), wire(error)), (CANCEL, OK)]

    assert leave(run_turn(API, FIRST, STREAM), script, Abandoned()) == [CANCEL]


def test_a_look_that_brings_no_run_leaves_no_run() -> None:
    with pytest.raises(ProtocolError) as caught:
        play(
            run_turn(API, FIRST, POLL),
            (POST_FIRST, answered(run("queued"))),
            (MOMENT, None),
            (LOOK, answered({"hello": "world"})),
            (CANCEL, OK),
        )

    assert caught.value.args == ("The service was asked for the run and answered something else.",)


def test_html_in_place_of_the_stream_of_outputs_leaves_no_run() -> None:
    html = Response(200, {"content-type": "text/html"}, "<html>Sign in</html>")

    with pytest.raises(ProtocolError, match=r"\(text/html\): <html>Sign in</html>"):
        play(run_turn(API, OUTPUTS, STREAM), (SUBMIT, html), (CANCEL, OK))


def test_a_call_that_is_the_answer_is_given_even_if_its_run_is_not_cancelled() -> None:
    asking = asking_run(call("call_1"))

    outcome = play(
        run_turn(API, FIRST, Policy(cancel_calls=True)),
        (OPEN_FIRST, OK),
        *heard(told(asking)),
        END,
        (CANCEL, refused(400, "Cannot cancel run with status 'expired'.")),
    )

    assert outcome == Outcome(asking)


THREAD = {"id": "thread_1", "object": "thread", **KEY}


@pytest.mark.parametrize(
    "found",
    [
        [(FIND_THREAD, page({**THREAD, "metadata": "none"}))],
        [(FIND_THREAD, page({**KEY, "object": "thread"}))],
        [
            (FIND_THREAD, page(THREAD)),
            (FIND_RUN, page(run("in_progress", metadata=[1]))),
            (DISCARD, OK),
        ],
    ],
    ids=["metadata that are a text", "a thread without an id", "metadata that are a list"],
)
def test_what_is_looked_for_may_be_strange_and_hides_no_error(found: list[Step]) -> None:
    with pytest.raises(ProtocolError) as caught:
        play(run_turn(API, FIRST, POLL), (POST_FIRST, Response(200, {}, "<html>")), *found)

    assert "<html>" in str(caught.value)
