"""A case, asked of a service: a flow, so that any driver and any credential will do.

Whatever the service makes for it is deleted, also when the case ends early.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from langchain_foundry_agents._flow.effects import Flow, Open, OutOfTime, Pause, Read, Send
from langchain_foundry_agents._flow.hints import retry_after
from langchain_foundry_agents._parity.case import Case, Exchange
from langchain_foundry_agents._parity.masks import Masks, texts_in
from langchain_foundry_agents._parity.places import agent_of, made_by, query_of
from langchain_foundry_agents._parity.seen import Seen, seen_body, seen_events
from langchain_foundry_agents.errors import FoundryAgentError, Response

JSON = dict[str, Any]
# Two braces are the service's own placeholders.
_PLACEHOLDER = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")
_MOST_LOOKS, _MOST_WAITS, _WAIT = 300, 5, 10.0


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a case.

    Args:
        case: which one.
        seen: its answers, as many as were asked for.
        problem: why it went no further.
        left: paths of what could not be deleted.
    """

    case: Case
    seen: tuple[Seen, ...]
    problem: str | None = None
    left: tuple[str, ...] = ()


def play(case: Case, values: Mapping[str, str], look_every: float) -> Flow[Played]:
    """Ask what a case asks.

    Args:
        case: the case.
        values: what placeholders stand for from the beginning: `model`, `name`.
        look_every: seconds between two looks at a run.
    """
    stage = _Stage(case, dict(values), look_every)
    try:
        yield from stage.perform()
    finally:
        yield from stage.tidy_up()
    return stage.played()


class _Stage:
    def __init__(self, case: Case, values: dict[str, str], look_every: float) -> None:
        self._case = case
        self._values = values
        self._look_every = look_every
        self._made: list[str] = []
        self._left: list[str] = []
        self._seen: list[Seen] = []
        self._problem: str | None = None
        exchanges = (*case.given, *case.exchanges)
        self._said = {text for one in exchanges for text in texts_in([one.body, one.query])}

    def played(self) -> Played:
        return Played(self._case, tuple(self._seen), self._problem, tuple(self._left))

    def perform(self) -> Flow[None]:
        """Ask, until the end or a problem."""
        for exchange in self._case.given:
            seen = yield from self._asked(exchange)
            if seen and seen.status != exchange.status:
                self._problem = f"{exchange.send}: {seen.status}, where {exchange.status} is needed"
            if self._problem:
                return
        for exchange in self._case.exchanges:
            seen = yield from self._asked(exchange)
            if seen is None:
                return
            self._seen.append(seen)

    def tidy_up(self) -> Flow[None]:
        """Delete what was made, the newest first; what is gone already is fine."""
        for path in reversed(self._made):
            deletion = Send("DELETE", path, None, query_of(path, {}), repeatable=True)
            try:
                status = (yield from _patient(deletion)).status_code
            except FoundryAgentError:
                status = 0
            if status != 404 and not 200 <= status < 300:
                self._left.append(path)

    def _asked(self, exchange: Exchange) -> Flow[Seen | None]:
        """An answer; nothing where the case can go no further."""
        try:
            return (yield from self._ask(exchange))
        except FoundryAgentError as error:
            self._problem = f"{exchange.send}: {type(error).__name__}"
        except OutOfTime:
            self._problem = f"{exchange.send}: no answer in time"
        except KeyError as unknown:
            self._problem = f"{exchange.send}: no {unknown.args[0]} is known"
        return None

    def _ask(self, exchange: Exchange) -> Flow[Seen]:
        path = self._filled(exchange.path)
        query = query_of(path, self._filled(exchange.query))
        body = self._filled(exchange.body)
        made_before = list(self._made)
        if exchange.method == "POST":
            self._note(agent_of(path, body))
        if exchange.streams:
            opening = Open(path, body, query, exchange.method)
            seen = yield from self._stream(exchange, opening)
        else:
            request = Send(exchange.method, path, body, query, file=exchange.upload)
            response = yield from self._look(exchange, request)
            seen = self._whole(exchange, path, response)
        if seen.status >= 300:
            self._made = made_before
        return seen

    def _look(self, exchange: Exchange, request: Send) -> Flow[Response]:
        """An answer; where statuses are awaited, the first one that has such a status."""
        response = yield from _patient(request)
        for _ in range(_MOST_LOOKS):
            if not exchange.until or _read(response.text).get("status") in exchange.until:
                break
            yield Pause(self._look_every, self._look_every)
            response = yield from _patient(request)
        return response

    def _stream(self, exchange: Exchange, request: Open) -> Flow[Seen]:
        response: Response = yield from _patient(request)
        if response.text or response.status_code >= 300:
            return self._whole(exchange, request.path, response)
        events: list[tuple[str, Any]] = []
        while batch := (yield Read()):
            events += [(name, _read(data)) for name, data in batch]
            for _, data in events[-len(batch) :]:
                self._note(made_by(request.path, data.get("response", data)))
        self._keep(exchange, dict(reversed(events)))
        return seen_events(response.status_code, _kind(response), events, self._masks())

    def _whole(self, exchange: Exchange, path: str, response: Response) -> Seen:
        body = _read(response.text)
        if response.status_code < 300:
            if exchange.method == "POST":
                self._note(made_by(path, body))
            self._keep(exchange, body)
        return seen_body(response.status_code, _kind(response), response.text, self._masks())

    def _note(self, made: str | None) -> None:
        if made and made not in self._made:
            self._made.append(made)

    def _keep(self, exchange: Exchange, body: Any) -> None:
        """Keeps what later requests need; what is not there ends the case at the one that does."""
        for name, place in exchange.keep.items():
            found = body
            with suppress(LookupError, TypeError, ValueError):
                for step in place.split("/"):
                    found = found[int(step)] if isinstance(found, list) else found[step]
                self._values[name] = str(found)

    def _masks(self) -> Masks:
        return Masks(self._values, self._said)

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self._filled(key): self._filled(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        if isinstance(value, str):
            return _PLACEHOLDER.sub(lambda found: self._values[found[1]], value)
        return value


def _patient(request: Send | Open) -> Flow[Response]:
    """An answer; who is asked to wait waits."""
    response: Response = yield request
    for _ in range(_MOST_WAITS):
        if response.status_code != 429:
            break
        wait = retry_after(response.headers, response.text) or _WAIT
        yield Pause(wait, wait * 1.1, is_retry=True, holds_quota=True)
        response = yield request
    return response


def _read(text: str) -> JSON:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _kind(response: Response) -> str:
    return response.headers.get("content-type", "").partition(";")[0]
