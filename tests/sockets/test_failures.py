"""Answers that are none: each gets its typed error with ids and remedy, and no connection leaks."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from canned import (
    DONE,
    HIDDEN_THREADS,
    NO_THREADS,
    STREAM_TYPE,
    CannedService,
    Reply,
    cut_stream,
    json_reply,
    message,
    plain_turn,
    run,
    sse,
)
from canned import stream_reply as stream
from canned import text_delta as delta

from langchain_foundry_agents import (
    AuthenticationError,
    ChatFoundryAgent,
    ContentFilterError,
    FoundryAgentError,
    NotFoundError,
    ProtocolError,
    RateLimitError,
    RunCancelledError,
    RunExpiredError,
    RunFailedError,
    RunIncompleteError,
    ServiceConnectionError,
    ServiceError,
    ServiceFailedError,
)

from .refusals import REFUSALS, Refusal
from .ways import WAYS, ask

GOOD = stream(plain_turn("Fine."))
CANCELLED = json_reply(run("cancelling"))


def model_of(service: CannedService, **fields: Any) -> ChatFoundryAgent:
    fields = {"max_retries": 0, **fields}
    return ChatFoundryAgent(agent_id="asst_1", project_endpoint=service.url, **fields)


def refused(code: str, **headers: str) -> Reply:
    return json_reply({"error": {"code": code, "message": "Slow down."}}, 429, **headers)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case.name)
async def test_a_refusal_is_told_as_its_error(
    case: Refusal, way: str, one_connection: dict[str, Any]
) -> None:
    with CannedService(case.reply, GOOD, found=NO_THREADS) as service:
        model = model_of(service, **one_connection)
        with pytest.raises(FoundryAgentError) as caught:
            await ask(way, model, "Hello")
        after = await ask(way, model, "Hello")

    error = caught.value
    assert type(error) is case.error
    assert case.says in str(error)
    assert case.advises in str(error)
    for name, value in case.facts.items():
        assert getattr(error, name) == value, name
    assert error.client_request_id == service.requests[0].headers["x-ms-client-request-id"]
    assert after.content == "Fine."


@pytest.mark.parametrize("on_divergence", ["fork", "raise"])
def test_a_wrong_path_is_told_after_one_request(on_divergence: str) -> None:
    wrong_path = json_reply({"error": {"code": "404", "message": "Resource not found"}}, 404)
    with CannedService(wrong_path, wrong_path) as service:
        with pytest.raises(FoundryAgentError, match="Check the id") as caught:
            model_of(service, on_divergence=on_divergence).invoke("Hello")
        assert service.routes == ["POST /threads/runs"]

    assert type(caught.value) is NotFoundError


@pytest.mark.parametrize("way", WAYS)
async def test_a_token_that_is_refused_twice_is_an_authentication_error(
    way: str, one_connection: dict[str, Any]
) -> None:
    unauthorized = "Unauthorized. Access token is missing, invalid, or have expired."
    gateway = json_reply({"statusCode": 401, "message": unauthorized}, 401)
    with CannedService(gateway, gateway, GOOD) as service:
        model = model_of(service, **one_connection)
        with pytest.raises(AuthenticationError, match="az login"):
            await ask(way, model, "Hello")
        assert len(service.requests) == 2
        assert (await ask(way, model, "Hello")).content == "Fine."


@pytest.mark.parametrize("name", ["apim-request-id", "x-request-id", "x-ms-request-id"])
def test_an_error_names_the_service_s_id_of_the_request(name: str) -> None:
    with (
        CannedService(Reply(500, {name: "req-1"})) as service,
        pytest.raises(ServiceError, match="request req-1") as caught,
    ):
        model_of(service).invoke("Hello")

    assert caught.value.request_id == "req-1"


@pytest.mark.parametrize("way", WAYS)
async def test_a_rate_limit_is_waited_for(way: str) -> None:
    with CannedService(refused("429", retry_after="0"), GOOD) as service:
        answer = await ask(way, model_of(service, max_retries=1), "Hello")

    assert answer.content == "Fine."
    assert service.routes == ["POST /threads/runs"] * 2


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("found", "looks"),
    [
        pytest.param(NO_THREADS, 3, marks=pytest.mark.slow, id="not found"),
        pytest.param(HIDDEN_THREADS, 1, id="not looked for"),
    ],
)
async def test_a_creating_request_that_may_have_worked_is_not_sent_twice(
    found: dict[str, Reply], looks: int, way: str, one_connection: dict[str, Any]
) -> None:
    with CannedService(Reply(hangs_up=True), GOOD, found=found) as service:
        model = model_of(service, max_retries=2, **one_connection)
        with pytest.raises(ServiceConnectionError) as caught:
            await ask(way, model, "Hello")
        assert service.routes == ["POST /threads/runs", *["GET /threads"] * looks]
        assert (await ask(way, model, "Hello")).content == "Fine."

    assert caught.value.maybe_accepted
    assert not caught.value.is_retryable


GARBLED = {"content-type": "application/json", "content-encoding": "gzip"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "reply", [Reply(body=b"{}  ", breaks_after=2), Reply(200, GARBLED, b"no gzip at all")]
)
async def test_a_whole_answer_that_breaks_off_may_have_been_accepted(
    reply: Reply, way: str, one_connection: dict[str, Any]
) -> None:
    with CannedService(reply, GOOD, found=HIDDEN_THREADS) as service:
        model = model_of(service, max_retries=2, **one_connection)
        with pytest.raises(ServiceConnectionError) as caught:
            await ask(way, model, "Hello", run_mode="poll")
        assert service.routes == ["POST /threads/runs", "GET /threads"]
        assert (await ask(way, model, "Hello")).content == "Fine."

    assert caught.value.maybe_accepted


@pytest.mark.parametrize("way", WAYS)
async def test_a_service_that_is_not_there_accepted_nothing(way: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/api/projects/gone"
    model = ChatFoundryAgent(agent_id="asst_1", project_endpoint=url, max_retries=0)

    with pytest.raises(ServiceConnectionError, match="Check the network") as caught:
        await ask(way, model, "Hello")

    assert not caught.value.maybe_accepted
    assert caught.value.client_request_id


CREATED = ("thread.run.created", run("queued"))
NO_JSON = b"event: thread.message.delta\ndata: {oops\n\n"
BROKEN_JSON = Reply(headers=STREAM_TYPE, pieces=(sse(CREATED), NO_JSON))
HALF = sse(CREATED, delta("Hel"))
FILTERED = {"incomplete_details": {"reason": "content_filter"}}
TOO_LONG = {"incomplete_details": {"reason": "max_prompt_tokens"}}


def ended(status: str, **more: Any) -> Reply:
    return stream(plain_turn(ended=run(status, **more)))


def failed(code: str, message: str) -> Reply:
    return ended("failed", last_error={"code": code, "message": message})


NEVER_RAN = [
    (Reply(headers={"content-type": "text/html"}, body=b"<html>Log in</html>"), "Log in"),
    (Reply(body=b"{}"), "application/json"),
    (Reply(body=b"[1]"), "application/json"),
    (stream(DONE), "ended before the run did"),
    (Reply(headers=STREAM_TYPE, pieces=()), "ended before the run did"),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("reply", "says"), NEVER_RAN)
async def test_an_answer_that_is_no_stream_of_a_run_is_a_protocol_error(
    reply: Reply, says: str, way: str, one_connection: dict[str, Any]
) -> None:
    with CannedService(reply, GOOD, found=HIDDEN_THREADS) as service:
        model = model_of(service, **one_connection)
        with pytest.raises(ProtocolError, match=says):
            await ask(way, model, "Hello")
        assert (await ask(way, model, "Hello")).content == "Fine."

    assert service.routes == ["POST /threads/runs", "GET /threads", "POST /threads/runs"]


BROKEN_OFF = [
    (stream(sse(CREATED)), ProtocolError, "The stream ended before the run did"),
    (stream(HALF), ProtocolError, "The stream ended before the run did"),
    (cut_stream(HALF, len(HALF) - 1), ServiceConnectionError, "failed"),
    (cut_stream(HALF, len(HALF)), ServiceConnectionError, "failed"),
]
LOOK, READ = "GET /threads/thread_1/runs/run_1", "GET /threads/thread_1/messages"
CANCEL = "POST /threads/thread_1/runs/run_1/cancel"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("reply", [reply for reply, *_ in BROKEN_OFF])
async def test_a_run_whose_stream_breaks_off_is_waited_for_and_read(
    reply: Reply, way: str, one_connection: dict[str, Any]
) -> None:
    looks = json_reply(run("in_progress")), json_reply(run("completed"))
    with CannedService(reply, *looks, json_reply({"data": [message("Hello.")]}), GOOD) as service:
        model = model_of(service, **one_connection)
        answer = await ask(way, model, "Hello")
        assert service.routes == ["POST /threads/runs", LOOK, LOOK, READ]
        assert (await ask(way, model, "Hello")).content == "Fine."

    assert answer.content == "Hello."


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("look", [Reply(404), Reply(hangs_up=True)], ids=["gone", "unreached"])
@pytest.mark.parametrize(("reply", "kind", "says"), BROKEN_OFF)
async def test_a_stream_that_breaks_off_is_an_error_where_its_run_cannot_be_looked_at(
    reply: Reply, kind: Any, says: str, look: Reply, way: str, one_connection: dict[str, Any]
) -> None:
    with CannedService(reply, look, CANCELLED, GOOD) as service:
        model = model_of(service, **one_connection)
        with pytest.raises(kind, match=says) as caught:
            await ask(way, model, "Hello")
        assert (caught.value.thread_id, caught.value.run_id) == ("thread_1", "run_1")
        assert service.routes == ["POST /threads/runs", LOOK, CANCEL]
        assert (await ask(way, model, "Hello")).content == "Fine."


LEFT_OPEN = [
    (BROKEN_JSON, ProtocolError, "not JSON"),
    (stream(sse(CREATED, ("error", {"code": "x", "message": "Oh."}))), RunFailedError, "Oh."),
    (stream(sse(CREATED, ("error", {"error": {"message": "Oh."}}))), ServiceError, "Oh."),
    (stream(plain_turn(ended=run("paused"))), ProtocolError, "'paused'"),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("reply", "kind", "says"), LEFT_OPEN)
async def test_a_run_whose_stream_goes_wrong_is_cancelled(
    reply: Reply, kind: Any, says: str, way: str, two_connections: dict[str, Any]
) -> None:
    with CannedService(reply, CANCELLED, reply, CANCELLED, GOOD) as service:
        model = model_of(service, **two_connections)
        for _ in range(2):
            with pytest.raises(kind, match=says) as caught:
                await ask(way, model, "Hello")
            assert (caught.value.thread_id, caught.value.run_id) == ("thread_1", "run_1")
        assert service.routes == ["POST /threads/runs", CANCEL] * 2
        assert (await ask(way, model, "Hello")).content == "Fine."


@pytest.mark.parametrize("way", WAYS)
async def test_a_run_is_cancelled_that_is_named_in_the_same_read_as_broken_json(way: str) -> None:
    with CannedService(stream(sse(CREATED) + NO_JSON), CANCELLED) as service:
        with pytest.raises(ProtocolError):
            await ask(way, model_of(service), "Hello")
        assert len(service.requests) == 2


@pytest.mark.parametrize("way", WAYS)
async def test_a_client_of_one_connection_is_enough_to_cancel(
    way: str, one_connection: dict[str, Any]
) -> None:
    with CannedService(BROKEN_JSON, CANCELLED) as service:
        with pytest.raises(ProtocolError):
            await ask(way, model_of(service, **one_connection), "Hello")
        assert service.routes == ["POST /threads/runs", CANCEL]


ENDED_BADLY = [
    (failed("server_error", "Sorry."), ServiceFailedError, "Sorry."),
    (ended("failed"), RunFailedError, "gives no reason"),
    (failed("content_filter", "No."), ContentFilterError, "Rephrase"),
    (ended("incomplete", **FILTERED), ContentFilterError, "Rephrase"),
    (ended("incomplete", **TOO_LONG), RunIncompleteError, "max_prompt_tokens"),
    (ended("expired"), RunExpiredError, "expired"),
    (ended("cancelled"), RunCancelledError, "not by this call"),
    (failed("rate_limit_exceeded", "Try again in 22 seconds."), RateLimitError, "in 22 seconds"),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("reply", "kind", "says"), ENDED_BADLY)
async def test_a_run_that_ends_badly_is_an_error_and_needs_no_cancelling(
    reply: Reply, kind: Any, says: str, way: str, one_connection: dict[str, Any]
) -> None:
    with CannedService(reply, GOOD) as service:
        model = model_of(service, **one_connection)
        with pytest.raises(kind, match=says) as caught:
            await ask(way, model, "Hello")
        assert (await ask(way, model, "Hello")).content == "Fine."

    assert type(caught.value) is kind
    assert (caught.value.thread_id, caught.value.run_id) == ("thread_1", "run_1")
    assert getattr(caught.value, "retry_after", None) == (22.0 if kind is RateLimitError else None)


@pytest.mark.parametrize("way", WAYS)
async def test_an_answer_that_a_filter_cut_is_given_with_its_reason(way: str) -> None:
    turn = plain_turn("Once upon", ended=run("incomplete", **FILTERED))
    with CannedService(stream(turn)) as service:
        answer = await ask(way, model_of(service), "Hello")

    assert answer.content == "Once upon"
    assert answer.response_metadata["finish_reason"] == "content_filter"
    assert answer.response_metadata["incomplete_details"] == {"reason": "content_filter"}
