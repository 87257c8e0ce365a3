"""The faults by name: each row is a function that says what the fault does and what it can be told.

A row's name is the function's, with hyphens; its keywords are the fault's parameters.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from email.utils import formatdate
from functools import partial
from typing import Literal

from langchain_foundry_agents.emulator.exchange import Answer
from langchain_foundry_agents.emulator.faults import shapes
from langchain_foundry_agents.emulator.faults.mishaps import Mishap
from langchain_foundry_agents.emulator.faults.plights import Plight
from langchain_foundry_agents.emulator.faults.shapes import Cut, Stop
from langchain_foundry_agents.emulator.refusals import unauthorized

Hint = Literal["retry-after", "retry-after-ms", "x-ms-retry-after-ms", "date"]

_PAGE = b"<html><head><title>Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
_ROLE = (
    "The principal `emulator` lacks the required data action "
    "`Microsoft.CognitiveServices/accounts/AIServices/agents/write` to perform this operation. "
    "For instructions on granting the necessary permissions, see https://aka.ms/FoundryPermissions."
)


def rate_limit(*, retry_after: float | None = None, by: Hint = "retry-after") -> Mishap:
    """HTTP 429.

    With `retry_after` (seconds) it says when to come back, by the header `by`; `date` is a date in
    `Retry-After`, of whole seconds.
    """
    return Mishap(instead=partial(_too_many, retry_after, by))


def run_rate_limit(*, retry_after: float | None = None) -> Mishap:
    """The run or response fails with `rate_limit_exceeded` before its first word.

    With `retry_after` its text says "Try again in … seconds.".
    """
    hint = "" if retry_after is None else f" Try again in {retry_after:g} seconds."
    failure = ("rate_limit_exceeded", f"Rate limit is exceeded.{hint}")
    return Mishap("work", plight=Plight(fails=failure))


def permission_denied() -> Mishap:
    """HTTP 401 with the code PermissionDenied: the identity lacks a role."""
    return _refused(401, "PermissionDenied", _ROLE)


def expired_token() -> Mishap:
    """HTTP 401: the token is over."""
    refusal = unauthorized()
    return Mishap(instead=lambda: Answer(refusal.body, refusal.status))


def server_error(*, status: int = 500) -> Mishap:
    """HTTP 500, or another `status`; nothing was done."""
    return _refused(status, "server_error", "Sorry, something went wrong.")


def html_page(*, status: int = 502) -> Mishap:
    """A gateway's HTML page with HTTP 502, or with another `status`, such as 200."""
    headers = {"Content-Type": "text/html"}
    return Mishap(instead=lambda: Answer({}, status, content=_PAGE, headers=headers))


def drop_before() -> Mishap:
    """The connection is closed before the service hears of the request."""
    return Mishap(unanswered="before")


def drop_during() -> Mishap:
    """The connection is closed in the midst of the answer.

    Half of a whole one comes, or half of what a stream brings first.
    """
    return Mishap(shape=lambda: shapes.halved)


def drop_after() -> Mishap:
    """All work is done, and the connection is closed without a byte of an answer."""
    return Mishap(unanswered="after")


def cut_stream(*, at: int | None = None, event: int = 3) -> Mishap:
    """The connection is closed after so many events of a stream.

    With `at` it is closed after so many bytes, of any answer.
    """
    return _cut(Stop.CLOSED, at, event)


def stall(*, at: int | None = None, event: int = 3) -> Mishap:
    """No more comes after so many events of a stream, and the connection stays open.

    With `at` no more comes after so many bytes, of any answer.
    """
    return _cut(Stop.SILENT, at, event)


def split_utf8() -> Mishap:
    """Every character of several bytes is torn in two, which are written one by one."""
    return Mishap(shape=lambda: shapes.split)


def crlf() -> Mishap:
    """The lines of a stream end in CRLF."""
    return Mishap("streams", shape=lambda: shapes.crlf)


def comments() -> Mishap:
    """A comment and an `event: keepalive` come before every event of a stream."""
    return Mishap("streams", shape=lambda: shapes.commented)


def duplicate_events() -> Mishap:
    """Every event of a stream comes twice."""
    return Mishap("streams", shape=lambda: shapes.doubled)


def stuck_queue(*, seconds: float = math.inf) -> Mishap:
    """The run or response is not begun; only after `seconds`, if they are said."""
    return Mishap("work", plight=Plight(queued=seconds))


def expired_run(*, seconds: float = 0.05) -> Mishap:
    """The run says nothing and expires after `seconds`. Responses have no such end."""
    return Mishap("runs", plight=Plight(expires_in=seconds, silent=math.inf))


def incomplete_run(
    *, pieces: int = 2, reason: Literal["length", "content_filter"] = "length"
) -> Mishap:
    """The run or response ends as incomplete after so many `pieces` of its answer."""
    return Mishap("work", plight=Plight(pieces=pieces, reason=reason))


def active_run(*, seconds: float = 1.0) -> Mishap:
    """A foreign run or response holds the thread or conversation, and the request is refused.

    It ends after `seconds`. Only what goes on in one that is free can meet it.
    """
    return Mishap("turns", busy=seconds)


def slow_first_token(*, seconds: float = 1.0) -> Mishap:
    """The first word comes after `seconds`."""
    return Mishap("work", plight=Plight(silent=seconds))


FAULTS: dict[str, Callable[..., Mishap]] = {
    row.__name__.replace("_", "-"): row
    for row in (
        rate_limit,
        run_rate_limit,
        permission_denied,
        expired_token,
        server_error,
        html_page,
        drop_before,
        drop_during,
        drop_after,
        cut_stream,
        stall,
        split_utf8,
        crlf,
        comments,
        duplicate_events,
        stuck_queue,
        expired_run,
        incomplete_run,
        active_run,
        slow_first_token,
    )
}
"""Every fault by its name."""


def _too_many(retry_after: float | None, by: Hint) -> Answer:
    error = {"code": "429", "message": "Too many requests."}
    return Answer({"error": error}, 429, headers=_hint(retry_after, by))


def _hint(retry_after: float | None, by: Hint) -> dict[str, str]:
    if retry_after is None:
        return {}
    if by == "date":
        then = math.floor(time.time()) + math.ceil(retry_after)
        return {"Retry-After": formatdate(then, usegmt=True)}
    return {by: f"{retry_after if by == 'retry-after' else retry_after * 1000:g}"}


def _refused(status: int, code: str, message: str) -> Mishap:
    body = {"error": {"code": code, "message": message}}
    return Mishap(instead=lambda: Answer(body, status))


def _cut(stop: Stop, at: int | None, event: int) -> Mishap:
    return Mishap("streams" if at is None else "any", shape=lambda: Cut(stop, at, event))
