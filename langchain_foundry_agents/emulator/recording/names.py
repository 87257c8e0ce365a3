"""Ids in a recording: where they stand in a text, and what they are called."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

Rename = Callable[[str], str]

_OURS = "asst|assistant|call|caresp|cfile|conv|file|msg|resp|run|step|thread|vs"
IDS = re.compile(
    # A principal's, a tenant's, a turn's; or an object's of the service: by a prefix that is known,
    # or by any other before characters among which there is a digit.
    r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b|\b[0-9a-f]{32}\b"
    rf"|\b(?P<prefix>(?:{_OURS})[_-]|[a-z]{{2,12}}[_-](?=[A-Za-z]*\d))[A-Za-z0-9]{{16,}}\b"
)


class Numbers:
    """Names of ids: the same for the same one, by the order in which they were met."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def __call__(self, identifier: str) -> str:
        """The name of an id: of its form, with its number in place of what was in it."""
        if identifier not in self._names:
            kind = _kind(identifier)
            number = self._counts[kind] = self._counts.get(kind, 0) + 1
            self._names[identifier] = kind.format(number)
        return self._names[identifier]


def renamed(text: str, rename: Rename) -> str:
    """A text with its ids renamed."""
    return IDS.sub(lambda found: rename(found.group()), text)


def _kind(identifier: str) -> str:
    """The form of an id, with a place for its number."""
    found = IDS.fullmatch(identifier)
    if found and found["prefix"]:
        return f"{found['prefix']}{{:024}}"
    return "00000000-0000-0000-0000-{:012}" if "-" in identifier else "{:032}"


unnamed = partial(IDS.sub, lambda found: f"{found['prefix'] or ''}…")
"""A text as it would be with any other ids."""
