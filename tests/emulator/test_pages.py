"""Lists: order, cursors and limits, as clients page through them."""

from __future__ import annotations

from typing import Any

import pytest

from .room import Room


@pytest.fixture
def room() -> Room:
    """A room with five threads, whose metadata number them."""
    room = Room()
    for number in range(5):
        room.post("/threads", {"metadata": {"n": str(number)}})
    return room


def numbers(page: Any) -> str:
    return "".join(one["metadata"]["n"] for one in page["data"])


def ids(room: Room) -> list[str]:
    return [one["id"] for one in room.get("/threads", order="asc")["data"]]


@pytest.mark.parametrize(
    ("query", "expected", "more"),
    [
        ({}, "43210", False),
        ({"order": "asc"}, "01234", False),
        ({"limit": "2"}, "43", True),
        ({"limit": "2", "order": "asc"}, "01", True),
        ({"after": "3"}, "210", False),
        ({"after": "3", "limit": "2"}, "21", True),
        ({"after": "3", "order": "asc"}, "4", False),
        ({"before": "3"}, "4", False),
        ({"before": "0", "limit": "2"}, "21", True),
        ({"before": "3", "order": "asc"}, "012", False),
        ({"after": "4", "before": "1"}, "32", False),
        ({"after": "0"}, "", False),
    ],
)
def test_pages(room: Room, query: dict[str, str], expected: str, more: bool) -> None:
    places = ids(room)
    cursors = {key: places[int(query[key])] for key in ("after", "before") if key in query}

    page = room.get("/threads", **(query | cursors))

    assert (numbers(page), page["has_more"]) == (expected, more)
    assert page["first_id"] == (page["data"][0]["id"] if expected else None)
    assert page["last_id"] == (page["data"][-1]["id"] if expected else None)


def test_a_list_gives_twenty_unless_told(room: Room) -> None:
    for _ in range(20):
        room.thread()

    assert len(room.get("/threads")["data"]) == 20
    assert len(room.get("/threads", limit="100")["data"]) == 25


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"order": "up"}, "order"),
        ({"after": "thread_never"}, "after"),
        ({"before": "thread_never"}, "before"),
    ],
)
def test_a_query_that_is_none_is_refused(room: Room, query: dict[str, str], param: str) -> None:
    answer = room.call("GET", "/threads", query=query)

    assert (answer.status, answer.body["error"]["param"]) == (400, param)


def test_a_cursor_may_name_an_object_deleted_since(room: Room) -> None:
    """Who deletes while listing asks for the page after an object that is gone."""
    gone = ids(room)[2]
    room.call("DELETE", f"/threads/{gone}")

    assert numbers(room.get("/threads", after=gone)) == "10"


def test_messages_of_one_second_keep_their_order(room: Room) -> None:
    thread = room.thread("a", "b", "c")

    page = room.get(f"/threads/{thread}/messages")

    assert [one["content"][0]["text"]["value"] for one in page["data"]] == ["c", "b", "a"]
    assert len({one["created_at"] for one in page["data"]}) == 1


def test_a_runs_messages_are_listed_by_its_id(room: Room) -> None:
    thread, agent = room.thread("Hi"), room.agent()
    first = room.run(f"/threads/{thread}/runs", {"assistant_id": agent})["id"]
    room.run(f"/threads/{thread}/runs", {"assistant_id": agent})

    page = room.get(f"/threads/{thread}/messages", run_id=first)

    assert [one["run_id"] for one in page["data"]] == [first]
    assert room.get(f"/threads/{thread}/messages", run_id="run_x")["data"] == []
