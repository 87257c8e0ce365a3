"""`FoundryChatMessageHistory`: a thread of the service as LangChain's chat history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from langchain_core.chat_history import BaseChatMessageHistory
from langchain_core.messages import BaseMessage, SystemMessage, ToolMessage

from langchain_foundry_agents._messages import PROVIDER
from langchain_foundry_agents._thread_messages import ThreadMessages
from langchain_foundry_agents.errors import NotFoundError


class FoundryChatMessageHistory(BaseChatMessageHistory):
    """A thread (a conversation, with a new agent) as a chat history that the service keeps.

    To talk, none is needed: the model finds the thread in the messages that it is given, be they a
    list of yours or a LangGraph's state. This one reads a thread, adds to it and deletes it.

    It is also what LangChain's `RunnableWithMessageHistory` asks for, which is deprecated and works
    all the same: give it a function that keeps one history for each session. A turn of the model
    brings its messages to the thread by itself, and nothing is kept twice: to add them here only
    tells which thread it was.

    Args:
        thread_id: The thread. Without it, that of the first answer that is added.
        model: The `ChatFoundryAgent` that reads it.

    Example:
        ```python
        from langchain_foundry_agents import FoundryChatMessageHistory

        messages = [("human", "What is 17 * 23?")]
        messages.append(llm.invoke(messages))
        messages.append(("human", "And what did I ask?"))
        answer = llm.invoke(messages)  # in the same thread

        history = FoundryChatMessageHistory(answer.response_metadata["thread_id"], model=llm)
        for message in history.messages:
            message.pretty_print()
        ```
    """

    def __init__(self, thread_id: str | None = None, *, model: ThreadMessages) -> None:
        super().__init__()
        self.thread_id = thread_id
        self._model = model

    @property
    def messages(self) -> list[BaseMessage]:  # type: ignore[override] # the base allows properties
        """The thread's messages, read anew, without instructions: those are each call's own."""
        return self._without_instructions(
            self._model.export_thread(self.thread_id) if self.thread_id else ()
        )

    async def aget_messages(self) -> list[BaseMessage]:
        """As `messages`."""
        return self._without_instructions(
            await self._model.aexport_thread(self.thread_id) if self.thread_id else ()
        )

    def add_messages(self, messages: Sequence[BaseMessage]) -> None:
        """Add what the thread does not hold yet: nothing, after a turn of the model."""
        if new := self._new(messages):
            self.thread_id = self._model.add_to_thread(new, self.thread_id)

    async def aadd_messages(self, messages: Sequence[BaseMessage]) -> None:
        """As `add_messages`."""
        if new := self._new(messages):
            self.thread_id = await self._model.aadd_to_thread(new, self.thread_id)

    def clear(self) -> None:
        """Delete the thread with all that was said in it."""
        if self.thread_id:
            with suppress(NotFoundError):
                self._model.delete_thread(self.thread_id)
        self.thread_id = None

    async def aclear(self) -> None:
        """As `clear`."""
        if self.thread_id:
            with suppress(NotFoundError):
                await self._model.adelete_thread(self.thread_id)
        self.thread_id = None

    def _new(self, messages: Sequence[BaseMessage]) -> list[BaseMessage]:
        """What follows the last message of the thread, which is that of the answer from now on."""
        begin = 0
        for place, message in enumerate(messages):
            told = message.response_metadata
            known = {None, told.get("thread_id"), told.get("forked_from")}
            in_a_thread = told.get("model_provider") == PROVIDER and told.get("thread_id")
            if in_a_thread and self.thread_id in known:
                self.thread_id, begin = told["thread_id"], place + 1
        # Outputs come to the thread with the turn that they are given to.
        left = (SystemMessage, ToolMessage)
        return [message for message in messages[begin:] if not isinstance(message, left)]

    def _without_instructions(self, messages: Iterable[BaseMessage]) -> list[BaseMessage]:
        return [message for message in messages if not isinstance(message, SystemMessage)]
