"""What befalls one request: the service is not asked, its work goes wrong, its bytes go astray."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from langchain_foundry_agents.emulator.exchange import Answer
from langchain_foundry_agents.emulator.faults.plights import UNTROUBLED, Plight

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.faults.shapes import Shape

Befalls = Literal["any", "streams", "work", "runs", "turns"]
"""Which requests it can befall: all, those that are answered by a stream, those that set work
going, those of them that are runs, those for a turn in a thread or conversation that is free."""


@dataclass(frozen=True, slots=True)
class Mishap:
    """What befalls one request; nothing, unless said.

    Args:
        befalls: which requests it can befall.
        instead: what is answered, without asking the service.
        plight: how the work goes that the request sets going.
        busy: seconds for which a foreign turn holds the thread or conversation.
        shape: makes what turns the bytes of the answer into those that are sent.
        unanswered: the connection is closed without a byte of an answer, `before` the service
            hears of the request or `after` its work is done.
    """

    befalls: Befalls = "any"
    instead: Callable[[], Answer] | None = None
    plight: Plight = UNTROUBLED
    busy: float = 0.0
    shape: Callable[[], Shape] | None = None
    unanswered: Literal["before", "after"] | None = None


NO_MISHAP = Mishap()
