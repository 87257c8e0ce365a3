"""HTTP errors in the forms that the service and its gateways have, and what each is told as."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from canned import Reply, json_reply

from langchain_foundry_agents import (
    ActiveRunError,
    BadRequestError,
    FoundryAgentError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServiceError,
    ServiceFailedError,
)


def refused(status: int, code: str | None, message: str, **headers: str) -> Reply:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return json_reply({"error": error}, status, **headers)


@dataclass(frozen=True)
class Refusal:
    """An HTTP error in one of the forms that the service and its gateways have."""

    name: str
    reply: Reply
    error: type[FoundryAgentError]
    says: str
    advises: str
    facts: dict[str, Any] = field(default_factory=dict)


HTML = Reply(502, {"content-type": "text/html"}, b"<html><h1>Bad Gateway</h1></html>")
ROLE = (
    "The principal `8a…` lacks the required data action "
    "`Microsoft.CognitiveServices/accounts/AIServices/agents/write` to perform `POST "
    "/api/projects/{projectName}/threads/runs` operation."
)

NO_AGENT = "No assistant found with id 'asst_1'."
BUSY = "Thread thread_1 already has an active run run_7."
BUSY_TOO = "Can't add messages to thread_1 while a run run_8 is active."
REFUSALS = [
    Refusal(
        "a bad value",
        refused(400, "invalid_value", "Invalid 'assistant_id': 'WeatherAgent'."),
        BadRequestError,
        "Invalid 'assistant_id': 'WeatherAgent'",
        "",
        {"status_code": 400, "code": "invalid_value"},
    ),
    Refusal(
        "a code that is null",
        refused(400, None, "Cannot cancel run with status 'incomplete'."),
        BadRequestError,
        "Cannot cancel run",
        "",
        {"code": None},
    ),
    Refusal("a text", Reply(400, {}, b"no good"), BadRequestError, "no good", "", {"code": None}),
    Refusal(
        "a busy thread",
        refused(400, None, BUSY),
        ActiveRunError,
        "already has an active run",
        "Wait for that run",
        {"run_id": "run_7"},
    ),
    Refusal(
        "a thread that is busy with a message",
        refused(400, None, BUSY_TOO),
        ActiveRunError,
        "while a run run_8 is active",
        "Wait for that run",
        {"run_id": "run_8"},
    ),
    Refusal(
        "a missing role, told with 401",
        json_reply({"error": {"code": "PermissionDenied", "message": ROLE}}, 401),
        PermissionDeniedError,
        "data action Microsoft.CognitiveServices/accounts/AIServices/agents/write",
        "“Foundry User” (formerly “Azure AI User”)",
        {"status_code": 401, "code": "PermissionDenied"},
    ),
    Refusal(
        "network rules",
        json_reply({"error": {"code": "Forbidden", "message": "Public access is off."}}, 403),
        PermissionDeniedError,
        "Public access is off.",
        "“Foundry User”",
        {"status_code": 403, "code": "Forbidden"},
    ),
    Refusal(
        "an unknown agent",
        refused(404, None, NO_AGENT),
        NotFoundError,
        NO_AGENT,
        "Check the id",
        {"status_code": 404},
    ),
    *(
        Refusal(
            f"too much, as {code}",
            refused(429, code, "Slow down.", retry_after="7"),
            RateLimitError,
            "Slow down.",
            "raise max_retry_wait",
            {"status_code": 429, "code": code, "retry_after": 7.0},
        )
        for code in ("429", "RateLimitReached", "too_many_requests")
    ),
    Refusal(
        "too much, with milliseconds",
        refused(429, "429", "Slow down.", x_ms_retry_after_ms="1500"),
        RateLimitError,
        "Slow down.",
        "",
        {"retry_after": 1.5},
    ),
    Refusal(
        "a failure of the service",
        refused(500, "server_error", "Sorry, something went wrong."),
        ServiceFailedError,
        "Sorry, something went wrong.",
        "request id",
        {"status_code": 500, "code": "server_error"},
    ),
    Refusal("a gateway's page", HTML, ServiceError, "Bad Gateway", "", {"status_code": 502}),
    Refusal("nothing", Reply(503), ServiceError, "empty body", "Ask again", {"status_code": 503}),
    Refusal(
        "the flat form",
        json_reply({"code": "Busy", "message": "Later."}, 500),
        ServiceError,
        "Later.",
        "",
        {"code": "Busy"},
    ),
]
