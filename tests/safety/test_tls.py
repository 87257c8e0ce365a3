"""Certificates are always checked, and one that is not accepted says what to do."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from canned import Reply, plain_turn, stream_reply
from sockets.ways import WAYS, ask

from langchain_foundry_agents import ChatFoundryAgent, ServiceConnectionError

from .agents import AGENTS, TWINS, download, model_of
from .tls import certify, secure_service

AUTHORITY = certify("A company's own authority")
GOOD = stream_reply(plain_turn("Fine."))
CERTIFICATES = {
    "unknown": certify("localhost", AUTHORITY),
    "self-signed": certify("localhost"),
    "expired": certify("localhost", AUTHORITY, begins=-9, ends=-1),
    "of tomorrow": certify("localhost", AUTHORITY, begins=1, ends=9),
    "of another host": certify("gateway.example", AUTHORITY),
}
TRUST = (
    "set SSL_CERT_FILE before the process starts, or give "
    "http_client=httpx.Client(verify=ssl_context), and for async calls "
    "http_async_client=httpx.AsyncClient(verify=ssl_context)"
)
CLOCK = "Have the server's certificate renewed, and check this machine's clock"
HOST = "Use the host name that the certificate is made for in project_endpoint"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that a company gives its people."""
    return AUTHORITY.write(tmp_path_factory.mktemp("trusted") / "authority.pem")


@pytest.fixture
async def trusting(authority: Path) -> AsyncIterator[dict[str, Any]]:
    """Fields of a model with clients that trust the authority, as the remedy has it."""
    ssl_context = ssl.create_default_context(cafile=str(authority))
    with httpx.Client(verify=ssl_context) as client:
        async with httpx.AsyncClient(verify=ssl_context) as async_client:
            yield {"http_client": client, "http_async_client": async_client}


UNTRUSTED = [("unknown", "unable to get local issuer"), ("self-signed", "self-signed certificate")]


@pytest.mark.parametrize("generation", AGENTS)
@pytest.mark.parametrize(("kind", "says"), UNTRUSTED)
@pytest.mark.parametrize("way", WAYS)
async def test_a_certificate_of_an_unknown_authority_names_the_remedy(
    tmp_path: Path, way: str, kind: str, says: str, generation: str
) -> None:
    pem = CERTIFICATES[kind].write(tmp_path / "server.pem")
    with secure_service(pem, GOOD) as service:
        with pytest.raises(ServiceConnectionError, match="certificate of localhost was") as caught:
            await ask(way, model_of(service, generation), "Hello")

        assert service.requests == []
    assert_tells(caught.value, says, TRUST)


OTHERS = [
    ("expired", "certificate has expired", CLOCK),
    ("of tomorrow", "certificate is not yet valid", CLOCK),
    ("of another host", "certificate is not valid for 'localhost'", HOST),
]


@pytest.mark.parametrize(("kind", "says", "remedy"), OTHERS)
@pytest.mark.parametrize("way", WAYS)
async def test_a_certificate_that_is_not_valid_here_names_the_remedy(
    tmp_path: Path, trusting: dict[str, Any], way: str, kind: str, says: str, remedy: str
) -> None:
    pem = CERTIFICATES[kind].write(tmp_path / "server.pem")
    with secure_service(pem, GOOD) as service:
        with pytest.raises(ServiceConnectionError, match="certificate of localhost was") as caught:
            await ask(way, model_of(service, **trusting), "Hello")

        assert service.requests == []
    assert_tells(caught.value, says, remedy)


@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
async def test_a_certificate_of_no_address_names_the_remedy(
    tmp_path: Path, trusting: dict[str, Any], way: str
) -> None:
    pem = CERTIFICATES["unknown"].write(tmp_path / "server.pem")
    with secure_service(pem, GOOD) as service:
        service.url = service.url.replace("localhost", "127.0.0.1")
        with pytest.raises(ServiceConnectionError) as caught:
            await ask(way, model_of(service, **trusting), "Hello")

    assert_tells(caught.value, "certificate is not valid for '127.0.0.1'", HOST)


def assert_tells(error: ServiceConnectionError, says: str, remedy: str) -> None:
    assert says in str(error)
    assert remedy in str(error)
    # No switch turns the checks off, and asking again mends nothing.
    assert "verify=False" not in str(error)
    assert not error.maybe_accepted
    assert not error.is_retryable
    assert error.client_request_id


@pytest.mark.parametrize("asynchronous", TWINS)
async def test_a_download_checks_certificates_too(tmp_path: Path, *, asynchronous: bool) -> None:
    pem = CERTIFICATES["self-signed"].write(tmp_path / "server.pem")
    with secure_service(pem, Reply(body=b"x")) as service:
        with pytest.raises(ServiceConnectionError, match="SSL_CERT_FILE"):
            await download(model_of(service), "file_1", asynchronous=asynchronous)

        assert service.requests == []


@pytest.mark.parametrize("way", WAYS)
async def test_clients_that_know_the_authority_are_answered(
    tmp_path: Path, trusting: dict[str, Any], way: str
) -> None:
    with secure_service(CERTIFICATES["unknown"].write(tmp_path / "server.pem"), GOOD) as service:
        answer = await ask(way, model_of(service, **trusting), "Hello")

    assert answer.content == "Fine."


def test_the_environment_may_name_the_authority(
    tmp_path: Path, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with secure_service(CERTIFICATES["unknown"].write(tmp_path / "server.pem"), GOOD) as service:
        answer = asyncio.run(model_of(service).ainvoke("Hello"))

    assert answer.content == "Fine."


ASK = """
import sys
from langchain_foundry_agents import ChatFoundryAgent
model = ChatFoundryAgent(agent_id="asst_1", project_endpoint=sys.argv[1], credential="t")
print(model.invoke("Hello").content)
"""


@pytest.mark.slow
def test_the_environment_of_a_process_may_name_the_authority(
    tmp_path: Path, authority: Path
) -> None:
    with secure_service(CERTIFICATES["unknown"].write(tmp_path / "server.pem"), GOOD) as service:
        command = [sys.executable, "-c", ASK, service.url]
        told = {"SSL_CERT_FILE": str(authority)}
        ended = subprocess.run(command, capture_output=True, text=True, check=True, env=told)

    assert ended.stdout == "Fine.\n"


@pytest.fixture
def plain_server() -> Iterator[str]:
    """The address of a server that speaks HTTP without TLS, and does not understand us."""

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(10_000)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/api/projects/p"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
async def test_a_server_that_speaks_no_tls_is_told_as_such(plain_server: str, way: str) -> None:
    model = ChatFoundryAgent(agent_id="asst_1", project_endpoint=plain_server, credential="token")

    with pytest.raises(ServiceConnectionError, match="No TLS came about with") as caught:
        await ask(way, model.model_copy(update={"max_retries": 0}), "Hello")

    assert "Check the endpoint's host and port" in str(caught.value)
    assert not caught.value.maybe_accepted
