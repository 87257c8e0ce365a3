"""Events → chunks. One fold for streamed and whole answers, so that they are equal.

The fold is idempotent: of a delta or of a whole message it hands out only what it has not handed
out yet. A streamed answer, a polled one and a resumed one are the same to it.

An answer that is all text has `str` content. With the first other block, blocks carry an int
`index`, and the text before stays the leading `str`, as LangChain's own merge has it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from langchain_core.messages import AIMessageChunk
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk

from langchain_foundry_agents._messages import JSON, PROVIDER
from langchain_foundry_agents._stops import StopCutter
from langchain_foundry_agents._usage import map_usage
from langchain_foundry_agents.errors import ProtocolError

_BETWEEN_TEXTS = "\n\n"
_FINISH_REASONS = {
    "max_completion_tokens": "length",
    "max_prompt_tokens": "length",
    "content_filter": "content_filter",
}
_Part = tuple[str, int]
"""A content part: its message's id, and its place there."""


class Ending(Protocol):
    """How a turn ended."""

    @property
    def run(self) -> JSON:
        """The run, as the service gave it last."""

    @property
    def attempts(self) -> int:
        """How many runs it took."""

    @property
    def forked_from(self) -> str | None:
        """The thread that was left behind."""


class Answer:
    """The answer of one turn, as it grows.

    Args:
        agent_id: The agent that was asked.
        stop: Where to cut the text.
        estimate: Gives the usage, from the answer's text, where the service gives none.
    """

    def __init__(
        self, agent_id: str, stop: Sequence[str], estimate: Callable[[str], UsageMetadata]
    ) -> None:
        self._ids: JSON = {"agent_id": agent_id}
        self._ids_given = False
        self._message_ids: list[str] = []
        self._cutter = StopCutter(stop)
        self._estimate = estimate
        self._said: list[str] = []
        self._taken: dict[_Part, int] = {}
        self._current: _Part | None = None
        # What the next chunk holds: text as long as there are no blocks.
        self._text: list[str] = []
        self._blocks: list[JSON] = []
        self._indices: dict[_Part | None, int] = {}
        self._in_blocks = False
        self._leading = 0

    @property
    def something(self) -> bool:
        """Whether the answer has any content."""
        return bool(self._taken)

    @property
    def enough(self) -> bool:
        """Whether a stop sequence came."""
        return self._cutter.stopped

    def add(self, events: Sequence[tuple[str, JSON]]) -> list[ChatGenerationChunk]:
        """The chunks that these events give: one, or two where text turns into blocks.

        Raises:
            ProtocolError: An event has a form that is not known.
        """
        chunks: list[ChatGenerationChunk] = []
        for name, data in events:
            try:
                if name == "thread.message.delta":
                    parts = enumerate(data["delta"].get("content") or [])
                    taken = [(part.get("index", place), part) for place, part in parts]
                    self._take(data["id"], taken, chunks, whole=False)
                elif data.get("object") == "thread.message":
                    self._note_ids(data, run_id=data.get("run_id"))
                    parts = enumerate(data.get("content") or [])
                    self._take(data["id"], list(parts), chunks, whole=True)
                elif data.get("object") == "thread.run":
                    self._note_ids(data, run_id=data.get("id"))
            except (AttributeError, KeyError, TypeError) as error:
                raise ProtocolError(f"An event {name!r} has a form that is not known.") from error
        self._close_chunk(chunks)
        return chunks

    def finish(self, ending: Ending) -> ChatGenerationChunk:
        """The last chunk: how the turn ended, and what it used."""
        self._put_text(self._cutter.flush())
        content: Any = self._blocks or "".join(self._text)
        self._note_ids(ending.run, run_id=ending.run.get("id"))
        usage = ending.run.get("usage")
        details = ending.run.get("incomplete_details") or {}
        reason = "stop" if self.enough else _FINISH_REASONS.get(str(details.get("reason")), "stop")
        metadata = {
            **({} if self._ids_given else self._ids),
            "message_ids": self._message_ids,
            "model_name": ending.run.get("model"),
            "status": ending.run.get("status"),
            "finish_reason": reason,
            "usage_source": "service" if usage else "estimated",
        }
        optional = {
            "incomplete_details": details,
            "attempts": ending.attempts if ending.attempts > 1 else None,
            "forked_from": ending.forked_from,
        }
        metadata.update({key: value for key, value in optional.items() if value})
        message = self._message(
            content,
            metadata,
            usage_metadata=map_usage(usage) if usage else self._estimate("".join(self._said)),
            chunk_position="last",
        )
        return ChatGenerationChunk(message=message)

    def _note_ids(self, data: JSON, run_id: str | None) -> None:
        found = {
            "thread_id": data.get("thread_id"),
            "run_id": run_id,
            "agent_id": data.get("assistant_id"),
        }
        self._ids.update({name: value for name, value in found.items() if value})

    def _take(
        self,
        message_id: str,
        parts: Sequence[tuple[int, JSON]],
        chunks: list[ChatGenerationChunk],
        *,
        whole: bool,
    ) -> None:
        """Put what is new of a message's parts into the next chunk."""
        if message_id not in self._message_ids:
            self._message_ids.append(message_id)
        for place, part in parts:
            if self.enough:
                return
            key = (message_id, place)
            if part["type"] == "text":
                value = part["text"].get("value") or ""
                seen = self._taken.get(key, 0)
                if text := value[seen:] if whole else value:
                    self._begin(key, is_text=True)
                    self._taken[key] = seen + len(text)
                    self._put_text(self._cutter.push(text))
            elif key not in self._taken and (whole or part["type"] != "refusal"):
                # Refusals come in pieces, and whole at last.
                self._begin(key, is_text=False)
                self._taken[key] = 1
                self._put_block(key, part, chunks)

    def _begin(self, key: _Part, *, is_text: bool) -> None:
        """Turn to a part; what was held back belongs to the part before."""
        if key == self._current:
            return
        self._put_text(self._cutter.flush())
        self._current = key
        if is_text and not self._in_blocks and self._said and key not in self._taken:
            self._put_text(_BETWEEN_TEXTS)

    def _put_text(self, text: str) -> None:
        if not text:
            return
        self._said.append(text)
        if not self._in_blocks:
            self._text.append(text)
            return
        index = self._index_of(self._current)
        if self._blocks and self._blocks[-1]["index"] == index:
            self._blocks[-1]["text"] += text
        else:
            self._blocks.append({"type": "text", "text": text, "index": index})

    def _put_block(self, key: _Part, part: JSON, chunks: list[ChatGenerationChunk]) -> None:
        if not self._in_blocks:
            # Text and blocks in one chunk would merge otherwise than in two.
            self._close_chunk(chunks)
            self._in_blocks, self._leading = True, 1 if self._said else 0
        self._blocks.append({**_map_part(part), "index": self._index_of(key)})

    def _index_of(self, part: _Part | None) -> int:
        """A block's place in the content, in which the text before all blocks is one item."""
        if part not in self._indices:
            self._indices[part] = len(self._indices) + self._leading
        return self._indices[part]

    def _close_chunk(self, chunks: list[ChatGenerationChunk]) -> None:
        content: Any = self._blocks or "".join(self._text)
        self._text, self._blocks = [], []
        if content:
            metadata = {} if self._ids_given else self._ids
            self._ids_given = True
            chunks.append(ChatGenerationChunk(message=self._message(content, metadata)))

    def _message(self, content: Any, metadata: JSON, **rest: Any) -> AIMessageChunk:
        return AIMessageChunk(
            content=content,
            id=self._message_ids[0] if self._message_ids else self._ids.get("run_id"),
            response_metadata={"model_provider": PROVIDER, **metadata},
            **rest,
        )


def _map_part(part: JSON) -> JSON:
    """A content part that is no text, as LangChain's standard block."""
    match part:
        case {"type": "image_file", "image_file": {"file_id": file_id}}:
            return {"type": "image", "file_id": file_id}
        case {"type": "image_url", "image_url": {"url": url}}:
            return {"type": "image", "url": url}
        case {"type": "refusal", "refusal": refusal}:
            return {"type": "refusal", "refusal": refusal}
    return {"type": "non_standard", "value": part}
