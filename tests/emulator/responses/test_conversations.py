"""Conversations and their items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from langchain_foundry_agents.emulator.responses.conversations import add_items
from langchain_foundry_agents.emulator.responses.ids import new_id, partition_of

from .scene import CONVERSATIONS, as_user, error_of, new_conversation, texts, user

if TYPE_CHECKING:
    from ..room import Room


def test_a_conversation_is_made_read_changed_and_deleted(room: Room) -> None:
    made = room.post(CONVERSATIONS, {"metadata": {"k": "v"}})
    path = f"{CONVERSATIONS}/{made['id']}"

    changed = room.post(path, {"metadata": {"l": "w"}})
    gone = room.call("DELETE", path)

    assert made == {
        "id": made["id"],
        "object": "conversation",
        "metadata": {"k": "v"},
        "created_at": 1_800_000_000,
    }
    assert changed == made | {"metadata": {"l": "w"}}
    assert gone.body == {"object": "conversation.deleted", "deleted": True, "id": made["id"]}
    assert error_of(room.call("GET", path)) == (404, "not_found", None)


def test_items_share_the_partition_of_their_conversation(room: Room) -> None:
    conversation = new_conversation(room)
    posted = room.post(f"{CONVERSATIONS}/{conversation}/items", {"items": [user("Hi")]})["data"]

    assert conversation.startswith("conv_")
    assert partition_of(conversation) is not None
    assert posted[0]["id"].startswith(f"msg_{partition_of(conversation)}00")


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("conv_3483e9c8dda4f16500GwcAgtdWlSmbMPzYLjWvDjiSe6LSFcC6", "3483e9c8dda4f165"),
        ("resp_3483e9c8dda4f165006909550333588190afc76a645a0e877a", "3483e9c8dda4f165"),
        ("thread_abc", None),
    ],
)
def test_an_id_tells_its_partition(identifier: str, expected: str | None) -> None:
    assert partition_of(identifier) == expected


def test_ids_of_the_model_are_hexadecimal_and_those_of_users_are_mixed(room: Room) -> None:
    made = new_id(room.state, "resp", "0" * 16)
    mixed = new_id(room.state, "conv", "0" * 16, mixed=True)

    assert set(made.removeprefix("resp_")) <= set("0123456789abcdef")
    assert mixed != mixed.lower()
    assert (len(made), len(mixed)) == (55, 55)


def test_posted_items_come_back_with_what_the_service_adds(room: Room) -> None:
    path = f"{CONVERSATIONS}/{new_conversation(room)}/items"
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "c", "output": "1"}
    said = {"role": "assistant", "content": "Yes"}

    page = room.post(path, {"items": [user("Hi"), said, call, output]})

    data = page["data"]
    prefixes = [item.pop("id").split("_")[0] for item in data]
    assert prefixes == ["msg", "msg", "fc", "fco"]
    answer = {"type": "output_text", "text": "Yes", "annotations": [], "logprobs": []}
    assert data == [
        user("Hi") | {"content": [{"type": "input_text", "text": "Hi"}], "status": "completed"},
        {"type": "message", "role": "assistant", "content": [answer], "status": "completed"},
        call | {"status": "completed"},
        output | {"status": "completed"},
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["c", "b", "a"]),
        ({"order": "asc"}, ["a", "b", "c"]),
        ({"limit": "1"}, ["c"]),
        ({"after": "1"}, ["a"]),
        ({"before": "1"}, ["c"]),
        ({"item_type": "message", "include[]": "reasoning.encrypted_content"}, ["c", "b", "a"]),
        ({"item_type": "function_call"}, []),
    ],
)
def test_items_are_listed_newest_first(
    room: Room, query: dict[str, str], expected: list[str]
) -> None:
    path = f"{CONVERSATIONS}/{new_conversation(room, 'a', 'b', 'c')}/items"
    ids = [item["id"] for item in room.get(path, order="asc")["data"]]
    cursors = {name: ids[int(query[name])] for name in ("after", "before") if name in query}

    assert texts(room.get(path, **(query | cursors))) == expected


def test_an_item_is_read_and_deleted(room: Room) -> None:
    conversation = new_conversation(room, "a", "b")
    path = f"{CONVERSATIONS}/{conversation}/items"
    first = room.get(path)["data"][0]

    read = room.get(f"{path}/{first['id']}")
    answer = room.call("DELETE", f"{path}/{first['id']}").body

    assert read == first
    assert first["partition_key"] == f"{partition_of(conversation)}00"
    assert (answer["object"], answer["id"]) == ("conversation", conversation)
    assert texts(room.get(path)) == ["a"]
    assert texts(room.get(path, after=first["id"])) == ["a"]
    assert room.call("GET", f"{path}/{first['id']}").status == 404


def test_an_agents_items_say_who_wrote_them(room: Room) -> None:
    conversation = room.state.conversation(new_conversation(room, "Hi"), "")
    reference = {"type": "agent_reference", "name": "support", "version": "3"}
    item = {
        "type": "message",
        "id": "msg_1",
        "agent_reference": reference,
        "response_id": "resp_1",
        "status": "completed",
        "role": "assistant",
        "content": [],
    }

    add_items(
        room.state, conversation, [item], response={"id": "resp_1", "agent_reference": reference}
    )

    newest = room.get(f"{CONVERSATIONS}/{conversation.id}/items")["data"][0]
    assert newest == {
        "type": "message",
        "id": "msg_1",
        "created_by": {
            "response_id": "resp_1",
            "agent": {"type": "agent_id", "name": "support", "version": "3"},
        },
        "partition_key": f"{partition_of(conversation.id)}00",
        "status": "completed",
        "role": "assistant",
        "content": [],
    }


def test_conversations_are_listed_by_the_agent_that_answered(room: Room) -> None:
    first, second = (new_conversation(room) for _ in range(2))
    response = {"id": "resp_1", "agent_reference": {"name": "support", "version": "3"}}
    said = {"type": "message", "role": "assistant", "content": "Yes"}
    add_items(room.state, room.state.conversation(first, ""), [said], response=response)

    def listed(**query: str) -> list[str]:
        return [one["id"] for one in room.get(CONVERSATIONS, **query)["data"]]

    assert listed() == [second, first]
    assert listed(agent_name="support") == listed(agent_id="support:3") == [first]
    assert listed(agent_name="other") == listed(agent_id="support:1") == []


def test_a_conversation_is_there_for_its_user_only(room: Room) -> None:
    made = room.call("POST", CONVERSATIONS, headers=as_user("ann")).body["id"]

    def read(path: str, user: str) -> Any:
        return room.call("GET", CONVERSATIONS + path, headers=as_user(user))

    assert read(f"/{made}", "ann").status == 200
    assert error_of(read(f"/{made}", "bob")) == (404, "not_found", None)
    assert room.call("GET", f"{CONVERSATIONS}/{made}").status == 404
    assert (len(read("", "ann").body["data"]), read("", "bob").body["data"]) == (1, [])


def test_a_conversation_at_work_takes_no_items(room: Room) -> None:
    conversation = new_conversation(room, "a")
    path = f"{CONVERSATIONS}/{conversation}/items"
    item = room.get(path)["data"][0]["id"]
    room.state.conversation(conversation, "").busy_with = "resp_1"

    answers = [
        room.call("POST", path, {"items": [user("b")]}),
        room.call("DELETE", f"{path}/{item}"),
    ]

    expected = (400, "conversation_locked", "conversation")
    assert [error_of(answer) for answer in answers] == [expected, expected]
    assert texts(room.get(path)) == ["a"]


@pytest.mark.parametrize(
    ("items", "code", "param"),
    [
        ([user("x")] * 21, "invalid_value", "items"),
        ("x", "invalid_type", "items"),
        ([{"type": "message", "content": "x"}], "missing_required_parameter", "items[0].role"),
        ([user("x") | {"role": "agent"}], "invalid_value", "items[0].role"),
        ([user("x") | {"content": 1}], "invalid_type", "items[0].content"),
        ([user("x") | {"content": [{}]}], "missing_required_parameter", "items[0].content[0].type"),
        ([{"type": "function_call_output", "call_id": "c", "output": 1}], "invalid_type", None),
        (
            [{"type": "function_call", "call_id": "c"}],
            "missing_required_parameter",
            "items[0].name",
        ),
        ([{"type": 1}], "invalid_type", "items[0].type"),
    ],
)
def test_items_that_are_none_are_refused(
    room: Room, items: Any, code: str, param: str | None
) -> None:
    path = f"{CONVERSATIONS}/{new_conversation(room)}/items"

    expected = (400, code, param or "items[0].output")
    assert error_of(room.call("POST", CONVERSATIONS, {"items": items})) == expected
    assert error_of(room.call("POST", path, {"items": items})) == expected
    assert room.get(path)["data"] == []


def test_twenty_items_go_at_once(room: Room) -> None:
    conversation = new_conversation(room, *"abcdefghijklmnopqrst")

    assert len(room.get(f"{CONVERSATIONS}/{conversation}/items", limit="100")["data"]) == 20


@pytest.mark.parametrize(
    "metadata", [{str(n): "" for n in range(17)}, {"k" * 65: ""}, {"k": "v" * 513}, {"k": 1}, []]
)
def test_metadata_has_its_limits(room: Room, metadata: Any) -> None:
    path = f"{CONVERSATIONS}/{new_conversation(room)}"

    assert room.call("POST", CONVERSATIONS, {"metadata": metadata}).status == 400
    assert room.call("POST", path, {"metadata": metadata}).status == 400
