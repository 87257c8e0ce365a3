"""What this process may ask of an endpoint that has trouble: retries, and when.

Many callers that each retry a few times would multiply an outage. So all of them share a bucket of
retries, which successes fill again. When the service asks one caller to wait, those wait too who
share its quota: the callers of the same agent, and of agents on the same deployment as soon as the
service has named it (`x-ratelimit-key`).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

_MOST_RETRIES = 100.0
_EARNED_BY_A_SUCCESS = 0.25
_EARNED_A_SECOND = 1.0
_ENDPOINTS = 256
_QUOTAS = 1024


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
        self._deployments: OrderedDict[str, str] = OrderedDict()
        """The deployment that each caller's answers named, by caller."""
        self._quiet_until: OrderedDict[tuple[str, str], float] = OrderedDict()

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

    def name_quota(self, caller: str, deployment: str) -> None:
        """The service says which deployment's quota a caller uses."""
        if self._deployments.get(caller) != deployment:
            with self._lock:
                self._deployments[caller] = deployment
                _forget_oldest(self._deployments)

    def keep_quiet(self, caller: str, seconds: float) -> None:
        """The service wants nothing for so many seconds of those who share a caller's quota."""
        with self._lock:
            quota, until = self._quota(caller), self._clock() + seconds
            self._quiet_until[quota] = max(self._quiet_until.get(quota, 0.0), until)
            _forget_oldest(self._quiet_until)

    def quiet(self, caller: str) -> float:
        """Seconds until a caller may ask again."""
        if not self._quiet_until:
            return 0.0
        with self._lock:
            quota = self._quota(caller)
            left = self._quiet_until.get(quota, 0.0) - self._clock()
            if left <= 0.0:
                self._quiet_until.pop(quota, None)
        return max(left, 0.0)

    def _quota(self, caller: str) -> tuple[str, str]:
        deployment = self._deployments.get(caller)
        return ("caller", caller) if deployment is None else ("deployment", deployment)


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


def _forget_oldest(kept: OrderedDict[Any, Any]) -> None:
    while len(kept) > _QUOTAS:
        kept.popitem(last=False)
