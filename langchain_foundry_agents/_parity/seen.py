"""What a service was seen to answer, masked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, takewhile
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents._parity.compare import Difference, differences, loosened

if TYPE_CHECKING:
    from langchain_foundry_agents._parity.case import Exchange
    from langchain_foundry_agents._parity.masks import Masks

JSON = dict[str, Any]
_DELTA, _LATER = ".delta", " (later ones)"


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer: a status, and a body or events.

    Args:
        status: HTTP status.
        kind: its content type.
        body: masked; of a stream, nothing.
        events: names of a stream's events, deltas in a row once.
        payloads: what they carry, masked: of deltas in a row the first, and all others as a set.
    """

    status: int
    kind: str
    body: Any = None
    events: tuple[str, ...] | None = None
    payloads: Mapping[str, Any] | None = None

    def told(self) -> JSON:
        """For a transcript."""
        shown = {"status": self.status, "content_type": self.kind}
        if self.events is None:
            return {**shown, "body": self.body}
        return {**shown, "events": list(self.events), "payloads": dict(self.payloads or {})}

    def unlike(self, other: Seen, expected: Exchange) -> list[Difference]:
        """Where another service's answer differs from this one, and it is expected to matter."""
        found = list(_heads(self, other))
        if self.events is None or other.events is None:
            ours, theirs = (loosened(one.body, expected.answer) for one in (self, other))
            return [*found, *differences(ours, theirs, "body")]
        payloads, others = self.payloads or {}, other.payloads or {}
        both = (name for name in payloads if name in others)
        told = (differences(payloads[name], others[name], name) for name in both)
        return [*found, *chain.from_iterable(told)]

    def unexpected(self, expected: Exchange) -> list[Difference]:
        """Where it differs from what a case expects."""
        if self.status != expected.status:
            return [Difference("status", expected.status, f"{self.status} {self.body}")]
        if expected.events is not None:
            return [] if self.events == expected.events else [_order(expected.events, self.events)]
        return list(differences(expected.answer, self.body, "body"))


def seen_body(status: int, kind: str, text: str, masks: Masks) -> Seen:
    """An answer with a body: JSON, or a text of which only its presence shows."""
    try:
        body = masks.mask(json.loads(text))
    except ValueError:
        body = "<text>" if text else None
    return Seen(status, kind, body)


def seen_events(status: int, kind: str, events: Iterable[tuple[str, Any]], masks: Masks) -> Seen:
    """An answer that is a stream."""
    names: list[str] = []
    payloads: JSON = {}
    for name, told in groupby(events, key=lambda event: event[0]):
        first, *later = (masks.mask(data) for _, data in told)
        if name.endswith(_DELTA):
            place = _noted(names, name)
            payloads[place] = first
            payloads |= {place + _LATER: _distinct(later)} if later else {}
        else:
            payloads |= {_noted(names, name): data for data in (first, *later)}
    return Seen(status, kind, None, tuple(names), payloads)


def _noted(names: list[str], name: str) -> str:
    """Notes one more event, and says which of its name it is."""
    names.append(name)
    count = names.count(name)
    return name if count == 1 else f"{name} ({count})"


def _distinct(values: Iterable[Any]) -> list[Any]:
    """Each of them once, in an order of their own."""
    written = {json.dumps(value, sort_keys=True): value for value in values}
    return [value for _, value in sorted(written.items())]


def _heads(ours: Seen, theirs: Seen) -> Iterator[Difference]:
    if ours.status != theirs.status:
        yield Difference("status", ours.status, theirs.status)
    if ours.kind != theirs.kind:
        yield Difference("content type", ours.kind, theirs.kind)
    if ours.events != theirs.events:
        yield _order(ours.events, theirs.events)


def _order(ours: Sequence[str] | None, theirs: Sequence[str] | None) -> Difference:
    """Where two orders of events part, and what stands there until they meet again."""
    mine, other = list(ours or ()), list(theirs or ())
    start = _alike(mine, other)
    end = _alike(mine[start:][::-1], other[start:][::-1])
    parts = (one[start : len(one) - end] for one in (mine, other))
    return Difference(f"events[{start}]", *parts)


def _alike(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """How many of the first ones are the same."""
    pairs = zip(ours, theirs, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
