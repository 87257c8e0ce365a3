"""Programs of langchain-core: pipes, parsers, histories, fallbacks, batches, streams."""

from __future__ import annotations

import asyncio
from operator import itemgetter
from typing import Any

from langchain_core.chat_history import InMemoryChatMessageHistory
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    trim_messages,
)
from langchain_core.output_parsers import (
    CommaSeparatedListOutputParser,
    JsonOutputParser,
    PydanticToolsParser,
    StrOutputParser,
)
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import RunnableBranch, RunnableLambda, RunnableParallel
from langchain_core.runnables.history import RunnableWithMessageHistory

from .programs import ONE, PERSON, Person, Program, mail, weather
from .worlds import World

PROGRAMS: dict[str, Program] = {}


def program(function: Program) -> Program:
    """List it."""
    PROGRAMS[function.__name__] = function
    return function


def talk(model: Any, *questions: str, system: str = "") -> list[BaseMessage]:
    """A conversation."""
    said: list[BaseMessage] = [SystemMessage(system)] if system else []
    for question in questions:
        said.append(HumanMessage(question))
        said.append(model.invoke(said))
    return said


@program
def three_questions(world: World) -> Any:
    return talk(world.model(), "One?", "Two?", "Three?")


@program
def a_system_message(world: World) -> Any:
    return talk(world.model(), "One?", "Two?", system="Be brief.")


@program
def a_history_of_others(world: World) -> Any:
    others = [HumanMessage("I am Ana."), AIMessage("Hello Ana."), HumanMessage("Who am I?")]
    return world.model().invoke(others)


@program
def tools_by_hand(world: World) -> Any:
    model = world.model(weather, mail).bind_tools([weather, mail])
    said: list[BaseMessage] = [
        HumanMessage('call weather {"city": "Rome"} and mail {"to": "Ana"} then say Done.')
    ]
    said.append(model.invoke(said))
    calls: Any = said[-1]
    said += [
        {"weather": weather, "mail": mail}[one["name"]].invoke(one) for one in calls.tool_calls
    ]
    said.append(model.invoke(said))
    said.append(HumanMessage("And now?"))
    return [*said, model.invoke(said)]


@program
def a_tool_that_failed(world: World) -> Any:
    model = world.model(weather).bind_tools([weather])
    said: list[BaseMessage] = [HumanMessage('call weather {"city": "Rome"}')]
    said.append(model.invoke(said))
    calls: Any = said[-1]
    call_id = calls.tool_calls[0]["id"]
    said.append(ToolMessage("No such city.", tool_call_id=call_id, status="error"))
    return model.invoke(said)


@program
def calls_that_nobody_answers(world: World) -> Any:
    model = world.model(weather).bind_tools([weather])
    said: list[BaseMessage] = [HumanMessage('call weather {"city": "Rome"}')]
    said += [model.invoke(said), HumanMessage("Never mind.")]
    return model.invoke(said)


@program
def two_branches_of_a_history(world: World) -> Any:
    model = world.model()
    said = talk(model, "One?")
    return [model.invoke([*said, HumanMessage(text)]) for text in ("Left?", "Right?")]


@program
def a_batch_over_branches(world: World) -> Any:
    model = world.model()
    said = talk(model, "One?")
    return model.batch([[*said, HumanMessage(text)] for text in ("A?", "B?", "C?")])


@program
def an_async_batch(world: World) -> Any:
    return asyncio.run(world.model().abatch(["A?", "B?", "C?"]))


@program
def a_stream(world: World) -> Any:
    return "".join(str(one.text) for one in world.model().stream("say one two three"))


@program
def a_stopped_stream_whose_words_are_kept(world: World) -> Any:
    model = world.model()
    said: list[BaseMessage] = talk(model, "I am Ana.")
    said.append(HumanMessage("say one two three four five"))
    stream = model.stream(said)
    heard: Any = next(stream)
    while not str(heard.text):
        heard += next(stream)
    stream.close()  # type: ignore[attr-defined]
    said += [AIMessage("one", response_metadata=heard.response_metadata), HumanMessage("Go on.")]
    return model.invoke(said)


@program
def an_edited_question(world: World) -> Any:
    model = world.model()
    said = talk(model, "My card is 4111.", "Thanks.")
    said[0] = HumanMessage("My card is [redacted].")
    return model.invoke([*said, HumanMessage("My card?")])


@program
def an_answer_that_a_guard_replaced(world: World) -> Any:
    model = world.model()
    said = talk(model, "say It is 4111.")
    said[-1] = said[-1].model_copy(update={"content": "It is [redacted]."})
    return model.invoke([*said, HumanMessage("What is it?")])


@program
def the_first_pair_removed(world: World) -> Any:
    model = world.model()
    return model.invoke([*talk(model, "One?", "Two?")[2:], HumanMessage("Three?")])


@program
def a_trimmed_history(world: World) -> Any:
    model = world.model()
    said = [*talk(model, "One?", "Two?", "Three?"), HumanMessage("Four?")]
    kept = trim_messages(said, max_tokens=3, token_counter=len, start_on="human")
    return model.invoke(kept)


@program
def a_history_replaced_by_a_summary(world: World) -> Any:
    model = world.model()
    talk(model, "One?", "Two?")
    return model.invoke([HumanMessage("So far: one, two."), HumanMessage("Three?")])


@program
def a_prompt_and_a_parser(world: World) -> Any:
    prompt = ChatPromptTemplate([("system", "You are {who}."), ("human", "say {what}")])
    return (prompt | world.model() | StrOutputParser()).invoke({"who": "kind", "what": "Hi."})


@program
def parsers(world: World) -> Any:
    model = world.model()
    read: Any = RunnableParallel(
        list=model | CommaSeparatedListOutputParser(), text=model | StrOutputParser()
    )
    return [read.invoke("say a, b"), (model | JsonOutputParser()).invoke(f"say {PERSON}")]


@program
def a_parser_of_tools(world: World) -> Any:
    bound = world.model(Person).bind_tools([Person])
    return (bound | PydanticToolsParser(tools=[Person])).invoke(f"call Person {PERSON}")


@program
def structured_output_by_a_call(world: World) -> Any:
    model = world.model(Person).with_structured_output(Person, method="function_calling")
    return model.invoke(f"call Person {PERSON}")


@program
def structured_output_with_the_raw_answer(world: World) -> Any:
    model = world.model().with_structured_output(Person, method="json_schema", include_raw=True)
    found: Any = model.invoke(f"say {PERSON}")
    return [found["parsed"], found["raw"]]


@program
def fallbacks(world: World) -> Any:
    model = world.model(broken=True).with_fallbacks([world.model()])
    return talk(model, "One?", "Two?")


@program
def retries(world: World) -> Any:
    return talk(world.model().with_retry(stop_after_attempt=2), "One?", "Two?")


@program
def a_message_history(world: World) -> Any:
    kept = InMemoryChatMessageHistory()
    prompt = ChatPromptTemplate([MessagesPlaceholder("past"), ("human", "{question}")])
    chain = RunnableWithMessageHistory(
        prompt | world.model(),
        lambda session_id: kept,
        input_messages_key="question",
        history_messages_key="past",
    )
    config: Any = {"configurable": {"session_id": "1"}}
    return [chain.invoke({"question": text}, config) for text in ("One?", "Two?", "Three?")]


@program
def a_router(world: World) -> Any:
    model = world.model()
    chosen = RunnableBranch(
        (lambda text: "sum" in text, RunnableLambda(lambda text: f"say sum of {text}") | model),
        RunnableLambda(lambda text: f"say no {text}") | model,
    )
    return chosen.batch(["sum 1", "dog"])


@program
def a_chain_that_rephrases_first(world: World) -> Any:
    """The side question reads the user's history, and the conversation goes on without it."""
    model = world.model()
    fields = {} if world.kind == "openai" else {"continue_thread": False, "keep_thread": False}
    aside: Any = model.bind(**fields)
    said = talk(model, "One?")
    for question in ("And the other?", "And then?"):
        rephrased = aside.invoke([*said, HumanMessage(f"Rephrase: {question}")])
        context = SystemMessage(f"Found for: {rephrased.text}")
        answer = model.invoke([*said, context, HumanMessage(question)])
        said += [HumanMessage(question), answer]
    return said


@program
def a_parallel_over_one_history(world: World) -> Any:
    model = world.model()
    said = talk(model, "One?")
    both: Any = RunnableParallel(
        title=RunnableLambda(lambda messages: [*messages, HumanMessage("say Title")]) | model,
        answer=RunnableLambda(lambda messages: [*messages, HumanMessage("Two?")]) | model,
    )
    return both.invoke(said)


@program
def assignments(world: World) -> Any:
    chain: Any = {"text": itemgetter("q") | world.model() | StrOutputParser(), "q": itemgetter("q")}
    return RunnableParallel(chain).invoke({"q": "say yes"}, ONE)
