"""Sessions recorded through a proxy and served again: the same answers, and nobody's secrets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.messages.ai import add_ai_message_chunks

from langchain_foundry_agents import BadRequestError, ChatFoundryAgent, RateLimitError
from langchain_foundry_agents.emulator import (
    AskApproval,
    CallTools,
    Cite,
    FoundryEmulator,
    Refuse,
    RunCode,
    Steps,
    Think,
)
from langchain_foundry_agents.emulator.recording import FoundryRecorder, FoundryReplay

from .conftest import client

CANARY = "canary-9f8e7d6c5b4a39281706"
GENERATIONS = ["classic", "new"]
Recorder = Callable[..., FoundryRecorder]


@pytest.fixture
def record(emulator: FoundryEmulator, tmp_path: Path) -> Recorder:
    """Makes a recorder before the emulator."""

    def make(**options: Any) -> FoundryRecorder:
        token = {"Authorization": f"Bearer {emulator.credential}"}
        url, path = emulator.project_endpoint, tmp_path / "session.jsonl"
        return FoundryRecorder(url, path, authorize=lambda: token, **options)

    return make


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    return tmp_path / "session.jsonl"


def model_at(endpoint: str, agent: str) -> ChatFoundryAgent:
    named = {"agent_id" if agent.startswith("asst_") else "agent_name": agent}
    return ChatFoundryAgent(**named, project_endpoint=endpoint, max_retries=0)


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


def test_no_secret_is_in_the_file(emulator: FoundryEmulator, record: Recorder, tape: Path) -> None:
    guid = "7f3c2a10-1111-2222-3333-444455556666"
    tool = {
        "type": "mcp",
        "server_label": "files",
        "server_url": f"https://x.example/{CANARY}",
        "headers": {"Authorization": CANARY},
        "project_connection_id": f"/subscriptions/{guid}/resourceGroups/{CANARY}/x",
    }
    metadata = {"owner": guid, "role": CANARY}
    body = {"model": "gpt-4o", "tools": [tool], "metadata": metadata, "instructions": CANARY}
    token = f"eyJ{CANARY}.eyJ{CANARY}.{CANARY}"
    with record() as recorder, client(recorder) as http:
        http.post(
            "/assistants", json=body, headers={"cookie": CANARY, "x-ms-user-identity": CANARY}
        )
        http.post("/threads", json={"metadata": {"name": f"Bearer {CANARY}"}})
        http.get(f"/threads/{token}")

    text = tape.read_text()
    assert len(text.splitlines()) == 4
    for secret in (CANARY, guid, emulator.credential, "127.0.0.1", recorder.project_endpoint):
        assert secret not in text


@pytest.mark.parametrize("generation", GENERATIONS)
def test_no_word_of_anybodys_is_in_the_file(
    emulator: FoundryEmulator, record: Recorder, tape: Path, generation: Any
) -> None:
    word = "Canaryish"
    source = {"type": "citation", "url": f"https://{word}.example", "title": word}
    emulator.script(
        Steps(RunCode(f"print('{word}')", word), Think(word), Cite(word, source)),
        AskApproval("files", "read", {"path": word}, word),
        Refuse(word),
    )
    agent = emulator.create_agent(name="helper", generation=generation, instructions=word)
    with record() as recorder:
        model = model_at(recorder.project_endpoint, agent)
        model.invoke(word)
        asked = model.invoke(word)
        denial = ToolMessage(
            json.dumps({"approve": False, "reason": word}), tool_call_id=asked.tool_calls[0]["id"]
        )
        model.invoke([HumanMessage(word), asked, denial])
        model.read_agent()

    assert len(tape.read_text().splitlines()) > 4
    assert word.lower() not in tape.read_text().lower()


def test_texts_are_kept_but_for_secrets(record: Recorder, tape: Path) -> None:
    guid = "7f3c2a10-1111-2222-3333-444455556666"
    with record(texts=True) as recorder, client(recorder) as http:
        text = f"My id is {guid}, my token eyJhbGci.eyJzdWIi.c2ln, on 127.0.0.1"
        http.post("/threads", json={"messages": [{"role": "user", "content": text}]})

    (_, line) = map(json.loads, tape.read_text().splitlines())
    assert line["request"]["body"]["messages"][0]["content"] == (
        "My id is 00000000-0000-0000-0000-000000000001, my token <left out>, on <host>"
    )


def test_ids_get_the_same_number_wherever_they_stand(record: Recorder, tape: Path) -> None:
    with record() as recorder, client(recorder) as http:
        ids = [http.post("/threads", json={}).json()["id"] for _ in range(2)]
        for thread_id in reversed(ids):
            http.get(f"/threads/{thread_id}")

    one, two = "thread_000000000000000000000001", "thread_000000000000000000000002"
    lines = [json.loads(line) for line in tape.read_text().splitlines()[1:]]
    assert [line["response"]["body"]["id"] for line in lines] == [one, two, two, one]
    assert lines[2]["request"]["path"] == f"/threads/{two}"
    assert not any(thread_id in tape.read_text() for thread_id in ids)


def test_what_was_not_recorded_is_refused_with_what_comes_next(
    emulator: FoundryEmulator, record: Recorder, tape: Path
) -> None:
    agent = emulator.create_agent()
    with record(texts=True) as recorder:
        model_at(recorder.project_endpoint, agent).invoke("What is 2 + 2?")

    with FoundryReplay(tape) as replay:
        model = model_at(replay.project_endpoint, agent)
        with pytest.raises(BadRequestError) as caught:
            model.invoke("What is 3 + 3?")
        told = str(caught.value)
        assert "The recording has no other POST /threads/runs with this query and body." in told
        assert "Expected next, as number 1: POST /threads/runs with {" in told
        assert "difference is at body.thread.messages[0].content" in told

        assert model.invoke("What is 2 + 2?").text == "2 + 2 = 4."
        with pytest.raises(BadRequestError, match="all of its 1 exchanges were asked for"):
            model.invoke("What is 2 + 2?")


def test_equal_requests_are_answered_in_their_order(
    emulator: FoundryEmulator, record: Recorder, tape: Path
) -> None:
    agent = emulator.create_agent()
    emulator.script("One.", "Two.")
    for make in (lambda: record(texts=True), lambda: FoundryReplay(tape)):
        with make() as service:
            model = model_at(service.project_endpoint, agent)

            assert [model.invoke("Hello").text for _ in range(2)] == ["One.", "Two."]


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


def test_an_upload_is_matched_whatever_its_boundary(record: Recorder, tape: Path) -> None:
    for make in (record, lambda: FoundryReplay(tape)):
        with make() as service, client(service) as http:
            file = {"file": ("secret-plans.txt", b"Ours alone.")}
            made = http.post("/files", data={"purpose": "assistants"}, files=file)
            content = http.get(f"/files/{made.json()['id']}/content")

            assert (made.status_code, content.status_code, len(content.content)) == (200, 200, 11)

    assert "secret" not in tape.read_text()
    assert "Ours" not in tape.read_text()


def test_a_service_that_is_not_there_is_told_and_not_recorded(tmp_path: Path) -> None:
    tape = tmp_path / "session.jsonl"
    gone = "http://127.0.0.1:1/api/projects/p"
    with FoundryRecorder(gone, tape, authorize=dict) as recorder, client(recorder) as http:
        answer = http.get("/threads")

    assert answer.status_code == 502
    assert answer.json()["error"]["code"] == "upstream_unreachable"
    assert len(tape.read_text().splitlines()) == 1


def test_nobody_without_the_emulators_token_asks_through_the_proxy(record: Recorder) -> None:
    with record() as recorder, client(recorder) as http:
        answer = http.get("/threads", headers={"Authorization": "Bearer guessed"})

    assert answer.status_code == 401


def test_a_recording_is_never_overwritten(record: Recorder, tape: Path) -> None:
    tape.write_text("mine")

    with pytest.raises(FileExistsError):
        record()


@pytest.mark.parametrize("text", ["", "no JSON", '{"format": "another"}', "[]"])
def test_what_is_no_recording_is_refused(tape: Path, text: str) -> None:
    tape.write_text(text)

    with pytest.raises(ValueError, match="is no recording of this version"):
        FoundryReplay(tape)
