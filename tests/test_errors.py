"""The tree of errors: what each is to LangChain, what it says, and that it travels whole."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from langchain_core import exceptions as core

from langchain_foundry_agents import ChatFoundryAgent, errors
from langchain_foundry_agents.emulator import FoundryEmulator
from langchain_foundry_agents.errors import (
    FoundryAgentError,
    NotFoundError,
    RateLimitError,
    Response,
    RunFailedError,
    ServiceConnectionError,
    ServiceError,
)

BASES: dict[str, type[Exception]] = {
    "InvalidEndpointError": ValueError,
    "InvalidAgentError": ValueError,
    "InvalidFieldError": TypeError,
    "AuthenticationError": core.ModelAuthenticationError,
    "PermissionDeniedError": core.ModelPermissionDeniedError,
    "NotFoundError": core.ModelNotFoundError,
    "BadRequestError": core.ModelInvalidRequestError,
    "MissingToolsError": errors.BadRequestError,
    "RateLimitError": core.ModelRateLimitError,
    "ServiceError": core.ModelAPIError,
    "ServiceConnectionError": core.ModelConnectionError,
    "RunTimeoutError": core.ModelTimeoutError,
    "ProtocolError": core.ModelError,
    "ActiveRunError": core.ModelError,
    "ThreadDivergedError": core.ModelError,
    "ToolOutputError": core.ModelError,
    "RunFailedError": core.ModelError,
    "RunExpiredError": RunFailedError,
    "RunCancelledError": RunFailedError,
    "RunIncompleteError": RunFailedError,
    "ContentFilterError": RunFailedError,
    "ContextLengthError": core.ContextOverflowError,
    "InvalidPromptError": core.ModelInvalidRequestError,
    "ServiceFailedError": core.ModelAPIError,
}
RESPONSE = Response(429, {"x-request-id": "req_1"}, '{"error": {}}', "client_1")
FACTS: dict[str, Any] = {
    "remedy": "Do that.",
    "status_code": 418,
    "code": "odd",
    "request_id": "req_2",
    "client_request_id": "client_2",
    "thread_id": "thread_1",
    "run_id": "run_1",
    "response": RESPONSE,
}
TREE = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, FoundryAgentError)
]
WAYS: list[Callable[[Any], Any]] = [
    lambda error: pickle.loads(pickle.dumps(error)),
    copy.copy,
    copy.deepcopy,
]


def test_the_tree_has_these_classes() -> None:
    assert {kind.__name__ for kind in TREE} == {"FoundryAgentError", *BASES}


@pytest.mark.parametrize(("name", "base"), BASES.items())
def test_an_error_is_also_the_class_that_langchain_looks_for(
    name: str, base: type[Exception]
) -> None:
    kind = getattr(errors, name)

    assert issubclass(kind, base)
    assert issubclass(kind, FoundryAgentError)
    assert issubclass(kind, core.ModelError)


@pytest.mark.parametrize("way", WAYS, ids=["pickle", "copy", "deepcopy"])
@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_an_error_travels_with_all_it_carries(
    kind: type[FoundryAgentError], way: Callable[[Any], Any]
) -> None:
    error = kind("It broke.", **FACTS)

    again = way(error)

    assert type(again) is kind
    assert (again.args, vars(again)) == (error.args, vars(error))
    assert str(again) == str(error)


@pytest.mark.parametrize("way", WAYS, ids=["pickle", "copy", "deepcopy"])
def test_what_only_some_errors_carry_travels_too(way: Callable[[Any], Any]) -> None:
    assert way(RateLimitError("Busy.", retry_after=22.0)).retry_after == 22.0
    broken = way(ServiceConnectionError("Broken.", maybe_accepted=True))
    assert (broken.maybe_accepted, broken.is_retryable) == (True, False)


@pytest.mark.parametrize(
    ("name", "caught_as"),
    [
        ("ContentFilterError", errors.BadRequestError),
        ("ContextLengthError", errors.BadRequestError),
        ("InvalidPromptError", errors.BadRequestError),
        ("ServiceFailedError", errors.ServiceError),
    ],
)
def test_what_a_run_and_a_refusal_may_tell_is_caught_as_either(
    name: str, caught_as: type[Exception]
) -> None:
    kind = getattr(errors, name)

    assert issubclass(kind, caught_as)
    assert issubclass(kind, RunFailedError)
    assert kind.is_retryable is (name == "ServiceFailedError")


def test_a_content_filter_names_what_it_stopped() -> None:
    results = {"jailbreak": {"filtered": True, "detected": True}, "hate": {"filtered": False}}
    error = errors.ContentFilterError("Stopped.", content_filter_result=results)

    assert error.content_filter_result == results
    assert error.categories == ("jailbreak",)
    assert str(error) == (
        "Stopped. It was stopped for: jailbreak. Rephrase the question, or adapt the deployment's "
        "content filter."
    )
    assert errors.ContentFilterError("Stopped.").categories == ()


def test_a_message_says_what_happened_with_which_ids_and_what_to_do() -> None:
    assert str(ServiceError("It broke.", **FACTS)) == (
        "It broke. [HTTP status 418, code odd, thread thread_1, run run_1, request req_2, "
        "client request client_2] Do that."
    )


def test_a_message_leaves_out_what_is_not_known() -> None:
    assert str(FoundryAgentError("It broke.")) == "It broke."
    assert str(FoundryAgentError("It broke.", run_id="run_1")) == "It broke. [run run_1]"
    assert str(FoundryAgentError("It broke.", remedy="Do that.")) == "It broke. Do that."


@pytest.mark.parametrize(
    "kind",
    [kind for kind in TREE if kind.remedy],
    ids=lambda kind: kind.__name__,
)
def test_an_error_has_its_own_advice_unless_it_is_given_another(
    kind: type[FoundryAgentError],
) -> None:
    assert str(kind("It broke.")) == f"It broke. {kind.remedy}"
    assert str(kind("It broke.", remedy="")) == "It broke."


def test_these_errors_need_advice_where_they_are_raised() -> None:
    assert {kind.__name__ for kind in TREE if not kind.remedy} == {
        "FoundryAgentError",
        "InvalidFieldError",
        "BadRequestError",
        "ToolOutputError",
    }


def test_the_facts_of_a_response_are_the_errors_own() -> None:
    error = ServiceError("It broke.", response=RESPONSE)

    assert (error.status_code, error.request_id, error.client_request_id) == (
        429,
        "req_1",
        "client_1",
    )


@pytest.mark.parametrize(
    ("headers", "request_id"),
    [
        ({}, None),
        ({"x-ms-request-id": "a"}, "a"),
        ({"x-ms-request-id": "a", "x-request-id": "b"}, "b"),
        ({"x-request-id": "b", "apim-request-id": "c"}, "c"),
        ({"apim-request-id": "", "x-request-id": "b"}, "b"),
    ],
)
def test_a_response_knows_the_services_id_of_its_request(
    headers: dict[str, str], request_id: str | None
) -> None:
    assert Response(200, headers).request_id == request_id


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "<html>", ""])
def test_a_body_that_cannot_be_read_is_no_json_whatever_it_is(text: str) -> None:
    with pytest.raises(ValueError, match=r"nested too deeply|Expecting value"):
        Response(200, {}, text).json()


def test_ids_of_a_turn_are_added_where_an_error_has_none() -> None:
    error = NotFoundError("Gone.", run_id="run_7")

    assert error.about(thread_id="thread_1", run_id="run_1") is error
    assert (error.thread_id, error.run_id) == ("thread_1", "run_7")


@pytest.mark.parametrize(("maybe_accepted", "retryable"), [(False, True), (True, False)])
def test_a_broken_connection_is_retryable_if_nothing_was_accepted(
    maybe_accepted: bool, retryable: bool
) -> None:
    error = ServiceConnectionError("Broken.", maybe_accepted=maybe_accepted)

    assert error.is_retryable is retryable


def told(error: BaseException | None) -> Iterator[str]:
    """All that an error and those behind it say and carry."""
    while error is not None:
        yield f"{error!r} {error} {vars(error)}"
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("port", ["the service", "nobody"])
def test_no_error_of_a_request_tells_the_token(emulator: FoundryEmulator, port: str) -> None:
    nobody = "http://127.0.0.1:1/api/projects/p"
    model = ChatFoundryAgent(
        agent_id="asst_1",
        project_endpoint=emulator.project_endpoint if port == "the service" else nobody,
        credential="s3cret-token",
        max_retries=0,
    )

    with pytest.raises(FoundryAgentError) as caught:
        model.invoke("Hello")

    said = " ".join(told(caught.value)) + repr(pickle.dumps(caught.value))
    assert "s3cret" not in said
    assert "authorization" not in said.lower()
