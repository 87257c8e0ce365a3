"""Lists of the new generation: cursors that are not always the ids of what is listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator import pages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from langchain_foundry_agents.emulator.ids import IdSource
    from langchain_foundry_agents.emulator.records import JsonObject


@dataclass(slots=True)
class Listed:
    """Something in a list: how it shows, and the id that a cursor names it by."""

    id: str
    shown: JsonObject


def page(listed: Sequence[Listed], query: Mapping[str, str], ids: IdSource) -> JsonObject:
    """One page of a list; an empty one has no `first_id` and no `last_id`.

    Args:
        listed: all of it, oldest first.
        query: `limit`, `order`, `after` and `before` as they came.
        ids: knows the order of creation, so that a cursor may name what was deleted since.

    Raises:
        Refusal: a limit, an order or a cursor that is none.
    """
    found = pages.page(listed, query, ids, _with_id)
    ends = {name: found[name] for name in ("first_id", "last_id") if found["data"]}
    data = [one["shown"] for one in found["data"]]
    return {"data": data, **ends, "has_more": found["has_more"], "object": "list"}


def _with_id(one: Listed) -> JsonObject:
    return {"id": one.id, "shown": one.shown}
