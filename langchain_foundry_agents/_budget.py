"""What this process may ask of an endpoint that has trouble: retries, and when.

Many callers that each retry a few times would multiply an outage. So all of them share a bucket of
retries, which successes fill again; and when the service asks one caller to wait, all wait.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

_MOST_RETRIES = 100.0
_EARNED_BY_A_SUCCESS = 0.25
_EARNED_A_SECOND = 1.0
_ENDPOINTS = 256
_LONGEST_QUIET = 60.0
_QUOTAS = ("requests", "tokens")
_NONE_LEFT = re.compile(r"0|-\d+")
_NUMBER = r"(\d+(?:\.\d*)?)"
_SECONDS = re.compile(_NUMBER)
_DURATION = re.compile(rf"(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?(?:{_NUMBER}ms)?")
_UNITS = (3600.0, 60.0, 1.0, 0.001)


class Budget:
    """One endpoint's.

    Args:
        clock: Seconds that go by.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._left = _MOST_RETRIES
        self._counted = clock()
        self._quiet_until = 0.0

    def spend(self) -> bool:
        """Whether one more retry may be made."""
        with self._lock:
            now = self._clock()
            earned = (now - self._counted) * _EARNED_A_SECOND
            self._left, self._counted = min(self._left + earned, _MOST_RETRIES), now
            if self._left < 1.0:
                return False
            self._left -= 1.0
            return True

    def earn(self) -> None:
        """A request succeeded."""
        if self._left < _MOST_RETRIES:
            with self._lock:
                self._left = min(self._left + _EARNED_BY_A_SUCCESS, _MOST_RETRIES)

    def keep_quiet(self, seconds: float) -> None:
        """The service wants nothing for so many seconds."""
        self._quiet_until = max(self._quiet_until, self._clock() + seconds)

    def quiet(self) -> float:
        """Seconds until it may be asked again."""
        if not self._quiet_until:
            return 0.0
        left = self._quiet_until - self._clock()
        if left <= 0.0:
            self._quiet_until = 0.0
        return max(left, 0.0)


_budgets: OrderedDict[str, Budget] = OrderedDict()
_lock = threading.Lock()


def budget_of(url: str) -> Budget:
    """The process's budget for an endpoint."""
    found = _budgets.get(url)
    if found is None:
        with _lock:
            found = _budgets.setdefault(url, Budget())
            while len(_budgets) > _ENDPOINTS:
                _budgets.popitem(last=False)
    return found


def used_up_for(headers: Mapping[str, str]) -> float:
    """Seconds until a quota that is used up is there again; 0 if something is left of all.

    The headers come with answers of the new generation, as recorded in July 2026. Azure writes
    seconds, OpenAI durations such as `6m0s` or `57ms`.
    """
    waits = (
        _read_seconds(headers.get(f"x-ratelimit-reset-{quota}", ""))
        for quota in _QUOTAS
        if _NONE_LEFT.fullmatch(headers.get(f"x-ratelimit-remaining-{quota}", ""))
    )
    return min(max(waits, default=0.0), _LONGEST_QUIET)


def _read_seconds(text: str) -> float:
    """The seconds that a text tells; 0 if it tells none."""
    if _SECONDS.fullmatch(text):
        return float(text)
    told = _DURATION.fullmatch(text)
    parts = told.groups(default="0") if told else ("0",) * len(_UNITS)
    return sum(float(part) * unit for part, unit in zip(parts, _UNITS, strict=True))
