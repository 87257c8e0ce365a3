"""Where a history goes on: in a thread, a conversation, after a response, or nowhere."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from langchain_foundry_agents import BadRequestError, ToolOutputError
from langchain_foundry_agents._ask import digest, make_ask
from langchain_foundry_agents._messages import Storage, conversation_key, held_by
from langchain_foundry_agents._messages.history import Prompt, read_prompt
from langchain_foundry_agents._options import CallOptions
from langchain_foundry_agents._record import Asked, Record

HELLO, AGAIN = HumanMessage("Hello"), HumanMessage("Again")
CALL = {"id": "call_1", "name": "add", "args": {"a": 1}}
APPROVAL = {"id": "mcpr_1", "name": "mcp_approval_request", "args": {"server_label": "docs"}}
OURS = {"model_provider": "azure_ai_foundry", "finish_reason": "stop"}
IN_THREAD = {**OURS, "thread_id": "thread_1", "run_id": "run_1"}
IN_CONVERSATION = {
    **OURS,
    "thread_id": "conv_1",
    "conversation_id": "conv_1",
    "run_id": "resp_1",
    "response_id": "resp_1",
}
IN_CHAIN = {**OURS, "run_id": "resp_1", "response_id": "resp_1"}
ANSWERED_391 = ToolMessage("391", tool_call_id="call_1")


def answer(metadata: dict[str, Any], *calls: Any) -> AIMessage:
    return AIMessage("Hi", response_metadata=metadata, tool_calls=[*calls])


def prompt(
    *messages: BaseMessage,
    storage: Storage = "conversation",
    thread_id: str | None = None,
    record: Record | None = None,
) -> Prompt:
    return read_prompt(
        messages,
        thread_id=thread_id,
        go_on=True,
        record=record or Record(),
        storage=storage,
    )


def user(text: str) -> dict[str, str]:
    return {"type": "message", "role": "user", "content": text}


PLACES: list[tuple[dict[str, Any], Storage, str | None]] = [
    (IN_THREAD, "thread", "thread_1"),
    (IN_THREAD, "conversation", None),
    (IN_THREAD, "response", None),
    (IN_CONVERSATION, "thread", None),
    (IN_CONVERSATION, "conversation", "conv_1"),
    (IN_CONVERSATION, "response", "resp_1"),
    (IN_CONVERSATION, "none", None),
    (IN_CHAIN, "thread", None),
    (IN_CHAIN, "conversation", None),
    (IN_CHAIN, "response", "resp_1"),
    ({"thread_id": "conv_1", "conversation_id": "conv_1"}, "conversation", None),
]


@pytest.mark.parametrize(("metadata", "storage", "place"), PLACES)
def test_a_history_goes_on_where_its_last_answer_of_ours_stands(
    metadata: dict[str, Any], storage: Storage, place: str | None
) -> None:
    read = prompt(HELLO, answer(metadata), AGAIN, storage=storage)

    assert read.thread_id == place
    assert len(read.new()) == (1 if place else 3)


def test_what_a_new_conversation_lacks_are_items() -> None:
    assert prompt(HELLO, answer(IN_THREAD), AGAIN).new() == (
        user("Hello"),
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "Hi", "annotations": []}],
        },
        user("Again"),
    )


@pytest.mark.parametrize(
    ("metadata", "storage", "place"),
    [(IN_CONVERSATION, "conversation", "conv_1"), (IN_CHAIN, "response", "resp_1")],
)
def test_outputs_answer_the_calls_of_the_place(
    metadata: dict[str, Any], storage: Storage, place: str
) -> None:
    read = prompt(HELLO, answer(metadata, CALL), ANSWERED_391, storage=storage)

    assert (read.thread_id, read.new()) == (place, ())
    assert read.calls is not None
    assert read.calls.outputs == ({"tool_call_id": "call_1", "output": "391"},)


def test_where_nothing_is_kept_calls_and_outputs_travel_with_the_history() -> None:
    read = prompt(HELLO, answer(IN_CHAIN, CALL), ANSWERED_391, storage="none")

    assert read.calls is None
    assert read.new()[2:] == (
        {"type": "function_call", "call_id": "call_1", "name": "add", "arguments": '{"a":1}'},
        {"type": "function_call_output", "call_id": "call_1", "output": "391"},
    )


def test_there_too_each_call_needs_its_output() -> None:
    other = {**CALL, "id": "call_2"}

    with pytest.raises(ToolOutputError, match="no output for call_2"):
        prompt(HELLO, answer(IN_CHAIN, CALL, other), ANSWERED_391, storage="none")


def test_where_nothing_is_kept_nothing_can_be_approved() -> None:
    yes = ToolMessage("true", tool_call_id="mcpr_1")

    with pytest.raises(ToolOutputError, match="no call to approve"):
        prompt(HELLO, answer(IN_CHAIN, APPROVAL), yes, storage="none")


def test_outputs_and_approvals_may_answer_one_message() -> None:
    yes = ToolMessage("true", tool_call_id="mcpr_1")

    calls = prompt(HELLO, answer(IN_CONVERSATION, CALL, APPROVAL), yes, ANSWERED_391).calls

    assert calls is not None
    assert calls.outputs == ({"tool_call_id": "call_1", "output": "391"},)
    assert calls.approvals == (("mcpr_1", "docs", True, None),)
    assert calls.approval_ids == {"mcpr_1"}


@pytest.mark.parametrize(
    ("asked", "storage", "place"),
    [
        (Asked("thread_1", "run_1"), "thread", "thread_1"),
        (Asked("thread_1", "run_1"), "conversation", None),
        (Asked("thread_1", "run_1"), "response", None),
        (Asked("conv_1", "resp_1"), "thread", None),
        (Asked("conv_1", "resp_1"), "conversation", "conv_1"),
        (Asked(None, "resp_1"), "conversation", None),
        (Asked(None, "resp_1"), "response", "resp_1"),
        (Asked(None, "resp_1"), "none", None),
    ],
)
def test_a_remembered_call_leads_only_to_a_place_of_its_kind(
    asked: Asked, storage: Storage, place: str | None
) -> None:
    record = Record()
    record.keep(conversation_key("", [HELLO]), ["call_1"], asked)

    read = prompt(HELLO, answer({}, CALL), ANSWERED_391, storage=storage, record=record)

    assert read.thread_id == place


# What a history may not do: messages of it may come from a browser, with any metadata.

FOREIGN_IDS = [
    "../../other/threads/thread_1",
    "thread_1?",
    "thread_1/messages",
    "thread_1\r\nX: y",
    "thread_1%0aERROR",
    "thread_1\n",
    "thread_" + "x" * 1_000,
    "thread_",
    "thread_\u0663",
    "asst_1",
    "",
    ["thread_1"],
    {"id": "thread_1"},
    7,
]


@pytest.mark.parametrize("id_", FOREIGN_IDS, ids=range(len(FOREIGN_IDS)))
def test_an_id_that_has_not_the_form_of_one_names_no_thread(id_: Any) -> None:
    read = prompt(HELLO, answer({**IN_THREAD, "thread_id": id_}), AGAIN, storage="thread")

    assert (read.thread_id, read.head, len(read.new())) == (None, None, 3)


@pytest.mark.parametrize("storage", ["conversation", "response"])
@pytest.mark.parametrize("id_", ["../conversations/conv_1", "conv_1\n", "resp_1/cancel", ["x"], 7])
def test_an_id_that_has_not_the_form_of_one_names_no_conversation(
    id_: Any, storage: Storage
) -> None:
    metadata = {**IN_CONVERSATION, "conversation_id": id_, "thread_id": id_, "response_id": id_}

    read = prompt(HELLO, answer(metadata), AGAIN, storage=storage)

    assert (read.thread_id, read.head, len(read.new())) == (None, None, 3)


@pytest.mark.parametrize("id_", ["../../assistants/asst_1?", "run_1\n", "run_" + "x" * 1_000, None])
def test_a_runs_id_that_has_not_the_form_of_one_names_no_run(id_: Any) -> None:
    told = {**IN_THREAD, "run_id": id_}

    read = prompt(HELLO, answer(told, CALL), ANSWERED_391, storage="thread")

    assert (read.thread_id, read.head) == ("thread_1", None)
    assert read.calls is None


@pytest.mark.parametrize("message_ids", [None, 7, "msg_1", {"a": 1}, [["msg_1"]], ["msg_1"]])
def test_strange_ids_of_messages_are_no_ids(message_ids: Any) -> None:
    told = {**IN_THREAD, "message_ids": message_ids}

    read = prompt(HELLO, answer(told, CALL), ANSWERED_391, storage="thread")

    assert read.known() == ({"msg_1"} if message_ids == ["msg_1"] else set())


@pytest.mark.parametrize(("storage", "new"), [("thread", False), ("conversation", True)])
def test_a_users_message_names_no_place(storage: Storage, new: bool) -> None:
    place = "conv_1" if new else "thread_1"
    posted = HumanMessage("Hello", response_metadata=held_by(place, new=new))

    read = prompt(posted, AGAIN, storage=storage)

    assert (read.thread_id, len(read.new())) == (None, 2)


def test_a_users_message_is_in_the_place_that_an_answer_before_it_names() -> None:
    held = HumanMessage("Hello?", response_metadata=held_by("thread_1", new=False))
    elsewhere = HumanMessage("Hello?", response_metadata=held_by("thread_2", new=False))

    assert len(prompt(HELLO, answer(IN_THREAD), held, AGAIN, storage="thread").new()) == 1
    assert len(prompt(HELLO, answer(IN_THREAD), elsewhere, AGAIN, storage="thread").new()) == 2


def test_a_users_message_is_in_the_place_that_the_caller_names() -> None:
    held = HumanMessage("Hello?", response_metadata=held_by("thread_1", new=False))

    read = prompt(held, AGAIN, storage="thread", thread_id="thread_1")

    assert (read.thread_id, len(read.new())) == ("thread_1", 1)


# Instructions.

BRIEF = SystemMessage("Be brief.")


def told(*messages: BaseMessage, **options: Any) -> tuple[str | None, bool]:
    ask = make_ask(prompt(*messages, thread_id=options.get("thread_id")), CallOptions(**options))
    return ask.instructions, ask.instructed


KNOWS_BRIEF = answer({**IN_CONVERSATION, "instructions_digest": digest("Be brief.")})


def test_system_messages_are_told_once_and_again_when_they_change() -> None:
    assert told(BRIEF, HELLO) == ("Be brief.", False)
    assert told(BRIEF, HELLO, KNOWS_BRIEF, AGAIN) == ("Be brief.", True)
    assert told(SystemMessage("Be long."), HELLO, KNOWS_BRIEF, AGAIN) == ("Be long.", False)
    assert told(BRIEF, HELLO, answer(IN_CONVERSATION), AGAIN) == ("Be brief.", False)


def test_a_conversation_that_the_caller_names_is_told_what_another_one_knows() -> None:
    messages = (BRIEF, HELLO, KNOWS_BRIEF, AGAIN)

    assert told(*messages, thread_id="conv_1") == ("Be brief.", True)
    assert told(*messages, thread_id="conv_2") == ("Be brief.", False)


def test_system_messages_can_be_dropped_or_refused() -> None:
    assert told(BRIEF, HELLO, system_messages="drop") == (None, False)
    assert told(BRIEF, HELLO, system_messages="drop", additional_instructions="In French.") == (
        "In French.",
        False,
    )
    with pytest.raises(BadRequestError, match=r"wants none.*Put them into the agent's own"):
        told(BRIEF, HELLO, system_messages="raise")
    assert told(HELLO, system_messages="raise") == (None, False)
