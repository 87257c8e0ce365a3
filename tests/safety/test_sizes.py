"""No answer fills the memory, however it is sent; files may be as large as they like."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Any

import httpx
import pytest
from canned import (
    HIDDEN_THREADS,
    JSON_TYPE,
    STREAM_TYPE,
    CannedService,
    Reply,
    plain_turn,
    run,
    sse,
    stream_reply,
)
from sockets.ways import WAYS, ask

from langchain_foundry_agents import ChatFoundryAgent, ProtocolError, ServiceConnectionError

from .agents import AGENTS, TWINS, download, model_of

MIB = 2**20
TOO_MUCH = bytes(65 * MIB)
GZIP, DEFLATE = {"content-encoding": "gzip"}, {"content-encoding": "deflate"}
TOO_LARGE: dict[str, tuple[Reply, str]] = {
    "by its own word": (Reply(body=TOO_MUCH), "68,157,440 bytes or more"),
    "in chunks": (Reply(pieces=(bytes(MIB),) * 65), "bytes or more, and at most 67,108,864"),
    "a refusal": (Reply(500, body=TOO_MUCH), "68,157,440 bytes or more"),
    "a bomb": (
        Reply(headers={**JSON_TYPE, **GZIP}, body=gzip.compress(TOO_MUCH)),
        "bytes or more, and at most 67,108,864 are read",
    ),
    "a bomb of the other kind": (
        Reply(headers={**JSON_TYPE, **DEFLATE}, body=zlib.compress(TOO_MUCH)),
        "bytes or more, and at most 67,108,864 are read",
    ),
}


def is_closed(service: CannedService) -> bool:
    """Whether the client has closed the connection of its first request."""
    connection = service._threads[1]
    connection.join(5.0)
    return not connection.is_alive()


@pytest.mark.parametrize("mode", ["stream", "poll"])
@pytest.mark.parametrize("generation", AGENTS)
@pytest.mark.parametrize("way", ["invoke", "astream"])
@pytest.mark.parametrize(("reply", "says"), TOO_LARGE.values(), ids=TOO_LARGE)
async def test_an_answer_that_is_too_large_is_not_read_to_its_end(
    reply: Reply, says: str, way: str, generation: str, mode: str
) -> None:
    with CannedService(reply, found=HIDDEN_THREADS) as service:
        with pytest.raises(ProtocolError, match="answer is too large") as caught:
            await ask(way, model_of(service, generation, run_mode=mode), "Hello")
        assert is_closed(service)

    assert says in str(caught.value)
    assert caught.value.status_code == reply.status
    assert caught.value.client_request_id


HUGE = sse(("thread.run.created", run("in_progress"))) + b"data: " + b"x" * (17 * MIB)
EVENTS = {
    "plain": stream_reply(HUGE),
    "of many lines": stream_reply(HUGE[:1000] + (b"\ndata: " + b"x" * 1000) * (17 * 1024)),
    "a bomb": Reply(headers={**STREAM_TYPE, **GZIP}, body=gzip.compress(HUGE)),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("reply", EVENTS.values(), ids=EVENTS)
async def test_an_event_that_is_too_large_ends_the_turn_and_cancels_its_run(
    reply: Reply, way: str
) -> None:
    with CannedService(reply, Reply()) as service:
        with pytest.raises(ProtocolError, match="event of the stream is too large") as caught:
            await ask(way, model_of(service), "Hello")

        assert service.routes == [
            "POST /threads/runs",
            "POST /threads/thread_1/runs/run_1/cancel",
        ]
    assert "at most 16,777,216 are read" in str(caught.value)
    assert caught.value.run_id == "run_1"


def test_a_large_event_below_the_limit_is_read() -> None:
    text = "x" * (15 * MIB)
    with CannedService(stream_reply(plain_turn(text))) as service:
        assert model_of(service).invoke("Hello").content == text


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("headers", "pack"),
    [
        (GZIP, gzip.compress),
        ({"content-encoding": "X-GZIP"}, gzip.compress),
        (DEFLATE, zlib.compress),
        (DEFLATE, lambda body: zlib.compress(body, wbits=-15)),
        ({"content-encoding": "identity"}, bytes),
        ({"content-encoding": "utf-8"}, bytes),
    ],
    ids=["gzip", "x-gzip", "deflate", "raw deflate", "identity", "no encoding at all"],
)
async def test_a_packed_stream_is_read(headers: dict[str, str], pack: Any, way: str) -> None:
    packed = pack(plain_turn("Good ", "morning"))
    # Byte by byte: an unpacker keeps what it cannot use yet.
    pieces = tuple(packed[at : at + 1] for at in range(len(packed)))
    reply = Reply(headers={**STREAM_TYPE, **headers}, pieces=pieces)
    with CannedService(reply) as service:
        answer = await ask(way, model_of(service), "Hello")

    assert answer.content == "Good morning"
    assert service.requests[0].headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
async def test_an_answer_packed_as_was_not_asked_for_is_refused(way: str, encoding: str) -> None:
    reply = Reply(headers={**JSON_TYPE, "content-encoding": encoding}, body=b"{}")
    with CannedService(reply, found=HIDDEN_THREADS) as service:
        with pytest.raises(ProtocolError, match=f"packed as {encoding}; only gzip, deflate"):
            await ask(way, model_of(service, run_mode="poll"), "Hello")
        assert is_closed(service)


@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
async def test_an_answer_that_cannot_be_unpacked_may_have_been_accepted(way: str) -> None:
    reply = Reply(headers={**JSON_TYPE, **GZIP}, body=b"no gzip")
    with (
        CannedService(reply, found=HIDDEN_THREADS) as service,
        pytest.raises(ServiceConnectionError, match="decompressed") as caught,
    ):
        await ask(way, model_of(service, run_mode="poll"), "Hello")

    assert caught.value.maybe_accepted


@pytest.mark.parametrize(
    "reply", [Reply(body=TOO_MUCH), Reply(headers=GZIP, body=gzip.compress(TOO_MUCH))]
)
@pytest.mark.parametrize("asynchronous", TWINS)
async def test_a_file_may_be_larger_and_comes_piece_by_piece(
    reply: Reply, tmp_path: Path, *, asynchronous: bool
) -> None:
    with CannedService(reply) as service:
        path = await download(
            model_of(service), "file_1", tmp_path / "big", asynchronous=asynchronous
        )

    assert path.stat().st_size == len(TOO_MUCH)


@pytest.mark.parametrize("asynchronous", TWINS)
async def test_no_piece_of_a_file_fills_the_memory(*, asynchronous: bool) -> None:
    sizes: list[int] = []

    def write(piece: bytes) -> None:
        sizes.append(len(piece))

    with CannedService(Reply(headers=GZIP, body=gzip.compress(TOO_MUCH))) as service:
        transport = model_of(service)._transport()
        wanted = ("/files/file_1/content", (), write, 5.0)
        await transport.afetch(*wanted) if asynchronous else transport.fetch(*wanted)

    assert max(sizes) == MIB
    assert sum(sizes) == len(TOO_MUCH)


@pytest.mark.parametrize("asynchronous", TWINS)
async def test_the_refusal_of_a_file_is_no_file(*, asynchronous: bool) -> None:
    with CannedService(Reply(404, body=TOO_MUCH)) as service:
        with pytest.raises(ProtocolError, match="answer is too large"):
            await download(model_of(service), "file_1", asynchronous=asynchronous)
        assert is_closed(service)


def read_by_a_hook(answer: httpx.Response) -> None:
    answer.read()


async def aread_by_a_hook(answer: httpx.Response) -> None:
    await answer.aread()


@pytest.mark.parametrize("way", WAYS)
async def test_a_hook_of_the_users_client_may_read_the_answer_first(way: str) -> None:
    packed = gzip.compress(plain_turn("Good ", "morning"))
    reply = Reply(headers={**STREAM_TYPE, **GZIP}, body=packed)
    hooks: dict[str, Any] = {"response": [read_by_a_hook]}
    ahooks: dict[str, Any] = {"response": [aread_by_a_hook]}
    with CannedService(reply) as service, httpx.Client(event_hooks=hooks) as client:
        async with httpx.AsyncClient(event_hooks=ahooks) as async_client:
            model = model_of(service, http_client=client, http_async_client=async_client)
            answer = await ask(way, model, "Hello")

    assert answer.content == "Good morning"


def test_a_client_without_a_network_will_do() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=STREAM_TYPE, content=plain_turn("Fine."))

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        model = ChatFoundryAgent(
            agent_id="asst_1", project_endpoint="http://127.0.0.1:9/x", http_client=client
        )
        assert model.invoke("Hello").content == "Fine."
