"""Questions to the wire: short scripts of exchanges, each with the answer that is expected.

They are data, one file an area, to be read by people, too. `{…}` in a request stands for what an
earlier answer gave. An expected answer is written as `masks` writes answers: `<text>` for any text,
`<time>`, `<count>`, `<id thread>`, and `{thread}` for the id that was kept under that name; a plain
value means itself. `{"@": "run", "status": "queued"}` is the shape `run` of `shapes.json` with
another status. What several scripts begin with is told once, in `given.json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

JSON = dict[str, Any]
_FOLDER = Path(__file__).parent / "cases"
_SHAPES, _GIVEN = "shapes", "given"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its expected answer.

    Args:
        send: method and path below the project.
        body: the JSON, with placeholders.
        query: parameters; `None` takes `api-version` away.
        file: name and text of a file that is sent as a form, with the body's members.
        until: statuses; the request is repeated until its answer has one of them.
        keep: names for what later requests need, each with its place in the answer; in a stream
            the place begins with the name of an event.
        status: the expected HTTP status.
        answer: the expected body; of a stream, nothing.
        events: the expected events, deltas in a row once.
    """

    send: str
    body: Any = None
    query: Mapping[str, str | None] = field(default_factory=dict)
    file: tuple[str, str] | None = None
    until: tuple[str, ...] = ()
    keep: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    answer: Any = None
    events: tuple[str, ...] | None = None

    @property
    def method(self) -> str:
        """Of HTTP."""
        return self.send.partition(" ")[0]

    @property
    def path(self) -> str:
        """Below the project, with placeholders."""
        return self.send.partition(" ")[2]

    @property
    def upload(self) -> tuple[str, bytes, str] | None:
        """The file: its name, content and media type."""
        return (self.file[0], self.file[1].encode(), "text/plain") if self.file else None

    @property
    def streams(self) -> bool:
        """Whether it asks for events."""
        asked = isinstance(self.body, dict) and self.body.get("stream") is True
        return asked or self.query.get("stream") == "true"

    @property
    def makes_a_run(self) -> bool:
        """Whether a model is to work for it."""
        last = self.path.rpartition("/")[2]
        works = last in ("runs", "responses", "submit_tool_outputs")
        return self.method == "POST" and works and self.status == 200


@dataclass(frozen=True, slots=True)
class Case:
    """One question to the wire.

    Args:
        name: what is promised.
        area: the file that it stands in.
        asks: ids of the rows of evidence that it is about.
        given: what has to be there before.
        exchanges: the question itself.
        headers: more headers for all of it.
        token: another token for all of it.
    """

    name: str
    area: str
    asks: tuple[str, ...]
    given: tuple[Exchange, ...]
    exchanges: tuple[Exchange, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    token: str | None = None

    @property
    def runs(self) -> int:
        """How often a model works for it."""
        return sum(one.makes_a_run for one in (*self.given, *self.exchanges))


@cache
def read_cases() -> tuple[Case, ...]:
    """All cases, area by area."""
    shapes, given = _read(_SHAPES), _read(_GIVEN)
    givens = {name: tuple(_exchanges(told, shapes)) for name, told in given.items()}
    areas = sorted(path.stem for path in _FOLDER.glob("*.json"))
    return tuple(
        _case(told, area, shapes, givens)
        for area in areas
        if area not in (_SHAPES, _GIVEN)
        for told in _read(area)
    )


def _case(told: JSON, area: str, shapes: JSON, givens: Mapping[str, tuple[Exchange, ...]]) -> Case:
    return Case(
        name=told["name"],
        area=area,
        asks=tuple(told["asks"]),
        given=tuple(one for name in told.get("given", ()) for one in givens[name]),
        exchanges=tuple(_exchanges(told["exchanges"], shapes)),
        headers=told.get("headers", {}),
        token=told.get("token"),
    )


def _exchanges(told: list[JSON], shapes: JSON) -> Iterator[Exchange]:
    for one in told:
        fields = dict(one)
        fields["answer"] = _shaped(fields.get("answer"), shapes)
        for name in ("until", "events", "file"):
            if name in fields:
                fields[name] = tuple(fields[name])
        if "body" in fields:
            fields["body"] = _written_out(fields["body"])
        yield Exchange(**fields)


def _shaped(value: Any, shapes: JSON) -> Any:
    """An expected answer whose named shapes are written out."""
    if isinstance(value, list):
        return [_shaped(one, shapes) for one in value]
    if not isinstance(value, dict):
        return value
    members = {key: _shaped(inner, shapes) for key, inner in value.items() if key != "@"}
    return {**_shaped(shapes[value["@"]], shapes), **members} if "@" in value else members


def _written_out(value: Any) -> Any:
    """A request whose repetitions are written out: `{"times": 33, "of": …}`."""
    if isinstance(value, list):
        return [_written_out(one) for one in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"times": int(times), "of": str(text)}:
            return text * times
        case {"times": int(times), "of": dict(pairs)} if len(pairs) == 1 and "key" in pairs:
            return {f"{pairs['key']}{place}": "value" for place in range(times)}
        case {"times": int(times), "of": one}:
            return [one] * times
    return {key: _written_out(inner) for key, inner in value.items()}


def _read(name: str) -> Any:
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
