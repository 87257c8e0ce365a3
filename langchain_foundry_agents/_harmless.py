"""Texts of agents, services and histories, for terminals, logs and error messages."""

from __future__ import annotations

import re

_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
_HARMFUL = re.compile(f"[{_CONTROLS}]")
_BREAKS = re.compile(r"[\t\n\r\x0b\x0c\x85\u2028\u2029]+")


def harmless(text: str) -> str:
    """Text that writes nothing but itself: no escape sequence, no override of its direction.

    Line breaks and tabs stay. Each character is looked at alone, so that pieces of a text are as
    harmless as the whole.
    """
    return _HARMFUL.sub("", text)


def one_line(text: str) -> str:
    """Harmless text that cannot begin a line of its own, as in a log."""
    return harmless(_BREAKS.sub(" ", text))
