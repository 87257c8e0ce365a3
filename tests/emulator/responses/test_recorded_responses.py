"""Recorded requests for responses: our answers and streams have the recorded keys.

The brain says what the recorded agent said; ids of the recording stand for ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from langchain_foundry_agents.emulator import (
    AskApproval,
    CallTools,
    Cite,
    CutShort,
    RunCode,
    ScriptedBrain,
    Steps,
)
from langchain_foundry_agents.emulator.exchange import Request
from langchain_foundry_agents.emulator.responses.bodies import response_json
from langchain_foundry_agents.emulator.script import server_use
from langchain_foundry_agents.emulator.service import PROJECT_PATH

from ..room import BEARER, RECORDINGS, Room, names, read_sse
from .speaking import stream
from .test_recorded_resources import FILES, keys

if TYPE_CHECKING:
    from pathlib import Path

    from langchain_foundry_agents.emulator.script import Part

# Keys that only one side has, as patterns of their paths, and why.
EXPLAINED = {
    r"(response\.)?content_filters.*": "whole bodies have it since July; which verdicts differs",
    r"prompt_cache_retention": "some models of July have it",
    r"reasoning\.(effort|context)": "differs by model",
    r"((response\.)?output\[\]|item)\.tools\[\]\.input_schema\..*": "our servers are made up",
    r"(response\.)?tools\[\]\.search_context_size": "the service adds defaults of tools",
}


def exchanges(path: Path) -> list[Any]:
    return [
        exchange
        for exchange in json.loads(path.read_text())["exchanges"]
        if exchange["request"]["method"] == "POST"
        and is_replayed(exchange["request"]["path"])
        and exchange["response"].get("body") != "(SSE not transcribed)"
    ]


def is_replayed(path: str) -> bool:
    return re.search(r"/(versions|conversations|items|responses)(\?|$)", path) is not None


def asks_for_response(exchange: Any) -> bool:
    path: str = exchange["request"]["path"]
    return path.split("?", maxsplit=1)[0].endswith("/responses")


def recorded_response(exchange: Any) -> Any:
    """The recorded response, from the body or from the last event."""
    recorded = exchange["response"]
    if "sse" in recorded:
        return recorded_events(exchange)[-1][1]["response"]
    return recorded["body"]


def recorded_events(exchange: Any) -> list[tuple[str, Any]]:
    return read_sse((RECORDINGS / "responses" / exchange["response"]["sse"]).read_text())


def told(response: Any) -> Part:
    """What a brain would say to bring a recorded response about."""
    said = [part for item in response["output"] for part in told_item(item)]
    if response["status"] == "incomplete":
        # The last message is the service's apology.
        said[-1] = CutShort("", "content_filter")
    return Steps(*said)


def told_item(item: Any) -> list[Part]:
    match item["type"]:
        case "message":
            (part,) = item["content"]
            return [Cite(part["text"], *part["annotations"])]
        case "function_call":
            return [CallTools((item["name"], item["arguments"]))]
        case "mcp_approval_request":
            return [AskApproval(item["server_label"], item["name"], json.loads(item["arguments"]))]
        case "code_interpreter_call":
            return [RunCode(item["code"])]
        case "file_search_call":
            return list(server_use(item["id"], "file_search", {"queries": item["queries"]}, []))
        case "web_search_call":
            return list(server_use(item["id"], "web_search", {"action": item["action"]}, ""))
        case "bing_grounding_call":
            arguments = json.loads(item["arguments"])
            return list(server_use(item["id"], "bing_grounding", arguments, ""))
        case _:
            # The service does the rest by itself.
            return []


class Replay:
    """A room where the ids of a recording stand for ours."""

    def __init__(self, recorded: list[Any]) -> None:
        turns = [told(recorded_response(one)) for one in recorded if asks_for_response(one)]
        self.room = Room(ScriptedBrain(turns))
        self._ours: dict[str, str] = {}

    def ask(self, exchange: Any) -> tuple[Any, list[tuple[str, Any]]]:
        """Our answer's body, and its events where it is a stream."""
        request = exchange["request"]
        if asks_for_response(exchange):
            self._prepare(request["body"], recorded_response(exchange))
        path, _, query = self._mine(request["path"]).partition("?")
        answer = self.room.service.answer(
            Request(
                "POST",
                path.replace("/api/projects/sanitized-project-name", PROJECT_PATH),
                dict([query.split("=")]) if query else {},
                BEARER,
                self._mine(json.dumps(request["body"])).encode(),
            )
        )
        assert answer.status == 200, answer.body
        self.room.todo(answer)
        self.room.work()
        body = response_json(answer.begin) if answer.begin else answer.body
        self._learn(exchange, body)
        events = answer.feed.take() if answer.feed else []
        return body, [(event.name, event.data) for event in events]

    def _prepare(self, body: Any, recorded: Any) -> None:
        """Makes what a recording that begins later takes for granted."""
        name = body.get("agent_reference", {}).get("name")
        if name and name not in self.room.state.named_agents:
            members = ("model", "instructions", "tools")
            definition = {"kind": "prompt"} | {one: recorded[one] for one in members}
            self.room.post(f"/agents/{name}/versions", {"definition": definition})

    def _mine(self, text: str) -> str:
        for theirs, ours in self._ours.items():
            text = text.replace(theirs, ours)
        return re.sub(r'"(version|agent_version)": "\d+"', r'"\1": "1"', text)

    def _learn(self, exchange: Any, body: Any) -> None:
        recorded = recorded_response(exchange)
        self._ours[recorded.get("id", "-")] = body.get("id", "-")
        pairs = zip(recorded.get("output", []), body.get("output", []), strict=True)
        for theirs, ours in pairs:
            self._ours[theirs["id"]] = ours["id"]
            if "call_id" in theirs:
                self._ours[theirs["call_id"]] = ours["call_id"]


def unexplained(theirs: Any, ours: Any) -> set[str]:
    differing = set(keys(theirs)) ^ set(keys(ours))
    return {key for key in differing if not any(re.fullmatch(one, key) for one in EXPLAINED)}


def said(response: Any) -> list[Any]:
    """Texts with their sources, and states of messages."""
    messages = [item for item in response["output"] if item["type"] == "message"]
    return [(one["content"], one["status"]) for one in messages]


def in_order(theirs: Any, ours: Any) -> bool:
    """Whether what both have stands in the same order."""
    return [key for key in theirs if key in ours] == [key for key in ours if key in theirs]


def without_repeats(events: list[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """The events, of deltas in a row the first."""
    before = ""
    for name, data in events:
        if not (name.endswith(".delta") and name == before):
            yield name, data
        before = name


WITH_RESPONSES = [path for path in FILES if any(map(asks_for_response, exchanges(path)))]


@pytest.mark.parametrize("path", WITH_RESPONSES, ids=lambda path: path.stem)
def test_our_responses_have_the_recorded_keys(path: Path) -> None:
    recorded = exchanges(path)
    replay = Replay(recorded)

    for exchange in recorded:
        body, events = replay.ask(exchange)
        if not asks_for_response(exchange):
            continue
        assert said(body) == said(recorded_response(exchange))
        if not events:
            theirs = exchange["response"]["body"]
            assert unexplained(theirs, body) == set()
            assert in_order(theirs, body)
            assert all(map(in_order, theirs["output"], body["output"]))
            continue
        expected = recorded_events(exchange)
        assert names(events) == names(expected)
        pairs = zip(without_repeats(expected), without_repeats(events), strict=True)
        for (name, theirs), (_, ours) in pairs:
            assert unexplained(theirs, ours) == set(), name
            assert list(ours) == list(theirs)
            assert in_order(theirs.get("response", {}), ours.get("response", {}))


def test_a_containers_stream_has_the_keys_of_microsofts_server_library() -> None:
    recorded = read_sse((RECORDINGS / "responses/agentserver-2.3.0-sse-text.txt").read_text())
    room = Room(ScriptedBrain(["hello"]))
    definition = {"kind": "hosted", "image": "echo", "cpu": "1", "memory": "1Gi"}
    room.post("/agents/support/versions", {"definition": definition})

    events = stream(room, "hi")

    assert names(events) == names(recorded)
    for (name, theirs), (_, ours) in zip(recorded, events, strict=True):
        # Only the service pads its deltas.
        assert set(keys(theirs)) ^ set(keys(ours)) <= {"obfuscation"}, name
