"""Every error of httpx becomes one of ours here, and every request a line in the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from langchain_foundry_agents.errors import ServiceConnectionError

if TYPE_CHECKING:
    import httpx

logger = logging.getLogger("langchain_foundry_agents")


@contextmanager
def logged(request: httpx.Request) -> Iterator[None]:
    """A request is a line in the log, without any text of messages."""
    began = time.monotonic()
    try:
        with told(request):
            yield
    finally:
        took = (time.monotonic() - began) * 1000
        id_ = request.headers["x-ms-client-request-id"]
        logger.debug("%s %s %.0f ms [%s]", request.method, request.url.path, took, id_)


@contextmanager
def told(request: httpx.Request) -> Iterator[None]:
    """Every error of httpx in here becomes one of ours."""
    import httpx

    try:
        yield
    except httpx.TransportError as error:
        raise _connection_error(error, request) from error
    except httpx.DecodingError as error:
        message = "The service's answer could not be decompressed."
        raise ServiceConnectionError(message, maybe_accepted=True) from error


def _connection_error(
    error: httpx.TransportError, request: httpx.Request
) -> ServiceConnectionError:
    import httpx

    never_sent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
    # A LocalProtocolError quotes the header that it rejects, which may be the token.
    reason = type(error).__name__
    if not isinstance(error, httpx.LocalProtocolError) and str(error):
        reason += f": {error}"
    return ServiceConnectionError(
        f"The connection to {request.url.host} failed ({reason}).",
        maybe_accepted=not isinstance(error, never_sent),
        client_request_id=request.headers["x-ms-client-request-id"],
    )
