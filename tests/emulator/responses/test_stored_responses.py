"""Responses that are kept: read, listed, deleted, each user's own."""

from __future__ import annotations

from ..room import Room
from .scene import as_user, error_of, new_conversation, new_version, texts, user
from .speaking import RESPONSES, ask, respond, text_of


def test_an_unstored_response_cannot_be_read_or_gone_on_with(room: Room) -> None:
    new_version(room)

    response = respond(room, "Hi", store=False)

    assert room.call("GET", f"{RESPONSES}/{response['id']}").status == 404
    refused = ask(room, "And?", previous_response_id=response["id"])
    assert error_of(refused) == (400, "previous_response_not_found", "previous_response_id")


def test_a_history_can_be_replayed_instead_of_stored(room: Room) -> None:
    new_version(room)
    answered = {
        "role": "assistant",
        "content": [{"type": "output_text", "text": "Yes.", "annotations": []}],
    }

    response = respond(room, [user("One?"), answered, user("Two?")], store=False)

    assert 'the last was: "One?"' in text_of(response)


def test_responses_are_read_listed_and_deleted(room: Room) -> None:
    new_version(room)
    new_version(room, "other")
    conversation = new_conversation(room)
    first = respond(room, "One?", conversation=conversation)
    second = respond(room, "Two?", agent_reference={"type": "agent_reference", "name": "other"})

    def listed(**query: str) -> list[str]:
        return [one["id"] for one in room.get(RESPONSES, **query)["data"]]

    assert listed() == [second["id"], first["id"]]
    assert listed(order="asc", limit="1") == [first["id"]]
    assert listed(after=second["id"]) == [first["id"]]
    assert listed(agent_name="support") == listed(agent_id="support:1") == [first["id"]]
    assert listed(conversation_id=conversation) == [first["id"]]
    assert room.get(f"{RESPONSES}/{first['id']}") == first
    deleted = room.call("DELETE", f"{RESPONSES}/{first['id']}").body
    assert deleted == {"id": first["id"], "object": "response", "deleted": True}
    assert listed() == [second["id"]]


def test_input_items_are_listed_newest_first(room: Room) -> None:
    new_version(room)
    response = respond(room, [user("a"), user("b")])

    listed = room.get(f"{RESPONSES}/{response['id']}/input_items")

    assert texts(listed) == ["b", "a"]
    assert listed["data"][0]["id"].startswith("msg_")


def test_items_can_be_named_instead_of_repeated(room: Room) -> None:
    new_version(room)
    first = respond(room, "One?")
    said = room.get(f"{RESPONSES}/{first['id']}/input_items")["data"][0]

    again = respond(room, [{"type": "item_reference", "id": said["id"]}])

    assert text_of(again) == 'You said: "One?".'
    assert error_of(ask(room, [{"type": "item_reference", "id": "msg_0"}])) == (
        404,
        "not_found",
        None,
    )


def test_each_user_has_responses_of_their_own(room: Room) -> None:
    new_version(room)
    ann, bob = as_user("ann"), as_user("bob")
    response = respond(room, "One?", headers=ann)

    assert room.call("GET", f"{RESPONSES}/{response['id']}", headers=ann).status == 200
    assert room.call("GET", f"{RESPONSES}/{response['id']}", headers=bob).status == 404
    assert room.call("GET", RESPONSES, headers=bob).body["data"] == []
    refused = ask(room, "Two?", previous_response_id=response["id"], headers=bob)
    assert error_of(refused)[1] == "previous_response_not_found"
