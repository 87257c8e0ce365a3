"""What goes wrong, and how often: on the way to the service, in a stream, in a run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum, auto
from random import Random

from langchain_foundry_agents.errors import Response

RATES = (0.0, 0.01, 0.05, 0.2)
"""How often requests, reads and runs fail; an episode has one of these."""


class Way(Enum):
    """What becomes of a request."""

    LOST_BEFORE = auto()
    """It was never sent."""
    LOST_DURING = auto()
    """It did not arrive, and nobody can know."""
    LOST_AFTER = auto()
    """It was done, and the answer is lost."""
    REFUSED = auto()
    """It was not done, and the answer says so."""
    REFUSED_AFTER = auto()
    """It was done, and the answer says that it was not."""
    SLOW = auto()
    """It is done, and the answer takes long: perhaps longer than anybody waits."""
    STALE = auto()
    """A look brings what an earlier one saw."""


_WAYS = tuple(Way)


class Cut(Enum):
    """What becomes of a read."""

    BROKEN = auto()
    """The connection breaks."""
    ENDED = auto()
    """The stream is at its end before the run is."""
    STALLED = auto()
    """No more comes, and the connection stays."""
    AGAIN = auto()
    """Events come a second time."""


_CUTS = tuple(Cut)


@dataclass(frozen=True, slots=True)
class RunFault:
    """How a run goes wrong."""

    code: str = ""
    """`last_error`'s; empty where the run does not fail."""
    message: str = ""
    after_text: bool = False
    """Text was written before."""
    stuck: bool = False
    """It gets nowhere."""
    cut_short: bool = False
    """It ends incomplete."""


_FAILURES = {"response.failed", "thread.run.failed"}
_LIMIT = "Rate limit is exceeded. Try again in {} seconds."
_SORRY = "Sorry, something went wrong."


class Faults:
    """Chooses what goes wrong.

    Args:
        chance: The source of all choices.
        rate: How often anything does.
    """

    def __init__(self, chance: Random, rate: float) -> None:
        self._chance = chance
        self.rate = rate

    def of_request(self) -> Way | None:
        """What becomes of the next request; `None` if all is well."""
        return self._chance.choice(_WAYS) if self._chance.random() < self.rate else None

    def of_read(self) -> Cut | None:
        """What becomes of the next read. A stream takes many."""
        return self._chance.choice(_CUTS) if self._chance.random() < self.rate / 4 else None

    def of_run(self) -> RunFault | None:
        """How the next run goes wrong."""
        chance = self._chance
        if chance.random() >= self.rate:
            return None
        after_text = chance.random() < 0.5
        match chance.randrange(6):
            case 0:
                hint = _LIMIT.format(chance.choice((1, 22, 90)))
                return RunFault("rate_limit_exceeded", hint, after_text)
            case 1:
                return RunFault("rate_limit_exceeded", "Rate limit is exceeded.", after_text)
            case 2:
                return RunFault("server_error", _SORRY, after_text)
            case 3:
                return RunFault("invalid_prompt", "No.", after_text)
            case 4:
                return RunFault(stuck=True)
            case _:
                return RunFault(cut_short=True)

    def told(self, event: tuple[str, str]) -> list[tuple[str, str]]:
        """An event as the stream tells it: a failure half the times in an `error` event.

        Foundry tells it so after `response.failed` without a reason (earendil-works/pi#7983); of a
        classic run the `error` event may be all.
        """
        name, data = event
        if name.startswith("response.output_") and self._chance.random() < self.rate:
            return [(name, self._renamed(data))]
        if name not in _FAILURES or self._chance.random() < 0.5:
            return [event]
        state = json.loads(data)
        if name == "thread.run.failed":
            return [("error", json.dumps({"error": state["last_error"]}))]
        reason, state["response"]["error"] = state["response"]["error"], None
        error = {"type": "error", "error": reason}
        return [(name, json.dumps(state)), ("error", json.dumps(error))]

    def _renamed(self, data: str) -> str:
        """An event of an item under another id, or none, as some servers send it.

        https://github.com/BerriAI/litellm/pull/36375,
        https://github.com/microsoft/agent-framework/pull/6246
        """
        told = json.loads(data)
        about, name = (told["item"], "id") if "item" in told else (told, "item_id")
        about[name] = self._chance.choice((None, "", f"x_{self._chance.randrange(100)}"))
        return json.dumps(told)

    def refusal(self) -> Response:
        """An answer that says no."""
        chance = self._chance
        status = chance.choice((401, 408, 429, 429, 500, 502, 503))
        if status == 401:
            body = {"statusCode": 401, "message": "Unauthorized. Access token has expired."}
            return Response(401, {}, json.dumps(body))
        if status == 429:
            hint = chance.choice((None, "1", "7", "120"))
            headers = {"retry-after": hint} if hint else {}
            return Response(429, headers, '{"error": {"code": "429", "message": "Too many."}}')
        if status == 502:
            return Response(502, {"content-type": "text/html"}, "<html>Bad gateway</html>")
        return Response(status, {}, '{"error": {"code": "x", "message": "It broke."}}')

    def warns(self) -> bool:
        """Whether a good answer says that no more requests are free."""
        return self._chance.random() < self.rate / 10
