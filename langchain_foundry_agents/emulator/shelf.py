"""Records by id, with what is needed to keep only so many of them: their last use, their size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key")
Record = TypeVar("Record")


class Shelf(dict[Key, Record], Generic[Key, Record]):
    """Records in the order in which they came; a new one counts as used.

    Args:
        clock: seconds, for when they were used.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._used: dict[Key, float] = {}
        self._sizes: dict[Key, int] = {}
        self._unsized: set[Key] = set()
        self.size = 0
        """Of all of them, as they were weighed last."""

    def touch(self, key: Key) -> None:
        """Marks a record as used now, and perhaps changed; one that is not there is none."""
        if key in self:
            self._used.pop(key, None)
            self._used[key] = self._clock()
            self._unsized.add(key)

    def by_use(self) -> Iterator[Key]:
        """The keys, the one used longest ago first."""
        return iter(self._used)

    def used_at(self, key: Key) -> float:
        """When a record was used last."""
        return self._used[key]

    @property
    def used_last(self) -> float:
        """When any of them was used last; 0 if there is none."""
        return self._used[next(reversed(self._used))] if self._used else 0.0

    def weigh(self, measure: Callable[[Record], int], busy: Callable[[Record], bool]) -> None:
        """Takes the size of what was used since it was taken last.

        Args:
            measure: the size of a record.
            busy: whether a record still grows: its size is taken when it is done.
        """
        for key in [one for one in self._unsized if not busy(self[one])]:
            self._unsized.remove(key)
            size = measure(self[key])
            self.size += size - self._sizes.get(key, 0)
            self._sizes[key] = size

    def __setitem__(self, key: Key, record: Record) -> None:
        super().__setitem__(key, record)
        self.touch(key)

    def __delitem__(self, key: Key) -> None:
        super().__delitem__(key)
        del self._used[key]
        self._unsized.discard(key)
        self.size -= self._sizes.pop(key, 0)

    def clear(self) -> None:
        """Nothing is left."""
        for key in [*self]:
            del self[key]
