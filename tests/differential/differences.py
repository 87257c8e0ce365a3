"""What differs from ChatOpenAI and has to, with the reason; and what differs still and should not.

A difference says what is left out of both sides before they are held together, and in which
programs it is met. A test makes sure that each is needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

JSON = dict[str, Any]


def same(value: Any) -> Any:
    """Nothing is left out."""
    return value


class Difference(NamedTuple):
    """One reason, and the programs of each generation that meet it."""

    reason: str
    read: Callable[[JSON], JSON | None] = same
    """What is compared of what the brain reads in one call; `None` for calls that are left out."""
    returned: Callable[[Any], Any] = same
    """What is compared of what a program returns."""
    classic: tuple[str, ...] = ()
    new: tuple[str, ...] = ()


def _kept(read: JSON, keep: Callable[[int, JSON], bool]) -> JSON:
    messages = [one for i, one in enumerate(read["messages"]) if keep(i, one)]
    return {**read, "messages": messages}


def _is_of_tools(message: JSON) -> bool:
    as_text = message["text"].startswith("[result of") or "[called " in message["text"]
    return message["role"] == "tool" or bool(message.get("calls")) or as_text


def _without_calls_of_earlier_turns(read: JSON) -> JSON:
    humans = [i for i, one in enumerate(read["messages"]) if one["role"] == "human"]
    return _kept(read, lambda i, one: i >= humans[-1] or not _is_of_tools(one))


def _without_calls(read: JSON) -> JSON:
    return _kept(read, lambda i, one: not _is_of_tools(one))


def _without_marks_of_errors(read: JSON) -> JSON:
    messages = [{**one, "text": one["text"].removeprefix("Error: ")} for one in read["messages"]]
    return {**read, "messages": messages}


def _without_instructions(read: JSON) -> JSON:
    return {**read, "instructions": []}


def _newest_instructions(read: JSON) -> JSON:
    return {**read, "instructions": read["instructions"][-1:]}


def _without_forms(read: JSON) -> JSON:
    kept = [one for one in read["instructions"] if not one.startswith("Answer this, and only")]
    return {**read, "instructions": kept}


def _without_answers(read: JSON) -> JSON:
    return _kept(read, lambda i, one: one["role"] != "ai")


def _questions(read: JSON) -> JSON | None:
    """The questions of a call that asks one; nothing of a call that brings outputs."""
    asks = read["messages"][-1]["role"] == "human"
    return _kept(read, lambda i, one: one["role"] == "human") if asks else None


def _replaced(value: Any, pattern: str) -> Any:
    if isinstance(value, str):
        return re.sub(pattern, "", value)
    return [_replaced(one, pattern) for one in value] if isinstance(value, list) else value


_FAILING = (
    *("a_tool_that_failed", "a_person_rejects", "retries_of_tools", "limits_of_tool_calls"),
    "errors_of_tools",
)

DIFFERENCES: dict[str, Difference] = {
    "calls of earlier turns": Difference(
        "a thread keeps messages; what an earlier run called, and what it got, are its steps",
        read=_without_calls_of_earlier_turns,
        classic=(
            *("tools_by_hand", "an_agent_with_tools", "an_agent_with_a_system_prompt"),
            *("a_person_approves", "a_person_rejects", "a_person_edits"),
            "a_person_responds",
            *("retries_of_models", "retries_of_tools", "todo_lists", "emulated_tools"),
            *("a_tool_whose_output_is_replaced", "a_react_loop", "an_agent_as_a_tool"),
            *("an_interrupt_between_call_and_output", "limits_of_tool_calls", "errors_of_tools"),
            "refusals",
        ),
    ),
    "errors are marked": Difference(
        "an output has no status: that the tool failed stands before its text",
        read=_without_marks_of_errors,
        returned=lambda value: _replaced(value, "Error: "),
        classic=_FAILING,
        new=_FAILING,
    ),
    "instructions stay": Difference(
        "a conversation keeps its developer messages: the newest hold, and older ones stay there",
        read=_newest_instructions,
        new=("a_chain_that_rephrases_first", "a_dynamic_prompt", "two_nodes_in_turn", "a_swarm"),
    ),
    "instructions of another model stay": Difference(
        "models that share a history share its conversation, with the developer messages in it",
        read=_without_instructions,
        new=("a_handoff_by_a_command",),
    ),
    "the form is told": Difference(
        "the service takes no form with a call: where the definition has none, the agent is told",
        read=_without_forms,
        new=(
            *("structured_output_with_the_raw_answer", "an_answer_of_the_provider"),
            "selected_tools",
        ),
    ),
    "calls are given up": Difference(
        "a call has to be answered, or its run cancelled, before its place goes on",
        read=_without_calls,
        classic=("calls_that_nobody_answers",),
        new=("calls_that_nobody_answers",),
    ),
    "outputs of others are text": Difference(
        "a thread takes messages of users and assistants: calls of a run that another agent, or "
        "other instructions, go on from are told as text",
        read=_without_calls,
        classic=(
            *("a_supervisor", "limits_of_model_calls", "a_dynamic_prompt", "a_swarm"),
            *("a_fallback_of_models", "cleared_outputs_of_tools"),
        ),
    ),
    "what was said stays": Difference(
        "a thread keeps what its cancelled run had said, however much of it was read",
        read=_without_answers,
        classic=("a_stopped_stream_whose_words_are_kept",),
    ),
    "outputs are answered": Difference(
        "a run that gets its outputs answers them before its thread takes another question",
        read=_questions,
        classic=("an_answer_by_a_tool",),
    ),
}

OPEN: dict[tuple[str, str], str] = {}
"""Programs that do not do yet what they should, by generation, and why."""


def differences_of(program: str, generation: str) -> list[str]:
    """Names of the differences that a program meets."""
    return [name for name, one in DIFFERENCES.items() if program in getattr(one, generation)]
