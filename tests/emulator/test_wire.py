"""The emulator over a real socket: bytes, headers, time, and how it starts and stops."""

from __future__ import annotations

import json
import logging
import re
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from langchain_foundry_agents.emulator import EMULATOR_TOKEN, FoundryEmulator
from langchain_foundry_agents.emulator.service import PROJECT_PATH

from .brains import BrokenBrain, PatientBrain
from .conftest import client
from .room import read_sse, recorded_answers

RECORDED = recorded_answers()


def until_over(http: httpx.Client, run: Any) -> Any:
    """Polls as clients do; each look lets the emulator's thread go on."""
    while run["status"] in ("queued", "in_progress", "cancelling"):
        run = http.get(f"/threads/{run['thread_id']}/runs/{run['id']}").json()
    return run


def asked(agent: str, text: str, **more: Any) -> dict[str, Any]:
    thread = {"messages": [{"role": "user", "content": text}]}
    return {"assistant_id": agent, "thread": thread, **more}


def answer_text(http: httpx.Client, run: Any) -> str:
    page = http.get(f"/threads/{run['thread_id']}/messages", params={"run_id": run["id"]}).json()
    return str(page["data"][0]["content"][0]["text"]["value"])


def test_a_run_moves_by_itself_while_polled(emulator: FoundryEmulator, http: httpx.Client) -> None:
    run = http.post("/threads/runs", json=asked(emulator.create_agent(), "What is 6 * 7?")).json()
    assert run["status"] == "queued"

    run = until_over(http, run)

    assert run["status"] == "completed"
    assert answer_text(http, run) == "6 * 7 = 42."


def test_a_streamed_run_comes_as_events(emulator: FoundryEmulator, http: httpx.Client) -> None:
    body = asked(emulator.create_agent(), "Hi 😄", stream=True)

    answer = http.post("/threads/runs", json=body)

    events = read_sse(answer.text)
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["transfer-encoding"] == "chunked"
    assert "content-encoding" not in answer.headers
    assert (events[0][0], events[-1]) == ("thread.created", ("done", None))
    assert dict(events)["thread.message.completed"]["content"][0]["text"]["value"].count("😄") == 1


def test_the_second_turn_knows_the_first(emulator: FoundryEmulator, http: httpx.Client) -> None:
    agent = emulator.create_agent()
    first = until_over(http, http.post("/threads/runs", json=asked(agent, "I am Ada.")).json())
    message = {"role": "user", "content": "Who am I?"}
    body = {"assistant_id": agent, "additional_messages": [message]}

    run = until_over(http, http.post(f"/threads/{first['thread_id']}/runs", json=body).json())

    assert 'the last was: "I am Ada.".' in answer_text(http, run)


@pytest.mark.parametrize("kind", ["json", "sse"])
def test_answers_carry_the_recorded_headers(
    emulator: FoundryEmulator, http: httpx.Client, kind: str
) -> None:
    body = asked(emulator.create_agent(), "Hi", stream=kind == "sse")

    answer = http.post("/threads/runs", json=body, headers={"Accept-Encoding": "identity"})

    expected = {name.lower() for name in RECORDED[f"_response_headers_{kind}"]}
    assert set(answer.headers) == expected
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
    assert len({http.get("/threads").headers["apim-request-id"] for _ in range(2)}) == 2


def test_json_is_indented_by_two(http: httpx.Client) -> None:
    answer = http.post("/threads", headers={"Accept-Encoding": "gzip"})

    assert answer.text == json.dumps(answer.json(), indent=2)
    assert answer.headers["content-length"] == "137"
    assert answer.headers["content-type"] == "application/json"


def test_longer_answers_are_compressed_for_who_accepts_it(
    emulator: FoundryEmulator, http: httpx.Client
) -> None:
    agent = emulator.create_agent(instructions="x" * 1000)

    packed = http.get(f"/assistants/{agent}", headers={"Accept-Encoding": "gzip, deflate"})
    plain = http.get(f"/assistants/{agent}", headers={"Accept-Encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()


def test_errors_come_with_their_status(emulator: FoundryEmulator, http: httpx.Client) -> None:
    found = [
        http.get("/threads/thread_x"),
        http.post("/threads", content=b"{"),
        http.get("/threads", headers={"Authorization": "Basic no"}),
        http.patch("/threads"),
        httpx.get(emulator.project_endpoint + "/threads", trust_env=False),
        http.get(emulator.project_endpoint.replace("projects", "other") + "/threads"),
    ]

    assert [answer.status_code for answer in found] == [404, 400, 401, 404, 401, 404]
    assert all(answer.headers["content-type"] == "application/json" for answer in found)


def test_requests_are_kept_without_the_token(emulator: FoundryEmulator, http: httpx.Client) -> None:
    http.post("/threads", params={"x": "1"}, json={"metadata": {"a": "b"}})
    http.post("/threads", content=b"{")

    kept, broken = emulator.requests
    assert (kept.method, kept.path, kept.route) == ("POST", PROJECT_PATH + "/threads", "/threads")
    assert kept.query == {"x": "1", "api-version": "v1"}
    assert (kept.body, kept.status) == ({"metadata": {"a": "b"}}, 200)
    assert (broken.body, broken.status) == ("{", 400)
    assert EMULATOR_TOKEN not in repr(emulator.requests)


def test_only_the_latest_thousand_requests_are_kept(
    emulator: FoundryEmulator, http: httpx.Client
) -> None:
    for number in range(1001):
        http.get(f"/{number}")

    assert [len(emulator.requests), emulator.requests[0].route] == [1000, "/1"]


@pytest.mark.parametrize("generation", ["classic", "new"])
def test_all_streams_begin_before_one_answer_is_whole(generation: str) -> None:
    brain = PatientBrain()
    with ExitStack() as stack:
        emulator = stack.enter_context(FoundryEmulator(brain))
        http = stack.enter_context(client(emulator))
        path, body = "/threads/runs", asked(emulator.create_agent(), "Hi", stream=True)
        if generation == "new":
            name = emulator.create_agent(name="helper", generation="new")
            reference = {"type": "agent_reference", "name": name}
            path = "/openai/v1/responses"
            body = {"input": "Hi", "agent_reference": reference, "stream": True}
        streams = [http.stream("POST", path, json=body) for _ in range(20)]
        heard = [stack.enter_context(stream).iter_lines() for stream in streams]

        begun = [next(line for line in lines if "One" in line) for lines in heard]
        brain.go_on()
        rest = ["".join(lines) for lines in heard]

    assert not any("two" in line for line in begun)
    assert all("One two" in lines for lines in rest)


def test_a_client_that_leaves_does_not_stop_the_run() -> None:
    brain = PatientBrain()
    with FoundryEmulator(brain) as emulator, client(emulator) as http:
        body = asked(emulator.create_agent(), "Hi", stream=True)
        with http.stream("POST", "/threads/runs", json=body) as answer:
            lines = answer.iter_lines()
            run = json.loads(next(line for line in lines if '"thread.run"' in line)[6:])
            next(line for line in lines if line == "event: thread.message.delta")
        # The stream is closed, the answer is not whole yet: now the brain may go on.
        brain.go_on()

        assert until_over(http, run)["status"] == "completed"
        assert answer_text(http, run) == "One two"


def test_a_run_can_be_cancelled_in_mid_stream() -> None:
    with FoundryEmulator(PatientBrain()) as emulator, client(emulator) as http:
        body = asked(emulator.create_agent(), "Hi", stream=True)
        with http.stream("POST", "/threads/runs", json=body) as answer:
            lines = answer.iter_lines()
            run = json.loads(next(line for line in lines if '"thread.run"' in line)[6:])
            next(line for line in lines if line == "event: thread.message.delta")
            http.post(f"/threads/{run['thread_id']}/runs/{run['id']}/cancel")
            rest = [line.removeprefix("event: ") for line in lines if line.startswith("event")]

    assert rest == [
        "thread.run.cancelling",
        "thread.message.incomplete",
        "thread.run.step.cancelled",
        "thread.run.cancelled",
        "done",
    ]


def test_a_run_expires_in_mid_stream() -> None:
    brain = PatientBrain()
    with FoundryEmulator(brain, run_expiry=0.1) as emulator, client(emulator) as http:
        answer = http.post("/threads/runs", json=asked(emulator.create_agent(), "Hi", stream=True))

    assert [name for name, _ in read_sse(answer.text)][-4:] == [
        "thread.message.incomplete",
        "thread.run.step.expired",
        "thread.run.expired",
        "done",
    ]


def test_stopping_ends_open_streams_soon() -> None:
    emulator = FoundryEmulator(PatientBrain()).start()
    with client(emulator) as http:
        body = asked(emulator.create_agent(), "Hi", stream=True)
        with http.stream("POST", "/threads/runs", json=body) as answer:
            lines = answer.iter_lines()
            next(line for line in lines if line == "event: thread.message.delta")
            began = time.monotonic()
            emulator.stop()
            seconds = time.monotonic() - began
            rest = [line for line in lines if line.startswith("event")]

    assert rest[-2:] == ["event: thread.run.cancelled", "event: done"]
    assert seconds < 1.5


def test_delays_are_kept() -> None:
    with FoundryEmulator(queue_delay=0.1, chunk_delay=0.02) as emulator, client(emulator) as http:
        body = asked(emulator.create_agent(), "count to 5", stream=True)
        began = time.monotonic()
        http.post("/threads/runs", json=body)

    assert time.monotonic() - began >= 0.1 + 5 * 0.02


def test_it_can_be_started_again_on_its_port_and_remembers() -> None:
    emulator = FoundryEmulator()
    agent = emulator.create_agent(name="kept")
    with emulator:
        first = emulator.project_endpoint
    with emulator, client(emulator) as http:
        assert http.get(f"/assistants/{agent}").json()["name"] == "kept"

    assert emulator.project_endpoint == first


def test_stopped_it_answers_no_more(emulator: FoundryEmulator) -> None:
    emulator.stop()

    with client(emulator) as http, pytest.raises(httpx.ConnectError):
        http.get("/threads")


def test_a_port_can_be_chosen_and_a_taken_one_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            FoundryEmulator(port=port).start()
    with FoundryEmulator(port=port) as emulator:
        assert emulator.project_endpoint == f"http://127.0.0.1:{port}/api/projects/emulator"


def test_many_emulators_live_side_by_side() -> None:
    with FoundryEmulator(seed=1) as one, FoundryEmulator(seed=1) as other:
        assert one.project_endpoint != other.project_endpoint
        assert one.create_agent() == other.create_agent()


def test_it_is_silent(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    with FoundryEmulator() as emulator, client(emulator) as http:
        http.post("/threads/runs", json=asked(emulator.create_agent(), "Hi"))
        http.get("/nothing")

    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_failing_brain_is_logged_with_its_cause(caplog: pytest.LogCaptureFixture) -> None:
    brain = BrokenBrain(error=ValueError("the cause"))
    with FoundryEmulator(brain) as emulator, client(emulator) as http:
        run = until_over(
            http, http.post("/threads/runs", json=asked(emulator.create_agent(), "Hi")).json()
        )

    assert run["status"] == "failed"
    assert "the cause" not in json.dumps(run)
    assert "the cause" in caplog.text


def test_langchain_tools_can_be_given_to_an_agent(
    emulator: FoundryEmulator, http: httpx.Client
) -> None:
    def add(a: int, b: int) -> int:
        """Adds two numbers."""
        return a + b

    agent = emulator.create_agent(tools=[add], temperature=0.5)

    shown = http.get(f"/assistants/{agent}").json()
    assert shown["tools"][0]["function"]["name"] == "add"
    assert shown["temperature"] == 0.5


@pytest.mark.parametrize("package", ["starlette", "uvicorn"])
def test_a_missing_extra_is_explained(package: str) -> None:
    script = (
        f"import sys; sys.modules[{package!r}] = None\n"
        "try:\n    import langchain_foundry_agents.emulator\n"
        "except ImportError as error:\n    print(error)"
    )

    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert package in run.stdout
    assert 'pip install "langchain-foundry-agents[emulator]"' in run.stdout
