"""What goes wrong in both generations: typed errors with ids, retries, and places left in order."""

from __future__ import annotations

import asyncio
import copy
import pickle
from contextlib import aclosing
from typing import Any

import pytest
from langchain_core.exceptions import ModelRateLimitError
from langchain_core.messages import HumanMessage
from sockets.brains import FailingBrain
from sockets.ways import WAYS, added, ask, listed

from langchain_foundry_agents import (
    ActiveRunError,
    ContentFilterError,
    FoundryAgentError,
    InvalidFieldError,
    RateLimitError,
    RunFailedError,
    RunTimeoutError,
)
from langchain_foundry_agents.emulator import Fail, Reply

from .conftest import TWO_WAYS, Scene, Script
from .seen import at_rest, at_work, place_of, places, run_statuses, texts

MODES = ("stream", "poll")
LONG = "Count to 1000"
SLOW = {"chunk_delay": 0.01}
LATER = ModelRateLimitError("Rate limit is exceeded. Try again in 61 seconds.")
AT_ONCE = ModelRateLimitError("Rate limit is exceeded. Try again in 0 seconds.")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", WAYS)
async def test_a_run_that_failed_is_an_error_with_its_ids(
    script: Script, way: str, mode: str
) -> None:
    scene = script(Fail("server_error", "Sorry."), run_mode=mode, max_retries=0)

    with pytest.raises(RunFailedError, match=r"The run failed: Sorry\.") as caught:
        await ask(way, scene.model, "Hello")

    assert caught.value.code == "server_error"
    assert str(caught.value.run_id).startswith(("run_", "resp_"))
    assert [caught.value.thread_id] == places(scene.emulator)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_run_that_failed_for_a_rate_limit_is_a_rate_limit_error(
    script: Script, way: str, mode: str
) -> None:
    scene = script(brain=FailingBrain(error=LATER), run_mode=mode)

    with pytest.raises(RateLimitError, match="Try again in 61 seconds") as caught:
        await ask(way, scene.model, "Hello")

    assert (caught.value.retry_after, caught.value.code) == (61.0, "rate_limit_exceeded")
    assert [caught.value.thread_id] == places(scene.emulator)
    assert run_statuses(scene.emulator) == ["failed"]


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_rate_limit_inside_a_run_is_waited_for_and_the_question_stands_once(
    script: Script, way: str
) -> None:
    scene = script(brain=FailingBrain(error=AT_ONCE, times=2))

    answer = await ask(way, scene.model, "Hello")

    assert answer.content == "At last."
    assert answer.response_metadata["attempts"] == 3
    assert texts(scene.emulator, place_of(answer)) == [("user", "Hello"), ("assistant", "At last.")]


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_rate_limit_inside_a_run_that_stays_is_raised_after_max_retries(
    script: Script, way: str
) -> None:
    scene = script(brain=FailingBrain(error=AT_ONCE), max_retries=1)

    with pytest.raises(RateLimitError):
        await ask(way, scene.model, "Hello")

    assert run_statuses(scene.emulator) == ["failed", "failed"]


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_run_that_failed_after_some_words_is_not_run_again(
    script: Script, way: str
) -> None:
    scene = script(brain=FailingBrain(error=ValueError("secret"), words="Well"))

    with pytest.raises(RunFailedError, match="Sorry, something went wrong"):
        await ask(way, scene.model, "Hello")

    assert run_statuses(scene.emulator) == ["failed"]


def test_what_was_streamed_before_a_failure_was_handed_out(script: Script) -> None:
    scene = script(brain=FailingBrain(error=ValueError("secret"), words="Well"))

    chunks = scene.model.stream("Hello")
    assert next(chunks).text == "Well"
    with pytest.raises(RunFailedError):
        next(chunks)


def test_after_a_failed_turn_the_history_goes_on_as_if_it_had_not_been(script: Script) -> None:
    scene = script(Reply("Hi."), Fail("server_error", "Sorry."), Reply("At last."), max_retries=0)
    first = scene.model.invoke("Hello")
    history = [HumanMessage("Hello"), first, HumanMessage("And?")]

    with pytest.raises(RunFailedError):
        scene.model.invoke(history)
    answer = scene.model.invoke(history)

    assert answer.content == "At last."
    told = texts(scene.emulator, place_of(answer))
    assert [text for role, text in told if role == "user"] == ["Hello", "And?"]


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_run_that_failed_for_its_content_is_a_content_filter_error(
    script: Script, way: str
) -> None:
    scene = script(Fail("content_filter", "The prompt was filtered."), max_retries=0)

    with pytest.raises(ContentFilterError, match=r"The prompt was filtered\."):
        await ask(way, scene.model, "Hello")


def test_errors_survive_pickle_and_copy(script: Script) -> None:
    with pytest.raises(FoundryAgentError) as caught:
        script(Fail(), max_retries=0).model.invoke("Hello")

    for twin in (pickle.loads(pickle.dumps(caught.value)), copy.copy(caught.value)):
        assert type(twin) is type(caught.value)
        assert str(twin) == str(caught.value)
        assert twin.run_id == caught.value.run_id


def test_a_batch_gives_errors_back_beside_answers(script: Script) -> None:
    scene = script(Fail(), Reply("Hi."), max_retries=0)

    failed, answer = scene.model.batch(
        ["One", "Two"], config={"max_concurrency": 1}, return_exceptions=True
    )

    assert isinstance(failed, RunFailedError)
    assert answer.content == "Hi."


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_misspelt_keyword_is_refused_before_any_request(script: Script, way: str) -> None:
    scene = script(Reply("Never."))

    with pytest.raises(InvalidFieldError, match="Did you mean 'thread_id'"):
        await ask(way, scene.model, "Hello", thread_ids="x")
    assert scene.emulator.requests == []


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    ("mode", "pace"),
    [
        ("stream", {"chunk_delay": 0.05}),
        ("poll", {"chunk_delay": 0.05}),
        ("stream", {"queue_delay": 0.6}),
    ],
)
@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_turn_that_takes_too_long_for_the_caller_is_an_error_and_leaves_nothing_active(
    script: Script, way: str, mode: str, pace: dict[str, float]
) -> None:
    scene = script(service=pace, run_mode=mode, run_timeout=0.3)

    with pytest.raises(RunTimeoutError, match="Raise run_timeout") as caught:
        await ask(way, scene.model, LONG)

    await at_rest(scene.emulator)
    assert [caught.value.thread_id] == places(scene.emulator)
    assert run_statuses(scene.emulator) == ["cancelled"]


async def break_out(scene: Scene) -> None:
    for _ in scene.model.stream(LONG):
        break


async def break_out_async(scene: Scene) -> None:
    async with aclosing(scene.model.astream(LONG)) as chunks:  # type: ignore[type-var]
        await anext(chunks)


class FullError(Exception):
    """The consumer wants no more."""


def take_one(chunk: object) -> None:
    raise FullError


async def raise_while_listening(scene: Scene) -> None:
    with pytest.raises(FullError):
        list(map(take_one, scene.model.stream(LONG)))


async def cancel_the_listening_task(scene: Scene) -> None:
    begun = asyncio.Event()

    async def listen() -> None:
        async for _ in scene.model.astream(LONG):
            begun.set()

    task = asyncio.create_task(listen())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def cancel_the_waiting_task(scene: Scene, run_mode: str = "stream") -> None:
    task = asyncio.create_task(scene.model.ainvoke(LONG, run_mode=run_mode))
    await at_work(scene.emulator)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def cancel_the_polling_task(scene: Scene) -> None:
    await cancel_the_waiting_task(scene, run_mode="poll")


LEAVE = (
    break_out,
    break_out_async,
    raise_while_listening,
    cancel_the_listening_task,
    cancel_the_waiting_task,
    cancel_the_polling_task,
)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("leave", LEAVE, ids=lambda leave: leave.__name__)
async def test_who_leaves_leaves_nothing_active_and_a_place_that_can_be_used_at_once(
    script: Script, leave: Any
) -> None:
    scene = script(service=SLOW)

    await leave(scene)
    (place,) = places(scene.emulator)
    answer = await scene.model.ainvoke("What is 1 + 1?", thread_id=place)

    assert answer.text.startswith("1 + 1 = 2.")
    assert run_statuses(scene.emulator) == ["cancelled", "completed"]


def busy_place(scene: Scene) -> tuple[str, Any]:
    """A place whose run goes on as long as the stream is listened to."""
    chunks = scene.model.stream("Count to 20")
    return place_of(next(chunks)), chunks


def test_a_busy_place_is_an_error_where_the_caller_does_not_want_to_wait(script: Script) -> None:
    scene = script(service=SLOW, on_active_run="raise")
    place, chunks = busy_place(scene)

    with pytest.raises(ActiveRunError, match="Wait for that run") as caught:
        scene.model.invoke("What is 1 + 1?", thread_id=place)

    assert caught.value.thread_id == place
    assert added(chunks).text.endswith("19, 20.")


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_busy_place_is_waited_for(script: Script, way: str) -> None:
    scene = script(service=SLOW)
    first = await scene.model.ainvoke("Hello")
    chunks = scene.model.astream("Count to 20", thread_id=place_of(first))
    await anext(chunks)

    rest = asyncio.create_task(listed(chunks))
    other = asyncio.create_task(
        asyncio.to_thread(scene.model.invoke, "What is 1 + 1?", thread_id=place_of(first))
        if way == "invoke"
        else ask(way, scene.model, "What is 1 + 1?", thread_id=place_of(first))
    )

    assert added(await rest).text.endswith('last was: "Hello".')
    assert (await other).text.startswith("1 + 1 = 2.")
    assert run_statuses(scene.emulator) == ["completed"] * 3
