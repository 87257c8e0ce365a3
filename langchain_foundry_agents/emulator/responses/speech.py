"""What an agent says: messages with their parts, and reasoning, piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject
    from langchain_foundry_agents.emulator.responses.lifecycle import ResponseLife

# The member of a part that grows, by the part's type.
_GROWS = {"output_text": "text", "refusal": "refusal"}


class Speech:
    """Writes messages of a response; at most one is open.

    Args:
        life: the response.
    """

    def __init__(self, life: ResponseLife) -> None:
        self._life = life
        self._message: JsonObject | None = None
        self._place = 0

    @property
    def length(self) -> int:
        """How many characters the open text has."""
        part = self._part
        return len(part["text"]) if part and part["type"] == "output_text" else 0

    def say(self, text: str) -> None:
        """Adds to the open text, or begins one."""
        part = self._begin("output_text")
        part["text"] += text
        self._tell(
            "output_text.delta",
            {"delta": text, "logprobs": [], "obfuscation": self._life.padding(text)},
        )

    def refuse(self, text: str) -> None:
        """Adds to a refusal, or begins one."""
        part = self._begin("refusal")
        part["refusal"] += text
        self._tell("refusal.delta", {"delta": text, "obfuscation": self._life.padding(text)})

    def cite(self, annotation: JsonObject) -> None:
        """Adds a source to the open text, or begins one."""
        annotations = self._begin("output_text")["annotations"]
        annotations.append(annotation)
        place = len(annotations) - 1
        told = {"annotation": annotation, "annotation_index": place}
        self._tell("output_text.annotation.added", told)

    def begin_message(self, status: str = "in_progress") -> None:
        """Opens a message; one that is open stays open."""
        if self._message is None:
            self._message = {
                "type": "message",
                "id": self._life.new_id("msg", mixed=self._life.response.hosted),
                "role": "assistant",
                "content": [],
                "status": status,
            }
            self._place = self._life.add(self._message)

    def close(self, status: str = "completed") -> None:
        """Ends the open message, if there is one.

        Args:
            status: what becomes of it.
        """
        if self._message is None:
            return
        self._end_part()
        self._message["status"] = status
        self._life.done(self._place)
        self._message = None

    @property
    def _part(self) -> JsonObject | None:
        content: list[JsonObject] = self._message["content"] if self._message else []
        return content[-1] if content else None

    def _begin(self, kind: str) -> JsonObject:
        self.begin_message()
        part = self._part
        if part is None or part["type"] != kind:
            self._end_part()
            part = _empty(kind)
            if self._message:
                self._message["content"].append(part)
            self._tell("content_part.added", {"part": dict(part)})
        return part

    def _end_part(self) -> None:
        part = self._part
        if part is None:
            return
        grown = _GROWS[part["type"]]
        more: JsonObject = {"logprobs": []} if part["type"] == "output_text" else {}
        self._tell(f"{part['type']}.done", {grown: part[grown], **more})
        self._tell("content_part.done", {"part": part})

    def _tell(self, kind: str, data: JsonObject) -> None:
        message = self._message or {}
        content = message["content"]
        self._life.tell(
            kind,
            item_id=message["id"],
            output_index=self._place,
            content_index=len(content) - 1,
            **data,
        )


class Thought:
    """Writes a reasoning item; at most one is open.

    Args:
        life: the response.
    """

    def __init__(self, life: ResponseLife) -> None:
        self._life = life
        self._item: JsonObject | None = None
        self._place = 0

    def think(self, text: str) -> None:
        """Adds to the summary of the open reasoning, or begins one."""
        if self._item is None:
            self._item = {"type": "reasoning", "id": self._life.new_id("rs"), "summary": []}
            self._place = self._life.add(self._item)
            part = {"type": "summary_text", "text": ""}
            self._item["summary"] = [part]
            self._tell("reasoning_summary_part.added", {"part": dict(part)})
        self._item["summary"][0]["text"] += text
        padding = self._life.padding(text)
        self._tell("reasoning_summary_text.delta", {"delta": text, "obfuscation": padding})

    def close(self) -> None:
        """Ends the open reasoning, if there is one."""
        if self._item is None:
            return
        part = self._item["summary"][0]
        self._tell("reasoning_summary_text.done", {"text": part["text"]})
        self._tell("reasoning_summary_part.done", {"part": part})
        self._life.done(self._place)
        self._item = None

    def _tell(self, kind: str, data: JsonObject) -> None:
        item_id = self._item["id"] if self._item else ""
        self._life.tell(kind, item_id=item_id, output_index=self._place, summary_index=0, **data)


def _empty(kind: str) -> JsonObject:
    if kind == "refusal":
        return {"type": kind, "refusal": ""}
    return {"type": kind, "text": "", "annotations": [], "logprobs": []}
