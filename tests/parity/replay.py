"""Recorded requests, sent to the emulator in their order; ids of the recording stand for ours."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from emulator.room import BEARER, Room

from langchain_foundry_agents._parity.masks import Masks, texts_in
from langchain_foundry_agents._parity.seen import Seen, seen_body, seen_events
from langchain_foundry_agents.emulator import ScriptedBrain
from langchain_foundry_agents.emulator.exchange import Answer, Request
from langchain_foundry_agents.emulator.responses.bodies import response_json
from langchain_foundry_agents.emulator.service import PROJECT_PATH

from .recordings import Events, Recorded, said, said_in_steps

_ID = re.compile(r"[a-z]{2,10}[_-][A-Za-z0-9]{16,}")
# Ids, and what else a service makes up.
_NO_TEXT = re.compile(rf"{_ID.pattern}|[0-9a-f]{{16,}}|[0-9a-f]{{8}}(-[0-9a-f]{{4,12}}){{4}}")
# What the recorder wrote for the id of a run, or of a store, in later paths.
_SANITIZED = {"thread.run": "Sanitized", "vector_store": f"vs_{0:024}"}
_DEFINED = ("model", "instructions", "tools")
_UPLOAD = re.compile(r"purpose=([\w-]+), file=([\w.-]+)")
_FORM = (
    '--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n{}\r\n'
    '--x\r\nContent-Disposition: form-data; name="file"; filename="{}"\r\n\r\na,b\r\n--x--'
)
_MULTIPART = {"content-type": "multipart/form-data; boundary=x"}
_THREAD = 2
_JSON, _SSE, _BYTES = "application/json", "text/event-stream", "application/octet-stream"


class Replay:
    """A quiet room where a recording happens again."""

    def __init__(self, recorded: list[Recorded]) -> None:
        self._recorded = recorded
        self._room = Room(ScriptedBrain(said(recorded)))
        self._ours: dict[str, str] = {}
        whole = [
            data for one in recorded for name, data in one.events if not name.endswith("delta")
        ]
        texts = texts_in([whole, [one.answer for one in recorded]])
        self._said = {text for text in texts if not _NO_TEXT.fullmatch(text)}

    def answers(self) -> Iterator[tuple[Recorded, Seen, Seen]]:
        """Each recorded exchange whose answer is known, with our answer and the recorded one."""
        for one in self._recorded:
            answer = self._ask(one)
            events = answer.feed.take() if answer.feed else []
            ours = [(event.name, event.data or {}) for event in events]
            body = response_json(answer.begin) if answer.begin else answer.body
            self._learn(one, ours, body)
            if not one.is_left_out:
                yield one, self._seen_ours(answer, body, ours), self._seen_theirs(one)

    def _ask(self, recorded: Recorded) -> Answer:
        self._prepare(recorded)
        headers, body = BEARER, b""
        if isinstance(recorded.body, str):
            named = _UPLOAD.search(recorded.body)
            purpose, name = named.groups() if named else ("assistants", "a.csv")
            headers, body = BEARER | _MULTIPART, _FORM.format(purpose, name).encode()
        elif recorded.body is not None:
            body = self._mine(json.dumps(recorded.body)).encode()
        if user := recorded.headers.get("x-ms-user-identity"):
            headers = headers | {"x-ms-user-identity": user}
        query = {"api-version": "v1"} if "openai" not in recorded.path else {}
        query |= {name: self._mine(text) for name, text in recorded.query.items()}
        path = PROJECT_PATH + self._mine(recorded.path)
        answer = self._room.service.answer(Request(recorded.method, path, query, headers, body))
        self._room.todo(answer)
        self._room.work()
        return answer

    def _seen_ours(self, answer: Answer, body: Any, events: Events) -> Seen:
        masks = Masks(dict(zip(self._names(), self._ours.values(), strict=True)), self._said)
        if answer.feed:
            return seen_events(answer.status, _SSE, events, masks)
        if answer.content is not None:
            return Seen(answer.status, _BYTES if answer.content else "")
        return seen_body(answer.status, _JSON, json.dumps(body), masks)

    def _seen_theirs(self, one: Recorded) -> Seen:
        masks = Masks(dict(zip(self._names(), self._ours, strict=True)), self._said)
        if one.events:
            return seen_events(one.status, _SSE, one.events, masks)
        if one.answer is None:
            return Seen(one.status, "")
        return seen_body(one.status, _JSON, json.dumps(one.answer), masks)

    def _names(self) -> list[str]:
        return [f"id {place}" for place in range(len(self._ours))]

    def _mine(self, text: str) -> str:
        for theirs, ours in self._ours.items():
            text = text.replace(theirs, ours)
        return text

    def _learn(self, one: Recorded, events: Events, body: Any) -> None:
        """Notes which of our ids stand where theirs did: the n-th of a kind where the n-th was."""
        for name in dict(one.events):
            theirs, ours = (
                [data for n, data in told if n == name] for told in (one.events, events)
            )
            for first, second in zip(theirs, ours, strict=False):
                self._pair(first, second)
        self._pair(one.answer, body)

    def _pair(self, theirs: Any, ours: Any) -> None:
        if isinstance(theirs, dict) and isinstance(ours, dict):
            for key in theirs.keys() & ours.keys():
                self._pair(theirs[key], ours[key])
            if placeholder := _SANITIZED.get(theirs.get("object", "")):
                self._ours[placeholder] = ours.get("id", "")
            if session := theirs.get("agent_session_id"):
                self._ours.setdefault(session, ours["agent_session_id"])
        elif isinstance(theirs, list) and isinstance(ours, list):
            for one, other in zip(theirs, ours, strict=False):
                self._pair(one, other)
        elif isinstance(theirs, str) and isinstance(ours, str) and _ID.fullmatch(theirs):
            self._ours.setdefault(theirs, ours)

    def _prepare(self, one: Recorded) -> None:
        """Makes what a recording that begins later takes for granted."""
        state, parts = self._room.state, one.path.split("/")
        body = one.body if isinstance(one.body, dict) else {}
        if one.method == "POST" and parts[-1] == "versions":
            state.version_numbers[one.answer["name"]] = int(one.answer["version"]) - 1
        elif (name := body.get("agent_reference", {}).get("name")) and not one.is_left_out:
            self._prepare_agent(name, one.response)
        elif "containers" in parts:
            file = state.add_container_file("cntr", b"PNG", "a.png")
            self._ours |= {parts[-4]: "cntr", parts[-2]: file.id}
        elif len(parts) > _THREAD + 1 and parts[1] == "threads":
            self._prepare_run(parts[_THREAD])
        for source in body.get("configuration", {}).get("data_sources", ()):
            state.add_file(b"The sky is blue.", source["uri"], "assistants")

    def _prepare_agent(self, name: str, response: Any) -> None:
        if name in self._room.state.named_agents:
            return
        definition = {"kind": "prompt"} | {one: response[one] for one in _DEFINED}
        self._room.state.version_numbers[name] = int(response["agent_reference"]["version"]) - 1
        self._room.post(f"/agents/{name}/versions", {"definition": definition})

    def _prepare_run(self, thread: str) -> None:
        """The thread and the agent of a run, and the run itself where it was made before."""
        run = next((data for data in self._shown if data["object"] == "thread.run"), None)
        if run and run["assistant_id"] not in self._ours:
            self._ours[run["assistant_id"]] = self._agent(run)
        if thread not in self._ours:
            self._ours[thread] = self._room.thread(self._question())
            if not any(one.method == "POST" and one.asks_a_model for one in self._recorded):
                self._begin(self._ours[thread], run or {})

    def _begin(self, thread: str, run: Any) -> None:
        steps = [data for data in self._shown if data["object"] == "thread.run.step"]
        self._room.brain = ScriptedBrain([said_in_steps(steps, self._shown)])
        asked = {"assistant_id": self._ours.get(run.get("assistant_id")) or self._agent(run)}
        self._ours[_SANITIZED["thread.run"]] = self._room.run(f"/threads/{thread}/runs", asked)[
            "id"
        ]

    def _agent(self, run: Any) -> str:
        return self._room.agent(**{name: run[name] for name in _DEFINED if name in run})

    @cached_property
    def _shown(self) -> list[Any]:
        """What the service showed in this recording, one by one."""
        answers = [one.answer for one in self._recorded if isinstance(one.answer, dict)]
        listed = [data for answer in answers for data in answer.get("data", ())]
        streamed = [data for one in self._recorded for _, data in one.events]
        return [data for data in (*streamed, *answers, *listed) if "object" in data]

    def _question(self) -> str:
        """What the user said; where that was not kept, anything."""
        asked = (data for data in self._shown if data.get("role") == "user" and data.get("content"))
        message = next(asked, {"content": [{"text": {"value": "Hi"}}]})
        return str(message["content"][0]["text"]["value"])
