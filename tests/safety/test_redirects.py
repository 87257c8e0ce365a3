"""Redirects are never followed: what proves who asks goes to no other address."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from azure.core.credentials import AzureKeyCredential
from canned import CannedService, Reply, plain_turn, stream_reply
from pydantic import SecretStr
from sockets.ways import WAYS, ask

from langchain_foundry_agents import BadRequestError, ChatFoundryAgent

from .agents import AGENTS, TWINS, download, model_of

SECRET = "canary-2d51"
MODES = ("stream", "poll")


@pytest.fixture
def elsewhere() -> Iterator[CannedService]:
    """Another service, which would answer."""
    with CannedService(*[stream_reply(plain_turn("Caught you."))] * 9) as service:
        yield service


@pytest.fixture
async def eager() -> AsyncIterator[dict[str, Any]]:
    """Fields of a model with clients that follow redirects."""
    with httpx.Client(follow_redirects=True) as client:
        async with httpx.AsyncClient(follow_redirects=True) as async_client:
            yield {"http_client": client, "http_async_client": async_client}


def redirect(status: int, where: CannedService) -> Reply:
    # By name, so that it is another host than the endpoint's.
    address = where.url.replace("127.0.0.1", "localhost")
    return Reply(status, {"location": f"{address}/threads?sig={SECRET}"})


@pytest.mark.parametrize("credential", [SecretStr("token"), AzureKeyCredential("key")])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("generation", AGENTS)
@pytest.mark.parametrize("way", ["invoke", "astream"])
async def test_a_turn_is_not_sent_on(
    elsewhere: CannedService,
    eager: dict[str, Any],
    way: str,
    generation: str,
    mode: str,
    status: int,
    credential: Any,
) -> None:
    with CannedService(redirect(status, elsewhere)) as service:
        model = model_of(service, generation, credential=credential, run_mode=mode, **eager)
        with pytest.raises(BadRequestError) as caught:
            await ask(way, model, "Hello")

    assert elsewhere.requests == []
    assert len(service.requests) == 1
    error = caught.value
    assert error.status_code == status
    assert "sends the request on to localhost, and redirects are never followed." in str(error)
    assert "Give the address that answers itself as project_endpoint." in str(error)
    assert SECRET not in f"{error!r} {error} {vars(error)}"


@pytest.mark.parametrize("generation", AGENTS)
@pytest.mark.parametrize("asynchronous", TWINS)
async def test_a_download_is_not_sent_on(
    elsewhere: CannedService, eager: dict[str, Any], generation: str, *, asynchronous: bool
) -> None:
    with CannedService(redirect(302, elsewhere)) as service:
        model = model_of(service, generation, credential=AzureKeyCredential("key"), **eager)
        with pytest.raises(BadRequestError, match="on to localhost"):
            await download(model, "file_1", asynchronous=asynchronous)

    assert elsewhere.requests == []


@pytest.mark.parametrize("way", WAYS)
async def test_a_redirect_within_the_host_is_not_followed_either(
    eager: dict[str, Any], way: str
) -> None:
    with CannedService(Reply(308, {"location": "/elsewhere"})) as service:
        with pytest.raises(BadRequestError, match=r"on to 127\.0\.0\.1, and"):
            await ask(way, model_of(service, **eager), "Hello")

        assert len(service.requests) == 1


@pytest.mark.parametrize("status", [300, 302, 304])
@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
async def test_a_redirect_to_nowhere_is_an_error_too(way: str, status: int) -> None:
    with (
        CannedService(Reply(status)) as service,
        pytest.raises(BadRequestError, match=f"answered HTTP {status}"),
    ):
        await ask(way, model_of(service), "Hello")


@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
async def test_a_cookie_that_is_set_for_one_user_is_neither_sent_for_others_nor_told(
    way: str,
) -> None:
    kind = {"content-type": "text/event-stream", "set-cookie": f"session={SECRET}; Path=/"}
    cookie = Reply(headers=kind, pieces=(plain_turn("Fine."),))
    refused = Reply(400, kind)
    with CannedService(cookie, refused) as service:
        await ask(way, model_of(service, credential="of-one"), "Hello")
        with pytest.raises(BadRequestError) as caught:
            await ask(way, model_of(service, credential="of-another"), "Hello")

    assert [request.headers.get("cookie") for request in service.requests] == [None, None]
    assert SECRET not in repr(vars(caught.value))


def test_an_endpoint_of_plain_http_is_refused_but_on_this_machine() -> None:
    with pytest.raises(ValueError, match=r"plain http to contoso\.example"):
        ChatFoundryAgent(
            agent_id="asst_1", project_endpoint="http://contoso.example/api/projects/p"
        )
