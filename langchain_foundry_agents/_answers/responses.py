"""Events of the Responses API → what an answer is made of.

Texts and blocks come in the order of the output. Where items are made side by side, what comes of a
later one waits until those before it are done.
"""

from __future__ import annotations

import math
from operator import itemgetter
from typing import Any

from langchain_foundry_agents._answers import items
from langchain_foundry_agents._answers.draft import Draft
from langchain_foundry_agents._messages import JSON

_TEXTS = {
    "response.output_text.delta": ("text", "content_index", "delta"),
    "response.output_text.done": ("text", "content_index", "text"),
    "response.reasoning_text.delta": ("reasoning", "content_index", "delta"),
    "response.reasoning_text.done": ("reasoning", "content_index", "text"),
    "response.reasoning_summary_text.delta": ("reasoning", "summary_index", "delta"),
    "response.reasoning_summary_text.done": ("reasoning", "summary_index", "text"),
}
"""Events of texts: what kind of text, and the names of its place and of what is new."""
_CONSENT_ASKED = "response.oauth_consent_requested"


class Responses:
    """Reads the new generation's events into a draft.

    Args:
        draft: The answer.
    """

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._response_id: str | None = None
        self._begin()

    def _begin(self) -> None:
        """Forget what only the events of one response share."""
        self._done: set[Any] = set()
        """Items that were taken whole, by id, or by place if they have none; parts by place."""
        self._calls: dict[Any, JSON] = {}
        """Functions that were called, and have no output yet."""
        self._asked: list[JSON] = []
        """Consent that was asked for beside the items."""
        self._open: set[int] = set()
        """Places of items that are not done."""
        self._first: float = math.inf
        """The first of them."""
        self._waiting: list[tuple[int, str, JSON]] = []
        """Events of items after it."""

    def add(self, kind: str, data: JSON) -> None:
        """Take what is new of an event."""
        place = data.get("output_index")
        if place is None or kind == _CONSENT_ASKED:
            self._add_of_response(kind, data)
        elif place > self._first:
            self._waiting.append((place, kind, data))
        else:
            self._add_of_item(kind, data, place)
            if self._waiting and kind == "response.output_item.done":
                self._release()

    def settle(self) -> None:
        """Hand out what is still to come, as no more comes."""
        asked, self._asked = self._asked, []
        for item in asked:
            self._ask_consent(item)

    def _add_of_response(self, kind: str, data: JSON) -> None:
        match kind:
            case (
                "response.created" | "response.queued" | "response.in_progress" | "response.failed"
            ):
                self._enter(data["response"])
            case "response.completed" | "response.incomplete":
                self._enter(data["response"])
                self._end(data["response"])
            case "response.oauth_consent_requested":
                self._asked.append({"type": "oauth_consent_request", **_consent(data)})

    def _enter(self, response: JSON) -> None:
        if self._response_id not in {None, response.get("id")}:
            self._begin()
        self._response_id = response.get("id")
        self._draft.note_ids(ids_of(response))

    def _end(self, response: JSON) -> None:
        """Take the whole response, and then what it lacks of what the stream told."""
        for place, item in enumerate(response.get("output") or []):
            self._add_item(item, place)
        waiting, self._waiting = sorted(self._waiting, key=itemgetter(0)), []
        for place, kind, data in waiting:
            self._add_of_item(kind, data, place)
        self._open, self._first = set(), math.inf
        self.settle()

    def _release(self) -> None:
        """Take the events that no item stands before any more."""
        waiting, self._waiting = sorted(self._waiting, key=itemgetter(0)), []
        for place, kind, data in waiting:
            if place > self._first:
                self._waiting.append((place, kind, data))
            else:
                self._add_of_item(kind, data, place)

    def _add_of_item(self, kind: str, data: JSON, place: int) -> None:
        if kind in _TEXTS:
            self._add_text(kind, data)
            return
        match kind:
            case "response.output_item.added":
                self._open.add(place)
                self._first = min(self._open)
            case "response.output_item.done":
                self._add_item(data["item"], place)
                self._open.discard(place)
                self._first = min(self._open, default=math.inf)
            case "response.output_text.annotation.added":
                where = (data["item_id"], "content_index", data["content_index"])
                self._draft.cite(where, [data["annotation"]])
            case "response.refusal.done":
                part = {"type": "refusal", "refusal": data["refusal"]}
                self._add_part(data["item_id"], data["content_index"], part)
            case "response.content_part.done":
                self._add_part(data["item_id"], data["content_index"], data["part"])

    def _add_text(self, kind: str, data: JSON) -> None:
        """Take more of a text, or its whole."""
        text, index, new = _TEXTS[kind]
        item_id = data["item_id"]
        if item_id in self._done:
            return
        if text == "text":
            self._draft.note_message(item_id)
        where = (item_id, index, data[index])
        if new == "delta":
            self._draft.add_more(where, data[new], text)
        else:
            self._draft.add_whole(where, data[new], text)

    def _add_item(self, item: JSON, place: int) -> None:
        """Take what is new of an item that is whole."""
        key = item.get("id") or (self._response_id, place)
        is_new = key not in self._done
        self._done.add(key)
        match item["type"]:
            case "message":
                self._add_message(item, key)
            case "reasoning":
                self._add_reasoning(item, key)
            case _ if is_new:
                self._add_other(item)

    def _add_message(self, message: JSON, key: Any) -> None:
        if message.get("role", "assistant") != "assistant":
            return
        self._draft.note_message(key)
        parts = message.get("content") or []
        parts = [{"type": "output_text", "text": parts}] if isinstance(parts, str) else parts
        for index, part in enumerate(parts):
            self._add_part(key, index, part)

    def _add_part(self, message_id: Any, index: int, part: JSON) -> None:
        where = (message_id, "content_index", index)
        match part["type"]:
            case "output_text":
                self._draft.note_message(message_id)
                self._draft.add_whole(where, part["text"])
                self._draft.cite(where, part.get("annotations") or [])
            case "reasoning_text":
                self._draft.add_whole(where, part["text"], "reasoning")
            case kind if where not in self._done:
                self._done.add(where)
                self._draft.note_message(message_id)
                self._draft.add_block(part if kind == "refusal" else items.map_unknown(part))

    def _add_reasoning(self, item: JSON, key: Any) -> None:
        for name, index in ("summary", "summary_index"), ("content", "content_index"):
            for place, part in enumerate(item.get(name) or []):
                where = (key, index, place)
                self._draft.add_whole(where, part["text"], "reasoning")

    def _add_other(self, item: JSON) -> None:
        blocks: list[JSON] = []
        match item["type"]:
            case "function_call":
                self._calls[item["call_id"]] = item
            case "function_call_output":
                if call := self._calls.pop(item["call_id"], None):
                    blocks = [items.map_function(call), items.map_output(item)]
            case "mcp_approval_request" | "mcp_approval_response":
                pass  # The one is a call for the caller, the other the caller's own.
            case "oauth_consent_request":
                self._ask_consent(item)
            case _:
                blocks = items.map_item(item)
        for block in blocks:
            self._draft.add_block(block)

    def _ask_consent(self, item: JSON) -> None:
        asked = _consent(item)
        links = [known.get("consent_link") for known in self._draft.consents]
        if asked.get("consent_link") not in links:
            self._draft.consents.append(asked)
            self._draft.add_block(items.map_unknown(item))


def ids_of(response: JSON) -> JSON:
    """The ids that a response tells."""
    conversation = (response.get("conversation") or {}).get("id")
    agent = response.get("agent_reference") or {}
    return {
        "thread_id": conversation,
        "conversation_id": conversation,
        "run_id": response.get("id"),
        "response_id": response.get("id"),
        "agent_name": agent.get("name"),
        "agent_version": agent.get("version"),
        "agent_session_id": response.get("agent_session_id"),
    }


def _consent(data: JSON) -> JSON:
    names = ("server_label", "consent_link")
    return {name: data[name] for name in names if data.get(name)}
