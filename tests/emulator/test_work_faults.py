"""Faults that befall the work of a run or response, in the emulator's own words."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import httpx
import pytest

from langchain_foundry_agents.emulator import FoundryEmulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_foundry_agents.emulator.records import JsonObject

HELLO = [{"role": "user", "content": "Hello"}]
RESPONSES = "/openai/v1/responses"


@pytest.fixture
def ask_run(emulator: FoundryEmulator, http: httpx.Client) -> Callable[[], str]:
    """Streams a run to its end; the last event's lines."""
    body = {"assistant_id": emulator.create_agent(), "stream": True}

    def ask() -> str:
        asked = body | {"thread": {"messages": HELLO}}
        return http.post("/threads/runs", json=asked).text.split("\n\n")[-3]

    return ask


@pytest.fixture
def ask_response(emulator: FoundryEmulator, http: httpx.Client) -> Callable[..., JsonObject]:
    """Asks for a response, whole."""
    emulator.create_agent(name="helper", generation="new")
    agent = {"type": "agent_reference", "name": "helper"}

    def ask(**more: object) -> JsonObject:
        body = {"agent_reference": agent, "input": "Hello", **more}
        answer: JsonObject = http.post(RESPONSES, json=body).json()
        return answer

    return ask


def test_a_run_meets_a_rate_limit(emulator: FoundryEmulator, ask_run: Callable[[], str]) -> None:
    emulator.inject("run-rate-limit", retry_after=22)

    last = ask_run()

    assert last.startswith("event: thread.run.failed\n")
    assert '"code":"rate_limit_exceeded"' in last
    assert "Rate limit is exceeded. Try again in 22 seconds." in last


def test_a_response_meets_a_rate_limit(
    emulator: FoundryEmulator, ask_response: Callable[..., JsonObject]
) -> None:
    emulator.inject("run-rate-limit")

    answer = ask_response()

    assert answer["status"] == "failed"
    assert answer["error"] == {
        "code": "rate_limit_exceeded",
        "message": "Rate limit is exceeded.",
    }


def test_a_run_expires(emulator: FoundryEmulator, ask_run: Callable[[], str]) -> None:
    emulator.inject("expired-run")

    assert ask_run().startswith("event: thread.run.expired\n")


@pytest.mark.parametrize(
    ("reason", "told"),
    [("length", "max_completion_tokens"), ("content_filter", "content_filter")],
)
def test_a_run_is_left_incomplete(
    emulator: FoundryEmulator, ask_run: Callable[[], str], reason: str, told: str
) -> None:
    emulator.inject("incomplete-run", reason=reason)

    last = ask_run()

    assert last.startswith("event: thread.run.incomplete\n")
    assert f'"incomplete_details":{{"reason":"{told}"}}' in last


def test_a_response_is_left_incomplete_though_the_answer_is_shorter(
    emulator: FoundryEmulator, ask_response: Callable[..., JsonObject]
) -> None:
    emulator.inject("incomplete-run", pieces=1000)

    answer = ask_response()

    assert answer["status"] == "incomplete"
    assert answer["incomplete_details"] == {"reason": "max_output_tokens"}


def test_a_run_stays_queued_until_it_is_cancelled(
    emulator: FoundryEmulator, http: httpx.Client
) -> None:
    emulator.inject("stuck-queue")
    body = {"assistant_id": emulator.create_agent(), "thread": {"messages": HELLO}}
    run = http.post("/threads/runs", json=body).json()
    path = f"/threads/{run['thread_id']}/runs/{run['id']}"

    assert http.get(path).json()["status"] == "queued"
    http.post(f"{path}/cancel")
    while (status := http.get(path).json()["status"]) == "cancelling":
        pass
    assert status == "cancelled"


@pytest.mark.parametrize("name", ["stuck-queue", "slow-first-token"])
def test_an_answer_comes_late(
    emulator: FoundryEmulator,
    ask_response: Callable[..., JsonObject],
    name: str,
) -> None:
    emulator.inject(name, seconds=0.05)

    began = time.monotonic()
    answer = ask_response()

    assert answer["status"] == "completed"
    assert time.monotonic() - began >= 0.05


def test_a_foreign_run_holds_the_thread(emulator: FoundryEmulator, http: httpx.Client) -> None:
    emulator.inject("active-run", seconds=60)
    body = {"assistant_id": emulator.create_agent()}
    thread = http.post("/threads", json={"messages": HELLO}).json()["id"]
    runs = f"/threads/{thread}/runs"

    refused = http.post(runs, json=body)
    (foreign,) = http.get(runs).json()["data"]
    http.post(f"{runs}/{foreign['id']}/cancel")
    while http.get(f"{runs}/{foreign['id']}").json()["status"] != "cancelled":
        pass

    assert refused.status_code == 400
    assert f"already has an active run {foreign['id']}." in refused.text
    assert http.post(runs, json=body).status_code == 200


def test_a_foreign_response_holds_the_conversation_for_its_time(
    emulator: FoundryEmulator, http: httpx.Client, ask_response: Callable[..., JsonObject]
) -> None:
    emulator.inject("active-run", seconds=0.05)
    place = http.post("/openai/v1/conversations", json={}).json()["id"]

    answers = [ask_response(conversation=place)]
    while "error" in answers[-1] and answers[-1].get("status") is None:
        answers.append(ask_response(conversation=place))

    assert answers[0]["error"]["code"] == "conversation_locked"
    assert answers[-1]["status"] == "completed"
    assert [request.fault for request in emulator.requests].count("active-run") == 1


def test_a_new_thread_is_never_busy(emulator: FoundryEmulator, ask_run: Callable[[], str]) -> None:
    injected = emulator.inject("active-run")

    assert ask_run().startswith("event: thread.run.completed\n")
    assert injected.met == 0
