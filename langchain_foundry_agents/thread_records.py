"""Which turn each thread ends in, and which threads a turn works on: what keeps branches apart.

The process's own record serves all models in it. Where many workers serve the same threads, a
record that they share (on Redis, say) keeps their turns apart, too.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Protocol


class ThreadRecord(Protocol):
    """What turns tell each other of threads and conversations.

    A turn is named by a text of up to 200 characters. No method waits; the async methods of a model
    call those of a record other than `LocalThreadRecord` in a thread.
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


class LocalThreadRecord:
    """A record in memory, of the latest threads and their latest turns.

    Args:
        most_threads: How many threads are remembered.
        most_turns: How many turns of each.
    """

    def __init__(self, most_threads: int = 10_000, most_turns: int = 1_000) -> None:
        self._most_threads = most_threads
        self._most_turns = most_turns
        self._lock = threading.Lock()
        self._locked: set[str] = set()
        # Each turn of a thread, and whether another one followed it.
        self._threads: OrderedDict[str, OrderedDict[str, bool]] = OrderedDict()

    def claim(self, thread_id: str, after: str) -> bool:
        """As `ThreadRecord.claim`."""
        with self._lock:
            turns = self._turns(thread_id)
            followed = turns.get(after, False)
            self._note(turns, after, followed=True)
            return not followed

    def advance(self, thread_id: str, turn: str) -> None:
        """As `ThreadRecord.advance`."""
        with self._lock:
            turns = self._turns(thread_id)
            if turn not in turns and turns:
                turns[next(reversed(turns))] = True
            self._note(turns, turn, followed=False)

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

    def _turns(self, thread_id: str) -> OrderedDict[str, bool]:
        turns = self._threads.setdefault(thread_id, OrderedDict())
        self._threads.move_to_end(thread_id)
        while len(self._threads) > self._most_threads:
            self._threads.popitem(last=False)
        return turns

    def _note(self, turns: OrderedDict[str, bool], turn: str, *, followed: bool) -> None:
        turns[turn] = followed
        while len(turns) > self._most_turns:
            turns.popitem(last=False)


LOCAL = LocalThreadRecord()
"""The process's."""
