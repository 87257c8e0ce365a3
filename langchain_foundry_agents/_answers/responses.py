"""Events of the Responses API → what an answer is made of.

An item is known by its place, `output_index`, a part of it by its `content_index`, and a call by
its `call_id`: ids of items may be others in each event, or none. Texts and blocks come in the order
of the output. Where items are made side by side, what comes of a later one waits until those before
it are done, unless the earlier one is an action of a workflow, which holds others.

What cannot be read, or may have come before, is passed over: the finished text has it.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from langchain_foundry_agents._answers import items
from langchain_foundry_agents._answers.draft import Draft, Place
from langchain_foundry_agents._answers.numbering import Numbering
from langchain_foundry_agents._answers.places import Places, index_of, kind_of
from langchain_foundry_agents._answers.threads import STRANGE
from langchain_foundry_agents._messages import JSON
from langchain_foundry_agents.errors import ProtocolError

_TEXTS = {
    "response.output_text.delta": ("text", "content_index", "delta"),
    "response.output_text.done": ("text", "content_index", "text"),
    "response.reasoning_text.delta": ("reasoning", "content_index", "delta"),
    "response.reasoning_text.done": ("reasoning", "content_index", "text"),
    "response.reasoning_summary_text.delta": ("reasoning", "summary_index", "delta"),
    "response.reasoning_summary_text.done": ("reasoning", "summary_index", "text"),
}
"""Events of texts: what kind of text, and the names of its place and of what is new."""
_ADDED, _DONE = "response.output_item.added", "response.output_item.done"
_CITED = "response.output_text.annotation.added"
_PARTS = {"response.refusal.done": "refusal", "response.content_part.done": "part"}
_OF_ITEMS = {*_TEXTS, *_PARTS, _ADDED, _DONE, _CITED}
_CONSENT_ASKED = "response.oauth_consent_requested"
_BEGINS = {"response.created", "response.queued"}
_WHOLE = {"response.completed", "response.incomplete"}
_ENDS = {*_WHOLE, "response.failed", "response.cancelled"}
_WRAPPER = "workflow_action"


class Responses:
    """Reads the new generation's events into a draft.

    Args:
        draft: The answer.
    """

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._number = 0
        """Which of the turn's responses it is."""
        self._response_id: str | None = None
        self._begin()

    def _begin(self) -> None:
        """Forget what only the events of one response share."""
        self._ended = False
        self._numbering = Numbering()
        self._places = Places()
        self._done: set[Any] = set()
        """Items that were taken whole, by place and by call; parts by place."""
        self._indexes: defaultdict[tuple[int, str], set[int]] = defaultdict(set)
        """The places of parts that events named, item by item."""
        self._calls: dict[Any, JSON] = {}
        """Functions that were called, and have no output yet."""
        self._asked: list[JSON] = []
        """Consent that was asked for beside the items."""
        self._open: set[int] = set()
        """Places of items that are not done."""
        self._opened: list[int] = []
        """The same as a heap, with some that are done."""
        self._waiting: defaultdict[int, list[tuple[str, JSON]]] = defaultdict(list)
        """Events of items after the first open one."""
        self._later: list[int] = []
        """The places of those items, as a heap."""
        self._unread: dict[Place | None, Exception | None] = {}
        """Texts of which something was passed over; `None` if it is not known where."""

    def add(self, kind: str, data: JSON) -> None:
        """Take what is new of an event."""
        response = data.get("response")
        if isinstance(response, dict):
            self._add_response(kind, response, data)
            return
        try:
            self._add_event(kind, data, repeats=self._numbering.repeats(kind, data))
        except STRANGE as error:
            self._unread[None] = error

    def settle(self) -> None:
        """Hand out what is still to come, as no more comes.

        Raises:
            ProtocolError: Something was passed over, and no finished text has it.
        """
        self._ask_for_consent()
        if self._unread and not self._draft.enough:
            cause = next(filter(None, self._unread.values()), None)
            raise ProtocolError(
                "Events of the stream could not be read, and no finished text took their place."
            ) from cause

    def _add_response(self, kind: str, response: JSON, data: JSON) -> None:
        self._enter(kind, response)
        self._numbering.repeats(kind, data)
        self._draft.note_ids(ids_of(response))
        if kind in _WHOLE:
            self._end(response)
        self._ended = self._ended or kind in _ENDS

    def _enter(self, kind: str, response: JSON) -> None:
        """Begin anew with the events of another response.

        Some servers change a response's id as they do those of items: one that was not begun is the
        one that is under way.
        """
        id_ = response.get("id")
        named = id_ if isinstance(id_, str) and id_ else None
        other = named and self._response_id and named != self._response_id
        begins = kind in _BEGINS
        if (other and (begins or self._ended)) or (begins and self._ended and not named):
            self._draft.begin_response(anew=not self._ended)
            self._number += 1
            self._begin()
        self._response_id = named or self._response_id

    def _end(self, response: JSON) -> None:
        """Take the whole response, and then what it lacks of what the stream told."""
        output = [item for item in response.get("output") or [] if item is not None]
        for place, item in self._places.of_output(output, self._fits):
            self._add_item(item, place)
        waiting, self._waiting = self._waiting, defaultdict(list)
        for place in sorted(waiting):
            for kind, data in waiting[place]:
                self._add_of_item(kind, data, place)
        self._open, self._opened, self._later = set(), [], []
        self._ask_for_consent()
        if output:
            self._unread.clear()

    def _fits(self, place: int, item: JSON) -> bool:
        """Whether the texts that are known of a place may be those of a finished item."""
        return all(
            text.startswith(self._draft.text_at((self._number, place, *where)))
            for where, text in self._texts_of(item, place)
        )

    def _add_event(self, kind: str, data: JSON, *, repeats: bool) -> None:
        if kind == _CONSENT_ASKED:
            self._asked.append({"type": "oauth_consent_request", **_consent(data)})
        if kind not in _OF_ITEMS:
            return
        item = data.get("item")
        of = kind_of(item) if isinstance(item, dict) else _kind_of_event(kind, data)
        place = self._places.of_event(data, of, item, begins=kind == _ADDED)
        if repeats and isinstance(data.get("delta"), str):
            return
        if place > self._first_open():
            if place not in self._waiting:
                heapq.heappush(self._later, place)
            self._waiting[place].append((kind, data))
            return
        self._add_of_item(kind, data, place)
        if kind == _DONE:
            self._release()

    def _first_open(self) -> float:
        """The place of the first item that is not done."""
        while self._opened and self._opened[0] not in self._open:
            heapq.heappop(self._opened)
        return self._opened[0] if self._opened else math.inf

    def _release(self) -> None:
        """Take the events that no item stands before any more."""
        while self._later and self._later[0] <= self._first_open():
            place = heapq.heappop(self._later)
            for kind, data in self._waiting.pop(place):
                self._add_of_item(kind, data, place)

    def _add_of_item(self, kind: str, data: JSON, place: int) -> None:
        if kind in _TEXTS:
            self._add_text(kind, data, place)
        elif kind == _ADDED:
            self._open_item(data["item"], place)
        elif kind == _DONE:
            self._open.discard(place)
            self._add_item(data["item"], place)
        elif kind == _CITED:
            self._draft.cite_one(self._text(place, data), data["annotation"])
        else:
            part: Any = data.get(_PARTS[kind])
            part = part if isinstance(part, dict) else {"type": "refusal", "refusal": part}
            *_, index = self._text(place, data)
            self._add_part(place, index, part, data.get("item_id"))

    def _open_item(self, item: JSON, place: int) -> None:
        if kind_of(item) == _WRAPPER:
            value = items.map_unknown(item)["value"]
            begun = {name: told for name, told in value.items() if told is not None}
            begun.pop("status", None)
            self._draft.begin_block((self._number, place), begun)
        elif (place, kind_of(item)) not in self._done:
            self._open.add(place)
            heapq.heappush(self._opened, place)

    def _add_text(self, kind: str, data: JSON, place: int) -> None:
        """Take more of a text, or its whole."""
        text, index, new = _TEXTS[kind]
        if (place, "message" if text == "text" else text) in self._done:
            return
        if text == "text":
            self._draft.note_message((self._number, place), data.get("item_id"))
        where = self._text(place, data, text, index)
        if new != "delta":
            self._add_whole(where, data[new], text)
        elif self._unread or self._numbering.doubtful or not isinstance(data[new], str):
            self._unread.setdefault(where, None)
        else:
            self._draft.add_more(where, data[new], text)

    def _text(
        self, place: int, data: JSON, kind: str = "text", index: str = "content_index"
    ) -> Place:
        """Where a text stands. One that names no place in its item is the first."""
        number = index_of(data, index) or 0
        self._indexes[place, index].add(number)
        return self._number, place, kind, index, number

    def _add_whole(self, where: Place, text: Any, kind: str) -> None:
        if text is not None:
            self._draft.add_whole(where, text, kind)
            self._unread.pop(where, None)

    def _add_item(self, item: JSON, place: int) -> None:
        """Take what is new of an item that is whole."""
        kind = kind_of(item)
        keys: set[Any] = {(place, kind)}
        if item.get("call_id"):
            keys.add((kind, item["call_id"]))
        is_new = not keys & self._done
        self._done |= keys
        match kind:
            case "message":
                self._add_message(item, place)
            case "reasoning":
                for where, text in self._texts_of(item, place):
                    self._add_whole((self._number, place, *where), text, "reasoning")
            case "function_call":
                known = self._calls.get(item["call_id"], {})
                self._calls[item["call_id"]] = known if known.get("arguments") else item
            case "workflow_action":
                value = items.map_unknown(item)["value"]
                self._draft.complete_block((self._number, place), value)
            case _ if is_new:
                self._add_other(item)

    def _add_message(self, message: JSON, place: int) -> None:
        if message.get("role", "assistant") != "assistant":
            return
        self._draft.note_message((self._number, place), message.get("id"))
        parts = _parts(message)
        for index, part in zip(self._numbered(place, "content_index", parts), parts, strict=True):
            self._add_part(place, index, part, message.get("id"))

    def _add_part(self, place: int, index: int, part: JSON, message_id: Any) -> None:
        where = (self._number, place, "text", "content_index", index)
        match part["type"]:
            case "output_text":
                self._draft.note_message((self._number, place), message_id)
                self._add_whole(where, part["text"], "text")
                self._draft.cite(where, [*(part.get("annotations") or [])])
            case "reasoning_text":
                where = (self._number, place, "reasoning", "content_index", index)
                self._add_whole(where, part["text"], "reasoning")
            case kind if where not in self._done:
                self._done.add(where)
                self._draft.note_message((self._number, place), message_id)
                self._draft.add_block(part if kind == "refusal" else items.map_unknown(part))

    def _texts_of(self, item: JSON, place: int) -> Iterator[tuple[tuple[str, str, int], str]]:
        """The texts of a finished message, or of reasoning, and where they stand in it."""
        lists: list[tuple[str, str, list[JSON]]] = []
        if kind_of(item) == "message":
            lists = [("text", "content_index", _parts(item))]
        elif kind_of(item) == "reasoning":
            lists = [
                ("reasoning", "summary_index", item.get("summary") or []),
                ("reasoning", "content_index", item.get("content") or []),
            ]
        for kind, index, parts in lists:
            for number, part in zip(self._numbered(place, index, parts), parts, strict=True):
                is_text = kind == "reasoning" or part.get("type") == "output_text"
                if is_text and part["text"] is not None:
                    yield (kind, index, number), part["text"]

    def _numbered(self, place: int, index: str, parts: Sequence[JSON]) -> Sequence[int]:
        """The places that events named for the parts of a finished item.

        Where they are not those of the finished list, they stand for its parts in their order.
        """
        named, count = sorted(self._indexes.get((place, index), ())), len(parts)
        if not named or named[-1] < count:
            return range(count)
        return [*named, *range(named[-1] + 1, named[-1] + 1 + count)][:count]

    def _add_other(self, item: JSON) -> None:
        blocks: list[JSON] = []
        match kind_of(item):
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

    def _ask_for_consent(self) -> None:
        asked, self._asked = self._asked, []
        for item in asked:
            self._ask_consent(item)

    def _ask_consent(self, item: JSON) -> None:
        asked = _consent(item)
        if asked.get("consent_link") not in self._draft.consents:
            self._draft.consents[asked.get("consent_link")] = asked
            self._draft.add_block(items.map_unknown(item))


def ids_of(response: JSON) -> JSON:
    """The ids that a response tells. Some servers name the conversation by its bare id."""
    conversation = response.get("conversation")
    if isinstance(conversation, dict):
        conversation = conversation.get("id")
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


def _kind_of_event(kind: str, data: JSON) -> str:
    """What kind of item an event is about that does not have the item."""
    part = data.get("part")
    of_reasoning = isinstance(part, dict) and part.get("type") == "reasoning_text"
    return "reasoning" if of_reasoning or _TEXTS.get(kind, ("",))[0] == "reasoning" else "message"


def _parts(message: JSON) -> list[JSON]:
    parts = message.get("content") or []
    return [{"type": "output_text", "text": parts}] if isinstance(parts, str) else parts


def _consent(data: JSON) -> JSON:
    names = ("server_label", "consent_link")
    return {name: data[name] for name in names if data.get(name)}
