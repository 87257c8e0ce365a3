"""Lists: order, cursors, limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from langchain_foundry_agents.emulator.refusals import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from langchain_foundry_agents.emulator.ids import IdSource
    from langchain_foundry_agents.emulator.records import JsonObject

DEFAULT_LIMIT, MAX_LIMIT = 20, 100


class Identified(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> str:
        """The id."""


Record = TypeVar("Record", bound=Identified)


def page(
    records: Sequence[Record],
    query: Mapping[str, str],
    ids: IdSource,
    show: Callable[[Record], JsonObject],
) -> JsonObject:
    """One page of a list.

    Args:
        records: all of them, oldest first.
        query: `limit`, `order`, `after` and `before` as they came.
        ids: knows the order of creation, so that a cursor may name a deleted object.
        show: builds the JSON of one record.

    Returns:
        The list envelope.

    Raises:
        Refusal: a limit, an order or a cursor that is none.
    """
    newest_first = _order(query) == "desc"
    limit = _limit(query)
    after, before = (_cursor(query, name, ids) for name in ("after", "before"))
    low, high = (before, after) if newest_first else (after, before)
    window = [record for record in records if _between(low, ids.place(record.id), high)]
    if newest_first:
        window.reverse()
    # A page asked for by `before` alone is the one that ends just in front of the cursor.
    chosen = window[-limit:] if before is not None and after is None else window[:limit]
    data = [show(record) for record in chosen]
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
        "has_more": len(window) > len(chosen),
    }


def _between(low: int | None, place: int | None, high: int | None) -> bool:
    return place is not None and (low is None or low < place) and (high is None or place < high)


def _limit(query: Mapping[str, str]) -> int:
    text = query.get("limit", str(DEFAULT_LIMIT))
    if not text.isdecimal() or not 1 <= int(text) <= MAX_LIMIT:
        message = f"Invalid 'limit': expected an integer from 1 to {MAX_LIMIT}, got '{text}'."
        raise invalid(message, param="limit", code="invalid_value")
    return int(text)


def _order(query: Mapping[str, str]) -> str:
    order = query.get("order", "desc")
    if order not in ("asc", "desc"):
        message = f"Invalid 'order': expected 'asc' or 'desc', got '{order}'."
        raise invalid(message, param="order", code="invalid_value")
    return order


def _cursor(query: Mapping[str, str], name: str, ids: IdSource) -> int | None:
    identifier = query.get(name)
    if not identifier:
        return None
    place = ids.place(identifier)
    if place is None:
        message = f"Invalid '{name}': no object has the id '{identifier}'."
        raise invalid(message, param=name, code="invalid_value")
    return place
