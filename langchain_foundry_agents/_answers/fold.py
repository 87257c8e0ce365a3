"""Events → chunks. One fold for streamed and whole answers, so that they are equal.

The fold is idempotent: of a delta or of a whole message it hands out only what it has not handed
out yet. A streamed answer, a polled one and a resumed one are the same to it, and so are the two
generations of the service once `threads` and `responses` have read their events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

from langchain_core.messages import AIMessageChunk, BaseMessage, ToolCallChunk
from langchain_core.messages.ai import UsageMetadata, add_usage
from langchain_core.outputs import ChatGenerationChunk

from langchain_foundry_agents._answers import responses, threads
from langchain_foundry_agents._answers.calls import map_calls
from langchain_foundry_agents._answers.chunks import text_chunk
from langchain_foundry_agents._answers.draft import Draft
from langchain_foundry_agents._answers.ending import Ending, ending_metadata, usages
from langchain_foundry_agents._answers.usage import map_usage
from langchain_foundry_agents._messages import HISTORY_DIGEST, JSON, PROVIDER, RUN_OPTIONS
from langchain_foundry_agents._record import Asked
from langchain_foundry_agents.citations import CitationStyle
from langchain_foundry_agents.errors import ProtocolError

Event = tuple[str, JSON]
_OF_A_RUN = frozenset({"run_id", "response_id"})
_OF_A_THREAD = frozenset({"thread_id", "conversation_id"})


class Answer:
    """The answer of one turn, as it grows.

    Args:
        ids: Metadata that is known from the start: the agent that was asked.
        stop: Where to cut the text.
        citations: What becomes of citation markers in the text.
        known: Ids of messages and server calls that the history holds already.
        after: A call that this turn answers: what tells this answer from the one that asked.
        record: Remembers the calls that the run waits for, and which run it is.
        whole: Nobody wants chunks before the end: they are spared, and all comes with the last.
        several: The turn may make several responses, as it answers approvals itself. Which is the
            last is known at the end: its id stands on the last chunk, not on the first.
        keep_thread: Whether the thread stays. Whether one that need not was deleted is known at the
            end.
        estimate: Gives the usage, from the answer's text, where the service gives none.
        mark: Names the history that the answer ends, from its contents and its last chunk.
        run_options: What the run is asked with, in short, for who answers its calls.
    """

    def __init__(
        self,
        ids: JSON,
        estimate: Callable[[str], UsageMetadata],
        *,
        stop: Sequence[str] = (),
        citations: CitationStyle = "keep",
        known: frozenset[str] = frozenset(),
        after: str | None = None,
        record: Callable[[list[str], Asked], None] | None = None,
        whole: bool = False,
        several: bool = False,
        keep_thread: bool = True,
        mark: Callable[[Sequence[str | list[Any]], AIMessageChunk], str] | None = None,
        run_options: Mapping[str, str] | None = None,
    ) -> None:
        self._draft = Draft(ids, stop, citations, after)
        self._threads = threads.Threads(self._draft, known)
        self._responses = responses.Responses(self._draft)
        self._record = record
        self._whole = whole
        self._estimate = estimate
        self._mark = mark
        self._run_options = run_options
        self._contents: list[str | list[Any]] = []
        """Of all chunks so far."""
        self.model_name: str | None = None
        """The deployment that answered, once that is known."""
        self._told: set[str] = set()
        """The ids that a chunk told."""
        self._told_last = (_OF_A_RUN if several else frozenset[str]()) | (
            frozenset[str]() if keep_thread else _OF_A_THREAD
        )

    @property
    def ids(self) -> JSON:
        """What is known of agent, thread and run."""
        return self._draft.ids

    @property
    def something(self) -> bool:
        """Whether the answer has any content."""
        return self._draft.something

    @property
    def enough(self) -> bool:
        """Whether a stop sequence came."""
        return self._draft.content.enough

    def add(self, events: Sequence[Event]) -> list[ChatGenerationChunk]:
        """The chunks that these events give: one, or two where text turns into blocks.

        Raises:
            ProtocolError: An event has a form that is not known.
        """
        name = ""
        try:
            for name, data in events:
                self._read(name, data)
        except threads.STRANGE as error:
            raise ProtocolError(f"An event {name!r} has a form that is not known.") from error
        return [] if self._whole else self._new_chunks()

    def finish(self, ending: Ending) -> list[ChatGenerationChunk]:
        """What is left, and the last chunk.

        That has the citations, the calls for the caller, how the turn ended and what it used.

        Raises:
            ProtocolError: The run has a form that is not known, or what was handed out is not what
                the service says at last.
        """
        try:
            chunks = self._finish(ending)
        except threads.STRANGE as error:
            strange = ProtocolError("The run has a form that is not known.")
            raise strange.about(**self._about()) from error
        except ProtocolError as error:
            raise error.about(**self._about())  # noqa: B904 - it is the same one
        last = chunks[-1].message
        if isinstance(last, AIMessageChunk) and last.usage_metadata is None:
            # The tokenizer is the caller's, and so is what it raises.
            last.usage_metadata = self._estimate(self._draft.said)
        return chunks

    def _about(self) -> dict[str, str | None]:
        return {name: self._draft.ids.get(name) for name in ("thread_id", "run_id")}

    def _settle(self, ending: Ending) -> None:
        """Take what is still to come, now that nothing more is heard."""
        draft, run = self._draft, ending.run
        is_response = run.get("object") == "response"
        draft.note_ids(responses.ids_of(run) if is_response else threads.ids_of(run, run.get("id")))
        self._threads.settle()
        self._responses.settle()
        if not draft.differs:
            return
        if (draft.contradicts and not self._whole) or (self._whole and not draft.rewrite()):
            raise ProtocolError(
                "The finished text is not what the stream brought: what was handed out is not the "
                "answer.",
                remedy="The answer is on the service: resume(thread_id, run_id) gives it, and "
                "invoke reads it whole. Look for a proxy that repeats what it passes on, or use "
                "run_mode='poll'.",
            )

    def _read(self, name: str, data: JSON) -> None:
        kind = _kind(name, data)
        if kind.startswith("response."):
            self._responses.add(kind, data)
        else:
            self._threads.add(data)

    def _finish(self, ending: Ending) -> list[ChatGenerationChunk]:
        self._settle(ending)
        draft = self._draft
        annotations = draft.citations()
        leading = annotations.pop(None, [])
        chunks = self._new_chunks()
        # A run that was cut is cancelled: nobody can answer it.
        calls = [] if self.enough else map_calls(ending.run)
        if ending.deleted_thread_id:
            draft.forget_ids(_OF_A_THREAD)
        consents = {"oauth_consent_requests": [*draft.consents.values()]} if draft.consents else {}
        ended = ending_metadata(ending, cut=self.enough)
        self.model_name = ended.get("model_name")
        used = [map_usage(usage) for usage in usages(ending)]
        last = self._chunk(
            [
                {"type": "text", "text": "", "annotations": cited, "index": index}
                for index, cited in annotations.items()
            ]
            or "",
            {"message_ids": draft.message_ids, **consents, **ended},
            additional_kwargs={"annotations": leading} if leading else {},
            tool_call_chunks=calls,
            usage_metadata=reduce(add_usage, used) if used else None,
            chunk_position="last",
        )
        self._add_history(last.message, calls, ending)
        return [*chunks, last]

    def _add_history(
        self, last: BaseMessage, calls: Sequence[ToolCallChunk], ending: Ending
    ) -> None:
        """Tell, with the last chunk, what a later turn has to know of this one."""
        assert isinstance(last, AIMessageChunk)  # noqa: S101 - so `_chunk` makes it
        told = last.response_metadata
        if self._mark:
            told[HISTORY_DIGEST] = self._mark(self._contents, last)
        if calls and self._run_options is not None:
            told[RUN_OPTIONS] = {**self._run_options}
        if calls and self._record and not ending.run.get("cut_calls"):
            ids, known = self._draft.ids, (told.get(RUN_OPTIONS), told.get(HISTORY_DIGEST))
            asked = Asked(
                ids.get("thread_id"), ids["run_id"], ending.temporary, ids.get("agent_id"), *known
            )
            self._record([str(call["id"]) for call in calls], asked)

    def _new_chunks(self) -> list[ChatGenerationChunk]:
        return [self._chunk(content) for content in self._draft.content.take()]

    def _chunk(
        self, content: str | list[Any], metadata: JSON | None = None, **rest: Any
    ) -> ChatGenerationChunk:
        """A chunk. It tells the ids that none before it told: all on the first, as a rule."""
        ids = {}
        if len(self._told) < len(self._draft.ids):
            # The last chunk is the one with metadata of its own.
            later = self._told_last if metadata is None else ()
            known = self._draft.ids.items()
            ids = {name: id_ for name, id_ in known if name not in self._told and name not in later}
            self._told.update(ids)
        if content:
            self._contents.append(content)
        told = {"model_provider": PROVIDER, **ids, **(metadata or {})}
        if not rest and isinstance(content, str):
            return text_chunk(content, self._draft.id, told)
        message = AIMessageChunk(content=content, id=self._draft.id, response_metadata=told, **rest)
        return ChatGenerationChunk(message=message)


def _kind(name: str, data: JSON) -> str:
    kind = data.get("type")
    return kind if isinstance(kind, str) else name
