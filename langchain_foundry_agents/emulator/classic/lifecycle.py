"""A run's life: the only place that changes the status of runs, steps and run messages.

Every change emits the event that a stream shows; a run that nobody streams lives the same life
and its events go nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.classic.wire import (
    call_opening,
    call_piece,
    message_delta,
    message_json,
    run_json,
    step_delta,
    step_json,
    text_block,
    text_piece,
    thread_json,
)
from langchain_foundry_agents.emulator.events import Event
from langchain_foundry_agents.emulator.markers import announced, placed
from langchain_foundry_agents.emulator.records import (
    JsonObject,
    Message,
    RunStep,
    ServerCall,
    ToolCall,
    Usage,
)
from langchain_foundry_agents.emulator.server_tools import later, opening, piece

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
_DENIED = "The call was denied by the user."


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
        if self.run.steps:
            self._reveal(self.run.steps[-1])

    @property
    def cited(self) -> int:
        """How many annotations the open text has."""
        message = self._open_message()
        last = message.content[-1] if message and message.content else {}
        return len(last["text"]["annotations"]) if last.get("type") == "text" else 0

    def say(self, text: str, source: JsonObject | None = None) -> None:
        """The agent writes a piece of text, into a new message if none is open.

        Args:
            text: the text.
            source: where the text is a marker, the annotation without its place.
        """
        message = self._open_message() or self._new_message()
        first = not message.content or message.content[-1]["type"] != "text"
        if first:
            message.content.append(text_block(""))
        block = message.content[-1]["text"]
        shown: list[JsonObject] | None = [] if first else None
        if source:
            annotation = placed(source, text, len(block["value"]))
            shown = [announced(len(block["annotations"]), annotation)]
            block["annotations"].append(annotation)
        block["value"] += text
        self._emit("thread.message.delta", message_delta(message, text_piece(text, shown)))

    def show(self, part: JsonObject) -> None:
        """The agent adds a part that is no text, such as a picture."""
        message = self._open_message() or self._new_message()
        message.content.append(part)
        self._emit("thread.message.delta", message_delta(message, part))

    def use(self, calls: list[ServerCall]) -> None:
        """The agent uses tools of the service: one step, open until settled or followed."""
        step = self._new_step("tool_calls")
        for index, call in enumerate(calls):
            self._emit("thread.run.step.delta", step_delta(step, opening(index, call)))
            for part in later(index, call):
                self._emit("thread.run.step.delta", step_delta(step, part))
        step.server_calls = calls

    def list_tools(self, listings: list[JsonObject]) -> None:
        """The service asks MCP servers for their tools: a step that costs nothing."""
        step = self._new_step("activities")
        step.activities = [
            {"id": self._state.ids.new("activity"), "type": "mcp_list_tools", **listing}
            for listing in listings
        ]
        self._end_step(step, "completed", Usage())

    def settle(self, usage: Usage) -> None:
        """The open step is done; where none is open, a message is made and left empty."""
        if not self._open_step():
            self._new_message()
        if message := self._open_message():
            message.content = message.content or [text_block("")]
            message.status, message.completed_at = "completed", self._state.now()
            self._emit("thread.message.completed", message_json(message, streamed=True))
        self._end_step(self.run.steps[-1], "completed", usage)

    def ask(self, functions: list[tuple[str, str]], usage: Usage) -> None:
        """The agent wants functions (names and arguments) called: the run waits for outputs."""
        step = self._new_step("tool_calls")
        calls = [ToolCall(self._state.ids.new("call"), *function) for function in functions]
        for index, call in enumerate(calls):
            self._emit("thread.run.step.delta", step_delta(step, call_opening(index, call)))
            for part in _pieces(call.arguments):
                self._emit("thread.run.step.delta", step_delta(step, call_piece(index, part)))
        step.tool_calls = calls
        self.wait(usage)

    def wait(self, usage: Usage) -> None:
        """The run waits for what its open step asks the caller for."""
        self.run.steps[-1].usage = usage
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

    def decide(self, approvals: dict[str, bool]) -> None:
        """The caller has allowed or denied MCP calls: the run queues again, as recorded twice."""
        step = self.run.steps[-1]
        for call in self.run.pending_approvals:
            call.approved = approvals[call.id]
        self._end_step(step, "completed", step.usage)
        self.run.status = "queued"
        for change in ("queued", "created", "queued"):
            self._emit_run(change)

    def complete(self) -> None:
        """The run has done its work."""
        self._end("completed")

    def fail(self, code: str, message: str) -> None:
        """The run ends with an error, and so does the step it was at."""
        self.run.last_error = {"code": code, "message": message}
        self._stop_short("failed")

    def leave_incomplete(self, reason: str, usage: Usage) -> None:
        """The run ends at a limit or a filter, with the text so far."""
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
            filtered = self.run.incomplete_reason == "content_filter"
            message.incomplete_reason = "content_filter" if filtered else ending.message
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

    def _new_step(self, kind: str, message_id: str | None = None) -> RunStep:
        # What a turn cost is known at its end, and stands in its last step.
        if self._open_step():
            self.settle(Usage())
        step = RunStep(self._state.ids.new("step"), self._state.now(), kind, message_id)
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
        self._new_step("message_creation", message.id)
        self._thread.messages.append(message)
        self._emit("thread.message.created", message_json(message, streamed=True))
        self._emit("thread.message.in_progress", message_json(message, streamed=True))
        return message

    def _reveal(self, step: RunStep) -> None:
        """Outputs of MCP calls show once the run goes on, in a step that is already completed."""
        for index, call in enumerate(step.server_calls):
            if call.withheld is None:
                continue
            output = call.withheld if call.approved else _DENIED
            # A new object: earlier events show the old one.
            call.members, call.withheld = call.members | {"output": output}, None
            delta = step_delta(step, piece(index, call.kind, {"output": output}))
            self._emit("thread.run.step.delta", delta)

    def _end_step(self, step: RunStep, status: str, usage: Usage) -> None:
        step.status, step.ended_at, step.usage = status, self._state.now(), usage
        self._emit_step(status, step)

    def _emit_run(self, change: str) -> None:
        self._emit(f"thread.run.{change}", run_json(self.run, streamed=True))

    def _emit_step(self, change: str, step: RunStep) -> None:
        shown = step_json(self.run, step, streamed=True, with_content=self.run.with_content)
        self._emit(f"thread.run.step.{change}", shown)

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
