"""Background responses against Microsoft's own server library: polled, resumed, cancelled."""

from __future__ import annotations

import asyncio

import pytest
from sockets.ways import WAYS, ask

from langchain_foundry_agents import RunCancelledError, RunTimeoutError

from .conftest import MakeModel
from .cutting import CuttingProxy
from .service import OracleService

QUESTION = "reason"
MODES = [{"background": True}, {"run_mode": "poll"}]


@pytest.mark.parametrize("way", WAYS)
async def test_a_polled_answer_takes_no_stream(
    oracle: OracleService, make_model: MakeModel, way: str
) -> None:
    with CuttingProxy(oracle.port) as proxy:
        model = make_model(project_endpoint=proxy.url, run_mode="poll")
        answer = await ask(way, model, QUESTION)

    assert answer.text == "It is 42."
    assert (proxy.bodies[0]["background"], "stream" in proxy.bodies[0]) == (True, False)
    assert set(proxy.routes) == {"POST /responses", "GET /responses/…"}


async def test_a_polled_answer_is_waited_for(oracle: OracleService, make_model: MakeModel) -> None:
    opener = make_model()
    with CuttingProxy(oracle.port) as proxy:
        proxy.when("GET", lambda: opener.invoke("let polled"))
        answer = await make_model(project_endpoint=proxy.url, run_mode="poll").ainvoke(
            "wait polled"
        )

    assert answer.text == "Now then."


@pytest.mark.parametrize("part", [0.25, 0.4, 0.55, 0.7, 0.85])
@pytest.mark.parametrize("way", ["stream", "astream"])
async def test_a_background_stream_goes_on_after_a_cut(
    oracle: OracleService, make_model: MakeModel, part: float, way: str
) -> None:
    with CuttingProxy(oracle.port) as whole:
        model = make_model(project_endpoint=whole.url, background=True)
        expected = await ask(way, model, QUESTION)
    with CuttingProxy(oracle.port, int(whole.answered * part)) as proxy:
        model = make_model(project_endpoint=proxy.url, background=True)
        answer = await ask(way, model, QUESTION)

    assert answer.content == expected.content
    assert answer.usage_metadata == expected.usage_metadata
    first, second = proxy.routes
    assert first == "POST /responses"
    assert second.startswith("GET /responses/…?stream=true&starting_after=")


def test_a_background_stream_goes_on_while_the_agent_is_at_work(
    oracle: OracleService, make_model: MakeModel
) -> None:
    texts: list[str] = []
    opener = make_model()
    with CuttingProxy(oracle.port) as proxy:
        proxy.when("GET", lambda: opener.invoke("let resumed"))
        for chunk in make_model(project_endpoint=proxy.url, background=True).stream("wait resumed"):
            if not texts:
                proxy.cut()
            texts.append(chunk.text)

    assert texts == ["Now", " then.", ""]
    assert len(proxy.routes) == 2


def test_a_background_stream_survives_as_many_cuts_as_there_are_retries(
    oracle: OracleService, make_model: MakeModel
) -> None:
    with CuttingProxy(oracle.port, 3000, 2000) as proxy:
        model = make_model(project_endpoint=proxy.url, background=True, max_retries=2)
        answer = model.invoke(QUESTION)

    assert answer.text == "It is 42."
    assert [route.partition("=true")[0] for route in proxy.routes] == [
        "POST /responses",
        "GET /responses/…?stream",
        "GET /responses/…?stream",
    ]


def test_without_retries_a_background_stream_is_completed_by_looking(
    oracle: OracleService, make_model: MakeModel
) -> None:
    with CuttingProxy(oracle.port, 3000) as proxy:
        model = make_model(project_endpoint=proxy.url, background=True, max_retries=0)
        answer = model.invoke(QUESTION)

    assert answer.text == "It is 42."
    assert proxy.routes == ["POST /responses", "GET /responses/…"]


def test_leaving_a_background_stream_cancels_the_response(
    oracle: OracleService, make_model: MakeModel
) -> None:
    with CuttingProxy(oracle.port) as proxy:
        stream = make_model(project_endpoint=proxy.url, background=True).stream("wait for-ever")
        run_id = next(stream).response_metadata["run_id"]
        stream.close()  # type: ignore[attr-defined]

    assert proxy.routes == ["POST /responses", "POST /responses/…/cancel"]
    assert oracle.response(run_id)["status"] == "cancelled"


async def test_leaving_an_async_background_stream_cancels_the_response(
    oracle: OracleService, make_model: MakeModel
) -> None:
    stream = make_model(background=True).astream("wait for-ever")
    run_id = (await anext(stream)).response_metadata["run_id"]
    await stream.aclose()  # type: ignore[attr-defined]

    # LangChain closes the inner stream as soon as the loop turns.
    left = await asyncio.to_thread(oracle.rested, run_id)
    assert left["status"] == "cancelled"


@pytest.mark.parametrize("mode", MODES)
async def test_a_turn_that_takes_too_long_cancels_the_response(
    oracle: OracleService, make_model: MakeModel, mode: dict[str, object]
) -> None:
    with pytest.raises(RunTimeoutError) as late:
        await make_model(**mode).ainvoke("wait for-ever", run_timeout=0.3)

    assert oracle.response(str(late.value.run_id))["status"] == "cancelled"


def test_a_response_that_somebody_else_cancels_is_an_error(
    oracle: OracleService, make_model: MakeModel
) -> None:
    heard = []

    def listen() -> None:
        for chunk in make_model(background=True).stream("wait for-ever"):
            heard.append(chunk.text)
            oracle.cancel(chunk.response_metadata["run_id"])

    with pytest.raises(RunCancelledError):
        listen()
    assert heard == ["Now"]
