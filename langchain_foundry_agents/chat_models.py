"""`ChatFoundryAgent`: a model's fields and LangChain's hooks. No knowledge of the protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Any, Self, cast

from langchain_core.caches import BaseCache
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import LangSmithParams, LanguageModelInput, ModelProfile
from langchain_core.language_models.chat_models import agenerate_from_stream, generate_from_stream
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from langchain_foundry_agents._generations import check_options
from langchain_foundry_agents._messages import PROVIDER
from langchain_foundry_agents._options import JSON, CallOptions, raise_explained
from langchain_foundry_agents._profile import OF_NEW_AGENTS, PROFILE, windows_of
from langchain_foundry_agents._secrets import hide_in
from langchain_foundry_agents._structured import structured_output
from langchain_foundry_agents._tools import Tool, ToolChoice, map_choice, map_tools
from langchain_foundry_agents._traces import traced
from langchain_foundry_agents._turns import Turns
from langchain_foundry_agents._version import __version__
from langchain_foundry_agents._warnings import warn_caller
from langchain_foundry_agents.errors import InvalidFieldError


class ChatFoundryAgent(Turns):
    """An agent of Azure AI Foundry Agent Service as a LangChain chat model.

    The object holds no conversation. A history that ends in an answer of this model goes on in the
    thread of that answer, and only what is new is sent; any other history opens a new thread. So
    one object serves any number of users, in threads and in tasks.

    Every answer's `response_metadata` names `thread_id`, `run_id`, the agent, `message_ids`,
    `model_name`, `status`, `finish_reason` and `usage_source`. With a new agent the thread is a
    conversation of the service and the run a response.

    Setup:
        `pip install langchain-foundry-agents`, then `az login` or any other identity that
        `DefaultAzureCredential` finds; it needs the role “Foundry User” on the project.

    Example:
        ```python
        from langchain_foundry_agents import ChatFoundryAgent

        llm = ChatFoundryAgent(
            agent_name="support",  # or agent_id="asst_…", a classic agent
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

    streaming: bool | None = None
    """LangChain's switch: `True` makes `invoke` report tokens to callbacks as they come."""

    cache: BaseCache | bool | None = Field(default=False, exclude=True)
    """Off: an answer from a cache would never reach the thread."""

    # Type checkers make the signature from the fields, and so see a misspelt one.
    if not TYPE_CHECKING:

        def __init__(self, **fields: Any) -> None:
            try:
                super().__init__(**fields)
            except ValidationError as error:
                raise_explained(error, type(self).model_fields)

    @model_validator(mode="after")
    def _check_options(self) -> Self:
        check_options(self, self)
        return self

    @model_validator(mode="after")
    def _complete_profile(self) -> Self:
        """What a caller says of the model stands beside what is true of every agent."""
        self.profile = {**self._resolve_model_profile(), **(self.profile or {})}
        return self

    @model_validator(mode="after")
    def _set_foundry_agents_version(self) -> Self:
        self._add_version("langchain-foundry-agents", __version__)
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a field, if a call could take it.

        Evaluators set `temperature` on any model that has one. What a new agent's definition owns
        is left as it was, with a warning: otherwise every later call would be refused.

        Raises:
            InvalidFieldError: The value cannot work.
        """
        if name in CallOptions.model_fields:
            options = self.updated({name: value})
            try:
                check_options(self, options)
            except InvalidFieldError as error:
                warn_caller(f"{name} is not set: {error}")
                return
            value = getattr(options, name)
        super().__setattr__(name, value)

    # One turn. The four methods differ in the driver and in what they make of its chunks.

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        turn = self._turn(messages, stop, kwargs, whole=True)
        with traced(run_manager, turn.answer):
            return generate_from_stream(turn.chunks())

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        turn = self._turn(messages, stop, kwargs, whole=True)
        with traced(run_manager, turn.answer):
            async with aclosing(turn.achunks()) as chunks:
                return await agenerate_from_stream(chunks)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        with closing(self._turn(messages, stop, kwargs).chunks()) as chunks:
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
        async with aclosing(self._turn(messages, stop, kwargs).achunks()) as chunks:
            async for chunk in chunks:
                if run_manager:
                    await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk

    def bind(self, **kwargs: Any) -> Any:
        """Bind keywords. Headers and secrets of MCP servers cannot be read in what is bound."""
        return super().bind(**hide_in(kwargs))

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
                definitions such as `{"type": "code_interpreter"}`. The definition of a new agent
                owns its tools: there the turn makes sure that it has these, by name.
            tool_choice: `"auto"`, `"none"`, `"any"`, `True`, a tool's name, or the service's own
                form.
            strict: Whether arguments must fit the schema exactly.
            **kwargs: Bound as well.

        Raises:
            InvalidFieldError: The choice names a tool that is not bound.
        """
        mapped = map_tools(tools, strict=strict)
        choice = map_choice(tool_choice, mapped, name_the_only=not self.is_new)
        if choice is not None:
            kwargs["tool_choice"] = choice
            own = {name: kwargs[name] for name in CallOptions.model_fields if name in kwargs}
            options = self.updated(own)
            # What is only warned of is warned of by each call.
            if options.on_unsupported == "raise":
                check_options(self, options)
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
                `"json_mode"`. The definition of a new agent owns the form of its answers: if it
                has another one than this, the call is refused; if it has none, the agent is told
                the schema, and the answer is checked when it comes. For `"function_calling"` the
                definition has to have a function of the schema's name.
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
        """What agents can do. A definition's model is known to `create` and `with_profile`."""
        of_generation = OF_NEW_AGENTS if self.is_new else {}
        return {**PROFILE, **of_generation, **windows_of(self.model)}

    # What LangChain asks beside.

    @property
    def _llm_type(self) -> str:
        return "azure-foundry-agent"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {
            **self._agent_ids(),
            "project_endpoint": self.project_endpoint,
            "api_version": self.api_version,
            "model": self.model,
            "temperature": self.temperature,
        }

    def _get_invocation_params(
        self, stop: list[str] | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        """What tracers are told of a call: no headers, no secrets of MCP servers."""
        params = hide_in(super()._get_invocation_params(stop=stop, **kwargs))
        return {name: value for name, value in params.items() if "tool_resources" not in name}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop or self.stop, **kwargs)
        params["ls_provider"] = PROVIDER
        params.setdefault("ls_model_name", self.agent_name or self.agent_id or "")
        asked = {name: id_ for name, id_ in self._agent_ids().items() if id_}
        return cast("LangSmithParams", {**params, **asked})

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """The model serialises, without its credential."""
        return True

    @property
    def lc_secrets(self) -> dict[str, str]:
        """A fixed token is written as a reference to a secret of this name."""
        fixed = isinstance(self.credential, SecretStr)
        return {"credential": "AZURE_AI_FOUNDRY_TOKEN"} if fixed else {}
