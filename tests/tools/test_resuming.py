"""Whose run waits for a history's calls, and what happens where none does."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    ToolMessage,
    convert_to_openai_messages,
)
from sockets.seen import at_rest, run_statuses, thread_texts
from sockets.ways import WAYS, ask

from langchain_foundry_agents import ThreadDivergedError, ToolOutputError
from langchain_foundry_agents._record import Record
from langchain_foundry_agents.emulator import CallTools, Reply, RunCode, Steps

from .conftest import Scene, Script
from .test_client_tools import SUBMIT
from .tools import PARIS, UTC, answers, get_time, get_weather

QUESTION = HumanMessage("Weather?")
TOOLS = [get_weather, get_time]
AGENT, FIRST = "GET /assistants/*", "POST /threads/runs"
CANCEL = "POST /threads/*/runs/*/cancel"


@pytest.fixture
def another_process(monkeypatch: pytest.MonkeyPatch) -> Any:
    """From its call on, what this process remembers of calls is gone."""

    def begin() -> None:
        monkeypatch.setattr("langchain_foundry_agents._turns.RECORD", Record())

    return begin


def stripped(history: list[BaseMessage]) -> Any:
    """A history as other frameworks hand it on: without a trace of its origin."""
    return convert_to_openai_messages(history)


def paris(scene: Scene, **options: Any) -> list[BaseMessage]:
    """A history that ends in a call and its output."""
    asked = scene.model.bind_tools(TOOLS).invoke([QUESTION], **options)
    return [QUESTION, asked, *answers(asked, "sunny")]


@pytest.mark.parametrize("way", WAYS)
async def test_a_history_without_metadata_goes_on_by_what_the_process_remembers(
    script: Script, way: str
) -> None:
    scene = script(CallTools(PARIS), Reply("Sunny."))
    history = stripped(paris(scene))

    answer = await ask(way, scene.model.bind_tools(TOOLS), history)

    assert answer.text == "Sunny."
    assert scene.outputs == ["sunny"]
    assert scene.routes == [AGENT, FIRST, SUBMIT]


@pytest.mark.parametrize("way", WAYS)
async def test_in_another_process_a_named_thread_is_looked_up_once(
    script: Script, another_process: Any, way: str
) -> None:
    scene = script(CallTools(PARIS, UTC), Reply("Sunny, noon."))
    asked = await ask(way, scene.model.bind_tools(TOOLS), [QUESTION])
    history = stripped([QUESTION, asked, *answers(asked, "sunny", "noon")])
    another_process()

    thread_id = asked.response_metadata["thread_id"]
    answer = await ask(way, scene.model.bind_tools(TOOLS), history, thread_id=thread_id)

    assert answer.text == "Sunny, noon."
    assert scene.outputs == ["sunny", "noon"]
    assert scene.routes == [AGENT, FIRST, "GET /threads/*/runs", SUBMIT]


def test_in_another_process_our_metadata_is_enough(script: Script, another_process: Any) -> None:
    scene = script(CallTools(PARIS), Reply("Sunny."))
    history = paris(scene)
    another_process()

    assert scene.model.invoke(history).text == "Sunny."
    assert scene.routes == [AGENT, FIRST, SUBMIT]


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
async def test_outputs_whose_stream_falls_silent_are_sent_once_and_their_answer_is_read(
    script: Script, way: str
) -> None:
    says = Steps("Let me see.", CallTools(PARIS)), Reply("Sunny.")
    scene = script(*says, service={"queue_delay": 0.5}, timeout=0.2)
    model = scene.model.bind_tools(TOOLS)

    asked = await ask(way, model, [QUESTION])
    answer = await ask(way, model, [QUESTION, asked, *answers(asked, "sunny")])

    assert (asked.text, answer.text) == ("Let me see.", "Sunny.")
    assert scene.outputs == ["sunny"]
    assert [scene.routes.count(route) for route in (FIRST, SUBMIT, CANCEL)] == [1, 1, 0]
    assert run_statuses(scene.emulator) == ["completed"]


def cancel(scene: Scene, asked: AIMessage) -> None:
    """Cancel a message's run, as another client would."""
    ids = asked.response_metadata
    path = f"/threads/{ids['thread_id']}/runs/{ids['run_id']}/cancel?api-version=v1"
    headers = {"authorization": f"Bearer {scene.emulator.credential}"}
    httpx.post(f"{scene.emulator.project_endpoint}{path}", headers=headers).raise_for_status()


@pytest.mark.parametrize("end", ["cancelled", "expired"])
@pytest.mark.parametrize("way", WAYS)
async def test_a_run_that_is_over_is_replayed_in_a_fork(script: Script, way: str, end: str) -> None:
    service = {"action_expiry": 0} if end == "expired" else {}
    scene = script(CallTools(PARIS), Reply("It was sunny."), service=service)
    history = paris(scene)
    first = history[1].response_metadata["thread_id"]
    if end == "cancelled":
        assert isinstance(history[1], AIMessage)
        cancel(scene, history[1])
        await at_rest(scene.emulator)

    answer = await ask(way, scene.model, history)

    assert answer.response_metadata["forked_from"] == first
    fork = answer.response_metadata["thread_id"]
    assert fork != first
    assert thread_texts(scene.emulator, fork) == [
        ("user", "Weather?"),
        ("assistant", '[called get_weather with {"city": "Paris"}]'),
        ("user", f"[result of {history[2].model_dump()['tool_call_id']}]\nsunny"),
        ("assistant", "It was sunny."),
    ]
    assert run_statuses(scene.emulator) == [end, "completed"]


@pytest.mark.parametrize("named", [True, False])
def test_divergence_can_be_an_error_or_stay_in_the_thread(script: Script, *, named: bool) -> None:
    scene = script(CallTools(PARIS), Reply("Late."), service={"action_expiry": 0})
    history = paris(scene)
    thread_id = history[1].response_metadata["thread_id"]
    if not named:
        with pytest.raises(ThreadDivergedError, match="is over") as caught:
            scene.model.invoke(history, on_divergence="raise")
        assert caught.value.thread_id == thread_id

    stay = {"thread_id": thread_id} if named else {"on_divergence": "append"}
    answer = scene.model.invoke(history, **stay)

    assert answer.response_metadata["thread_id"] == thread_id
    roles = [role for role, _ in thread_texts(scene.emulator, thread_id)]
    assert roles == ["user", "assistant", "user", "assistant"]


@pytest.mark.parametrize("mode", ["stream", "poll"])
@pytest.mark.parametrize("way", WAYS)
async def test_a_question_in_place_of_outputs_cancels_the_run_and_is_answered(
    script: Script, way: str, mode: str
) -> None:
    scene = script(CallTools(PARIS), Reply("Never mind."), Reply("Bye."), run_mode=mode)
    asked = await ask(way, scene.model.bind_tools(TOOLS), [QUESTION])
    history = [QUESTION, asked, HumanMessage("Forget it.")]

    answer = await ask(way, scene.model, history)
    last = await ask(way, scene.model, [*history, answer, HumanMessage("Bye")])

    assert (answer.text, last.text) == ("Never mind.", "Bye.")
    threads = {one.response_metadata["thread_id"] for one in (asked, answer, last)}
    assert len(threads) == 1
    assert run_statuses(scene.emulator) == ["cancelled", "completed", "completed"]
    assert scene.routes.count(CANCEL) == 1


def test_a_message_of_nothing_but_invalid_calls_does_not_block_the_thread(script: Script) -> None:
    scene = script(CallTools(("get_weather", "Paris")), Reply("Here I am."))
    asked = scene.model.invoke([QUESTION])

    answer = scene.model.invoke([QUESTION, asked, HumanMessage("Are you there?")])

    assert answer.text == "Here I am."
    assert run_statuses(scene.emulator) == ["cancelled", "completed"]


def test_outputs_and_a_question_behind_them_are_both_heard(script: Script) -> None:
    scene = script(CallTools(PARIS), Reply("Unheard."), Reply("Both."))
    history = [*paris(scene), HumanMessage("And in short?")]

    answer = scene.model.invoke(history)

    assert answer.text == "Both."
    texts = thread_texts(scene.emulator, answer.response_metadata["thread_id"])
    assert ("user", "And in short?") in texts
    assert scene.routes.count(SUBMIT) == 1


@pytest.mark.parametrize("way", WAYS)
async def test_calls_of_another_model_are_replayed_as_text(script: Script, way: str) -> None:
    scene = script(Reply("Sunny."))
    call = {"id": "toolu_1", "name": "get_weather", "args": {"city": "Paris"}}
    foreign = AIMessage("", tool_calls=[call])
    output = ToolMessage("sunny", tool_call_id="toolu_1", name="get_weather")

    answer = await ask(way, scene.model, [QUESTION, foreign, output])

    assert thread_texts(scene.emulator, answer.response_metadata["thread_id"]) == [
        ("user", "Weather?"),
        ("assistant", '[called get_weather with {"city": "Paris"}]'),
        ("user", "[result of get_weather]\nsunny"),
        ("assistant", "Sunny."),
    ]
    assert scene.routes == [FIRST]


def missing(tools: list[ToolMessage]) -> list[ToolMessage]:
    return tools[:1]


def doubled(tools: list[ToolMessage]) -> list[ToolMessage]:
    return [*tools, tools[0]]


def unknown(tools: list[ToolMessage]) -> list[ToolMessage]:
    return [*tools, ToolMessage("?", tool_call_id="call_unknown")]


def huge(tools: list[ToolMessage]) -> list[ToolMessage]:
    return [tools[0], tools[1].model_copy(update={"content": "x" * 10_000_000})]


@pytest.mark.parametrize("spoil", [missing, doubled, unknown, huge])
@pytest.mark.parametrize("way", WAYS)
async def test_wrong_outputs_are_refused_and_the_run_waits_for_right_ones(
    script: Script, way: str, spoil: Any
) -> None:
    scene = script(CallTools(PARIS, UTC), Reply("Sunny, noon."))
    model = scene.model.bind_tools(TOOLS)
    asked = await ask(way, model, [QUESTION])
    outputs = answers(asked, "sunny", "noon")

    with pytest.raises(ToolOutputError):
        await ask(way, model, [QUESTION, asked, *spoil(outputs)])

    assert SUBMIT not in scene.routes
    assert run_statuses(scene.emulator) == ["requires_action"]
    answer = await ask(way, model, [QUESTION, asked, *outputs])
    assert answer.text == "Sunny, noon."


def test_the_error_says_which_output_is_missing_and_of_which_run(script: Script) -> None:
    scene = script(CallTools(PARIS, UTC))
    asked = scene.model.invoke([QUESTION])
    outputs = answers(asked, "sunny", "noon")

    with pytest.raises(ToolOutputError, match=outputs[1].tool_call_id) as caught:
        scene.model.invoke([QUESTION, asked, outputs[0]])

    assert caught.value.thread_id == asked.response_metadata["thread_id"]
    assert caught.value.run_id == asked.response_metadata["run_id"]


def test_an_output_without_its_call_is_refused_before_any_request(script: Script) -> None:
    scene = script()

    with pytest.raises(ToolOutputError, match="call_1 answers no call"):
        scene.model.invoke([QUESTION, ToolMessage("sunny", tool_call_id="call_1")])

    assert scene.routes == []


@pytest.mark.parametrize("mode", ["stream", "poll"])
@pytest.mark.parametrize("hand_on", [list, stripped])
def test_each_message_of_a_long_run_says_only_what_is_new(
    script: Script, hand_on: Any, mode: str
) -> None:
    turns = Steps("One.", CallTools(PARIS)), Steps("Two.", CallTools(UTC)), Reply("Three.")
    scene = script(*turns, run_mode=mode)
    history: list[BaseMessage] = [QUESTION]

    for output in ("sunny", "noon"):
        asked = scene.model.bind_tools(TOOLS).invoke(hand_on(history))
        history += [asked, *answers(asked, output)]
    history.append(scene.model.bind_tools(TOOLS).invoke(hand_on(history)))

    said = [one.text for one in history if isinstance(one, AIMessage)]
    assert said == ["One.", "Two.", "Three."]


@pytest.mark.parametrize("mode", ["stream", "poll"])
def test_messages_of_a_run_have_ids_of_their_own(script: Script, mode: str) -> None:
    code = Steps(RunCode("1 + 1", "2"), Reply("Two."))
    scene = script(CallTools(PARIS), CallTools(UTC), code, run_mode=mode)
    history: list[BaseMessage] = [QUESTION]

    for output in ("sunny", "noon"):
        asked = scene.model.bind_tools(TOOLS).invoke(history)
        history += [asked, *answers(asked, output)]
    history.append(scene.model.bind_tools(TOOLS).invoke(history))

    answered = [one for one in history if isinstance(one, AIMessage)]
    assert len({one.response_metadata["run_id"] for one in answered}) == 1
    assert len({one.id for one in answered}) == 3
