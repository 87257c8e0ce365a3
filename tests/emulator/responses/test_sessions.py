"""Sessions of hosted agents: made by name or by a response, stopped, idle for a month, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ..room import START
from .scene import as_user, error_of, new_version
from .speaking import respond

if TYPE_CHECKING:
    from ..room import Room

MONTH = 30 * 24 * 60 * 60
PATH = "/agents/box/endpoint/sessions"
BOX = {"type": "agent_reference", "name": "box"}
BODY = {"version_indicator": {"type": "version_ref", "agent_version": "1"}}
OTHER = {"type": "version_ref", "agent_version": "2"}


@pytest.fixture
def hosted(room: Room) -> Room:
    room.post("/agents/box/versions", {"definition": {"kind": "hosted", "image": "echo"}})
    return room


def statuses(room: Room) -> dict[str, str]:
    return {one["agent_session_id"]: one["status"] for one in room.get(PATH)["data"]}


def test_a_session_is_made_with_201_and_read(hosted: Room) -> None:
    made = hosted.call("POST", PATH, BODY)

    identifier = made.body["agent_session_id"]
    assert (made.status, made.body) == (
        201,
        {
            "agent_session_id": identifier,
            **BODY,
            "status": "active",
            "created_at": START,
            "last_accessed_at": START,
            "expires_at": START + MONTH,
        },
    )
    assert hosted.get(f"{PATH}/{identifier}") == made.body
    assert statuses(hosted) == {identifier: "active"}


def test_a_stopped_session_is_idle_until_it_is_used(hosted: Room) -> None:
    hosted.post(PATH, BODY | {"agent_session_id": "mine"})

    stopped = hosted.call("POST", f"{PATH}/mine:stop")
    idle = hosted.get(f"{PATH}/mine")
    hosted.time += 60
    respond(hosted, "Hi", agent_reference=BOX, agent_session_id="mine")

    assert (stopped.status, idle["status"], idle["stopped_at"]) == (204, "idle", START)
    used = hosted.get(f"{PATH}/mine")
    assert (used["status"], used["last_accessed_at"]) == ("active", START + 60)


def test_a_response_of_a_hosted_agent_leaves_its_session(hosted: Room) -> None:
    response = respond(hosted, "Hi", agent_reference=BOX)

    assert statuses(hosted) == {response["agent_session_id"]: "active"}


def test_a_session_expires_after_a_month_without_use(hosted: Room) -> None:
    hosted.post(PATH, BODY | {"agent_session_id": "mine"})

    hosted.time += MONTH

    assert statuses(hosted) == {"mine": "expired"}


def test_a_deleted_session_is_gone(hosted: Room) -> None:
    hosted.post(PATH, BODY | {"agent_session_id": "mine"})

    assert hosted.call("DELETE", f"{PATH}/mine").status == 204
    assert error_of(hosted.call("GET", f"{PATH}/mine")) == (404, "not_found", None)


def test_an_agent_with_active_sessions_is_deleted_by_force_only(hosted: Room) -> None:
    hosted.post(PATH, BODY)

    refused = [hosted.call("DELETE", path) for path in ("/agents/box", "/agents/box/versions/1")]
    forced = hosted.call("DELETE", "/agents/box", query={"force": "true"})

    assert [error_of(answer) for answer in refused] == [(409, "conflict", None)] * 2
    assert (forced.status, hosted.state.sessions) == (200, {})


def test_a_version_without_sessions_of_its_own_is_deleted(hosted: Room) -> None:
    hosted.post("/agents/box/versions", {"definition": {"kind": "hosted", "image": "echo"}})
    hosted.post(PATH, BODY | {"agent_session_id": "mine"})

    assert hosted.call("DELETE", "/agents/box/versions/2").status == 200
    assert statuses(hosted) == {"mine": "active"}


def test_a_session_is_its_users(hosted: Room) -> None:
    hosted.call("POST", PATH, BODY | {"agent_session_id": "mine"}, headers=as_user("ann"))

    assert statuses(hosted) == {}
    assert hosted.call("GET", f"{PATH}/mine", headers=as_user("bob")).status == 404
    assert hosted.call("GET", f"{PATH}/mine", headers=as_user("ann")).status == 200


@pytest.mark.parametrize(
    ("agent", "body", "error"),
    [
        ("box", {}, (400, "missing_required_parameter", "version_indicator")),
        ("box", {"version_indicator": OTHER}, (404, "not_found", None)),
        ("support", BODY, (400, "invalid_payload", None)),
        ("nobody", BODY, (404, "not_found", None)),
        ("box", BODY | {"agent_session_id": "taken"}, (409, "conflict", None)),
    ],
)
def test_sessions_that_cannot_be_are_refused(
    hosted: Room, agent: str, body: Any, error: tuple[int, str, str | None]
) -> None:
    new_version(hosted)
    hosted.post(PATH, BODY | {"agent_session_id": "taken"})

    assert error_of(hosted.call("POST", f"/agents/{agent}/endpoint/sessions", body)) == error
