"""Events of threads and runs → what an answer is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langchain_foundry_agents._answers import steps
from langchain_foundry_agents._answers.draft import Draft, Place
from langchain_foundry_agents._messages import JSON
from langchain_foundry_agents.errors import ProtocolError

STRANGE = (AttributeError, KeyError, TypeError, ValueError)
"""What reading an event of another form than the service promises comes to."""
_STEP_ENDS = {"completed", "failed", "cancelled", "expired"}


class Threads:
    """Reads the classic generation's events into a draft.

    Args:
        draft: The answer.
        known: Ids of messages and server calls that the history holds already.
    """

    def __init__(self, draft: Draft, known: frozenset[str]) -> None:
        self._draft = draft
        self._known = known
        self._taken: set[str | Place] = set()
        self._messages = Messages()
        self._unread: Exception | None = None
        """Why a piece of a message was passed over that is not whole yet."""
        self._awaited: dict[tuple[Any, int], str] = {}
        self._late: dict[tuple[Any, int], list[Any]] = {}
        """What calls gave, in pieces."""

    def add(self, data: JSON) -> None:
        """Take what is new of an event."""
        if self._awaited:
            self._see_to_late_results(data)
        match data.get("object"):
            case "thread.message.delta":
                self._add_delta(data)
            case "thread.message":
                self._draft.note_ids(ids_of(data, run_id=data.get("run_id")))
                self._add_message(data)
            case "thread.run":
                self._draft.note_ids(ids_of(data, run_id=data.get("id")))
            case "thread.run.step" if data.get("status") in _STEP_ENDS:
                self._draft.note_ids(ids_of(data, run_id=data.get("run_id")))
                self._add_step(data)
            case "thread.run.step.delta" if self._awaited:
                self._add_late_results(data.get("id"), data["delta"].get("step_details") or {})
            case "file" if data.get("filename"):
                self._draft.file_names[data["id"]] = data["filename"]

    def settle(self) -> None:
        """Hand out the results that are still to come, as no more comes.

        Raises:
            ProtocolError: A piece of a message could not be read, and its whole did not come.
        """
        self._settle_late_results()
        for call_id in self._awaited.values():
            self._add_result(call_id, None, failed=False)
        if self._unread and not self._draft.enough:
            raise ProtocolError(
                "A piece of the text could not be read, and no finished message took its place."
            ) from self._unread

    def _add_delta(self, data: JSON) -> None:
        """Take a piece of a message; after one that could not be read, its whole is waited for."""
        if self._unread or data.get("id") in self._known:
            return
        try:
            message = self._messages.of_delta(data.get("id"))
            for place, part in enumerate(data["delta"].get("content") or []):
                index = part.get("index", place)
                self._add_part(message, data.get("id"), index, part, whole=False)
        except STRANGE as error:
            self._unread = error

    def _add_message(self, data: JSON) -> None:
        message_id, content = data.get("id"), data.get("content") or []
        if message_id in self._known:
            return
        if not content and data.get("status") == "in_progress":
            self._messages.begin(message_id)
            return
        texts = [part["text"].get("value") or "" for part in content if part["type"] == "text"]
        message = self._messages.of_whole(
            message_id,
            lambda place: (texts or [""])[0].startswith(self._draft.text_at((place, 0))),
        )
        for place, part in enumerate(content):
            self._add_part(message, message_id, place, part, whole=True)
        self._unread = None

    def _add_part(
        self, message: int, message_id: Any, place: Any, part: JSON, *, whole: bool
    ) -> None:
        """Take what is new of a message's part."""
        self._draft.note_message(message, message_id)
        where = (message, place)
        if part["type"] == "text":
            self._add_text(where, part["text"], whole=whole)
        elif where not in self._taken and (whole or part["type"] != "refusal"):
            # Refusals come in pieces, and whole at last.
            self._taken.add(where)
            self._draft.add_block(_map_part(part))

    def _add_text(self, where: Place, text: JSON, *, whole: bool) -> None:
        value, annotations = text.get("value") or "", [*(text.get("annotations") or [])]
        if whole:
            self._draft.add_whole(where, value)
            self._draft.cite(where, annotations)
            return
        self._draft.add_more(where, value)
        for annotation in annotations:
            self._draft.cite_one(where, annotation)

    def _add_step(self, step: JSON) -> None:
        failed = step["status"] != "completed"
        for place, call in enumerate(steps.server_calls(step.get("step_details") or {})):
            # Without an id it is known by its place.
            call_id = call.get("id") or f"{step.get('id')}-{place}"
            if call_id in self._taken or call_id in self._known:
                continue
            self._taken.add(call_id)
            self._draft.add_block(steps.map_call({**call, "id": call_id}))
            output = steps.result_of(call)
            if output is None and not failed:
                # What an approved call gave comes after its step, in a delta of its own.
                self._awaited[step.get("id"), place] = call_id
            else:
                told = step.get("last_error") if output is None else output
                self._add_result(call_id, told, failed=failed)

    def _add_late_results(self, step_id: Any, details: JSON) -> None:
        for place, call in enumerate(steps.server_calls(details)):
            output = steps.result_of(call)
            waiting = (step_id, call.get("index", place))
            if output is not None and waiting in self._awaited:
                told = self._late.setdefault(waiting, [])
                if not isinstance(output, str) or not isinstance(next(iter(told), ""), str):
                    told.clear()
                told.append(output)

    def _see_to_late_results(self, data: JSON) -> None:
        kind = data.get("object")
        if kind == "thread.run.step":
            self._take_whole_results(data)
        if self._late and kind not in {"thread.run", "thread.run.step.delta"}:
            self._settle_late_results()

    def _take_whole_results(self, step: JSON) -> None:
        """Take results, of which a stream that broke off may have brought pieces, from the step."""
        for place, call in enumerate(steps.server_calls(step.get("step_details") or {})):
            output = steps.result_of(call)
            if output is not None and (step.get("id"), place) in self._awaited:
                self._late[step.get("id"), place] = [output]

    def _settle_late_results(self) -> None:
        """Hand out results that came in pieces, once something else comes."""
        late, self._late = self._late, {}
        for waiting, told in late.items():
            output = "".join(told) if isinstance(told[0], str) else told[0]
            self._add_result(self._awaited.pop(waiting), output, failed=False)

    def _add_result(self, call_id: str, output: Any, *, failed: bool) -> None:
        for block in steps.result_blocks(call_id, output, failed=failed):
            self._draft.add_block(block)


class Messages:
    """The messages of a run, which are written one after the other, whatever ids they bear."""

    def __init__(self) -> None:
        self._named: dict[str, int] = {}
        self._count = 0
        self._open: int | None = None
        """The one that is being written."""
        self._open_name: Any = None
        self._is_begun = False
        """Whether the service said that it begins it."""

    def begin(self, message_id: Any) -> int:
        """A message that begins."""
        place = self._known(message_id)
        if place is None:
            place = self._new(message_id)
            self._open, self._open_name, self._is_begun = place, message_id, True
        return place

    def of_delta(self, message_id: Any) -> int:
        """The message that a piece belongs to."""
        place = self._known(message_id)
        if place is None and self._open is not None and (self._is_begun or not message_id):
            place = self._open
        if place is None:
            place = self._new(message_id)
            self._open, self._open_name, self._is_begun = place, message_id, False
        return place

    def of_whole(self, message_id: Any, fits: Callable[[int], bool]) -> int:
        """The message that is whole now: the open one, if what came of it fits."""
        place = self._known(message_id)
        if place is None and self._open is not None and fits(self._open):
            place = self._open
            # Its other id may be that of a message to come.
            self._named.pop(self._open_name, None)
        if place is None:
            place = self._new(message_id)
        if isinstance(message_id, str):
            self._named[message_id] = place
        if place == self._open:
            self._open = None
        return place

    def _known(self, message_id: Any) -> int | None:
        return self._named.get(message_id) if isinstance(message_id, str) else None

    def _new(self, message_id: Any) -> int:
        self._count += 1
        if isinstance(message_id, str) and message_id:
            self._named[message_id] = self._count
        return self._count


def ids_of(data: JSON, run_id: str | None) -> JSON:
    """The ids that a run, or what belongs to one, tells."""
    return {
        "thread_id": data.get("thread_id"),
        "run_id": run_id,
        "agent_id": data.get("assistant_id"),
    }


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
