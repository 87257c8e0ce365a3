"""A call of the model → what a driver needs for its turn; and runs that are taken up again."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from langchain_core.language_models.chat_models import agenerate_from_stream, generate_from_stream
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import Field, SecretStr, SkipValidation

from langchain_foundry_agents import _answers, _flow, _messages
from langchain_foundry_agents._agent_lists import AgentLists
from langchain_foundry_agents._answers.fold import Answer
from langchain_foundry_agents._ask import instructions_of, make_ask, make_policy, seal_of
from langchain_foundry_agents._drive import Chunks, adrive, drive
from langchain_foundry_agents._files import Files
from langchain_foundry_agents._flow.effects import Flow
from langchain_foundry_agents._flow.progress import Ask, Outcome
from langchain_foundry_agents._generations import (
    check_options,
    check_run_id,
    headers_of,
    make_api,
    storage_of,
    told_metadata,
)
from langchain_foundry_agents._live import shown
from langchain_foundry_agents._messages import SHARED
from langchain_foundry_agents._messages.history import Prompt
from langchain_foundry_agents._messages.past import Seal
from langchain_foundry_agents._options import CallOptions, without_langchains_own
from langchain_foundry_agents._record import RECORD, Asked
from langchain_foundry_agents._run_options import run_options
from langchain_foundry_agents._secrets import revealed
from langchain_foundry_agents._thread_messages import ThreadMessages
from langchain_foundry_agents._transport import Transport
from langchain_foundry_agents._warnings import warn_caller
from langchain_foundry_agents.thread_records import ThreadRecord, local_record


class Turn(NamedTuple):
    """What a driver needs for one turn."""

    flow: Flow[Outcome]
    transport: Transport
    answer: Answer
    seconds: float
    threads: ThreadRecord
    leaving: Callable[[], Flow[None]]
    """Gives the flow that leaves the turn, where it was interrupted while it worked."""

    def chunks(self) -> Generator[ChatGenerationChunk, None, None]:
        """Its chunks as they come."""
        return drive(*self)

    def achunks(self) -> Chunks[ChatGenerationChunk]:
        """As `chunks`."""
        return adrive(*self)


class Turns(ThreadMessages, AgentLists, Files):
    """The model's turns."""

    thread_record: SkipValidation[ThreadRecord] | None = Field(
        default=None, exclude=True, repr=False
    )
    """Where turns tell each other of threads. Default: the process's own record; many workers that
    serve the same threads give one that they share."""

    def resume(self, thread_id: str | None, run_id: str, **keywords: Any) -> AIMessage:
        """Take up a run that was set going before, also by another process; wait for its answer.

        Args:
            thread_id: The thread, or the conversation, that the run works on; `None` for a response
                of a new agent outside of conversations.
            run_id: The run, or the response: the `run_id` of an error, for one.
            **keywords: As of a call.

        Returns:
            The whole answer, as the call would have given it.

        Raises:
            NotFoundError: There is no such run.
            RunFailedError: It ended without an answer.
        """
        turn = self._taking_up(thread_id, run_id, keywords)
        return _only(generate_from_stream(turn.chunks()))

    async def aresume(self, thread_id: str | None, run_id: str, **keywords: Any) -> AIMessage:
        """As `resume`."""
        turn = self._taking_up(thread_id, run_id, keywords)
        return _only(await agenerate_from_stream(turn.achunks()))

    def _transport(self, headers: Mapping[str, str | SecretStr] | None = None) -> Transport:
        """The way to the service, for the model's own user if a call names none."""
        return super()._transport(headers_of(self) if headers is None else headers)

    def _turn(
        self,
        messages: Sequence[BaseMessage],
        stop: str | Sequence[str] | None,
        keywords: Mapping[str, Any],
        *,
        whole: bool = False,
    ) -> Turn:
        """A turn that asks. Bad input is refused here, before any request."""
        options = self.updated(without_langchains_own(keywords))
        check_options(self, options)
        owner = self._owner(options)
        prompt = _messages.history.read_prompt(
            messages,
            thread_id=options.thread_id,
            go_on=options.continue_thread,
            record=RECORD,
            storage=storage_of(self, options),
            owner=owner,
        )
        if kinds := prompt.left_out():
            warn_caller(
                f"The agent is not shown what a tool gave ({', '.join(kinds)}): it reads a "
                "short note in its place. Classic agents read text only, new ones also pictures "
                "and files."
            )
        run = run_options(options, keywords.get("tools") or (), instructions_of(prompt, options))
        ask = make_ask(prompt, options, ":".join(filter(None, self._agent_ids().values())), run)

        def remember(call_ids: list[str], asked: Asked) -> None:
            RECORD.keep(_messages.conversation_key(owner, messages), call_ids, asked)

        return self._work(
            ask,
            options,
            keywords,
            partial(self._estimate, prompt),
            seal_of(prompt, options),
            whole=whole,
            # LangChain hands on what the caller gave, which may be one text.
            stop=([stop] if isinstance(stop, str) else stop) or options.stop or (),
            known=prompt.known(),
            after=prompt.answered(),
            record=remember if prompt.storage != "none" else None,
            run_options=run if prompt.storage == "thread" else None,
        )

    def _taking_up(self, thread_id: str | None, run_id: str, keywords: Mapping[str, Any]) -> Turn:
        """A turn that asks nothing, as its run is there."""
        options = self.updated({**keywords, "thread_id": thread_id, "run_mode": "poll"})
        check_options(self, options)
        check_run_id(self, run_id)
        alone = storage_of(self, options) in SHARED
        ask = _flow.progress.Ask((), tuple, thread_id, run_id=run_id, alone=alone)
        estimate = partial(_answers.usage.estimate_usage, "", tokenizer=self.tokenizer)
        # Of what came before it, nothing is known.
        seal = _messages.past.Past(()).seal(0)
        return self._work(ask, options, keywords, estimate, seal, whole=True)

    def _work(
        self,
        ask: Ask,
        options: CallOptions,
        keywords: Mapping[str, Any],
        estimate: Callable[[str], UsageMetadata],
        seal: Seal,
        *,
        whole: bool,
        **of_history: Any,
    ) -> Turn:
        answer = _answers.fold.Answer(
            self._agent_ids() | told_metadata(self, options, ask),
            estimate,
            # Footnotes and gaps would break JSON.
            citations="keep" if options.response_format else options.citations,
            whole=whole,
            several=callable(options.mcp_approval),
            keep_thread=options.keep_thread,
            mark=seal.mark if storage_of(self, options) != "none" else None,
            **of_history,
        )
        api = make_api(self, options, keywords, ask.question)
        policy = make_policy(options, keywords)
        progress = _flow.turn.begin_turn(ask, policy)
        flow = _flow.turn.run_turn(api, ask, policy, progress)
        leaving = partial(_flow.turn.leave_turn, api, progress)
        if options.progress:
            flow = shown(flow, whole=whole)
        transport = replace(
            self._transport(headers_of(options)),
            caller=f"{api.agent_id} {options.model or ''}",
            longest_hold=options.max_retry_wait if options.max_retries else 0.0,
        )
        threads = self.thread_record or local_record(transport.url)
        return Turn(flow, transport, answer, options.run_timeout, threads, leaving)

    def _owner(self, options: CallOptions) -> str:
        """Who asks which agent: what this process remembers of a call is for nobody else."""
        agent = self.project_endpoint, self.agent_id, self.agent_name
        headers = [
            sorted((name, revealed(text)) for name, text in of.items())
            for of in (self.default_headers, headers_of(options))
        ]
        return repr((agent, _hash(self.credential), headers))

    def _estimate(self, prompt: Prompt, answered: str) -> UsageMetadata:
        return _answers.usage.estimate_usage(prompt.text(), answered, self.tokenizer)


def _only(result: ChatResult) -> AIMessage:
    message = result.generations[0].message
    assert isinstance(message, AIMessage)  # noqa: S101 - what the fold makes is one
    return message


def _hash(credential: object) -> int:
    try:
        return hash(credential)
    except TypeError:
        return id(credential)
