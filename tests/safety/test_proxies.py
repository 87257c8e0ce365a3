"""A proxy that does not let us through is named, without its password."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from canned import CannedService, Reply
from sockets.ways import ask

from langchain_foundry_agents import ChatFoundryAgent, ServiceConnectionError

ENDPOINT = "https://contoso.services.ai.azure.com/api/projects/demo"
PASSWORD = "canary-5e1d"
SIGN_IN = "Put the user and password of the proxy into its address"
LET_THROUGH = "Have the proxy let this host through, or set NO_PROXY"
REFUSALS = [
    (407, SIGN_IN),
    (403, LET_THROUGH),
    (502, LET_THROUGH),
]


@asynccontextmanager
async def through(proxy: str) -> AsyncIterator[ChatFoundryAgent]:
    """A model whose clients go through a proxy."""
    with httpx.Client(proxy=proxy) as client:
        async with httpx.AsyncClient(proxy=proxy) as async_client:
            clients: dict[str, Any] = {"http_client": client, "http_async_client": async_client}
            yield ChatFoundryAgent(
                agent_id="asst_1",
                project_endpoint=ENDPOINT,
                credential="token",
                max_retries=0,
                **clients,
            )


def address_of(service: CannedService) -> str:
    """The service as a proxy, with a user and password."""
    return f"http://user:{PASSWORD}@{service.url.split('/')[2]}"


@pytest.mark.parametrize(("status", "remedy"), REFUSALS)
@pytest.mark.parametrize("way", ["invoke", "ainvoke", "stream", "astream"])
async def test_a_proxy_that_refuses_is_told_with_its_remedy(
    way: str, status: int, remedy: str
) -> None:
    with CannedService(Reply(status)) as proxy:
        async with through(address_of(proxy)) as model:
            with pytest.raises(ServiceConnectionError, match="The proxy did not connect") as caught:
                await ask(way, model, "Hello")

        assert [request.method for request in proxy.requests] == ["CONNECT"]
        assert "authorization" not in proxy.requests[0].headers
    error = caught.value
    assert f"to contoso.services.ai.azure.com: {status} Scripted." in str(error)
    assert remedy in str(error)
    assert not error.maybe_accepted
    assert not error.is_retryable
    assert PASSWORD not in f"{error!r} {error} {vars(error)} {error.__cause__!r}"


def no_one_listens() -> str:
    """An address on this machine where nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


def test_a_proxy_of_the_environment_that_is_not_there_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proxy = no_one_listens()
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{PASSWORD}@{proxy}")
    model = ChatFoundryAgent(
        agent_id="asst_1", project_endpoint=ENDPOINT, credential="token", max_retries=0
    )

    # A loop's pool is made anew, so it sees this environment.
    with pytest.raises(ServiceConnectionError) as caught:
        asyncio.run(model.ainvoke("Hello"))

    assert f"The environment names a proxy, {proxy}, which may be" in str(caught.value)
    assert PASSWORD not in str(caught.value)
    assert not caught.value.maybe_accepted


async def test_a_given_proxy_that_is_not_there_is_a_connection_that_failed() -> None:
    async with through(f"http://user:{PASSWORD}@{no_one_listens()}") as model:
        for way in ("invoke", "ainvoke"):
            with pytest.raises(ServiceConnectionError, match="Check the network, the proxy") as no:
                await ask(way, model, "Hello")
            assert PASSWORD not in str(no.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_what_listens_on_this_machine_is_asked_without_a_proxy(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{no_one_listens()}")
    with CannedService(Reply(404)) as service:
        where = service.url.replace("127.0.0.1", host)
        model = ChatFoundryAgent(agent_id="asst_1", project_endpoint=where, max_retries=0)
        with pytest.raises(Exception, match="HTTP 404"):
            asyncio.run(model.ainvoke("Hello"))
