"""A response's life: the only place that changes its status and its output.

Every change is told as an event; a response that nobody streams lives the same life and its events
are not even made.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.events import Event, Feed
from langchain_foundry_agents.emulator.responses.bodies import streamed_json
from langchain_foundry_agents.emulator.responses.conversations import add_items
from langchain_foundry_agents.emulator.responses.ids import new_id, partition_of

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject, Usage
    from langchain_foundry_agents.emulator.responses.records import StoredResponse
    from langchain_foundry_agents.emulator.state import State


class ResponseLife:
    """Leads one response from its creation to its end."""

    def __init__(self, state: State, response: StoredResponse) -> None:
        self._state = state
        self.response = response

    def create(self) -> None:
        """The service has taken the request; the conversation is locked until the end."""
        response = self.response
        if response.stored:
            self._state.responses[response.id] = response
        if response.conversation:
            response.conversation.busy_with = response.id
        self._tell_status("created")
        if response.background:
            self._tell_status("queued")

    def begin(self) -> None:
        """The brain takes up the response."""
        self.response.status = "in_progress"
        self._tell_status("in_progress")

    def new_id(self, prefix: str, *, mixed: bool = False) -> str:
        """An id of something that belongs to the response."""
        return new_id(self._state, prefix, partition_of(self.response.id), mixed=mixed)

    def call_id(self) -> str:
        """An id by which a caller answers a function call."""
        return self._state.ids.new("call")

    def guid(self) -> str:
        """A random UUID."""
        return self._state.ids.guid()

    def padding(self, text: str) -> str:
        """Random characters that hide the length of a piece of text, as the service adds them."""
        return self._state.ids.guid().replace("-", "")[: -len(text) % 16]

    @property
    def watched(self) -> bool:
        """Whether somebody sees, or may see, the events."""
        return bool(self.response.feeds) or self.response.events is not None

    def add(self, item: JsonObject) -> int:
        """A new item of the output, which is told as it is now.

        Args:
            item: type and id first; who made it is put in.

        Returns:
            Its place in the output.
        """
        response = self.response
        made = {"agent_reference": response.item_reference, "response_id": response.id}
        if response.agent_reference is None:
            made = {"response_id": response.id}
        if response.hosted:
            made = {"response_id": response.id, "agent_reference": response.item_reference}
        head = {name: item.pop(name) for name in ("type", "id")}
        rest = dict(item)
        item.clear()
        item |= head | rest | made if response.hosted else head | made | rest
        response.output.append(item)
        place = len(response.output) - 1
        self.tell("output_item.added", item=item, output_index=place)
        return place

    def done(self, place: int) -> None:
        """An item of the output is as it will be."""
        self.tell("output_item.done", item=self.response.output[place], output_index=place)

    def tell(self, kind: str, **data: Any) -> None:
        """Tells an event.

        Args:
            kind: its type without `response.`.
            data: its members, but for type and sequence number.
        """
        self.tell_event(f"response.{kind}", data)

    def tell_event(self, name: str, data: JsonObject) -> None:
        """Tells an event by its full type."""
        number = self.response.next_number
        self.response.next_number += 1
        if not self.watched:
            return
        body = data | {"sequence_number": number}
        event = Event(name, {"type": name} | {key: _told(key, body[key]) for key in sorted(body)})
        if self.response.events is not None:
            self.response.events.append(event)
        for feed in self.response.feeds:
            feed.push(event)

    def complete(self, usage: Usage) -> None:
        """The response ends well."""
        self.response.completed_at = self._state.now()
        self._end("completed", usage)

    def leave_incomplete(self, reason: str, usage: Usage) -> None:
        """The response ends before its end: `max_output_tokens` or `content_filter`."""
        self.response.incomplete_reason = reason
        self._end("incomplete", usage)

    def fail(self, code: str, message: str) -> None:
        """The response ends with an error."""
        if self.response.over:
            return
        self.response.error = {"code": code, "message": message}
        for item in self.response.output:
            if item.get("status") == "in_progress":
                item["status"] = "incomplete"
        self._end("failed")

    def cancel(self) -> None:
        """The response ends because somebody wanted it to, or went away: nothing of it is left."""
        if not self.response.over:
            self.response.output = []
            self._end("cancelled")

    def _end(self, status: str, usage: Usage | None = None) -> None:
        response = self.response
        if response.over:
            return
        response.status, response.usage = status, usage
        if conversation := response.conversation:
            conversation.busy_with = None
            if status in ("completed", "incomplete"):
                author = {"id": response.id, "agent_reference": response.agent_reference}
                add_items(self._state, conversation, response.input)
                add_items(self._state, conversation, response.output, response=author)
        # The service's own library ends the stream of a cancelled response so.
        self._tell_status("failed" if status == "cancelled" else status)
        for feed in response.feeds:
            feed.close()
        response.feeds = []

    def _tell_status(self, change: str) -> None:
        self.tell(change, **({"response": streamed_json(self.response)} if self.watched else {}))


def follow(response: StoredResponse, after: int) -> Feed:
    """The events of a response after a sequence number: those that were, then those to come."""
    feed = Feed(marked=False)
    for event in (response.events or [])[after + 1 :]:
        feed.push(event)
    if response.over:
        feed.close()
    else:
        response.feeds.append(feed)
    return feed


def _told(member: str, value: Any) -> Any:
    """A member as an event shows it: items and responses in their own order, all else sorted."""
    if member == "item":
        # It grows, and is told as it is now.
        return deepcopy(value)
    return value if member == "response" else _sorted(value)


def _sorted(value: Any) -> Any:
    if isinstance(value, list):
        return [_sorted(one) for one in value]
    if not isinstance(value, dict):
        return value
    head = {"type": value["type"]} if "type" in value else {}
    return head | {name: _sorted(value[name]) for name in sorted(value)}
