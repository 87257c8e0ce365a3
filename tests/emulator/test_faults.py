"""The emulator's faults by name: which requests they meet, and what goes over the wire then."""

from __future__ import annotations

import re
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from langchain_foundry_agents.emulator import Fault, FoundryEmulator
from langchain_foundry_agents.emulator.faults.table import FAULTS

from .conftest import client

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject

HELLO = [{"role": "user", "content": "Grüße für 3 €"}]
NEW = {"type": "agent_reference", "name": "helper"}


@pytest.fixture
def run(emulator: FoundryEmulator) -> JsonObject:
    """The body of a request that creates a thread and a run."""
    return {"assistant_id": emulator.create_agent(), "thread": {"messages": HELLO}}


@pytest.fixture
def response(emulator: FoundryEmulator) -> JsonObject:
    """The body of a request that creates a response."""
    emulator.create_agent(name="helper", generation="new")
    return {"agent_reference": NEW, "input": "Grüße für 3 €"}


def came(http: httpx.Client, path: str, body: JsonObject) -> tuple[bytes, str | None]:
    """The bytes of an answer that came, and the class of the error that it ended in."""
    got = b""
    try:
        with http.stream("POST", path, json=body, timeout=0.2) as answer:
            for piece in answer.iter_raw():
                got += piece
    except httpx.TransportError as error:
        return got, type(error).__name__
    return got, None


def test_a_fault_meets_the_next_request_for_a_run_and_no_other(
    emulator: FoundryEmulator, http: httpx.Client, run: JsonObject
) -> None:
    injected = emulator.inject("rate-limit")

    http.get("/threads")
    statuses = [http.post("/threads/runs", json=run).status_code for _ in range(2)]

    assert statuses == [429, 200]
    assert [request.fault for request in emulator.requests] == [None, "rate-limit", None]
    assert injected.met == 1


def test_faults_are_met_in_their_order_and_as_often_as_they_are_told(run: JsonObject) -> None:
    faults = [Fault("server-error", times=2, status=503), Fault("expired-token")]
    with FoundryEmulator(faults=faults) as emulator, client(emulator) as http:
        body = run | {"assistant_id": emulator.create_agent()}
        statuses = [http.post("/threads/runs", json=body).status_code for _ in range(4)]

    assert statuses == [503, 503, 401, 200]


def test_a_fault_is_over_with_its_block(
    emulator: FoundryEmulator, http: httpx.Client, run: JsonObject
) -> None:
    with emulator.inject("server-error", chance=1):
        assert http.post("/threads/runs", json=run).status_code == 500
        assert http.post("/threads/runs", json=run).status_code == 500

    assert http.post("/threads/runs", json=run).status_code == 200


def test_chance_is_the_same_with_the_same_seed() -> None:
    met = []
    for seed in (7, 7, 8):
        faults = [Fault("server-error", on="GET /threads", chance=0.5)]
        with FoundryEmulator(seed=seed, faults=faults) as emulator, client(emulator) as http:
            met.append([http.get("/threads").status_code for _ in range(20)])

    assert met[0] == met[1] != met[2]
    assert set(met[0]) == {200, 500}


@pytest.mark.parametrize(
    ("on", "path"),
    [
        ("GET /threads", "/threads"),
        ("/threads/*", "/threads/thread_1"),
        ("GET /threads/**", "/threads/thread_1/runs/run_1"),
        ("**", "/files"),
        ("/responses/*", "/openai/v1/responses/resp_1"),
        ("/responses/*", "/agents/helper/endpoint/protocols/openai/responses/resp_1"),
        (("/files", "/threads"), "/threads"),
    ],
)
def test_a_route_is_met(emulator: FoundryEmulator, http: httpx.Client, on: Any, path: str) -> None:
    with emulator.inject("server-error", on=on, status=502):
        assert http.get(path).status_code == 502


@pytest.mark.parametrize(
    ("on", "path"),
    [("POST /threads", "/threads"), ("/threads/*", "/threads"), ("/threads", "/threads/thread_1")],
)
def test_another_route_is_not_met(
    emulator: FoundryEmulator, http: httpx.Client, on: str, path: str
) -> None:
    with emulator.inject("server-error", on=on, status=502):
        assert http.get(path).status_code != 502


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rate-limt", "There is no fault 'rate-limt'. Did you mean 'rate-limit'?"),
        ("x", "There is no fault 'x'. There are: rate-limit, "),
        ("stall:evnt=1", "There is no parameter of stall 'evnt'. Did you mean 'event'?"),
        ("crlf:x=1", "There is no parameter of crlf 'x'. It has: on, times, chance."),
        ("stall:at=x", "at of stall is a whole number, 0 or more, not 'x'."),
        ("stall:at=1.5", "at of stall is a whole number, 0 or more, not 1.5."),
        ("stall:chance=2", "chance of stall is a number, 0 or more, at most 1, not 2."),
        ("stall:times=0.5", "times of stall is a whole number, 0 or more, not 0.5."),
        ("rate-limit:retry_after=-1", "retry_after of rate-limit is a number, 0 or more, not -1."),
        ("rate-limit:by=text", "by of rate-limit is one of 'retry-after', 'retry-after-ms', "),
        ("stall:on=threads", "'threads' is no route: give METHOD /path, such as "),
        ("stall:at", "'at' is no parameter of stall: give KEY=VALUE."),
    ],
)
def test_what_no_fault_takes_is_refused_with_the_nearest(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(says)}"):
        Fault.parse(text)


def test_a_fault_can_be_read_from_text() -> None:
    read = Fault.parse("rate-limit:times=3,retry-after=0.5,by=date,on=POST /threads/runs")

    assert read == Fault("rate-limit", times=3, retry_after=0.5, by="date", on="POST /threads/runs")


def test_every_fault_says_what_it_does() -> None:
    assert [name for name, row in FAULTS.items() if not row.__doc__] == []


@pytest.mark.parametrize(
    ("by", "value"),
    [("retry-after", "1.5"), ("retry-after-ms", "1500"), ("x-ms-retry-after-ms", "1500")],
)
def test_a_rate_limit_says_when_to_come_back(
    emulator: FoundryEmulator, http: httpx.Client, run: JsonObject, by: str, value: str
) -> None:
    emulator.inject("rate-limit", retry_after=1.5, by=by)

    answer = http.post("/threads/runs", json=run)

    assert answer.status_code == 429
    assert answer.headers[by] == value


def test_a_rate_limit_may_say_it_by_a_date(
    emulator: FoundryEmulator, http: httpx.Client, run: JsonObject
) -> None:
    emulator.inject("rate-limit", retry_after=90, by="date")

    headers = http.post("/threads/runs", json=run).headers

    then, now = (parsedate_to_datetime(headers[name]) for name in ("retry-after", "date"))
    assert timedelta(seconds=89) <= then - now <= timedelta(seconds=90)


@pytest.mark.parametrize(
    ("text", "status", "kind", "says"),
    [
        ("rate-limit", 429, "application/json", '"429"'),
        ("permission-denied", 401, "application/json", "PermissionDenied"),
        ("expired-token", 401, "application/json", "Access token is missing, invalid"),
        ("html-page", 502, "text/html", "<h1>Bad Gateway</h1>"),
        ("html-page:status=200", 200, "text/html", "<h1>Bad Gateway</h1>"),
    ],
)
def test_the_service_is_not_asked_where_a_fault_answers(
    emulator: FoundryEmulator,
    http: httpx.Client,
    run: JsonObject,
    text: str,
    status: int,
    kind: str,
    says: str,
) -> None:
    fault = Fault.parse(text)
    emulator.inject(fault.name, **fault.parameters)

    answer = http.post("/threads/runs", json=run)

    assert answer.status_code == status
    assert answer.headers["content-type"] == kind
    assert says in answer.text
    assert not emulator.service.state.threads


def test_a_connection_that_drops_before_has_asked_for_nothing(
    emulator: FoundryEmulator, http: httpx.Client, run: JsonObject
) -> None:
    emulator.inject("drop-before")

    assert came(http, "/threads/runs", run) == (b"", "RemoteProtocolError")
    assert not emulator.service.state.threads
    assert emulator.requests[0].status == 0


@pytest.mark.parametrize("stream", [True, False])
def test_a_connection_that_drops_after_has_got_its_work_done(
    emulator: FoundryEmulator, http: httpx.Client, response: JsonObject, stream: bool
) -> None:
    emulator.inject("drop-after")

    got = came(http, "/openai/v1/responses", response | {"stream": stream})

    assert got == (b"", "RemoteProtocolError")
    assert [one.status for one in emulator.service.state.responses.values()] == ["completed"]
    assert emulator.requests[0].status == 0


def test_a_connection_that_drops_during_brings_half_of_an_answer(
    emulator: FoundryEmulator, http: httpx.Client, run: JsonObject
) -> None:
    whole = len(http.post("/threads/runs", json=run, headers={"accept-encoding": ""}).content)
    emulator.inject("drop-during")

    http.headers["accept-encoding"] = ""
    got, error = came(http, "/threads/runs", run)

    assert (len(got), error) == (whole // 2, "RemoteProtocolError")


@pytest.mark.parametrize(
    ("name", "error"), [("cut-stream", "RemoteProtocolError"), ("stall", "ReadTimeout")]
)
@pytest.mark.parametrize("at", [0, 1, 120, 3000])
def test_so_many_bytes_come_of_a_stream_and_no_more(
    emulator: FoundryEmulator,
    http: httpx.Client,
    run: JsonObject,
    name: str,
    error: str,
    at: int,
) -> None:
    emulator.inject(name, at=at)

    got, ended_in = came(http, "/threads/runs", run | {"stream": True})

    assert (len(got), ended_in) == (at, error)


@pytest.mark.parametrize("event", [0, 1, 5])
def test_so_many_events_come_of_a_stream_and_no_more(
    emulator: FoundryEmulator, http: httpx.Client, response: JsonObject, event: int
) -> None:
    emulator.inject("cut-stream", event=event)

    got, ended_in = came(http, "/openai/v1/responses", response | {"stream": True})

    assert (got.count(b"\n\n"), ended_in) == (event, "RemoteProtocolError")
    assert got.endswith(b"}\n\n") or not event


def test_an_emulator_stops_though_a_stream_has_stalled() -> None:
    with FoundryEmulator(faults=[Fault("stall")]) as emulator, client(emulator) as http:
        agent = emulator.create_agent()
        body = {"assistant_id": agent, "thread": {"messages": HELLO}, "stream": True}
        with http.stream("POST", "/threads/runs", json=body) as answer:
            assert answer.status_code == 200
            emulator.stop()


def test_characters_are_torn_apart_between_two_chunks(
    emulator: FoundryEmulator, http: httpx.Client, run: JsonObject
) -> None:
    emulator.inject("split-utf8")

    with http.stream("POST", "/threads/runs", json=run | {"stream": True}) as answer:
        pieces = list(answer.iter_raw())

    assert sum(piece[-1] >= 0xC2 for piece in pieces) >= len("üü€")
    assert "Grüße für 3 €" in b"".join(pieces).decode()


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("crlf", b"event: thread.created\r\ndata: {"),
        ("comments", b': keepalive\n\nevent: keepalive\ndata: {"type":"keepalive"}\n\nevent: t'),
    ],
)
def test_a_stream_has_another_form(
    emulator: FoundryEmulator, http: httpx.Client, run: JsonObject, name: str, begins: bytes
) -> None:
    emulator.inject(name)

    assert http.post("/threads/runs", json=run | {"stream": True}).content.startswith(begins)


def test_every_event_comes_twice(
    emulator: FoundryEmulator, http: httpx.Client, run: JsonObject
) -> None:
    emulator.inject("duplicate-events")

    stream = http.post("/threads/runs", json=run | {"stream": True}).content
    events = stream.split(b"\n\n")[:-1]

    assert events[::2] == events[1::2]
    assert len(events) == 2 * len(set(events))
