"""What threads and conversations hold: read as LangChain messages, and added to."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from functools import partial

from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage, ToolMessage

from langchain_foundry_agents import _answers, _flow, _messages
from langchain_foundry_agents._ask import digest
from langchain_foundry_agents._flow.effects import Flow
from langchain_foundry_agents._flow.entries import Answered, Entry
from langchain_foundry_agents._messages import INSTRUCTIONS_DIGEST, held_by
from langchain_foundry_agents._options import JSON, CallOptions
from langchain_foundry_agents._threads import Threads, checked_thread_id
from langchain_foundry_agents._tokens import Tokens
from langchain_foundry_agents.errors import BadRequestError


class ThreadMessages(CallOptions, Threads, Tokens):
    """What a model does with the messages of a thread, beside turns."""

    def export_thread(self, thread_id: str) -> list[BaseMessage]:
        """All that was said in a thread, or in a new agent's conversation, oldest first.

        Answers are as their calls gave them: with ids, citations, pictures, tool calls and what the
        agent did on the server, as far as the service tells it later. Outputs of tools are
        `ToolMessage`s. Passed on with a new message, they go on in the thread. (A thread without an
        answer has to be named as well: `thread_id=…`. Only answers name a thread.)

        Args:
            thread_id: The `thread_id` of an answer's `response_metadata`.

        Raises:
            InvalidFieldError: That is no id of a thread (of a conversation, for a new agent).
            NotFoundError: There is no such thread, or not any more.
        """
        return self._told(thread_id, self._perform(self._export(thread_id)))

    async def aexport_thread(self, thread_id: str) -> list[BaseMessage]:
        """As `export_thread`."""
        entries = await self._aperform(self._export(thread_id))
        return self._told(thread_id, entries)

    def add_to_thread(self, messages: Sequence[BaseMessage], thread_id: str | None = None) -> str:
        """Put messages into a thread, or a new agent's conversation, without asking the agent.

        Args:
            messages: What to add; system messages are none of a thread's.
            thread_id: The thread. Without it, one is made.

        Returns:
            The thread's id.

        Raises:
            BadRequestError: A message has no content, or one that a thread cannot take.
            InvalidFieldError: That is no id of a thread (of a conversation, for a new agent).
            NotFoundError: There is no such thread, or not any more.
        """
        return self._perform(self._addition(messages, thread_id))

    async def aadd_to_thread(
        self, messages: Sequence[BaseMessage], thread_id: str | None = None
    ) -> str:
        """As `add_to_thread`."""
        return await self._aperform(self._addition(messages, thread_id))

    def _addition(self, messages: Sequence[BaseMessage], thread_id: str | None) -> Flow[str]:
        patience = _flow.retry.Patience()
        place = None if thread_id is None else checked_thread_id(thread_id, new=self.is_new)
        if self.is_new:
            path, query = self._kept()
            items = [*_messages.items.input_items(messages)]
            return _flow.additions.add_to_conversation(path, place, items, query, patience)
        told = [*_messages.content.thread_messages(messages)]
        if any(message.get("attachments") for message in told):
            raise BadRequestError(
                "A message brings a file, which only a turn of the agent's can take.",
                remedy="Ask the agent with it.",
            )
        key = uuid.uuid4().hex
        api = _flow.threads_api.ThreadsApi(str(self.agent_id), key, self.api_version)
        return _flow.additions.add_to_thread(api, place, told, patience)

    def _export(self, thread_id: str) -> Flow[list[Entry]]:
        checked = checked_thread_id(thread_id, new=self.is_new)
        path, query = self._kept()
        if not self.is_new:
            return _flow.kept_threads.read_thread(checked, query, _flow.retry.Patience())
        base = path.removesuffix("/conversations")
        read = _flow.kept_conversations.read_conversation
        return read(base, checked, query, _flow.retry.Patience())

    def _told(self, thread_id: str, entries: Iterable[Entry]) -> list[BaseMessage]:
        messages = [self._message(entry) for entry in entries]
        told: JSON = {}
        for message in messages:
            if isinstance(message, SystemMessage):
                told = {INSTRUCTIONS_DIGEST: digest(message.text)}
            elif isinstance(message, AIMessage):
                message.response_metadata |= told
        answers = [place for place, one in enumerate(messages) if isinstance(one, AIMessage)]
        # The thread holds what nobody answered: it is not to be sent again.
        for message in messages[max(answers, default=-1) + 1 :]:
            message.response_metadata = held_by(thread_id, new=self.is_new)
        return messages

    def _message(self, entry: Entry) -> BaseMessage:
        match entry:
            case _flow.entries.Answered():
                return self._answer(entry)
            case _flow.entries.Given(call_id, output):
                return ToolMessage(_answers.questions.map_output(output), tool_call_id=call_id)
        return _answers.questions.map_question(entry.message)

    def _answer(self, entry: Answered) -> BaseMessage:
        answer = _answers.fold.Answer(
            {},
            partial(_answers.usage.estimate_usage, "", tokenizer=self.tokenizer),
            citations=self.citations,
            after=entry.after,
            whole=True,
        )
        answer.add(entry.events)
        result = generate_from_stream(iter(answer.finish(entry.outcome)))
        message = result.generations[0].message
        told = message.response_metadata.items()
        message.response_metadata = {name: value for name, value in told if value is not None}
        return message
