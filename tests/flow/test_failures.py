"""Every form in which the service tells an error, and the typed error that it becomes."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_foundry_agents._flow.effects import JSON
from langchain_foundry_agents._flow.failures import (
    error_event,
    refusal,
    run_failure,
)
from langchain_foundry_agents.errors import (
    ActiveRunError,
    AuthenticationError,
    BadRequestError,
    ContentFilterError,
    FoundryAgentError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    Response,
    RunCancelledError,
    RunExpiredError,
    RunFailedError,
    RunIncompleteError,
    ServiceError,
    ServiceFailedError,
    ThreadDivergedError,
)

from .player import answered, refused, run

BUSY = "Thread thread_1 already has an active run run_7."
BUSY_TOO = "Can't add messages to thread_1 while a run run_7 is active."
UNASKED = "No tool call found for function call output with call_id call_9."
NO_MESSAGE = "The service answered HTTP 400 with a body that is no error message: "


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (refused(302), BadRequestError),
        (refused(400, code="bad"), BadRequestError),
        (refused(401, code="invalid_token"), AuthenticationError),
        (refused(401, code="PermissionDenied"), PermissionDeniedError),
        (refused(403), PermissionDeniedError),
        (refused(404), NotFoundError),
        (refused(408), ServiceError),
        (refused(409), BadRequestError),
        (refused(400, BUSY, "invalid_request"), ActiveRunError),
        (refused(400, BUSY_TOO), ActiveRunError),
        (refused(400, "No tool output found for function call call_9."), ThreadDivergedError),
        (refused(400, UNASKED, "invalid_request"), ThreadDivergedError),
        (refused(400, code="conversation_locked"), ActiveRunError),
        (refused(400, code="previous_response_not_found"), NotFoundError),
        (refused(422), BadRequestError),
        (refused(429, code="too_many"), RateLimitError),
        (refused(500), ServiceError),
        (refused(503), ServiceError),
    ],
)
def test_a_refusal_is_the_error_of_its_status_and_says_what_the_service_said(
    response: Response, kind: type[FoundryAgentError]
) -> None:
    said = response.json()["error"]
    error = refusal(response)

    assert type(error) is kind
    assert (error.status_code, error.response) == (response.status_code, response)
    assert error.code == said["code"]
    assert error.args == (f"The service refused the request: {said['message']}",)


@pytest.mark.parametrize(
    ("body", "code", "what"),
    [
        (
            {"error": {"code": "bad", "message": "Not so.", "type": "x"}},
            "bad",
            "The service refused the request: Not so.",
        ),
        ({"code": "bad", "message": "Not so."}, "bad", "The service refused the request: Not so."),
        (
            {"statusCode": 400, "message": "Not so."},
            None,
            "The service refused the request: Not so.",
        ),
        (
            {"error": {"code": 7, "message": "Not so."}},
            "7",
            "The service refused the request: Not so.",
        ),
        (
            {"error": "Not so."},
            None,
            "The service refused the request: Not so.",
        ),
        (
            ["Not so."],
            None,
            f'{NO_MESSAGE}["Not so."]',
        ),
    ],
)
def test_a_refusal_quotes_the_service(body: object, code: str | None, what: str) -> None:
    error = refusal(answered(body, 400))

    assert (error.code, error.args) == (code, (what,))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "The service answered HTTP 400 with an empty body."),
        (
            "<html>\n  <h1>Bad  Gateway</h1>\n</html>",
            f"{NO_MESSAGE}<html> <h1>Bad Gateway</h1> </html>",
        ),
        (
            "x" * 300,
            NO_MESSAGE + "x" * 200,
        ),
    ],
)
def test_a_page_in_place_of_an_error_is_quoted_in_short(text: str, what: str) -> None:
    assert refusal(Response(400, {}, text)).args == (what,)


def test_a_refusal_carries_the_ids_of_its_request() -> None:
    error = refusal(Response(500, {"apim-request-id": "abc"}, "", "def"))

    assert (error.request_id, error.client_request_id) == ("abc", "def")


@pytest.mark.parametrize("message", [BUSY, BUSY_TOO])
def test_a_busy_thread_names_the_run_that_works_on_it(message: str) -> None:
    assert refusal(refused(400, message)).run_id == "run_7"


def test_a_busy_thread_may_not_name_its_run() -> None:
    assert refusal(refused(400, "The thread already has an active run.")).run_id is None


def test_a_missing_role_without_a_data_action_names_the_role() -> None:
    error = refusal(refused(401, "Principal does not have access.", "PermissionDenied"))

    assert error.advice.startswith("Give this identity the role “Foundry User”")


@pytest.mark.parametrize(
    ("last_error", "kind", "code", "what"),
    [
        (
            {"code": "server_error", "message": "Sorry."},
            ServiceFailedError,
            "server_error",
            "The run failed: Sorry.",
        ),
        (
            {"code": "content_filter", "message": "Filtered."},
            ContentFilterError,
            "content_filter",
            "The run failed: Filtered.",
        ),
        (
            {"code": "rate_limit_exceeded", "message": "Try again in 22 seconds."},
            RateLimitError,
            "rate_limit_exceeded",
            "The run failed: Try again in 22 seconds.",
        ),
        ({"code": "odd"}, RunFailedError, "odd", "The run failed: odd"),
        (None, RunFailedError, None, "The run failed: the service gives no reason"),
    ],
)
def test_a_failed_run_tells_its_last_error(
    last_error: object, kind: type[FoundryAgentError], code: str | None, what: str
) -> None:
    error = run_failure(run("failed", last_error=last_error), something=True)

    assert type(error) is kind
    assert (error.code, error.args) == (code, (what,))


def test_a_failed_run_keeps_the_hint_of_its_rate_limit() -> None:
    last_error = {"code": "rate_limit_exceeded", "message": "Try again in 22 seconds."}

    error = run_failure(run("failed", last_error=last_error), something=False)

    assert isinstance(error, RateLimitError)
    assert error.retry_after == 22.0


@pytest.mark.parametrize(
    ("details", "kind"),
    [
        ({"reason": "content_filter"}, ContentFilterError),
        ({"reason": "max_completion_tokens"}, RunIncompleteError),
        (None, RunIncompleteError),
    ],
)
def test_an_incomplete_run_is_an_error_only_if_it_wrote_nothing(
    details: object, kind: type[FoundryAgentError]
) -> None:
    ended = run("incomplete", incomplete_details=details)

    assert run_failure(ended, something=True) is None
    assert type(run_failure(ended, something=False)) is kind


@pytest.mark.parametrize(
    ("ended", "kind", "what"),
    [
        (run("expired"), RunExpiredError, "The run expired before it was finished."),
        (run("cancelled"), RunCancelledError, "The run was cancelled, not by this call."),
        (
            run("incomplete"),
            RunIncompleteError,
            "The run ended before it wrote anything: no reason given.",
        ),
        (
            run("incomplete", incomplete_details={"reason": "max_prompt_tokens"}),
            RunIncompleteError,
            "The run ended before it wrote anything: max_prompt_tokens.",
        ),
        (
            run("incomplete", incomplete_details={"reason": "content_filter"}),
            ContentFilterError,
            "A content filter stopped the run.",
        ),
        (
            run("incomplete", incomplete_details="content_filter"),
            ProtocolError,
            "The run has a form that is not known.",
        ),
        (
            run("on_holiday"),
            ProtocolError,
            "The run has the status 'on_holiday', which ends no turn we know.",
        ),
        (
            run(["completed"]),
            ProtocolError,
            "The run has the status ['completed'], which ends no turn we know.",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_run_without_an_answer_says_how_it_ended(
    ended: JSON, kind: type[FoundryAgentError], what: str
) -> None:
    error = run_failure(ended, something=False)

    assert error is not None
    assert (type(error), error.args) == (kind, (what,))


def function_call(name: str) -> dict[str, Any]:
    return {"id": "call_1", "type": "function", "function": {"name": name}}


@pytest.mark.parametrize("action", [None, {"type": "unheard"}, {"type": "submit_tool_outputs"}])
def test_a_run_that_asks_for_outputs_is_no_failure(action: object) -> None:
    assert run_failure(run("requires_action", required_action=action), something=False) is None


@pytest.mark.parametrize(
    ("data", "kind", "code", "what"),
    [
        ({"code": "odd", "message": "Sorry."}, RunFailedError, "odd", "Sorry."),
        ({"error": {"code": "odd", "message": "Sorry."}}, RunFailedError, "odd", "Sorry."),
        ({"error": "Sorry."}, ServiceFailedError, None, "Sorry."),
        ({"error": [1]}, ServiceFailedError, None, "{'error': [1]}"),
        ({}, ServiceFailedError, None, "{}"),
    ],
)
def test_an_error_event_without_a_code_is_the_services_failure_and_else_the_runs(
    data: dict[str, Any], kind: type[FoundryAgentError], code: str | None, what: str
) -> None:
    error = error_event(data)

    assert type(error) is kind
    assert (error.code, error.args) == (code, (f"The service broke the answer off: {what}",))
