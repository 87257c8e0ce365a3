"""A run that waits for outputs belongs to its agent, and to what it was asked with."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.messages.utils import convert_to_messages, convert_to_openai_messages

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import AskApproval, CallTools, FoundryEmulator

from .tools import PARIS, UTC, get_time, get_weather

SUBMIT = "POST /threads/*/runs/*/submit_tool_outputs"


@pytest.fixture
def emulator() -> Iterator[FoundryEmulator]:
    with FoundryEmulator() as made:
        yield made


def agent(emulator: FoundryEmulator, name: str, **more: Any) -> ChatFoundryAgent:
    made = emulator.create_agent(name=name, generation="classic", **more)
    return ChatFoundryAgent(agent_id=made, project_endpoint=emulator.project_endpoint)


def asked(model: Any, text: str = "Go") -> list[BaseMessage]:
    """A history that ends in the output of a call."""
    history: list[BaseMessage] = [HumanMessage(text)]
    history.append(model.invoke(history))
    assert isinstance(history[-1], AIMessage)
    call = history[-1].tool_calls[0]
    return [*history, ToolMessage("42", tool_call_id=call["id"] or "", name=call["name"])]


def last_routes(emulator: FoundryEmulator, since: int) -> list[str]:
    return [f"{one.method} {one.route}" for one in emulator.requests[since:]]


def submitted(emulator: FoundryEmulator) -> bool:
    return emulator.requests[-1].path.endswith("submit_tool_outputs")


def test_outputs_with_the_same_options_are_one_request_to_the_run(
    emulator: FoundryEmulator,
) -> None:
    emulator.script(CallTools(PARIS), "Done.")
    model = agent(emulator, "helper").bind_tools([get_weather])
    history = asked(model)
    before = len(emulator.requests)

    assert model.invoke(history).text == "Done."

    assert len(emulator.requests) - before == 1
    assert submitted(emulator)


@pytest.mark.parametrize(
    "options",
    [
        {"instructions": "Be kind."},
        {"additional_instructions": "Be brief."},
        {"model": "gpt-4o-mini"},
        {"response_format": {"type": "json_object"}},
        {"tool_choice": "none"},
    ],
    ids=lambda options: next(iter(options)),
)
def test_outputs_with_options_that_make_another_answer_go_to_a_new_run(
    emulator: FoundryEmulator, options: dict[str, Any]
) -> None:
    brain = emulator.script(CallTools(PARIS), "Done.")
    model = agent(emulator, "helper").bind_tools([get_weather])
    history = asked(model)

    answer = model.invoke(history, **options)

    told = history[1].response_metadata
    assert answer.text == "Done."
    assert answer.response_metadata["thread_id"] == told["thread_id"]
    assert answer.response_metadata["run_id"] != told["run_id"]
    thread = emulator.service.state.threads[told["thread_id"]]
    assert [run.status for run in thread.runs] == ["cancelled", "completed"]
    assert [message.text for message in brain.heard[-1] if message.type != "system"] == [
        "Go",
        '[called get_weather with {"city": "Paris"}]',
        "[result of get_weather]\n42",
    ]


def test_so_do_outputs_with_other_tools(emulator: FoundryEmulator) -> None:
    emulator.script(CallTools(PARIS), CallTools(UTC), "Done.")
    model = agent(emulator, "helper")
    history = asked(model.bind_tools([get_weather]))

    answer = model.bind_tools([get_time]).invoke(history)

    assert answer.tool_calls[0]["name"] == "get_time"


def test_what_an_agent_said_before_its_call_is_not_told_twice(emulator: FoundryEmulator) -> None:
    from langchain_foundry_agents.emulator import Steps

    brain = emulator.script(Steps("Let me see.", CallTools(PARIS)), "Done.")
    model = agent(emulator, "helper").bind_tools([get_weather])

    model.invoke(asked(model), additional_instructions="Be brief.")

    assert [message.text.count("Let me see.") for message in brain.heard[-1]].count(1) == 1


def test_outputs_with_options_of_little_weight_go_to_the_run_and_that_is_said_once(
    emulator: FoundryEmulator,
) -> None:
    emulator.script(CallTools(PARIS), "Done.")
    model = agent(emulator, "helper").bind_tools([get_weather])
    history = asked(model)

    with pytest.warns(UserWarning, match=r": max_tokens, run_metadata of this call have no effect"):
        answer = model.invoke(history, max_tokens=300, run_metadata={"case": "7"})

    assert (answer.text, submitted(emulator)) == ("Done.", True)


def test_an_approval_goes_to_the_run_that_asked_whatever_the_options(
    emulator: FoundryEmulator,
) -> None:
    server = {"type": "mcp", "server_label": "docs", "server_url": "https://example.com/mcp"}
    emulator.script(AskApproval("docs", "fetch", {}), "Fetched.")
    model = agent(emulator, "helper", tools=[server])
    history = [*asked(model)[:2]]
    assert isinstance(history[1], AIMessage)
    yes = ToolMessage("true", tool_call_id=history[1].tool_calls[0]["id"] or "")

    with pytest.warns(UserWarning, match=r": additional_instructions of this call have no effect"):
        answer = model.invoke([*history, yes], additional_instructions="Be brief.")

    assert (answer.text, submitted(emulator)) == ("Fetched.", True)


def test_the_agent_that_is_asked_answers_and_not_the_one_whose_run_waits(
    emulator: FoundryEmulator,
) -> None:
    brain = emulator.script(CallTools(PARIS), "Here is billing.")
    triage = agent(emulator, "triage", instructions="You are TRIAGE.")
    billing = agent(emulator, "billing", instructions="You are BILLING.")

    answer = billing.invoke(asked(triage.bind_tools([get_weather])))

    assert answer.response_metadata["agent_id"] == billing.agent_id
    assert [m.text for m in brain.heard[-1] if m.type == "system"] == ["You are BILLING."]


def test_so_it_is_where_a_history_lost_our_metadata(emulator: FoundryEmulator) -> None:
    emulator.script(CallTools(PARIS), "Here is billing.")
    triage, billing = agent(emulator, "triage"), agent(emulator, "billing")
    history = asked(triage.bind_tools([get_weather]))

    bare = convert_to_messages(convert_to_openai_messages(history))

    assert billing.invoke(bare).response_metadata["agent_id"] == billing.agent_id


def test_a_history_that_lost_our_metadata_and_was_edited_is_read_as_it_is(
    emulator: FoundryEmulator,
) -> None:
    brain = emulator.script(CallTools(PARIS), "Done.")
    model = agent(emulator, "helper").bind_tools([get_weather])
    history = asked(model, "My card is 4111.")

    bare = convert_to_messages(convert_to_openai_messages(history))
    model.invoke([HumanMessage("[redacted]"), *bare[1:]])

    assert brain.heard[-1][0].text == "[redacted]"


def test_an_answer_of_an_older_version_tells_no_options_and_its_run_goes_on(
    emulator: FoundryEmulator,
) -> None:
    emulator.script(CallTools(PARIS), "Done.")
    model = agent(emulator, "helper").bind_tools([get_weather])
    history = asked(model)
    told = history[1].response_metadata
    # As another process has it: this one remembers the call.
    call = {**history[1].tool_calls[0], "id": "call_of_old"}  # type: ignore[attr-defined]
    del told["run_options"]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        from langchain_foundry_agents._messages.outputs import read_calls
        from langchain_foundry_agents._record import Record

        calls = read_calls(history, 1, Record())

    assert call["id"] == "call_of_old"
    assert calls is not None
    assert calls.asked is not None
    assert calls.asked.options is None
