"""Messages that are put into threads and conversations without a run, as data."""

from __future__ import annotations

import pytest

from langchain_foundry_agents._flow.additions import add_to_conversation, add_to_thread
from langchain_foundry_agents._flow.effects import JSON, Send
from langchain_foundry_agents._flow.retry import Patience
from langchain_foundry_agents.errors import NotFoundError, ProtocolError, ServiceConnectionError

from .player import (
    API,
    FIND_THREAD,
    KEY,
    OK,
    V1,
    Step,
    answered,
    broken,
    limited,
    page,
    play,
    refused,
    sought,
)

THREAD, CONVERSATION = answered({"id": "thread_1"}), answered({"id": "conv_1"})


def said(count: int) -> list[JSON]:
    return [{"role": "user", "content": f"{place}"} for place in range(count)]


def to_thread(thread_id: str | None, messages: list[JSON], *script: Step) -> str:
    return play(add_to_thread(API, thread_id, messages, Patience()), *script)


def to_conversation(thread_id: str | None, items: list[JSON], *script: Step) -> str:
    flow = add_to_conversation("/conversations", thread_id, items, V1, Patience())
    return play(flow, *script)


def post(message: JSON) -> Send:
    return Send("POST", "/threads/thread_1/messages", message, V1)


def test_messages_are_put_into_a_thread_one_by_one() -> None:
    one, two = said(2)

    assert to_thread("thread_1", [one, two], (post(one), OK), (post(two), OK)) == "thread_1"


def test_a_new_thread_takes_the_first_32_messages_at_once() -> None:
    messages = said(33)
    making = Send("POST", "/threads", {**KEY, "messages": messages[:32]}, V1)

    made = to_thread(None, messages, (making, THREAD), (post(messages[32]), OK))

    assert made == "thread_1"


def test_a_conversation_takes_20_items_at_once() -> None:
    items = said(41)
    making = Send("POST", "/conversations", {"items": items[:20]}, V1)
    then = [
        Send("POST", "/conversations/conv_1/items", {"items": some}, V1)
        for some in (items[20:40], items[40:])
    ]

    made = to_conversation(None, items, (making, CONVERSATION), (then[0], OK), (then[1], OK))

    assert made == "conv_1"


def test_a_conversation_that_is_there_is_added_to() -> None:
    posting = Send("POST", "/conversations/conv_1/items", {"items": said(1)}, V1)

    assert to_conversation("conv_1", said(1), (posting, OK)) == "conv_1"


def test_a_thread_without_an_id_is_told() -> None:
    making = Send("POST", "/threads", {**KEY, "messages": []}, V1)

    with pytest.raises(ProtocolError, match=r"^The service created a thread without an id\."):
        to_thread(None, [], (making, answered({})))


def test_a_thread_whose_creation_is_lost_is_found_again() -> None:
    messages = said(2)
    making = Send("POST", "/threads", {**KEY, "messages": messages}, V1)
    found = page({"id": "thread_1", **KEY})

    assert to_thread(None, messages, (making, broken()), (FIND_THREAD, found)) == "thread_1"


def test_one_that_is_not_found_is_looked_for_again_and_not_made_twice() -> None:
    making = Send("POST", "/threads", {**KEY, "messages": []}, V1)

    with pytest.raises(ServiceConnectionError):
        to_thread(None, [], (making, broken()), *sought(FIND_THREAD))


def test_a_request_that_is_one_too_many_is_made_again() -> None:
    (message,), items = said(1), said(21)
    making = Send("POST", "/conversations", {"items": items[:20]}, V1)
    then = Send("POST", "/conversations/conv_1/items", {"items": items[20:]}, V1)

    assert to_thread("thread_1", [message], *limited((post(message), OK))) == "thread_1"
    assert to_conversation(None, items, *limited((making, CONVERSATION), (then, OK))) == "conv_1"


def test_a_conversation_without_an_id_is_told() -> None:
    making = Send("POST", "/conversations", {"items": []}, V1, repeatable=True)

    with pytest.raises(
        ProtocolError, match=r"^The service made a conversation and gave it no id\."
    ):
        to_conversation(None, [], (making, answered({})))


def test_a_conversation_that_is_gone_is_named() -> None:
    posting = Send("POST", "/conversations/conv_1/items", {"items": said(1)}, V1)

    with pytest.raises(NotFoundError) as raised:
        to_conversation("conv_1", said(1), (posting, refused(404)))

    assert raised.value.thread_id == "conv_1"


def test_a_thread_that_is_gone_is_named() -> None:
    (message,) = said(1)

    with pytest.raises(NotFoundError) as raised:
        to_thread("thread_1", [message], (post(message), refused(404)))

    assert raised.value.thread_id == "thread_1"


def test_a_message_whose_answer_is_lost_is_not_posted_twice() -> None:
    (message,) = said(1)

    with pytest.raises(ServiceConnectionError) as raised:
        to_thread("thread_1", [message], (post(message), broken()))

    assert raised.value.maybe_accepted
