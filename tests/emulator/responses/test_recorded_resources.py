"""Recorded requests for agents, conversations and files: our answers have the recorded keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from langchain_foundry_agents.emulator.exchange import Answer, Request
from langchain_foundry_agents.emulator.responses.conversations import add_items
from langchain_foundry_agents.emulator.responses.records import Conversation
from langchain_foundry_agents.emulator.service import PROJECT_PATH

from ..room import BEARER, FORM, RECORDINGS, UPLOAD, Room

if TYPE_CHECKING:
    from pathlib import Path

FILES = [
    path
    for path in sorted((RECORDINGS / "responses").glob("*.json"))
    if "exchanges" in json.loads(path.read_text())
]
# What our answers have beyond the recorded ones, and why.
IDENTITIES = {
    "instance_identity",
    "instance_identity.client_id",
    "instance_identity.principal_id",
    "blueprint",
    "blueprint.client_id",
    "blueprint.principal_id",
    "blueprint_reference",
    "blueprint_reference.blueprint_id",
    "blueprint_reference.type",
}
SINCE_JULY = IDENTITIES | {"status", "agent_guid"}
EXPLAINED = {
    # The recordings of February to April lack what the one of July has.
    "agent.version": SINCE_JULY,
    # The SDK demands the states; its client came after the recording.
    "agent": {"state", "configuration_state"} | {f"versions.latest.{key}" for key in SINCE_JULY},
}


def keys(value: Any, place: str = "") -> Iterator[str]:
    """Every key of a body by its path; the items of a list are one."""
    if isinstance(value, dict):
        for name, inner in value.items():
            path = f"{place}.{name}" if place else name
            yield path
            yield from keys(inner, path)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner, f"{place}[]")


def exchanges(path: Path) -> list[Any]:
    """All but the responses, which have tests of their own."""
    return [
        exchange
        for exchange in json.loads(path.read_text())["exchanges"]
        if not exchange["request"]["path"].split("?")[0].endswith("/responses")
    ]


class Replay:
    """A room where the ids of a recording stand for ours."""

    def __init__(self) -> None:
        self.room = Room()
        self._ours: dict[str, str] = {}

    def ask(self, request: Any, recorded: Any) -> Answer:
        """Sends a recorded request, once what was made before the recording is there."""
        self._prepare(request, recorded)
        path, _, query = request["path"].partition("?")
        for theirs, ours in self._ours.items():
            path = path.replace(theirs, ours)
        path = path.replace("/api/projects/sanitized-project-name", PROJECT_PATH)
        headers, body = BEARER, json.dumps(request["body"]).encode() if request["body"] else b""
        if isinstance(request["body"], str):
            headers, body = UPLOAD, FORM
        parameters = dict([query.split("=")]) if query else {}
        answer = self.room.service.answer(
            Request(request["method"], path, parameters, headers, body)
        )
        for name in ("id", "agent_session_id"):
            if isinstance(recorded, dict) and name in recorded:
                self._ours[recorded[name]] = answer.body[name]
        return answer

    def _prepare(self, request: Any, recorded: Any) -> None:
        state, method, parts = self.room.state, request["method"], request["path"].split("/")
        if method == "POST" and "versions" in request["path"]:
            state.version_numbers[recorded["name"]] = int(recorded["version"]) - 1
        elif "containers" in parts:
            file = state.add_container_file("cntr", b"PNG", "a.png")
            theirs, cut = parts[-4], parts[-2]
            self._ours |= {theirs: "cntr", cut: file.id}
        elif method == "GET" and parts[-1] == "items":
            self._keep_items(parts[-2], recorded["data"])

    def _keep_items(self, identifier: str, shown: list[Any]) -> None:
        """What the responses of the recording left in its conversation."""
        conversation = Conversation(identifier, 0)
        self.room.state.conversations[identifier] = conversation
        self._ours.pop(identifier, None)
        for item in reversed(shown):
            known = {k: v for k, v in item.items() if k not in ("created_by", "partition_key")}
            author = item.get("created_by")
            reference = (
                {"id": author["response_id"], "agent_reference": author["agent"]}
                if author
                else None
            )
            add_items(self.room.state, conversation, [known], response=reference)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_our_answers_have_the_recorded_keys(path: Path) -> None:
    replay = Replay()

    for exchange in exchanges(path):
        recorded = exchange["response"]
        answer = replay.ask(exchange["request"], recorded["body"])

        assert answer.status == recorded["status"], (exchange["request"]["path"], answer.body)
        if answer.content is None:
            theirs, ours = set(keys(recorded["body"])), set(keys(answer.body))
            explained = EXPLAINED.get(answer.body.get("object", ""), set())
            assert ours - explained == theirs - explained
            assert theirs <= ours


def test_the_agents_of_july_and_the_items_of_march_show_as_recorded() -> None:
    """Nothing is explained away: key by key, in their order."""
    (version,) = [
        one["response"]["body"]
        for one in exchanges(RECORDINGS / "responses/sample_agent_user_identity_isolation.json")
        if one["request"]["method"] == "POST"
    ]
    (listed,) = [
        one
        for one in exchanges(
            RECORDINGS / "responses/test_sync_mcp_streaming_with_content_recording_events.json"
        )
        if one["request"]["method"] == "GET"
    ]
    replay = Replay()
    made = replay.room.post(
        "/agents/DelegatedUserAgent/versions", {"definition": version["definition"]}
    )
    items = replay.ask(listed["request"], listed["response"]["body"]).body

    assert list(made) == list(version)
    assert items["data"] == listed["response"]["body"]["data"]
    assert [list(item) for item in items["data"]] == [
        list(item) for item in listed["response"]["body"]["data"]
    ]
    assert list(items) == ["data", "first_id", "last_id", "has_more", "object"]
