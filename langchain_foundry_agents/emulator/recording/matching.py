"""Which recorded exchange a request is: by method, path, query and body, each one once, in order.

The ids of a recording are not those that a caller may have of its own, such as its agent's: an id
that is met for the first time stands for the recorded one in its place, and for no other.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.recording.names import IDS, renamed, unnamed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_foundry_agents.emulator.recording.tape import Exchange
    from langchain_foundry_agents.emulator.records import JsonObject

_QUOTED = 400


class Matcher:
    """The exchanges of a recording that nobody has asked for yet.

    Args:
        exchanges: all of them, in their order.
    """

    def __init__(self, exchanges: list[Exchange]) -> None:
        self._left = list(exchanges)
        self._count = len(exchanges)
        self._theirs: dict[str, str] = {}
        self._ours: dict[str, str] = {}

    @property
    def left(self) -> int:
        """How many there are."""
        return len(self._left)

    def take(self, request: JsonObject) -> JsonObject | None:
        """The recorded answer to a request, with the caller's ids; None if there is none."""
        asked = canonical(request)
        for exchange in self._left:
            recorded = canonical(exchange.request)
            if (theirs := self._paired(recorded, asked)) is None:
                continue
            self._left.remove(exchange)
            told = json.dumps(exchange.response, ensure_ascii=False)
            # What the caller is told of, it knows by these names.
            self._theirs = {one: one for one in _ids(told)} | theirs
            self._ours = {theirs: ours for ours, theirs in self._theirs.items()}
            answer: JsonObject = json.loads(renamed(told, self._theirs.__getitem__))
            return answer
        return None

    def expected(self, request: JsonObject) -> str:
        """What is left to be asked, for one who asked something else."""
        if not self._left:
            return f"The recording is over: all of its {self._count} exchanges were asked for."
        following = self._left[0]
        body = following.request["body"]
        text = "no body" if body is None else json.dumps(body, ensure_ascii=False)
        quoted = text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"
        told = f"Expected next, as number {following.number}: {following.name} with {quoted}."
        place = next(_differences(following.request, request), None)
        return told + (f" The first difference is at {place}." if place else "")

    def _paired(self, recorded: str, asked: str) -> dict[str, str] | None:
        """The caller's ids by recorded ones, if that makes the texts the same."""
        if unnamed(recorded) != unnamed(asked):
            return None
        ours, theirs = dict(self._theirs), dict(self._ours)
        for one, other in zip(_ids(recorded), _ids(asked), strict=True):
            if ours.setdefault(one, other) != other or theirs.setdefault(other, one) != one:
                return None
        return ours


def canonical(request: JsonObject) -> str:
    """A request as one text that is the same for equal ones."""
    return json.dumps(request, sort_keys=True, ensure_ascii=False)


def _ids(text: str) -> list[str]:
    return [found.group() for found in IDS.finditer(text)]


def _differences(recorded: Any, asked: Any, place: str = "") -> Iterator[str]:
    """Where two requests differ, but for ids."""
    if isinstance(recorded, dict) and isinstance(asked, dict):
        for name in sorted(recorded.keys() | asked.keys()):
            inner = f"{place}.{name}" if place else name
            yield from _differences(recorded.get(name), asked.get(name), inner)
    elif isinstance(recorded, list) and isinstance(asked, list) and len(recorded) == len(asked):
        for index, (one, other) in enumerate(zip(recorded, asked, strict=True)):
            yield from _differences(one, other, f"{place}[{index}]")
    elif unnamed(json.dumps(recorded)) != unnamed(json.dumps(asked)):
        yield place
