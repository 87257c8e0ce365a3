"""The service of both generations without sockets or time: the emulator's own, with a tiny brain.

A question is `q<number> <kind>`; an answer says which words of the history the agent heard, so that
it tells by itself whether something was lost, doubled or heard in the wrong place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import count
from random import Random
from typing import Any

from langchain_foundry_agents._flow.effects import JSON, Open, Send
from langchain_foundry_agents.emulator.classic.lifecycle import RunLife
from langchain_foundry_agents.emulator.events import compact
from langchain_foundry_agents.emulator.exchange import Answer, Request
from langchain_foundry_agents.emulator.ids import IdSource
from langchain_foundry_agents.emulator.records import Agent, Run, ServerCall, Usage
from langchain_foundry_agents.emulator.responses.lifecycle import ResponseLife
from langchain_foundry_agents.emulator.responses.records import StoredResponse
from langchain_foundry_agents.emulator.responses.server_items import function_call
from langchain_foundry_agents.emulator.responses.speech import Speech
from langchain_foundry_agents.emulator.service import EMULATOR_TOKEN, PROJECT_PATH, Service
from langchain_foundry_agents.emulator.state import State

AGENT_ID, AGENT_NAME = "asst_1", "helper"
QUESTION = re.compile(r"q\d")
_WORD = re.compile(r"\b(?:q\d|out\d|true|false)\b")
_HEADERS = {"authorization": f"Bearer {EMULATOR_TOKEN}"}
_USED = Usage(1, 1)
_FUNCTION = {"name": "add", "parameters": {"type": "object", "properties": {}}}
_MCP = {"type": "mcp", "server_label": "docs", "server_url": "https://docs.example/mcp"}
_FETCH = {"name": "fetch", "server_label": "docs", "arguments": "{}"}
# The process remembers which run asked for which call: no two services have the same ids.
_SEEDS = count()

Entries = Iterable[tuple[str, str]]
Turn = Run | StoredResponse


class LocalService:
    """One project's service. Nothing goes on in it but by `go_on`."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0
        ids = IdSource(Random(next(_SEEDS)))
        self.state = State(lambda: self.now, ids)
        self._service = Service(self.state)
        self._works: list[Iterator[None]] = []
        self._failed = False
        self.turns: list[Turn] = []
        """All runs and responses, in the order of their creation."""
        tools: list[JSON] = [{"type": "function", "function": _FUNCTION}, _MCP]
        self.state.agents[AGENT_ID] = Agent(AGENT_ID, 0, "gpt-4o", tools=tools)
        definition = {"kind": "prompt", "model": "gpt-4o"}
        named = {**definition, "tools": [{"type": "function", **_FUNCTION}, _MCP]}
        self._service.create_named_agent(AGENT_NAME, {"definition": named})

    def ask(self, effect: Send | Open) -> Answer:
        """Do what a request asks for."""
        body = b"" if effect.body is None else json.dumps(effect.body).encode()
        path = PROJECT_PATH + effect.path
        asked = Request(effect.method, path, dict(effect.query), _HEADERS, body)
        answer = self._service.answer(asked)
        if answer.stop:
            self._works.append(_stop(RunLife(self.state, answer.stop)))
        if answer.start:
            self._take(answer.start, self._work(RunLife(self.state, answer.start)))
        if answer.begin:
            self._take(answer.begin, self._make(ResponseLife(self.state, answer.begin)))
        return answer

    def go_on(self) -> None:
        """Let everything that is at work take one step."""
        self._works = [work for work in self._works if next(work, self) is not self]

    def read(self, answer: Answer) -> list[tuple[str, str]] | None:
        """What the next read of a stream brings: all that one step tells."""
        assert answer.feed
        while not (events := answer.feed.take()):
            if answer.feed.closed:
                return None
            assert self._works, "The stream stays open, and nobody works."
            self.go_on()
        return [(event.name, compact(event.data) if event.data else "[DONE]") for event in events]

    def leave(self, answer: Answer) -> None:
        """The reader of a stream is gone: a response that it alone heard is dropped."""
        if answer.feed:
            answer.feed.leave()
        if answer.begin and not answer.begin.background:
            ResponseLife(self.state, answer.begin).cancel()

    def places(self) -> set[str]:
        """The threads and conversations that there are."""
        return {*self.state.threads, *self.state.conversations}

    def histories(self) -> Iterator[list[tuple[str, str]]]:
        """Every thread, conversation and chain of responses: roles with texts."""
        for thread in self.state.threads.values():
            yield [(message.role, _text(message.content)) for message in thread.messages]
        for conversation in self.state.conversations.values():
            yield list(_items(conversation.items))
        for turn in self.turns:
            if isinstance(turn, StoredResponse):
                yield list(_items(turn.items))

    def _take(self, turn: Turn, work: Iterator[None]) -> None:
        if turn not in self.turns:
            self.turns.append(turn)
        self._works.append(work)

    def _work(self, life: RunLife) -> Iterator[None]:
        run = life.run
        yield
        if run.status != "queued":
            return
        life.begin()
        kind, heard, called = _hear(_entries(run))
        if kind == "tool" and not called:
            life.ask([("add", "{}")], _USED)
        elif kind == "approve" and not called:
            call_id = self.state.ids.new("call")
            life.use([ServerCall(call_id, "mcp", {**_FETCH, "output": None}, "A page.")])
            life.wait(_USED)
        elif self._fails(kind):
            life.fail("server_error", "Sorry, something went wrong.")
        else:
            first, *others = _pieces(kind, heard)
            life.say(first)
            yield
            if run.status != "in_progress":
                return
            for piece in others:
                life.say(piece)
            life.settle(_USED)
            life.complete()

    def _make(self, life: ResponseLife) -> Iterator[None]:
        response = life.response
        yield
        if response.over:
            return
        life.begin()
        kind, heard, called = _hear(_items([*response.history, *response.input]))
        if kind == "tool" and not called:
            function_call(life, "add", "{}")
        elif kind == "approve" and not called:
            life.done(
                life.add({"type": "mcp_approval_request", "id": life.new_id("mcpr"), **_FETCH})
            )
        elif self._fails(kind):
            life.fail("server_error", "Sorry, something went wrong.")
        else:
            speech = Speech(life)
            first, *others = _pieces(kind, heard)
            speech.say(first)
            yield
            if response.over:
                return
            for piece in others:
                speech.say(piece)
            speech.close()
        if not response.over:
            life.complete(_USED)

    def _fails(self, kind: str) -> bool:
        before, self._failed = self._failed, self._failed or kind == "fails"
        return self._failed and not before


def _stop(life: RunLife) -> Iterator[None]:
    yield
    life.cancel()


def _hear(entries: Entries) -> tuple[str, list[str], bool]:
    """The kind of the last question, all words, and whether something was called for it."""
    kind, words, called = "", [], False
    for role, text in entries:
        if role == "user" and QUESTION.match(text):
            kind, called = text.partition(" ")[2], False
        called = called or role == "call" or "[called" in text
        words += _WORD.findall(text) if role != "assistant" else []
    return kind, words, called


def _pieces(kind: str, heard: list[str]) -> list[str]:
    told = ["Heard ", f"{' '.join(heard)}."]
    return [*told, " STOP and more"] if kind == "stop" else told


def _entries(run: Run) -> Iterator[tuple[str, str]]:
    for message in run.thread.messages:
        if message.run_id != run.id:
            yield message.role, _text(message.content)
    for step in run.steps:
        for call in step.tool_calls:
            yield "call", call.name
            yield "result", call.output or ""
        for made in step.server_calls:
            yield "call", made.kind
            yield "result", "true" if made.approved else "false"


def _items(items: Iterable[JSON]) -> Iterator[tuple[str, str]]:
    for item in items:
        match item["type"]:
            case "message":
                yield item["role"], _text(item["content"])
            case "function_call" | "mcp_approval_request":
                yield "call", item["name"]
            case "function_call_output":
                yield "result", item["output"]
            case "mcp_approval_response":
                yield "result", "true" if item["approve"] else "false"


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    texts = (part.get("text", "") for part in content)
    return "".join(text["value"] if isinstance(text, dict) else text for text in texts)
