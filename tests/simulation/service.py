"""The emulator's service in virtual time: its requests, the work they start, who goes away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random

from langchain_foundry_agents._flow.effects import JSON, Open, Send
from langchain_foundry_agents.emulator.classic.lifecycle import RunLife
from langchain_foundry_agents.emulator.exchange import Answer, Request
from langchain_foundry_agents.emulator.ids import IdSource
from langchain_foundry_agents.emulator.records import Agent, Run
from langchain_foundry_agents.emulator.responses.lifecycle import ResponseLife
from langchain_foundry_agents.emulator.responses.records import StoredResponse
from langchain_foundry_agents.emulator.service import EMULATOR_TOKEN, PROJECT_PATH, Service
from langchain_foundry_agents.emulator.state import State

from .brain import Brain
from .checks import Checks
from .faults import Faults
from .schedule import Schedule

PLAIN, WITH_TOOLS = "asst_plain", "asst_tools"
PLAIN_NAME, NAME_WITH_TOOLS = "plain", "tools"
RUN_EXPIRY, ACTION_EXPIRY = 120.0, 600.0
_FUNCTION: JSON = {"name": "lookup", "parameters": {"type": "object", "properties": {}}}
_MCP: JSON = {"type": "mcp", "server_label": "docs", "server_url": "https://docs.example/mcp"}


class SimulatedService:
    """One project's service.

    Args:
        schedule: the time.
        chance: the source of all choices.
        faults: which runs go wrong.
        checks: looks at every place that changed.
    """

    def __init__(self, schedule: Schedule, chance: Random, faults: Faults, checks: Checks) -> None:
        self._schedule = schedule
        self._chance = chance
        self._checks = checks
        self.state = State(
            lambda: schedule.now, IdSource(chance), RUN_EXPIRY, action_expiry=ACTION_EXPIRY
        )
        self._service = Service(self.state)
        self.brain = Brain(self.state, chance, faults)
        self._make_agents()

    def _make_agents(self) -> None:
        tools: list[JSON] = [{"type": "function", "function": _FUNCTION}, _MCP]
        now, agents = self.state.now(), self.state.agents
        agents[PLAIN] = Agent(PLAIN, now, "gpt-4o")
        agents[WITH_TOOLS] = Agent(WITH_TOOLS, now, "gpt-4o", tools=tools)
        plain: JSON = {"kind": "prompt", "model": "gpt-4o"}
        with_tools = {**plain, "tools": [{"type": "function", **_FUNCTION}, _MCP]}
        for name, definition in ((PLAIN_NAME, plain), (NAME_WITH_TOOLS, with_tools)):
            self._service.create_named_agent(name, {"definition": definition})

    def ask(self, effect: Send | Open, user: str) -> Answer:
        """Do what a request asks for."""
        headers = {"authorization": f"Bearer {EMULATOR_TOKEN}"}
        if user:
            headers["x-ms-user-identity"] = user
        body = b"" if effect.body is None else json.dumps(effect.body).encode()
        path = PROJECT_PATH + effect.path
        answer = self._service.answer(
            Request(effect.method, path, dict(effect.query), headers, body)
        )
        if answer.stop:
            self._schedule.after(self._chance.random(), self._drop, answer.stop)
        if answer.start:
            self._checks.thread(answer.start.thread)
            self._schedule.play(self.brain.work(answer.start))
        if answer.begin:
            self._checks.response(answer.begin)
            self._schedule.play(self._made(answer.begin))
        return answer

    def leave(self, answer: Answer) -> None:
        """The reader of an answer's stream is gone."""
        if answer.feed:
            answer.feed.leave()
        response = answer.begin
        # The service may drop what is made in front of nobody, or go on with it.
        if response and not response.background and self._chance.random() < 0.7:
            ResponseLife(self.state, response).cancel()

    def forget(self, effect: Send | Open, answer: Answer) -> None:
        """Nobody can know of what was done here: the turn that asked for it is over."""
        # A deletion that comes late hits whoever is there then.
        self._checks.tainted.update(effect.path.split("/"))
        if answer.start:
            self._checks.orphans.add(answer.start.id)
            self._checks.tainted.add(answer.start.thread.id)
        if answer.begin:
            self._checks.orphans.add(answer.begin.id)

    def _drop(self, run: Run) -> None:
        RunLife(self.state, run).cancel()

    def _made(self, response: StoredResponse) -> Iterator[float]:
        yield from self.brain.make(response)
        if response.conversation:
            self._checks.conversation(response.conversation)
