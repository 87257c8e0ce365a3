"""Responses in the background, and those whose caller goes away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from langchain_foundry_agents.emulator import CutShort, Fail, FoundryEmulator, Reply
from langchain_foundry_agents.emulator.brains.script import Part

from ..brains import PatientBrain
from ..conftest import client
from ..room import Room, names
from .scene import CONVERSATIONS, error_of, new_conversation, new_version, texts
from .speaking import RESPONSES, SUPPORT, ask, of, respond, scripted, stream, text_of

ASK = {"input": "Hi", "agent_reference": SUPPORT}


def read(room: Room, response: Any) -> Any:
    return room.get(f"{RESPONSES}/{response['id']}")


def test_a_background_response_is_queued_and_then_done(room: Room) -> None:
    new_version(room)

    queued = ask(room, "Hi", background=True).body
    waiting = read(room, queued)["status"]
    room.work()
    done = read(room, queued)

    assert (queued["status"], waiting, done["status"]) == ("queued", "queued", "completed")
    assert (queued["background"], queued["output"], queued["usage"]) == (True, [], None)
    assert text_of(done) == 'You said: "Hi".'


def test_a_background_response_can_be_cancelled(room: Room) -> None:
    new_version(room)
    conversation = new_conversation(room)
    queued = ask(room, "Hi", background=True, conversation=conversation).body

    cancelled = room.post(f"{RESPONSES}/{queued['id']}/cancel")
    again = room.post(f"{RESPONSES}/{queued['id']}/cancel")
    room.work()

    assert (cancelled["status"], cancelled["output"]) == ("cancelled", [])
    assert again == cancelled == read(room, queued)
    assert room.get(f"{CONVERSATIONS}/{conversation}/items")["data"] == []
    assert respond(room, "Hi", conversation=conversation)["status"] == "completed"


@pytest.mark.parametrize(
    ("turn", "background", "message"),
    [
        (Reply("Hi."), False, "Cannot cancel a synchronous response."),
        (Reply("Hi."), True, "Cannot cancel a completed response."),
        (Fail(), True, "Cannot cancel a failed response."),
        (CutShort("H"), True, "Cannot cancel a response in terminal state."),
    ],
    ids=["in front", "completed", "failed", "incomplete"],
)
def test_others_cannot_be_cancelled(turn: Part, background: bool, message: str) -> None:
    room = scripted(turn)
    response = respond(room, "Hi", background=background)

    refused = room.call("POST", f"{RESPONSES}/{response['id']}/cancel")

    assert error_of(refused) == (400, None, "response_id")
    assert refused.body["error"]["message"] == message


def test_a_background_stream_begins_in_the_queue(room: Room) -> None:
    new_version(room)

    events = stream(room, "Hi", background=True)

    assert names(events)[:3] == ["response.created", "response.queued", "response.in_progress"]
    assert of(events, "created")[0]["response"]["status"] == "queued"


def test_a_background_stream_can_be_taken_up_anywhere(room: Room) -> None:
    new_version(room)
    events = stream(room, "Hi", background=True)
    path = f"{RESPONSES}/{events[0][1]['response']['id']}"

    def from_there(**query: str) -> list[Any]:
        feed = room.call("GET", path, query={"stream": "true", **query}).feed
        assert feed is not None
        assert feed.closed
        return [(event.name, event.data) for event in feed.take()]

    assert from_there() == events
    assert from_there(starting_after="0") == events[1:]
    assert from_there(starting_after="7") == events[8:]
    assert from_there(starting_after="99") == []


def test_a_stream_that_goes_on_is_followed(room: Room) -> None:
    new_version(room)
    begun = ask(room, "Hi", background=True, stream=True)
    path = f"{RESPONSES}/{begun.body['id']}"

    follower = room.call("GET", path, query={"stream": "true", "starting_after": "0"}).feed
    room.work()

    assert begun.feed is not None
    assert follower is not None
    assert follower.take() == begun.feed.take()[1:]


@pytest.mark.parametrize(
    ("more", "lacking"), [({}, "background=true"), ({"background": True}, "stream=true")]
)
def test_other_responses_cannot_be_streamed_later(room: Room, more: Any, lacking: str) -> None:
    new_version(room)
    response = respond(room, "Hi", **more)

    refused = room.call("GET", f"{RESPONSES}/{response['id']}", query={"stream": "true"})

    assert error_of(refused) == (400, None, "stream")
    assert lacking in refused.body["error"]["message"]


def test_a_stream_is_taken_up_after_a_number(room: Room) -> None:
    new_version(room)
    events = stream(room, "Hi", background=True)
    path = f"{RESPONSES}/{events[0][1]['response']['id']}"

    refused = room.call("GET", path, query={"stream": "true", "starting_after": "x"})

    assert error_of(refused) == (400, None, "starting_after")


def test_the_stream_of_a_cancelled_response_ends(room: Room) -> None:
    new_version(room)
    begun = ask(room, "Hi", background=True, stream=True)

    room.post(f"{RESPONSES}/{begun.body['id']}/cancel")

    assert begun.feed is not None
    assert begun.feed.closed
    last = begun.feed.take()[-1]
    assert last.data is not None
    assert (last.name, last.data["response"]["status"]) == ("response.failed", "cancelled")


def test_a_response_in_the_making_can_be_deleted(room: Room) -> None:
    new_version(room)
    conversation = new_conversation(room)
    queued = ask(room, "One?", background=True, conversation=conversation).body

    room.call("DELETE", f"{RESPONSES}/{queued['id']}")
    room.work()

    assert room.call("GET", f"{RESPONSES}/{queued['id']}").status == 404
    respond(room, "Two?", conversation=conversation)
    listed = room.get(f"{CONVERSATIONS}/{conversation}/items", order="asc")
    assert texts(listed)[0] == "Two?"


class _Socket:
    """An emulator whose brain says one word and waits."""

    def __init__(self, http: httpx.Client, brain: PatientBrain) -> None:
        self.http = http
        self.brain = brain

    def status_once_over(self, response_id: str) -> str:
        """Looks until the response is over; the loop of the emulator needs a moment."""
        end = time.monotonic() + 5
        status = "in_progress"
        while status in ("queued", "in_progress") and time.monotonic() < end:
            status = self.http.get(f"{RESPONSES}/{response_id}").json()["status"]
        return status

    def begun(self) -> str:
        """The id of the response that is being made, once there is one."""
        end = time.monotonic() + 5
        while time.monotonic() < end:
            if found := self.http.get(RESPONSES).json()["data"]:
                return str(found[0]["id"])
        raise AssertionError


@pytest.fixture
def socket() -> Iterator[_Socket]:
    brain = PatientBrain()
    with FoundryEmulator(brain) as emulator, client(emulator) as http:
        emulator.create_agent(name="support", generation="new")
        yield _Socket(http, brain)


def test_a_stream_that_is_left_cancels_its_response(socket: _Socket) -> None:
    conversation = socket.http.post(CONVERSATIONS, json={}).json()["id"]
    body = ASK | {"stream": True, "conversation": conversation}
    with socket.http.stream("POST", RESPONSES, json=body) as answer:
        next(answer.iter_lines())
        response_id = socket.begun()

    assert socket.status_once_over(response_id) == "cancelled"
    items = socket.http.get(f"{CONVERSATIONS}/{conversation}/items").json()
    assert items["data"] == []


def test_an_answer_that_nobody_waits_for_is_cancelled(socket: _Socket) -> None:
    with pytest.raises(httpx.ReadTimeout):
        socket.http.post(RESPONSES, json=ASK, timeout=0.2)

    assert socket.status_once_over(socket.begun()) == "cancelled"


def test_a_background_stream_that_is_left_goes_on(socket: _Socket) -> None:
    body = ASK | {"stream": True, "background": True}
    with socket.http.stream("POST", RESPONSES, json=body) as answer:
        lines = answer.iter_lines()
        while "output_text.delta" not in next(lines):
            pass
        response_id = socket.begun()
    socket.brain.go_on()

    assert socket.status_once_over(response_id) == "completed"
    resumed = socket.http.get(
        f"{RESPONSES}/{response_id}", params={"stream": "true", "starting_after": "1"}
    )
    assert resumed.text.startswith("event: response.in_progress")
    assert '"text":"One two"' in resumed.text


def test_a_whole_answer_comes_when_it_is_over() -> None:
    with FoundryEmulator() as emulator, client(emulator) as http:
        emulator.create_agent(name="support", generation="new")

        answer = http.post(RESPONSES, json=ASK).json()

    assert (answer["status"], text_of(answer)) == ("completed", 'You said: "Hi".')


def test_what_is_made_when_the_emulator_stops_is_cancelled() -> None:
    brain = PatientBrain()
    with FoundryEmulator(brain) as emulator, client(emulator) as http:
        emulator.create_agent(name="support", generation="new")
        begun = http.post(RESPONSES, json=ASK | {"background": True}).json()

    assert emulator.service.state.responses[begun["id"]].status == "cancelled"
