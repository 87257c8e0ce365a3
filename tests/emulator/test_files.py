"""Files and vector stores: what is uploaded comes back, and unknown ids are refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from langchain_foundry_agents.emulator import FoundryEmulator, Reply, ScriptedBrain
from langchain_foundry_agents.emulator.multipart import read_form

from .conftest import client
from .room import Room

BINARY = bytes(range(256)) + b"\r\n--no boundary\r\n\r\n"
FILE_KEYS = [
    "object",
    "id",
    "purpose",
    "filename",
    "bytes",
    "created_at",
    "expires_at",
    "status",
    "status_details",
]


def upload(
    http: httpx.Client, data: bytes = b"text", name: str = "a.txt", purpose: str = "assistants"
) -> Any:
    files = {"file": (name, data, "application/octet-stream")}
    return http.post("/files", data={"purpose": purpose}, files=files).json()


def stored(room: Room, data: bytes = b"text", name: str = "a.txt") -> str:
    return room.state.add_file(data, name, "assistants").id


def test_an_uploaded_file_looks_like_the_recorded_one(http: httpx.Client) -> None:
    file = upload(http, BINARY, "größe 1.bin")

    assert list(file) == FILE_KEYS
    assert (file["object"], file["filename"], file["bytes"]) == ("file", "größe 1.bin", len(BINARY))
    assert (file["status"], file["expires_at"]) == ("processed", None)
    assert file["id"].startswith("assistant-")
    assert len(file["id"]) == len("assistant-") + 22
    assert http.get(f"/files/{file['id']}").json() == file


def test_content_comes_back_byte_by_byte(http: httpx.Client) -> None:
    file = upload(http, BINARY)

    answer = http.get(f"/files/{file['id']}/content")

    assert answer.content == BINARY
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "apim-request-id" in answer.headers


def test_files_are_listed_newest_first_and_by_purpose(http: httpx.Client) -> None:
    first, second = upload(http), upload(http, purpose="vision")

    assert http.get("/files").json() == {"object": "list", "data": [second, first]}
    assert http.get("/files", params={"purpose": "vision"}).json()["data"] == [second]


def test_a_deleted_file_is_gone(http: httpx.Client) -> None:
    file = upload(http)

    deleted = http.delete(f"/files/{file['id']}").json()

    assert deleted == {"id": file["id"], "object": "file", "deleted": True}
    assert http.get(f"/files/{file['id']}/content").status_code == 404


@pytest.mark.parametrize(
    ("data", "files", "param"),
    [
        ({}, {"file": ("a", b"a")}, "purpose"),
        ({"purpose": "other"}, {"file": ("a", b"a")}, "purpose"),
        ({"purpose": "assistants"}, {"other": ("a", b"a")}, "file"),
    ],
)
def test_forms_that_lack_something_are_refused(
    http: httpx.Client, data: dict[str, str], files: Any, param: str
) -> None:
    answer = http.post("/files", data=data, files=files)

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_a_body_that_is_no_form_is_refused(http: httpx.Client) -> None:
    assert http.post("/files", json={"purpose": "assistants"}).status_code == 400


def test_a_file_over_the_limit_is_refused() -> None:
    with FoundryEmulator(max_file_bytes=10) as emulator, client(emulator) as http:
        assert upload(http, b"0123456789")["bytes"] == 10
        answer = http.post(
            "/files", data={"purpose": "assistants"}, files={"file": ("a", b"0123456789a")}
        )

    assert answer.status_code == 400
    assert "too large" in answer.json()["error"]["message"]


def test_an_empty_file_and_names_with_quotes_are_read() -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a \\"b\\".txt"\r\n\r\n\r\n'
        b'--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nassistants\r\n--b--\r\n'
    )

    form = read_form('multipart/form-data; boundary="b"', body)

    assert (form["file"].data, form["file"].filename) == (b"", 'a "b".txt')
    assert form["purpose"].text == "assistants"


def test_attachments_are_kept_with_their_message() -> None:
    room = Room()
    attachment = {"file_id": stored(room), "tools": [{"type": "file_search"}]}
    body = {"role": "user", "content": "Hi", "attachments": [attachment]}

    assert room.post(f"/threads/{room.thread()}/messages", body)["attachments"] == [attachment]


UNKNOWN: list[Any] = [{"file_id": "assistant-x", "tools": [{"type": "code_interpreter"}]}]
MESSAGE = {"role": "user", "content": "Hi", "attachments": UNKNOWN}


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("/threads/{t}/messages", MESSAGE, "attachments[0].file_id"),
        ("/threads", {"messages": [MESSAGE]}, "messages[0].attachments[0].file_id"),
        (
            "/threads/runs",
            {"assistant_id": "{a}", "thread": {"messages": [MESSAGE]}},
            "thread.messages[0].attachments[0].file_id",
        ),
        (
            "/threads/{t}/runs",
            {"assistant_id": "{a}", "additional_messages": [MESSAGE]},
            "additional_messages[0].attachments[0].file_id",
        ),
    ],
)
def test_messages_with_unknown_files_are_refused(path: str, body: Any, param: str) -> None:
    room = Room()
    agent, thread = room.agent(), room.thread()
    if "assistant_id" in body:
        body = body | {"assistant_id": agent}

    answer = room.call("POST", path.format(t=thread), body)

    assert answer.status == 400
    assert answer.body["error"]["param"] == param
    assert room.get(f"/threads/{thread}/messages")["data"] == []


def test_resources_may_name_what_is_gone_and_runs_do_without_it() -> None:
    room = Room()
    resources = {
        "code_interpreter": {"file_ids": ["assistant-x"]},
        "file_search": {"vector_store_ids": ["vs_x"]},
    }
    tools = [{"type": "code_interpreter"}, {"type": "file_search"}]
    agent = room.agent(tools=tools, tool_resources=resources)

    run = room.run("/threads/runs", {"assistant_id": agent})

    assert run["status"] == "completed"


@pytest.mark.parametrize(
    "resources",
    [
        {"code_interpreter": {"file_ids": ["f"] * 21}},
        {"file_search": {"vector_store_ids": ["vs_1", "vs_2"]}},
        {"code_interpreter": {"file_ids": "f"}},
    ],
)
def test_resources_beyond_the_limits_are_refused(resources: Any) -> None:
    body = {"model": "m", "tool_resources": resources}

    assert Room().call("POST", "/assistants", body).status == 400


def test_an_attachment_needs_a_file() -> None:
    room = Room()
    body = {"role": "user", "content": "Hi", "attachments": [{"tools": []}]}

    assert room.call("POST", f"/threads/{room.thread()}/messages", body).status == 400


def test_a_vector_store_of_files() -> None:
    room = Room()
    first, second = stored(room, b"12345"), stored(room, b"123")
    store = room.post("/vector_stores", {"name": "docs", "file_ids": [first]})

    added = room.post(f"/vector_stores/{store['id']}/files", {"file_id": second})

    assert (added["object"], added["id"]) == ("vector_store.file", second)
    shown = room.get(f"/vector_stores/{store['id']}")
    assert (shown["status"], shown["usage_bytes"], shown["name"]) == ("completed", 8, "docs")
    assert shown["file_counts"]["total"] == 2
    listed = room.get(f"/vector_stores/{store['id']}/files")["data"]
    assert [one["id"] for one in listed] == [second, first]
    assert room.get(f"/vector_stores/{store['id']}/files/{first}")["usage_bytes"] == 5
    room.call("DELETE", f"/vector_stores/{store['id']}/files/{first}")
    room.call("DELETE", f"/files/{second}")
    assert room.get(f"/vector_stores/{store['id']}")["file_counts"]["total"] == 0
    assert room.get(f"/files/{first}")["id"] == first
    gone = room.call("DELETE", f"/vector_stores/{store['id']}").body
    assert gone == {"id": store["id"], "object": "vector_store.deleted", "deleted": True}
    assert room.call("GET", f"/vector_stores/{store['id']}").status == 404


def test_a_vector_store_of_unknown_files_is_refused() -> None:
    answer = Room().call("POST", "/vector_stores", {"file_ids": ["assistant-x"]})

    assert (answer.status, answer.body["error"]["param"]) == (400, "file_ids[0]")


def test_files_can_be_put_there_without_a_request() -> None:
    with FoundryEmulator(ScriptedBrain([Reply("Hi.")])) as emulator, client(emulator) as http:
        file_id = emulator.add_file("a,b\n1,2\n", "table.csv")
        store_id = emulator.add_vector_store(file_id, name="tables")
        agent = emulator.create_agent(
            tools=[{"type": "file_search"}],
            tool_resources={"file_search": {"vector_store_ids": [store_id]}},
        )

        assert http.get(f"/files/{file_id}/content").content == b"a,b\n1,2\n"
        shown = http.get(f"/assistants/{agent}").json()
        assert shown["tool_resources"] == {"file_search": {"vector_store_ids": [store_id]}}
