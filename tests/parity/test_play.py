"""How a case is asked: what it does to the service, and what it leaves there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from langchain_foundry_agents._flow.effects import Abandoned, Open, OutOfTime, Pause, Read, Send
from langchain_foundry_agents._parity.case import Case, Exchange, read_cases
from langchain_foundry_agents._parity.play import Played, play
from langchain_foundry_agents.emulator import FoundryEmulator
from langchain_foundry_agents.errors import Response, ServiceConnectionError

from .conftest import target_of

THREAD = Exchange("POST /threads", {}, keep={"thread": "id"})
MESSAGE = Exchange("POST /threads/{thread}/messages", {"role": "user", "content": "Hi"})


def case_of(*exchanges: Exchange, given: tuple[Exchange, ...] = ()) -> Case:
    return Case("a case", "area", ("general.success",), given, exchanges)


def answer(body: Any, status: int = 200, **headers: str) -> Response:
    kind = {"content-type": "application/json"}
    return Response(status, {**kind, **headers}, json.dumps(body))


def perform(case: Case, *results: Any) -> tuple[list[Any], Played]:
    """The effects that a case asks for, with these results; errors are thrown in."""
    flow, effects = play(case, {"model": "m", "name": "n"}, 0.5), []
    told = iter(results)
    try:
        effect = next(flow)
        while True:
            effects.append(effect)
            result = next(told)
            effect = flow.throw(result) if isinstance(result, BaseException) else flow.send(result)
    except StopIteration as end:
        return effects, end.value


def sends(effects: list[Any]) -> list[str]:
    return [f"{one.method} {one.path}" for one in effects if isinstance(one, Send | Open)]


def test_what_was_made_is_deleted_the_newest_first() -> None:
    case = case_of(THREAD, Exchange("POST /files", {}))

    effects, played = perform(
        case, answer({"id": "thread_1"}), answer({"id": "file_1"}), answer({}), answer({})
    )

    assert sends(effects)[2:] == ["DELETE /files/file_1", "DELETE /threads/thread_1"]
    assert (played.problem, played.left) == (None, ())


@pytest.mark.parametrize(
    ("send", "body", "deletion"),
    [
        ("POST /threads/runs", {"id": "run_1", "thread_id": "thread_1"}, "/threads/thread_1"),
        ("POST /assistants", {"id": "asst_1"}, "/assistants/asst_1"),
        ("POST /vector_stores", {"id": "vs_1"}, "/vector_stores/vs_1"),
        ("POST /agents", {"id": "n", "name": "n"}, "/agents/n"),
        ("POST /agents/{name}", {"name": "n"}, "/agents/n"),
        ("POST /agents/{name}/versions", {"id": "n:1", "name": "n"}, "/agents/n"),
        ("POST /openai/v1/conversations", {"id": "conv_1"}, "/openai/v1/conversations/conv_1"),
        (
            "POST /openai/v1/responses",
            {"id": "resp_1", "object": "response"},
            "/openai/v1/responses/resp_1",
        ),
        (
            "POST /agents/{name}/endpoint/protocols/openai/responses",
            {"id": "resp_1", "object": "response"},
            "/agents/n/endpoint/protocols/openai/responses/resp_1",
        ),
    ],
)
def test_each_kind_of_thing_is_deleted_where_it_is(send: str, body: Any, deletion: str) -> None:
    effects, _ = perform(case_of(Exchange(send, {"name": "n"})), answer(body), answer({}))

    assert sends(effects)[1:] == [f"DELETE {deletion}"]


@pytest.mark.parametrize("send", ["POST /threads/{name}", "POST /threads/x/messages", "GET /files"])
def test_what_makes_nothing_of_its_own_is_not_deleted(send: str) -> None:
    effects, _ = perform(case_of(Exchange(send)), answer({"id": "thread_1"}))

    assert len(effects) == 1


def test_a_refusal_that_did_not_come_is_tidied_up_too() -> None:
    refused = Exchange("POST /threads", {"metadata": {"k": 1}}, status=400)

    effects, played = perform(case_of(refused), answer({"id": "thread_1"}), answer({}))

    assert sends(effects)[1:] == ["DELETE /threads/thread_1"]
    assert played.seen[0].unexpected(refused)[0].place == "status"


def test_a_broken_connection_ends_the_case_and_what_was_made_is_deleted() -> None:
    broken = ServiceConnectionError("The connection broke.")

    effects, played = perform(
        case_of(THREAD, MESSAGE, MESSAGE), answer({"id": "thread_1"}), broken, answer({})
    )

    assert sends(effects)[1:] == ["POST /threads/thread_1/messages", "DELETE /threads/thread_1"]
    assert played.problem == "POST /threads/{thread}/messages: ServiceConnectionError"
    assert len(played.seen) == 1


def test_an_agent_is_deleted_also_where_its_answer_was_lost() -> None:
    lost = ServiceConnectionError("The connection broke.", maybe_accepted=True)

    effects, _ = perform(case_of(Exchange("POST /agents/{name}/versions", {})), lost, answer({}))

    assert sends(effects)[1:] == ["DELETE /agents/n"]


def test_an_agent_that_was_refused_is_not_deleted() -> None:
    effects, _ = perform(
        case_of(Exchange("POST /agents", {"name": "{name}"}, status=409)), answer({}, status=409)
    )

    assert len(effects) == 1


def test_a_thread_is_deleted_also_where_its_stream_broke_off() -> None:
    opened = Response(200, {"content-type": "text/event-stream"})
    batch = [("thread.created", '{"id": "thread_1", "object": "thread"}')]
    broken = ServiceConnectionError("The connection broke.")

    effects, played = perform(
        case_of(Exchange("POST /threads/runs", {"stream": True})), opened, batch, broken, answer({})
    )

    assert sends(effects)[-1] == "DELETE /threads/thread_1"
    assert played.problem == "POST /threads/runs: ServiceConnectionError"


def test_a_case_that_takes_too_long_ends_and_what_was_made_is_deleted() -> None:
    effects, played = perform(
        case_of(THREAD, MESSAGE), answer({"id": "thread_1"}), OutOfTime(), answer({})
    )

    assert sends(effects)[-1] == "DELETE /threads/thread_1"
    assert played.problem == "POST /threads/{thread}/messages: no answer in time"


def test_a_caller_that_leaves_leaves_nothing_behind() -> None:
    flow = play(case_of(THREAD, MESSAGE), {}, 0.5)
    next(flow)
    flow.send(answer({"id": "thread_1"}))

    deletion = flow.throw(Abandoned())

    assert isinstance(deletion, Send)
    assert (deletion.method, deletion.path) == ("DELETE", "/threads/thread_1")
    with pytest.raises(Abandoned):
        flow.send(answer({}))


def test_what_cannot_be_deleted_is_told() -> None:
    _, played = perform(case_of(THREAD), answer({"id": "thread_1"}), answer({}, status=500))

    assert played.left == ("/threads/thread_1",)


def test_what_is_gone_already_is_fine() -> None:
    _, played = perform(case_of(THREAD), answer({"id": "thread_1"}), answer({}, status=404))

    assert played.left == ()


def test_who_is_asked_to_wait_waits() -> None:
    busy = answer({"error": {"message": "Slow down."}}, status=429, **{"retry-after": "7"})

    effects, played = perform(case_of(THREAD), busy, None, answer({"id": "thread_1"}), answer({}))

    assert isinstance(effects[1], Pause)
    assert effects[1].at_least == 7
    assert played.seen[0].status == 200


def test_a_run_is_looked_at_until_it_is_over() -> None:
    run = Exchange("GET /threads/t/runs/r", until=("completed",))

    effects, played = perform(
        case_of(run), answer({"status": "queued"}), None, answer({"status": "completed"})
    )

    assert effects[1] == Pause(0.5, 0.5)
    assert played.seen[0].body == {"status": "completed"}


def test_what_has_to_be_there_and_is_not_ends_the_case() -> None:
    _, played = perform(case_of(MESSAGE, given=(THREAD,)), answer({}, status=500))

    assert (played.problem, played.seen) == ("POST /threads: 500, where 200 is needed", ())


def test_a_placeholder_that_nothing_was_kept_for_ends_the_case() -> None:
    _, played = perform(case_of(MESSAGE))

    assert played.problem == "POST /threads/{thread}/messages: no thread is known"


@pytest.mark.parametrize("place", ["id", "data/0/id", "object/id", "required_action/calls/0"])
def test_an_answer_without_what_is_to_be_kept_is_seen_all_the_same(place: str) -> None:
    kept = Exchange("GET /threads/t", keep={"thread": place})
    body: Any = {"object": "thread", "data": [], "required_action": None}

    _, played = perform(case_of(kept, MESSAGE), answer(body))

    assert [one.status for one in played.seen] == [200]
    assert played.problem == "POST /threads/{thread}/messages: no thread is known"


def test_a_stream_is_read_to_its_end() -> None:
    body = {"stream": True}
    run = Exchange("POST /threads/runs", body, keep={"thread": "thread.created/id"})
    opened = Response(200, {"content-type": "text/event-stream; charset=utf-8"})
    batch = [("thread.created", '{"id": "thread_1", "object": "thread"}'), ("done", "[DONE]")]

    effects, played = perform(case_of(run), opened, batch, None, answer({}))

    assert [type(effect) for effect in effects] == [Open, Read, Read, Send]
    assert played.seen[0].events == ("thread.created", "done")
    assert sends(effects)[-1] == "DELETE /threads/thread_1"


def test_api_version_is_said_where_it_belongs() -> None:
    asked = ("GET /threads", "GET /openai/v1/files", "GET /agents")

    effects, _ = perform(case_of(*map(Exchange, asked)), *[answer({})] * 3)

    assert [effect.query for effect in effects] == [
        (("api-version", "v1"),),
        (),
        (("api-version", "v1"),),
    ]


def test_nothing_is_left_on_a_service_whose_connections_break() -> None:
    breaking = ("POST /threads/*/runs", "GET /threads/*/runs/*", "POST /threads/*/messages")
    chosen = [case for case in read_cases() if case.area in ("runs", "messages")][::3]
    with FoundryEmulator(seed=1) as emulator:
        emulator.inject("drop-after", on=breaking, chance=0.5)
        played = [target_of(emulator).ask(case) for case in chosen]

    problems = [one for one in played if one.problem]
    state = emulator.service.state
    assert 0 < len(problems) < len(chosen)
    assert [one.left for one in played if one.left] == []
    assert (state.threads, state.agents, state.files) == ({}, {}, {})
