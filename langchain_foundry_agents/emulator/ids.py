"""Ids in the service's own forms, from an injected source of chance."""

from __future__ import annotations

import string
import uuid
from itertools import count, islice
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ALPHANUMERIC = string.ascii_letters + string.digits
HEXADECIMAL = "0123456789abcdef"


class IdSource:
    """Makes ids, and remembers the order in which they were made.

    Args:
        random: the source of chance; a seeded one gives the same ids in the same order.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        # Each answer has some in its headers: how often somebody looks must not change other ids.
        self._guids = Random(random.getrandbits(64))  # noqa: S311
        self._places: dict[str, int] = {}
        self._next = count()
        self._enough = 0

    def new(self, prefix: str) -> str:
        """An id such as `thread_` and 24 letters or digits."""
        return self.keep(f"{prefix}_{self.characters(ALPHANUMERIC, 24)}")

    def new_file(self) -> str:
        """An id of a file, which is `assistant-` and 22 letters or digits."""
        return self.keep(f"assistant-{self.characters(ALPHANUMERIC, 22)}")

    def new_batch(self) -> str:
        """An id of a batch of files, which is `vsfb_` and 32 digits.

        Recorded: test_create_vector_store_batch_azure in Azure/azure-sdk-assets, commit b188b06c.
        """
        return self.keep(f"vsfb_{self.characters(HEXADECIMAL, 32)}")

    def new_container(self) -> str:
        """An id of a code interpreter's container, which is `cntr_` and 48 digits."""
        return self.keep(f"cntr_{self.characters(HEXADECIMAL, 48)}")

    def new_container_file(self) -> str:
        """An id of a file in a container, which is `cfile_` and 32 digits."""
        return self.keep(f"cfile_{self.characters(HEXADECIMAL, 32)}")

    def characters(self, alphabet: str, length: int) -> str:
        """So many characters by chance."""
        return "".join(self._random.choices(alphabet, k=length))

    def keep(self, identifier: str) -> str:
        """Gives an id the newest place in the order, and the id back."""
        self._places[identifier] = next(self._next)
        return identifier

    def compact(self, alive: Callable[[], Iterable[str]], newest: int) -> None:
        """Forgets places of ids, once those of half of them are of no use.

        Args:
            alive: gives the ids whose place must be known.
            newest: of how many of the latest the place stays known, whatever they are of.
        """
        if len(self._places) <= max(self._enough, 2 * newest):
            return
        kept = {*alive(), *islice(reversed(self._places), newest)}
        self._places = {one: place for one, place in self._places.items() if one in kept}
        self._enough = 2 * len(self._places)

    def place(self, identifier: str) -> int | None:
        """Where the id stands in the order of creation; deleted objects keep their place."""
        return self._places.get(identifier)

    def guid(self) -> str:
        """A random UUID for correlation headers."""
        return str(uuid.UUID(int=self._guids.getrandbits(128), version=4))
