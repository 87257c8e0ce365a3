"""What can befall one effect of a flow, and what a turn may come to then."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from langchain_foundry_agents._flow.effects import (
    Abandoned,
    Claim,
    Decide,
    Effect,
    Emit,
    Fetch,
    Hold,
    Open,
    OutOfTime,
    Pause,
    Read,
    Send,
)
from langchain_foundry_agents.errors import (
    AuthenticationError,
    BadRequestError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    Response,
    RunCancelledError,
    RunTimeoutError,
    ServiceConnectionError,
    ServiceError,
)

from .player import refused

REQUESTS: tuple[type[Effect], ...] = (Send, Open, Fetch)
_WAITS: tuple[type[Effect], ...] = (*REQUESTS, Read, Pause, Decide)
_ANY: tuple[type[Effect], ...] = (*_WAITS, Emit, Claim, Hold)

Ending = type[BaseException]
_FOR_GOOD = 1000


class Fault(NamedTuple):
    """One way for an effect to fail."""

    befalls: tuple[type[Effect], ...]
    result: Callable[[Response], Any]
    """What the effect comes to, an exception too; of the answer that the service would give."""
    ends_in: tuple[Ending, ...] = ()
    """Errors that a turn may end in. Else it has to give the right answer."""
    done: bool = False
    """The service did what it was asked to all the same."""
    times: int = 1
    """How many effects of this kind fail, one after the other."""

    @property
    def passes(self) -> bool:
        """Whether what tidies up afterwards works again."""
        return self.times < _FOR_GOOD


def _gives(result: Any) -> Callable[[Response], Any]:
    return lambda _: result


def _lost(*, maybe_accepted: bool) -> Callable[[Response], Any]:
    return lambda _: ServiceConnectionError("Broken.", maybe_accepted=maybe_accepted)


def _halved(answer: Response) -> Response:
    return Response(200, {}, (answer.text or '{"id": "x"}')[:-1])


_HTML = Response(200, {"content-type": "text/html"}, "<html>Sign in, please</html>")
_ROLE = "The principal lacks the required data action `Microsoft/agents/write`."
_BROKEN = refused(500, "Sorry, something went wrong.", "server_error")
_TOO_MANY = refused(429, "Too many requests.", "429")
_LATER = refused(429, "Too many requests.", "429", retry_after="3")
_MUCH_LATER = refused(429, "Too many requests.", "429", retry_after="3600")
_TOKEN = refused(401, "Unauthorized. Access token is missing, invalid, or expired.")
_NO_ROLE = refused(401, _ROLE, "PermissionDenied")
_GONE = refused(404, "Nothing is here.", "not_found")
_BAD = refused(400, "Invalid value.", "invalid_value")
_ERROR_EVENT = [("error", json.dumps({"error": {"code": "server_error", "message": "Sorry."}}))]
_GARBLED = [("thread.run.completed", '{"id": ')]

# A response that nobody listens to any more is dropped by the service.
_CUT: tuple[Ending, ...] = (RunCancelledError, ServiceConnectionError)

FAULTS: dict[str, Fault] = {
    "never sent": Fault(REQUESTS, _lost(maybe_accepted=False)),
    "lost on its way": Fault(REQUESTS, _lost(maybe_accepted=True), (ServiceConnectionError,)),
    "answer lost": Fault(
        REQUESTS, _lost(maybe_accepted=True), (ServiceConnectionError,), done=True
    ),
    "429 with a hint": Fault(REQUESTS, _gives(_LATER)),
    "429 with a long hint": Fault(REQUESTS, _gives(_MUCH_LATER), (RateLimitError,)),
    "429": Fault(REQUESTS, _gives(_TOO_MANY)),
    "500": Fault(REQUESTS, _gives(_BROKEN), (ServiceError,)),
    "500 though done": Fault(REQUESTS, _gives(_BROKEN), (ServiceError,), done=True),
    "expired token": Fault(REQUESTS, _gives(_TOKEN)),
    "no role": Fault(REQUESTS, _gives(_NO_ROLE), (PermissionDeniedError,)),
    "404": Fault(REQUESTS, _gives(_GONE), (NotFoundError,)),
    "400": Fault(REQUESTS, _gives(_BAD), (BadRequestError,)),
    "HTML with 200": Fault(REQUESTS, _gives(_HTML), (ProtocolError,)),
    "broken JSON": Fault(REQUESTS, _halved, (ProtocolError,), done=True),
    "cut stream": Fault((Read,), _lost(maybe_accepted=True), _CUT),
    "early end of the stream": Fault((Read,), _gives(None), (*_CUT, ProtocolError)),
    "error event": Fault((Read,), _gives(_ERROR_EVENT), (ServiceError,)),
    "garbled event": Fault((Read,), _gives(_GARBLED), (ProtocolError,)),
    "out of time": Fault(_WAITS, _gives(OutOfTime()), (RunTimeoutError,)),
    "out of time though done": Fault(REQUESTS, _gives(OutOfTime()), (RunTimeoutError,), done=True),
    "left": Fault(_ANY, _gives(Abandoned()), (Abandoned,)),
    "left though done": Fault(REQUESTS, _gives(Abandoned()), (Abandoned,), done=True),
    "held by another": Fault((Hold,), _gives(False), times=3),
    "claimed by another": Fault((Claim,), _gives(False)),
    "no connection any more": Fault(
        REQUESTS, _lost(maybe_accepted=False), (ServiceConnectionError,), times=_FOR_GOOD
    ),
    "429 for good": Fault(REQUESTS, _gives(_TOO_MANY), (RateLimitError,), times=_FOR_GOOD),
    "500 for good": Fault(REQUESTS, _gives(_BROKEN), (ServiceError,), times=_FOR_GOOD),
    "401 for good": Fault(REQUESTS, _gives(_TOKEN), (AuthenticationError,), times=_FOR_GOOD),
}
