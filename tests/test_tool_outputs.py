"""Histories that end in tool calls: whose they are, what is answered, and what goes where."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from langchain_foundry_agents._messages import conversation_key
from langchain_foundry_agents._messages.history import Prompt, read_prompt
from langchain_foundry_agents._record import Asked, Record
from langchain_foundry_agents.errors import ToolOutputError

JSON = dict[str, Any]
Q1, Q2 = HumanMessage("one"), HumanMessage("two")
ASKED_1, ASKED_2 = {"role": "user", "content": "one"}, {"role": "user", "content": "two"}
CALLED = {"role": "assistant", "content": "[called add with {}]"}
RESULT = {"role": "user", "content": "[result of call_1]\n3"}
US: JSON = {"model_provider": "azure_ai_foundry", "thread_id": "thread_1", "run_id": "run_1"}
RUN = Asked("thread_1", "run_1")


def calling(*call_ids: str, invalid: tuple[str, ...] = (), **metadata: Any) -> AIMessage:
    """An answer that calls tools; ours, if its metadata says so."""
    broken = {"name": "add", "args": "{", "error": "No JSON.", "type": "invalid_tool_call"}
    return AIMessage(
        "",
        tool_calls=[{"name": "add", "args": {}, "id": call_id} for call_id in call_ids],
        invalid_tool_calls=[{**broken, "id": call_id} for call_id in invalid],
        response_metadata=metadata,
    )


def output(call_id: str = "call_1", content: Any = "3", **more: Any) -> ToolMessage:
    return ToolMessage(content, tool_call_id=call_id, **more)


def read(
    *messages: BaseMessage,
    thread_id: str | None = None,
    go_on: bool = True,
    record: Record | None = None,
) -> Prompt:
    return read_prompt(messages, thread_id=thread_id, go_on=go_on, record=record or Record())


def outputs(prompt: Prompt) -> list[JSON]:
    assert prompt.calls is not None
    return list(prompt.calls.outputs)


def remembering(*call_ids: str) -> Record:
    record = Record()
    record.keep(conversation_key("", [Q1]), call_ids, RUN)
    return record


OURS = calling("call_1", **US)
THEIRS = calling("call_1")


# Whose calls they are.


def test_outputs_of_our_calls_go_to_the_run_that_asked() -> None:
    prompt = read(Q1, OURS, output())

    assert prompt.calls is not None
    assert (prompt.thread_id, prompt.calls.asked) == ("thread_1", RUN)
    assert outputs(prompt) == [{"tool_call_id": "call_1", "output": "3"}]
    assert prompt.new() == ()


def test_outputs_keep_the_order_of_the_calls() -> None:
    prompt = read(
        Q1, calling("call_1", "call_2", **US), output("call_2", "4"), output("call_1", "3")
    )

    assert outputs(prompt) == [
        {"tool_call_id": "call_1", "output": "3"},
        {"tool_call_id": "call_2", "output": "4"},
    ]


def test_calls_without_our_metadata_are_ours_if_the_process_remembers_them() -> None:
    prompt = read(Q1, THEIRS, output(), record=remembering("call_1"))

    assert prompt.calls is not None
    assert (prompt.thread_id, prompt.calls.asked, prompt.new()) == ("thread_1", RUN, ())


def test_calls_that_nobody_knows_are_looked_for_in_the_thread_that_the_caller_names() -> None:
    prompt = read(Q1, THEIRS, output(), thread_id="thread_9")

    assert prompt.calls is not None
    assert (prompt.thread_id, prompt.calls.asked) == ("thread_9", None)
    assert prompt.calls.ids == {"call_1"}
    assert outputs(prompt) == [{"tool_call_id": "call_1", "output": "3"}]


def test_calls_of_another_thread_than_the_caller_names_are_text_there() -> None:
    prompt = read(Q1, OURS, output(), thread_id="thread_9")

    assert (prompt.thread_id, prompt.calls, prompt.new()) == ("thread_9", None, (RESULT,))


def test_calls_of_another_model_are_text_in_a_new_thread() -> None:
    prompt = read(Q1, THEIRS, output(), Q2)

    assert prompt.thread_id is None
    assert prompt.new() == (ASKED_1, CALLED, RESULT, ASKED_2)


def test_calls_of_another_model_after_an_answer_of_ours_are_text_in_its_thread() -> None:
    prompt = read(Q1, AIMessage("A", response_metadata=US), Q2, THEIRS, output())

    assert (prompt.thread_id, prompt.calls) == ("thread_1", None)
    assert prompt.new() == (ASKED_2, CALLED, RESULT)


def test_a_history_that_is_not_to_be_continued_is_replayed_with_its_calls() -> None:
    prompt = read(Q1, OURS, output(), go_on=False)

    assert (prompt.thread_id, prompt.calls) == (None, None)
    assert prompt.new() == (ASKED_1, CALLED, RESULT)


def test_calls_that_were_answered_and_followed_by_an_answer_are_done() -> None:
    prompt = read(Q1, OURS, output(), AIMessage("3!", response_metadata=US), Q2)

    assert (prompt.thread_id, prompt.calls, prompt.new()) == ("thread_1", None, (ASKED_2,))


def test_for_a_run_that_is_over_the_calls_and_what_follows_are_at_hand_as_text() -> None:
    prompt = read(SystemMessage("Be brief."), Q1, OURS, output(), Q2)

    assert prompt.late() == (CALLED, RESULT, ASKED_2)
    assert prompt.whole() == (ASKED_1, CALLED, RESULT, ASKED_2)


def test_what_the_answer_with_the_calls_holds_is_known() -> None:
    blocks: list[str | JSON] = ["Let me see.", {"type": "server_tool_call", "id": "call_0"}]
    answer = calling("call_1", **US, message_ids=["msg_1", "msg_2"])
    answer.content = blocks

    assert read(Q1, answer, output()).known() == {"call_0", "msg_1", "msg_2"}
    assert read(Q1, AIMessage("A", response_metadata=US), Q2).known() == frozenset()


# What is answered.


def test_what_follows_the_outputs_is_new() -> None:
    prompt = read(Q1, OURS, output(), Q2)

    assert outputs(prompt) == [{"tool_call_id": "call_1", "output": "3"}]
    assert prompt.new() == (ASKED_2,)


def test_our_calls_that_are_followed_by_a_question_alone_are_given_up() -> None:
    prompt = read(Q1, OURS, Q2)

    assert prompt.calls is not None
    assert (prompt.calls.asked, prompt.calls.outputs) == (RUN, ())
    assert prompt.new() == (ASKED_2,)


def test_our_calls_that_nothing_follows_have_no_output() -> None:
    with pytest.raises(ToolOutputError, match=r"^There is no output for call_1\."):
        read(Q1, OURS)


@pytest.mark.parametrize("rest", [(), (Q2,)], ids=["alone", "before a question"])
def test_our_calls_need_all_their_outputs(rest: tuple[BaseMessage, ...]) -> None:
    with pytest.raises(ToolOutputError) as caught:
        read(Q1, calling("call_1", "call_2", "call_3", **US), output("call_2"), *rest)

    assert str(caught.value) == (
        "There is no output for call_1, call_3. [thread thread_1, run run_1] "
        "Answer each tool call with just one ToolMessage."
    )


def test_our_calls_need_one_output_each_and_no_second() -> None:
    with pytest.raises(ToolOutputError) as caught:
        read(Q1, OURS, output(), output())

    assert str(caught.value) == (
        "A call has two outputs. [thread thread_1, run run_1] "
        "Answer each tool call with just one ToolMessage."
    )


def test_outputs_of_remembered_calls_are_checked_too() -> None:
    with pytest.raises(ToolOutputError, match="There is no output for call_2"):
        read(Q1, calling("call_1", "call_2"), output(), record=remembering("call_1", "call_2"))


def test_of_another_models_calls_some_may_be_unanswered() -> None:
    assert read(Q1, calling("call_1", "call_2"), output()).calls is None


@pytest.mark.parametrize(
    "history",
    [
        (Q1, output()),
        (output(),),
        (Q1, AIMessage("A"), output()),
        (Q1, OURS, output("call_7")),
        (Q1, OURS, output(), output("call_7")),
    ],
    ids=["no answer", "nothing else", "no call", "another call", "one too many"],
)
def test_an_output_that_answers_no_call_is_refused(history: tuple[BaseMessage, ...]) -> None:
    with pytest.raises(ToolOutputError) as caught:
        read(*history)

    assert "answers no call of the history. Pass the AI message with the tool call on" in str(
        caught.value
    )


def test_outputs_further_up_may_have_lost_their_calls_to_trimming() -> None:
    prompt = read(output("call_0"), AIMessage("A", response_metadata=US), Q2)

    assert (prompt.thread_id, prompt.new()) == ("thread_1", (ASKED_2,))


def test_a_trimmed_history_that_begins_with_our_calls_goes_on() -> None:
    prompt = read(OURS, output())

    assert (prompt.thread_id, len(outputs(prompt))) == ("thread_1", 1)


# Invalid calls.


def test_invalid_calls_are_answered_for_the_caller() -> None:
    prompt = read(Q1, calling("call_1", invalid=("call_2",), **US), output())

    assert outputs(prompt) == [
        {"tool_call_id": "call_1", "output": "3"},
        {"tool_call_id": "call_2", "output": "Error: the call is invalid. No JSON."},
    ]


def test_an_invalid_call_may_be_answered_by_the_caller() -> None:
    prompt = read(Q1, calling("call_1", invalid=("call_2",), **US), output(), output("call_2", "4"))

    assert outputs(prompt)[1] == {"tool_call_id": "call_2", "output": "4"}


def test_an_invalid_call_without_a_reason_is_told_what_is_wrong_most_often() -> None:
    message = calling("call_1", invalid=("call_2",), **US)
    message.invalid_tool_calls[0]["error"] = None

    assert outputs(read(Q1, message, output()))[1]["output"] == (
        "Error: the call is invalid. The arguments are no JSON object."
    )


def test_invalid_calls_alone_are_given_up_before_a_question() -> None:
    prompt = read(Q1, calling(invalid=("call_1",), **US), Q2)

    assert (outputs(prompt), prompt.new()) == ([], (ASKED_2,))


# What an output says.


DATA_URL = "data:image/png;base64,QUJD"
PICTURE = {"type": "image", "base64": "QUJD", "mime_type": "image/png"}
OPENAIS_PICTURE = {"type": "image_url", "image_url": {"url": DATA_URL}}
MCPS_PICTURE = {"type": "image", "data": "QUJD", "mimeType": "image/png"}
ANTHROPICS_PICTURE = {
    "type": "image",
    "source": {"type": "base64", "media_type": "image/png", "data": "QUJD"},
}
NOTE = (
    '{"type": "image", "mime_type": "image/png", "bytes": 3, '
    '"content": "left out, as it cannot be read as text"}'
)
NOTE_OF_A_URL = (
    '{"type": "image", "bytes": 19, "content": "left out, as it cannot be read as text"}'
)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (output(content=""), ""),
        (output(content="No.", status="error"), "Error: No."),
        (output(content="Error: no.", status="error"), "Error: no."),
        (output(content="error 7", status="error"), "error 7"),
        (output(content=[{"type": "text", "text": "3"}]), "3"),
        (output(content=["3", {"type": "text", "text": "4"}]), "34"),
        (
            output(content=[{"type": "text", "text": "See"}, {"type": "image", "url": "ü"}]),
            'See\n{"type": "image", "url": "ü"}',
        ),
        (output(content=[{"type": "json", "a": 1}]), '{"type": "json", "a": 1}'),
        (output(content=[]), ""),
        (output(content=[{"type": "text", "text": "No."}], status="error"), "Error: No."),
        (output(content=7), "7"),
        (output(artifact={"not": "told"}), "3"),
        (output(content=[{"type": "text", "text": "See"}, PICTURE]), f"See\n{NOTE}"),
        (output(content=[OPENAIS_PICTURE]), NOTE),
        (output(content=[ANTHROPICS_PICTURE]), NOTE),
        (output(content=[MCPS_PICTURE]), NOTE),
        (output(content=[{"type": "input_image", "image_url": DATA_URL}]), NOTE_OF_A_URL),
    ],
)
def test_an_output_is_this_text(message: ToolMessage, said: str) -> None:
    assert outputs(read(Q1, OURS, message)) == [{"tool_call_id": "call_1", "output": said}]


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (output(), "[result of call_1]\n3"),
        (output(content="No.", status="error"), "[result of call_1]\nError: No."),
        (FunctionMessage(content="3", name="add"), "[result of add]\n3"),
    ],
)
def test_an_output_that_no_run_waits_for_is_a_text_of_the_users(
    message: BaseMessage, told: str
) -> None:
    assert read(Q1, THEIRS, message).new()[2]["content"] == told


def test_an_output_names_its_tool() -> None:
    assert read(Q1, THEIRS, output(name="add")).new()[2] == {
        "role": "user",
        "content": "[result of add]\n3",
        "metadata": {"name": "add"},
    }


def test_an_output_may_be_as_long_as_the_service_takes() -> None:
    (told,) = outputs(read(Q1, OURS, output(content="x" * 1_500_000)))

    assert len(told["output"]) == 1_500_000


def test_an_output_that_is_too_long_is_refused() -> None:
    with pytest.raises(ToolOutputError) as caught:
        read(Q1, OURS, output(content="x" * 1_500_001))

    assert caught.value.args == (
        "The output for call_1 has 1,500,001 characters; the service takes up to 1,500,000.",
    )
    assert str(caught.value).endswith("Shorten it, or upload it as a file.")
