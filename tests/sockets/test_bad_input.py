"""Input that cannot work is refused before any request, with a remedy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from canned import CannedService
from langchain_core.messages import ChatMessage, HumanMessage, RemoveMessage

from langchain_foundry_agents import (
    AuthenticationError,
    BadRequestError,
    ChatFoundryAgent,
    InvalidAgentError,
    InvalidEndpointError,
    InvalidFieldError,
)

from .ways import WAYS, ask

URL = "http://127.0.0.1:9/api/projects/p"


@pytest.fixture
def service() -> Iterator[CannedService]:
    """A service that must not be asked."""
    with CannedService() as running:
        yield running
        assert running.requests == []


@pytest.fixture
def model(service: CannedService) -> ChatFoundryAgent:
    """A model of the service that must not be asked."""
    return ChatFoundryAgent(agent_id="asst_1", project_endpoint=service.url)


MESSAGES: list[tuple[Any, str]] = [
    ([], "There are no messages. Ask something."),
    ([HumanMessage("")], "A HumanMessage has no content. Leave it out, or fill it."),
    ([HumanMessage(" \n")], "A HumanMessage has no content"),
    ([HumanMessage([])], "A HumanMessage has no content"),
    ([HumanMessage("Hello"), HumanMessage("")], "A HumanMessage has no content"),
    ([HumanMessage([{"type": "hologram", "x": 1}])], "of the type 'hologram'"),
    ([HumanMessage([{"type": "audio", "base64": "AA==", "mime_type": "audio/wav"}])], "'audio'"),
    ([HumanMessage([{"type": "image"}])], "An image needs url, file_id, or base64"),
    ([ChatMessage(content="Hello", role="narrator")], "Use human, AI, system and tool messages"),
    ([RemoveMessage("1")], "Use human, AI, system and tool messages"),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("messages", "says"), MESSAGES)
async def test_messages_that_cannot_be_sent(
    model: ChatFoundryAgent, messages: Any, says: str, way: str
) -> None:
    with pytest.raises(BadRequestError, match=says):
        await ask(way, model, messages)


KEYWORDS: list[tuple[dict[str, Any], str]] = [
    ({"temprature": 1}, "no field or keyword 'temprature'. Did you mean 'temperature'?"),
    ({"thread": "thread_1"}, "Did you mean 'thread_id'?"),
    ({"max_completion_token": 300}, "Did you mean 'max_completion_tokens'?"),
    ({"frobnicate": 1}, "All fields: https://.*/docs/fields.md"),
    ({"temperature": 3}, "temperature: .* less than or equal to 2"),
    ({"top_p": -1}, "top_p: "),
    ({"max_tokens": 0}, "max_tokens: "),
    ({"max_prompt_tokens": 255}, "max_prompt_tokens: .* greater than or equal to 256"),
    ({"run_mode": "sse"}, "run_mode: .*'stream' or 'poll'"),
    ({"run_timeout": 0}, "run_timeout: "),
    ({"tool_choice": "any"}, "tool_choice"),
    ({"run_metadata": {str(n): "" for n in range(16)}}, "up to 15 pairs"),
    ({"run_metadata": {"k" * 65: ""}}, "keys of up to 64"),
    ({"thread_metadata": {"k": "v" * 513}}, "values of up to 512"),
    *(
        ({"thread_id": id_}, "is not the id of a thread: those begin with 'thread_'")
        for id_ in ("conv_1", "", "thread_", "thread_1/../2", "thread_1/runs", "thread_1?x=y")
    ),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("keywords", "says"), KEYWORDS)
async def test_keywords_of_a_call_that_cannot_work(
    model: ChatFoundryAgent, keywords: dict[str, Any], says: str, way: str
) -> None:
    with pytest.raises(InvalidFieldError, match=says):
        await ask(way, model, "Hello", **keywords)
    with pytest.raises(InvalidFieldError, match=says):
        await ask(way, model.bind(**keywords), "Hello")


@pytest.mark.parametrize(("keywords", "says"), KEYWORDS)
def test_fields_of_a_model_that_cannot_work(keywords: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidFieldError, match=says):
        ChatFoundryAgent(agent_id="asst_1", project_endpoint=URL, **keywords)


ONE = "Give exactly one agent"
VERSION = "Leave out agent_version, or agent_endpoint"
AGENTS: list[tuple[dict[str, Any], str, str]] = [
    ({}, "No agent is given", ONE),
    ({"agent_id": "WeatherAgent"}, "'WeatherAgent' is not the id of a classic", "as agent_name="),
    ({"agent_id": "asst_1/../2"}, "is not the id of a classic agent", "as agent_name="),
    ({"agent_id": ""}, "No agent is given", ONE),
    ({"agent_id": "asst_1", "agent_name": "weather"}, "Both agent_id and agent_name", ONE),
    ({"agent_id": "asst_1", "agent_version": "2"}, "has no versions", "Use agent_name="),
    ({"agent_id": "asst_1", "agent_endpoint": True}, "no endpoint of its own", "Use agent_name="),
    ({"agent_name": "asst_1"}, "'asst_1' is the id of a classic agent", "Give it as agent_id="),
    ({"agent_name": "weather:3"}, "'weather:3' is no name of an agent", "agent_version="),
    ({"agent_name": "-weather"}, "'-weather' is no name of an agent", "agent_version="),
    ({"agent_name": "w" * 64}, "is no name of an agent", "agent_version="),
    ({"agent_name": "weather", "agent_version": "3/.."}, "'3/..' is no version", ONE),
    (
        {"agent_name": "weather", "agent_version": "3", "agent_endpoint": True},
        "own endpoint selects the version",
        VERSION,
    ),
]


@pytest.mark.parametrize(("fields", "says", "remedy"), AGENTS)
def test_agents_that_cannot_be_asked(fields: dict[str, Any], says: str, remedy: str) -> None:
    with pytest.raises(InvalidAgentError, match=f"{says}.*{remedy}"):
        ChatFoundryAgent(project_endpoint=URL, **fields)


@pytest.mark.parametrize("endpoint", ["", "nonsense", "https://contoso.openai.azure.com/"])
def test_endpoints_that_cannot_be_asked(endpoint: str) -> None:
    with pytest.raises(InvalidEndpointError, match=r"\.services\.ai\.azure\.com/api/projects/"):
        ChatFoundryAgent(agent_id="asst_1", project_endpoint=endpoint)


OBJECTS: list[tuple[dict[str, Any], str]] = [
    ({"timeout": "soon"}, "timeout: give seconds or an httpx.Timeout, not str"),
    ({"timeout": -1}, "timeout: give seconds"),
    ({"http_client": object()}, "http_client: give an httpx.Client, not object"),
    ({"http_async_client": object()}, "http_async_client: give an httpx.AsyncClient, not object"),
    ({"credential": object()}, "a value of type object is no credential"),
]


@pytest.mark.parametrize(("fields", "says"), OBJECTS)
def test_objects_that_cannot_work(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidFieldError, match=says):
        ChatFoundryAgent(agent_id="asst_1", project_endpoint=URL, **fields)


@pytest.mark.parametrize("way", WAYS)
async def test_a_credential_that_gives_no_token_is_told_before_any_request(
    service: CannedService, way: str
) -> None:
    def broken() -> str:
        raise OSError("no such profile")

    model = ChatFoundryAgent(agent_id="asst_1", project_endpoint=service.url, credential=broken)
    with pytest.raises(AuthenticationError, match="no such profile"):
        await ask(way, model, "Hello")
