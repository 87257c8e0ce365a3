"""Where the items of a response stand.

An event names its item's place in the output, `output_index`, and the finished response lists the
items in that order. Ids are hints: some servers make a new one for each event, or send none.
https://learn.microsoft.com/azure/ai-foundry/openai/reference-preview-latest#response-stream-events
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from langchain_foundry_agents._messages import JSON

_CLOSE = 8
"""So many items of a kind are compared with a finished one that stands elsewhere."""
Key = tuple[int, str]
"""An item: its place, and its kind, as some servers give all items the same place."""


class Places:
    """The places of one response's items."""

    def __init__(self) -> None:
        self._names: dict[Key, set[str]] = {}
        """The ids that each item had so far."""
        self._named: dict[tuple[str, str], int] = {}
        self._next = 0
        self._current = 0

    def of_event(
        self, data: JSON, kind: str, item: JSON | None = None, *, begins: bool = False
    ) -> int:
        """The place that an event is about.

        Args:
            data: The event.
            kind: Its item's kind.
            item: The item, if the event has it.
            begins: Whether it is the item's first.
        """
        place = index_of(data, "output_index")
        names = _names(data if item is None else item)
        if place is None:
            known = (self._named[kind, name] for name in names if (kind, name) in self._named)
            place = next(known, None)
        if place is None:
            # Without a place and a known id, it is about the item that was spoken of last.
            begins = begins or (item is not None and (self._current, kind) not in self._names)
            place = self._next if begins else self._current
        self._note(place, kind, names)
        return place

    def of_output(
        self, items: Sequence[JSON], fits: Callable[[int, JSON], bool]
    ) -> list[tuple[int, JSON]]:
        """The items of a finished response, with the places that their events had.

        Args:
            items: The items, in order.
            fits: Whether what is known of a place may be what an item says.
        """
        found: dict[int, int] = {}
        free = dict.fromkeys(self._names)
        steps = self._by_place_and_name, self._by_name, self._by_place_or_order(fits)
        for step in steps:
            for number, item in enumerate(items):
                if number in found:
                    continue
                place = step(number, item, free)
                if place is not None:
                    found[number] = place
                    del free[place, kind_of(item)]
        for number, item in enumerate(items):
            kind = kind_of(item)
            if number not in found:
                found[number] = self._next if (number, kind) in self._names else number
            self._note(found[number], kind, _names(item))
        return [(found[number], item) for number, item in enumerate(items)]

    def _by_place_and_name(self, number: int, item: JSON, free: dict[Key, None]) -> int | None:
        key, names = (number, kind_of(item)), _names(item)
        if key not in free:
            return None
        known = self._names[key]
        return number if not names or not known or names & known else None

    def _by_name(self, _: int, item: JSON, free: dict[Key, None]) -> int | None:
        kind = kind_of(item)
        places = (self._named.get((kind, name), -1) for name in _names(item))
        return next((place for place in places if (place, kind) in free), None)

    def _by_place_or_order(
        self, fits: Callable[[int, JSON], bool]
    ) -> Callable[[int, JSON, dict[Key, None]], int | None]:
        """Looks for an item whose ids changed: at its place, else among the first of its kind."""
        all_places: defaultdict[str, list[int]] = defaultdict(list)
        for place, kind in self._names:
            all_places[kind].append(place)
        others = {kind: iter(places) for kind, places in all_places.items()}
        first: defaultdict[str, list[int]] = defaultdict(list)

        def find(number: int, item: JSON, free: dict[Key, None]) -> int | None:
            kind = kind_of(item)
            near = first[kind] = [place for place in first[kind] if (place, kind) in free]
            more = (place for place in others.get(kind, ()) if (place, kind) in free)
            near += islice(more, _CLOSE - len(near))
            if (number, kind) in free:
                near = [number, *near]
            return next((place for place in near if fits(place, item)), next(iter(near), None))

        return find

    def _note(self, place: int, kind: str, names: set[str]) -> None:
        self._names.setdefault((place, kind), set()).update(names)
        self._named.update(((kind, name), place) for name in names)
        self._current, self._next = place, max(self._next, place + 1)


def index_of(data: JSON, name: str) -> int | None:
    """A place that an event names; `None` if that is no place."""
    index = data.get(name)
    if isinstance(index, int) and not isinstance(index, bool) and index >= 0:
        return index
    return None


def kind_of(item: JSON) -> str:
    """What kind of item it is."""
    kind = item.get("type")
    if isinstance(kind, str):
        return kind
    return "message" if "content" in item else "unknown"


def _names(found: JSON) -> set[str]:
    """The ids that an item, or an event about one, tells."""
    names: list[Any] = [found.get("call_id"), found.get("id"), found.get("item_id")]
    return {name for name in names if isinstance(name, str) and name}
