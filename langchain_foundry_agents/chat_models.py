"""`ChatFoundryAgent`: a model's fields and LangChain's hooks. No knowledge of the protocol."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing, closing
from functools import partial
from typing import Any, Self

from langchain_core.caches import BaseCache
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import LangSmithParams, LanguageModelInput, ModelProfile
from langchain_core.language_models.chat_models import (
    BaseChatModel,
    agenerate_from_stream,
    generate_from_stream,
)
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from langchain_foundry_agents._answers import Answer
from langchain_foundry_agents._answers.usage import Tokenizer, count_tokens, estimate_usage
from langchain_foundry_agents._ask import make_ask, make_policy
from langchain_foundry_agents._drive import adrive, drive
from langchain_foundry_agents._files import Files
from langchain_foundry_agents._flow.effects import Flow
from langchain_foundry_agents._flow.progress import Outcome
from langchain_foundry_agents._flow.threads_api import ThreadsApi
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents._messages import PROVIDER, Prompt, read_prompt
from langchain_foundry_agents._options import (
    JSON,
    CallOptions,
    hide_headers,
    raise_explained,
    without_langchains_own,
)
from langchain_foundry_agents._record import RECORD
from langchain_foundry_agents._structured import PROFILE, structured_output
from langchain_foundry_agents._tools import Tool, ToolChoice, map_choice, map_tools
from langchain_foundry_agents._transport import Transport
from langchain_foundry_agents._version import __version__
from langchain_foundry_agents.errors import (
    InvalidAgentError,
    InvalidFieldError,
)

_AGENT_VARIABLE = "AZURE_AI_AGENT_ID"
_AGENT_ID = re.compile(r"asst_[A-Za-z0-9_-]+")


class ChatFoundryAgent(CallOptions, Files, BaseChatModel):
    """An agent of Azure AI Foundry Agent Service as a LangChain chat model.

    The object holds no conversation. A history that ends in an answer of this model goes on in the
    thread of that answer, and only what is new is sent; any other history opens a new thread. So
    one object serves any number of users, in threads and in tasks.

    Every answer's `response_metadata` names `thread_id`, `run_id`, `agent_id`, `message_ids`,
    `model_name`, `status`, `finish_reason` and `usage_source`.

    Setup:
        `pip install langchain-foundry-agents`, then `az login` or any other identity that
        `DefaultAzureCredential` finds; it needs the role “Foundry User” on the project.

    Example:
        ```python
        from langchain_foundry_agents import ChatFoundryAgent

        llm = ChatFoundryAgent(
            agent_id="asst_…",
            project_endpoint="https://<resource>.services.ai.azure.com/api/projects/<project>",
        )
        answer = llm.invoke("What is 17 * 23?")
        for chunk in llm.stream(
            "And what did I ask?", thread_id=answer.response_metadata["thread_id"]
        ):
            print(chunk.text, end="")
        ```

    Raises:
        InvalidEndpointError: The endpoint is missing or has a form that cannot work.
        InvalidAgentError: There is no agent, or it is named in a form that cannot work.
        InvalidFieldError: A field is unknown or has a value that cannot work.
    """

    model_config = ConfigDict(extra="forbid")

    agent_id: str | None = None
    """Id of a classic agent, `asst_…`. Default: the environment's `AZURE_AI_AGENT_ID`."""

    agent_name: str | None = None
    """Name of a new agent (Responses API). Not supported by this version."""

    streaming: bool | None = None
    """LangChain's switch: `True` makes `invoke` report tokens to callbacks as they come."""

    tokenizer: Tokenizer | None = Field(None, exclude=True, repr=False)
    """Counts (or gives) the tokens of a text, for `get_num_tokens*` and for the usage where the
    service reports none. Default: an approximation."""

    cache: BaseCache | bool | None = Field(default=False, exclude=True)
    """Off: an answer from a cache would never reach the thread."""

    def __init__(self, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise_explained(error, type(self).model_fields)

    @model_validator(mode="after")
    def _check_agent(self) -> Self:
        if self.agent_id is None and self.agent_name is None:
            self.agent_id = os.environ.get(_AGENT_VARIABLE)
        if self.agent_name is not None:
            raise InvalidAgentError(
                "Both agent_id and agent_name are given."
                if self.agent_id
                else "agent_name names a new agent (Responses API), which this version cannot use."
            )
        if not self.agent_id:
            raise InvalidAgentError("No agent is given.")
        if not _AGENT_ID.fullmatch(self.agent_id):
            raise InvalidAgentError(
                f"{self.agent_id!r} is not the id of a classic agent: those begin with 'asst_'."
            )
        return self

    @model_validator(mode="after")
    def _set_foundry_agents_version(self) -> Self:
        self._add_version("langchain-foundry-agents", __version__)
        return self

    # One turn. The four methods differ in the driver and in what they make of its chunks.

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(drive(*self._turn(messages, stop, kwargs, whole=True)))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        async with aclosing(adrive(*self._turn(messages, stop, kwargs, whole=True))) as chunks:
            return await agenerate_from_stream(chunks)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        with closing(drive(*self._turn(messages, stop, kwargs))) as chunks:
            for chunk in chunks:
                if run_manager:
                    run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        async with aclosing(adrive(*self._turn(messages, stop, kwargs))) as chunks:
            async for chunk in chunks:
                if run_manager:
                    await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk

    def _turn(
        self,
        messages: Sequence[BaseMessage],
        stop: list[str] | None,
        keywords: Mapping[str, Any],
        *,
        whole: bool = False,
    ) -> tuple[Flow[Outcome], Transport, Answer, float]:
        """What a driver needs for one turn. Bad input is refused here, before any request."""
        options = self.updated(without_langchains_own(keywords))
        prompt = read_prompt(
            messages, thread_id=options.thread_id, go_on=options.continue_thread, record=RECORD
        )
        tools = keywords.get("tools")
        agent_id = str(self.agent_id)
        api = ThreadsApi(
            agent_id,
            self.api_version,
            options.run_fields() | ({"tools": list(tools)} if tools else {}),
            options.thread_fields(),
            options.include_agent_tools,
        )
        answer = Answer(
            agent_id,
            partial(self._estimate, prompt),
            stop=stop or options.stop or (),
            # Footnotes and gaps would break JSON.
            citations="keep" if options.response_format else options.citations,
            known=prompt.known(),
            after=prompt.answered(),
            record=RECORD,
            whole=whole,
        )
        policy = make_policy(options, keywords)
        flow = run_turn(api, make_ask(prompt, options), policy)
        return flow, self._transport(), answer, options.run_timeout

    def _estimate(self, prompt: Prompt, answered: str) -> UsageMetadata:
        return estimate_usage(prompt.text(), answered, self.tokenizer)

    def bind(self, **kwargs: Any) -> Any:
        """Bind keywords. Headers of MCP servers cannot be read in what is bound."""
        return super().bind(**hide_headers(kwargs))

    def bind_tools(
        self,
        tools: Sequence[Tool],
        *,
        tool_choice: ToolChoice = None,
        strict: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Give the agent functions of the caller's, beside its own tools.

        Args:
            tools: Functions, `BaseTool`s, pydantic classes, JSON schemas, or the service's own tool
                definitions such as `{"type": "code_interpreter"}`.
            tool_choice: `"auto"`, `"none"`, `"any"`, `True`, a tool's name, or the service's own
                form.
            strict: Whether arguments must fit the schema exactly.
            **kwargs: Bound as well.

        Raises:
            InvalidFieldError: The choice names a tool that is not bound.
        """
        mapped = map_tools(tools, strict=strict)
        if (choice := map_choice(tool_choice, mapped)) is not None:
            kwargs["tool_choice"] = choice
        bound: Runnable[LanguageModelInput, AIMessage] = self.bind(tools=mapped, **kwargs)
        return bound

    def with_structured_output(
        self,
        schema: JSON | type,
        *,
        method: str = "json_schema",
        include_raw: bool = False,
        strict: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, JSON | BaseModel]:
        """Answers as objects of a schema.

        Args:
            schema: A pydantic class (v2 or v1), a TypedDict, or a JSON schema.
            method: `"json_schema"` (the run's `response_format`), `"function_calling"`, or
                `"json_mode"`.
            include_raw: Give `{"raw", "parsed", "parsing_error"}`.
            strict: Whether the answer must fit the schema exactly.
            **kwargs: None are known: a misspelt one is refused.

        Raises:
            InvalidFieldError: The method or the schema cannot work.
        """
        return structured_output(
            self, schema, method=method, include_raw=include_raw, strict=strict, **kwargs
        )

    def _resolve_model_profile(self) -> ModelProfile:
        return PROFILE.copy()

    # What LangChain asks beside.

    @property
    def _llm_type(self) -> str:
        return "azure-foundry-agent"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {
            "agent_id": self.agent_id,
            "project_endpoint": self.project_endpoint,
            "api_version": self.api_version,
            "model": self.model,
            "temperature": self.temperature,
        }

    def _get_invocation_params(
        self, stop: list[str] | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        """What tracers are told of a call: not what may hold the headers of MCP servers."""
        params = super()._get_invocation_params(stop=stop, **kwargs)
        return {name: value for name, value in params.items() if name != "tool_resources"}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop or self.stop, **kwargs)
        params["ls_provider"] = PROVIDER
        params.setdefault("ls_model_name", self.agent_id or "")
        return params

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """The model serialises, without its credential."""
        return True

    @property
    def lc_secrets(self) -> dict[str, str]:
        """A fixed token is written as a reference to a secret of this name."""
        fixed = isinstance(self.credential, SecretStr)
        return {"credential": "AZURE_AI_FOUNDRY_TOKEN"} if fixed else {}

    def get_num_tokens(self, text: str) -> int:
        """Tokens of a text, by the tokenizer or by approximation."""
        return count_tokens(text, self.tokenizer)

    def get_num_tokens_from_messages(
        self, messages: list[BaseMessage], tools: Sequence[Any] | None = None
    ) -> int:
        """Tokens of the messages' texts, by the tokenizer or by approximation."""
        return sum(self.get_num_tokens(message.text) for message in messages)

    def get_token_ids(self, text: str) -> list[int]:
        """The tokens of a text, from a tokenizer that gives them.

        Raises:
            InvalidFieldError: There is no such tokenizer.
        """
        if self.custom_get_token_ids is not None:
            return self.custom_get_token_ids(text)
        tokens = self.tokenizer(text) if self.tokenizer else None
        if tokens is None or isinstance(tokens, int):
            raise InvalidFieldError(
                "There is no tokenizer that gives token ids.",
                remedy="Give tokenizer=…, a callable that returns the list of ids.",
            )
        return list(tokens)
