"""The service in a quiet room: no socket, a clock that only the test moves, no waiting."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.brains.default import EmulatorBrain
from langchain_foundry_agents.emulator.exchange import Answer, Request
from langchain_foundry_agents.emulator.ids import IdSource
from langchain_foundry_agents.emulator.runner import Pace, Runner
from langchain_foundry_agents.emulator.service import EMULATOR_TOKEN, PROJECT_PATH, Service
from langchain_foundry_agents.emulator.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_core.language_models import BaseChatModel

DATA = Path(__file__).parent / "data"
RECORDINGS = Path(__file__).parents[1] / "recordings"
START = 1_800_000_000
BEARER = {"authorization": f"Bearer {EMULATOR_TOKEN}"}
UPLOAD = {**BEARER, "content-type": "multipart/form-data; boundary=x"}
FORM = (
    b'--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n'
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na,b\r\n--x--'
)
CLOCK_TOOL = {
    "type": "function",
    "function": {
        "name": "fetch_datetime",
        "description": "Tells the time.",
        "parameters": {"type": "object", "properties": {}, "required": []},
    },
}
OTHER_TOOL = {"type": "function", "function": {"name": "other", "parameters": {}}}


class Room:
    """One service, whose runs are worked off when the test says so."""

    def __init__(
        self,
        brain: BaseChatModel | None = None,
        run_expiry: float = 1800,
        action_expiry: float = 36000,
    ) -> None:
        self.time = float(START)
        ids = IdSource(Random(7))
        self.state = State(lambda: self.time, ids, run_expiry, action_expiry)
        self.service = Service(self.state)
        self.brain = brain or EmulatorBrain()
        self._todo: list[Answer] = []

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] = BEARER,
        version: str = "v1",
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """Sends a request; bodies that are bytes go as they are."""
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        parameters = {"api-version": version, **(query or {})}
        answer = self.service.answer(Request(method, PROJECT_PATH + path, parameters, headers, raw))
        self._todo.append(answer)
        return answer

    def todo(self, answer: Answer) -> None:
        """Takes note of what an answer asks for."""
        self._todo.append(answer)

    def get(self, path: str, **query: str) -> Any:
        return self.call("GET", path, query=query).body

    def post(self, path: str, body: Any = None) -> Any:
        return self.call("POST", path, body).body

    def agent(self, **fields: Any) -> str:
        return str(self.post("/assistants", {"model": "gpt-4o", **fields})["id"])

    def thread(self, *texts: str) -> str:
        messages = [{"role": "user", "content": text} for text in texts]
        return str(self.post("/threads", {"messages": messages})["id"])

    def work(self) -> None:
        """Does what the answers so far asked for, to its end."""
        asyncio.run(self._work())

    def run(self, path: str, body: Any) -> Any:
        """Starts a run (or goes on with one), works it off, and gives its last state."""
        run = self.post(path, body)
        self.work()
        return self.get(f"/threads/{run['thread_id']}/runs/{run['id']}")

    def stream(self, path: str, body: Any) -> list[tuple[str, Any]]:
        """The same, streamed: the events."""
        answer = self.call("POST", path, body | {"stream": True})
        assert answer.feed is not None
        self.work()
        return [(event.name, event.data) for event in answer.feed.take()]

    async def _work(self) -> None:
        runner = Runner(self.state, self.brain, Pace(pause=_no_pause))
        for answer in self._todo:
            if answer.stop:
                runner.stop(answer.stop)
            if answer.start:
                runner.start(answer.start)
            if answer.give_up:
                runner.give_up(answer.give_up)
            if answer.begin:
                runner.begin(answer.begin)
        self._todo.clear()
        await runner.idle()


def filled(value: Any, ids: Mapping[str, str]) -> Any:
    """A path or a body with ids in place of their names in braces."""
    if isinstance(value, str):
        for name, identifier in ids.items():
            value = value.replace(f"{{{name}}}", identifier)
        return value
    if isinstance(value, list):
        return [filled(one, ids) for one in value]
    if isinstance(value, dict):
        return {name: filled(one, ids) for name, one in value.items()}
    return value


def names(events: list[tuple[str, Any]]) -> list[str]:
    """The order of events, repeated deltas once."""
    found = [name for name, _ in events]
    return [
        name
        for place, name in enumerate(found)
        if not (name.endswith(".delta") and place and found[place - 1] == name)
    ]


def read_sse(text: str) -> list[tuple[str, Any]]:
    """The events of a stream as it came over the wire."""
    events = []
    for frame in text.removesuffix("\n\n").split("\n\n"):
        name, data = frame.split("\n")
        value = data.removeprefix("data: ")
        events.append(
            (name.removeprefix("event: "), json.loads(value) if value[0] == "{" else None)
        )
    return events


def shape(value: Any) -> Any:
    """Keys in their order, at every depth; lists by their first item, values by their type."""
    if isinstance(value, dict):
        return [(key, shape(inner)) for key, inner in value.items()]
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    return type(value).__name__


def recorded_stream(name: str) -> list[tuple[str, Any]]:
    return read_sse((RECORDINGS / f"test_{name}.sse").read_text())


def recorded_answers() -> Any:
    """Whole answers of the classic generation, by what was asked."""
    return json.loads((RECORDINGS / "recorded-json-responses.json").read_text())


def recorded(name: str) -> Any:
    return json.loads((DATA / name).read_text())


async def _no_pause(seconds: float) -> None:
    await asyncio.sleep(0)
