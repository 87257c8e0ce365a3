"""What a failure is depends on what it says, and not on the envelope it comes in.

Codes and sentences are those of public reports: earendil-works/pi#7983 (Foundry),
openai/openai-dotnet#881 and #55 (Azure), microsoft-foundry/foundry-samples#515,
Azure/azure-sdk-for-net#58060 and #59291, microsoft-foundry/foundry-agent-webapp#15,
openai/codex#6375 (Azure), and of the SDKs' enums.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from langchain_core.exceptions import ContextOverflowError, ModelAPIError

from langchain_foundry_agents._flow.effects import JSON, Open, Pause, Read
from langchain_foundry_agents._flow.failures import error_event, refusal, run_failure
from langchain_foundry_agents._flow.progress import Policy
from langchain_foundry_agents._flow.retry import Patience
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import (
    ActiveRunError,
    BadRequestError,
    ContentFilterError,
    ContextLengthError,
    FoundryAgentError,
    InvalidPromptError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    Response,
    RunFailedError,
    ServiceFailedError,
    ThreadDivergedError,
)

from . import player, responses
from .player import OK, Step, answered, heard, play, refused, wire


class Row(NamedTuple):
    """A failure as the service tells it, and what it is."""

    code: Any
    status: int
    """With which it is refused."""
    message: str
    kind: type[FoundryAgentError]
    retry_after: float | None = None
    forks: bool = False
    """A history goes on elsewhere."""

    @property
    def error(self) -> JSON:
        return {"code": self.code, "message": self.message}


IN_7 = "Too many. Please try again in 7 seconds."
TABLE = [
    Row("rate_limit_exceeded", 429, IN_7, RateLimitError, 7.0),
    Row("too_many_requests", 429, "Too Many Requests, retry after 1m30s", RateLimitError, 90.0),
    Row("RateLimitReached", 429, "Please retry after 2 hours.", RateLimitError, 7200.0),
    Row("Too-Many-Requests", 503, "No.", RateLimitError),
    Row("429", 429, "No.", RateLimitError),
    Row(429, 429, "No.", RateLimitError),
    Row(None, 400, "Rate limit is exceeded. Try again in 7 seconds.", RateLimitError, 7.0),
    Row("content_filter", 400, "Filtered.", ContentFilterError),
    Row("Content_Filter", 500, "Filtered.", ContentFilterError),
    Row("ResponsibleAIPolicyViolation", 400, "Filtered.", ContentFilterError),
    Row("invalid_request_error", 400, "… the content management policy.", ContentFilterError),
    Row("context_length_exceeded", 400, "Too long.", ContextLengthError),
    Row(None, 400, "This model's maximum context length is 8192 tokens.", ContextLengthError),
    Row("invalid_prompt", 400, "No.", InvalidPromptError),
    Row("invalid_image_url", 400, "No.", InvalidPromptError),
    Row("server_error", 500, "Sorry.", ServiceFailedError),
    Row("server_error", 400, "Sorry.", ServiceFailedError),
    Row("InternalServerError", 500, "Sorry.", ServiceFailedError),
    Row("500", 500, "Sorry.", ServiceFailedError),
    Row(503, 503, "Try again in 7 seconds.", ServiceFailedError, 7.0),
    Row("storage_error", 500, "Sorry.", ServiceFailedError),
    Row("vector_store_timeout", 500, "Sorry.", ServiceFailedError),
    Row("session_not_ready", 424, "Not yet.", ServiceFailedError),
    Row("conflict", 409, "Modified concurrently. Please retry.", ServiceFailedError),
    Row("session_not_accessible", 403, "Another's.", PermissionDeniedError),
    Row("preview_feature_required", 403, "In preview.", PermissionDeniedError),
    Row("PermissionDenied", 401, "No.", PermissionDeniedError),
    Row("conversation_locked", 409, "Please retry in a few seconds.", ActiveRunError),
    Row("previous_response_not_found", 400, "No.", NotFoundError, forks=True),
    Row(None, 400, "No tool output found for function call c.", ThreadDivergedError, forks=True),
    Row("x", 500, "No tool output found for shell call c.", ThreadDivergedError, forks=True),
    Row(None, 400, "No tool call found for output c.", ThreadDivergedError, forks=True),
    Row(
        None,
        400,
        "The following MCP approval requests do not have an approval: mcpr_1",
        ThreadDivergedError,
        forks=True,
    ),
    Row(
        None,
        400,
        "Item 'rs_1' of type 'reasoning' was provided without its required following item.",
        ThreadDivergedError,
        forks=True,
    ),
    Row("", 400, "Duplicate item found with id fc_1.", ThreadDivergedError, forks=True),
]
ROWS = pytest.mark.parametrize(
    "row", TABLE, ids=[f"{row.code} {row.message[:32]}" for row in TABLE]
)
NONE = Policy(patience=Patience(max_retries=0), on_active_run="raise")


def facts(error: FoundryAgentError | None) -> tuple[object, ...]:
    assert error is not None
    return type(error), error.is_retryable, error.retry_after, error.advice


@ROWS
def test_a_failure_is_the_same_in_every_envelope(row: Row) -> None:
    told = [
        refusal(answered({"error": row.error}, row.status)),
        refusal(answered(row.error, row.status)),
        run_failure(player.run("failed", last_error=row.error), something=False),
        run_failure(responses.response("failed", error=row.error), something=False),
        error_event(row.error),
        error_event({"type": "error", "error": row.error}),
        error_event({"type": "error", "error": {"error": row.error}}),
    ]

    assert {facts(error) for error in told} == {facts(told[0])}
    assert facts(told[0])[:3] == (row.kind, row.kind.is_retryable, row.retry_after)


def test_these_are_what_langchain_acts_on() -> None:
    assert issubclass(ContextLengthError, ContextOverflowError)
    assert issubclass(ServiceFailedError, ModelAPIError)


Ways = dict[str, Callable[[JSON, int], list[Step]]]
"""How a turn's request, once made, is told the failure."""
NEW: Ways = {
    "refused": lambda error, status: [(responses.OPEN_NEXT, answered({"error": error}, status))],
    "response.failed": lambda error, _: [
        (responses.OPEN_NEXT, OK),
        *heard(responses.told(responses.response("failed", error=error))),
        responses.END,
    ],
    "error event": lambda error, _: [
        (responses.OPEN_NEXT, OK),
        *heard(responses.WORKING),
        (Read(), wire(("error", {"type": "error", "error": error}))),
    ],
    "response.failed, then error event": lambda error, _: [
        (responses.OPEN_NEXT, OK),
        *heard(responses.told(responses.response("failed", error=None))),
        (Read(), wire(("error", error))),
    ],
}
CLASSIC: Ways = {
    "refused": lambda error, status: [(player.OPEN_NEXT, answered({"error": error}, status))],
    "thread.run.failed": lambda error, _: [
        (player.OPEN_NEXT, OK),
        *heard(player.run_event("failed", last_error=error)),
        player.END,
    ],
    "error event": lambda error, _: [
        (player.OPEN_NEXT, OK),
        *heard(player.run_event("in_progress")),
        (Read(), wire(("error", {"error": error}))),
        (player.CANCEL, answered(player.run("failed"))),
    ],
}
FORK_NEW: list[Step] = [
    (responses.CREATE, responses.CREATED),
    (responses.opened(responses.HELLO, responses.AGAIN, **responses.IN_CONVERSATION), OK),
    *responses.ANSWERED,
]
FORK_CLASSIC: list[Step] = [
    (
        Open(
            "/threads/runs",
            {
                "assistant_id": "asst_1",
                **player.KEY,
                "thread": {"messages": [player.HELLO, player.AGAIN], **player.KEY},
                "stream": True,
            },
            player.V1,
        ),
        OK,
    ),
    *player.ANSWERED,
]


@pytest.mark.parametrize("way", NEW)
@ROWS
def test_a_history_of_the_new_generation_forks_for_what_is_said(row: Row, way: str) -> None:
    flow, told = run_turn(responses.API, responses.NEXT, NONE), NEW[way](row.error, row.status)
    if row.status >= 500 and way == "refused" and issubclass(row.kind, ServiceFailedError):
        told += [(responses.FIND_LOST, answered({"data": []}))]
    if row.forks:
        assert play(flow, *told, *FORK_NEW).forked_from == "conv_1"
        return
    with pytest.raises(row.kind) as caught:
        play(flow, *told)

    assert type(caught.value) is row.kind
    assert caught.value.is_retryable is row.kind.is_retryable


@pytest.mark.parametrize("way", CLASSIC)
@ROWS
def test_a_history_of_a_classic_agent_forks_for_what_is_said(row: Row, way: str) -> None:
    flow, told = run_turn(player.API, player.NEXT, NONE), CLASSIC[way](row.error, row.status)
    if row.status >= 500 and way == "refused" and issubclass(row.kind, ServiceFailedError):
        told += [(player.FIND_RUN, player.page())]
    if row.forks:
        assert play(flow, *told, *FORK_CLASSIC).forked_from == "thread_1"
        return
    with pytest.raises(row.kind) as caught:
        play(flow, *told)

    assert type(caught.value) is row.kind


@pytest.mark.parametrize("way", NEW)
def test_what_passes_is_asked_for_again_in_the_same_conversation(way: str) -> None:
    limit = {"code": "too_many_requests", "message": IN_7}
    looked = [(responses.LOOK, refused(404))] if way == "error event" else []

    outcome = play(
        run_turn(responses.API, responses.NEXT, player.STREAM),
        *NEW[way](limit, 429),
        (Pause(7.0, 7.0 * 1.1), None),
        *looked,
        (responses.OPEN_NEXT, OK),
        *responses.ANSWERED,
    )

    assert outcome.forked_from is None


def test_the_hint_of_a_streams_failure_stands_in_the_headers_that_it_opened_with() -> None:
    """As Foundry was seen to tell it (earendil-works/pi#7983)."""
    limit = {"type": "too_many_requests", "code": "rate_limit_exceeded", "message": "The limit."}

    with pytest.raises(RateLimitError) as caught:
        play(
            run_turn(responses.API, responses.NEXT, NONE),
            (responses.OPEN_NEXT, Response(200, {"retry-after": "11"})),
            *heard(responses.told(responses.response("failed", error=None))),
            (Read(), wire(("error", {"type": "error", "error": limit}))),
        )

    assert caught.value.retry_after == 11.0
    assert (caught.value.thread_id, caught.value.run_id) == ("conv_1", "resp_1")


def test_an_error_event_may_carry_headers_of_its_own() -> None:
    limit = {"code": "rate_limit_exceeded", "headers": {"Retry-After": "3", "x": 1}}

    assert error_event({"error": limit}, {"retry-after": "11"}).retry_after == 3.0
    assert error_event({"error": {**limit, "headers": [1]}}).retry_after is None


FILTERED = {"jailbreak": {"filtered": True, "detected": True}, "hate": {"filtered": False}}
IN_INNER = {
    "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": FILTERED}
}
IN_FILTERS = {
    "content_filters": [
        {"source_type": "completion", "content_filter_results": {"jailbreak": {"filtered": False}}},
        {"source_type": "prompt", "content_filter_results": FILTERED},
        {"source_type": "prompt", "content_filter_results": {"jailbreak": None}},
        "odd",
    ]
}
SAID = {"code": "content_filter", "message": "Filtered."}


@pytest.mark.parametrize(
    "error",
    [
        refusal(answered({"error": {**SAID, **IN_INNER}}, 400)),
        refusal(answered({"error": {"code": "BadRequest", **IN_INNER}}, 400)),
        refusal(answered({"error": {**SAID, **IN_FILTERS}}, 400)),
        error_event({"error": {**SAID, **IN_INNER}}),
        run_failure(player.run("failed", last_error={**SAID, **IN_INNER}), something=False),
        run_failure(responses.response("failed", error=SAID, **IN_FILTERS), something=False),
        run_failure(
            responses.response(
                "incomplete", incomplete_details={"reason": "content_filter"}, **IN_FILTERS
            ),
            something=False,
        ),
    ],
)
def test_a_content_filter_tells_what_it_found(error: FoundryAgentError) -> None:
    assert isinstance(error, ContentFilterError)
    assert error.content_filter_result == FILTERED
    assert error.categories == ("jailbreak",)


@pytest.mark.parametrize("code", ["session_not_accessible", "preview_feature_required"])
def test_these_are_no_matter_of_roles(code: str) -> None:
    advice = refusal(refused(403, "No.", code)).advice

    assert "role" not in advice
    assert "user_identity" in advice or "Foundry-Features" in advice


def test_a_conflict_that_does_not_ask_to_retry_is_no_passing_one() -> None:
    assert type(refusal(refused(409, "It has sessions.", "conflict"))) is BadRequestError


@pytest.mark.parametrize("status", [408, 529])
def test_a_status_that_only_a_code_tells_counts_too(status: int) -> None:
    failed = run_failure(player.run("failed", last_error={"code": status}), something=False)

    assert type(failed) is ServiceFailedError


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        ({"error": "rate_limit_exceeded"}, RateLimitError, "rate_limit_exceeded"),
        ({"error": "Rate limit exceeded."}, RateLimitError, None),
        ("Too many requests", RateLimitError, None),
        ({"code": 429.0}, RateLimitError, "429"),
        ({"code": None, "type": "too_many_requests"}, RateLimitError, None),
        ({"message": "context_length_exceeded"}, ContextLengthError, None),
        ({"detail": "Too many requests"}, RateLimitError, None),
        ({"code": True, "message": 7}, BadRequestError, None),
        ({"code": [1], "message": {"value": "No."}, "innererror": [1]}, BadRequestError, None),
        ({"error": [{"code": "server_error"}]}, BadRequestError, None),
        ({"content_filters": 7, "error": None}, BadRequestError, None),
        ([], BadRequestError, None),
        (None, BadRequestError, None),
        (3, BadRequestError, None),
    ],
)
def test_a_body_of_any_shape_is_a_typed_error(
    body: object, kind: type[FoundryAgentError], code: str | None
) -> None:
    error = refusal(answered(body, 400))

    assert (type(error), error.code) == (kind, code)
    assert str(error)


def test_items_that_a_first_turn_brings_are_the_callers_own() -> None:
    odd = "Item 'rs_1' of type 'reasoning' was provided without its required following item."

    with pytest.raises(BadRequestError, match="required following") as caught:
        play(
            run_turn(responses.API, responses.FIRST, NONE),
            (responses.CREATE, responses.CREATED),
            (responses.OPEN_FIRST, refused(400, odd)),
            (responses.DISCARD, OK),
        )

    assert (type(caught.value), caught.value.status_code) == (BadRequestError, 400)


def test_a_failed_response_keeps_what_is_known_as_a_failed_run() -> None:
    """Who catches failed runs catches what names a class of its own by now."""
    for kind in (ContentFilterError, ContextLengthError, InvalidPromptError, ServiceFailedError):
        assert issubclass(kind, RunFailedError)
