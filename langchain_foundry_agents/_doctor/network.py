"""The way to the service: the endpoint's form, its name, the connection."""

from __future__ import annotations

import socket
from contextlib import suppress
from ipaddress import ip_address

from langchain_foundry_agents._doctor.case import Case
from langchain_foundry_agents._transport import greet, way_to
from langchain_foundry_agents.chat_models import ChatFoundryAgent
from langchain_foundry_agents.errors import ServiceConnectionError

_SECONDS = 15.0
_WHERE = {"project_endpoint", "credential"}


def check_endpoint(case: Case) -> str:
    """The endpoint has a form that can work."""
    where = {name: case.fields[name] for name in _WHERE & case.fields.keys()}
    # A model has an agent, and here none is asked for yet.
    case.url = ChatFoundryAgent(agent_name="any", **where).project_endpoint
    return case.url if "project_endpoint" in where else f"{case.url} (from the environment)"


def check_dns(case: Case) -> str:
    """The host's name leads to an address; behind a proxy it is the proxy's name that has to."""
    host, port, proxy = way_to(case.url)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ServiceConnectionError(
            f"The name {host} leads to no address: {error.strerror or error}.",
            remedy="Check the spelling of the resource in the endpoint. A resource with a private "
            "endpoint has a name in its own network only: connect to that (VPN, private DNS zone).",
        ) from error
    addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
    told = host if host in addresses else f"{host} is {', '.join(addresses)}"
    if proxy:
        return f"{told}: the environment's proxy, which looks the service up itself"
    return told + (" (a private endpoint)" if _is_private(addresses[0]) else "")


def check_tls(case: Case) -> str:
    """The host answers, with a certificate that is accepted."""
    greeting = greet(case.url, _SECONDS)
    if greeting.tls is None:
        return "plain http, on this machine: there is no TLS to check"
    return f"{greeting.tls}, certificate by {greeting.issuer}"


def _is_private(address: str) -> bool:
    with suppress(ValueError):
        ip = ip_address(address)
        return ip.is_private and not ip.is_loopback
    return False
