"""Where a history goes on: in a thread, a conversation, after a response, or nowhere."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from langchain_foundry_agents import BadRequestError, ToolOutputError
from langchain_foundry_agents._ask import digest, make_ask
from langchain_foundry_agents._messages import Storage
from langchain_foundry_agents._messages.history import Prompt, read_prompt
from langchain_foundry_agents._options import CallOptions
from langchain_foundry_agents._record import Asked, Record

HELLO, AGAIN = HumanMessage("Hello"), HumanMessage("Again")
CALL = {"id": "call_1", "name": "add", "args": {"a": 1}}
APPROVAL = {"id": "mcpr_1", "name": "mcp_approval_request", "args": {"server_label": "docs"}}
OURS = {"model_provider": "azure_ai_foundry"}
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
    assert calls.approvals == (("mcpr_1", "docs", True),)
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
    record.keep(["call_1"], asked)

    read = prompt(HELLO, answer({}, CALL), ANSWERED_391, storage=storage, record=record)

    assert read.thread_id == place


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
