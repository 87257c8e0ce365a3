"""A probe finds nothing where there is nothing, and every alteration where there is one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from langchain_foundry_agents._parity.case import Case, read_cases
from langchain_foundry_agents._parity.probe import Compared, compare, questions
from langchain_foundry_agents._parity.target import PACE
from langchain_foundry_agents.emulator import EMULATOR_TOKEN, FoundryEmulator

from .altered import Alter, Reply, altered_service, in_events, in_json, with_status
from .conftest import target_of

Events = list[tuple[str, Any]]


class Alteration(NamedTuple):
    """What is altered, the case that must show it, and where it shows."""

    send: str
    alter: Alter
    case: str
    place: str


def swap(events: Events, one: int, other: int) -> None:
    events[one], events[other] = events[other], events[one]


def event(name: str, change: Callable[[Any], object]) -> Alter:
    """Alters what the first event of a name carries."""
    return in_events(lambda events: change(next(data for found, data in events if found == name)))


def last_delta(events: Events) -> Any:
    return [data for name, data in events if name.endswith(".delta")][-1]


THREAD, RUN = "a thread is made, shown, changed and deleted", "a run is started and completes"
GONE, PLAIN, TEXT = "an unknown thread is not found", "a plain run streams", "a text streams"
RESPONSE = "a response is made, shown and deleted"
RUNS = r"POST /threads/\w+/runs"
ALTERATIONS = {
    "a missing key": Alteration(
        "POST /threads", in_json(lambda body: body.pop("tool_resources")), THREAD, "tool_resources"
    ),
    "a new key": Alteration(
        "POST /threads", in_json(lambda body: body.update(new=1)), THREAD, "body.new"
    ),
    "a null": Alteration(
        "POST /threads", in_json(lambda body: body.update(metadata=None)), THREAD, "body.metadata"
    ),
    "a changed type": Alteration(
        "POST /threads", in_json(lambda body: body.update(created_at="now")), THREAD, "created_at"
    ),
    "a time that is no integer": Alteration(
        "POST /threads", in_json(lambda body: body.update(created_at=1.5)), THREAD, "created_at"
    ),
    "another word": Alteration(
        "POST /threads", in_json(lambda body: body.update(object="list")), THREAD, "body.object"
    ),
    "another status": Alteration("POST /threads", with_status(201), THREAD, "status"),
    "another number": Alteration(
        RUNS, in_json(lambda body: body.update(top_p=0.98)), RUN, "body.top_p"
    ),
    "a flipped boolean": Alteration(
        RUNS,
        in_json(lambda body: body.update(parallel_tool_calls=False)),
        RUN,
        "parallel_tool_calls",
    ),
    "a nested key less": Alteration(
        RUNS, in_json(lambda body: body["truncation_strategy"].pop("type")), RUN, ".type"
    ),
    "a list for an object": Alteration(
        RUNS, in_json(lambda body: body.update(metadata=[])), RUN, "body.metadata"
    ),
    "an item more": Alteration(
        RUNS,
        in_json(lambda body: body["tools"].append({"type": "code_interpreter"})),
        RUN,
        "tools[]",
    ),
    "another id": Alteration(
        r"GET /openai/v1/responses/\w+",
        in_json(lambda body: body.update(id="resp_1")),
        RESPONSE,
        "body.id",
    ),
    "another text of an error": Alteration(
        "GET /threads/thread_A+",
        in_json(lambda body: body["error"].update(message="Thread not found.")),
        GONE,
        "body.error.message",
    ),
    "another code of an error": Alteration(
        "GET /threads/thread_A+",
        in_json(lambda body: body["error"].update(code="not_found")),
        GONE,
        "body.error.code",
    ),
    "another status of an error": Alteration(
        "GET /threads/thread_A+", with_status(400), GONE, "status"
    ),
    "a page of HTML": Alteration(
        "GET /threads/thread_A+",
        lambda _: Reply(404, "text/html", b"<html>Not found</html>"),
        GONE,
        "content type",
    ),
    "no body": Alteration(
        "GET /threads/thread_A+",
        lambda reply: reply._replace(body=b""),
        GONE,
        "body",
    ),
    "another order of events": Alteration(
        RUNS, in_events(lambda events: swap(events, 0, 1)), PLAIN, "events"
    ),
    "an event less": Alteration(RUNS, in_events(lambda events: events.pop(1)), PLAIN, "events"),
    "an event more": Alteration(
        RUNS, in_events(lambda events: events.insert(1, ("thread.created", {}))), PLAIN, "events"
    ),
    "another name of an event": Alteration(
        RUNS,
        in_events(lambda events: events.insert(0, ("run.created", events.pop(0)[1]))),
        PLAIN,
        "events",
    ),
    "no end marker": Alteration(RUNS, in_events(lambda events: events.pop()), PLAIN, "events"),
    "an event's missing key": Alteration(
        RUNS,
        event("thread.run.completed", lambda run: run.pop("usage")),
        PLAIN,
        "thread.run.completed.usage",
    ),
    "a first delta's missing key": Alteration(
        RUNS,
        event(
            "thread.message.delta",
            lambda one: one["delta"]["content"][0]["text"].pop("annotations"),
        ),
        PLAIN,
        "thread.message.delta.delta.content[0].text.annotations",
    ),
    "a later delta's new key": Alteration(
        RUNS,
        in_events(lambda events: last_delta(events).update(role="assistant")),
        PLAIN,
        "thread.message.delta (later ones)",
    ),
    "a whole answer for a stream": Alteration(
        RUNS, lambda _: Reply(200, "application/json", b"{}"), PLAIN, "content type"
    ),
    "a done that is not asked for": Alteration(
        "POST /openai/v1/responses",
        in_events(lambda events: events.append(("done", "[DONE]"))),
        TEXT,
        "events",
    ),
    "no sequence numbers": Alteration(
        "POST /openai/v1/responses",
        event("response.output_text.delta", lambda one: one.pop("sequence_number")),
        TEXT,
        "response.output_text.delta.sequence_number",
    ),
    "a nested word of an event": Alteration(
        "POST /openai/v1/responses",
        event("response.completed", lambda one: one["response"].update(status="done")),
        TEXT,
        "response.completed.response.status",
    ),
}


def case_named(name: str) -> Case:
    (found,) = [case for case in read_cases() if case.name == name]
    return found


@pytest.mark.slow
def test_an_emulator_beside_another_one_shows_no_difference(running: FoundryEmulator) -> None:
    with FoundryEmulator(chunk_delay=PACE, token=EMULATOR_TOKEN) as other:
        compared = list(compare(target_of(running), target_of(other), read_cases()))

    assert [(one.case.name, one.differences()) for one in compared if one.differences()] == []
    assert not any(one.ours.problem or one.theirs.problem for one in compared)


@pytest.mark.parametrize("name", ALTERATIONS)
def test_each_alteration_is_found_where_it_is(running: FoundryEmulator, name: str) -> None:
    altered = ALTERATIONS[name]

    found = compared_with(running, altered)

    assert [one.place for one in found.differences() if altered.place in one.place] != []


def compared_with(running: FoundryEmulator, altered: Alteration) -> Compared:
    """The case of an alteration, asked of an emulator and of one that is altered."""
    with altered_service(running.project_endpoint, altered.send, altered.alter) as url:
        emulator = target_of(running)
        other = emulator.model_copy(update={"project_endpoint": url})
        (compared,) = compare(emulator, other, [case_named(altered.case)])
        return compared


def test_only_what_is_inferred_is_asked_unless_all_is_wanted() -> None:
    open_ones, all_of_them = questions(everything=False), questions(everything=True)

    assert set(map(id, open_ones)) < set(map(id, all_of_them))
    assert case_named("an unknown thread is not found") in open_ones
    assert case_named("a run is started and completes") not in open_ones
