"""A run's life: the only place that changes the status of runs, steps and run messages.

Every change emits the event that a stream shows; a run that nobody streams lives the same life
and its events go nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.events import Event
from langchain_foundry_agents.emulator.records import (
    JsonObject,
    Message,
    RunStep,
    ToolCall,
    Usage,
)
from langchain_foundry_agents.emulator.wire import (
    call_opening,
    call_piece,
    message_delta,
    message_json,
    run_json,
    step_delta,
    step_json,
    text_block,
    thread_json,
)

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import Run
    from langchain_foundry_agents.emulator.state import State


@dataclass(frozen=True, slots=True)
class _Ending:
    """What an unfinished step and an unfinished message become when their run ends."""

    step: str
    message: str


_ENDINGS = {
    "failed": _Ending("failed", "run_failed"),
    "cancelled": _Ending("cancelled", "run_cancelled"),
    "expired": _Ending("expired", "run_expired"),
    "incomplete": _Ending("completed", "max_tokens"),
}


class RunLife:
    """Leads one run from `queued` to its end."""

    def __init__(self, state: State, run: Run) -> None:
        self._state = state
        self._thread = run.thread
        self.run = run

    def create(self, *, with_thread: bool) -> None:
        """The run joins its thread."""
        self._thread.runs.append(self.run)
        self._state.active_runs[self._thread.id] = self.run
        if with_thread:
            self._emit("thread.created", thread_json(self._thread))
        self._emit_run("created")
        self._emit_run("queued")

    def begin(self) -> None:
        """The service takes up the run, for the first time or after tool outputs."""
        self.run.status = "in_progress"
        self.run.started_at = self._state.now()
        self._emit_run("in_progress")

    @property
    def writing(self) -> bool:
        """Whether a message has been begun and not finished."""
        return self._open_message() is not None

    def say(self, text: str) -> None:
        """The agent writes a piece of text, into a new message if none is open."""
        message = self._open_message() or self._new_message()
        first = not message.content
        if first:
            message.content = [text_block("")]
        message.content[0]["text"]["value"] += text
        self._emit("thread.message.delta", message_delta(message, text, first=first))

    def finish_message(self, usage: Usage) -> None:
        """The open message is whole; one without any text is made and left empty."""
        message = self._open_message() or self._new_message()
        message.content = message.content or [text_block("")]
        message.status, message.completed_at = "completed", self._state.now()
        self._emit("thread.message.completed", message_json(message, streamed=True))
        self._end_step(self.run.steps[-1], "completed", usage)

    def ask(self, functions: list[tuple[str, str]], usage: Usage) -> None:
        """The agent wants functions (names and arguments) called: the run waits for outputs."""
        step = self._new_step()
        calls = [ToolCall(self._state.ids.new("call"), *function) for function in functions]
        for index, call in enumerate(calls):
            self._emit("thread.run.step.delta", step_delta(step, call_opening(index, call)))
            for piece in _pieces(call.arguments):
                self._emit("thread.run.step.delta", step_delta(step, call_piece(index, piece)))
        step.tool_calls, step.usage = calls, usage
        self.run.status = "requires_action"
        self.run.deadline = self.run.created + self._state.action_expiry
        self._emit_run("requires_action")
        self._close_feed()

    def submit(self, outputs: dict[str, str]) -> None:
        """The outputs are there: the run queues again."""
        step = self.run.steps[-1]
        for call in step.tool_calls:
            call.output = outputs[call.id]
        self._end_step(step, "completed", step.usage)
        self.run.status = "queued"
        self._emit_run("queued")

    def complete(self) -> None:
        """The run has done its work."""
        self._end("completed")

    def fail(self, code: str, message: str) -> None:
        """The run ends with an error, and so does the step it was at."""
        self.run.last_error = {"code": code, "message": message}
        self._stop_short("failed")

    def leave_incomplete(self, reason: str, usage: Usage) -> None:
        """The run ends at a token limit, with the text so far."""
        self.run.incomplete_reason = reason
        self._stop_short("incomplete", usage)

    def request_cancel(self) -> None:
        """Somebody wants the run to end."""
        self.run.status = "cancelling"
        self._emit_run("cancelling")

    def cancel(self) -> None:
        """The run ends because somebody wanted it to."""
        self._stop_short("cancelled")

    def expire(self) -> None:
        """The run ends because its time is over."""
        self._stop_short("expired")

    def _stop_short(self, status: str, usage: Usage | None = None) -> None:
        if self.run.over:
            return
        ending = _ENDINGS[status]
        if message := self._open_message():
            message.status, message.incomplete_at = "incomplete", self._state.now()
            message.incomplete_reason = ending.message
            self._emit("thread.message.incomplete", message_json(message, streamed=True))
        if step := self._open_step():
            step.last_error = self.run.last_error
            self._end_step(step, ending.step, usage or step.usage)
        self._end(status)

    def _end(self, status: str) -> None:
        self.run.status, self.run.ended_at = status, self._state.now()
        self._state.active_runs.pop(self._thread.id, None)
        self._emit_run(status)
        self._close_feed()

    def _open_step(self) -> RunStep | None:
        last = self.run.steps[-1] if self.run.steps else None
        return last if last and last.status == "in_progress" else None

    def _open_message(self) -> Message | None:
        last = self._thread.messages[-1] if self._thread.messages else None
        return last if last and last.status == "in_progress" else None

    def _new_step(self, message_id: str | None = None) -> RunStep:
        step = RunStep(self._state.ids.new("step"), self._state.now(), message_id)
        self.run.steps.append(step)
        self._emit_step("created", step)
        self._emit_step("in_progress", step)
        return step

    def _new_message(self) -> Message:
        message = Message(
            id=self._state.ids.new("msg"),
            created_at=self._state.now(),
            thread_id=self._thread.id,
            role="assistant",
            content=[],
            agent_id=self.run.agent_id,
            run_id=self.run.id,
            status="in_progress",
        )
        self._new_step(message.id)
        self._thread.messages.append(message)
        self._emit("thread.message.created", message_json(message, streamed=True))
        self._emit("thread.message.in_progress", message_json(message, streamed=True))
        return message

    def _end_step(self, step: RunStep, status: str, usage: Usage) -> None:
        step.status, step.ended_at, step.usage = status, self._state.now(), usage
        self._emit_step(status, step)

    def _emit_run(self, change: str) -> None:
        self._emit(f"thread.run.{change}", run_json(self.run, streamed=True))

    def _emit_step(self, change: str, step: RunStep) -> None:
        self._emit(f"thread.run.step.{change}", step_json(self.run, step, streamed=True))

    def _emit(self, name: str, data: JsonObject) -> None:
        if self.run.feed:
            self.run.feed.push(Event(name, data))

    def _close_feed(self) -> None:
        if self.run.feed:
            self.run.feed.close()
            self.run.feed = None


def expire_due(state: State) -> None:
    """Ends every run whose time is over."""
    for run in list(state.active_runs.values()):
        if state.clock() >= run.deadline:
            RunLife(state, run).expire()


def _pieces(arguments: str, size: int = 12) -> list[str]:
    return [arguments[start : start + size] for start in range(0, len(arguments), size)]
