"""The table of failures: what each code, sentence and status of the service means.

A failure comes in one of three envelopes: an HTTP refusal, a failed run or response, or an `error`
event in a stream. What it is depends on what it says, so all three are looked up here. The class
says the rest: whether another try may help, and whether the thread is another than the history's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from langchain_foundry_agents.errors import (
    ActiveRunError,
    AuthenticationError,
    ContentFilterError,
    ContextLengthError,
    FoundryAgentError,
    InvalidPromptError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServiceError,
    ServiceFailedError,
    ThreadDivergedError,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a failure is."""

    error: type[FoundryAgentError]
    remedy: str | None = None
    """What to do, where the class's own advice does not fit."""


_FILTERED = Kind(ContentFilterError)
_TOO_LONG = Kind(ContextLengthError)
_LIMITED = Kind(RateLimitError)
_BUSY = Kind(ActiveRunError)
_DIVERGED = Kind(ThreadDivergedError)
_INVALID = Kind(InvalidPromptError)
_FAILED = Kind(ServiceFailedError)
_NOT_READY = Kind(ServiceFailedError, "Ask again in a moment: the service says that it passes.")
_DENIED = Kind(PermissionDeniedError)

# Codes are compared without case and punctuation: gateways write `RateLimitExceeded`, too.
_BY_CODE = {
    "content_filter": _FILTERED,
    "content_filtered": _FILTERED,
    "content_policy_violation": _FILTERED,
    "content_safety_error": _FILTERED,
    "image_content_policy_violation": _FILTERED,
    "responsible_ai_policy_violation": _FILTERED,
    "bio_policy": _FILTERED,
    "context_length_exceeded": _TOO_LONG,
    "context_window_exceeded": _TOO_LONG,
    "rate_limit_exceeded": _LIMITED,
    "rate_limit_reached": _LIMITED,
    "rate_limit_error": _LIMITED,
    "too_many_requests": _LIMITED,
    "insufficient_quota": _LIMITED,
    "429": _LIMITED,
    "conversation_locked": _BUSY,
    "previous_response_not_found": Kind(NotFoundError),
    "session_not_ready": _NOT_READY,
    "session_not_accessible": Kind(
        PermissionDeniedError,
        "Ask as the user who began the session (user_identity), or begin a new conversation.",
    ),
    "preview_feature_required": Kind(
        PermissionDeniedError,
        "Opt in to the preview: default_headers={'Foundry-Features': '…'}, with the value that the "
        "message names.",
    ),
    # A missing role is answered with 401, not 403.
    "permission_denied": _DENIED,
}
# Where a code says no more than that something is wrong with the request, or with the service.
_BY_GENERAL_CODE = {
    "server_error": _FAILED,
    "internal_error": _FAILED,
    "internal_server_error": _FAILED,
    "service_unavailable": _FAILED,
    "overloaded_error": _FAILED,
    "vector_store_timeout": _FAILED,
    # Azure/azure-sdk-for-python#46868: a filtered answer was told as this.
    "storage_error": Kind(
        ServiceFailedError,
        "Ask again; if it stays with one question only, a content filter may be the reason.",
    ),
    **dict.fromkeys(("500", "502", "503", "504"), _FAILED),
    "invalid_prompt": _INVALID,
    "invalid_engine_error": _INVALID,
    "data_residency_mismatch": _INVALID,
    "invalid_image": _INVALID,
    "invalid_image_format": _INVALID,
    "invalid_image_mode": _INVALID,
    "invalid_image_url": _INVALID,
    "invalid_base64_image": _INVALID,
    "image_too_large": _INVALID,
    "image_too_small": _INVALID,
    "image_file_too_large": _INVALID,
    "image_parse_error": _INVALID,
    "unsupported_image_media_type": _INVALID,
    "empty_image_file": _INVALID,
    "failed_to_download_image": _INVALID,
    "image_file_not_found": _INVALID,
}
_BY_STATUS = {
    401: Kind(AuthenticationError),
    403: _DENIED,
    404: Kind(NotFoundError),
    429: _LIMITED,
}
_GATEWAY_GAVE_UP, _CONFLICTS = 408, 409

_KEPT_BADLY = re.compile(
    # openai/codex#6375, earendil-works/pi#886, microsoft/agent-framework#3295 (all Azure)
    r"was provided without its required|Duplicate item found with id"
    # What a model behind a workflow says of the messages that it is given.
    r"|tool_calls\W? must be followed by tool messages"
    r"|must be a response to a prece\w+ message with \W?tool_calls",
    re.IGNORECASE,
)
_BY_SENTENCE = (
    # The conversation waits for outputs or approvals that the history lacks (the second:
    # microsoft-foundry/foundry-agent-webapp#15), or does not wait for those it has.
    (re.compile(r"No tool (?:output|call) found for\b", re.IGNORECASE), _DIVERGED),
    (re.compile(r"approval requests? do(?:es)? not have an approval", re.IGNORECASE), _DIVERGED),
    (_KEPT_BADLY, _DIVERGED),
    (
        re.compile(
            r"already has an active run|while a run \S+ is active"
            r"|currently operating on this conversation",
            re.IGNORECASE,
        ),
        _BUSY,
    ),
    (
        re.compile(
            r"maximum context length is|exceeds? the (?:model's )?context window"
            r"|input tokens exceed the configured limit",
            re.IGNORECASE,
        ),
        _TOO_LONG,
    ),
    (re.compile(r"content (?:management|safety) policy", re.IGNORECASE), _FILTERED),
    (
        re.compile(
            r"\brate limit (?:is |was |has been )?(?:exceeded|reached)|\btoo many requests\b",
            re.IGNORECASE,
        ),
        _LIMITED,
    ),
)
_CONFLICT = "conflict"
_ASKS_TO_RETRY = re.compile(r"\b(?:retry|try again|concurrently)\b", re.IGNORECASE)
_A_STATUS = re.compile("[45][0-9]{2}")
_PUNCTUATION = re.compile(r"[^a-z0-9]")


def _bare(code: str) -> str:
    return _PUNCTUATION.sub("", code.lower())


_CODES = {_bare(code): kind for code, kind in _BY_CODE.items()}
_GENERAL_CODES = {_bare(code): kind for code, kind in _BY_GENERAL_CODE.items()}


def kind_of(
    codes: Iterable[str],
    message: str,
    status: int | None,
    otherwise: type[FoundryAgentError],
) -> Kind:
    """What a failure is.

    Args:
        codes: The service's code, and what says more of the same: its type, an inner code.
        message: What the service says of it.
        status: The HTTP status, if it is a refusal.
        otherwise: What it is if nothing of this is known: a matter of the envelope.
    """
    bare = [_bare(code) for code in codes]
    in_code = next((int(code) for code in bare if _A_STATUS.fullmatch(code)), None)
    named = _first(bare, _CODES) or next(
        (kind for sentence, kind in _BY_SENTENCE if sentence.search(message)), None
    )
    if named:
        return named
    if _CONFLICT in bare or status == _CONFLICTS:
        # Azure/azure-sdk-for-net#58060: two deployments at once.
        return _NOT_READY if _ASKS_TO_RETRY.search(message) else Kind(otherwise)
    found = _BY_STATUS.get(status or in_code or 0) or _first(bare, _GENERAL_CODES)
    if found:
        return found
    if _of_service(status):
        return Kind(ServiceError)
    return _FAILED if status is None and _of_service(in_code) else Kind(otherwise)


def kept_badly(message: str) -> bool:
    """Whether the service complains of items that it keeps itself, and that do not fit together.

    Where it keeps nothing yet they are the caller's, and the request is a bad one.
    """
    return _KEPT_BADLY.search(message) is not None


def _of_service(status: int | None) -> bool:
    return status is not None and (status >= 500 or status == _GATEWAY_GAVE_UP)


def _first(codes: Iterable[str], table: dict[str, Kind]) -> Kind | None:
    return next((table[code] for code in codes if code in table), None)
