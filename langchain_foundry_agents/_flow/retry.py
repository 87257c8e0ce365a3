"""When to try again, and how long to wait. Nothing that may have happened is done twice."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass

from langchain_foundry_agents._flow.effects import (
    Abandoned,
    Fetch,
    Flow,
    Open,
    OutOfTime,
    Pause,
    Renew,
    Send,
)
from langchain_foundry_agents._flow.failures import refusal
from langchain_foundry_agents.errors import (
    AuthenticationError,
    FoundryAgentError,
    ProtocolError,
    RateLimitError,
    Response,
    ServiceConnectionError,
    ServiceError,
)

_FIRST_WAIT = 0.5
_LONGEST_WAIT_OF_OUR_OWN = 8.0
_URL_SAFE = str.maketrans("+/", "-_")
_CLAIMS = re.compile(r"\bBearer\b.*?\bclaims=\"([A-Za-z0-9+/_=-]+)\"", re.IGNORECASE)
_GATEWAY_GAVE_UP = 408


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to try again, and the longest wait that a hint may ask for, in seconds."""

    max_retries: int = 2
    max_retry_wait: float = 60.0

    def pause(self, error: FoundryAgentError, failures: int) -> Pause | None:
        """The wait after so many failures; `None` if the error is to be raised now."""
        if failures > self.max_retries:
            return None
        hint = error.retry_after
        if hint is None:
            longest = min(
                _FIRST_WAIT * 2.0 ** (failures - 1), _LONGEST_WAIT_OF_OUR_OWN, self.max_retry_wait
            )
            return Pause(longest / 2, longest, is_retry=True)
        if hint > self.max_retry_wait:
            return None
        # Never earlier than the service asks for, and not all callers at once.
        limited = isinstance(error, RateLimitError)
        return Pause(hint, hint * 1.1, is_retry=True, holds_quota=limited)


def attempt(effect: Send | Open | Fetch, patience: Patience) -> Flow[Response]:
    """Perform a request until it succeeds, or fails for good.

    A token that is not taken is renewed once. What the service provably did not do is tried again.
    """
    failures, renewed, taken = 0, False, False
    while True:
        try:
            response: Response = yield effect
            if 200 <= response.status_code < 300:
                return response
            error = refusal(response)
        except ServiceConnectionError as broken:
            error = broken
        except (Abandoned, OutOfTime) as left:
            # An earlier try may have been taken.
            left.begun = left.begun or taken
            raise
        if isinstance(error, AuthenticationError) and not renewed:
            renewed = True
            claims = claims_of(error.response.headers) if error.response else None
            if (yield Renew(claims)) is False:
                raise error
            continue
        failures += 1
        pause = patience.pause(error, failures) if _may_repeat(effect, error) else None
        if pause is None or (yield pause) is False:
            if taken and isinstance(error, ServiceConnectionError):
                error.maybe_accepted = True
            raise error
        taken = taken or not not_taken(error)


def claims_of(headers: Mapping[str, str]) -> str | None:
    """The claims that a challenge wants, as azure-core's BearerTokenCredentialPolicy reads them.

    `WWW-Authenticate: Bearer …, error="insufficient_claims", claims="<base64url>"`
    (https://learn.microsoft.com/entra/identity-platform/claims-challenge).
    """
    found = _CLAIMS.search(headers.get("www-authenticate", ""))
    encoded = found[1].translate(_URL_SAFE) if found else ""
    try:
        return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode() or None
    except ValueError:
        return None


def not_taken(error: FoundryAgentError) -> bool:
    """Whether the service surely did not take what it was given."""
    if isinstance(error, ServiceConnectionError):
        return not error.maybe_accepted
    if isinstance(error, ServiceError) and error.status_code:
        # 424 and 409 are refusals, of what works a moment later.
        return 400 <= error.status_code < 500 and error.status_code != _GATEWAY_GAVE_UP
    return not isinstance(error, ServiceError | ProtocolError)


def may_pass(error: FoundryAgentError) -> bool:
    """Whether a failed run failed for a reason that may pass, and that was told."""
    told = error.code is not None
    return isinstance(error, RateLimitError) or (isinstance(error, ServiceError) and told)


def _may_repeat(effect: Send | Open | Fetch, error: FoundryAgentError) -> bool:
    if isinstance(error, RateLimitError) or (isinstance(error, ServiceError) and not_taken(error)):
        return True
    if isinstance(error, ServiceConnectionError) and not error.maybe_accepted:
        # A certificate that is not accepted, or a proxy that refuses, stays as it is.
        return error.is_retryable
    if isinstance(effect, Fetch):
        return False
    harmless = effect.repeatable or effect.method != "POST"
    return harmless and isinstance(error, ServiceConnectionError | ServiceError)
