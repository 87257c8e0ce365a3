"""The first contact with a host: a request without a token, over the connections of all others."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from langchain_foundry_agents._transport.connecting import proxy_for
from langchain_foundry_agents._transport.faults import logged
from langchain_foundry_agents._transport.pools import process_client

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class Greeting:
    """How a host answered.

    Args:
        status_code: its HTTP status, whatever it is: there is no token.
        tls: the version of TLS; `None` where there was none.
        issuer: who signed its certificate.
    """

    status_code: int
    tls: str | None = None
    issuer: str | None = None


def greet(url: str, seconds: float) -> Greeting:
    """Ask an address for anything, without a token.

    Raises:
        ServiceConnectionError: No answer came; it says why, and what to do.
    """
    client = process_client()
    named = {"x-ms-client-request-id": str(uuid.uuid4())}
    request = client.build_request("GET", url, headers=named, timeout=seconds)
    with logged(request) as note:
        answer = note(client.send(request, stream=True, follow_redirects=False))
        with_tls = _tls_of(answer)
        answer.close()
    return Greeting(answer.status_code, *with_tls)


def way_to(url: str) -> tuple[str, int, str | None]:
    """Host and port that a request to an address connects to, and the proxy if it is one."""
    proxy = proxy_for(url)
    parts = urlsplit(f"//{proxy}" if proxy else url)
    port = parts.port or (80 if proxy or parts.scheme == "http" else 443)
    return parts.hostname or "", port, proxy


def _tls_of(answer: httpx.Response) -> tuple[str | None, str | None]:
    stream: Any = answer.extensions.get("network_stream")
    connection = stream and stream.get_extra_info("ssl_object")
    if not connection:
        return None, None
    issuer = {name: value for part in connection.getpeercert()["issuer"] for name, value in part}
    return connection.version(), issuer.get("organizationName") or issuer.get("commonName")
