"""Every error of httpx becomes one of ours here, and every request a line in the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from langchain_foundry_agents._transport.connecting import given_up_client, not_connected
from langchain_foundry_agents.errors import BadRequestError, ServiceConnectionError

if TYPE_CHECKING:
    import httpx

logger = logging.getLogger("langchain_foundry_agents")


@contextmanager
def logged(request: httpx.Request) -> Iterator[Callable[[httpx.Response], httpx.Response]]:
    """A request is a line in the log: ids, status and timing, without any text of messages.

    Show the answer to the function that it gives.
    """
    began = time.monotonic()
    status: int | str = "unanswered"

    def note(answer: httpx.Response) -> httpx.Response:
        nonlocal status
        status = answer.status_code
        return answer

    try:
        with Told(request):
            yield note
    finally:
        took = (time.monotonic() - began) * 1000
        id_ = request.headers["x-ms-client-request-id"]
        logger.debug("%s %s %s %.0f ms [%s]", request.method, request.url.path, status, took, id_)


class Told:
    """Every error of httpx in here becomes one of ours. A stream enters it for each read."""

    def __init__(self, request: httpx.Request) -> None:
        self._request = request

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        import httpx

        if isinstance(error, httpx.TransportError):
            raise _connection_error(error, self._request) from error
        if isinstance(error, RuntimeError) and (ours := given_up_client(str(error))):
            raise ours from error


def redirected(answer: httpx.Response, onwards: httpx.Request) -> BadRequestError:
    """The error that a redirect stands for: a token goes to no address but the endpoint's.

    Of the other address only the host is told: the rest may hold secrets.
    """
    return BadRequestError(
        f"The service at {answer.url.host} sends the request on to {onwards.url.host}, and "
        "redirects are never followed.",
        remedy="Give the address that answers itself as project_endpoint. If it is one to sign in "
        "at, a gateway or proxy on the way asks for that: have it let this host through.",
        status_code=answer.status_code,
        client_request_id=answer.request.headers["x-ms-client-request-id"],
    )


def _connection_error(
    error: httpx.TransportError, request: httpx.Request
) -> ServiceConnectionError:
    import httpx

    never_sent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
    ours = not_connected(error, request.url)
    if ours is None:
        # A LocalProtocolError quotes the header that it rejects, which may be the token.
        reason = type(error).__name__
        if not isinstance(error, httpx.LocalProtocolError) and str(error):
            reason += f": {error}"
        ours = ServiceConnectionError(
            f"The connection to {request.url.host} failed ({reason}).",
            maybe_accepted=not isinstance(error, never_sent),
        )
    ours.client_request_id = request.headers["x-ms-client-request-id"]
    return ours
