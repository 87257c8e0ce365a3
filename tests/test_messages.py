"""Histories as LangChain has them: what is new for the thread, and what are instructions."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
)

from langchain_foundry_agents._messages.history import Prompt, read_prompt
from langchain_foundry_agents._record import Record
from langchain_foundry_agents.errors import BadRequestError

JSON = dict[str, Any]
URL = "https://example.com/cat.png"
Q1, Q2, Q3 = HumanMessage("one"), HumanMessage("two"), HumanMessage("three")
ASKED_1, ASKED_2, ASKED_3 = (
    {"role": "user", "content": "one"},
    {"role": "user", "content": "two"},
    {"role": "user", "content": "three"},
)


def ours(text: str = "A", thread_id: str = "thread_1") -> AIMessage:
    metadata = {"model_provider": "azure_ai_foundry", "thread_id": thread_id}
    return AIMessage(text, response_metadata=metadata)


def read(*messages: BaseMessage, thread_id: str | None = None, go_on: bool = True) -> Prompt:
    return read_prompt(messages, thread_id=thread_id, go_on=go_on, record=Record())


def mapped(content: Any) -> Any:
    """The content of a human message, as the thread gets it."""
    (message,) = read(HumanMessage(content)).new()
    return message["content"]


def test_a_history_without_an_answer_of_ours_opens_a_thread_with_all_of_it() -> None:
    prompt = read(Q1, AIMessage("A"), Q2)

    assert prompt.thread_id is None
    assert prompt.new() == (ASKED_1, {"role": "assistant", "content": "A"}, ASKED_2)


def test_a_history_with_an_answer_of_ours_goes_on_after_it() -> None:
    prompt = read(Q1, ours(), Q2, Q3)

    assert prompt.thread_id == "thread_1"
    assert prompt.new() == (ASKED_2, ASKED_3)
    assert prompt.whole() == (ASKED_1, {"role": "assistant", "content": "A"}, ASKED_2, ASKED_3)


def test_the_last_answer_of_ours_names_the_thread() -> None:
    prompt = read(Q1, ours("A", "thread_1"), Q2, ours("B", "thread_2"), Q3)

    assert (prompt.thread_id, prompt.new()) == ("thread_2", (ASKED_3,))


def test_answers_of_others_after_ours_are_new_for_the_thread() -> None:
    prompt = read(Q1, ours(), Q2, AIMessage("B"), Q3)

    assert prompt.thread_id == "thread_1"
    assert prompt.new() == (ASKED_2, {"role": "assistant", "content": "B"}, ASKED_3)


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"thread_id": "thread_1"},
        {"thread_id": "thread_1", "model_provider": "openai"},
        {"model_provider": "azure_ai_foundry"},
        {"model_provider": "azure_ai_foundry", "thread_id": None},
        {"model_provider": "azure_ai_foundry", "thread_id": 7},
    ],
)
def test_only_our_own_answers_name_a_thread(metadata: JSON) -> None:
    prompt = read(Q1, AIMessage("A", response_metadata=metadata), Q2)

    assert (prompt.thread_id, len(prompt.new())) == (None, 3)


def test_a_human_message_names_no_thread() -> None:
    copied = HumanMessage("one", response_metadata=ours().response_metadata)

    assert read(copied, Q2).thread_id is None


def test_with_a_named_thread_what_follows_the_last_answer_of_anybody_is_new() -> None:
    prompt = read(Q1, ours(), Q2, AIMessage("B"), Q3, thread_id="thread_9")

    assert (prompt.thread_id, prompt.new()) == ("thread_9", (ASKED_3,))


def test_with_a_named_thread_a_history_without_answers_is_new() -> None:
    assert read(Q1, Q2, thread_id="thread_9").new() == (ASKED_1, ASKED_2)


def test_a_history_that_is_not_to_be_continued_opens_a_thread_with_all_of_it() -> None:
    prompt = read(Q1, ours(), Q2, go_on=False)

    assert (prompt.thread_id, len(prompt.new())) == (None, 3)


def test_system_messages_are_instructions_and_no_messages() -> None:
    prompt = read(
        SystemMessage("Be brief."),
        Q1,
        ChatMessage(role="developer", content="Be kind."),
        ChatMessage(role="system", content=[{"type": "text", "text": "Be true."}]),
        SystemMessage(""),
    )

    assert prompt.system == "Be brief.\n\nBe kind.\n\nBe true."
    assert prompt.new() == (ASKED_1,)


def test_system_messages_before_our_answer_are_still_this_runs_instructions() -> None:
    prompt = read(SystemMessage("Be brief."), Q1, ours(), Q2)

    assert (prompt.system, prompt.new()) == ("Be brief.", (ASKED_2,))


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (HumanMessage("one"), {"role": "user", "content": "one"}),
        (AIMessage(" A "), {"role": "assistant", "content": "A"}),
        (
            AIMessage(["A", {"type": "image", "url": URL}]),
            {"role": "assistant", "content": "A"},
        ),
        (ChatMessage(role="user", content="one"), {"role": "user", "content": "one"}),
        (ChatMessage(role="human", content="one"), {"role": "user", "content": "one"}),
        (ChatMessage(role="assistant", content="A"), {"role": "assistant", "content": "A"}),
        (ChatMessage(role="ai", content="A"), {"role": "assistant", "content": "A"}),
        (
            HumanMessage("one", name="ann"),
            {"role": "user", "content": "one", "metadata": {"name": "ann"}},
        ),
        (
            HumanMessage("one", name="n" * 513),
            {"role": "user", "content": "one", "metadata": {"name": "n" * 512}},
        ),
        (
            AIMessage(
                "Let me see.", tool_calls=[{"name": "add", "args": {"a": "ü"}, "id": "call_1"}]
            ),
            {"role": "assistant", "content": 'Let me see.\n[called add with {"a": "ü"}]'},
        ),
        (
            AIMessage("", tool_calls=[{"name": "add", "args": {}, "id": "call_1"}]),
            {"role": "assistant", "content": "[called add with {}]"},
        ),
        (
            FunctionMessage(content="3", name="add"),
            {"role": "user", "content": "[result of add]\n3", "metadata": {"name": "add"}},
        ),
    ],
)
def test_a_message_of_this_kind_has_its_form_in_a_thread(
    message: BaseMessage, expected: JSON
) -> None:
    assert read(message).new() == (expected,)


@pytest.mark.parametrize("empty", [AIMessage(""), AIMessage("  "), AIMessage([])])
def test_an_earlier_answer_without_content_is_left_out(empty: AIMessage) -> None:
    assert read(Q1, empty, Q2).new() == (ASKED_1, ASKED_2)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([{"type": "text", "text": "one"}], "one"),
        (["one"], "one"),
        ([{"type": "text", "text": "one"}, {"type": "text", "text": " "}], "one"),
        (
            [{"type": "text", "text": "one"}, "two"],
            [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}],
        ),
    ],
)
def test_texts_of_a_message_are_kept(content: Any, expected: Any) -> None:
    assert mapped(content) == expected


@pytest.mark.parametrize(
    ("block", "image"),
    [
        ({"type": "image_url", "image_url": {"url": URL}}, {"url": URL}),
        (
            {"type": "image_url", "image_url": {"url": URL, "detail": "low"}},
            {"url": URL, "detail": "low"},
        ),
        (
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}},
            {"url": "data:image/png;base64,QUJD"},
        ),
        ({"type": "image", "source_type": "url", "url": URL}, {"url": URL}),
        (
            {
                "type": "image",
                "source_type": "base64",
                "data": "QUJD",
                "mime_type": "image/png",
            },
            {"url": "data:image/png;base64,QUJD"},
        ),
        ({"type": "image", "url": URL}, {"url": URL}),
        (
            {"type": "image", "url": URL, "extras": {"detail": "high"}},
            {"url": URL, "detail": "high"},
        ),
        (
            {"type": "image", "base64": "QUJD", "mime_type": "image/png"},
            {"url": "data:image/png;base64,QUJD"},
        ),
        (
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": "QUJD"},
            },
            {"url": "data:image/png;base64,QUJD"},
        ),
        ({"type": "image", "source": {"type": "url", "url": URL}}, {"url": URL}),
    ],
)
def test_an_image_of_any_dialect_goes_by_its_url(block: JSON, image: JSON) -> None:
    assert mapped([{"type": "text", "text": "See:"}, block]) == [
        {"type": "text", "text": "See:"},
        {"type": "image_url", "image_url": image},
    ]


@pytest.mark.parametrize(
    "block",
    [
        {"type": "image", "file_id": "file_1"},
        {"type": "image", "source_type": "id", "id": "file_1"},
    ],
)
def test_an_image_that_the_service_has_goes_by_its_id(block: JSON) -> None:
    assert mapped([block]) == [{"type": "image_file", "image_file": {"file_id": "file_1"}}]


def test_no_messages_are_refused() -> None:
    with pytest.raises(BadRequestError, match=r"^There are no messages\. Ask something\.$"):
        read()


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (HumanMessage(""), "HumanMessage"),
        (HumanMessage(" \n"), "HumanMessage"),
        (HumanMessage([]), "HumanMessage"),
        (HumanMessage([{"type": "text", "text": ""}]), "HumanMessage"),
        (ChatMessage(role="user", content=""), "ChatMessage"),
    ],
)
def test_a_message_without_content_is_refused(message: BaseMessage, kind: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        read(Q1, message).new()

    assert str(caught.value) == f"A {kind} has no content. Leave it out, or fill it."


@pytest.mark.parametrize(
    ("block", "kind"),
    [
        ({"type": "hologram", "depth": 3}, "hologram"),
        ({"type": "audio", "base64": "QUJD", "mime_type": "audio/wav"}, "audio"),
        ({"type": "video", "url": URL}, "video"),
        ({"type": "image", "base64": "QUJD"}, "image"),
        ({"type": "image"}, "image"),
        ({"depth": 3}, "non_standard"),
    ],
)
def test_a_block_that_a_thread_cannot_hold_is_refused(block: JSON, kind: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        mapped([{"type": "text", "text": "See:"}, block])

    assert str(caught.value) == (
        f"A message has a block of the type '{kind}', which a thread cannot take in this form. "
        "Send text, image and file blocks. "
        "An image needs url, file_id, or base64 with mime_type."
    )


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (ChatMessage(role="critic", content="No."), "role 'critic'"),
        (RemoveMessage(id="1"), "RemoveMessage"),
    ],
)
def test_a_message_that_a_thread_cannot_hold_is_refused(message: BaseMessage, kind: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        read(Q1, message).new()

    assert str(caught.value) == (
        f"A thread cannot hold a message of the kind {kind}. "
        "Use human, AI, system and tool messages."
    )


def test_what_the_thread_holds_already_is_not_checked_again() -> None:
    assert read(HumanMessage(""), ours(), Q2).new() == (ASKED_2,)


def test_all_texts_are_there_for_an_estimate() -> None:
    assert read(SystemMessage("Be brief."), Q1, ours("A"), Q2).text() == "Be brief.\none\nA\ntwo"
