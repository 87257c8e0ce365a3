"""Streams of new agents that begin well and tell a failure: in both orders, over a socket."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from canned import CannedService, Reply, sse, stream_reply
from folding import response
from langchain_core.messages import HumanMessage

from langchain_foundry_agents import ContentFilterError, RateLimitError

from .new_agents import bodies, created, model_of, says
from .ways import WAYS, ask

LIMIT = {"type": "too_many_requests", "code": "rate_limit_exceeded", "message": "The limit."}
BEGUN = ("response.created", {"response": response(status="in_progress")})


def limited(**headers: str) -> Reply:
    """As Foundry was seen to tell a rate limit (earendil-works/pi#7983)."""
    failed = ("response.failed", {"response": response(status="failed", error=None)})
    reply = stream_reply(sse(BEGUN, failed, ("error", {"type": "error", "error": LIMIT})))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return replace(reply, headers={**reply.headers, **named})


@pytest.mark.parametrize("way", WAYS)
async def test_a_rate_limit_that_a_stream_tells_is_waited_for(way: str) -> None:
    first = limited(retry_after_ms="10")
    with CannedService(created("conv_1"), first, says("A", "resp_2", "conv_1")) as service:
        answer = await ask(way, model_of(service, max_retries=1), "Hello")
        asked = [body["conversation"] for body in bodies(service)]

    assert (answer.text, answer.response_metadata["attempts"]) == ("A", 2)
    assert asked == ["conv_1", "conv_1"]


@pytest.mark.parametrize("way", WAYS)
async def test_its_hint_stands_in_the_headers_of_the_stream(way: str) -> None:
    with (
        CannedService(created("conv_1"), limited(retry_after="300")) as service,
        pytest.raises(RateLimitError, match="The limit") as caught,
    ):
        await ask(way, model_of(service), "Hello")

    assert caught.value.retry_after == 300.0
    assert caught.value.thread_id == "conv_1"


@pytest.mark.parametrize("way", WAYS)
async def test_after_a_stream_that_failed_the_history_goes_on_in_its_conversation(way: str) -> None:
    filtered: dict[str, Any] = {"type": "error", "code": "content_filter", "message": "No."}
    stopped = stream_reply(sse(BEGUN, ("error", filtered)))
    # The record of conversations is the process's: each case has one of its own.
    place = f"conv_{way}"
    good = says("A", "resp_1", place), says("B", "resp_3", place)
    with CannedService(created(place), good[0], stopped, good[1]) as service:
        model = model_of(service)
        history: list[Any] = [HumanMessage("One?")]
        history = [*history, await ask(way, model, history), HumanMessage("Two?")]
        with pytest.raises(ContentFilterError):
            await ask(way, model, history)
        answer = await ask(way, model, history)
        asked = [body["conversation"] for body in bodies(service)]

    assert answer.text == "B"
    assert asked == [place] * 3
