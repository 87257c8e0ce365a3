"""What this process remembers of turns that wait: which run asked for which calls; bounded.

It serves histories that lost our metadata on the way, as a trip through OpenAI's message form does.
Ids of calls may repeat from answer to answer (some models number them), and anybody can write one
into a history. So a call is remembered with the conversation that it was asked in, and one that two
conversations share is nobody's.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import NamedTuple

_MOST_ALIKE = 8


class Asked(NamedTuple):
    """The run that asked for a call."""

    thread_id: str | None
    """Its thread or conversation, if it stands in one."""
    run_id: str
    """The run, or the response."""
    temporary: bool = False
    """The thread is to be deleted once the calls are answered."""
    agent_id: str | None = None
    """The classic agent whose run it is."""
    options: object = None
    """What the run was asked with, in short."""
    mark: object = None
    """Names the history that the calls end."""


class Record:
    """Calls that runs asked for, the latest ones."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._asked: OrderedDict[tuple[str, str], tuple[Asked, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, conversation: str, call_ids: Iterable[str], asked: Asked) -> None:
        """Remember that a run asked for these calls.

        Args:
            conversation: Who asked the agent, and what was said before: `conversation_key`.
            call_ids: The calls.
            asked: The run.
        """
        with self._lock:
            for call_id in call_ids:
                key = conversation, call_id
                others = [one for one in self._asked.get(key, ()) if not _replaces(asked, one)]
                self._asked[key] = (*others, asked)[-_MOST_ALIKE:]
                self._asked.move_to_end(key)
            while len(self._asked) > self._most:
                self._asked.popitem(last=False)

    def find(self, conversation: str, call_id: str, run_id: str | None = None) -> Asked | None:
        """The run that asked for a call in this conversation; of several, the one that is named."""
        found = self._asked.get((conversation, call_id), ())
        if run_id is not None:
            return next((asked for asked in found if asked.run_id == run_id), None)
        return found[0] if len(found) == 1 else None


RECORD = Record()
"""The process's."""


def _replaces(asked: Asked, earlier: Asked) -> bool:
    """Whether a later run of the same thread asked anew: only one run of a thread waits."""
    same_thread = asked.thread_id is not None and asked.thread_id == earlier.thread_id
    return same_thread or asked.run_id == earlier.run_id
