"""What the service refuses, with which status and which body."""

from __future__ import annotations

from typing import Any

import pytest

from .room import BEARER, Room


@pytest.fixture
def room() -> Room:
    return Room()


def refusal(room: Room, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
    answer = room.call(method, path, body, **more)
    return answer.status, answer.body.get("error")


def bad(message: str, param: str | None = None, code: str | None = None) -> tuple[int, Any]:
    kind = "invalid_request_error"
    return 400, {"message": message, "type": kind, "param": param, "code": code}


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer "}, {"api-key": "x"}])
def test_a_request_without_the_token_is_unauthorized(room: Room, headers: dict[str, str]) -> None:
    answer = room.call("GET", "/threads", headers=headers)

    assert answer.status == 401
    assert answer.body["statusCode"] == 401
    assert "error" not in answer.body


def test_a_request_without_api_version_is_refused(room: Room) -> None:
    status, error = refusal(room, "GET", "/threads", version="")

    assert (status, error["param"]) == (400, "api-version")


@pytest.mark.parametrize("version", ["v1", "2025-05-01", "2025-05-15-preview", "2099-01-01"])
def test_any_api_version_is_accepted(room: Room, version: str) -> None:
    assert room.call("GET", "/threads", version=version).status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/openai/threads"),
        ("GET", "/threads/thread_a/nothing"),
        ("PUT", "/threads"),
        ("GET", "/threads/"),
        ("DELETE", "/threads/thread_a/messages/msg_a"),
    ],
)
def test_an_unknown_path_is_not_found(room: Room, method: str, path: str) -> None:
    expected = 404, {"code": "404", "message": "Resource not found"}

    assert refusal(room, method, path) == expected


def test_messages_are_deleted_in_the_preview_only(room: Room) -> None:
    thread = room.thread("Hi")
    message = room.get(f"/threads/{thread}/messages")["data"][0]["id"]
    path = f"/threads/{thread}/messages/{message}"

    assert room.call("DELETE", path).status == 404
    deleted = room.call("DELETE", path, version="2025-05-15-preview")

    assert deleted.body == {"id": message, "object": "thread.message.deleted", "deleted": True}
    assert room.get(f"/threads/{thread}/messages")["data"] == []


def test_an_agent_id_that_is_none_is_told_by_its_beginning(room: Room) -> None:
    body = {"assistant_id": "WeatherAgent"}
    text = "Invalid 'assistant_id': 'WeatherAgent'. Expected an ID that begins with 'asst'."

    found = refusal(room, "POST", f"/threads/{room.thread('Hi')}/runs", body)

    assert found == bad(text, "assistant_id", "invalid_value")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/assistants/asst_x", "assistant"),
        ("/threads/thread_x", "thread"),
        ("/threads/thread_x/runs/run_x/steps", "thread"),
    ],
)
def test_an_unknown_id_is_not_found(room: Room, path: str, kind: str) -> None:
    identifier = path.split("/")[2]
    text = f"No {kind} found with id '{identifier}'."
    expected = {"message": text, "type": "invalid_request_error", "param": None, "code": None}

    assert refusal(room, "GET", path) == (404, expected)


def test_a_deleted_agent_is_not_found(room: Room) -> None:
    agent = room.agent()
    room.call("DELETE", f"/assistants/{agent}")

    assert room.call("GET", f"/assistants/{agent}").status == 404
    assert room.call("POST", "/threads/runs", {"assistant_id": agent}).status == 404
    assert room.get("/threads")["data"] == []


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[]", b'"text"'])
def test_a_body_that_is_no_json_object_is_refused(room: Room, body: bytes) -> None:
    assert room.call("POST", "/threads", body).status == 400


@pytest.mark.parametrize("body", [b"", b"{}", b" \n"])
def test_an_empty_body_is_an_empty_object(room: Room, body: bytes) -> None:
    assert room.call("POST", "/threads", body).status == 200


MESSAGE = {"role": "user", "content": "Hi"}
RUN = {"assistant_id": "asst_x"}


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("/assistants", {}, "model"),
        ("/assistants", {"model": 5}, "model"),
        ("/assistants", {"model": "m", "temperature": 2.1}, "temperature"),
        ("/assistants", {"model": "m", "top_p": True}, "top_p"),
        ("/assistants", {"model": "m", "tools": [{"type": "magic"}]}, "tools[0].type"),
        (
            "/assistants",
            {"model": "m", "tools": [{"type": "function", "function": {}}]},
            "tools[0].function.name",
        ),
        ("/assistants", {"model": "m", "tools": [{"type": "file_search"}] * 129}, "tools"),
        ("/threads", {"metadata": {str(place): "" for place in range(17)}}, "metadata"),
        ("/threads", {"metadata": {"k" * 65: ""}}, "metadata (key)"),
        ("/threads", {"metadata": {"k": "v" * 513}}, "metadata.k"),
        ("/threads", {"metadata": {"k": 1}}, "metadata.k"),
        ("/threads", {"messages": [MESSAGE] * 33}, "messages"),
        ("/threads", {"messages": [{"role": "user"}]}, "messages[0].content"),
        ("/threads/{t}/messages", MESSAGE | {"role": "system"}, "role"),
        ("/threads/{t}/messages", MESSAGE | {"content": ""}, "content"),
        ("/threads/{t}/messages", MESSAGE | {"content": []}, "content"),
        ("/threads/{t}/messages", MESSAGE | {"content": [{"type": "audio"}]}, "content[0].type"),
        (
            "/threads/{t}/messages",
            MESSAGE | {"content": [{"type": "image_url", "image_url": {}}]},
            "content[0].image_url.url",
        ),
        ("/threads/{t}/runs", {}, "assistant_id"),
        ("/threads/{t}/runs", RUN | {"additional_messages": [MESSAGE] * 33}, "additional_messages"),
        ("/threads/{t}/runs", RUN | {"max_prompt_tokens": 255}, "max_prompt_tokens"),
        ("/threads/{t}/runs", RUN | {"max_completion_tokens": 255}, "max_completion_tokens"),
        ("/threads/{t}/runs", RUN | {"response_format": "none"}, "response_format"),
        (
            "/threads/{t}/runs",
            RUN | {"response_format": {"type": "json_schema"}},
            "response_format.json_schema",
        ),
        (
            "/threads/{t}/runs",
            RUN | {"truncation_strategy": {"type": "last_messages"}},
            "truncation_strategy.last_messages",
        ),
        ("/threads/{t}/runs", RUN | {"tool_choice": "magic"}, "tool_choice"),
        ("/threads/{t}/runs", RUN | {"stream": "yes"}, "stream"),
        ("/threads/runs", RUN | {"thread": {"messages": [MESSAGE] * 33}}, "thread.messages"),
    ],
)
def test_a_wrong_member_is_named(room: Room, path: str, body: Any, param: str) -> None:
    path = path.replace("{t}", room.thread("Hi"))

    status, error = refusal(room, "POST", path, body)

    assert (status, error["param"]) == (400, param)
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/threads", {"messages": [MESSAGE] * 32}),
        ("/threads", {"metadata": {f"{place:064}": "v" * 512 for place in range(16)}}),
        ("/threads/{t}/runs", RUN | {"max_prompt_tokens": 256, "max_completion_tokens": 256}),
        ("/threads/{t}/runs", RUN | {"additional_messages": [MESSAGE] * 32}),
        ("/threads/{t}/runs", RUN | {"temperature": None, "tool_choice": "required"}),
    ],
)
def test_limits_are_inclusive(room: Room, path: str, body: Any) -> None:
    if "assistant_id" in body:
        body = body | {"assistant_id": room.agent()}

    assert room.call("POST", path.replace("{t}", room.thread("Hi")), body).status == 200


def test_a_busy_thread_takes_neither_messages_nor_runs(room: Room) -> None:
    thread, run = room.thread("Hi"), {"assistant_id": room.agent()}
    active = room.post(f"/threads/{thread}/runs", run)["id"]

    message = refusal(room, "POST", f"/threads/{thread}/messages", MESSAGE)
    second = refusal(room, "POST", f"/threads/{thread}/runs", run)

    assert message == bad(f"Can't add messages to {thread} while a run {active} is active.")
    assert second == bad(f"Thread {thread} already has an active run {active}.")


def test_a_refused_run_adds_no_messages(room: Room) -> None:
    thread = room.thread("Hi")
    body = {"assistant_id": "asst_gone", "additional_messages": [MESSAGE]}

    assert room.call("POST", f"/threads/{thread}/runs", body).status == 404
    assert len(room.get(f"/threads/{thread}/messages")["data"]) == 1


def test_the_token_is_read_whatever_the_case_of_its_scheme(room: Room) -> None:
    headers = {"authorization": BEARER["authorization"].replace("Bearer", "bearer")}

    assert room.call("GET", "/threads", headers=headers).status == 200
