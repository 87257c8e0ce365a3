"""A history, read for a turn: what is new for the thread, and which calls it answers.

The history is the interface, the thread is the storage: what the thread holds already is found by
the ids in our own answers and not sent again. (A conversation, or the chain of responses, is to the
new generation what a thread is to the classic one.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from langchain_foundry_agents._messages.content import is_system, thread_messages
from langchain_foundry_agents._messages.items import input_items, output_parts
from langchain_foundry_agents._messages.losses import losses
from langchain_foundry_agents._messages.ours import (
    INSTRUCTIONS_DIGEST,
    JSON,
    SHARED,
    Storage,
    asked_by,
    is_held,
    place_of,
)
from langchain_foundry_agents._messages.outputs import Calls, call_ids, read_calls
from langchain_foundry_agents._messages.past import Past, Seal
from langchain_foundry_agents._messages.results import is_hidden, output_text, result_blocks
from langchain_foundry_agents._record import Record
from langchain_foundry_agents.errors import BadRequestError, ToolOutputError


@dataclass(frozen=True)
class Prompt:
    """A history, read for a turn."""

    messages: Sequence[BaseMessage]
    begin: int
    """Where what the thread does not hold yet begins."""
    form: Callable[[Sequence[BaseMessage]], Iterable[JSON]]
    """Puts messages into the form that the thread, or the response, takes."""
    thread_id: str | None = None
    """The thread that the history goes on in."""
    calls: Calls | None = None
    """Calls that a run of that thread may be waiting for."""
    storage: Storage = "thread"
    """What keeps the history."""

    @property
    def head(self) -> tuple[str, list[str]] | None:
        """The run, and its calls, that the history ends in; none may go on there a second time."""
        answer = self.messages[self.begin - 1] if self.begin else None
        if self.storage not in SHARED or not isinstance(answer, AIMessage):
            return None
        asked = self.calls.asked if self.calls else asked_by(answer, self.storage)
        here = asked is not None and asked.thread_id == self.thread_id
        return (asked.run_id, call_ids(answer)) if asked and here else None

    @property
    def is_temporary(self) -> bool:
        """Whether a call that did not want to keep the thread left it for its tool calls."""
        return bool(self.calls and self.calls.asked and self.calls.asked.temporary)

    @property
    def system(self) -> str:
        """The system messages, in order."""
        texts = (message.text for message in self.messages if is_system(message))
        return "\n\n".join(text for text in texts if text)

    @cached_property
    def past(self) -> Past:
        """The history, for digests."""
        return Past(self.messages)

    @cached_property
    def difference(self) -> str | None:
        """How the past differs from what the history's place holds, as far as that is known."""
        if self.thread_id is None or not self.begin:
            return None
        mark = self.calls.asked.mark if self.calls and self.calls.asked else None
        return self.past.difference(self.begin, self.thread_id, self.storage, mark)

    def seal(self, *, stays: bool) -> Seal:
        """What makes the mark of the answer.

        Args:
            stays: Whether the turn goes on in the history's place whatever that holds.
        """
        if self.thread_id is None or not stays:
            return self.past.seal()
        held = self.calls is not None or (
            self.begin > 0 and is_held(self.messages[self.begin - 1], self.thread_id, self.storage)
        )
        other = not held or self.difference is not None
        return self.past.seal(self.begin if other else None)

    def new(self) -> tuple[JSON, ...]:
        """What the thread does not hold yet, as thread messages."""
        messages = self.messages[self.begin :]
        if self.calls:
            # Their outputs go to the run that asked for them.
            messages = [message for message in messages if not isinstance(message, ToolMessage)]
        return tuple(self.form(messages))

    def late(self) -> tuple[JSON, ...]:
        """The calls that the history ends in and all that follows, as thread messages.

        The thread has what the answer said before it called.
        """
        answer, *others = self.messages[self.begin - 1 :]
        if answer.response_metadata.get("message_ids"):
            answer = answer.model_copy(update={"content": ""})
        return tuple(self.form([answer, *others]))

    def whole(self) -> tuple[JSON, ...]:
        """The whole history, as thread messages."""
        return tuple(self.form(self.messages))

    def left_out(self) -> tuple[str, ...]:
        """Types of what tools gave this time and the agent cannot be shown."""
        results = (one for one in self.messages[self.begin :] if isinstance(one, ToolMessage))
        blocks = (block for message in results for block in result_blocks(message))
        hidden = (block for block in blocks if is_hidden(block, in_thread=self.storage == "thread"))
        return tuple(dict.fromkeys(block.get("mime_type") or block["type"] for block in hidden))

    def losses(self) -> tuple[str, ...]:
        """Names of what the whole history cannot tell a new thread."""
        return losses(self.messages)

    def text(self) -> str:
        """All text of the history, for estimates."""
        return "\n".join(message.text for message in self.messages)

    def was_told(self, digest: str) -> bool:
        """Whether the history's place holds the instructions with this digest already."""
        told = self.messages[self.begin - 1].response_metadata if self.begin else {}
        here = any(value == self.thread_id for value in told.values())
        return here and told.get(INSTRUCTIONS_DIGEST) == digest

    def answered(self) -> str | None:
        """A call that the history ends in, if it does: the same one whatever the calls' order."""
        return min(self.calls.ids) if self.calls else None

    def known(self) -> frozenset[str]:
        """Ids of messages and server calls that the answer with the calls holds already."""
        if not self.calls:
            return frozenset()
        answer = self.messages[self.begin - 1]
        blocks = answer.content if isinstance(answer.content, list) else []
        calls = [
            block.get("id")
            for block in blocks
            # An approval's request has the id of the call that it asks about.
            if isinstance(block, dict) and block.get("type") == "server_tool_call"
        ]
        told = answer.response_metadata.get("message_ids")
        ids = [*calls, *(told if isinstance(told, list) else ())]
        return frozenset(id_ for id_ in ids if id_ and isinstance(id_, str))


def read_prompt(
    messages: Sequence[BaseMessage],
    *,
    thread_id: str | None,
    go_on: bool,
    record: Record,
    storage: Storage = "thread",
    owner: str = "",
) -> Prompt:
    """Find what is new in a history.

    Args:
        messages: The history.
        thread_id: A thread that the caller names: what follows the last answer, whoever gave it,
            is new to it.
        go_on: Otherwise go on in the place that the history's last answer of ours names.
        record: What this process remembers of calls.
        storage: What keeps the history, and so which of our answers name a place.
        owner: Who asks, of which agent: calls of others are not found in the record.

    Raises:
        BadRequestError: There is no message.
        ToolOutputError: Tool outputs are missing, doubled, or answer no call.
    """
    if not messages:
        raise BadRequestError("There are no messages.", remedy="Ask something.")
    in_thread = storage == "thread"
    form = thread_messages if in_thread else input_items
    output_form = output_text if in_thread else output_parts
    last = _last(messages, lambda message: isinstance(message, AIMessage))
    calls = read_calls(messages, last, record, storage, owner=owner, form=output_form)
    if storage == "none":
        _check_no_approval(calls)
        return Prompt(messages, 0, form, storage=storage)
    asked = calls.asked if calls else None
    if thread_id:
        elsewhere = asked and asked.thread_id != thread_id
        held = _last(messages, lambda message: is_held(message, thread_id, storage))
        begin = max(last, held) + 1
        return Prompt(messages, begin, form, thread_id, None if elsewhere else calls, storage)
    if go_on and asked:
        return Prompt(messages, last + 1, form, asked.thread_id, calls, storage)
    ours = _last(messages, lambda message: place_of(message, storage) is not None) if go_on else -1
    place = place_of(messages[ours], storage) if ours >= 0 else None
    held = _last(messages, lambda message: is_held(message, place, storage)) if place else -1
    return Prompt(messages, held + 1, form, place, storage=storage)


def _check_no_approval(calls: Calls | None) -> None:
    if calls and calls.approvals:
        raise ToolOutputError(
            "The service keeps nothing of this history, and so no call to approve.",
            remedy="Use conversation='auto' or conversation='response'.",
        )


def _last(messages: Sequence[BaseMessage], found: Callable[[BaseMessage], bool]) -> int:
    return next((i for i in reversed(range(len(messages))) if found(messages[i])), -1)
