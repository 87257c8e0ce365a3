"""Turns in both generations: in which place, what is sent there, and what it holds then."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import MakeModel
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from sockets.ways import WAYS, added, ask, listed

from langchain_foundry_agents import ChatFoundryAgent, NotFoundError, ThreadDivergedError
from langchain_foundry_agents.emulator import FoundryEmulator

from .conftest import TWO_WAYS, Generation, make_agent
from .seen import forget, forget_agents, place_of, places, run_statuses, sent, texts

UNKNOWN = {"classic": "thread_gone", "new": f"conv_{'0' * 50}"}
FIRST, SECOND = HumanMessage("First"), HumanMessage("Second")


@pytest.mark.parametrize("way", WAYS)
async def test_a_question_is_answered_by_all_four_methods(
    model: ChatFoundryAgent, way: str
) -> None:
    answer = await ask(way, model, "What is 17 * 23?")

    assert answer.content == "17 * 23 = 391."


async def test_streamed_chunks_add_up_to_the_whole(model: ChatFoundryAgent) -> None:
    whole = model.invoke("Count to 30")
    for chunks in (list(model.stream("Count to 30")), await listed(model.astream("Count to 30"))):
        assert len(chunks) > 10
        assert [chunk.chunk_position for chunk in chunks].count("last") == 1
        total = added(chunks)
        assert total.content == whole.content
        assert total.usage_metadata == whole.usage_metadata
        assert set(total.response_metadata) == set(whole.response_metadata)


@pytest.mark.parametrize("way", WAYS)
async def test_a_history_goes_on_where_it_was_and_only_what_is_new_is_sent(
    emulator: FoundryEmulator, model: ChatFoundryAgent, way: str
) -> None:
    first = await ask(way, model, [FIRST])
    second = await ask(way, model, [FIRST, first, SECOND])

    assert sent(emulator) == [["First"], ["Second"]]
    assert place_of(first) == place_of(second)
    assert second.content == (
        'You said: "Second". Before that you asked 1 question, the last was: "First".'
    )
    assert texts(emulator, place_of(first)) == [
        ("user", "First"),
        ("assistant", 'You said: "First".'),
        ("user", "Second"),
        ("assistant", second.content),
    ]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("how", ["call", "bind", "model"])
async def test_the_thread_id_of_an_answer_names_its_place_for_other_calls(
    emulator: FoundryEmulator, make_model: MakeModel, how: str, way: str
) -> None:
    place = make_model().invoke("First").response_metadata["thread_id"]
    match how:
        case "call":
            answer = await ask(way, make_model(), "Second", thread_id=place)
        case "bind":
            answer = await ask(way, make_model().bind(thread_id=place), "Second")
        case _:
            answer = await ask(way, make_model(thread_id=place), "Second")

    assert place_of(answer) == place
    assert 'the last was: "First"' in answer.text
    assert sent(emulator) == [["First"], ["Second"]]


def test_a_named_place_wins_over_the_history_s_and_gets_only_what_is_new(
    emulator: FoundryEmulator, model: ChatFoundryAgent
) -> None:
    mine, other = model.invoke("Mine"), model.invoke("Other")

    answer = model.invoke([HumanMessage("Mine"), mine, SECOND], thread_id=place_of(other))

    assert place_of(answer) == place_of(other)
    assert sent(emulator)[-1] == ["Second"]


def test_a_branch_of_an_earlier_answer_and_its_sibling_both_go_on(
    emulator: FoundryEmulator, model: ChatFoundryAgent
) -> None:
    first = model.invoke([FIRST])
    second = model.invoke([FIRST, first, SECOND])
    branch = model.invoke([FIRST, first, HumanMessage("Other")])
    third = model.invoke([FIRST, first, SECOND, second, HumanMessage("Third")])

    assert branch.text.startswith('You said: "Other". Before that you asked ')
    assert third.text.startswith('You said: "Third". Before that you asked ')
    assert run_statuses(emulator) == ["completed"] * 4


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_history_of_another_model_is_told_whole_in_a_new_place(
    emulator: FoundryEmulator, model: ChatFoundryAgent, way: str
) -> None:
    answer = await ask(way, model, [FIRST, AIMessage("Another's words."), SECOND])

    assert texts(emulator, place_of(answer))[:3] == [
        ("user", "First"),
        ("assistant", "Another's words."),
        ("user", "Second"),
    ]
    assert "forked_from" not in answer.response_metadata


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_history_of_the_other_generation_is_told_whole_in_a_new_place(
    emulator: FoundryEmulator, model: ChatFoundryAgent, generation: Generation, way: str
) -> None:
    others = make_agent(emulator, "classic" if generation == "new" else "new")
    other = ChatFoundryAgent(**others, project_endpoint=emulator.project_endpoint)
    first = await ask(way, other, [FIRST])

    second = await ask(way, model, [FIRST, first, SECOND])

    assert place_of(second).partition("_")[0] != place_of(first).partition("_")[0]
    assert texts(emulator, place_of(second))[:3] == [
        ("user", "First"),
        ("assistant", 'You said: "First".'),
        ("user", "Second"),
    ]


@pytest.mark.parametrize("length", [33, 70])
def test_a_long_history_of_others_is_told_in_order(
    emulator: FoundryEmulator, model: ChatFoundryAgent, length: int
) -> None:
    kinds = (HumanMessage, AIMessage)
    history = [kinds[(length - 1 - place) % 2](f"line {place}") for place in range(length)]

    answer = model.invoke(history)

    told = texts(emulator, place_of(answer))[:-1]
    assert [text for _, text in told] == [f"line {place}" for place in range(length)]
    assert [role for role, _ in told[-2:]] == ["assistant", "user"]


def test_without_continue_thread_every_history_opens_a_new_place(
    emulator: FoundryEmulator, make_model: MakeModel
) -> None:
    model = make_model(continue_thread=False)
    first = model.invoke([FIRST])
    second = model.invoke([FIRST, first, SECOND])

    assert place_of(second) != place_of(first)
    assert sent(emulator)[-1][0] == "First"


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_history_whose_place_was_deleted_goes_on_in_a_new_one(
    emulator: FoundryEmulator, model: ChatFoundryAgent, way: str
) -> None:
    first = model.invoke([FIRST])
    forget(emulator, place_of(first))

    second = await ask(way, model, [FIRST, first, SECOND])

    assert second.response_metadata["forked_from"] == place_of(first)
    assert place_of(second) != place_of(first)
    assert texts(emulator, place_of(second))[:3] == [
        ("user", "First"),
        ("assistant", 'You said: "First".'),
        ("user", "Second"),
    ]


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_deleted_place_is_an_error_where_the_caller_wants_no_fork(
    emulator: FoundryEmulator, make_model: MakeModel, way: str
) -> None:
    model = make_model(on_divergence="raise")
    first = model.invoke([FIRST])
    forget(emulator, place_of(first))

    with pytest.raises(ThreadDivergedError, match="on_divergence='fork'") as caught:
        await ask(way, model, [FIRST, first, SECOND])
    assert caught.value.thread_id == place_of(first)
    assert places(emulator) == []


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_an_unknown_place_that_the_caller_names_is_an_error(
    emulator: FoundryEmulator, model: ChatFoundryAgent, generation: Generation, way: str
) -> None:
    unknown = UNKNOWN[generation]
    with pytest.raises(NotFoundError, match=unknown) as caught:
        await ask(way, model, "Hello", thread_id=unknown)

    assert (caught.value.status_code, caught.value.thread_id) == (404, unknown)
    assert places(emulator) == []


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_deleted_agent_is_an_error_and_no_reason_to_fork(
    emulator: FoundryEmulator, model: ChatFoundryAgent, way: str
) -> None:
    first = model.invoke([FIRST])
    forget_agents(emulator)

    with pytest.raises(NotFoundError):
        await ask(way, model, [FIRST, first, SECOND])
    with pytest.raises(NotFoundError):
        await ask(way, model, "A place of its own")
    assert places(emulator) == [place_of(first)]


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_system_messages_are_obeyed_and_never_told_as_the_user_s(
    emulator: FoundryEmulator, model: ChatFoundryAgent, way: str
) -> None:
    system, question = SystemMessage("Be a pirate."), HumanMessage("What are your instructions?")
    first = await ask(way, model, [system, question])
    second = await ask(way, model, [system, question, first, question])

    assert first.content == 'My instructions are: "You are helpful.\nBe a pirate.".'
    assert second.text.startswith(str(first.content))
    told = texts(emulator, place_of(first))
    assert [role for role, _ in told] == ["user", "assistant"] * 2
    assert told[0] == ("user", "What are your instructions?")


def test_changed_system_messages_are_obeyed_from_then_on(model: ChatFoundryAgent) -> None:
    question = HumanMessage("What are your instructions?")
    first = model.invoke([SystemMessage("Be a pirate."), question])
    second = model.invoke([SystemMessage("Be a poet."), question, first, question])

    assert "Be a pirate." in first.text
    assert "Be a poet." in second.text


def test_two_users_of_one_model_never_meet(
    emulator: FoundryEmulator, model: ChatFoundryAgent
) -> None:
    history: dict[str, list[BaseMessage]] = {"ann": [], "bob": []}
    for turn in ("one", "two", "three"):
        for user, messages in history.items():
            messages.append(HumanMessage(f"{user} {turn}"))
            messages.append(model.invoke(messages))

    assert {user: messages[-1].text for user, messages in history.items()} == {
        "ann": 'You said: "ann three". Before that you asked 2 questions, the last was: "ann two".',
        "bob": 'You said: "bob three". Before that you asked 2 questions, the last was: "bob two".',
    }
    assert len(places(emulator)) == 2


async def test_a_batch_gives_each_question_a_place_of_its_own(
    emulator: FoundryEmulator, model: ChatFoundryAgent
) -> None:
    questions: list[LanguageModelInput] = [f"What is {n} + 1?" for n in range(10)]
    answers = model.batch(questions) + await model.abatch(questions)

    assert [answer.content for answer in answers] == [f"{n} + 1 = {n + 1}." for n in range(10)] * 2
    assert len({place_of(answer) for answer in answers}) == 20
    assert run_statuses(emulator) == ["completed"] * 20


def test_threads_ask_one_model_at_once(model: ChatFoundryAgent) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(model.invoke, [f"What is {n} + 1?" for n in range(10)]))

    assert [answer.content for answer in answers] == [f"{n} + 1 = {n + 1}." for n in range(10)]


def test_one_model_serves_one_event_loop_after_the_other(model: ChatFoundryAgent) -> None:
    first = asyncio.run(model.ainvoke("First"))
    second = asyncio.run(model.ainvoke("Second"))

    assert [first.content, second.content] == ['You said: "First".', 'You said: "Second".']
