"""Models are copied and pickled freely, and no secret is ever in a pickle."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest
from azure.core.credentials import AccessToken, AzureKeyCredential
from canned import CannedService, json_reply, plain_turn, stream_reply
from generations.conftest import Generation, Script
from langchain_core.load import dumps
from pydantic import SecretStr
from sockets.ways import WAYS, ask

from langchain_foundry_agents import AuthenticationError, ChatFoundryAgent, ProtocolError
from langchain_foundry_agents.emulator import Reply

from .agents import AGENTS, model_of
from .texts import Notebook

CANARY = "canary-1b7e"
WHERE = {"agent_id": "asst_1", "project_endpoint": "https://contoso.example/api/projects/p"}
SERVER = {"type": "mcp", "server_label": "docs", "server_url": "https://docs.example"}
TOOLS = [{**SERVER, "headers": {"X-Secret": CANARY}, "authorization": CANARY}]
RESOURCES = {"mcp": [{"server_label": "docs", "headers": {"X-Secret": CANARY}}]}


class Identity:
    """A credential that holds a secret."""

    def __init__(self) -> None:
        self.secret = CANARY

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        return AccessToken(self.secret, 2**40)


def token() -> str:
    return "a-token"


SECRETS: dict[str, dict[str, Any]] = {
    "token": {"credential": CANARY},
    "secret": {"credential": SecretStr(CANARY)},
    "key": {"credential": AzureKeyCredential(CANARY)},
    "identity": {"credential": Identity()},
    "function in a function": {"credential": lambda: CANARY},
    "gateway": {"credential": token, "default_headers": {"x-key": CANARY}},
    "call": {"credential": token, "extra_headers": {"x-key": CANARY}},
    "mcp": {"credential": token, "tool_resources": RESOURCES},
    "mcp of threads": {"credential": token, "thread_tool_resources": RESOURCES},
}


@pytest.mark.parametrize("fields", SECRETS.values(), ids=SECRETS)
def test_a_secret_is_in_no_pickle_and_the_first_call_says_so(fields: dict[str, Any]) -> None:
    written = pickle.dumps(ChatFoundryAgent(**WHERE, **fields))

    assert CANARY.encode() not in written
    with pytest.raises(AuthenticationError, match="a secret of it was left out") as caught:
        pickle.loads(written).invoke("Hello")
    assert "Give it again: model.model_copy(update={…})" in str(caught.value)
    assert "az login" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tool_resources", RESOURCES),
        ("thread_tool_resources", RESOURCES),
        ("extra_headers", {"x-key": CANARY}),
    ],
)
def test_what_is_bound_has_no_secret_in_its_pickle(name: str, value: Any) -> None:
    bound = ChatFoundryAgent(**WHERE).bind(**{name: value}).bind(temperature=0.5)

    assert CANARY.encode() not in pickle.dumps(bound)
    assert CANARY not in f"{bound!r} {dumps(bound)}"


async def test_a_pickled_model_takes_its_secret_again() -> None:
    with CannedService(stream_reply(plain_turn("Fine."))) as service:
        back = pickle.loads(pickle.dumps(model_of(service, credential=CANARY)))

        answer = back.model_copy(update={"credential": SecretStr("again")}).invoke("Hello")

    assert answer.content == "Fine."
    assert service.requests[0].headers["authorization"] == "Bearer again"


@pytest.mark.parametrize("credential", [None, token])
def test_what_is_no_secret_is_pickled(credential: Any) -> None:
    model = ChatFoundryAgent(**WHERE, credential=credential, temperature=0.5, stop=["END"])

    assert pickle.loads(pickle.dumps(model)) == model


Copy = Callable[[Any], Any]
COPIES: dict[str, Copy] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "model_copy": lambda model: model.model_copy(),
    "deep model_copy": lambda model: model.model_copy(deep=True),
}


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("generation", AGENTS)
@pytest.mark.parametrize("way", WAYS)
async def test_a_copy_asks_as_its_original_over_the_same_clients(
    generation: str, way: str, how: str
) -> None:
    with CannedService(stream_reply(plain_turn("Fine."))) as service, httpx.Client() as client:
        async with httpx.AsyncClient() as async_client:
            model = model_of(
                service,
                generation,
                credential=AzureKeyCredential("key"),
                default_headers={"x-key": CANARY},
                http_client=client,
                http_async_client=async_client,
                max_retries=0,
            )
            twin = COPIES[how](model)
            assert twin == model
            assert (twin.http_client, twin.http_async_client) == (client, async_client)
            # What is answered is of no matter, but who is asked, and how.
            with suppress(ProtocolError):
                await ask(way, twin, "Hello")

    sent = service.requests[0].headers
    assert (sent["api-key"], sent["x-key"]) == ("key", CANARY)


def test_a_model_made_from_code_is_copied_and_pickled(script: Script) -> None:
    scene = script(*[Reply("Fine.")] * 4)
    model = ChatFoundryAgent.create(
        name="made", model="gpt-4o", project_endpoint=scene.model.project_endpoint
    )
    copies = [model, pickle.loads(pickle.dumps(model)), copy.copy(model), copy.deepcopy(model)]

    assert all(one == model for one in copies)
    assert [one.invoke("Hello").text for one in copies] == ["Fine."] * 4


def look_up(word: str) -> str:
    """Look a word up."""
    return word


def test_a_bound_model_is_copied_and_pickled(script: Script, generation: Generation) -> None:
    tool = {"type": "function", "function": {"name": "look_up", "parameters": {}}}
    scene = script(*[Reply("Fine.")] * 3, definition={"tools": [tool]})
    bound = scene.model.bind_tools([look_up])

    for one in (pickle.loads(pickle.dumps(bound)), copy.copy(bound), copy.deepcopy(bound)):
        assert one.invoke("Hello").text == "Fine."


def test_secrets_of_bound_tools_reach_the_service_and_nobody_else() -> None:
    notebook = Notebook()
    with CannedService(json_reply({"tools": []}), stream_reply(plain_turn("Fine."))) as service:
        bound = model_of(service).bind_tools(TOOLS)

        answer = bound.invoke("Hello", config={"callbacks": [notebook]})

    assert answer.text == "Fine."
    (asked,) = [one.json() for one in service.requests if one.route == "POST /threads/runs"]
    assert [tool for tool in asked["tools"] if tool["type"] == "mcp"] == TOOLS
    shown = [repr(bound), dumps(bound), notebook.read(), repr(answer)]
    assert [text for text in shown if CANARY in text] == []
    assert CANARY.encode() not in pickle.dumps(bound)
