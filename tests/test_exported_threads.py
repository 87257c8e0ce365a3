"""Threads as LangChain messages: as their answers were given, in both generations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from langchain_foundry_agents import (
    BadRequestError,
    ChatFoundryAgent,
    FoundryAgentError,
    InvalidFieldError,
    NotFoundError,
)
from langchain_foundry_agents.emulator import (
    CallTools,
    Cite,
    Fail,
    FoundryEmulator,
    Reply,
    RunCode,
    ScriptedBrain,
    Steps,
)

PNG = b"\x89PNG\r\n\x1a\n and so on"
ADD = {
    "name": "add",
    "description": "Add.",
    "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}},
}
GENERATIONS = pytest.mark.parametrize("generation", ["classic", "new"])
TWINS = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])


def made(emulator: FoundryEmulator, generation: Any, **fields: Any) -> ChatFoundryAgent:
    tools: list[dict[str, Any]] = [{"type": "code_interpreter"}]
    if generation == "new":
        tools.append({"type": "function", **ADD})
    named = emulator.create_agent(name="helper", generation=generation, tools=tools)
    which = {"agent_id" if generation == "classic" else "agent_name": named}
    return ChatFoundryAgent(**which, project_endpoint=emulator.project_endpoint, **fields)


def place_of(answer: BaseMessage) -> str:
    return str(answer.response_metadata["thread_id"])


def bare(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """Messages without what only the service, or only the caller, can know.

    That is the ids of the caller's messages and of the requests that asked, an estimate of usage,
    which needs the question, and what a later turn compares: an export is the thread, and has
    nothing to be compared with it.
    """
    of_a_turn = {"history_digest", "request_id", "run_options"}
    bared: list[BaseMessage] = []
    for message in messages:
        if isinstance(message, AIMessage):
            estimated = message.response_metadata.get("usage_source") == "estimated"
            copied = message.model_copy(update={"usage_metadata": None} if estimated else {})
            told = copied.response_metadata.items()
            copied.response_metadata = {
                name: value for name, value in told if name not in of_a_turn
            }
            bared.append(copied)
        else:
            bared.append(type(message)(message.content, id=None, **_call_of(message)))
    return bared


def _call_of(message: BaseMessage) -> dict[str, str]:
    return {"tool_call_id": message.tool_call_id} if isinstance(message, ToolMessage) else {}


async def exported(
    model: ChatFoundryAgent, thread_id: str, *, asynchronous: bool = False
) -> list[BaseMessage]:
    if asynchronous:
        return await model.aexport_thread(thread_id)
    return model.export_thread(thread_id)


@TWINS
@GENERATIONS
async def test_answers_are_as_they_were_given(generation: str, *, asynchronous: bool) -> None:
    source = {"type": "citation", "url": "https://a.example", "title": "A"}
    script: list[Any] = [
        Cite("Wet.", source),
        Steps("Look.", RunCode("draw()", "1", PNG), Reply("One.")),
    ]
    with FoundryEmulator(ScriptedBrain(script)) as emulator:
        model = made(emulator, generation)
        history: list[BaseMessage] = [HumanMessage("Wet?")]
        history.append(model.invoke(history))
        history.append(HumanMessage("Draw"))
        history.append(model.invoke(history))

        kept = await exported(model, place_of(history[1]), asynchronous=asynchronous)

    assert bare(kept) == bare(history)
    assert all(message.id for message in kept)


@GENERATIONS
async def test_calls_and_their_outputs_stand_in_order(generation: str) -> None:
    calls = CallTools(("add", {"a": 1}), ("add", {"a": 2}))
    with FoundryEmulator(ScriptedBrain([calls, Reply("Three.")])) as emulator:
        model = made(emulator, generation)
        bound = model.bind_tools([{"type": "function", "function": ADD}])
        history: list[BaseMessage] = [HumanMessage("Add")]
        history.append(bound.invoke(history))
        asked = history[1].tool_calls  # type: ignore[attr-defined]
        history += [ToolMessage(f"{call['args']['a']}", tool_call_id=call["id"]) for call in asked]
        history.append(bound.invoke(history))

        kept = await exported(model, place_of(history[1]))

    assert bare(kept) == bare(history)


@GENERATIONS
async def test_an_export_goes_on_in_its_thread_also_with_calls_that_wait(generation: str) -> None:
    with FoundryEmulator(ScriptedBrain([CallTools(("add", {"a": 1})), Reply("1")])) as emulator:
        model = made(emulator, generation)
        bound = model.bind_tools([{"type": "function", "function": ADD}])
        thread_id = place_of(bound.invoke("Add"))

        kept = model.export_thread(thread_id)
        call = kept[-1].tool_calls[0]  # type: ignore[attr-defined]
        answer = bound.invoke([*kept, ToolMessage("1", tool_call_id=call["id"])])

    assert answer.text == "1"
    assert place_of(answer) == thread_id


@GENERATIONS
async def test_an_export_with_a_new_message_goes_on_in_its_thread(
    emulator: FoundryEmulator, generation: str
) -> None:
    model = made(emulator, generation)
    first = model.invoke("What is 17 * 23?")

    answer = model.invoke([*model.export_thread(place_of(first)), HumanMessage("And before?")])

    assert place_of(answer) == place_of(first)
    assert len(model.export_thread(place_of(first))) == 4


async def test_a_question_that_nobody_answered_is_not_sent_again() -> None:
    with FoundryEmulator(
        ScriptedBrain([Reply("Hi."), Fail(), Reply("Yes."), Reply("Yes.")])
    ) as emulator:
        model = made(emulator, "classic", max_retries=0)
        first = model.invoke("Hello")
        with pytest.raises(FoundryAgentError):
            model.invoke([HumanMessage("Hello"), first, HumanMessage("Still there?")])

        kept = model.export_thread(place_of(first))
        answers = [
            model.invoke([*kept, HumanMessage("Hm?")]),
            model.invoke([*kept, HumanMessage("Hm?")], thread_id=place_of(first)),
        ]

        said = [str(message.text) for message in model.export_thread(place_of(first))]

    assert [message.text for message in kept] == ["Hello", "Hi.", "Still there?"]
    assert {place_of(answer) for answer in answers} == {place_of(first)}
    assert said.count("Still there?") == 1


async def test_instructions_of_a_conversation_are_not_told_twice(emulator: FoundryEmulator) -> None:
    model = made(emulator, "new")
    first = model.invoke([SystemMessage("Be kind."), HumanMessage("Hello")])

    model.invoke([*model.export_thread(place_of(first)), HumanMessage("Again")])

    kept = model.export_thread(place_of(first))
    assert [message.type for message in kept] == ["system", "human", "ai", "human", "ai"]


@GENERATIONS
async def test_pictures_and_files_of_the_users_are_blocks(
    emulator: FoundryEmulator, generation: str
) -> None:
    model = made(emulator, generation)
    picture = {"type": "image", "base64": "aGk=", "mime_type": "image/png"}
    remote = {"type": "image", "url": "https://a.example/x.png"}
    question = HumanMessage([{"type": "text", "text": "Look"}, picture, remote])

    kept = model.export_thread(place_of(model.invoke([question])))

    assert kept[0].content == question.content


async def test_a_history_that_was_told_has_its_roles(emulator: FoundryEmulator) -> None:
    for generation in ("classic", "new"):
        model = made(emulator, generation)
        told = [HumanMessage("Hi"), AIMessage("Hello."), HumanMessage("What is 17 * 23?")]

        kept = model.export_thread(place_of(model.invoke(told)))

        assert [(one.type, one.text) for one in kept] == [
            ("human", "Hi"),
            ("ai", "Hello."),
            ("human", "What is 17 * 23?"),
            ("ai", '17 * 23 = 391. Before that you asked 1 question, the last was: "Hi".'),
        ]


async def test_citations_are_in_the_models_own_style() -> None:
    source = {"type": "citation", "url": "https://a.example", "title": "A"}
    with FoundryEmulator(ScriptedBrain([Cite("Wet.", source)])) as emulator:
        model = made(emulator, "classic", citations="strip")
        answer = model.invoke("Wet?")

        assert model.export_thread(place_of(answer))[-1].text == answer.text == "Wet."


@TWINS
@GENERATIONS
async def test_messages_are_added_without_asking_the_agent(
    emulator: FoundryEmulator, generation: str, *, asynchronous: bool
) -> None:
    model = made(emulator, generation)
    some = [HumanMessage(f"{place}") for place in range(40)]

    if asynchronous:
        thread_id = await model.aadd_to_thread(some)
        assert await model.aadd_to_thread([AIMessage("last")], thread_id) == thread_id
    else:
        thread_id = model.add_to_thread(some)
        assert model.add_to_thread([AIMessage("last")], thread_id) == thread_id

    kept = model.export_thread(thread_id)
    assert [message.text for message in kept] == [*map(str, range(40)), "last"]


def test_a_file_cannot_be_added_without_a_turn(emulator: FoundryEmulator) -> None:
    file = {"type": "file", "base64": "aGk=", "mime_type": "text/plain"}

    with pytest.raises(BadRequestError, match=r"brings a file.* Ask the agent with it"):
        made(emulator, "classic").add_to_thread([HumanMessage([file])])

    assert emulator.requests == []


@TWINS
@GENERATIONS
async def test_a_thread_that_is_gone_is_told_with_its_id(
    emulator: FoundryEmulator, generation: str, *, asynchronous: bool
) -> None:
    model = made(emulator, generation)
    gone = place_of(model.invoke("Hello"))
    model.delete_thread(gone)

    with pytest.raises(NotFoundError) as raised:
        await exported(model, gone, asynchronous=asynchronous)

    assert raised.value.thread_id == gone


@GENERATIONS
async def test_what_is_no_id_is_refused_before_any_request(
    emulator: FoundryEmulator, generation: str
) -> None:
    model = made(emulator, generation)

    with pytest.raises(InvalidFieldError, match="is not the id of a"):
        await exported(model, "../x")
    with pytest.raises(InvalidFieldError, match="is not the id of a"):
        model.add_to_thread([HumanMessage("Hi")], "../x")

    assert emulator.requests == []


async def test_steps_of_runs_that_are_over_are_asked_for_once(emulator: FoundryEmulator) -> None:
    model = made(emulator, "classic")
    thread_id = place_of(model.invoke("Hello"))
    model.export_thread(thread_id)
    before = len(emulator.requests)

    model.export_thread(thread_id)

    routes = [request.route.rpartition("/")[2] for request in emulator.requests[before:]]
    assert routes == ["messages", "runs"]
