"""Turns on the emulator: how many requests they take, in which thread, and what it holds then."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import MakeModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from langchain_foundry_agents import ChatFoundryAgent, NotFoundError, ThreadDivergedError
from langchain_foundry_agents.emulator import FoundryEmulator

from .seen import routes, run_statuses, thread_texts
from .ways import WAYS, ask


def thread_of(answer: AIMessage) -> str:
    return str(answer.response_metadata["thread_id"])


@pytest.mark.parametrize("way", WAYS)
async def test_every_turn_is_one_request(
    emulator: FoundryEmulator, model: ChatFoundryAgent, way: str
) -> None:
    question = HumanMessage("What is 17 * 23?")
    first = await ask(way, model, [question])
    second = await ask(way, model, [question, first, HumanMessage("And before?")])

    assert first.content == "17 * 23 = 391."
    assert second.content == (
        'You said: "And before?". '
        'Before that you asked 1 question, the last was: "What is 17 * 23?".'
    )
    assert routes(emulator) == ["POST /threads/runs", f"POST /threads/{thread_of(first)}/runs"]
    assert emulator.requests[1].body["additional_messages"] == [
        {"role": "user", "content": "And before?"}
    ]


@pytest.mark.parametrize("way", WAYS)
async def test_a_system_message_costs_the_first_turn_a_second_request(
    emulator: FoundryEmulator, model: ChatFoundryAgent, way: str
) -> None:
    system = SystemMessage("Speak like a pirate.")
    question = HumanMessage("What are your instructions?")
    first = await ask(way, model, [system, question])
    thread = thread_of(first)
    await ask(way, model, [system, question, first, HumanMessage("Go on")])

    assert first.content == 'My instructions are: "You are helpful.\nSpeak like a pirate.".'
    assert routes(emulator) == [
        "POST /threads",
        f"POST /threads/{thread}/runs",
        f"POST /threads/{thread}/runs",
    ]
    assert [role for role, _ in thread_texts(emulator, thread)] == ["user", "assistant"] * 2
    assert emulator.requests[-1].body["additional_instructions"] == "Speak like a pirate."


async def test_polling_gives_the_same_message_as_streaming(make_model: MakeModel) -> None:
    question = "Count to 30"
    streamed = make_model().invoke(question)
    polled = make_model(run_mode="poll").invoke(question)
    polled_async = await make_model(run_mode="poll").ainvoke(question)

    assert streamed.content == polled.content == polled_async.content
    assert streamed.usage_metadata == polled.usage_metadata == polled_async.usage_metadata
    keys = [list(answer.response_metadata) for answer in (streamed, polled, polled_async)]
    assert keys[0] == keys[1] == keys[2]


def test_two_users_of_one_model_never_meet(
    emulator: FoundryEmulator, model: ChatFoundryAgent
) -> None:
    history: dict[str, list[BaseMessage]] = {"ann": [], "bob": []}
    for turn in ("one", "two", "three"):
        for user, messages in history.items():
            messages.append(HumanMessage(f"{user} {turn}"))
            messages.append(model.invoke(messages))

    last = {user: messages[-1] for user, messages in history.items()}
    assert last["ann"].text == (
        'You said: "ann three". Before that you asked 2 questions, the last was: "ann two".'
    )
    assert last["bob"].text == (
        'You said: "bob three". Before that you asked 2 questions, the last was: "bob two".'
    )
    assert len(emulator.requests) == 6


def test_a_history_that_ends_in_an_answer_goes_on_without_being_sent_again(
    emulator: FoundryEmulator, model: ChatFoundryAgent
) -> None:
    history: list[BaseMessage] = []
    for question in ("First", "Second", "Third"):
        history.append(HumanMessage(question))
        history.append(model.invoke(history))

    thread = thread_of(model.invoke([*history, HumanMessage("Fourth")]))
    assert [text for role, text in thread_texts(emulator, thread) if role == "user"] == [
        "First",
        "Second",
        "Third",
        "Fourth",
    ]


def test_without_continue_thread_every_history_opens_a_new_thread(
    emulator: FoundryEmulator, make_model: MakeModel
) -> None:
    model = make_model(continue_thread=False)
    first = model.invoke("First")
    second = model.invoke([HumanMessage("First"), first, HumanMessage("Second")])

    assert thread_of(second) != thread_of(first)
    assert thread_texts(emulator, thread_of(second))[:3] == [
        ("user", "First"),
        ("assistant", 'You said: "First".'),
        ("user", "Second"),
    ]


@pytest.mark.parametrize(("length", "requests"), [(33, 2), (40, 2), (70, 8)])
def test_a_long_history_of_others_is_replayed_in_order(
    emulator: FoundryEmulator, model: ChatFoundryAgent, length: int, requests: int
) -> None:
    kinds = (HumanMessage, AIMessage)
    history = [kinds[(length - 1 - place) % 2](f"line {place}") for place in range(length)]

    answer = model.invoke(history)

    told = thread_texts(emulator, thread_of(answer))[:-1]
    assert [text for _, text in told] == [f"line {place}" for place in range(length)]
    assert [role for role, _ in told[-2:]] == ["assistant", "user"]
    assert len(emulator.requests) == requests


@pytest.mark.parametrize("way", WAYS)
async def test_an_unknown_thread_that_the_caller_names_is_an_error(
    emulator: FoundryEmulator, model: ChatFoundryAgent, way: str
) -> None:
    with pytest.raises(NotFoundError, match="thread_gone") as caught:
        await ask(way, model, "Hello", thread_id="thread_gone")

    assert (caught.value.status_code, caught.value.thread_id) == (404, "thread_gone")
    assert not emulator.service.state.threads


def test_a_named_thread_wins_over_the_history_s_and_gets_only_what_is_new(
    emulator: FoundryEmulator, model: ChatFoundryAgent
) -> None:
    mine = model.invoke("Mine")
    other = model.invoke("Other")

    answer = model.invoke(
        [HumanMessage("Mine"), mine, HumanMessage("Go on")], thread_id=thread_of(other)
    )
    assert thread_of(answer) == thread_of(other)
    assert emulator.requests[-1].body["additional_messages"] == [
        {"role": "user", "content": "Go on"}
    ]


@pytest.mark.parametrize("way", WAYS)
async def test_a_history_whose_thread_was_deleted_goes_on_in_a_new_one(
    emulator: FoundryEmulator, model: ChatFoundryAgent, way: str
) -> None:
    first = model.invoke("First")
    del emulator.service.state.threads[thread_of(first)]

    second = await ask(way, model, [HumanMessage("First"), first, HumanMessage("Second")])

    assert second.response_metadata["forked_from"] == thread_of(first)
    assert thread_texts(emulator, thread_of(second))[:3] == [
        ("user", "First"),
        ("assistant", 'You said: "First".'),
        ("user", "Second"),
    ]


def test_a_deleted_thread_is_an_error_where_the_caller_wants_no_fork(
    emulator: FoundryEmulator, make_model: MakeModel
) -> None:
    model = make_model(on_divergence="raise")
    first = model.invoke("First")
    del emulator.service.state.threads[thread_of(first)]

    with pytest.raises(ThreadDivergedError, match="on_divergence='fork'") as caught:
        model.invoke([HumanMessage("First"), first, HumanMessage("Second")])
    assert caught.value.thread_id == thread_of(first)


def test_a_deleted_agent_is_no_reason_to_fork(
    emulator: FoundryEmulator, model: ChatFoundryAgent
) -> None:
    first = model.invoke("First")
    emulator.service.state.agents.clear()

    with pytest.raises(NotFoundError, match="No assistant found"):
        model.invoke([HumanMessage("First"), first, HumanMessage("Second")])
    assert len(emulator.service.state.threads) == 1


def test_twenty_threads_ask_one_model_at_once(
    emulator: FoundryEmulator, model: ChatFoundryAgent
) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(model.invoke, [f"What is {n} + 1?" for n in range(20)]))

    assert [answer.content for answer in answers] == [f"{n} + 1 = {n + 1}." for n in range(20)]
    assert len({thread_of(answer) for answer in answers}) == 20
    assert len(emulator.requests) == 20


def test_one_model_serves_one_event_loop_after_the_other(model: ChatFoundryAgent) -> None:
    first = asyncio.run(model.ainvoke("First"))
    second = asyncio.run(model.ainvoke("Second"))

    assert [first.content, second.content] == ['You said: "First".', 'You said: "Second".']


async def test_tasks_of_one_loop_ask_one_model_at_once(model: ChatFoundryAgent) -> None:
    answers = await asyncio.gather(*(model.ainvoke(f"What is {n} + 1?") for n in range(20)))

    assert [answer.content for answer in answers] == [f"{n} + 1 = {n + 1}." for n in range(20)]


def test_a_batch_gives_each_question_a_thread_of_its_own(
    emulator: FoundryEmulator, model: ChatFoundryAgent
) -> None:
    answers = model.batch(["One", "Two", "Three"])

    assert [answer.content for answer in answers] == [
        'You said: "One".',
        'You said: "Two".',
        'You said: "Three".',
    ]
    assert run_statuses(emulator) == ["completed"] * 3


async def test_an_async_batch_gives_each_question_a_thread_of_its_own(
    emulator: FoundryEmulator, model: ChatFoundryAgent
) -> None:
    answers = await model.abatch(["One", "Two"])

    assert [answer.content for answer in answers] == ['You said: "One".', 'You said: "Two".']
    assert run_statuses(emulator) == ["completed"] * 2
