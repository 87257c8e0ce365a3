"""What proves who asks: on the wire, renewed when refused, and in no text that anybody reads."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.credentials import AccessToken, AzureKeyCredential
from canned import CannedService, Reply, json_reply, plain_turn, stream_reply
from langchain_core.load import dumps
from langchain_core.messages import HumanMessage
from pydantic import SecretStr

from langchain_foundry_agents import (
    AuthenticationError,
    ChatFoundryAgent,
    FoundryAgentError,
    InvalidFieldError,
)
from langchain_foundry_agents._credentials import token_source
from langchain_foundry_agents._drive import adrive, drive
from langchain_foundry_agents._transport import Transport
from langchain_foundry_agents.emulator import FoundryEmulator

from .refusals import REFUSALS
from .ways import WAYS, ask

GOOD = stream_reply(plain_turn("Fine."))
EXPIRED = json_reply({"statusCode": 401, "message": "Unauthorized. Access token is missing."}, 401)
CANARY = "canary-7f3a"


class CountingCalls:
    """Gives a new token at each call."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        return f"token-{self.calls}"


async def async_token() -> str:
    return "async-token"


def model_of(service: CannedService, **fields: Any) -> ChatFoundryAgent:
    return ChatFoundryAgent(agent_id="asst_1", project_endpoint=service.url, **fields)


SENT: list[tuple[Any, str, str]] = [
    ("fixed", "authorization", "Bearer fixed"),
    (SecretStr("secret"), "authorization", "Bearer secret"),
    (lambda: "called", "authorization", "Bearer called"),
    (async_token, "authorization", "Bearer async-token"),
    (AzureKeyCredential("key-1"), "api-key", "key-1"),
    (None, "authorization", "Bearer foundry-emulator"),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["credential", "api_key"])
@pytest.mark.parametrize(("credential", "header", "value"), SENT)
async def test_a_credential_arrives(
    credential: Any, header: str, value: str, name: str, way: str
) -> None:
    with CannedService(GOOD) as service:
        await ask(way, model_of(service, **{name: credential}), "Hello")

    assert service.requests[0].headers[header] == value


@pytest.mark.parametrize("way", WAYS)
async def test_a_refused_token_is_renewed_once_and_the_request_repeated(way: str) -> None:
    credential = CountingCalls()
    with CannedService(EXPIRED, GOOD) as service:
        answer = await ask(way, model_of(service, credential=credential), "Hello")

    assert answer.content == "Fine."
    assert credential.calls == 2
    sent = [request.headers["authorization"] for request in service.requests]
    assert sent == ["Bearer token-1", "Bearer token-2"]
    assert service.requests[0].body == service.requests[1].body


class CountingCredential:
    """A `TokenCredential` whose tokens live long."""

    def __init__(self) -> None:
        self.calls = 0

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        self.calls += 1
        return AccessToken(f"token-{self.calls}", 2**40)


async def test_a_kept_token_that_is_refused_is_fetched_once_more() -> None:
    # A model refuses to send an Entra token over plain http: the transport is given by hand.
    credential = CountingCredential()
    with CannedService(GOOD, EXPIRED, GOOD) as service:
        transport = Transport(service.url, token_source(credential, "scope"))
        flow, _, answer, seconds, *_ = model_of(service)._turn([HumanMessage("Hello")], None, {})
        list(drive(flow, transport, answer, seconds))
        assert credential.calls == 1
        flow, _, answer, seconds, *_ = model_of(service)._turn([HumanMessage("Hello")], None, {})
        chunks = [chunk async for chunk in adrive(flow, transport, answer, seconds)]
        assert chunks[0].text == "Fine."

    assert credential.calls == 2
    sent = [request.headers["authorization"] for request in service.requests]
    assert sent == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


def test_an_entra_token_never_goes_over_plain_http() -> None:
    with (
        CannedService() as service,
        pytest.raises(InvalidFieldError, match="never sent over plain"),
    ):
        model_of(service, credential=CountingCredential())


@pytest.mark.parametrize("way", WAYS)
async def test_headers_of_the_user_arrive_with_every_request(way: str) -> None:
    headers = {"Ocp-Apim-Subscription-Key": CANARY, "X-Tenant": "7"}
    deleted = json_reply({"id": "thread_1", "deleted": True})
    thread = json_reply({"id": "thread_1", "object": "thread"})
    with CannedService(thread, Reply(404), deleted) as service:
        model = model_of(service, default_headers=headers, max_retries=0, on_divergence="append")
        with pytest.raises(FoundryAgentError):
            await ask(way, model, [("system", "Be brief."), ("user", "Hello")])

    assert len(service.requests) == 3
    for request in service.requests:
        assert request.headers["ocp-apim-subscription-key"] == CANARY
        assert request.headers["x-tenant"] == "7"
        assert request.headers["authorization"] == "Bearer foundry-emulator"
        assert request.headers["user-agent"].startswith("langchain-foundry-agents/")


def test_secrets_stand_in_no_text_of_a_model() -> None:
    model = ChatFoundryAgent(
        agent_id="asst_1",
        project_endpoint="http://127.0.0.1:9/api/projects/p",
        credential=CANARY,
        default_headers={"x-key": CANARY},
    )
    texts = [
        repr(model),
        str(model),
        dumps(model),
        model.model_dump_json(),
        repr(model._transport()),
    ]
    texts += [str(model._identifying_params), str(model._get_ls_params()), repr(model.asdict())]

    assert [text for text in texts if CANARY in text] == []


FAILURES = [case.reply for case in REFUSALS]
FAILURES += [Reply(hangs_up=True), Reply(body=b"<html>"), Reply(breaks_after=0, body=b"x")]


@pytest.mark.parametrize("way", ["invoke", "astream"])
@pytest.mark.parametrize("reply", FAILURES)
async def test_a_token_stands_in_no_error(reply: Reply, way: str) -> None:
    with CannedService(reply) as service:
        model = model_of(
            service, credential=CANARY, default_headers={"x-key": CANARY}, max_retries=0
        )
        with pytest.raises(FoundryAgentError) as caught:
            await ask(way, model, "Hello")

    chain = [caught.value, caught.value.__cause__, caught.value.__context__]
    texts = [text for error in chain for text in (str(error), repr(error), repr(vars_of(error)))]
    assert [text for text in texts if CANARY in text] == []


def vars_of(error: BaseException | None) -> dict[str, Any]:
    return getattr(error, "__dict__", {})


@pytest.mark.parametrize("token", [CANARY + "é", f"{CANARY} x", f"{CANARY}\nx"])
@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
async def test_a_token_that_cannot_be_sent_is_not_shown_either(token: str, way: str) -> None:
    with CannedService() as service:
        with pytest.raises(AuthenticationError, match="a token with") as caught:
            await ask(way, model_of(service, credential=token), "Hello")
        assert not service.requests

    assert CANARY not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize("way", WAYS)
async def test_an_error_names_the_request_id_that_was_sent(way: str) -> None:
    with CannedService(EXPIRED, EXPIRED) as service:
        with pytest.raises(AuthenticationError) as caught:
            await ask(way, model_of(service, credential=CountingCalls()), "Hello")
        first, second = (r.headers["x-ms-client-request-id"] for r in service.requests)

    assert caught.value.client_request_id == second != first
    assert second in str(caught.value)


@pytest.mark.parametrize("way", WAYS)
async def test_a_token_that_cannot_be_another_is_not_sent_again(way: str) -> None:
    with CannedService(EXPIRED, GOOD) as service, pytest.raises(AuthenticationError):
        await ask(way, model_of(service, credential="fixed"), "Hello")

    assert len(service.requests) == 1


def test_the_emulator_s_token_is_the_default_on_loopback_and_others_are_the_caller_s() -> None:
    with FoundryEmulator(token="foundry-emulator") as emulator:
        agent_id = emulator.create_agent(name="helper")
        fields = {"agent_id": agent_id, "project_endpoint": emulator.project_endpoint}
        assert ChatFoundryAgent(**fields).invoke("Hello").content == 'You said: "Hello".'
        with pytest.raises(AuthenticationError, match="az login"):
            ChatFoundryAgent(**fields, credential="wrong").invoke("Hello")
