"""Turns of every kind with their whole scripts, and what is asked for when one is left."""

from __future__ import annotations

from typing import Any

from langchain_foundry_agents._flow.effects import (
    JSON,
    Decide,
    Effect,
    Open,
    Pause,
    Read,
    Renew,
    Send,
)
from langchain_foundry_agents._flow.progress import Ask, Policy
from langchain_foundry_agents._flow.threads_api import ThreadsApi

from .player import (
    AGAIN,
    AGENT,
    ANSWERED,
    BUSY,
    CANCEL,
    DISCARD,
    END,
    FIND_RUN,
    FIND_THREAD,
    FIRST,
    HELLO,
    KEY,
    LOOK,
    NEXT,
    OK,
    OPEN_FIRST,
    OPEN_NEXT,
    OPEN_WITHOUT,
    POLL,
    POST_FIRST,
    SOME_TEXT,
    V1,
    Step,
    Turn,
    answered,
    approval_call,
    asking_run,
    broken,
    call,
    heard,
    looked,
    message,
    read_whole,
    refused,
    run,
    run_event,
    text_event,
    told,
    upload,
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

NONE: list[Effect] = []
STOP: list[Effect] = [CANCEL]
HEARD = [STOP, STOP, STOP, NONE, NONE]
"""What leaving asks for at each effect of `ANSWERED`, once the run is known from the start."""
LOST: list[Effect] = [FIND_RUN]
LOST_FIRST: list[Effect] = [FIND_THREAD]
UNHEARD = [LOST, *HEARD[1:]]
"""The same, where an event has to name the run first: until then it is looked for."""

DONE = run("completed")
READ_WHOLE = read_whole(DONE, message())
TOLD = Ask((HELLO,), lambda: (HELLO,), instructions="Be brief.")
POST_THREAD = Send("POST", "/threads", {"messages": [HELLO], **KEY}, V1)
OPEN_TOLD = Open(
    "/threads/thread_1/runs",
    {"assistant_id": "asst_1", **KEY, "additional_instructions": "Be brief.", "stream": True},
    V1,
)

OF_TEXT: dict[str, Turn] = {
    "a first turn": Turn(
        FIRST, [(OPEN_FIRST, OK), *ANSWERED], [LOST_FIRST, LOST_FIRST, *HEARD[1:]]
    ),
    "a continued turn": Turn(NEXT, [(OPEN_NEXT, OK), *ANSWERED], [LOST, *UNHEARD]),
    "a first turn of two requests": Turn(
        TOLD,
        [(POST_THREAD, answered({"id": "thread_1"})), (OPEN_TOLD, OK), *ANSWERED],
        [LOST_FIRST, [FIND_RUN, DISCARD], [FIND_RUN, DISCARD], *HEARD[1:]],
    ),
    "a polled turn": Turn(
        FIRST,
        [(POST_FIRST, answered(run("queued"))), *looked(DONE), *READ_WHOLE],
        [LOST_FIRST, STOP, STOP, NONE, NONE],
        POLL,
    ),
    "a turn with a new token": Turn(
        NEXT,
        [(OPEN_NEXT, refused(401)), (Renew(), None), (OPEN_NEXT, OK), *ANSWERED],
        [LOST, LOST, LOST, *UNHEARD],
    ),
    "a turn that runs again": Turn(
        NEXT,
        [
            (OPEN_NEXT, OK),
            *heard(run_event("failed", last_error={"code": "server_error"})),
            END,
            (Pause(0.25, 0.5), None),
            (OPEN_WITHOUT, OK),
            *ANSWERED,
        ],
        [LOST, LOST, NONE, NONE, NONE, LOST, *UNHEARD],
    ),
    "a turn of which the caller has enough": Turn(
        FIRST,
        [
            (OPEN_FIRST, OK),
            *heard(BUSY, text_event("Hi"), something=True, enough=True),
            (CANCEL, answered(run("cancelling"))),
        ],
        [LOST_FIRST, LOST_FIRST, STOP, STOP],
    ),
}


REPORT = ("a.csv", b"1,2", "text/csv")
BROUGHT = {"role": "user", "content": "See", "attachments": [{"file": REPORT}]}
CODE = {"type": "code_interpreter"}
TOOLED = ThreadsApi("asst_1", "key_1", run_options={"tools": [CODE]})
ATTACHED = {**BROUGHT, "attachments": [{"file_id": "file_1", "tools": [CODE]}]}

FETCH = approval_call("call_1")
APPROVED = {"tool_approvals": [{"tool_call_id": "call_1", "approve": True}], "stream": True}
OPEN_APPROVED = Open(SUBMIT_PATH, APPROVED, V1)


def decide(about: JSON) -> Any:
    """The caller's function. The script says what it decides."""
    raise AssertionError("A flow decides nothing itself.")


ASKS_ME = Policy(mcp_approval=decide)
APPROVAL = asking_run(FETCH, approval=True)
"""A run that waits for one approval."""

OF_TOOLS: dict[str, Turn] = {
    "outputs": Turn(OUTPUTS, [(SUBMIT, OK), *ANSWERED], [STOP, *HEARD]),
    "polled outputs": Turn(
        OUTPUTS,
        [(SUBMIT_POLLED, answered(run("queued"))), *looked(DONE), *READ_WHOLE],
        [STOP, STOP, STOP, NONE, NONE],
        POLL,
    ),
    "outputs for a run that is over": Turn(
        OUTPUTS,
        [
            (SUBMIT, refused(400)),
            (LOOK, answered(DONE)),
            (opened(*WHOLE, thread_id=None), OK),
            *ANSWERED,
        ],
        [STOP, STOP, LOST_FIRST, LOST_FIRST, *HEARD[1:]],
    ),
    "no outputs": Turn(
        UNANSWERED,
        [
            (CANCEL, answered(run("cancelling"))),
            *looked(run("cancelled")),
            (opened(AGAIN), OK),
            *ANSWERED,
        ],
        [STOP, STOP, STOP, LOST, *UNHEARD],
    ),
    "outputs and a question": Turn(
        OUTPUTS_AND_MORE,
        [
            (SUBMIT_POLLED, answered(run("queued"))),
            *looked(asking_run(call("call_2"))),
            (CANCEL, answered(run("cancelled"))),
            (opened(AGAIN), OK),
            *ANSWERED,
        ],
        [STOP, STOP, STOP, STOP, LOST, *UNHEARD],
    ),
    "outputs in a named thread": Turn(
        NAMED,
        [(NEWEST, answered({"data": [asking_run(call("call_1"))]})), (SUBMIT, OK), *ANSWERED],
        [NONE, STOP, *HEARD],
    ),
    "approvals": Turn(
        FIRST,
        [
            (OPEN_FIRST, OK),
            *heard(told(APPROVAL)),
            END,
            (Decide(decide, FETCH), True),
            (OPEN_APPROVED, OK),
            *ANSWERED,
        ],
        [LOST_FIRST, LOST_FIRST, STOP, STOP, STOP, STOP, *HEARD],
        ASKS_ME,
    ),
    "a call that is the answer": Turn(
        FIRST,
        [
            (OPEN_FIRST, OK),
            *heard(told(asking_run(call("call_1")))),
            END,
            (CANCEL, answered(run("cancelled"))),
        ],
        [LOST_FIRST, LOST_FIRST, STOP, STOP, STOP],
        Policy(cancel_calls=True),
    ),
    "tools and files": Turn(
        Ask((BROUGHT,), lambda: (BROUGHT,), "thread_1"),
        [
            (AGENT, answered({"id": "asst_1", "tools": []})),
            (upload(REPORT), answered({"id": "file_1"})),
            (opened(ATTACHED, tools=[CODE]), OK),
            *ANSWERED,
        ],
        [NONE, NONE, LOST, *UNHEARD],
        api=TOOLED,
    ),
}

BROKEN: Step = (Read(), broken())
OF_BROKEN_STREAMS: dict[str, Turn] = {
    "a stream that breaks off": Turn(
        FIRST,
        [
            (OPEN_FIRST, OK),
            *SOME_TEXT,
            BROKEN,
            (LOOK, answered(run("in_progress"))),
            *looked(DONE),
            *READ_WHOLE,
        ],
        [LOST_FIRST, LOST_FIRST, STOP, STOP, STOP, STOP, STOP, NONE, NONE],
    ),
    "a stream that ends early": Turn(
        FIRST,
        [
            (OPEN_FIRST, OK),
            *SOME_TEXT,
            END,
            (LOOK, refused(429)),
            (Pause(0.25, 0.5), None),
            (LOOK, answered(asking_run(call("call_1")))),
            *read_whole(asking_run(call("call_1")), message()),
        ],
        [LOST_FIRST, LOST_FIRST, STOP, STOP, STOP, STOP, STOP, STOP, STOP],
    ),
    "outputs whose stream breaks off at once": Turn(
        OUTPUTS,
        [(SUBMIT, OK), BROKEN, (LOOK, answered(DONE)), *READ_WHOLE],
        [STOP, STOP, STOP, NONE, NONE],
    ),
    "approvals whose streams break off": Turn(
        FIRST,
        [
            (OPEN_FIRST, OK),
            *SOME_TEXT,
            BROKEN,
            (LOOK, answered(APPROVAL)),
            *read_whole(APPROVAL),
            (Decide(decide, FETCH), True),
            (OPEN_APPROVED, OK),
            BROKEN,
            (LOOK, answered(run("queued"))),
            *looked(DONE),
            *READ_WHOLE,
        ],
        [LOST_FIRST, LOST_FIRST, *[STOP] * 11, NONE, NONE],
        ASKS_ME,
    ),
    "a stream that breaks off, of a run that runs again": Turn(
        NEXT,
        [
            (OPEN_NEXT, OK),
            *heard(BUSY),
            BROKEN,
            (LOOK, answered(run("failed", last_error={"code": "server_error"}))),
            (Pause(0.25, 0.5), None),
            (OPEN_WITHOUT, OK),
            *ANSWERED,
        ],
        [LOST, LOST, STOP, STOP, STOP, NONE, LOST, *UNHEARD],
    ),
}
TURNS = OF_TEXT | OF_TOOLS | OF_BROKEN_STREAMS
