"""A recorded stream that is cut anywhere, over a real socket: its whole answer comes all the same.

What the stream did not bring the service is asked for, and answers from what was recorded.
"""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest
from canned import CannedService, cut_stream, json_reply, stream_reply
from conftest import RECORDINGS
from langchain_core.messages import BaseMessage, message_chunk_to_message

from langchain_foundry_agents import ChatFoundryAgent, ServiceConnectionError

from .ways import WAYS, ask

RAW = (RECORDINGS / "test_code_interpreter_tool_streaming.1-run-stream.sse").read_bytes()
ENDS = [event.end() for event in re.finditer(rb"\n\n", RAW)]
"""Where events end. The first one names the run."""
ANYWHERE = sorted(random.Random(9).sample(range(ENDS[0], len(RAW)), 50))
STREAMED = ("stream", "astream")
"""The twins that hand out what they have before the cut."""


def recorded(event: str) -> list[Any]:
    """The data of all events of a name, read without the code under test."""
    head = f"event: {event}\ndata: "
    frames = RAW.decode().split("\n\n")
    return [json.loads(frame.removeprefix(head)) for frame in frames if frame.startswith(head)]


(RUN,) = recorded("thread.run.completed")
THREAD_PATH = f"/threads/{RUN['thread_id']}"
RUN_PATH = f"{THREAD_PATH}/runs/{RUN['id']}"
FOUND = {
    f"GET {RUN_PATH}": json_reply(RUN),
    f"GET {RUN_PATH}/steps": json_reply({"data": recorded("thread.run.step.completed")}),
    f"GET {THREAD_PATH}/messages": json_reply({"data": recorded("thread.message.completed")}),
}


def model_of(service: CannedService) -> ChatFoundryAgent:
    return ChatFoundryAgent(agent_id="asst_1", project_endpoint=service.url)


async def asked(way: str, service: CannedService) -> BaseMessage:
    """The whole message, however it was asked for."""
    return message_chunk_to_message(await ask(way, model_of(service), "Go on"))


@pytest.fixture(scope="module")
def whole() -> BaseMessage:
    """The answer of the stream that nothing cuts."""
    with CannedService(stream_reply(RAW)) as service:
        return model_of(service).invoke("Go on")


@pytest.mark.parametrize("way", WAYS)
async def test_a_stream_that_is_cut_in_its_midst_gives_its_whole_answer(
    whole: BaseMessage, way: str
) -> None:
    with CannedService(cut_stream(RAW, len(RAW) // 2), found=FOUND) as service:
        answer = await asked(way, service)

    assert answer == whole
    assert service.routes == [
        "POST /threads/runs",
        f"GET {RUN_PATH}",
        f"GET {THREAD_PATH}/messages",
        f"GET {RUN_PATH}/steps",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("after", [*ENDS, *ANYWHERE])
@pytest.mark.parametrize("way", STREAMED)
async def test_a_stream_that_is_cut_anywhere_gives_its_whole_answer(
    whole: BaseMessage, way: str, after: int
) -> None:
    with CannedService(cut_stream(RAW, after), found=FOUND) as service:
        answer = await asked(way, service)

    assert answer == whole
    assert [route for route in service.routes if route not in FOUND] == ["POST /threads/runs"]


@pytest.mark.slow
@pytest.mark.parametrize("after", [0, ENDS[0] - 1])
@pytest.mark.parametrize("way", WAYS)
async def test_a_stream_that_is_cut_before_it_names_its_run_is_an_error_if_no_thread_has_its_key(
    way: str, after: int
) -> None:
    others = {"GET /threads": json_reply({"data": [{"id": "thread_1", "metadata": {}}]})}
    with CannedService(cut_stream(RAW, after), found=others) as service:
        with pytest.raises(ServiceConnectionError) as caught:
            await asked(way, service)
        assert service.routes == ["POST /threads/runs", *["GET /threads"] * 3]

    assert caught.value.maybe_accepted
