"""Canaries in place of secrets: looked for in everything that a turn leaves behind."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from azure.core.credentials import AzureKeyCredential
from canned import CannedService, Reply, cut_stream, json_reply, plain_turn
from generations.conftest import Generation, Script
from langchain_core.load import dumpd, dumps
from langchain_core.messages import HumanMessage, ToolMessage
from sockets.ways import WAYS, ask

from langchain_foundry_agents import ChatFoundryAgent, FoundryAgentError
from langchain_foundry_agents.emulator import CallTools, Fail
from langchain_foundry_agents.emulator import Reply as Says

from .agents import AGENTS
from .texts import Notebook, texts_of_error

TOKEN, KEY, HEADER, MCP = "canary-token", "canary-key", "canary-header", "canary-mcp"
CALL = "canary-call"
USER = "canary-user"
SECRETS = (TOKEN, KEY, HEADER, MCP, CALL)
CREDENTIALS = {"token": TOKEN, "function": lambda: TOKEN, "key": AzureKeyCredential(KEY)}
RESOURCES = {"mcp": [{"server_label": "docs", "headers": {"X-Secret": MCP}}]}
QUESTION = HumanMessage("Look it up.")

REFUSED = json_reply({"error": {"code": "bad", "message": "No."}}, 400)


def secret_fields(generation: str) -> dict[str, Any]:
    """Fields of a model that hold secrets, but for its credential."""
    headers = {"default_headers": {"x-gateway": HEADER}}
    of_call = {"extra_headers": {"x-memory-user-id": CALL}}
    if generation == "new":
        return {**headers, **of_call, "user_identity": USER}
    return {**headers, **of_call, "tool_resources": RESOURCES}


@dataclass
class Witness:
    """Sees all that a turn shows to anybody."""

    caplog: pytest.LogCaptureFixture
    notebook: Notebook = field(default_factory=Notebook)
    texts: list[str] = field(default_factory=list)

    @property
    def config(self) -> Any:
        """The config of a call that is seen."""
        return {"callbacks": [self.notebook], "metadata": {"user": "ann"}, "tags": ["t"]}

    def see(self, *things: Any) -> None:
        """Texts of models, bound models and messages."""
        for thing in things:
            self.texts += [repr(thing), str(thing), dumps(thing), repr(dumpd(thing))]

    @contextmanager
    def watch(self) -> Iterator[None]:
        """See the errors, warnings and log lines of what is done in here."""
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            with self.caplog.at_level(logging.DEBUG):
                try:
                    yield
                except FoundryAgentError as error:
                    self.texts += texts_of_error(error)
                    logging.getLogger("user").exception("It failed.")
        self.texts += [str(one.message) for one in warned]

    @property
    def logs(self) -> str:
        """All log lines, with what they were made of."""
        records = self.caplog.records
        return self.caplog.text + "".join(repr(vars(record)) for record in records)

    def found(self) -> list[tuple[str, str]]:
        """Secrets, each with a text that shows it."""
        self.texts += [self.notebook.read(), self.logs]
        return [(one, text) for one in SECRETS for text in self.texts if one in text]


@pytest.fixture
def witness(caplog: pytest.LogCaptureFixture) -> Witness:
    """Sees all."""
    return Witness(caplog)


def assert_nothing_leaked(witness: Witness) -> None:
    # All of them, ours and httpx's, were written down.
    loggers = {record.name.partition(".")[0] for record in witness.caplog.records}
    assert {"langchain_foundry_agents", "httpx", "httpcore"} <= loggers
    assert witness.notebook.runs
    assert witness.found() == []
    assert USER not in witness.logs


@pytest.mark.parametrize("kind", CREDENTIALS)
@pytest.mark.parametrize("mode", ["stream", "poll"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("generation", AGENTS)
async def test_an_answer_a_refusal_and_a_break_show_no_secret(
    witness: Witness, generation: str, way: str, mode: str, kind: str
) -> None:
    events = plain_turn("Fine.")
    broken = cut_stream(events, len(events) // 2)
    replies = [Reply(429), REFUSED, Reply(401), broken, Reply(hangs_up=True), Reply(502, body=b"<")]
    for reply in replies:
        with CannedService(reply) as service:
            model = ChatFoundryAgent(
                **AGENTS[generation],
                **secret_fields(generation),
                project_endpoint=service.url,
                credential=CREDENTIALS[kind],
                run_mode=mode,
                max_retries=0,
            )
            with witness.watch():
                witness.see(model, await ask(way, model, [QUESTION], config=witness.config))
            witness.see(model, model._transport(), model._identifying_params)
            sent = repr(service.requests[0].headers)
            # What is not sent cannot leak: the test would see nothing.
            assert HEADER in sent
            assert CALL in sent
            assert TOKEN in sent or KEY in sent

    assert_nothing_leaked(witness)


def secretive(scene: Any, generation: str, how: str) -> tuple[ChatFoundryAgent, Any, Any]:
    """A model with secrets, what is bound of it, and options of a call."""
    given = secret_fields(generation)
    headers = {"default_headers": given.pop("default_headers")}
    emulator = scene.emulator
    where = {"project_endpoint": emulator.project_endpoint, "credential": emulator.credential}
    named = {"agent_id": scene.model.agent_id, "agent_name": scene.model.agent_name}
    fields = {name: value for name, value in named.items() if value}
    if how == "field":
        model = ChatFoundryAgent(**fields, **where, **headers, **given)
        return model, model, {}
    model = ChatFoundryAgent(**fields, **where, **headers)
    if how == "bind":
        return model, model.bind(**given), {}
    return model, model, given


@pytest.mark.parametrize("how", ["field", "bind", "call"])
@pytest.mark.parametrize("way", WAYS)
async def test_a_tool_turn_shows_no_secret(
    script: Script, witness: Witness, generation: Generation, way: str, how: str
) -> None:
    turns = (
        CallTools(("look_up", {"word": "otter"})),
        Says("An otter."),
        Fail("server_error", "No."),
    )
    tool = {"type": "function", "function": {"name": "look_up", "parameters": {}}}
    scene = script(*turns, definition={"tools": [tool]})
    model, bound, options = secretive(scene, generation, how)
    with witness.watch():
        asked = await ask(way, bound, [QUESTION], config=witness.config, **options)
        output = ToolMessage("a mammal", tool_call_id=str(asked.tool_calls[0]["id"]))
        history = [QUESTION, asked, output]
        answer = await ask(way, bound, history, config=witness.config, **options)
        witness.see(model, bound, asked, answer)
    assert answer.text == "An otter."
    with witness.watch():
        again = [*history, answer, QUESTION]
        await ask(way, bound, again, config=witness.config, max_retries=0, **options)

    assert any("server_error" in text for text in witness.texts)
    assert_nothing_leaked(witness)
    assert_arrived(scene.emulator.requests, generation)


def assert_arrived(requests: Any, generation: str) -> None:
    """The service was told the secrets, and keeps those that prove who asks to itself."""
    seen = repr(requests)
    assert HEADER in seen
    assert (MCP if generation == "classic" else USER) in seen
    assert requests[0].headers["authorization"] == "<not kept>"


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_turn_that_is_left_shows_no_secret(
    script: Script, witness: Witness, generation: Generation, *, asynchronous: bool
) -> None:
    scene = script(service={"chunk_delay": 0.01})
    _, bound, options = secretive(scene, generation, "bind")
    config = witness.config
    with witness.watch():
        if asynchronous:
            await acancelled(bound.astream("Count to 1000", config=config, **options))
        else:
            with closing(bound.stream("Count to 1000", config=config, **options)) as chunks:
                next(chunks)

    assert_nothing_leaked(witness)


async def acancelled(chunks: AsyncIterator[Any]) -> None:
    """Cancel the task that reads the chunks."""
    begun = asyncio.Event()

    async def read() -> None:
        async with aclosing(chunks):  # type: ignore[type-var]
            async for _ in chunks:
                begun.set()

    task = asyncio.create_task(read())
    await begun.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def test_the_emulator_keeps_neither_token_nor_key(script: Script) -> None:
    scene = script(Says("Fine."))
    for credential in (scene.emulator.credential, AzureKeyCredential(KEY)):
        model = scene.model.model_copy(update={"credential": credential})
        with suppress(FoundryAgentError):
            model.invoke("Hello")

    for request in scene.emulator.requests:
        assert {"authorization", "api-key"} & request.headers.keys()
        assert scene.emulator.credential not in repr(request)
        assert KEY not in repr(request)


def test_a_model_does_not_show_its_user() -> None:
    model = ChatFoundryAgent(
        agent_name="helper", project_endpoint="http://127.0.0.1:9/p", user_identity=USER
    )

    assert model.user_identity == USER
    assert USER not in f"{model!r} {model}"
