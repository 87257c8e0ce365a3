"""Which turn each thread ends in, and which threads a turn works on: what keeps branches apart.

The process's own record serves all models in it. Where many workers serve the same threads, a
record that they share (on Redis, say) keeps their turns apart, too.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from typing import Protocol
from weakref import WeakSet


class ThreadRecord(Protocol):
    """What turns tell each other of threads and conversations.

    A turn is named by a text of up to 200 characters. No method waits; the async methods of a model
    call those of a record other than `LocalThreadRecord` in a thread. What `claim` and `lock` raise
    comes out of the call as it is; what `advance` and `unlock` raise is told in the log, as the
    answer is there by then.

    A record may also have `give_back(thread_id, after)`, which undoes a claim unless the thread
    went on meanwhile: a turn that failed calls it. One without it is told `advance(thread_id,
    after)` in its place, and may mix branches where two turns meet.
    """

    def claim(self, thread_id: str, after: str) -> bool:
        """Go on after a turn of a thread.

        Args:
            thread_id: The thread, or the conversation.
            after: The turn.

        Returns:
            Whether no turn did so before. A record that does not know the turn says so, too.
        """

    def advance(self, thread_id: str, turn: str) -> None:
        """The thread ends in this turn now: it may be gone on after, and those before may not.

        Args:
            thread_id: The thread, or the conversation.
            turn: The turn.
        """

    def lock(self, thread_id: str) -> bool:
        """Keep other turns from a thread, for as long as one may take at most.

        Returns:
            Whether no other turn is there.
        """

    def unlock(self, thread_id: str) -> None:
        """Let other turns to the thread."""


_records: WeakSet[LocalThreadRecord] = WeakSet()


class LocalThreadRecord:
    """A record in memory, of the latest threads and their latest turns.

    Args:
        most_threads: How many threads are remembered.
        most_turns: How many turns of each.
    """

    def __init__(self, most_threads: int = 10_000, most_turns: int = 1_000) -> None:
        self._most_threads = most_threads
        self._most_turns = most_turns
        # Each turn of a thread, and whether another one followed it.
        self._threads: OrderedDict[str, OrderedDict[str, bool]] = OrderedDict()
        # The turn that each thread ends in.
        self._last: dict[str, str] = {}
        self.unlock_all()
        _records.add(self)

    def claim(self, thread_id: str, after: str) -> bool:
        """As `ThreadRecord.claim`."""
        with self._lock:
            turns = self._turns(thread_id)
            followed = turns.get(after, False)
            self._note(turns, after, followed=True)
            return not followed

    def knows(self, thread_id: str, turn: str) -> bool:
        """Whether this process made a turn of a thread, or asked the service about it."""
        with self._lock:
            return turn in self._threads.get(thread_id, ())

    def advance(self, thread_id: str, turn: str) -> None:
        """As `ThreadRecord.advance`."""
        with self._lock:
            turns, last = self._turns(thread_id), self._last.get(thread_id)
            if last is not None and last != turn:
                self._note(turns, last, followed=True)
            self._last[thread_id] = turn
            self._note(turns, turn, followed=False)

    def give_back(self, thread_id: str, after: str) -> None:
        """Undo a claim, unless the thread went on meanwhile."""
        with self._lock:
            if self._last.get(thread_id, after) == after:
                self._note(self._turns(thread_id), after, followed=False)

    def lock(self, thread_id: str) -> bool:
        """As `ThreadRecord.lock`."""
        with self._lock:
            free = thread_id not in self._locked
            self._locked.add(thread_id)
            return free

    def unlock(self, thread_id: str) -> None:
        """As `ThreadRecord.unlock`."""
        with self._lock:
            self._locked.discard(thread_id)

    def unlock_all(self) -> None:
        """Forget who works on which thread."""
        self._lock = threading.Lock()
        self._locked: set[str] = set()

    def _turns(self, thread_id: str) -> OrderedDict[str, bool]:
        turns = self._threads.setdefault(thread_id, OrderedDict())
        self._threads.move_to_end(thread_id)
        while len(self._threads) > self._most_threads:
            oldest, _ = self._threads.popitem(last=False)
            self._last.pop(oldest, None)
        return turns

    def _note(self, turns: OrderedDict[str, bool], turn: str, *, followed: bool) -> None:
        turns[turn] = followed
        while len(turns) > self._most_turns:
            turns.popitem(last=False)


def _after_fork() -> None:
    """The turns that a forked child's parent works on are not the child's."""
    for record in _records:
        record.unlock_all()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

LOCAL = LocalThreadRecord()
"""The process's, of what has no endpoint of its own."""

_MOST_ENDPOINTS = 256
_local: OrderedDict[str, LocalThreadRecord] = OrderedDict()


def local_record(endpoint: str) -> LocalThreadRecord:
    """The process's record of an endpoint's threads: another service may give the same ids."""
    # Each step is atomic: a lock that another thread holds at a fork would stay held in the child.
    record = _local.get(endpoint) or _local.setdefault(endpoint, LocalThreadRecord())
    while len(_local) > _MOST_ENDPOINTS:
        _local.popitem(last=False)
    return record
