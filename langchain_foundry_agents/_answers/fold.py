"""Events → chunks. One fold for streamed and whole answers, so that they are equal.

The fold is idempotent: of a delta or of a whole message it hands out only what it has not handed
out yet. A streamed answer, a polled one and a resumed one are the same to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.messages import AIMessageChunk
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk

from langchain_foundry_agents._answers import steps
from langchain_foundry_agents._answers.calls import map_calls
from langchain_foundry_agents._answers.content import Content, TextPart
from langchain_foundry_agents._answers.ending import Ending, ending_metadata
from langchain_foundry_agents._answers.usage import map_usage
from langchain_foundry_agents._messages import JSON, PROVIDER
from langchain_foundry_agents._record import Asked, Record
from langchain_foundry_agents.citations import (
    CitationStyle,
    CitedText,
    Numbers,
    footnotes,
    map_annotation,
)
from langchain_foundry_agents.errors import ProtocolError

_STEP_ENDS = {"completed", "failed", "cancelled", "expired"}
_Place = tuple[str, int]
"""Where a content part stands: its message's id, and its place there."""


class Answer:
    """The answer of one turn, as it grows.

    Args:
        agent_id: The agent that was asked.
        stop: Where to cut the text.
        citations: What becomes of citation markers in the text.
        known: Ids of messages and server calls that the history holds already.
        after: A call that this turn answers: what tells this answer from the one that asked.
        record: Where to remember the calls that the run waits for.
        whole: Nobody wants chunks before the end: they are spared, and all comes with the last.
        estimate: Gives the usage, from the answer's text, where the service gives none.
    """

    def __init__(
        self,
        agent_id: str,
        estimate: Callable[[str], UsageMetadata],
        *,
        stop: Sequence[str] = (),
        citations: CitationStyle = "keep",
        known: frozenset[str] = frozenset(),
        after: str | None = None,
        record: Record | None = None,
        whole: bool = False,
    ) -> None:
        self._ids: JSON = {"agent_id": agent_id}
        self._ids_given = False
        self._id: str | None = None
        self._message_ids: list[str] = []
        self._known = known
        self._after = after
        self._record = record
        self._whole = whole
        self._estimate = estimate
        self._content = Content(stop)
        self._style: CitationStyle = citations
        self._numbers = Numbers()
        self._texts: dict[_Place, TextPart] = {}
        self._annotations: dict[_Place, list[JSON]] = {}
        self._file_names: dict[str, str] = {}
        self._taken: set[str | _Place] = set()
        self._pictures: set[str] = set()
        self._awaited: dict[tuple[str, int], str] = {}
        self._late: dict[tuple[str, int], Any] = {}

    @property
    def something(self) -> bool:
        """Whether the answer has any content."""
        return bool(self._texts or self._taken)

    @property
    def enough(self) -> bool:
        """Whether a stop sequence came."""
        return self._content.enough

    def add(self, events: Sequence[tuple[str, JSON]]) -> list[ChatGenerationChunk]:
        """The chunks that these events give: one, or two where text turns into blocks.

        Raises:
            ProtocolError: An event has a form that is not known.
        """
        for name, data in events:
            try:
                self._add(name, data)
            except (AttributeError, KeyError, TypeError) as error:
                raise ProtocolError(f"An event {name!r} has a form that is not known.") from error
        return [] if self._whole else [self._chunk(content) for content in self._content.take()]

    def finish(self, ending: Ending) -> list[ChatGenerationChunk]:
        """What is left, and the last chunk.

        That has the citations, the calls for the caller, how the turn ended and what it used.

        Raises:
            ProtocolError: The run has a form that is not known.
        """
        try:
            return self._finish(ending)
        except (AttributeError, KeyError, TypeError) as error:
            raise ProtocolError("The run has a form that is not known.") from error

    def _finish(self, ending: Ending) -> list[ChatGenerationChunk]:
        self._settle_late_results()
        self._note_ids(ending.run, run_id=ending.run.get("id"))
        for call_id in self._awaited.values():
            self._content.add_block(steps.map_result(call_id, None, failed=False))
        annotations = self._cite()
        leading = annotations.pop(None, [])
        chunks = [self._chunk(content) for content in self._content.take()]
        # A run that was cut is cancelled: nobody can answer it.
        calls = [] if self.enough else map_calls(ending.run)
        if self._record and calls:
            asked = Asked(self._ids["thread_id"], self._ids["run_id"])
            self._record.keep([str(call["id"]) for call in calls], asked)
        usage = ending.run.get("usage")
        said = "".join(self._content.said)
        last = self._chunk(
            [
                {"type": "text", "text": "", "annotations": cited, "index": index}
                for index, cited in annotations.items()
            ]
            or "",
            {"message_ids": self._message_ids, **ending_metadata(ending, cut=self.enough)},
            additional_kwargs={"annotations": leading} if leading else {},
            tool_call_chunks=calls,
            usage_metadata=map_usage(usage) if usage else self._estimate(said),
            chunk_position="last",
        )
        return [*chunks, last]

    def _add(self, name: str, data: JSON) -> None:
        if self._late and data.get("object") != "thread.run.step.delta":
            self._settle_late_results()
        match data.get("object"):
            case "thread.message.delta":
                for place, part in enumerate(data["delta"].get("content") or []):
                    self._add_part(data["id"], part.get("index", place), part, whole=False)
            case "thread.message":
                self._note_ids(data, run_id=data.get("run_id"))
                for place, part in enumerate(data.get("content") or []):
                    self._add_part(data["id"], place, part, whole=True)
            case "thread.run":
                self._note_ids(data, run_id=data.get("id"))
            case "thread.run.step" if data.get("status") in _STEP_ENDS:
                self._note_ids(data, run_id=data.get("run_id"))
                self._add_step(data)
            case "thread.run.step.delta" if self._awaited:
                self._add_late_results(data["id"], data["delta"].get("step_details") or {})
            case "file" if data.get("filename"):
                self._file_names[data["id"]] = data["filename"]

    def _note_ids(self, data: JSON, run_id: str | None) -> None:
        found = {
            "thread_id": data.get("thread_id"),
            "run_id": run_id,
            "agent_id": data.get("assistant_id"),
        }
        self._ids.update({name: value for name, value in found.items() if value})

    def _add_part(self, message_id: str, place: int, part: JSON, *, whole: bool) -> None:
        """Take what is new of a message's part."""
        if message_id in self._known or self.enough:
            return
        if message_id not in self._message_ids:
            self._message_ids.append(message_id)
        where = (message_id, place)
        if part["type"] == "text":
            self._add_text(where, part["text"], whole=whole)
        elif where not in self._taken and (whole or part["type"] != "refusal"):
            # Refusals come in pieces, and whole at last.
            self._taken.add(where)
            self._add_block(_map_part(part))

    def _add_text(self, where: _Place, text: JSON, *, whole: bool) -> None:
        value = text.get("value") or ""
        part = self._texts.get(where)
        if part is None:
            if not value:
                return
            part = self._texts[where] = TextPart(CitedText(self._style, self._numbers))
        new = value[part.taken :] if whole else value
        part.taken += len(new)
        self._note_first_content()
        self._content.add_text(part, part.cited.push(new))
        if whole:
            self._annotations[where] = list(text.get("annotations") or [])
            self._content.add_text(part, part.cited.flush())
        else:
            self._annotations.setdefault(where, []).extend(text.get("annotations") or [])

    def _add_step(self, step: JSON) -> None:
        failed = step["status"] != "completed"
        for place, call in enumerate(steps.server_calls(step.get("step_details") or {})):
            if call["id"] in self._taken or call["id"] in self._known:
                continue
            self._taken.add(call["id"])
            self._add_block(steps.map_call(call))
            output = steps.result_of(call)
            if output is None and not failed:
                # What an approved call gave comes after its step, in a delta of its own.
                self._awaited[step["id"], place] = call["id"]
            else:
                told = step.get("last_error") if output is None else output
                self._add_result(call["id"], told, failed=failed)

    def _add_late_results(self, step_id: str, details: JSON) -> None:
        for place, call in enumerate(steps.server_calls(details)):
            output = steps.result_of(call)
            waiting = (step_id, call.get("index", place))
            if output is not None and waiting in self._awaited:
                told = self._late.get(waiting)
                pieces = isinstance(told, str) and isinstance(output, str)
                self._late[waiting] = told + output if pieces else output

    def _settle_late_results(self) -> None:
        """Hand out results that came in pieces, once something else comes."""
        late, self._late = self._late, {}
        for waiting, output in late.items():
            self._add_result(self._awaited.pop(waiting), output, failed=False)

    def _add_result(self, call_id: str, output: Any, *, failed: bool) -> None:
        self._content.add_block(steps.map_result(call_id, output, failed=failed))
        for file_id in steps.pictures(output):
            self._add_block({"type": "image", "file_id": file_id})

    def _add_block(self, block: JSON) -> None:
        """Put a block; a picture that code drew, and the message shows, stands once."""
        file_id = block.get("file_id")
        if file_id in self._pictures:
            return
        if file_id:
            self._pictures.add(file_id)
        self._note_first_content()
        self._content.add_block(block)

    def _note_first_content(self) -> None:
        """Name the answer by what it begins with: a message, or what the run did before."""
        begun = self._message_ids[0] if self._message_ids else self._own_id()
        self._id = self._id or begun

    def _cite(self) -> dict[int | None, list[Any]]:
        """The citations of each block, and of the leading text, once all text is there."""
        for part in self._texts.values():
            self._content.add_text(part, part.cited.flush())
        self._content.flush()
        found: dict[int | None, list[Any]] = {}
        for where, part in self._texts.items():
            for annotation in self._annotations.get(where) or []:
                index, begins = part.index, part.begins or 0
                cited = self._map_annotation(annotation, part, begins)
                end: Any = cited.get("end_index", 0)
                if part.led is not None and end <= 0:
                    # It stands in what was said before the text went on in a block.
                    index, begins = None, part.led
                    cited = self._map_annotation(annotation, part, begins)
                    end = cited.get("end_index", 0)
                # Of a text that was cut, what is cited may be gone.
                if not self.enough or end <= begins + part.length:
                    found.setdefault(index, []).append(cited)
        if self._style == "markdown":
            self._add_footnotes([cited for many in found.values() for cited in many])
        return found

    def _map_annotation(self, annotation: JSON, part: TextPart, begins: int) -> Any:
        return map_annotation(annotation, part.cited.place, begins, file_names=self._file_names)

    def _add_footnotes(self, cited: list[Any]) -> None:
        said = "".join(self._content.said)
        there = {marker: n for marker, n in self._numbers.items() if f"[^{n}]" in said}
        if there:
            last = next(reversed(self._texts.values()))
            self._content.add_note(last, f"\n\n{footnotes(cited, Numbers(there))}")

    def _chunk(
        self, content: str | list[Any], metadata: JSON | None = None, **rest: Any
    ) -> ChatGenerationChunk:
        """A chunk. The ids stand on the first one that has content, or on the last."""
        ids = {} if self._ids_given else self._ids
        self._ids_given = True
        message = AIMessageChunk(
            content=content,
            id=self._id or self._own_id(),
            response_metadata={"model_provider": PROVIDER, **ids, **(metadata or {})},
            **rest,
        )
        return ChatGenerationChunk(message=message)

    def _own_id(self) -> str | None:
        """An id for an answer without messages: of no two answers of a run the same."""
        return "-".join(filter(None, [self._ids.get("run_id"), self._after])) or None


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
