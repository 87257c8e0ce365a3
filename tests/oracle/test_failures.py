"""Failures, answers cut short, and streams that break, against Microsoft's own server library."""

from __future__ import annotations

import asyncio

import pytest

from langchain_foundry_agents import (
    BadRequestError,
    ChatFoundryAgent,
    ContentFilterError,
    FoundryAgentError,
    RateLimitError,
    RunCancelledError,
    RunFailedError,
    RunIncompleteError,
    ServiceConnectionError,
    ServiceError,
)

from .conftest import Asked, MakeModel
from .cutting import CuttingProxy
from .service import OracleService

LAST_CHUNK = len(b"0\r\n\r\n")


async def test_a_failed_response_is_an_error_with_its_reason(asked: Asked) -> None:
    with pytest.raises(RunFailedError, match="The tide was out") as failed:
        await asked("fail server_error", max_retries=0)

    assert failed.value.code == "server_error"
    assert str(failed.value.run_id).startswith("caresp_")


async def test_a_limit_has_an_error_of_its_own(asked: Asked) -> None:
    with pytest.raises(RateLimitError, match="The tide was out"):
        await asked("fail rate_limit_exceeded", max_retries=0)


async def test_what_passes_is_tried_again_with_its_question(
    asked: Asked, request: pytest.FixtureRequest
) -> None:
    answer = await asked(f"flake {request.node.name}")

    assert answer.content == "This time."
    assert answer.response_metadata["attempts"] == 2


async def test_a_response_that_breaks_in_its_middle_is_an_error(asked: Asked) -> None:
    with pytest.raises(RunFailedError, match="internal server error"):
        await asked("break", max_retries=0)


@pytest.mark.parametrize("mode", [{}, {"conversation": "none"}, {"background": True}])
def test_an_error_event_is_an_error(make_model: MakeModel, mode: dict[str, object]) -> None:
    with pytest.raises(ServiceError, match="An internal server error occurred"):
        make_model(**mode).invoke("crash")


async def test_text_that_was_cut_short_is_given_with_the_reason(asked: Asked) -> None:
    answer = await asked("end max_output_tokens Half a")

    assert answer.content == "Half a"
    assert answer.response_metadata["status"] == "incomplete"
    assert answer.response_metadata["finish_reason"] == "length"


async def test_text_that_a_filter_cut_is_given_with_the_reason(asked: Asked) -> None:
    answer = await asked("end content_filter Half a")

    assert answer.content == "Half a"
    assert answer.response_metadata["finish_reason"] == "content_filter"


async def test_an_answer_that_was_cut_to_nothing_is_an_error(asked: Asked) -> None:
    with pytest.raises(RunIncompleteError, match="max_output_tokens"):
        await asked("end max_output_tokens")


async def test_an_answer_that_a_filter_took_is_an_error(asked: Asked) -> None:
    with pytest.raises(ContentFilterError):
        await asked("end content_filter")


def test_a_request_that_is_refused_names_the_reason(model: ChatFoundryAgent) -> None:
    with pytest.raises(BadRequestError, match="Malformed identifier") as refused:
        model.invoke("say Hello", thread_id="resp_1")

    assert (refused.value.status_code, refused.value.code) == (400, "invalid_parameters")
    assert refused.value.request_id


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("reset", [False, True], ids=["end", "reset"])
def test_a_stream_that_breaks_is_completed_by_looking(
    oracle: OracleService, make_model: MakeModel, part: float, reset: bool
) -> None:
    with CuttingProxy(oracle.port) as whole:
        expected = make_model(project_endpoint=whole.url).invoke("reason")
    with CuttingProxy(oracle.port, int(whole.answered * part), reset=reset) as proxy:
        answer = make_model(project_endpoint=proxy.url).invoke("reason")

    assert answer.content == expected.content
    assert answer.usage_metadata == expected.usage_metadata
    assert proxy.routes == ["POST /responses", "GET /responses/…"]


def test_a_stream_that_breaks_is_an_error_where_nothing_is_kept(
    oracle: OracleService, make_model: MakeModel
) -> None:
    with CuttingProxy(oracle.port, 3000) as proxy, pytest.raises(ServiceConnectionError) as cut:
        make_model(project_endpoint=proxy.url, conversation="none").invoke("reason")

    assert str(cut.value.run_id).startswith("caresp_")


@pytest.mark.parametrize("mode", [{}, {"conversation": "none"}, {"background": True}])
def test_what_breaks_after_the_last_event_breaks_nothing(
    oracle: OracleService, make_model: MakeModel, mode: dict[str, object]
) -> None:
    with CuttingProxy(oracle.port) as whole:
        make_model(project_endpoint=whole.url, **mode).invoke("reason")
    with CuttingProxy(oracle.port, whole.answered - LAST_CHUNK) as proxy:
        answer = make_model(project_endpoint=proxy.url, **mode).invoke("reason")

    assert answer.text == "It is 42."
    assert proxy.routes == ["POST /responses"]


@pytest.mark.parametrize("mode", [{}, {"conversation": "none"}, {"background": True}])
def test_a_stream_that_breaks_before_its_first_event_is_asked_for_again(
    oracle: OracleService, make_model: MakeModel, mode: dict[str, object]
) -> None:
    with CuttingProxy(oracle.port, 600) as proxy:
        answer = make_model(project_endpoint=proxy.url, **mode).invoke("reason")

    assert answer.text == "It is 42."
    assert proxy.routes == ["POST /responses", "POST /responses"]


def test_a_response_that_the_service_cancels_with_its_stream_is_an_error(
    oracle: OracleService, make_model: MakeModel
) -> None:
    heard = []

    def listen(proxy: CuttingProxy) -> None:
        for chunk in make_model(project_endpoint=proxy.url).stream("wait for-ever"):
            heard.append(chunk.text)
            proxy.cut()
            oracle.rested(chunk.response_metadata["run_id"])

    with CuttingProxy(oracle.port) as proxy, pytest.raises(RunCancelledError) as cancelled:
        listen(proxy)
    assert heard == ["Now"]
    assert oracle.response(str(cancelled.value.run_id))["status"] == "cancelled"


def test_a_response_that_is_not_shown_before_its_end_is_looked_for_again(
    oracle: OracleService, make_model: MakeModel
) -> None:
    opener = make_model()

    def listen(proxy: CuttingProxy) -> None:
        proxy.when("GET", lambda: opener.invoke("let shown"))
        for _ in make_model(project_endpoint=proxy.url).stream("linger shown"):
            proxy.cut()

    with CuttingProxy(oracle.port) as proxy, pytest.raises(RunCancelledError):
        listen(proxy)


def test_leaving_a_stream_ends_the_response_without_a_request(
    oracle: OracleService, make_model: MakeModel
) -> None:
    with CuttingProxy(oracle.port) as proxy:
        stream = make_model(project_endpoint=proxy.url).stream("wait for-ever")
        run_id = next(stream).response_metadata["run_id"]
        stream.close()  # type: ignore[attr-defined]

        assert oracle.rested(run_id)["status"] == "cancelled"
    assert proxy.routes == ["POST /responses"]


async def test_leaving_an_async_stream_ends_the_response(
    oracle: OracleService, model: ChatFoundryAgent
) -> None:
    stream = model.astream("wait for-ever")
    run_id = (await anext(stream)).response_metadata["run_id"]
    await stream.aclose()  # type: ignore[attr-defined]

    # LangChain closes the inner stream as soon as the loop turns.
    left = await asyncio.to_thread(oracle.rested, run_id)
    assert left["status"] == "cancelled"


async def test_a_turn_that_takes_too_long_is_an_error_with_the_response_s_id(
    oracle: OracleService, asked: Asked
) -> None:
    with pytest.raises(FoundryAgentError, match="longer than run_timeout") as late:
        await asked("wait for-ever", run_timeout=0.3)

    assert str(late.value.run_id).startswith("caresp_")
