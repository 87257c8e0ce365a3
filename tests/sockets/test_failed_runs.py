"""Runs that the emulator accepts and that do not end in an answer."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from langchain_core.exceptions import ModelRateLimitError
from langchain_core.messages import HumanMessage

from langchain_foundry_agents import (
    ChatFoundryAgent,
    NotFoundError,
    RateLimitError,
    RunCancelledError,
    RunExpiredError,
    RunFailedError,
    RunIncompleteError,
    RunTimeoutError,
)
from langchain_foundry_agents.emulator import FoundryEmulator

from .brains import FailingBrain
from .seen import routes, run_statuses, thread_texts
from .ways import WAYS, ask

MODES = ("stream", "poll")


def model_on(emulator: FoundryEmulator, **fields: Any) -> ChatFoundryAgent:
    agent_id = emulator.create_agent(name="helper", tools=fields.pop("tools", ()))
    return ChatFoundryAgent(agent_id=agent_id, project_endpoint=emulator.project_endpoint, **fields)


def get_weather(city: str) -> str:
    """Tells the weather of a city."""
    return f"Sunny in {city}."


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", WAYS)
async def test_a_run_that_failed_for_a_rate_limit_is_a_rate_limit_error(
    way: str, mode: str
) -> None:
    error = ModelRateLimitError("Rate limit is exceeded. Try again in 61 seconds.")
    with FoundryEmulator(FailingBrain(error=error)) as emulator:
        with pytest.raises(RateLimitError, match="Try again in 61 seconds") as caught:
            await ask(way, model_on(emulator, run_mode=mode), "Hello")
        (thread,) = emulator.service.state.threads.values()

    assert caught.value.retry_after == 61.0
    assert caught.value.code == "rate_limit_exceeded"
    assert (caught.value.thread_id, caught.value.run_id) == (thread.id, thread.runs[0].id)
    assert run_statuses(emulator) == ["failed"]


@pytest.mark.parametrize("way", WAYS)
async def test_a_run_that_failed_for_a_passing_reason_runs_again_without_a_second_post(
    way: str,
) -> None:
    error = ModelRateLimitError("Rate limit is exceeded. Try again in 0 seconds.")
    with FoundryEmulator(FailingBrain(error=error, times=2)) as emulator:
        answer = await ask(way, model_on(emulator), "Hello")
        thread = str(answer.response_metadata["thread_id"])

    assert answer.content == "At last."
    assert answer.response_metadata["attempts"] == 3
    assert thread_texts(emulator, thread) == [("user", "Hello"), ("assistant", "At last.")]
    assert routes(emulator) == ["POST /threads/runs", *[f"POST /threads/{thread}/runs"] * 2]


@pytest.mark.parametrize("way", WAYS)
async def test_a_run_that_failed_after_some_words_is_not_run_again(way: str) -> None:
    with (
        FoundryEmulator(FailingBrain(error=ValueError("secret"), words="Well")) as emulator,
        pytest.raises(RunFailedError, match="Sorry, something went wrong") as caught,
    ):
        await ask(way, model_on(emulator), "Hello")

    assert caught.value.code == "server_error"
    assert run_statuses(emulator) == ["failed"]


def test_what_was_streamed_before_a_failure_was_handed_out() -> None:
    with FoundryEmulator(FailingBrain(error=ValueError("secret"), words="Well")) as emulator:
        chunks = model_on(emulator).stream("Hello")
        assert next(chunks).text == "Well"
        with pytest.raises(RunFailedError):
            next(chunks)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", WAYS)
async def test_a_run_that_takes_too_long_for_the_service_expires(way: str, mode: str) -> None:
    with (
        FoundryEmulator(run_expiry=0.1, chunk_delay=0.02) as emulator,
        pytest.raises(RunExpiredError, match="expired"),
    ):
        await ask(way, model_on(emulator, run_mode=mode), "Count to 1000")

    assert run_statuses(emulator) == ["expired"]


def test_a_run_that_somebody_else_cancels_is_an_error() -> None:
    with FoundryEmulator(chunk_delay=0.01) as emulator:
        chunks = model_on(emulator).stream("Count to 1000")
        metadata = next(chunks).response_metadata
        path = f"/threads/{metadata['thread_id']}/runs/{metadata['run_id']}/cancel?api-version=v1"
        token = {"authorization": f"Bearer {emulator.credential}"}
        httpx.post(emulator.project_endpoint + path, headers=token).raise_for_status()
        with pytest.raises(RunCancelledError, match="not by this call") as caught:
            list(chunks)

    assert caught.value.run_id == metadata["run_id"]
    assert routes(emulator).count(f"POST {path.partition('?')[0]}") == 1


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", WAYS)
async def test_an_answer_that_max_tokens_cut_is_given_with_its_reason(way: str, mode: str) -> None:
    with FoundryEmulator() as emulator:
        model = model_on(emulator, run_mode=mode, max_tokens=256)
        answer = await ask(way, model, "Count to 1000")

    assert answer.text.startswith("1, 2, 3, ")
    assert answer.response_metadata["status"] == "incomplete"
    assert answer.response_metadata["finish_reason"] == "length"
    assert answer.response_metadata["incomplete_details"] == {"reason": "max_completion_tokens"}
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["output_tokens"] == 256


@pytest.mark.parametrize("way", WAYS)
async def test_a_prompt_over_its_limit_is_an_error(way: str) -> None:
    with (
        FoundryEmulator() as emulator,
        pytest.raises(RunIncompleteError, match="Raise max_tokens or max_prompt_tokens"),
    ):
        await ask(way, model_on(emulator, max_prompt_tokens=256), "word " * 300)

    assert run_statuses(emulator) == ["incomplete"]


SLOW = [{"chunk_delay": 0.05}, {"queue_delay": 30.0}]


@pytest.mark.timeout(10)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("pace", SLOW)
@pytest.mark.parametrize("way", WAYS)
async def test_a_turn_that_takes_too_long_for_the_caller_is_cancelled(
    way: str, pace: dict[str, float], mode: str
) -> None:
    with FoundryEmulator(**pace) as emulator:  # type: ignore[arg-type]
        model = model_on(emulator, run_mode=mode, run_timeout=0.5)
        with pytest.raises(RunTimeoutError, match="Raise run_timeout") as caught:
            await ask(way, model, "Count to 1000")
        last = routes(emulator)[-1]

    ids = caught.value.thread_id, caught.value.run_id
    assert last == f"POST /threads/{ids[0]}/runs/{ids[1]}/cancel"
    assert run_statuses(emulator) == ["cancelled"]


@pytest.mark.timeout(10)
@pytest.mark.parametrize("way", WAYS)
async def test_a_run_whose_stream_falls_silent_is_waited_for_and_read(way: str) -> None:
    with FoundryEmulator(queue_delay=0.5) as emulator:
        answer = await ask(way, model_on(emulator, timeout=0.2), "Hello")
        asked = routes(emulator)

    ids = answer.response_metadata
    thread = f"/threads/{ids['thread_id']}"
    assert answer.content == 'You said: "Hello".'
    assert asked[0] == "POST /threads/runs"
    assert set(asked[1:-1]) == {f"GET {thread}/runs/{ids['run_id']}"}
    assert asked[-1] == f"GET {thread}/messages"
    assert run_statuses(emulator) == ["completed"]


@pytest.mark.timeout(10)
@pytest.mark.parametrize("way", WAYS)
async def test_a_run_whose_stream_falls_silent_is_cancelled_when_the_turn_takes_too_long(
    way: str,
) -> None:
    with FoundryEmulator(queue_delay=30.0) as emulator:
        with pytest.raises(RunTimeoutError) as caught:
            await ask(way, model_on(emulator, timeout=0.2, run_timeout=0.6), "Hello")
        asked = routes(emulator)

    path = f"/threads/{caught.value.thread_id}/runs/{caught.value.run_id}"
    assert f"GET {path}" in asked
    assert asked[-1] == f"POST {path}/cancel"
    assert run_statuses(emulator) == ["cancelled"]


@pytest.mark.parametrize("way", WAYS)
async def test_a_thread_whose_run_was_refused_is_not_left_behind(way: str) -> None:
    with FoundryEmulator() as emulator:
        model = model_on(emulator)
        emulator.service.state.agents.clear()
        with pytest.raises(NotFoundError, match="No assistant found"):
            await ask(way, model, [("system", "Be brief."), ("user", "Hello")])

    assert [request.method for request in emulator.requests] == ["POST", "POST", "DELETE"]
    assert not emulator.service.state.threads


def test_after_a_failed_turn_the_history_goes_on_as_if_it_had_not_been() -> None:
    error = ModelRateLimitError("Rate limit is exceeded. Try again in 61 seconds.")
    with FoundryEmulator(FailingBrain(error=error, times=1)) as emulator:
        model = model_on(emulator)
        with pytest.raises(RateLimitError):
            model.invoke([HumanMessage("Hello")])
        answer = model.invoke([HumanMessage("Hello")])

    assert answer.content == "At last."
