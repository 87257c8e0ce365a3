"""What may be said per model, per call and through `bind`: fields of a run, and policies.

The fields stand here once. A model has them, and a call's keywords are read as the same fields.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NoReturn

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    field_validator,
)

from langchain_foundry_agents._secrets import Headers, hidden, hide_in, in_resources, revealed
from langchain_foundry_agents._warnings import warn_caller
from langchain_foundry_agents.errors import FoundryAgentError, InvalidFieldError

JSON = dict[str, Any]
SMALLEST_TOKEN_LIMIT = 256
"""The service refuses `max_prompt_tokens` and `max_completion_tokens` below it."""

_ALIASES = {"model_name": "model", "max_completion_tokens": "max_tokens", "stop_sequences": "stop"}
_FIELDS_PAGE = (
    "https://github.com/langchain-foundry-agents/langchain-foundry-agents/blob/main/docs/fields.md"
)
_PLACE_ID = re.compile(r"(?:thread|conv|[a-z]*resp)_[A-Za-z0-9_-]+")
# Microsoft Learn, "Manage hosted agent sessions", on `x-ms-user-identity`.
_USER = re.compile(r"[A-Za-z0-9._:@-]{1,256}")
_PAIRS, _KEY, _VALUE = 15, 64, 512


class CallOptions(BaseModel):
    """Fields that a model, a call and `bind` take alike."""

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        hide_input_in_errors=True,
        # The validator is built with the first model, not with the import.
        defer_build=True,
    )

    thread_id: str | None = None
    """Thread, or conversation, to go on in. `None`: the one of the history's last answer, else a
    new one. With `conversation="response"`: the response to go on from."""

    continue_thread: bool = True
    """Go on in the thread that the history's last answer names."""

    instructions: str | None = None
    """Replaces the agent's own instructions, for this run."""

    additional_instructions: str | None = None
    """Added to the agent's own instructions, for this run; before the history's system messages."""

    model: str | None = Field(default=None, validation_alias=AliasChoices("model", "model_name"))
    """Deployment to use in place of the agent's own."""

    temperature: float | None = Field(default=None, ge=0, le=2)
    """Sampling temperature."""

    top_p: float | None = Field(default=None, ge=0, le=1)
    """Nucleus sampling."""

    max_tokens: PositiveInt | None = Field(
        default=None, validation_alias=AliasChoices("max_tokens", "max_completion_tokens")
    )
    """Most tokens that the run may write. The service takes 256 or more: less is sent as 256."""

    max_prompt_tokens: int | None = Field(default=None, ge=SMALLEST_TOKEN_LIMIT)
    """Most tokens that the run may read, 256 or more."""

    response_format: Literal["auto"] | JSON | None = None
    """`"auto"`, or `{"type": "text" | "json_object" | "json_schema", …}`."""

    tool_choice: Literal["none", "auto", "required"] | JSON | None = None
    """`"none"`, `"auto"`, or the tool to call, as `{"type": …}`."""

    parallel_tool_calls: bool | None = None
    """Whether several tools may be called at once."""

    truncation_strategy: JSON | None = None
    """`{"type": "auto"}`, or `{"type": "last_messages", "last_messages": n}`."""

    tool_resources: JSON | None = Field(default=None, repr=False, exclude=True)
    """Resources of the run's tools: files, vector stores, MCP headers (text or `SecretStr`). Never
    dumped or traced."""

    run_metadata: dict[str, str] | None = None
    """Up to 15 pairs to keep with the run. One more, `langchain_foundry_agents_turn`, is ours."""

    stop: list[str] | None = Field(
        default=None, validation_alias=AliasChoices("stop", "stop_sequences")
    )
    """Cut the text at the first of these. Done here, as the service has no such parameter: the run
    is cancelled at that point, so that its usage is an estimate."""

    thread_metadata: dict[str, str] | None = None
    """Up to 15 pairs to keep with a thread that a call creates. One more,
    `langchain_foundry_agents_turn`, is ours."""

    thread_tool_resources: JSON | None = Field(default=None, repr=False, exclude=True)
    """Resources of a thread that a call creates. Never dumped or traced."""

    run_mode: Literal["stream", "poll"] = "stream"
    """How the answer is followed: server-sent events, or polling where a network breaks those."""

    run_timeout: PositiveFloat = 600.0
    """The longest that one turn may take, in seconds."""

    max_retries: NonNegativeInt = 2
    """Retries of one request, and of a run that failed for a reason that may pass."""

    max_retry_wait: NonNegativeFloat = 60.0
    """The longest wait that a hint of the service may ask for, in seconds. A longer is raised."""

    on_active_run: Literal["wait", "cancel", "raise"] = "wait"
    """What to do when another run works on the thread: wait for it (within `run_timeout`), cancel
    it, or raise `ActiveRunError`. One that waits for outputs that this history does not have is
    cancelled, too, as nobody would answer it."""

    on_divergence: Literal["fork", "raise", "append"] = "fork"
    """What to do when the history's thread is gone, or its waiting run is over: begin a new thread
    with the whole history, raise `ThreadDivergedError`, or add to the thread what it lacks."""

    edited_history: Literal["fork", "raise", "ignore"] = "fork"
    """What to do when the history was edited, trimmed or summarised, so that its thread holds
    something else: begin a new thread with the history as it is (as `on_divergence` says), raise
    `ThreadDivergedError`, or go on in the thread all the same, whose agent then reads what the
    thread holds. `"ignore"` is for those who trim only to send less."""

    check_thread: bool = False
    """Spend a request in each turn to be sure that the history is its thread's latest state, though
    this process made its last turn: another process may have gone on there since. (Of a turn that
    it did not make itself, a process asks in any case.)"""

    keep_thread: bool = True
    """`False`: delete a thread that a call created, once its turn is over; one that ends in tool
    calls with the turn that answers them."""

    include_agent_tools: bool = True
    """Add bound tools to the agent's own. The service would put them in their place."""

    mcp_approval: Literal["surface", "raise"] | Callable[[JSON], Any] = "surface"
    """What to do when the agent asks to approve a call of an MCP server: give it as a tool call
    `mcp_approval_request`, which a ToolMessage with `true` or `false` answers; raise; or ask a
    function, sync or async, of which only `True` approves."""

    citations: Literal["keep", "strip", "markdown"] = "keep"
    """What becomes of citation markers such as `【4:0†source】` in the text: kept, left out, or
    replaced by numbered footnotes. The citations themselves are always there."""

    citation_file_names: bool = False
    """Look up the names of cited files (a request each, remembered for an hour)."""

    system_messages: Literal["send", "raise", "drop"] = "send"
    """What becomes of the history's system messages: instructions of the run (for a new agent: a
    developer message, sent when it is new or changed), an error, or nothing."""

    conversation: Literal["auto", "response", "none"] = "auto"
    """What keeps the history with a new agent: a conversation of the service, the chain of its
    responses, or nothing but the history itself, which then travels with each call."""

    background: bool = False
    """A new agent works on if nobody listens, and a stream that breaks off is taken up again."""

    structured_inputs: JSON | None = None
    """Values for what a new agent's definition leaves open, by name."""

    user_identity: str | None = Field(default=None, repr=False)
    """The user that a new agent works for (`x-ms-user-identity`): an opaque id, which keeps the
    conversations of users apart. 1 to 256 of `A-Z a-z 0-9 . _ : @ -`."""

    extra_headers: Headers = Field(default_factory=dict, exclude=True, repr=False)
    """Headers of the call's requests, in place of those of the same names in `default_headers`:
    `x-memory-user-id` (whose memories the agent reads and writes), `x-client-*`. Never dumped or
    traced."""

    extra_body: JSON | None = None
    """More fields of a new agent's response, such as `agent_session_id`."""

    progress: bool = False
    """Show what the agent does while it works, and for how long: a line on stderr in terminals,
    which takes the extra `display`, or a display in notebooks. It is gone with the answer; in a
    stream with its first words."""

    on_unsupported: Literal["raise", "warn"] = "raise"
    """What to do with a parameter that the service would refuse for a new agent."""

    @field_validator("stop", mode="before")
    @classmethod
    def _take_one_stop(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @field_validator("thread_id")
    @classmethod
    def _check_thread_id(cls, value: str | None) -> str | None:
        if value is not None and not _PLACE_ID.fullmatch(value):
            raise InvalidFieldError(
                f"{value!r} is not the id of a thread: those begin with 'thread_' (a new agent's "
                f"conversations with 'conv_').",
                remedy="Use response_metadata['thread_id'] of an answer. (LangGraph's own "
                "configurable thread_id names a checkpoint, not a thread of the service.)",
            )
        return value

    @field_validator("user_identity")
    @classmethod
    def _check_user_identity(cls, value: str | None) -> str | None:
        if value is not None and not _USER.fullmatch(value):
            raise InvalidFieldError(
                "user_identity has a form that the service refuses.",
                remedy="Give an opaque id of 1 to 256 characters: letters and digits of ASCII and "
                "any of '._:@-'. (Of another text, a hash in hexadecimal digits will do.)",
            )
        return value

    @field_validator("extra_headers")
    @classmethod
    def _hide_headers(cls, value: Mapping[str, Any]) -> JSON:
        if any(name.lower() == "authorization" for name in value):
            raise InvalidFieldError(
                "extra_headers holds 'authorization', which is the credential's.",
                remedy="For another identity give a call's model another credential: "
                "llm.model_copy(update={'credential': …}).",
            )
        return {name: hidden(text) for name, text in value.items()}

    @field_validator("run_metadata", "thread_metadata")
    @classmethod
    def _check_metadata(cls, value: dict[str, str] | None) -> dict[str, str] | None:
        pairs = value or {}
        long = [key for key, text in pairs.items() if len(key) > _KEY or len(text) > _VALUE]
        if len(pairs) > _PAIRS or long:
            what = f"{long[0][:_KEY]!r} is too long" if long else f"there are {len(pairs)} pairs"
            raise InvalidFieldError(
                f"The metadata cannot be kept: {what}.",
                remedy=f"Give up to {_PAIRS} pairs, keys of up to {_KEY} and values of up to "
                f"{_VALUE} characters.",
            )
        return value

    def __getstate__(self) -> JSON:
        state: JSON = super().__getstate__()
        return {**state, "__dict__": hide_in(state["__dict__"])}

    def updated(self, keywords: Mapping[str, Any]) -> CallOptions:
        """These options with a call's keywords in their place, checked.

        Raises:
            InvalidFieldError: A keyword is unknown or has a value that cannot work.
        """
        given = {_ALIASES.get(name, name): value for name, value in keywords.items()}
        if not given:
            return self
        mine = {name: getattr(self, name) for name in CallOptions.model_fields}
        try:
            return CallOptions.model_validate({**mine, **given})
        except ValidationError as error:
            raise_explained(error, CallOptions.model_fields)

    def run_fields(self) -> JSON:
        """The fields of the run that a request creates."""
        fields = {
            "model": self.model,
            "instructions": self.instructions,
            "temperature": self.temperature,
            "top_p": self.top_p,
            "max_completion_tokens": _at_least(self.max_tokens),
            "max_prompt_tokens": self.max_prompt_tokens,
            "response_format": self.response_format,
            "tool_choice": self.tool_choice,
            "parallel_tool_calls": self.parallel_tool_calls,
            "truncation_strategy": self.truncation_strategy,
            "tool_resources": in_resources(self.tool_resources, revealed),
            "metadata": self.run_metadata,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def thread_fields(self) -> JSON:
        """The fields of a thread that a request creates."""
        resources = in_resources(self.thread_tool_resources, revealed)
        fields = {"metadata": self.thread_metadata, "tool_resources": resources}
        return {name: value for name, value in fields.items() if value is not None}


def without_langchains_own(keywords: Mapping[str, Any]) -> JSON:
    """A call's keywords without those that LangChain has for itself."""
    return {
        name: value
        for name, value in keywords.items()
        if name not in {"stream", "strict", "tools"} and not name.startswith("ls_")
    }


def raise_explained(error: ValidationError, known: Iterable[str]) -> NoReturn:
    """Raise what pydantic found as an error of ours, which names the nearest field.

    Raises:
        FoundryAgentError: Always.
    """
    first = error.errors(include_url=False, include_input=False)[0]
    ours = first.get("ctx", {}).get("error")
    if isinstance(ours, FoundryAgentError):
        raise ours from None
    name = ".".join(str(part) for part in first["loc"] if "[" not in str(part)) or "The fields"
    if first["type"] != "extra_forbidden":
        raise InvalidFieldError(f"{name}: {first['msg']}.") from None
    near = difflib.get_close_matches(name, [*known, *_ALIASES], n=1)
    raise InvalidFieldError(
        f"There is no field or keyword {name!r}.",
        remedy=f"Did you mean {near[0]!r}?" if near else f"All fields: {_FIELDS_PAGE}",
    ) from None


def _at_least(max_tokens: int | None) -> int | None:
    if max_tokens is None or max_tokens >= SMALLEST_TOKEN_LIMIT:
        return max_tokens
    warn_caller(
        f"max_tokens={max_tokens} is sent as {SMALLEST_TOKEN_LIMIT}, the least that the service "
        f"takes."
    )
    return SMALLEST_TOKEN_LIMIT
