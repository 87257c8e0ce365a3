"""Threads and conversations as LangChain's chat histories: nothing is kept twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import Runnable
from langchain_core.runnables.history import RunnableWithMessageHistory

from langchain_foundry_agents import ChatFoundryAgent, FoundryChatMessageHistory
from langchain_foundry_agents.emulator import FoundryEmulator

# LangChain points to LangGraph's own persistence, and many programs have this all the same.
pytestmark = pytest.mark.filterwarnings("ignore:RunnableWithMessageHistory is deprecated")

TWINS = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
QUESTIONS = ["What is 17 * 23?", "And what did I ask?", "Thanks"]
Chat = Callable[[str], Awaitable[AIMessage]]


@pytest.fixture(params=["classic", "new"])
def model(request: pytest.FixtureRequest, emulator: FoundryEmulator) -> ChatFoundryAgent:
    named = emulator.create_agent(name="helper", generation=request.param)
    which = {"agent_id" if request.param == "classic" else "agent_name": named}
    return ChatFoundryAgent(**which, project_endpoint=emulator.project_endpoint)


def kept(emulator: FoundryEmulator) -> list[list[str]]:
    """What the service keeps: the roles in each thread or conversation."""
    state = emulator.service.state
    threads = [[one.role for one in thread.messages] for thread in state.threads.values()]
    conversations = [[item["role"] for item in one.items] for one in state.conversations.values()]
    return [*threads, *conversations]


def chat(
    model: Runnable[Any, Any], history: FoundryChatMessageHistory, *, asynchronous: bool
) -> Chat:
    """One question after the other, under LangChain's own keeping of histories."""
    talking = RunnableWithMessageHistory(model, lambda session_id: history)
    config: Any = {"configurable": {"session_id": "any"}}

    async def ask(question: str) -> AIMessage:
        said = [HumanMessage(question)]
        if asynchronous:
            return AIMessage.model_validate(await talking.ainvoke(said, config))
        return AIMessage.model_validate(talking.invoke(said, config))

    return ask


async def messages_of(
    history: FoundryChatMessageHistory, *, asynchronous: bool
) -> list[BaseMessage]:
    return await history.aget_messages() if asynchronous else history.messages


@TWINS
async def test_three_turns_leave_six_messages_in_one_thread(
    emulator: FoundryEmulator, model: ChatFoundryAgent, *, asynchronous: bool
) -> None:
    history = FoundryChatMessageHistory(model=model)
    ask = chat(model, history, asynchronous=asynchronous)

    answers = [await ask(question) for question in QUESTIONS]

    assert kept(emulator) == [["user", "assistant"] * 3]
    told = await messages_of(history, asynchronous=asynchronous)
    assert [message.text for message in told[::2]] == QUESTIONS
    assert [message.text for message in told[1::2]] == [answer.text for answer in answers]
    assert {answer.response_metadata["thread_id"] for answer in answers} == {history.thread_id}


@TWINS
async def test_a_thread_that_is_there_goes_on(
    emulator: FoundryEmulator, model: ChatFoundryAgent, *, asynchronous: bool
) -> None:
    thread_id = model.invoke("Hello").response_metadata["thread_id"]
    ask = chat(model, FoundryChatMessageHistory(thread_id, model=model), asynchronous=asynchronous)

    answer = await ask("And what did I ask?")

    assert "Hello" in answer.text
    assert kept(emulator) == [["user", "assistant"] * 2]


def test_instructions_of_a_prompt_are_no_part_of_the_history(
    emulator: FoundryEmulator, model: ChatFoundryAgent
) -> None:
    history = FoundryChatMessageHistory(model=model)
    prompt = ChatPromptTemplate(
        [("system", "Be kind."), MessagesPlaceholder("past"), ("human", "{question}")]
    )
    talking = RunnableWithMessageHistory(
        prompt | model,
        lambda session_id: history,
        input_messages_key="question",
        history_messages_key="past",
    )
    for question in QUESTIONS:
        talking.invoke({"question": question}, {"configurable": {"session_id": "any"}})

    (roles,) = kept(emulator)
    # A conversation holds what it was told once; a thread no instructions.
    assert [role for role in roles if role != "developer"] == ["user", "assistant"] * 3
    assert roles.count("developer") == (1 if model.is_new else 0)
    assert [message.type for message in history.messages] == ["human", "ai"] * 3


def test_a_history_without_a_thread_is_empty_and_asks_nothing(
    emulator: FoundryEmulator, model: ChatFoundryAgent
) -> None:
    history = FoundryChatMessageHistory(model=model)

    assert (history.messages, history.thread_id) == ([], None)
    assert emulator.requests == []


@TWINS
async def test_messages_of_others_are_added(
    emulator: FoundryEmulator, model: ChatFoundryAgent, *, asynchronous: bool
) -> None:
    history = FoundryChatMessageHistory(model=model)
    some = [SystemMessage("No."), HumanMessage("I am Ana."), AIMessage("Hello Ana.")]

    if asynchronous:
        await history.aadd_messages(some)
        await history.aadd_messages([HumanMessage("And Bob.")])
    else:
        history.add_messages(some)
        history.add_user_message("And Bob.")

    assert kept(emulator) == [["user", "assistant", "user"]]
    told = await messages_of(history, asynchronous=asynchronous)
    assert [message.text for message in told] == ["I am Ana.", "Hello Ana.", "And Bob."]


def test_what_the_history_gave_is_not_added_again(
    emulator: FoundryEmulator, model: ChatFoundryAgent
) -> None:
    history = FoundryChatMessageHistory(model=model)
    history.add_messages([HumanMessage("Hi"), model.invoke("Hi"), HumanMessage("Later")])

    history.add_messages(history.messages)

    assert kept(emulator) == [["user", "assistant", "user"]]


def test_outputs_of_tools_come_with_their_turn(
    emulator: FoundryEmulator, model: ChatFoundryAgent
) -> None:
    history = FoundryChatMessageHistory(model=model)

    history.add_messages([ToolMessage("3", tool_call_id="call_1")])

    assert emulator.requests == []


def test_a_history_that_forked_is_followed(
    emulator: FoundryEmulator, model: ChatFoundryAgent
) -> None:
    first = model.invoke("Hello")
    history = FoundryChatMessageHistory(first.response_metadata["thread_id"], model=model)
    past = [HumanMessage("Hello"), first]
    model.invoke([*past, HumanMessage("One way")])

    fork = model.invoke([*past, HumanMessage("Another way")])
    history.add_messages([HumanMessage("Another way"), fork])

    assert fork.response_metadata["forked_from"] == first.response_metadata["thread_id"]
    assert history.thread_id == fork.response_metadata["thread_id"]
    assert history.messages[-1].text == fork.text


@TWINS
async def test_clearing_deletes_the_thread(
    emulator: FoundryEmulator, model: ChatFoundryAgent, *, asynchronous: bool
) -> None:
    history = FoundryChatMessageHistory(model=model)
    history.add_messages([HumanMessage("Hi")])
    gone = FoundryChatMessageHistory(history.thread_id, model=model)

    for one in (history, gone, history):
        if asynchronous:
            await one.aclear()
        else:
            one.clear()

    assert kept(emulator) == []
    assert (history.thread_id, history.messages) == (None, [])
