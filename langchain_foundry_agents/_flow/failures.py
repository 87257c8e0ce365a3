"""What went wrong, as a typed error: a refused request, a failed run, an `error` event.

The service tells errors in several forms (an `error` object or text, flat `code` and `message`, a
gateway's `statusCode`, HTML): all are read here and nowhere else. What they mean is in `kinds`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from langchain_foundry_agents._flow.effects import JSON
from langchain_foundry_agents._flow.hints import retry_after
from langchain_foundry_agents._flow.kinds import kind_of
from langchain_foundry_agents._flow.statuses import Meaning, meaning
from langchain_foundry_agents._harmless import one_line
from langchain_foundry_agents.errors import (
    ActiveRunError,
    BadRequestError,
    ContentFilterError,
    FoundryAgentError,
    PermissionDeniedError,
    ProtocolError,
    Response,
    RunCancelledError,
    RunExpiredError,
    RunFailedError,
    RunIncompleteError,
    ServiceFailedError,
)

_RUN_ID = re.compile(r"\brun_[A-Za-z0-9_-]+")
_DATA_ACTION = re.compile(r"data action [`']?([\w./]+)[`']?")
_A_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_.-][A-Za-z0-9]+)+")
_QUOTED_BODY = 200
_NO_HEADERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Reason:
    """What the service says of a failure."""

    code: str | None = None
    message: str = ""
    more_codes: tuple[str, ...] = ()
    """What says more of the same: its type, an inner code."""
    filtered: Mapping[str, Any] = field(default_factory=dict)
    """What a content filter found, by category."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers that an `error` event carries in itself."""


def refusal(response: Response) -> FoundryAgentError:
    """The error that a non-2xx response stands for."""
    reason = _read_response(response)
    said = reason.message or reason.code
    what = f"The service refused the request: {said}" if said else _unreadable(response)
    return _failure(reason, what, BadRequestError, response.headers, response)


def run_failure(
    run: JSON, *, something: bool, headers: Mapping[str, str] = _NO_HEADERS
) -> FoundryAgentError | None:
    """The error that a finished run stands for; `None` if it is an answer.

    Args:
        run: The run as the service gave it last.
        something: Whether it wrote anything.
        headers: Those that its stream opened with: they may say when to ask again.
    """
    try:
        return _read_run(run, something=something, headers=headers)
    except (AttributeError, TypeError):
        return ProtocolError("The run has a form that is not known.")


def _read_run(
    run: JSON, *, something: bool, headers: Mapping[str, str]
) -> FoundryAgentError | None:
    status = run.get("status")
    match meaning(status):
        case Meaning.ANSWERED | Meaning.NEEDS_ACTION:
            return None
        case Meaning.CUT_SHORT:
            return None if something or run.get("cut_calls") else _nothing_written(run)
        case Meaning.FAILED:
            return _last_error(run, headers)
        case Meaning.EXPIRED:
            return RunExpiredError("The run expired before it was finished.")
        case Meaning.CANCELLED:
            return RunCancelledError("The run was cancelled, not by this call.")
        case _:
            return ProtocolError(f"The run has the status {status!r}, which ends no turn we know.")


def error_event(data: object, headers: Mapping[str, str] = _NO_HEADERS) -> FoundryAgentError:
    """The error that an `error` event in a stream stands for: its run, or response, failed.

    Args:
        data: The event's data.
        headers: Those that the stream opened with: Foundry puts the hint of a rate limit there
            (earendil-works/pi#7983).
    """
    reason = _read_reason(data)
    what = f"The service broke the answer off: {reason.message or reason.code or data}"
    # Without a code it is the service, or what stands before it, that broke the stream off.
    otherwise = RunFailedError if reason.code else ServiceFailedError
    return _failure(reason, what, otherwise, headers)


def _failure(
    reason: Reason,
    what: str,
    otherwise: type[FoundryAgentError],
    headers: Mapping[str, str],
    response: Response | None = None,
) -> FoundryAgentError:
    """The error of a reason. Nothing but the envelope's own class and words depends on it."""
    codes = [code for code in (reason.code, *reason.more_codes) if code]
    status = response.status_code if response else None
    kind = kind_of(codes, reason.message, status, otherwise)
    facts: JSON = {
        "remedy": kind.remedy,
        "code": reason.code,
        "response": response,
        "retry_after": retry_after({**headers, **reason.headers}, reason.message),
    }
    if issubclass(kind.error, ContentFilterError):
        facts["content_filter_result"] = reason.filtered
    elif kind.error is ActiveRunError and (run := _RUN_ID.search(reason.message)):
        facts["run_id"] = run.group()
    elif kind.error is PermissionDeniedError and (action := _DATA_ACTION.search(reason.message)):
        lacks = f"The identity lacks the data action {action[1]}."
        facts["remedy"] = f"{lacks} {PermissionDeniedError.remedy}"
    return kind.error(what, **facts)


def _nothing_written(run: JSON) -> FoundryAgentError:
    reason = (run.get("incomplete_details") or {}).get("reason")
    if reason == "content_filter":
        what, filtered = "A content filter stopped the run.", _filtered(run)
        return ContentFilterError(what, code=reason, content_filter_result=filtered)
    return RunIncompleteError(
        f"The run ended before it wrote anything: {reason or 'no reason given'}.", code=reason
    )


def _last_error(run: JSON, headers: Mapping[str, str]) -> FoundryAgentError:
    said = {"error": run.get("last_error") or run.get("error")}
    reason = _read_reason({**said, "content_filters": run.get("content_filters")})
    what = f"The run failed: {reason.message or reason.code or 'the service gives no reason'}"
    return _failure(reason, what, RunFailedError, headers)


def _unreadable(response: Response) -> str:
    start = one_line(" ".join(response.text.split())[:_QUOTED_BODY])
    return f"The service answered HTTP {response.status_code}" + (
        f" with a body that is no error message: {start}" if start else " with an empty body."
    )


def _read_response(response: Response) -> Reason:
    try:
        return _read_reason(response.json())
    except ValueError:
        return Reason()


def _read_reason(body: object) -> Reason:
    """What is said, in an `error` object or text, or in the flat forms."""
    outer = error = {"error": body} if isinstance(body, str) else body
    while isinstance(error, dict) and isinstance(error.get("error"), dict):
        error = error["error"]
    if not isinstance(error, dict) or not isinstance(outer, dict):
        return Reason()
    text = error.get("error") if isinstance(error.get("error"), str) else ""
    names = ("message", "detail", "error_description")
    message = one_line(next((str(error[name]) for name in names if error.get(name)), text) or "")
    inner = error.get("innererror")
    more = (
        error.get("type"),
        inner.get("code") if isinstance(inner, dict) else None,
        *(word for word in (text, message) if word and _A_CODE.fullmatch(word)),
    )
    return Reason(
        _code(error.get("code")) or (text if text and _A_CODE.fullmatch(text) else None),
        message,
        tuple(filter(None, map(_code, more))),
        _filtered(outer) | _filtered(error) | _filtered(inner),
        _texts(error.get("headers")),
    )


def _code(value: object) -> str | None:
    """A code, which may be a number."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    number = isinstance(value, int) and not isinstance(value, bool)
    return one_line(str(value)) if value and (number or isinstance(value, str)) else None


def _filtered(body: object) -> JSON:
    """What content filters found, by category; what stopped the run wins over what passed.

    Azure OpenAI tells it in `innererror.content_filter_result`, Foundry in `content_filters`.
    """
    if not isinstance(body, dict):
        return {}
    filters = body.get("content_filters")
    found: JSON = {}
    for holder in (body, *(filters if isinstance(filters, list) else ())):
        for category, result in _results(holder):
            if category not in found or _stops(result):
                found[category] = result
    return found


def _results(holder: object) -> Iterator[tuple[str, Any]]:
    for name in ("content_filter_result", "content_filter_results"):
        results = holder.get(name) if isinstance(holder, dict) else None
        if isinstance(results, dict):
            yield from results.items()


def _stops(result: object) -> bool:
    return isinstance(result, dict) and bool(result.get("filtered") or result.get("detected"))


def _texts(headers: object) -> dict[str, str]:
    """Headers as an event has them, with names in lower case."""
    if not isinstance(headers, dict):
        return {}
    return {name.lower(): value for name, value in headers.items() if isinstance(value, str)}
