"""Recordings of the real service: what was asked, what was answered, and what was said for it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import Any

from langchain_foundry_agents.emulator import (
    AskApproval,
    CallTools,
    Cite,
    CutShort,
    RunCode,
    ShowItem,
    Steps,
)
from langchain_foundry_agents.emulator.brains.script import Part, server_use

RECORDINGS = Path(__file__).parents[1] / "recordings"
_BROKEN = 500
_PROJECTS = ("/api/projects/00000", "/api/projects/sanitized-project-name")
_OUTPUT = "_call_output"
_MADE_BY_THE_SERVICE = {"id", "agent_reference", "response_id", "status"}
_ASKED_FOR = {"function", "mcp"}
Events = list[tuple[str, Any]]


@dataclass(frozen=True)
class Recorded:
    """A recorded request and its answer."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    answer: Any = None
    events: Events = field(default_factory=list)
    made_up: bool = False
    """Whether the answer's id is all that is known of it."""
    says: Part | None = None
    """What the brain says, where the answer does not tell."""

    @property
    def asks_a_model(self) -> bool:
        last = self.path.rpartition("/")[2]
        return self.method == "POST" and last in ("runs", "responses", "submit_tool_outputs")

    @cached_property
    def response(self) -> Any:
        """A response of the new generation, whole, from the body or the last event."""
        return self.events[-1][1]["response"] if self.events else self.answer

    @property
    def is_left_out(self) -> bool:
        """Whether the recording was copied without this answer, or the service broke down."""
        return self.made_up or isinstance(self.answer, str) or self.status >= _BROKEN


def recordings() -> list[Path]:
    """Those with requests, and streams of runs alone."""
    found = [*RECORDINGS.glob("*.json"), *(RECORDINGS / "responses").glob("*.json")]
    told = {path: path.read_text() for path in found if '"exchanges"' in path.read_text()}
    texts = "".join(told.values())
    lone = [path for path in RECORDINGS.glob("*.sse") if path.name not in texts]
    return sorted([*told, *lone])


def read_recording(path: Path) -> list[Recorded]:
    """The exchanges of a recording, in order."""
    if path.suffix == ".sse":
        events = read_events(path)
        run = events[0][1]
        body = {"assistant_id": run["assistant_id"], "stream": True}
        return [Recorded("POST", f"/threads/{run['thread_id']}/runs", {}, body, events=events)]
    return [_recorded(one, path.parent) for one in json.loads(path.read_text())["exchanges"]]


def _recorded(told: Any, folder: Path) -> Recorded:
    request, response = told["request"], told["response"]
    path, _, query = request["path"].partition("?")
    for project in _PROJECTS:
        path = path.removeprefix(project)
    path = re.sub("^/openai/(?!v1/)", "/openai/v1/", path)
    events = read_events(folder / response["sse"]) if "sse" in response else []
    return Recorded(
        method=request["method"],
        path=path,
        query=dict(pair.split("=") for pair in query.split("&") if pair),
        body=request.get("body"),
        headers={name.lower(): value for name, value in request.get("headers", {}).items()},
        status=response["status"],
        answer=response.get("body"),
        events=events,
    )


def read_events(path: Path) -> Events:
    """The events of a recorded stream; the end marker carries nothing."""
    frames = path.read_text().strip().split("\n\n")
    split = [frame.removeprefix("event: ").split("\ndata: ") for frame in frames]
    return [(name, {} if data == "[DONE]" else json.loads(data)) for name, data in split]


def said(recorded: list[Recorded]) -> list[Part]:
    """What a brain says, turn by turn, to bring recorded answers about."""
    asking = [one for one in recorded if one.asks_a_model and (one.says or not one.is_left_out)]
    return [
        one.says or _said(one, after, recorded) for one, after in zip_longest(asking, asking[1:])
    ]


def _said(one: Recorded, after: Recorded | None, recorded: list[Recorded]) -> Part:
    if "responses" in one.path:
        return _said_in_response(one.response)
    if one.events:
        return _said_in_run(one, after)
    listed = [data for other in recorded for data in (other.answer or {}).get("data", ())]
    steps = [data for data in listed if data["object"] == "thread.run.step"]
    return said_in_steps(steps, listed)


def said_in_steps(steps: list[Any], shown: list[Any] | None = None) -> Part:
    """What a brain says to bring recorded steps about, whose texts stand in what was shown."""
    texts = {one["id"]: one["content"][0]["text"] for one in shown or () if one.get("content")}
    parts: list[Part] = []
    for step in reversed(steps):
        details = step["step_details"]
        made = details.get("message_creation", {}).get("message_id")
        calls = [part for call in details.get("tool_calls", []) for part in _server_use(call)]
        text = texts.get(made, {"value": "Said.", "annotations": []})
        parts += calls or [Cite(text["value"], *text["annotations"])]
    return Steps(*parts)


def _said_in_run(recorded: Recorded, after: Recorded | None) -> Part:
    parts: list[Part] = []
    for name, data in recorded.events:
        if name == "thread.message.completed":
            text = data["content"][0]["text"]
            parts.append(Cite(text["value"], *text["annotations"]))
        elif name == "thread.run.step.completed" and data["type"] == "tool_calls":
            calls = data["step_details"]["tool_calls"]
            parts += [
                part
                for call in calls
                if call["type"] not in _ASKED_FOR
                for part in _server_use(call)
            ]
        elif name == "thread.run.requires_action":
            (asked,) = (one for one in data["required_action"].values() if isinstance(one, dict))
            parts += [_asking(call, after) for call in asked["tool_calls"]]
    return Steps(*parts)


def _asking(call: Any, after: Recorded | None) -> Part:
    if call["type"] == "function":
        return CallTools((call["function"]["name"], call["function"]["arguments"]))
    return _approval(call, after)


def _approval(call: Any, after: Recorded | None) -> Part:
    output = None
    if after:
        late = next(data for name, data in after.events if name.endswith("step.delta"))
        output = late["delta"]["step_details"]["tool_calls"][0]["output"]
    arguments = json.loads(call["arguments"])
    return AskApproval(call["server_label"], call["name"], arguments, output)


def _server_use(call: Any) -> list[Any]:
    # The service puts an OpenAPI call under `function`.
    inner = dict(call.get(call["type"]) or call["function"])
    return server_use(call["id"], call["type"], inner, None)


def _said_in_response(response: Any) -> Part:
    output = response["output"]
    gave = {item["call_id"]: item for item in output if item["type"].endswith(_OUTPUT)}
    parts = [part for item in output for part in _said_in_item(item, gave)]
    if response["status"] == "incomplete":
        # The last message is the service's apology.
        parts[-1] = CutShort("", "content_filter")
    return Steps(*parts)


def _said_in_item(item: Any, gave: dict[str, Any]) -> Iterator[Part]:
    match item["type"]:
        case "message":
            (part,) = item["content"]
            yield Cite(part["text"], *part["annotations"])
        case "function_call":
            yield CallTools((item["name"], item["arguments"]))
        case "mcp_approval_request":
            yield AskApproval(item["server_label"], item["name"], json.loads(item["arguments"]))
        case "code_interpreter_call":
            yield RunCode(item["code"])
        case "file_search_call":
            yield from server_use(item["id"], "file_search", {"queries": item["queries"]}, [])
        case "web_search_call":
            yield from server_use(item["id"], "web_search", {"action": item["action"]}, "")
        case "memory_search_call":
            yield from server_use(item["id"], "memory_search", {}, item["memories"])
        case kind if gave.get(item.get("call_id")) not in (None, item):
            extras = {"name": item["name"]} if "name" in item else None
            output = gave[item["call_id"]]["output"]
            arguments = json.loads(item["arguments"])
            kind = kind.removesuffix("_call")
            yield from server_use(item["call_id"], kind, arguments, output, extras)
        case "workflow_action" | "computer_call" | "reasoning":
            yield ShowItem({name: item[name] for name in item if name not in _MADE_BY_THE_SERVICE})
        case _:
            # The service does the rest by itself.
            pass
