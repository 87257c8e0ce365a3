"""Why no connection came about, and what to do: certificates, TLS, proxies, given clients."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from langchain_foundry_agents.errors import (
    FoundryAgentError,
    InvalidFieldError,
    ServiceConnectionError,
)

if TYPE_CHECKING:
    import httpx

THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
"""A proxy of the environment's cannot reach what listens here."""

_NOT_TRUSTED = (
    "A company's proxy or a gateway may sign with an authority of its own. Name the file with its "
    "certificate: set SSL_CERT_FILE before the process starts, or give "
    "http_client=httpx.Client(verify=ssl_context), and for async calls "
    "http_async_client=httpx.AsyncClient(verify=ssl_context), with ssl_context = "
    "ssl.create_default_context(cafile='…')."
)
_OUT_OF_DATE = (
    "Have the server's certificate renewed, and check this machine's clock: it may be that one "
    "which is wrong."
)
_OTHER_HOST = (
    "Use the host name that the certificate is made for in project_endpoint, or have the server's "
    "certificate made for this one."
)
# OpenSSL's codes of X509_V_ERR_….
_BY_VERIFY_CODE = {9: _OUT_OF_DATE, 10: _OUT_OF_DATE, 62: _OTHER_HOST, 64: _OTHER_HOST}
_NO_TLS = (
    "Check the endpoint's host and port, and whether a proxy stands between that breaks TLS open."
)
_TO_SIGN_IN = (
    "Put the user and password of the proxy into its address: HTTPS_PROXY="
    "http://<user>:<password>@<host>:<port>, or http_client=httpx.Client(proxy=…) and for async "
    "calls http_async_client=httpx.AsyncClient(proxy=…)."
)
_TO_BE_LET_THROUGH = (
    "Have the proxy let this host through, or set NO_PROXY to the host where it can be reached "
    "without."
)


def given_up_client(reason: str) -> FoundryAgentError | None:
    """The error of a client of the user's that can be used no more; `None` if it is another."""
    if "client has been closed" in reason:
        return InvalidFieldError(
            "The given HTTP client is closed.",
            remedy="Close http_client and http_async_client after the model's last call.",
        )
    if "Event loop is closed" in reason or "different event loop" in reason:
        return ServiceConnectionError(
            "The given http_async_client belongs to another event loop.",
            remedy="Make one for each loop, or leave it out: then each loop has a pool of its own.",
            maybe_accepted=True,
        )
    return None


def not_connected(error: httpx.TransportError, url: httpx.URL) -> ServiceConnectionError | None:
    """The error that says why no connection came about; `None` if that is not what happened."""
    import httpx

    if isinstance(error, httpx.ProxyError):
        return _refused_by_proxy(str(error), url.host)
    if not isinstance(error, httpx.ConnectError):
        return None
    cause = _tls_error(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _lasting(
            f"The certificate of {url.host} was not accepted: {cause.verify_message.rstrip('.')}.",
            _BY_VERIFY_CODE.get(cause.verify_code, _NOT_TRUSTED),
        )
    if cause is not None:
        return _lasting(f"No TLS came about with {url.host}: {cause.reason or cause}.", _NO_TLS)
    return _unreachable(error, url)


def _refused_by_proxy(reason: str, host: str) -> ServiceConnectionError:
    remedy = _TO_SIGN_IN if reason.startswith("407") else _TO_BE_LET_THROUGH
    return _lasting(f"The proxy did not connect to {host}: {reason}.", remedy)


def _unreachable(error: httpx.ConnectError, url: httpx.URL) -> ServiceConnectionError:
    remedy = ServiceConnectionError.remedy
    if proxy := proxy_for(str(url)):
        remedy += f" The environment names a proxy, {proxy}, which may be what was not reached."
    what = f"The connection to {url.host} failed ({type(error).__name__}: {error})."
    return ServiceConnectionError(what, remedy=remedy)


def _lasting(message: str, remedy: str) -> ServiceConnectionError:
    """An error that asking again does not mend, though nothing was sent."""
    error = ServiceConnectionError(message, remedy=remedy)
    error.is_retryable = False
    return error


def proxy_for(url: str) -> str | None:
    """Host and port of the environment's proxy for an address; never its user and password."""
    asked = urlsplit(url)
    proxies = getproxies()
    named = proxies.get(asked.scheme) or proxies.get("all")
    if not named or asked.hostname in THIS_MACHINE or proxy_bypass(asked.hostname or ""):
        return None
    parts = urlsplit(named if "//" in named else f"//{named}")
    return parts.netloc.rpartition("@")[2] or None


def _tls_error(error: BaseException | None) -> ssl.SSLError | None:
    """What TLS itself complained of; httpcore hides it from the chain of causes."""
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error
