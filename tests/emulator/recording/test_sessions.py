"""Sessions recorded through a proxy and served again: the same answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.messages.ai import add_ai_message_chunks

from langchain_foundry_agents import ChatFoundryAgent, RateLimitError
from langchain_foundry_agents.emulator import (
    CallTools,
    Cite,
    FoundryEmulator,
)
from langchain_foundry_agents.emulator.recording import FoundryReplay

from ..conftest import client
from .models import GENERATIONS, Recorder, model_at


def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"It is sunny in {city}."


def make_agent(emulator: FoundryEmulator, generation: Any) -> str:
    emulator.script(
        CallTools(("get_weather", {"city": "Zürich"})),
        Cite("Sunny in Zürich", {"type": "citation", "url": "https://a.b", "title": "Weather"}),
        "Nothing more.",
    )
    return emulator.create_agent(name="helper", tools=[get_weather], generation=generation)


def session(model: ChatFoundryAgent) -> list[AIMessage]:
    """A tool turn, whole and then streamed, and a turn that goes on."""
    bound = model.bind_tools([get_weather])
    history: list[BaseMessage] = [HumanMessage("Zürich?")]
    called = bound.invoke(history)
    output = ToolMessage("It is sunny.", tool_call_id=called.tool_calls[0]["id"])
    told = add_ai_message_chunks(*bound.stream([*history, called, output]))  # type: ignore[arg-type]
    more = bound.invoke([*history, called, output, told, HumanMessage("More?")])
    return [called, told, more]


def without_ids(answers: list[AIMessage]) -> list[Any]:
    return [
        (
            answer.text,
            [(call["name"], call["args"]) for call in answer.tool_calls],
            [block["type"] for block in answer.content_blocks],
            answer.usage_metadata,
            answer.response_metadata["finish_reason"],
        )
        for answer in answers
    ]


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_recorded_session_gives_the_same_answers_again(
    emulator: FoundryEmulator, record: Recorder, tape: Path, generation: str
) -> None:
    agent = make_agent(emulator, generation)
    with record(texts=True) as recorder:
        first = session(model_at(recorder.project_endpoint, agent))
    emulator.stop()

    with FoundryReplay(tape) as replay:
        again = session(model_at(replay.project_endpoint, agent))

    assert without_ids(again) == without_ids(first)
    assert [answer.text[:15] for answer in again] == ["", "Sunny in Zürich", "Nothing more."]
    assert again[0].tool_calls[0]["args"] == {"city": "Zürich"}
    assert replay.left == 0


@pytest.mark.parametrize("generation", GENERATIONS)
def test_without_texts_the_session_is_the_same_with_other_letters(
    emulator: FoundryEmulator, record: Recorder, tape: Path, generation: str
) -> None:
    agent = make_agent(emulator, generation)
    with record() as recorder:
        first = session(model_at(recorder.project_endpoint, agent))

    with FoundryReplay(tape) as replay:
        again = session(model_at(replay.project_endpoint, agent))

    assert [answer.text[:15] for answer in again] == ["", "xxxxx xx xxxxxx", "xxxxxxx xxxx."]
    assert again[0].tool_calls[0]["name"] == "get_weather"
    assert [one.usage_metadata for one in again] == [one.usage_metadata for one in first]
    assert "sunny" not in tape.read_text().lower()
    assert "Zürich" not in tape.read_text()


@pytest.mark.parametrize("generation", GENERATIONS)
async def test_a_stream_comes_as_it_was(
    emulator: FoundryEmulator, record: Recorder, tape: Path, generation: Any
) -> None:
    agent = emulator.create_agent(name="helper", generation=generation)
    with record(texts=True) as recorder:
        streamed = model_at(recorder.project_endpoint, agent).astream("Please count to 50")
        first = [chunk.text async for chunk in streamed]

    with FoundryReplay(tape) as replay:
        streamed = model_at(replay.project_endpoint, agent).astream("Please count to 50")
        again = [chunk.text async for chunk in streamed]

    assert "".join(again) == "".join(first)
    assert "49" in "".join(first)


def test_a_stream_is_passed_on_as_it_comes_and_the_proxy_stops_in_its_midst(
    emulator: FoundryEmulator, record: Recorder, tape: Path
) -> None:
    body = {"assistant_id": emulator.create_agent(), "stream": True, "thread": {}}
    # Nothing more comes after these: they must not wait for it.
    emulator.inject("stall", event=3)

    with (
        record() as recorder,
        client(recorder) as http,
        http.stream("POST", "/threads/runs", json=body) as answer,
    ):
        lines = answer.iter_lines()
        names = [line for _, line in zip(range(9), lines, strict=False) if line[:5] == "event"]
        recorder.stop()
        with pytest.raises(httpx.RemoteProtocolError):
            list(lines)

    assert len(names) == 3
    response = json.loads(tape.read_text().splitlines()[1])["response"]
    assert (len(response["events"]), response["broken"]) == (3, True)


def test_a_stream_that_broke_off_breaks_off_again(
    emulator: FoundryEmulator, record: Recorder, tape: Path
) -> None:
    agent = emulator.create_agent()
    emulator.inject("cut-stream", event=4)
    body = {"assistant_id": agent, "stream": True, "thread": {"messages": []}}
    for make in (record, lambda: FoundryReplay(tape)):
        with (
            make() as service,
            client(service) as http,
            pytest.raises(httpx.RemoteProtocolError),
            http.stream("POST", "/threads/runs", json=body) as answer,
        ):
            answer.read()

    assert json.loads(tape.read_text().splitlines()[1])["response"]["broken"] is True


def test_what_only_looks_like_the_end_of_a_line_stays_in_its_text(
    emulator: FoundryEmulator, record: Recorder, tape: Path
) -> None:
    agent = emulator.create_agent()
    emulator.script("One\u2028two\x85three\x0cfour")
    for make in (lambda: record(texts=True), lambda: FoundryReplay(tape)):
        with make() as service:
            text = model_at(service.project_endpoint, agent).invoke("Hello").text

            assert text == "One\u2028two\x85three\x0cfour"


def test_refusals_are_recorded_with_their_hints(
    emulator: FoundryEmulator, record: Recorder, tape: Path
) -> None:
    agent = emulator.create_agent()
    emulator.inject("rate-limit", retry_after=7)
    for make in (record, lambda: FoundryReplay(tape)):
        with make() as service:
            with pytest.raises(RateLimitError, match=r"Too many requests\.") as caught:
                model_at(service.project_endpoint, agent).invoke("Hello")

            assert caught.value.retry_after == 7


def test_an_upload_is_matched_whatever_its_boundary(record: Recorder, tape: Path) -> None:
    for make in (record, lambda: FoundryReplay(tape)):
        with make() as service, client(service) as http:
            file = {"file": ("secret-plans.txt", b"Ours alone.")}
            made = http.post("/files", data={"purpose": "assistants"}, files=file)
            content = http.get(f"/files/{made.json()['id']}/content")

            assert (made.status_code, content.status_code, len(content.content)) == (200, 200, 11)

    assert "secret" not in tape.read_text()
    assert "Ours" not in tape.read_text()
