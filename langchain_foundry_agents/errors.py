"""Everything that can go wrong, as one tree.

A message says what happened, with which ids, and what to do, in this order. Every error is also the
`langchain_core.exceptions` class that LangChain's own retries and fallbacks look for, and survives
`pickle` and `copy`.

    FoundryAgentError (ModelError)
    ├─ InvalidEndpointError (ValueError)       the project endpoint has a wrong form
    ├─ InvalidAgentError (ValueError)          the agent's id or name has a wrong form
    ├─ InvalidFieldError (TypeError)           a field or keyword is unknown or has a wrong value
    ├─ AuthenticationError (ModelAuthenticationError)
    ├─ PermissionDeniedError (ModelPermissionDeniedError)
    ├─ NotFoundError (ModelNotFoundError)
    ├─ BadRequestError (ModelInvalidRequestError)
    │  └─ MissingToolsError(tools)             a new agent's definition lacks what is bound
    ├─ RateLimitError (ModelRateLimitError)
    ├─ ServiceError (ModelAPIError)
    ├─ ServiceConnectionError (ModelConnectionError)
    ├─ RunTimeoutError (ModelTimeoutError)
    ├─ ProtocolError                           the service's answer is none that we know
    ├─ ActiveRunError                          another run works on the thread
    ├─ ThreadDivergedError                     the history is not the thread's
    ├─ ToolOutputError                         tool outputs are missing or belong to no call
    └─ RunFailedError
       ├─ RunExpiredError
       ├─ RunCancelledError
       ├─ RunIncompleteError
       ├─ ContentFilterError (BadRequestError)
       ├─ ContextLengthError (BadRequestError, ContextOverflowError)
       ├─ InvalidPromptError (BadRequestError)
       └─ ServiceFailedError (ServiceError)

The class depends on what the service says, not on the envelope it comes in: a refused request, a
failed run and an `error` event with the same code are the same error. So the last four are caught
by whoever waits for a failed run, and by whoever waits for a refused request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from langchain_core.exceptions import (
    ContextOverflowError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelError,
    ModelInvalidRequestError,
    ModelNotFoundError,
    ModelPermissionDeniedError,
    ModelRateLimitError,
    ModelTimeoutError,
)

from langchain_foundry_agents._harmless import harmless


def request_id(headers: Mapping[str, str]) -> str | None:
    """The service's id of a request, from the headers of its answer in lower case."""
    names = ("apim-request-id", "x-request-id", "x-ms-request-id")
    return next((headers[name] for name in names if headers.get(name)), None)


@dataclass(frozen=True, slots=True)
class Response:
    """A whole HTTP response as plain data: what an error carries, and what a flow reads."""

    status_code: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    text: str = ""
    client_request_id: str | None = None

    @property
    def request_id(self) -> str | None:
        """The service's id of this request, the one to name to Microsoft's support."""
        return request_id(self.headers)

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: The body is not JSON, or nested too deeply to be read.
        """
        try:
            return json.loads(self.text)
        except RecursionError:
            message = "The JSON is nested too deeply."
            raise ValueError(message) from None


class FoundryAgentError(ModelError):
    """The root of every error that this package raises.

    Args:
        message: What happened, one sentence.
        remedy: What to do; the class's own advice if not given.
        status_code: HTTP status of the answer, if there was one.
        code: The service's error code.
        request_id: The service's id of the request.
        client_request_id: Our id of the request (`x-ms-client-request-id`).
        thread_id: The thread (or conversation) of the turn.
        run_id: The run (or response) of the turn.
        response: The service's answer.
        retry_after: Seconds to wait before another try, if the service gave a hint: from a header,
            or from “Try again in N seconds”.
    """

    remedy: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        *,
        remedy: str | None = None,
        status_code: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        client_request_id: str | None = None,
        thread_id: str | None = None,
        run_id: str | None = None,
        response: Response | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.advice = type(self).remedy if remedy is None else remedy
        self.status_code = status_code or (response.status_code if response else None)
        self.code = code
        self.request_id = request_id or (response.request_id if response else None)
        self.client_request_id = client_request_id or (
            response.client_request_id if response else None
        )
        self.thread_id = thread_id
        self.run_id = run_id
        self.response = response
        self.retry_after = retry_after

    def about(self, *, thread_id: str | None, run_id: str | None) -> FoundryAgentError:
        """This error, with the turn's ids where it has none of its own."""
        self.thread_id = self.thread_id or thread_id
        self.run_id = self.run_id or run_id
        return self

    def __str__(self) -> str:
        named = {
            "HTTP status": self.status_code,
            "code": self.code,
            "thread": self.thread_id,
            "run": self.run_id,
            "request": self.request_id,
            "client request": self.client_request_id,
        }
        ids = ", ".join(f"{name} {value}" for name, value in named.items() if value)
        parts = (self.args[0], f"[{ids}]" if ids else "", self.advice)
        # Services, and histories, choose some of the words.
        return harmless(" ".join(part for part in parts if part))


class InvalidEndpointError(FoundryAgentError, ValueError):
    """The project endpoint has a form that cannot work. Raised at construction."""

    remedy = (
        "Copy the project endpoint from the project's overview page in the Foundry portal: "
        "https://<resource>.services.ai.azure.com/api/projects/<project>"
    )


class InvalidAgentError(FoundryAgentError, ValueError):
    """The agent is named in a form that cannot work. Raised at construction."""

    remedy = (
        "Give exactly one agent: agent_name='…', or agent_id='asst_…' for a classic one, as the "
        "Foundry portal shows them."
    )


class InvalidFieldError(FoundryAgentError, TypeError):
    """A field or a call's keyword is unknown or has a value that cannot work."""


class AuthenticationError(FoundryAgentError, ModelAuthenticationError):
    """The service did not accept the credential, or the credential gave no token."""

    remedy = (
        "Sign in again (`az login`, or the environment that your credential reads) and check that "
        "the token's audience is https://ai.azure.com."
    )


class PermissionDeniedError(FoundryAgentError, ModelPermissionDeniedError):
    """The identity is known but has not the role that this call needs."""

    remedy = (
        "Give this identity the role “Foundry User” (formerly “Azure AI User”) on the Foundry "
        "resource or the project; Owner and Contributor do not include it. It can take some "
        "minutes to work."
    )


class NotFoundError(FoundryAgentError, ModelNotFoundError):
    """The agent, thread or path does not exist in this project."""

    remedy = "Check the id and that it belongs to this project; deleted threads stay deleted."


class BadRequestError(FoundryAgentError, ModelInvalidRequestError):
    """The request cannot work as it is: refused by the service, or by us before it was sent."""


class MissingToolsError(BadRequestError):
    """The definition of a new agent lacks tools that are bound.

    Args:
        message: What happened, one sentence.
        tools: The definitions that are missing, as `add_tools` takes them.
        **facts: As for `FoundryAgentError`.
    """

    remedy = (
        "llm.add_tools(error.tools) makes a new version of the agent that has them beside all that "
        "its definition has now. (Where code makes the agent, put them into the tools=[…] of "
        "ChatFoundryAgent.create, which replaces the whole definition.)"
    )

    def __init__(
        self, message: str, *, tools: Sequence[Mapping[str, Any]] = (), **facts: Any
    ) -> None:
        super().__init__(message, **facts)
        self.tools = [dict(tool) for tool in tools]


class RateLimitError(FoundryAgentError, ModelRateLimitError):
    """Too many requests or tokens; `retry_after` is the service's hint in seconds, if it gave one.

    It comes as HTTP 429, or told by a run, a response or a stream that began well.
    """

    remedy = (
        "Wait and ask again, raise max_retry_wait to have this done for you, or raise the quota of "
        "the model's deployment."
    )


class ServiceError(FoundryAgentError, ModelAPIError):
    """The service failed: HTTP 5xx, or a `ServiceFailedError` that it tells with a code."""

    maybe_accepted = False
    """Whether the service may have done what was asked all the same."""
    remedy = "Ask again; if it stays, give the request id to Microsoft's support."


class ServiceConnectionError(FoundryAgentError, ModelConnectionError):
    """The service could not be reached, or the connection broke.

    Args:
        message: What happened.
        maybe_accepted: Whether the service may have done what was asked. If so, asking again may
            post the question twice, and `is_retryable` is `False`.
        **facts: As for `FoundryAgentError`.
    """

    remedy = "Check the network, the proxy and the endpoint's host name."

    def __init__(self, message: str, *, maybe_accepted: bool = False, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.maybe_accepted = maybe_accepted
        self.is_retryable = not maybe_accepted


class RunTimeoutError(FoundryAgentError, ModelTimeoutError):
    """The turn took longer than `run_timeout`; its run was cancelled."""

    remedy = "Raise run_timeout (seconds), or ask for less in one turn."


class ProtocolError(FoundryAgentError):
    """The service's answer has a form that this version does not know."""

    maybe_accepted = False
    """Whether the service may have done what was asked, and may go on with it."""
    remedy = "Check what stands between you and the service (gateway, proxy), then ask again."


class ActiveRunError(FoundryAgentError):
    """Another run works on the thread."""

    remedy = "Wait for that run to end, or cancel it; ask with a thread of your own meanwhile."


class ThreadDivergedError(FoundryAgentError):
    """The history names a thread that is not (or no longer) what the history says."""

    remedy = "Use on_divergence='fork' to go on in a new thread that holds the whole history."


class ToolOutputError(FoundryAgentError):
    """The outputs of tool calls are missing, or answer no call."""


class RunFailedError(FoundryAgentError):
    """The run ended without an answer."""

    remedy = "Look at the run in the Foundry portal; its code says why it failed."


class RunExpiredError(RunFailedError):
    """The run was not finished, or its tool calls not answered, before it expired."""

    remedy = "Ask again; answer tool calls before the run's expiry (ten minutes are documented)."


class RunCancelledError(RunFailedError):
    """Somebody else cancelled the run."""

    remedy = "Ask again if the cancellation was not meant."


class RunIncompleteError(RunFailedError):
    """The run ran into a limit before it wrote anything."""

    remedy = "Raise max_tokens or max_prompt_tokens, or shorten the thread (truncation_strategy)."


class ContentFilterError(RunFailedError, BadRequestError):
    """A content filter stopped the question or the answer. To ask the same again does not help.

    Args:
        message: What happened.
        content_filter_result: What the filter found, by category, as the service tells it:
            `{"jailbreak": {"filtered": True, "detected": True}, …}`. Empty if it does not.
        **facts: As for `FoundryAgentError`.
    """

    remedy = "Rephrase the question, or adapt the deployment's content filter."

    def __init__(
        self,
        message: str,
        *,
        content_filter_result: Mapping[str, Any] | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(message, **facts)
        self.content_filter_result: dict[str, Any] = dict(content_filter_result or {})
        if self.categories and facts.get("remedy") is None:
            self.advice = f"It was stopped for: {', '.join(self.categories)}. {self.advice}"

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories that stopped it, such as `jailbreak` or `violence`, if they are told."""
        return tuple(
            category
            for category, result in self.content_filter_result.items()
            if isinstance(result, dict) and (result.get("filtered") or result.get("detected"))
        )


class ContextLengthError(RunFailedError, BadRequestError, ContextOverflowError):
    """The thread, with what is new, is longer than the model's context window.

    LangChain's summarization waits for this class (`ContextOverflowError`).
    """

    remedy = "Shorten the history, or what the tools return; a summary of it begins a new thread."


class InvalidPromptError(RunFailedError, BadRequestError):
    """The model cannot work with the question as it is: its texts, pictures or settings."""

    remedy = "Change what the message says names; to ask the same again does not help."


class ServiceFailedError(RunFailedError, ServiceError):
    """The service says that it failed itself (`server_error`), or is not ready yet.

    Another try may help, and so may another region: `is_retryable` is `True`.
    """

    remedy = ServiceError.remedy
