"""When the service wants to be asked again: read from headers and from the texts of errors.

All times are seconds. What is no time, and what no service can mean (a negative, endless or
decades-long wait), is no hint.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

_LONGEST = 10 * 366 * 86400.0
"""A longer wait is a mistake of the sender's; what follows could overflow with it."""
_LONGEST_QUOTA = 60.0

_SPELLINGS = {
    0.001: ("ms", "milli", "millis", "millisecond", "milliseconds"),
    1.0: ("s", "sec", "secs", "second", "seconds"),
    60.0: ("m", "min", "mins", "minute", "minutes"),
    3600.0: ("h", "hr", "hrs", "hour", "hours"),
    86400.0: ("d", "day", "days"),
}
_UNITS = {name: seconds for seconds, names in _SPELLINGS.items() for name in names}
_NUMBER = r"[0-9]+(?:\.[0-9]*)?"
_PART = rf"(?:({_NUMBER})|\b(?:an?|one)\b)\s*({'|'.join(_UNITS)})(?![a-z])"
_BETWEEN = r"(?:\s*,)?(?:\s*\band\b)?\s*"
_DURATION = rf"{_PART}(?:{_BETWEEN}{_PART})*"
_ANY_PART = re.compile(_PART, re.IGNORECASE)
_WHOLE_DURATION = re.compile(_DURATION, re.IGNORECASE)
_IN_TEXT = re.compile(
    r"\b(?:again|retry(?: [a-z]+){0,3}?|wait)(?: (?:in|after|for))?"
    r"(?: (?:about|approximately|around|roughly|at least))?"
    rf" ({_DURATION})",
    re.IGNORECASE,
)
_WAITS = {"retry-after-ms": 0.001, "x-ms-retry-after-ms": 0.001, "retry-after": 1.0}
_QUOTAS = ("requests", "tokens")
# openai/openai-dotnet#838: Azure sends `remaining: -1, reset: 0` where it does not know.
_NONE_LEFT = re.compile(r"0|-(?!1$)[0-9]+")
_SOME_LEFT = re.compile(r"0*[1-9][0-9]*")


def retry_after(headers: Mapping[str, str], message: str) -> float | None:
    """When to ask again, in seconds: from a header made for it, from the text, from a quota.

    Args:
        headers: Of the answer, with names in lower case.
        message: The error's text.
    """
    for name, unit in _WAITS.items():
        text = headers.get(name, "").strip()
        seconds = seconds_in(text, unit)
        if seconds is None and name == "retry-after":
            seconds = _until(text, headers.get("date", ""))
        if seconds is not None:
            return seconds
    told = _IN_TEXT.search(message)
    in_text = seconds_in(told[1]) if told else None
    return in_text if in_text is not None else _until_quota(headers)


def used_up_for(headers: Mapping[str, str]) -> float:
    """Seconds until a quota that is used up is there again; 0 if something is left of all.

    The headers come with answers of the new generation, as recorded in July 2026. Azure writes
    seconds, OpenAI durations such as `6m0s` or `57ms`.
    """
    waits = (_reset(headers, quota) for quota in _QUOTAS if _has(_NONE_LEFT, headers, quota))
    return min(max(waits, default=0.0), _LONGEST_QUOTA)


def seconds_in(text: str, unit: float = 1.0) -> float | None:
    """The seconds that a text tells: a number of `unit`s, or a duration with units of its own.

    `12`, `6m0s`, `1 hour`, `2 days`, `1 minute and 30 seconds`, `a minute`. `None` for all else.
    """
    if re.fullmatch(_NUMBER, text):
        seconds = float(text) * unit
    elif _WHOLE_DURATION.fullmatch(text):
        seconds = sum(
            float(number or 1) * _UNITS[name.lower()] for number, name in _ANY_PART.findall(text)
        )
    else:
        return None
    return seconds if seconds <= _LONGEST and math.isfinite(seconds) else None


def _until(later: str, now: str) -> float | None:
    """Seconds until a date, by the service's own clock."""
    try:
        seconds = (parsedate_to_datetime(later) - parsedate_to_datetime(now)).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
    return max(seconds, 0.0) if seconds <= _LONGEST else None


def _until_quota(headers: Mapping[str, str]) -> float | None:
    """Seconds until the quota that is used up is there again, else until any is.

    A request may be refused although something is left: it needs more than that.
    """
    used_up = (_reset(headers, quota) for quota in _QUOTAS if not _has(_SOME_LEFT, headers, quota))
    any_of_them = (_reset(headers, quota) for quota in _QUOTAS)
    return max(used_up, default=0.0) or max(any_of_them) or None


def _has(amount: re.Pattern[str], headers: Mapping[str, str], quota: str) -> bool:
    return amount.fullmatch(headers.get(f"x-ratelimit-remaining-{quota}", "").strip()) is not None


def _reset(headers: Mapping[str, str], quota: str) -> float:
    return seconds_in(headers.get(f"x-ratelimit-reset-{quota}", "").strip()) or 0.0
