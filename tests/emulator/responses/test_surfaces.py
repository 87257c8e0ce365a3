"""Where the new generation is found, who may ask, and the envelope of its refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from langchain_foundry_agents.emulator.exchange import Request
from langchain_foundry_agents.emulator.service import EMULATOR_TOKEN, PROJECT_PATH

from ..room import BEARER, Room
from .scene import CONVERSATIONS, PROJECT, error_of, new_version

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator import FoundryEmulator

ENDPOINT = "/agents/support/endpoint/protocols/openai"
FORM = (
    b'--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nuser_data\r\n'
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n--x--'
)


def upload(room: Room) -> Any:
    headers = {**BEARER, "content-type": "multipart/form-data; boundary=x"}
    return room.call("POST", f"{PROJECT}/files", FORM, headers=headers).body


def test_the_projects_surface_demands_no_version_and_the_others_do(room: Room) -> None:
    new_version(room)

    statuses = {
        path: room.call("GET", path, version="").status
        for path in ("/agents", f"{ENDPOINT}/conversations", CONVERSATIONS)
    }
    refused = room.call("GET", "/agents", version="")

    assert statuses == {"/agents": 400, f"{ENDPOINT}/conversations": 400, CONVERSATIONS: 200}
    assert refused.body["error"]["message"] == "Missing required query parameter: api-version"


def test_an_agents_own_endpoint_has_the_same_conversations(room: Room) -> None:
    new_version(room)

    made = room.post(f"{ENDPOINT}/conversations")["id"]

    assert room.get(f"{CONVERSATIONS}/{made}")["id"] == made


def test_the_endpoint_of_no_agent_is_not_there(room: Room) -> None:
    answer = room.call("POST", f"{ENDPOINT}/conversations", {})

    error = answer.body["error"]
    request_id = error["additionalInfo"]["request_id"]
    assert answer.status == 404
    assert error == {
        "code": "not_found",
        "message": f"Agent 'support' not found. [Request ID: {request_id}]",
        "type": "error",
        "details": [],
        "additionalInfo": {"request_id": request_id},
    }
    assert answer.headers["X-Request-ID"] == request_id


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{PROJECT}/nothing"),
        ("PUT", CONVERSATIONS),
        ("GET", "/agents/support/nothing"),
        ("GET", "/agents//versions"),
        ("POST", "/agents/:enable"),
        ("GET", f"{ENDPOINT}/nothing"),
        # The service has these.
        ("POST", f"{PROJECT}/responses/compact"),
        ("POST", f"{PROJECT}/responses/input_tokens"),
        ("POST", "/agents/support/versions:import"),
        ("GET", "/agents/support/code:download"),
        ("GET", "/agents/support/endpoint/sessions/1/files"),
    ],
)
def test_unknown_paths_are_404_in_the_envelope(room: Room, method: str, path: str) -> None:
    new_version(room)

    assert error_of(room.call(method, path)) == (404, "not_found", None)


@pytest.mark.parametrize("path", [CONVERSATIONS, "/agents", f"{ENDPOINT}/conversations"])
@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"'])
def test_a_body_that_is_no_object_is_refused_in_the_envelope(
    room: Room, path: str, body: bytes
) -> None:
    new_version(room)

    answer = room.call("POST", path, body)

    assert error_of(answer) == (400, "invalid_payload", None)
    assert answer.body["error"].keys() == {
        "code",
        "message",
        "param",
        "type",
        "details",
        "additionalInfo",
    }


@pytest.mark.parametrize("path", ["/agents", CONVERSATIONS])
def test_the_token_is_a_bearers_or_a_key(room: Room, path: str) -> None:
    def status(headers: dict[str, str]) -> int:
        return room.call("GET", path, headers=headers).status

    assert status({"api-key": EMULATOR_TOKEN}) == 200
    assert status(BEARER) == 200
    assert status({"authorization": "Bearer any"}) == status({"api-key": "any"}) == 200
    assert status({}) == status({"api-key": ""}) == status({"authorization": "Basic x"}) == 401


def test_the_classic_surface_takes_no_key(room: Room) -> None:
    assert room.call("GET", "/threads", headers={"api-key": EMULATOR_TOKEN}).status == 401


def test_a_request_is_kept_by_its_route_and_without_its_key(emulator: FoundryEmulator) -> None:
    url = f"{emulator.project_endpoint}{CONVERSATIONS}/conv_x"

    answer = httpx.get(url, headers={"api-key": emulator.credential}, trust_env=False)

    kept = emulator.requests[-1]
    assert (kept.route, kept.status) == ("/openai/v1/conversations/conv_x", 404)
    assert kept.headers["api-key"] == "<not kept>"
    told = answer.json()["error"]["additionalInfo"]["request_id"]
    assert answer.headers["x-request-id"] == told


def test_other_projects_are_not_here(room: Room) -> None:
    elsewhere = PROJECT_PATH.replace("projects", "hubs") + CONVERSATIONS

    answer = room.service.answer(Request("GET", elsewhere, {"api-version": "v1"}, BEARER))

    assert answer.status == 404


def test_files_are_the_same_on_both_generations(room: Room) -> None:
    made = upload(room)

    assert made["purpose"] == "user_data"
    assert room.get(f"/files/{made['id']}") == room.get(f"{PROJECT}/files/{made['id']}") == made
    assert room.get(f"{PROJECT}/files", purpose="user_data") == {
        "data": [made],
        "first_id": made["id"],
        "last_id": made["id"],
        "has_more": False,
        "object": "list",
    }
    assert room.call("GET", f"{PROJECT}/files/{made['id']}/content").content == b"hello"
    assert room.call("DELETE", f"{PROJECT}/files/{made['id']}").body["deleted"] is True
    assert error_of(room.call("GET", f"{PROJECT}/files/{made['id']}"))[0] == 404


def test_files_of_containers_are_read(room: Room) -> None:
    container = room.state.ids.new_container()
    file = room.state.add_container_file(container, b"PNG", "chart.png")
    path = f"{PROJECT}/containers/{container}/files/{file.id}"

    shown = room.get(path)

    assert (len(container), len(file.id)) == (53, 38)
    assert shown == {
        "id": file.id,
        "object": "container.file",
        "created_at": 1_800_000_000,
        "bytes": 3,
        "container_id": container,
        "path": "/mnt/data/chart.png",
        "source": "assistant",
    }
    assert room.call("GET", f"{path}/content").content == b"PNG"
    assert room.call("GET", f"{PROJECT}/containers/other/files/{file.id}").status == 404
