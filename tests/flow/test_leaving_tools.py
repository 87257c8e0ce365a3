"""Whoever leaves a turn with tools, files or approvals, and when: no run of it stays behind."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_foundry_agents._flow.effects import (
    JSON,
    Abandoned,
    Decide,
    Effect,
    Emit,
    Heard,
    Open,
    OutOfTime,
    Pause,
    Read,
    Send,
)
from langchain_foundry_agents._flow.progress import Ask, Outcome, Policy
from langchain_foundry_agents._flow.threads_api import ThreadsApi
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import (
    FoundryAgentError,
    ProtocolError,
    Response,
    RunTimeoutError,
    ServiceConnectionError,
)

from .player import (
    AGAIN,
    ANSWER,
    ANSWERED,
    API,
    CANCEL,
    FIRST,
    LOOK,
    OK,
    OPEN_FIRST,
    POLL,
    STREAM,
    V1,
    Step,
    answered,
    approval_call,
    asking_run,
    call,
    heard,
    leave,
    message,
    play,
    refused,
    run,
    told,
)
from .tools import (
    NAMED,
    NEWEST,
    OUTPUTS,
    OUTPUTS_AND_MORE,
    SUBMIT,
    SUBMIT_PATH,
    SUBMIT_POLLED,
    UNANSWERED,
    WHOLE,
    opened,
)

REPORT = ("a.csv", b"1,2", "text/csv")
BROUGHT = {"role": "user", "content": "See", "attachments": [{"file": REPORT}]}
TOOLED = ThreadsApi("asst_1", run_options={"tools": [{"type": "code_interpreter"}]})
AGENT = Send("GET", "/assistants/asst_1", None, V1, fresh_for=300.0)
UPLOAD = Send(
    "POST", "/files", {"purpose": "assistants"}, V1, repeatable=True, fresh_for=3600.0, file=REPORT
)
ATTACHED = {"file_id": "file_1", "tools": [{"type": "code_interpreter"}]}


def decide(about: JSON) -> Any:
    raise AssertionError("A flow decides nothing itself.")


FETCH = approval_call("call_1")
ASKING = asking_run(FETCH, approval=True)
APPROVED = {"tool_approvals": [{"tool_call_id": "call_1", "approve": True}], "stream": True}
POLLED = (("thread.run", run("completed")), ("thread.message.completed", message()))

NONE: list[Effect] = []
STOP: list[Effect] = [CANCEL]
_HEARD = [STOP, STOP, STOP, NONE, NONE]
"""What leaving asks for at each effect of `ANSWERED`, once the run is known from the start."""
_UNHEARD = [NONE, STOP, STOP, NONE, NONE]
"""The same, where an event has to name the run first."""

Turn = tuple[ThreadsApi, Ask, Policy, list[Step], list[list[Effect]]]
"""A turn, its whole script, and what is still asked for when it is left at each of its effects."""

TURNS: dict[str, Turn] = {
    "outputs": (API, OUTPUTS, STREAM, [(SUBMIT, OK), *ANSWERED], [STOP, *_HEARD]),
    "polled outputs": (
        API,
        OUTPUTS,
        POLL,
        [
            (SUBMIT_POLLED, answered(run("queued"))),
            (Pause(0.025, 0.05), None),
            (LOOK, answered(run("completed"))),
            (ANSWER, answered({"data": [message()], "has_more": False})),
            (Emit(POLLED), Heard(something=True)),
        ],
        [STOP, STOP, STOP, NONE, NONE],
    ),
    "outputs for a run that is over": (
        API,
        OUTPUTS,
        STREAM,
        [
            (SUBMIT, refused(400)),
            (LOOK, answered(run("completed"))),
            (opened(*WHOLE, thread_id=None), OK),
            *ANSWERED,
        ],
        [STOP, STOP, NONE, *_UNHEARD],
    ),
    "no outputs": (
        API,
        UNANSWERED,
        STREAM,
        [
            (CANCEL, answered(run("cancelling"))),
            (Pause(0.025, 0.05), None),
            (LOOK, answered(run("cancelled"))),
            (opened(AGAIN), OK),
            *ANSWERED,
        ],
        [STOP, STOP, STOP, NONE, *_UNHEARD],
    ),
    "outputs and a question": (
        API,
        OUTPUTS_AND_MORE,
        STREAM,
        [
            (SUBMIT_POLLED, answered(run("queued"))),
            (Pause(0.025, 0.05), None),
            (LOOK, answered(asking_run(call("call_2")))),
            (CANCEL, answered(run("cancelled"))),
            (opened(AGAIN), OK),
            *ANSWERED,
        ],
        [STOP, STOP, STOP, STOP, NONE, *_UNHEARD],
    ),
    "outputs in a named thread": (
        API,
        NAMED,
        STREAM,
        [(NEWEST, answered({"data": [asking_run(call("call_1"))]})), (SUBMIT, OK), *ANSWERED],
        [NONE, STOP, *_HEARD],
    ),
    "approvals": (
        API,
        FIRST,
        Policy(mcp_approval=decide),
        [
            (OPEN_FIRST, OK),
            *heard(told(ASKING)),
            (Read(), None),
            (Decide(decide, FETCH), True),
            (Open(SUBMIT_PATH, APPROVED, V1), OK),
            *ANSWERED,
        ],
        [NONE, NONE, STOP, STOP, STOP, STOP, *_HEARD],
    ),
    "a call that is the answer": (
        API,
        FIRST,
        Policy(cancel_calls=True),
        [
            (OPEN_FIRST, OK),
            *heard(told(asking_run(call("call_1")))),
            (Read(), None),
            (CANCEL, answered(run("cancelled"))),
        ],
        [NONE, NONE, STOP, STOP, STOP],
    ),
    "tools and files": (
        TOOLED,
        Ask((BROUGHT,), lambda: (BROUGHT,), "thread_1"),
        STREAM,
        [
            (AGENT, answered({"id": "asst_1", "tools": []})),
            (UPLOAD, answered({"id": "file_1"})),
            (
                opened(
                    {**BROUGHT, "attachments": [ATTACHED]}, tools=[{"type": "code_interpreter"}]
                ),
                OK,
            ),
            *ANSWERED,
        ],
        [NONE, NONE, NONE, *_UNHEARD],
    ),
}


def places(*, survived: tuple[Effect, ...] = ()) -> list[Any]:
    """Every effect of these turns, but for those whose failure a turn survives."""
    found = []
    for name, (api, ask, policy, script, asked) in TURNS.items():
        for place, (effect, _) in enumerate(script):
            if effect in survived:
                continue
            turn = api, ask, policy, script[: place + 1], asked[place]
            found.append(pytest.param(*turn, id=f"{name}, {place}"))
    return found


EACH = "api", "ask", "policy", "script", "asked"


@pytest.mark.parametrize("name", TURNS)
def test_every_effect_of_these_turns_can_be_left(name: str) -> None:
    api, ask, policy, script, asked = TURNS[name]

    play(run_turn(api, ask, policy), *script)

    assert len(asked) == len(script)


@pytest.mark.parametrize(EACH, places())
def test_a_caller_that_is_gone_leaves_no_run(
    api: ThreadsApi, ask: Ask, policy: Policy, script: list[Step], asked: list[Effect]
) -> None:
    assert leave(run_turn(api, ask, policy), script, Abandoned()) == asked


@pytest.mark.parametrize(EACH, places())
def test_a_turn_out_of_time_leaves_no_run_and_says_which_it_was(
    api: ThreadsApi, ask: Ask, policy: Policy, script: list[Step], asked: list[Effect]
) -> None:
    tidied: list[Step] = [(effect, OK) for effect in asked]

    with pytest.raises(RunTimeoutError) as caught:
        play(run_turn(api, ask, policy), *script[:-1], (script[-1][0], OutOfTime()), *tidied)

    assert not asked or caught.value.run_id == "run_1"


@pytest.mark.parametrize(EACH, places(survived=(CANCEL,)))
def test_an_error_leaves_no_run(
    api: ThreadsApi, ask: Ask, policy: Policy, script: list[Step], asked: list[Effect]
) -> None:
    tidied: list[Step] = [(effect, OK) for effect in asked]
    broken = ServiceConnectionError("The connection broke.", maybe_accepted=True)
    # A request that may be repeated is, with pauses: once is enough here.
    once = ProtocolError("It broke.") if isinstance(script[-1][0], Send) else broken

    with pytest.raises(FoundryAgentError) as caught:
        play(run_turn(api, ask, policy), *script[:-1], (script[-1][0], once), *tidied)

    assert caught.value is once


def test_html_in_place_of_the_stream_of_outputs_leaves_no_run() -> None:
    page = Response(200, {"content-type": "text/html"}, "<html>Sign in</html>")

    with pytest.raises(ProtocolError, match=r"\(text/html\): <html>Sign in</html>"):
        play(run_turn(API, OUTPUTS, STREAM), (SUBMIT, page), (CANCEL, OK))


def test_a_call_that_is_the_answer_is_given_even_if_its_run_is_not_cancelled() -> None:
    asking = asking_run(call("call_1"))

    outcome = play(
        run_turn(API, FIRST, Policy(cancel_calls=True)),
        (OPEN_FIRST, OK),
        *heard(told(asking)),
        (Read(), None),
        (CANCEL, refused(400, "Cannot cancel run with status 'expired'.")),
    )

    assert outcome == Outcome(asking)
