"""What this process remembers of turns that wait: which run asked for which calls; bounded.

It serves histories that lost our metadata on the way, as a trip through OpenAI's message form does.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import NamedTuple


class Asked(NamedTuple):
    """The run that asked for a call."""

    thread_id: str | None
    """Its thread or conversation, if it stands in one."""
    run_id: str
    """The run, or the response."""
    temporary: bool = False
    """The thread is to be deleted once the calls are answered."""


class Record:
    """Calls that runs asked for, the latest ones."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._asked: OrderedDict[str, Asked] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, call_ids: Iterable[str], asked: Asked) -> None:
        """Remember that a run asked for these calls."""
        with self._lock:
            for call_id in call_ids:
                self._asked[call_id] = asked
                self._asked.move_to_end(call_id)
            while len(self._asked) > self._most:
                self._asked.popitem(last=False)

    def find(self, call_id: str) -> Asked | None:
        """The run that asked for a call, if it was in this process."""
        return self._asked.get(call_id)


RECORD = Record()
"""The process's."""
