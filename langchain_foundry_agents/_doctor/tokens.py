"""The identity: which credential gave a token, and what the token says. It is never shown."""

from __future__ import annotations

import base64
import json
import re
import time
from typing import Any

from langchain_foundry_agents._credentials import default_credential
from langchain_foundry_agents._doctor.case import Case
from langchain_foundry_agents.errors import AuthenticationError

Claims = dict[str, Any]

_APPLICATION_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ATTEMPT = re.compile(r"^\s+(\w+Credential): (.+?)(?:\. |\.?$)", re.MULTILINE)
_SIGN_IN = "Sign in again: `az login`, or whatever the environment's credential reads."
_CLOCK = "Check this machine's clock."


def check_credential(case: Case) -> str:
    """The credential gives a token."""
    try:
        case.tokens.headers()
    except AuthenticationError as error:
        raise _with_attempts(error) from error.__cause__
    credential = case.fields.get("credential")
    if credential is not None:
        return f"{type(credential).__name__} gave a token"
    if case.endpoint.is_loopback and case.endpoint.is_plain_http:
        return "the emulator's token: none of Azure's goes over plain http"
    # Nothing public says which one it was.
    chosen = getattr(default_credential(), "_successful_credential", None)
    return f"DefaultAzureCredential took {type(chosen).__name__ if chosen else 'one of its own'}"


def check_token(case: Case) -> str:
    """The token is for this service, and valid now."""
    headers = case.tokens.headers()
    claims = read_claims(headers.get("Authorization", "").removeprefix("Bearer "))
    if claims is None:
        return "not a JWT: nothing in it can be read"
    return judge(claims, case.endpoint.scope, time.time())


def read_claims(token: str) -> Claims | None:
    """What a JWT says; `None` if it is none. Its signature is the service's business."""
    try:
        _, payload, _ = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        return None
    return claims if isinstance(claims, dict) else None


def judge(claims: Claims, scope: str, now: float) -> str:
    """What a token is, in words without a secret.

    Args:
        claims: what it says.
        scope: what it was asked for.
        now: seconds since the epoch.

    Raises:
        AuthenticationError: It cannot work.
    """
    wanted = scope.removesuffix("/.default")
    audience = str(claims.get("aud", "")).rstrip("/")
    # An audience may also be the id of an application, which says nothing to us.
    if audience != wanted and not _APPLICATION_ID.fullmatch(audience):
        raise AuthenticationError(
            f"The token is for the audience {audience or '(none)'}; the service takes {wanted}.",
            remedy=f"Ask for the scope {scope}. A token for Azure OpenAI or Cognitive Services "
            "does not work here.",
        )
    begins, ends = (_seconds(claims.get(name)) for name in ("nbf", "exp"))
    if ends is not None and ends <= now:
        ago = _span(now - ends)
        raise AuthenticationError(f"The token expired {ago} ago.", remedy=f"{_SIGN_IN} {_CLOCK}")
    if begins is not None and begins > now:
        when = _span(begins - now)
        raise AuthenticationError(f"The token is valid only in {when}.", remedy=_CLOCK)
    left = f", valid for {_span(ends - now)}" if ends is not None else ""
    return f"for {audience}{left}{_whose(claims)}"


def _whose(claims: Claims) -> str:
    """Whose token it is, by the ids that a role is given to."""
    kind = "application" if claims.get("idtyp") == "app" else "object"
    told = {kind: claims.get("oid"), "tenant": claims.get("tid")}
    return "".join(f"; {name} {value}" for name, value in told.items() if value)


def _with_attempts(error: AuthenticationError) -> AuthenticationError:
    """The error, with a line for what each credential of a chain said."""
    tried = _ATTEMPT.findall(str(error.__cause__ or ""))
    lines = [f"{name}: {said.replace(f'{name} ', '')}" for name, said in tried]
    return AuthenticationError("\n".join((error.args[0], *lines)), remedy=error.advice)


def _seconds(claim: Any) -> float | None:
    return float(claim) if isinstance(claim, int | float) else None


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"
