"""Whatever the service tells, in whatever order and form: a turn ends in an answer or our error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from folding import answer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from langchain_foundry_agents._answers.fold import Answer
from langchain_foundry_agents._flow.effects import (
    JSON,
    Claim,
    Decide,
    Effect,
    Emit,
    Event,
    Hold,
    Open,
    OutOfTime,
    Read,
    Send,
)
from langchain_foundry_agents.errors import FoundryAgentError, Response, ServiceConnectionError

from . import responses, streams
from .player import OK, POLL, Turn, answered, broken, page, refused
from .streams import Told
from .turns import ASKS_ME, TURNS
from .world import World

IN_TIME, TO_TIDY_UP = 60, 8
"""How many effects a turn has, and how many more once its time is over."""

THREADS = (streams.TEXT, streams.ASKED, streams.GIVEN, streams.ASKED_TO_APPROVE, streams.APPROVED)
CALLS = responses.response("completed", responses.function_call(), responses.approval_request())
RESPONSES = (
    streams.responding(),
    streams.responding(background=True),
    Told([responses.told(CALLS)], {}),
)
ODD = ["null", "true", "0", "-1", "1.5", '""', '"x"', "[]", "{}", "[null]", '["x"]', "[[]]"]
ODD += ['{"id": 3}', '{"x": 1}', '[{"type": "text"}]']
NO_EVENTS = [
    ("error", '{"error": {"code": "server_error", "message": "Sorry."}}'),
    ("error", "[1]"),
    ("error", "null"),
    ("thread.run.completed", '{"id": '),
    ("response.completed", "1], [2"),
    ("thread.message.delta", "[]"),
    ("", "null"),
    ("done", "[DONE]"),
]
REFUSALS = [
    refused(429, "Try again in 3 seconds."),
    refused(429),
    refused(500),
    refused(401),
    refused(401, "No.", "PermissionDenied"),
    refused(404),
    refused(400, "thread_1 already has an active run run_9."),
    refused(400, "No tool output found for function call call_1."),
    refused(409, "Locked.", "conversation_locked"),
    Response(200, {"content-type": "text/html"}, "<html>"),
    Response(200, {}, '{"id": '),
    Response(204),
    answered([]),
    broken(),
    ServiceConnectionError("No connection."),
    OutOfTime(),
]
WORKING = answered({"id": "run_1", "status": "in_progress"})


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for key, below in inner:
        yield (*path, key)
        yield from places(below, (*path, key))


@st.composite
def mangled(draw: st.DrawFn, bodies: list[JSON]) -> JSON:
    """A body in which something has another form, or is missing."""
    body: JSON = json.loads(json.dumps(draw(st.sampled_from(bodies))))
    for _ in range(draw(st.integers(1, 2))):
        found = list(places(body))
        if not found:
            break
        *path, last = draw(st.sampled_from(found))
        inner: Any = body
        for key in path:
            inner = inner[key]
        if draw(st.booleans()):
            inner[last] = json.loads(draw(st.sampled_from(ODD)))
        else:
            del inner[last]
    return body


def events_like(told: tuple[Told, ...]) -> st.SearchStrategy[tuple[str, str]]:
    """Events as these streams have them, whole or mangled, and what is none."""
    found: list[Event] = [event for one in told for event in one.events]
    named = {name: [data for other, data in found if other == name] for name, _ in found}
    whole = [(name, json.dumps(data)) for name, data in found]
    torn = st.sampled_from(sorted(named)).flatmap(
        lambda name: mangled(named[name]).map(lambda data: (name, json.dumps(data)))
    )
    return st.one_of(st.sampled_from(whole), torn, st.sampled_from(NO_EVENTS))


def reads_like(told: tuple[Told, ...]) -> st.SearchStrategy[Any]:
    """What a read brings: events in any order, the end, or a fault."""
    ends = st.sampled_from([None, None, broken(), OutOfTime()])
    whole = [[(name, json.dumps(data)) for name, data in one.events] for one in told]
    batches = st.lists(events_like(told), min_size=1, max_size=4)
    orders = st.sampled_from(whole).flatmap(st.permutations)
    return st.one_of(batches, batches, orders, st.sampled_from(whole), ends)


def answers_like(told: tuple[Told, ...], more: list[JSON]) -> st.SearchStrategy[Any]:
    """What a request comes to: an answer to it or to another one, whole or mangled, or a fault."""
    given_ = [one for case in told for found in case.found.values() for one in found if one.text]
    bodies = [one.json() for one in given_] + more
    whole = st.sampled_from(bodies).map(answered)
    return st.one_of(whole, whole, mangled(bodies).map(answered), st.sampled_from(REFUSALS))


class Disorder(World):
    """Gives what it has, in its order; then nothing more comes, and the turn's time is over."""

    def __init__(self, fold: Answer, reads: list[Any], answers: list[Any]) -> None:
        super().__init__(fold, ())
        self._told, self._given = iter(reads), iter(answers)
        self._effects = 0
        self._is_late = False

    def _result_of(self, effect: Effect) -> Any:
        self._effects += 1
        assert self._effects <= IN_TIME + TO_TIDY_UP, f"The turn takes no end: {effect}"
        match effect:
            case Emit():
                try:
                    return super()._result_of(effect)
                except FoundryAgentError as error:
                    return error
            case _ if self._effects >= IN_TIME and not self._is_late:
                self._is_late = True
                return OutOfTime()
            case Read():
                return next(self._told, None)
            case Open():
                # Most streams open.
                return OK if self._effects % 3 else next(self._given, OK)
            case Send():
                return next(self._given, WORKING)
            case Claim() | Hold() | Decide():
                return self._effects % 5 != 0
        return None


def check(turn: Turn, reads: list[Any], answers: list[Any], *, whole: bool) -> None:
    """Perform a turn; any error but ours fails."""
    with suppress(FoundryAgentError):
        Disorder(answer("STOP", whole=whole), reads, answers).perform(turn.flow())


def _responding(**more: Any) -> Turn:
    return Turn(**{"script": [], "left": [], "api": responses.API, **more})


OF_RESPONSES = {
    "a first response": _responding(ask=responses.FIRST),
    "a later response": _responding(ask=responses.NEXT, policy=ASKS_ME),
    "a response of a chain": _responding(ask=responses.AFTER, api=responses.CHAIN, policy=ASKS_ME),
    "a response alone": _responding(ask=responses.FIRST, api=responses.ALONE),
    "a background response": _responding(ask=responses.NEXT, api=responses.BACKGROUND),
    "a polled response": _responding(ask=responses.NEXT, api=responses.BACKGROUND, policy=POLL),
}
of_examples = partial(
    settings,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)


def scripts(told: tuple[Told, ...], *more: JSON) -> dict[str, Any]:
    return {
        "reads": st.lists(reads_like(told), max_size=6),
        "answers": st.lists(answers_like(told, list(more)), max_size=8),
        "whole": st.booleans(),
    }


@pytest.mark.parametrize("turn", [pytest.param(turn, id=name) for name, turn in TURNS.items()])
@of_examples(max_examples=40)
@given(**scripts(THREADS, {"id": "thread_1"}, {"id": "asst_1", "tools": []}))
def test_a_turn_on_a_thread_ends_in_an_outcome_or_our_error(
    turn: Turn, reads: list[Any], answers: list[Any], whole: bool
) -> None:
    check(turn, reads, answers, whole=whole)


@pytest.mark.parametrize("turn", [pytest.param(one, id=name) for name, one in OF_RESPONSES.items()])
@of_examples(max_examples=120)
@given(
    **scripts(RESPONSES, {"id": "conv_1"}, page(CALLS).json(), page(streams.RESPONSE).json(), CALLS)
)
def test_a_turn_of_responses_ends_in_an_outcome_or_our_error(
    turn: Turn, reads: list[Any], answers: list[Any], whole: bool
) -> None:
    check(turn, reads, answers, whole=whole)
