"""Branches, busy threads, threads that are not kept and runs taken up again, over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from langchain_foundry_agents import (
    ActiveRunError,
    ChatFoundryAgent,
    InvalidFieldError,
    NotFoundError,
    ThreadDivergedError,
)
from langchain_foundry_agents.emulator import FoundryEmulator
from langchain_foundry_agents.thread_records import LocalThreadRecord

Make = Callable[..., ChatFoundryAgent]


@pytest.fixture(params=["classic", "new"])
def make(request: pytest.FixtureRequest, emulator: FoundryEmulator) -> Make:
    """Makes models of an agent of one generation."""
    name = "agent_id" if request.param == "classic" else "agent_name"
    agent = emulator.create_agent(name="helper", generation=request.param)

    def made(**fields: Any) -> ChatFoundryAgent:
        where = {"project_endpoint": emulator.project_endpoint, name: agent}
        return ChatFoundryAgent(**{**where, **fields})

    return made


def begun(model: ChatFoundryAgent) -> list[BaseMessage]:
    """A history with a question and its answer."""
    question = HumanMessage("What is 17 * 23?")
    return [question, model.invoke([question])]


def place(answer: BaseMessage) -> str:
    return str(answer.response_metadata["thread_id"])


def test_two_questions_after_the_same_answer_are_answered_apart(make: Make) -> None:
    model = make()
    history = begun(model)

    answers = model.batch([[*history, HumanMessage("One?")], [*history, HumanMessage("Two?")]])

    before = 'Before that you asked 1 question, the last was: "What is 17 * 23?".'
    assert [answer.text for answer in answers] == [
        f'You said: "One?". {before}',
        f'You said: "Two?". {before}',
    ]
    places = {place(answer) for answer in answers}
    assert len(places) == 2
    assert place(history[1]) in places


async def test_likewise_in_async_code(make: Make) -> None:
    model = make()
    history = [HumanMessage("Hello")]
    answer = await model.ainvoke(history)
    turns: list[Any] = [[*history, answer, HumanMessage(f"{n}?")] for n in range(5)]

    answers = await model.abatch(turns)

    assert len({place(one) for one in answers}) == 5
    assert all("asked 1 question" in one.text for one in answers)


def test_an_older_answer_is_gone_on_from_in_a_new_place(make: Make) -> None:
    model = make()
    history = begun(model)
    second = model.invoke([*history, HumanMessage("And then?")])

    other = model.invoke([*history, HumanMessage("Or rather?")])

    assert place(second) == place(history[1])
    assert place(other) != place(history[1])
    assert other.response_metadata["forked_from"] == place(history[1])
    assert "asked 1 question" in other.text


def test_which_is_an_error_where_that_is_wanted(make: Make) -> None:
    model = make(on_divergence="raise")
    history = begun(model)
    model.invoke([*history, HumanMessage("And then?")])

    with pytest.raises(ThreadDivergedError, match="is a branch"):
        model.invoke([*history, HumanMessage("Or rather?")])


def test_a_turn_in_a_named_place_is_part_of_its_history(make: Make) -> None:
    model = make()
    history = begun(model)
    model.invoke("In between?", thread_id=place(history[1]))

    other = model.invoke([*history, HumanMessage("And then?")])

    assert other.response_metadata["forked_from"] == place(history[1])


def test_another_worker_is_noticed_with_check_thread(make: Make) -> None:
    model = make(check_thread=True)
    history = begun(model)
    make(thread_record=LocalThreadRecord()).invoke([*history, HumanMessage("Elsewhere?")])

    other = model.invoke([*history, HumanMessage("And then?")])

    assert other.response_metadata["forked_from"] == place(history[1])


def test_a_fork_of_a_hundred_messages_keeps_them_all(make: Make) -> None:
    model = make()
    history = begun(model)
    model.invoke([*history, HumanMessage("Followed.")])
    more = [HumanMessage(f"Fact {n}") if n % 2 else AIMessage(f"Noted {n}") for n in range(98)]

    other = model.invoke([*more, *history, HumanMessage("How many?")])

    assert "Before that you asked 50 questions" in other.text


@pytest.mark.parametrize("generation", ["classic", "new"])
def test_a_fork_warns_of_what_the_new_place_lacks(
    generation: Literal["classic", "new"],
    emulator: FoundryEmulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    tools = [{"type": "code_interpreter"}]
    agent = emulator.create_agent(name="coder", generation=generation, tools=tools)
    named = {"agent_id" if generation == "classic" else "agent_name": agent}
    model = ChatFoundryAgent(project_endpoint=emulator.project_endpoint, **named)
    history = begun(model)
    model.invoke([*history, HumanMessage("Followed.")])

    model.invoke([*history, HumanMessage("And then?")])

    warnings = [told.message for told in caplog.records if told.levelname == "WARNING"]
    assert warnings == [f"what takes the place of {place(history[1])} lacks: server steps"]


def test_turns_in_one_named_place_queue_up(make: Make) -> None:
    model = make()
    (_, first) = begun(model)

    with ThreadPoolExecutor(8) as threads:
        answers = list(
            threads.map(lambda n: model.invoke(f"{n}?", thread_id=place(first)).text, range(8))
        )

    counts = sorted(int(text.split("you asked ")[1].split()[0]) for text in answers)
    assert counts == [1, 2, 3, 4, 5, 6, 7, 8]


async def test_they_queue_up_on_a_loop_too(make: Make) -> None:
    model = make()
    first = await model.ainvoke("Hello")

    answers = await asyncio.gather(
        *(model.ainvoke(f"{n}?", thread_id=place(first)) for n in range(8))
    )

    counts = sorted(int(one.text.split("you asked ")[1].split()[0]) for one in answers)
    assert counts == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_place_that_another_turn_of_the_process_has_can_be_an_error(make: Make) -> None:
    model = make()
    (_, first) = begun(model)
    stream = model.stream("Tell me a long story.", thread_id=place(first))
    next(stream)

    with pytest.raises(ActiveRunError):
        model.invoke("Me too!", thread_id=place(first), on_active_run="raise")

    list(stream)
    assert model.invoke("And now?", thread_id=place(first), on_active_run="raise").text


@pytest.mark.parametrize("run_mode", ["stream", "poll"])
def test_a_place_that_is_not_kept_is_gone_after_its_answer(make: Make, run_mode: str) -> None:
    model = make(run_mode=run_mode)

    answer = model.invoke("Hello", keep_thread=False)

    assert "thread_id" not in answer.response_metadata
    gone = answer.response_metadata["deleted_thread_id"]
    with pytest.raises(NotFoundError):
        model.invoke("Are you there?", thread_id=gone)


def test_one_that_was_there_is_kept_and_named(make: Make) -> None:
    model = make(keep_thread=False)
    (_, first) = begun(make())

    answer = model.invoke("Hello", thread_id=place(first))

    assert place(answer) == place(first)
    assert "deleted_thread_id" not in answer.response_metadata


def test_one_with_calls_is_gone_once_they_are_answered(emulator: FoundryEmulator) -> None:
    def get_weather(city: str) -> str:
        """The weather."""
        return "sunny"

    agent_id = emulator.create_agent(name="helper")
    model = ChatFoundryAgent(
        agent_id=agent_id, project_endpoint=emulator.project_endpoint, keep_thread=False
    ).bind_tools([get_weather])
    question = HumanMessage('Please call get_weather for "Paris".')
    asks = model.invoke([question])

    output = ToolMessage("sunny", tool_call_id=asks.tool_calls[0]["id"])
    answer = model.invoke([question, asks, output])

    assert answer.response_metadata["deleted_thread_id"] == place(asks)


async def test_a_run_is_taken_up_by_its_ids(make: Make) -> None:
    model = make()
    answer = model.invoke("What is 17 * 23?")
    ids = (place(answer), answer.response_metadata["run_id"])

    again = model.resume(*ids)
    and_again = await make().aresume(*ids)

    assert answer.response_metadata.pop("request_id")
    # Of the history that it ends, who takes up a run knows nothing.
    for message in (again, and_again, answer):
        assert message.response_metadata.pop("history_digest")
    assert again == and_again == answer


def test_a_run_that_is_not_there_cannot_be_taken_up(make: Make) -> None:
    model = make()
    run_id = "run_1" if model.agent_id else "resp_1"
    thread_id = place(model.invoke("Hello"))

    with pytest.raises(NotFoundError):
        model.resume(thread_id, run_id)
    with pytest.raises(InvalidFieldError, match="is not the id of a"):
        model.resume(thread_id, "../1")
