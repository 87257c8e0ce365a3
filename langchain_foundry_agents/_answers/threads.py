"""Events of threads and runs → what an answer is made of."""

from __future__ import annotations

from typing import Any

from langchain_foundry_agents._answers import steps
from langchain_foundry_agents._answers.draft import Draft, Place
from langchain_foundry_agents._messages import JSON

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
        self._awaited: dict[tuple[str, int], str] = {}
        self._late: dict[tuple[str, int], Any] = {}

    def add(self, data: JSON) -> None:
        """Take what is new of an event."""
        if self._awaited:
            self._see_to_late_results(data)
        match data.get("object"):
            case "thread.message.delta":
                for place, part in enumerate(data["delta"].get("content") or []):
                    self._add_part(data["id"], part.get("index", place), part, whole=False)
            case "thread.message":
                self._draft.note_ids(ids_of(data, run_id=data.get("run_id")))
                for place, part in enumerate(data.get("content") or []):
                    self._add_part(data["id"], place, part, whole=True)
            case "thread.run":
                self._draft.note_ids(ids_of(data, run_id=data.get("id")))
            case "thread.run.step" if data.get("status") in _STEP_ENDS:
                self._draft.note_ids(ids_of(data, run_id=data.get("run_id")))
                self._add_step(data)
            case "thread.run.step.delta" if self._awaited:
                self._add_late_results(data["id"], data["delta"].get("step_details") or {})
            case "file" if data.get("filename"):
                self._draft.file_names[data["id"]] = data["filename"]

    def settle(self) -> None:
        """Hand out the results that are still to come, as no more comes."""
        self._settle_late_results()
        for call_id in self._awaited.values():
            self._add_result(call_id, None, failed=False)

    def _add_part(self, message_id: str, place: int, part: JSON, *, whole: bool) -> None:
        """Take what is new of a message's part."""
        if message_id in self._known or self._draft.enough:
            return
        self._draft.note_message(message_id)
        where = (message_id, place)
        if part["type"] == "text":
            self._add_text(where, part["text"], whole=whole)
        elif where not in self._taken and (whole or part["type"] != "refusal"):
            # Refusals come in pieces, and whole at last.
            self._taken.add(where)
            self._draft.add_block(_map_part(part))

    def _add_text(self, where: Place, text: JSON, *, whole: bool) -> None:
        value, annotations = text.get("value") or "", text.get("annotations") or []
        if whole:
            self._draft.add_whole(where, value)
            self._draft.annotations[where] = list(annotations)
        else:
            self._draft.add_more(where, value)
            self._draft.annotations.setdefault(where, []).extend(annotations)

    def _add_step(self, step: JSON) -> None:
        failed = step["status"] != "completed"
        for place, call in enumerate(steps.server_calls(step.get("step_details") or {})):
            if call["id"] in self._taken or call["id"] in self._known:
                continue
            self._taken.add(call["id"])
            self._draft.add_block(steps.map_call(call))
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
            if output is not None and (step["id"], place) in self._awaited:
                self._late[step["id"], place] = output

    def _settle_late_results(self) -> None:
        """Hand out results that came in pieces, once something else comes."""
        late, self._late = self._late, {}
        for waiting, output in late.items():
            self._add_result(self._awaited.pop(waiting), output, failed=False)

    def _add_result(self, call_id: str, output: Any, *, failed: bool) -> None:
        for block in steps.result_blocks(call_id, output, failed=failed):
            self._draft.add_block(block)


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
