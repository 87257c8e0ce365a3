"""Sync and async twins: equal signatures, and an equal outcome in every scenario."""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from azure.core.credentials import AccessToken, AzureKeyCredential
from canned import (
    DONE,
    HIDDEN_THREADS,
    CannedService,
    Reply,
    cut_stream,
    json_reply,
    message,
    plain_turn,
    run,
    sse,
    stream_reply,
    text_delta,
)
from langchain_core.messages import BaseMessage, HumanMessage
from pydantic import SecretStr

from langchain_foundry_agents import AuthenticationError, ChatFoundryAgent, FoundryAgentError
from langchain_foundry_agents._credentials import TokenSource, token_source
from langchain_foundry_agents._drive import adrive, drive
from langchain_foundry_agents._transport import AsyncStream, Stream, Transport

from .refusals import REFUSALS

TWINS = [
    (ChatFoundryAgent._generate, ChatFoundryAgent._agenerate),
    (ChatFoundryAgent._stream, ChatFoundryAgent._astream),
    (drive, adrive),
    (Transport.send, Transport.asend),
    (Transport.open, Transport.aopen),
    (Stream.__init__, AsyncStream.__init__),
    (Stream.read, AsyncStream.read),
    (Stream.close, AsyncStream.close),
    (TokenSource.headers, TokenSource.aheaders),
]


@pytest.mark.parametrize(("sync", "twin"), TWINS, ids=lambda one: one.__qualname__)
def test_twins_take_the_same_arguments(sync: Any, twin: Any) -> None:
    def arguments(function: Any) -> list[tuple[str, Any, Any, str]]:
        parameters = inspect.signature(function).parameters.values()
        return [(p.name, p.kind, p.default, str(p.annotation)) for p in parameters]

    as_sync = [(*rest, kind.replace("Async", "")) for *rest, kind in arguments(twin)]
    assert [(*rest, kind) for *rest, kind in arguments(sync)] == as_sync


@pytest.mark.parametrize(("sync", "twin"), TWINS, ids=lambda one: one.__qualname__)
def test_twins_promise_the_same_result(sync: Any, twin: Any) -> None:
    def result(function: Any) -> str:
        said = str(inspect.signature(function).return_annotation)
        said = said.replace("Chunks[Chunk]", "Generator[Chunk, None, None]")
        return said.replace("Async", "")

    assert result(sync) == result(twin)


HELLO: list[BaseMessage] = [HumanMessage("Hello")]

LIMITED = json_reply({"error": {"code": "429", "message": "Slow."}}, 429, retry_after="0")
EXPIRED = json_reply({"statusCode": 401, "message": "Unauthorized."}, 401)
GOOD = stream_reply(plain_turn("Good ", "morning"))
FAILED = run("failed", last_error={"code": "server_error", "message": "Sorry."})
CREATED = ("thread.run.created", run("queued"))
STARTED = sse(CREATED, text_delta("Good "))
EARLY, BREAK = stream_reply(STARTED), cut_stream(STARTED, len(STARTED))
LOOKED_UP = (
    json_reply(run("in_progress")),
    json_reply(run("completed")),
    json_reply({"data": [message("Good morning")]}),
)
ERROR = ("error", {"code": "x", "message": "Oh."})
ASKING = run("requires_action", required_action={"type": "submit_tool_outputs"})
SCENARIOS: dict[str, tuple[tuple[Reply, ...], dict[str, Any]]] = {
    "an answer": ((GOOD,), {}),
    "an answer, cut": ((GOOD, json_reply(run("cancelling"))), {"stop": ["mor"]}),
    "an answer on the second try": ((LIMITED, GOOD), {"max_retries": 1}),
    "an answer with a new token": ((EXPIRED, GOOD), {}),
    "a polled answer": (
        (json_reply(run("queued")), json_reply(run("completed")), json_reply({"data": []})),
        {"run_mode": "poll"},
    ),
    "a polled failure": ((json_reply(FAILED),), {"run_mode": "poll", "max_retries": 0}),
    "no JSON": ((Reply(body=b"<html>"),), {"run_mode": "poll"}),
    "an unknown thread": ((Reply(404),), {"thread_id": "thread_1"}),
    "an HTML page": ((Reply(headers={"content-type": "text/html"}, body=b"<html>"),), {}),
    "nothing": ((Reply(hangs_up=True),), {}),
    "an empty stream": ((stream_reply(DONE),), {}),
    "an early end": ((EARLY, *LOOKED_UP), {}),
    "an early end, and the run is gone": ((EARLY, Reply(404), Reply()), {}),
    "a break": ((BREAK, *LOOKED_UP), {}),
    "a break, and the run is gone": ((BREAK, Reply(404), Reply()), {}),
    "a break, and the run failed": ((BREAK, json_reply(FAILED)), {"max_retries": 0}),
    "a break before the run is known": ((cut_stream(STARTED, 9),), {}),
    "an error event": ((stream_reply(sse(CREATED, ERROR)), Reply()), {}),
    "a question for tools": ((stream_reply(plain_turn(ended=ASKING)), Reply()), {}),
    "a failed run": ((stream_reply(plain_turn(ended=FAILED)),), {"max_retries": 0}),
    "a failed run after some text": ((stream_reply(plain_turn("Well", ended=FAILED)),), {}),
    "a misspelt keyword": ((), {"temprature": 1}),
    **{case.name: ((case.reply,), {"max_retries": 0}) for case in REFUSALS},
}


KEY = re.compile(rb'(?<="langchain_foundry_agents_turn":)"[0-9a-f]{32}"')
"""The key of a turn, which is new each time."""


def told(error: FoundryAgentError) -> tuple[Any, ...]:
    """What an error says, but for the id of our request, which is new each time."""
    ids = error.thread_id, error.run_id, error.request_id
    return type(error), error.args, error.advice, error.status_code, error.code, ids


class Outcome:
    """What came of a turn: chunks or messages, an error at the end, and what was asked."""

    def __init__(self, replies: tuple[Reply, ...]) -> None:
        self.service = CannedService(*replies, found=HIDDEN_THREADS)
        self.model = ChatFoundryAgent(agent_id="asst_1", project_endpoint=self.service.url)
        self.given: list[Any] = []
        self.error: tuple[Any, ...] | None = None

    def of(self, ask: Callable[[], Iterator[Any]]) -> Outcome:
        with self.service:
            try:
                self.given.extend(ask())
            except FoundryAgentError as error:
                self.error = told(error)
        return self

    async def aof(self, ask: Callable[[], AsyncIterator[Any]]) -> Outcome:
        with self.service:
            try:
                async for given in ask():
                    self.given.append(given)
            except FoundryAgentError as error:
                self.error = told(error)
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outcome) and self._seen() == other._seen()

    __hash__ = None  # type: ignore[assignment]

    def _seen(self) -> tuple[Any, ...]:
        asked = [(request.route, KEY.sub(b"", request.body)) for request in self.service.requests]
        return self.given, self.error, asked


def whole(model: ChatFoundryAgent, options: dict[str, Any]) -> Iterator[Any]:
    yield model._generate(HELLO, **options)


async def awhole(model: ChatFoundryAgent, options: dict[str, Any]) -> AsyncIterator[Any]:
    yield await model._agenerate(HELLO, **options)


@pytest.mark.parametrize("name", SCENARIOS)
async def test_the_whole_answer_s_twins_do_the_same(name: str) -> None:
    replies, options = SCENARIOS[name]
    one, two = Outcome(replies), Outcome(replies)

    one.of(lambda: whole(one.model, options))
    await two.aof(lambda: awhole(two.model, options))

    assert one == two
    assert one.given or one.error


@pytest.mark.parametrize("name", SCENARIOS)
async def test_the_stream_s_twins_do_the_same(name: str) -> None:
    replies, options = SCENARIOS[name]
    one, two = Outcome(replies), Outcome(replies)

    one.of(lambda: one.model._stream(HELLO, **options))
    await two.aof(lambda: two.model._astream(HELLO, **options))

    assert one == two


@pytest.mark.parametrize("name", SCENARIOS)
async def test_the_drivers_do_the_same(name: str) -> None:
    replies, options = SCENARIOS[name]
    one, two = Outcome(replies), Outcome(replies)

    one.of(lambda: drive(*one.model._turn(HELLO, None, options)))
    await two.aof(lambda: adrive(*two.model._turn(HELLO, None, options)))

    assert one == two


@pytest.mark.parametrize("reply", [Reply(), Reply(404, body=b"{}"), Reply(502), GOOD])
async def test_the_transport_s_twins_do_the_same(reply: Reply) -> None:
    with CannedService(reply, reply, reply, reply) as service:
        transport = Transport(service.url, token_source(None, "", loopback=True))
        sent = transport.send("GET", "/threads", None, (("limit", "1"),), None, 5.0, 0.0)
        asent = await transport.asend("GET", "/threads", None, (("limit", "1"),), None, 5.0, 0.0)
        opened, stream = transport.open("POST", "/threads/runs", {"a": 1}, (), 5.0)
        aopened, astream = await transport.aopen("POST", "/threads/runs", {"a": 1}, (), 5.0)
        assert stream.read() == await astream.read()
        stream.close()
        await astream.close()

    for response, twin in ((sent, asent), (opened, aopened)):
        assert response.client_request_id != twin.client_request_id
        assert (response.status_code, response.text) == (twin.status_code, twin.text)
        assert response.headers == twin.headers
    first, second, third, fourth = service.requests
    assert (first.route, first.path, first.body) == (second.route, second.path, second.body)
    assert (third.route, third.path, third.body) == (fourth.route, fourth.path, fourth.body)
    assert set(first.headers) == set(second.headers)


class FixedCredential:
    """Gives one token for ever."""

    def get_token(self, *scopes: str) -> AccessToken:
        return AccessToken("from-" + scopes[0], 2**40)


class AsyncFixedCredential:
    """As `FixedCredential`."""

    async def get_token(self, *scopes: str) -> AccessToken:
        return AccessToken("from-" + scopes[0], 2**40)


def broken() -> str:
    raise OSError("no profile")


async def async_token() -> str:
    return "from-async"


CREDENTIALS: list[tuple[Any, Any]] = [
    (FixedCredential(), {"Authorization": "Bearer from-scope"}),
    (AsyncFixedCredential(), {"Authorization": "Bearer from-scope"}),
    (AzureKeyCredential("key-1"), {"api-key": "key-1"}),
    (SecretStr("fixed"), {"Authorization": "Bearer fixed"}),
    (lambda: "called", {"Authorization": "Bearer called"}),
    (async_token, {"Authorization": "Bearer from-async"}),
    (broken, "no profile"),
    (lambda: "", "empty"),
    (lambda: None, "NoneType"),
]


@pytest.mark.parametrize(("credential", "expected"), CREDENTIALS)
async def test_the_token_source_s_twins_do_the_same(credential: Any, expected: Any) -> None:
    source = token_source(credential, "scope")
    if isinstance(expected, dict):
        assert source.headers() == expected
        assert await source.aheaders() == expected
        return

    with pytest.raises(AuthenticationError, match=expected) as one:
        source.headers()
    with pytest.raises(AuthenticationError, match=expected) as two:
        await source.aheaders()
    assert told(one.value) == told(two.value)
