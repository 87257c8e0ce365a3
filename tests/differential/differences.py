"""What differs from ChatOpenAI, program by program, and why; what differs still, and should not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


def same(value: Any) -> Any:
    """Nothing is left out."""
    return value


class Difference(NamedTuple):
    """How a program differs: what is left out of both sides before they are held together."""

    reason: str = ""
    returned: Callable[[Any], Any] = same
    read: Callable[[Any], Any] = same
    open: str = ""
    """Why a program does not do yet what it should."""


DIFFERENCES: dict[tuple[str, str], Difference] = {}
