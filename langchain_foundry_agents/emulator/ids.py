"""Ids in the service's own forms, from an injected source of chance."""

from __future__ import annotations

import string
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_ALPHABET = string.ascii_letters + string.digits


class IdSource:
    """Makes ids, and remembers the order in which they were made.

    Args:
        random: the source of chance; a seeded one gives the same ids in the same order.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._places: dict[str, int] = {}

    def new(self, prefix: str) -> str:
        """An id such as `thread_` and 24 letters or digits."""
        identifier = f"{prefix}_{''.join(self._random.choices(_ALPHABET, k=24))}"
        self._places[identifier] = len(self._places)
        return identifier

    def new_file(self) -> str:
        """An id of a file, which is `assistant-` and 22 letters or digits."""
        identifier = f"assistant-{''.join(self._random.choices(_ALPHABET, k=22))}"
        self._places[identifier] = len(self._places)
        return identifier

    def place(self, identifier: str) -> int | None:
        """Where the id stands in the order of creation; deleted objects keep their place."""
        return self._places.get(identifier)

    def guid(self) -> str:
        """A random UUID for correlation headers."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))
