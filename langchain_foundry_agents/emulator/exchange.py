"""A request and its answer, before and after HTTP: what the pure service takes and gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.json_text import read_json
from langchain_foundry_agents.emulator.refusals import invalid

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.events import Feed
    from langchain_foundry_agents.emulator.records import JsonObject, Run
    from langchain_foundry_agents.emulator.responses.records import StoredResponse


class Query(dict[str, str]):
    """The members of a query by name.

    The values of a name that comes more than once are joined by commas, as the service's framework
    (ASP.NET Core's `StringValues`) joins them.

    Args:
        pairs: names and values in the order in which they came.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs = tuple(pairs)
        for name, value in self.pairs:
            self[name] = f"{self[name]},{value}" if name in self else value


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def query_pairs(self) -> tuple[tuple[str, str], ...]:
        """The query's names and values, those of a name that came twice apart."""
        return self.query.pairs if isinstance(self.query, Query) else tuple(self.query.items())


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has found its endpoint: ids of the path, query, JSON body.

    Forms come as they are: `raw`, whose form `content_type` says.
    """

    ids: Mapping[str, str]
    query: Mapping[str, str]
    body: JsonObject
    raw: bytes = b""
    content_type: str = ""
    user: str = ""
    """The user that the caller asks for, `x-ms-user-identity`."""
    agent_name: str | None = None
    """The agent whose own endpoint was asked."""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service says, and what it wants done.

    `feed` is set where the answer is a stream, `content` where it is a file. `start` is a run that
    the brain should take up, `stop` one that it should drop. `headers` are added to the usual ones.
    """

    body: JsonObject
    status: int = 200
    feed: Feed | None = None
    content: bytes | None = None
    start: Run | None = None
    stop: Run | None = None
    begin: StoredResponse | None = None
    give_up: StoredResponse | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def waits(self) -> bool:
        """Whether the caller is answered only when the response is over."""
        return self.begin is not None and self.feed is None and not self.begin.background


def json_body(raw: bytes) -> JsonObject:
    """The body of a request; no body is an empty one.

    Raises:
        Refusal: it is no JSON object.
    """
    if not raw.strip():
        return {}
    try:
        body = read_json(raw)
    except ValueError as error:
        raise invalid(f"The request body is not valid JSON. {error}") from None
    if not isinstance(body, dict):
        raise invalid("The request body is not a JSON object.", code="invalid_type")
    return body
