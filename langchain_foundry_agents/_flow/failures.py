"""What went wrong, as a typed error: a refused request, a failed run, an `error` event.

The service answers errors in several forms (an `error` object, flat `code` and `message`, a
gateway's `statusCode`, HTML): all are read here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from langchain_foundry_agents._flow.effects import JSON
from langchain_foundry_agents._flow.statuses import Meaning, meaning
from langchain_foundry_agents.errors import (
    ActiveRunError,
    AuthenticationError,
    BadRequestError,
    ContentFilterError,
    FoundryAgentError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    Response,
    RunCancelledError,
    RunExpiredError,
    RunFailedError,
    RunIncompleteError,
    ServiceError,
    ThreadDivergedError,
)

_HINT_IN_TEXT = re.compile(
    r"(?:try again|retry) (?:in|after) (\d+(?:\.\d+)?) ?(ms|milli|s|min)", re.IGNORECASE
)
_SECONDS = {"ms": 0.001, "milli": 0.001, "s": 1.0, "min": 60.0}
_HINTS_IN_HEADERS = {"retry-after-ms": 0.001, "x-ms-retry-after-ms": 0.001, "retry-after": 1.0}
_ACTIVE_RUN = re.compile(r"already has an active run|while a run \S+ is active", re.IGNORECASE)
_RUN_ID = re.compile(r"\brun_[A-Za-z0-9_-]+")
_DATA_ACTION = re.compile(r"data action [`']?([\w./]+)[`']?")
_NUMBER = re.compile(r"\d+(\.\d+)?")
_QUOTED_BODY = 200

_OTHER_CALLS = re.compile(r"No tool (?:output|call) found for function call", re.IGNORECASE)
"""The conversation waits for outputs that the history lacks, or does not wait for those it has."""
_BY_CODE: dict[str, type[FoundryAgentError]] = {
    "conversation_locked": ActiveRunError,
    "previous_response_not_found": NotFoundError,
}
_BY_STATUS: dict[int, type[FoundryAgentError]] = {
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
}


def refusal(response: Response) -> FoundryAgentError:
    """The error that a non-2xx response stands for."""
    code, message = _read_response(response)
    status = response.status_code
    what = f"The service refused the request: {message}" if message else _unreadable(response)
    if code in _BY_CODE or _OTHER_CALLS.search(message):
        return _BY_CODE.get(str(code), ThreadDivergedError)(what, code=code, response=response)
    if code == "PermissionDenied":
        # A missing role is answered with 401, not 403.
        return _permission_denied(what, response)
    if status == 429:
        hint = retry_after(response.headers, message)
        return RateLimitError(what, retry_after=hint, code=code, response=response)
    if _ACTIVE_RUN.search(message):
        run = _RUN_ID.search(message)
        return ActiveRunError(what, code=code, response=response, run_id=run and run.group())
    if status in _BY_STATUS:
        return _BY_STATUS[status](what, code=code, response=response)
    kind = ServiceError if status >= 500 or status == 408 else BadRequestError
    return kind(what, code=code, response=response)


def run_failure(run: JSON, *, something: bool) -> FoundryAgentError | None:
    """The error that a finished run stands for; `None` if it is an answer.

    Args:
        run: The run as the service gave it last.
        something: Whether it wrote anything.
    """
    try:
        return _read_run(run, something=something)
    except (AttributeError, TypeError):
        return ProtocolError("The run has a form that is not known.")


def _read_run(run: JSON, *, something: bool) -> FoundryAgentError | None:
    status = run.get("status")
    match meaning(status):
        case Meaning.ANSWERED | Meaning.NEEDS_ACTION:
            return None
        case Meaning.CUT_SHORT:
            return None if something else _nothing_written(run)
        case Meaning.FAILED:
            return _last_error(run)
        case Meaning.EXPIRED:
            return RunExpiredError("The run expired before it was finished.")
        case Meaning.CANCELLED:
            return RunCancelledError("The run was cancelled, not by this call.")
        case _:
            return ProtocolError(f"The run has the status {status!r}, which ends no turn we know.")


def error_event(data: object) -> FoundryAgentError:
    """The error that an `error` event in a stream stands for."""
    code, message = _read_error(data)
    return ServiceError(f"The service broke the answer off: {message or data}", code=code)


def retry_after(headers: Mapping[str, str], message: str) -> float | None:
    """The service's hint when to ask again, in seconds: from a header, else from the text."""
    for name, unit in _HINTS_IN_HEADERS.items():
        if _NUMBER.fullmatch(headers.get(name, "")):
            return float(headers[name]) * unit
    if (hint := _until(headers)) is not None:
        return hint
    told = _HINT_IN_TEXT.search(message)
    return float(told[1]) * _SECONDS[told[2].lower()] if told else None


def _until(headers: Mapping[str, str]) -> float | None:
    """Seconds until a `retry-after` that is a date, by the service's own clock."""
    try:
        later, now = (parsedate_to_datetime(headers[name]) for name in ("retry-after", "date"))
        return max((later - now).total_seconds(), 0.0)
    except (KeyError, TypeError, ValueError):
        return None


def _permission_denied(what: str, response: Response) -> PermissionDeniedError:
    action = _DATA_ACTION.search(what)
    remedy = PermissionDeniedError.remedy
    if action:
        remedy = f"The identity lacks the data action {action[1]}. {remedy}"
    return PermissionDeniedError(what, remedy=remedy, code="PermissionDenied", response=response)


def _nothing_written(run: JSON) -> FoundryAgentError:
    reason = (run.get("incomplete_details") or {}).get("reason")
    if reason == "content_filter":
        return ContentFilterError("A content filter stopped the run.", code=reason)
    return RunIncompleteError(
        f"The run ended before it wrote anything: {reason or 'no reason given'}.", code=reason
    )


def _last_error(run: JSON) -> FoundryAgentError:
    code, message = _read_error(run.get("last_error") or run.get("error") or {})
    what = f"The run failed: {message or code or 'the service gives no reason'}"
    if code == "rate_limit_exceeded":
        return RateLimitError(what, retry_after=retry_after({}, message), code=code)
    kind = ContentFilterError if code == "content_filter" else RunFailedError
    return kind(what, code=code)


def _unreadable(response: Response) -> str:
    start = " ".join(response.text.split())[:_QUOTED_BODY]
    return f"The service answered HTTP {response.status_code}" + (
        f" with a body that is no error message: {start}" if start else " with an empty body."
    )


def _read_response(response: Response) -> tuple[str | None, str]:
    try:
        return _read_error(response.json())
    except ValueError:
        return None, ""


def _read_error(body: object) -> tuple[str | None, str]:
    """Code and message, from an `error` object or from the flat forms."""
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        body = body["error"]
    if not isinstance(body, dict):
        return None, ""
    code = body.get("code")
    return str(code) if code else None, str(body.get("message") or "")
